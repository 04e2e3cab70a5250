"""A paid booking, what its vendor and the payer's bank do to the payment, and what becomes of the money."""

from typing import Any

import pytest

from app.domain.lifecycle import InboxState
from app.gateways.base import Fact, GatewayEvent
from app.models import Attempt, InboxEntry, Refund, Review, Role
from app.services.backoffice import reconciliation
from app.services.payments import inbox
from sandbox.control.acts import ACTS, KINDS
from tests.support.world import World

WHOLE = {"stripe": 6_000, "razorpay": 90_000}
CHARGES = {"stripe": "charges", "razorpay": "payments"}
CURRENCY = {"stripe": "EUR", "razorpay": "INR"}
vendors = pytest.mark.parametrize("gateway", WHOLE)


class Paid:
    """A booking that was paid, and the staff who hear of it when somebody sends its money back."""

    def __init__(self, world: World, gateway: str, times: int = 1) -> None:
        self.world, self.gateway, self.client = world, gateway, world.person()
        self.staff = world.person(Role.STAFF)
        self.owner = world.practitioner()
        made = world.book(self.client, world.service(self.owner, currency=CURRENCY[gateway]))
        begun = world.begin(self.client, made["checkout"]["id"], gateway)
        for _ in range(times - 1):  # tries that fail first, in the same order
            world.act(begun, "fail")
        world.act(begun)
        self.begun, self.id = begun, made["booking"]["id"]

    def does(self, things: str, act: str, thing_id: str, **wish: Any) -> Any:
        """A colleague, a bank or the vendor does `act`, and what the vendor tells of it has come in."""
        done = ACTS[self.gateway, things][act](self.world.sandbox.sandbox, thing_id, **wish)
        self.world.settle()
        return done

    def vendors(self, things: str) -> list[Any]:
        """What the vendor has of a kind, newest first."""
        return self.world.sandbox.sandbox.store.all(KINDS[self.gateway, things])

    def sent_back_there(self, amount: int | None = None, nth: int = 0) -> Any:
        """A colleague sends money back at the vendor's own site."""
        charge = [each for each in self.vendors(CHARGES[self.gateway]) if each["captured"]][nth]
        return self.does(CHARGES[self.gateway], "refund", charge["id"], **({"amount": amount} if amount else {}))

    def cancelled(self) -> None:
        """The practitioner has cancelled, so all that is left goes back; nothing has been sent yet."""
        assert self.owner.post(f"/bookings/{self.id}/cancel", {"reason": "ill"}).status_code == 200

    def hear(self, fact: Fact) -> InboxState:
        """The vendor's own word, as it comes in."""
        attempt = self.attempt
        event = GatewayEvent(f"told {fact}", "told", fact, attempt.reference)
        with self.world.app.app_context():
            inbox.receive(attempt.gateway, event, source="callback")
        found: InboxEntry = self.world.all(InboxEntry)[-1]
        return found.state

    @property
    def attempt(self) -> Attempt:
        """The payment."""
        return next(each for each in self.world.all(Attempt) if each.charge_ref)

    @property
    def state(self) -> tuple[str, str]:
        """Status and money word of the booking, as its client sees them."""
        booking = self.world.booking(self.client, self.id)
        return booking["status"], booking["money"]

    @property
    def refunds(self) -> list[tuple[int, str]]:
        """What goes back, oldest first."""
        rows = sorted(self.world.all(Refund), key=lambda row: row.asked_at)
        return [(row.amount, str(row.status)) for row in rows]

    @property
    def reviews(self) -> list[str]:
        """Why staff must look."""
        return [review.reason for review in self.world.all(Review)]

    def agrees(self) -> None:
        """The books are whole, and say payment by payment what the vendor has."""
        with self.world.app.app_context():
            assert reconciliation.breaches() == []
            assert reconciliation.compare(self.world.money_taken()) == []
