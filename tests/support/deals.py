"""One client, one practitioner, one session between them, and the payment for it: hands to pay with, and what must hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from werkzeug.test import TestResponse

from app.domain.lifecycle import RefundMeans
from app.models import Attempt, InboxEntry, Refund
from tests.support.at_once import Meanwhile, again
from tests.support.callbacks import Row, kept_back
from tests.support.gateways import BY_CODE
from tests.support.world import Caller, World

# What people are told of a booking that goes on, or ends without money in it.
_NO_NEWS_OF_MONEY = {"request_received", "request_sent", "request_declined", "booking_cancelled", "booking_expired"}
_NO_NEWS_OF_MONEY |= {"booking_confirmed", "booking_confirmed_practitioner"}


@dataclass
class Deal:
    """A session that is to be paid for at `gateway`; the payment has begun, or is about to."""

    world: World
    gateway: str
    client: Caller
    owner: Caller
    service: int
    start: str
    amount: int
    checkout_id: str
    booking_id: str  # "" where there is none before the payment
    begun: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)  # what beginning says

    # ------------------------------------------------------------------------------------------------ paying

    @property
    def path(self) -> str:
        """Where a payment begins, below the API."""
        return f"/checkouts/{self.checkout_id}/attempts"

    def begin(self, key: str | None = "k-1") -> TestResponse:
        """The answer to a try to pay, in a window of its own."""
        return again(self.world, self.client).post(self.path, self.body, key=key)

    def things(self) -> list[dict[str, Any]]:
        """The payments the gateway knows."""
        return list(self.world.sandbox.sandbox.store.all(BY_CODE[self.gateway].thing))

    def attempt(self) -> Attempt:
        """The one try there is for this session."""
        [found] = [row for row in self.world.all(Attempt) if str(row.checkout_id) == self.checkout_id]
        assert isinstance(found, Attempt)
        return found

    def shown(self) -> dict[str, Any]:
        """What the payer has before them: what was begun, else the one payment there is at the gateway."""
        if self.begun:
            return self.begun
        [thing] = self.things()
        return {"attempt": {"gateway": self.gateway}, "next": {"provider_ref": thing["id"]}}

    def pay(self, **wish: Any) -> None:
        """The payer pays, and the callbacks have arrived."""
        self.world.act(self.shown(), **wish)

    def pay_unheard(self, act: str = "pay", **wish: Any) -> list[Row]:
        """What the gateway would tell of the payment, oldest first; the payer has paid (or done `act`)."""
        return kept_back(self.world, self.shown(), act, **wish)

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
        # Razorpay is asked for the order before it is made, on the same route: that answer is slow too.
        route, answers = BY_CODE[self.gateway].begins, list[TestResponse]()
        self.world.faults(gateway=self.gateway, route=route, fault="slow", seconds=8, when=when, times=2)
        beginning = Meanwhile(self.begin)
        self.world.until_it_thinks(lambda: when == "before" or bool(self.things()))
        try:
            yield answers
        finally:
            self.world.let_go()
            answers.append(beginning.result())

    # ------------------------------------------------------------------------------------------------ what is seen

    @property
    def state(self) -> tuple[str, str]:
        """The booking's status and its word about money; before there is a booking, the checkout's status and "none"."""
        checkout = self.world.checkout(self.client, self.checkout_id)
        if checkout["booking_id"] is None:
            return checkout["status"], "none"
        seen = self.world.booking(self.client, checkout["booking_id"])
        return seen["status"], seen["money"]

    @property
    def time_is_free(self) -> bool:
        """Whether anybody may book its time now."""
        return self.world.is_free(self.service, self.start)

    def told(self, *people: Caller) -> list[list[str]]:
        """What each of them (client and practitioner, if nobody is named) was told, in order."""
        return [self.world.notices(person) for person in people or (self.client, self.owner)]

    def refunds(self) -> list[Refund]:
        """The money of this payment that is on its way back, oldest first."""
        tries = {row.id for row in self.world.all(Attempt) if str(row.checkout_id) == self.checkout_id}
        rows = [row for row in self.world.all(Refund) if row.attempt_id in tries]
        return sorted(rows, key=lambda row: row.asked_at)

    # ------------------------------------------------------------------------------------------------ what must hold

    def nothing_has_come(self) -> None:
        """No trace of the payment: the try is open, the booking waits, nobody was told."""
        assert self.world.all(InboxEntry) == []
        assert self.state == ("awaiting_payment", "processing")
        assert not [kind for kind in self.told(self.client)[0] if "confirmed" in kind]

    def is_confirmed_once(self) -> None:
        """The booking stands, one charge was taken for it, each side is told once."""
        assert self.state == ("confirmed", "paid")
        client, owner = self.told()
        assert client.count("booking_confirmed") == 1
        assert owner.count("booking_confirmed_practitioner") == 1
        paid = [attempt for attempt in self.world.all(Attempt) if attempt.status == "paid"]
        assert len(paid) == len({attempt.checkout_id for attempt in paid})
        assert self.refunds() == []

    def is_paid_once(self) -> None:
        """Confirmed once, and neither here nor at the gateway is there any other try or charge, whosoever."""
        self.is_confirmed_once()
        assert captures(self.world) == [self.amount]
        assert len(self.world.all(Attempt)) == len(self.things()) == 1

    def is_owed(self, status: str) -> None:
        """Outcome "given back", before any sweep: the money stands as a refund, from the same commit; both were told."""
        [refund] = self.refunds()
        assert refund.amount == self.attempt().amount
        assert refund.status in ("asked", "sent", "done")
        assert self._in_one_commit(refund)
        seen, money = self.state
        assert (seen, money in ("refund_pending", "refunded")) == (status, True), money
        client, owner = self.told()
        assert set(client) - _NO_NEWS_OF_MONEY
        assert set(owner) - _NO_NEWS_OF_MONEY - {"request_declined"}

    def went_back(self, told_before: list[list[str]]) -> None:
        """Outcome "given back": before any sweep it stands as a refund and both were told; in the end the payer has it."""
        [refund] = self.refunds()
        assert (refund.reason, refund.amount) == ("too_late", self.attempt().amount)
        assert self._in_one_commit(refund)
        assert all(len(now) > len(then) for now, then in zip(self.told(), told_before, strict=True))
        assert "booking_confirmed" not in self.told(self.client)[0]
        self._arrives()

    def _in_one_commit(self, refund: Refund) -> bool:
        """Whether the trail's rows for the payment and for its refund came in one transaction (PostgreSQL remembers)."""
        with self.world.rows() as session:
            if session.get_bind().dialect.name == "sqlite":
                return True
            statement = text("SELECT DISTINCT xmin::text FROM changes WHERE subject_id = :id AND to_status = :status")
            keys = ((str(refund.attempt_id), "paid"), (str(refund.id), "asked"))
            return len({session.scalar(statement, {"id": key, "status": status}) for key, status in keys}) == 1

    def _arrives(self) -> None:
        """At the latest a day later, when any offer has lapsed, exactly all of the payment is back with the payer."""
        world = self.world
        world.sandbox.sandbox.faults.clear()
        world.move(hours=25)
        world.sweep()
        world.settle()
        world.sweep()
        [refund] = self.refunds()
        assert refund.status == "done"
        mine = [entry for entry in world.money_taken() if entry["charge_ref"] == refund.charge_ref]
        assert [entry["amount"] for entry in mine if entry["kind"] == "refund"] == [self.attempt().amount]

    def is_settled_after_a_decline(self, declined: bool) -> None:
        """Declined (or cancelled by the practitioner) with all money back; or confirmed with the money kept."""
        world = self.world
        for _ in range(2):
            world.sweep()
            world.settle()
        status, money = self.state
        assert captures(world) == [self.amount]
        if declined:
            assert (status in ("declined", "cancelled"), money) == (True, "refunded")
            [back] = world.all(Refund)
            # What a gateway cannot send back (M-Pesa, before it has named the charge) is credit in the client's wallet.
            credit = back.amount if back.means is RefundMeans.WALLET else 0
            assert (back.amount, kept(world), world.live_places()) == (self.amount, credit, 0)
            assert self.told(self.client) != [[]]
        else:
            assert (status, money) == ("confirmed", "paid")
            assert (kept(world), world.live_places()) == (self.amount, 1)
            assert "booking_confirmed_practitioner" in self.told(self.owner)[0]


# ---------------------------------------------------------------------------------------------------- making one


def deal(
    world: World, gateway: str = "stripe", mode: str = "hold_then_pay", *, begun: bool = True, currency: str = ""
) -> Deal:
    """Somebody new has begun to pay (or is about to) somebody new for a session three days ahead."""
    owner = world.practitioner()
    service = world.service(owner, mode, currency or BY_CODE[gateway].currency)
    return join(world, owner, service, gateway, begun=begun)


def join(
    world: World,
    owner: Caller,
    service: int,
    gateway: str = "stripe",
    *,
    start: str = "",
    client: Caller | None = None,
    begun: bool = True,
) -> Deal:
    """One more client has begun to pay (or is about to) for a time of `service`."""
    client = client or world.person()
    start = start or world.slots(service, days=4)[-1]["start"]
    made = world.book(client, service, start)
    booking = made["booking"] or {}
    if booking and booking["status"] == "pending_approval":
        approved = owner.post(f"/bookings/{booking['id']}/approve")
        assert approved.status_code == 200, approved.text
        made["checkout"] = world.checkout(client, world.booking(client, booking["id"])["checkout_id"])
    checkout = made["checkout"]
    one = Deal(
        world,
        gateway,
        client,
        owner,
        service,
        start,
        checkout["amount"]["amount"],
        checkout["id"],
        booking.get("id", ""),
    )
    one.body = {"gateway": gateway, "phone": phone(client)}
    if begun:
        one.begun = world.begin(client, one.checkout_id, gateway, phone=phone(client))
    return one


def phone(client: Caller) -> str:
    """A phone of this client's own: two prompts on one phone are refused."""
    return f"+2547{client.user_id:08d}"


@contextmanager
def given_back(one: Deal) -> Iterator[None]:
    """Outcome "given back" for what is done inside: see `Deal.went_back`."""
    before = one.told()
    yield
    one.went_back(before)


# ---------------------------------------------------------------------------------------------------- money


def captures(world: World, kind: str = "capture") -> list[int]:
    """What the gateways took (or gave back, with kind "refund"), by their own log, oldest first."""
    return [entry["amount"] for entry in world.money_taken() if entry["kind"] == kind]


def kept(world: World) -> int:
    """Minor units that the gateways took and have not sent back, by their own log."""
    return sum(e["amount"] if e["kind"] == "capture" else -e["amount"] for e in world.money_taken())


def credited(world: World) -> list[int]:
    """What went to wallets instead of back over a gateway, oldest first."""
    rows = sorted(world.all(Refund), key=lambda row: row.asked_at)
    return [row.amount for row in rows if (row.means, row.status) == ("wallet", "done")]
