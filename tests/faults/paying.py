"""A client about to pay, at the gateway or back from it, with hands to do what payers do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import TestResponse

from app.domain.lifecycle import RefundMeans
from app.models import Attempt, Refund
from app.services.backoffice import reconciliation
from tests.faults.conftest import START, THINGS, captures, kept, tab, told
from tests.support.world import World


class Paying:
    """A client about to pay, and hands to do it with."""

    def __init__(
        self,
        world: World,
        gateway: str,
        currency: str,
        mode: str = "hold_then_pay",
        *,
        begun: bool = False,
        days: int = 2,
    ) -> None:
        self.world, self.gateway = world, gateway
        self.owner, self.client = world.practitioner(), world.person()
        self.service = world.service(self.owner, mode, currency)
        made = world.book(self.client, self.service, world.slots(self.service, days)[-1]["start"])
        self.booking: dict[str, Any] = made["booking"]
        if mode == "approve_then_pay":
            assert self.owner.post(f"/bookings/{self.booking['id']}/approve").status_code == 200
            made["checkout"] = {"id": world.booking(self.client, self.booking["id"])["checkout_id"]}
        self.path = f"/checkouts/{made['checkout']['id']}/attempts"
        self.body: dict[str, Any] = {"gateway": gateway}
        if begun:
            assert self.begin(key=None).status_code == 201

    def begin(self, key: str | None = "k-1") -> TestResponse:
        """A try to pay, in a tab of its own."""
        return tab(self.world, self.client).post(self.path, self.body, key=key)

    def things(self) -> list[dict[str, Any]]:
        """The payments the gateway knows."""
        return list(self.world.sandbox.sandbox.store.all(THINGS[self.gateway]))

    def attempt(self) -> Attempt:
        """The one try there is."""
        [found] = self.world.all(Attempt)
        assert isinstance(found, Attempt)
        return found

    def shown(self, provider_ref: str | None = None) -> dict[str, Any]:
        """What the payer has before them: the payment of that id, else the one there is at the gateway."""
        if provider_ref is None:
            [thing] = self.things()
            provider_ref = str(thing["id"])
        return {"attempt": {"gateway": self.gateway}, "next": {"provider_ref": provider_ref}}

    def pay(self) -> None:
        """The payer pays the one payment there is at the gateway."""
        self.world.act(self.shown())

    def is_due(self) -> Attempt:
        """The attempt, whose look-up is due now for every process."""
        with self.world.rows() as session:
            row = session.get(Attempt, self.attempt().id)
            row.next_look_up_at = row.created_at
            session.commit()
        return self.attempt()

    @contextmanager
    def slowly(self, when: str = "after") -> Iterator[list[TestResponse]]:
        """Beginning is under way, the gateway takes its time; on leaving, the answer is in the list."""
        self.world.faults(gateway=self.gateway, route=START[self.gateway], fault="slow", seconds=8, when=when, times=2)
        answers: list[TestResponse] = []
        thread = threading.Thread(target=lambda: answers.append(self.begin()))
        thread.start()
        self.world.until_it_thinks(lambda: when == "before" or bool(self.things()))
        try:
            yield answers
        finally:
            self.world.let_go()
            thread.join(60)

    def is_paid_once(self) -> None:
        """Confirmed, charged once, each side told once."""
        assert self.world.booking(self.client, self.booking["id"])["status"] == "confirmed"
        assert captures(self.world) == len(self.world.all(Attempt)) == len(self.things()) == 1
        assert kept(self.world) == self.booking["price"]["amount"]
        assert told(self.world, self.client).count("booking_confirmed") == 1
        self.adds_up()

    def adds_up(self) -> None:
        """The audit finds nothing wrong with any row or entry."""
        with self.world.app.app_context():
            assert reconciliation.breaches() == []

    def is_settled_after_a_decline(self, declined: bool) -> None:
        """Declined (or cancelled by the practitioner) with all money back; or confirmed with the money kept."""
        world = self.world
        for _ in range(2):
            world.sweep()
            world.settle()
        seen = world.booking(self.client, self.booking["id"])
        assert captures(world) == 1
        if declined:
            assert (seen["status"] in ("declined", "cancelled"), seen["money"]) == (True, "refunded")
            [back] = world.all(Refund)
            # What a gateway cannot send back (M-Pesa, before it has named the charge) is credit in the client's wallet.
            credit = back.amount if back.means is RefundMeans.WALLET else 0
            assert (back.amount, kept(world), world.live_places()) == (seen["price"]["amount"], credit, 0)
            assert told(world, self.client)
        else:
            assert (seen["status"], seen["money"]) == ("confirmed", "paid")
            assert (kept(world), world.live_places()) == (seen["price"]["amount"], 1)
            assert "booking_confirmed_practitioner" in told(world, self.owner)
        self.adds_up()
