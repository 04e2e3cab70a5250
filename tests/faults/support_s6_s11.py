"""Hands for what goes wrong once somebody has begun to pay: news kept back, races, killed processes, a failing database."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import requests
from sqlalchemy import text

from app.gateways import adapter
from app.models import Attempt, InboxEntry, Notification, Refund
from sandbox import clock as sandbox_clock
from sandbox.signing import headers_for
from tests.support.world import Caller, World

T = TypeVar("T")
Row = dict[str, Any]

CURRENCIES = {"stripe": "EUR", "razorpay": "INR", "mpesa": "KES"}
LOOK_UPS = {"stripe": "retrieve", "razorpay": "payments", "mpesa": "query"}
_NOTHING_FOR_US = ("payment_intent.created", "charge.succeeded", "charge.updated")
THINGS = {"stripe": "session", "razorpay": "order", "mpesa": "prompt"}


@dataclass
class Deal:
    """One client, one practitioner, one session between them, and a payment for it that has begun."""

    world: World
    client: Caller
    owner: Caller
    service: int
    start: str
    checkout_id: str
    booking_id: str
    begun: dict[str, Any]

    @property
    def gateway(self) -> str:
        """Where the payment was begun."""
        return str(self.begun["attempt"]["gateway"])

    @property
    def state(self) -> tuple[str, str]:
        """The booking's status and its word about money; before there is a booking, the checkout's status and "none"."""
        checkout = self.world.checkout(self.client, self.checkout_id)
        if checkout["booking_id"] is None:
            return checkout["status"], "none"
        seen = self.world.booking(self.client, checkout["booking_id"])
        return seen["status"], seen["money"]

    def pay(self, **wish: Any) -> None:
        """The payer pays, and the callbacks arrive."""
        self.world.act(self.begun, **wish)

    def told(self, *people: Caller) -> list[list[str]]:
        """What each of them was told, in order."""
        people = people or (self.client, self.owner)
        rows = sorted(self.world.all(Notification), key=lambda row: row.id)
        return [[row.kind for row in rows if row.user_id == person.user_id] for person in people]


def deal(world: World, gateway: str = "stripe", mode: str = "hold_then_pay", **more: Any) -> Deal:
    """Somebody new has begun to pay somebody new for a session three days ahead."""
    owner = world.practitioner()
    service = world.service(owner, mode, CURRENCIES[gateway])
    return join(world, owner, service, gateway, **more)


def join(
    world: World, owner: Caller, service: int, gateway: str = "stripe", *, start: str = "", client: Caller | None = None
) -> Deal:
    """One more client has begun to pay for a time of `service`."""
    client = client or world.person()
    start = start or world.slots(service, days=4)[-1]["start"]
    made = world.book(client, service, start)
    booking = made["booking"]
    if booking and booking["status"] == "pending_approval":
        booking = dict(owner.post(f"/bookings/{booking['id']}/approve").json or {})
        made["checkout"] = {"id": booking["checkout_id"]}
    begun = world.begin(client, made["checkout"]["id"], gateway, phone=phone(client))
    return Deal(world, client, owner, service, start, made["checkout"]["id"], booking["id"] if booking else "", begun)


def phone(client: Caller) -> str:
    """A phone of this client's own: two prompts on one phone are refused."""
    return f"+2547{client.user_id:08d}"


def again(world: World, caller: Caller) -> Caller:
    """The same person in another window."""
    return replace(caller, http=world.app.test_client())


def at_once(*calls: Callable[[], T]) -> list[T]:
    """What each call gave, all begun in the same moment; an error in one of them is raised here."""
    gate = threading.Barrier(len(calls))
    given: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int) -> None:
        gate.wait()
        try:
            given[number] = calls[number]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [given[number] for number in range(len(calls))]


# ------------------------------------------------------------------------------------------------ news


def hold_news(world: World) -> None:
    """From now on no callback leaves the gateways by itself."""
    world.faults(gateway="any", callbacks="hold", times=None)


def held(world: World) -> list[Row]:
    """The callbacks kept back so far that say something about our money, oldest first."""
    rows = reversed(world.sandbox.sandbox.courier.log())
    return [row for row in rows if row["status"] == "held" and not row["event"].startswith(_NOTHING_FOR_US)]


def held_payment(one: Deal, **wish: Any) -> list[Row]:
    """The payer has paid; what the gateway would tell of it, oldest first."""
    hold_news(one.world)
    known = {row["id"] for row in held(one.world)}
    one.pay(**wish)
    return [row for row in held(one.world) if row["id"] not in known]


def post(world: World, row: Row, *, body: bytes | None = None, url: str = "", signature: Row | None = None) -> int:
    """One callback delivered by hand, freshly signed by its gateway: the status it was answered with; 0 for none."""
    true = row["body"].encode()
    signed = headers_for(row["gateway"], world.sandbox.sandbox.credentials, true, row["event_id"], sandbox_clock.now())
    here = world.app.config["PUBLIC_URL"]
    target = (row["target"] or f"{here}/callbacks/{row['gateway']}").replace(here, url or here)
    try:
        return requests.post(
            target, true if body is None else body, headers=signed | (signature or {}), timeout=30
        ).status_code
    except requests.ConnectionError:
        return 0


def deliver(world: World, rows: Sequence[Row]) -> None:
    """The callbacks arrive one after the other, and each is acknowledged."""
    assert [post(world, row) for row in rows] == [200] * len(rows)


# ------------------------------------------------------------------------------------------------ what must hold


def nothing_has_come(one: Deal) -> None:
    """No trace of the payment: the try is open, the booking waits, nobody was told."""
    assert one.world.all(InboxEntry) == []
    assert one.state == ("awaiting_payment", "processing")
    assert not [kind for kind in one.told(one.client)[0] if "confirmed" in kind]


def confirmed_once(one: Deal) -> None:
    """The booking stands, one charge was taken, one place is held, each side is told once."""
    assert one.state == ("confirmed", "paid")
    told = one.told(one.client, one.owner)
    assert told[0].count("booking_confirmed") == 1
    assert told[1].count("booking_confirmed_practitioner") == 1
    paid = [attempt for attempt in one.world.all(Attempt) if attempt.status == "paid"]
    assert len(paid) == len({attempt.checkout_id for attempt in paid})
    assert [refund for refund in one.world.all(Refund) if refund.attempt_id == _attempt(one).id] == []


def _attempt(one: Deal) -> Any:
    return next(row for row in one.world.all(Attempt) if str(row.id) == one.begun["attempt"]["id"])


def refunds_of(one: Deal) -> list[Refund]:
    """The money of this payment that is on its way back, oldest first."""
    rows = [row for row in one.world.all(Refund) if row.attempt_id == _attempt(one).id]
    return sorted(rows, key=lambda row: row.asked_at)


@contextmanager
def given_back(one: Deal) -> Iterator[None]:
    """Outcome X for what is done inside: see `went_back`."""
    before = one.told()
    yield
    went_back(one, before)


def went_back(one: Deal, told_before: list[list[str]]) -> None:
    """Outcome X: before any sweep all of the money stands as a refund and both were told; in the end the payer has it."""
    [refund] = refunds_of(one)
    assert (refund.reason, refund.amount) == ("too_late", _attempt(one).amount)
    assert _same_commit(one, refund)
    assert all(len(now) > len(then) for now, then in zip(one.told(), told_before, strict=True))
    assert "booking_confirmed" not in one.told(one.client)[0]
    goes_back(one)


def _same_commit(one: Deal, refund: Refund) -> bool:
    """Whether the trail's rows for the payment and for its refund came in one transaction (PostgreSQL remembers)."""
    with one.world.rows() as session:
        if session.get_bind().dialect.name == "sqlite":
            return True
        statement = text("SELECT DISTINCT xmin::text FROM changes WHERE subject_id = :id AND to_status = :status")
        keys = ((str(refund.attempt_id), "paid"), (str(refund.id), "asked"))
        return len({session.scalar(statement, {"id": key, "status": status}) for key, status in keys}) == 1


def goes_back(one: Deal) -> None:
    """At the latest a day later, when any offer has lapsed, exactly all of the payment is back with the payer."""
    world = one.world
    world.sandbox.sandbox.faults.clear()
    world.move(hours=25)
    world.sweep()
    world.settle()
    world.sweep()
    [refund] = refunds_of(one)
    assert refund.status == "done"
    back = [e["amount"] for e in world.money_taken() if e["kind"] == "refund" and e["charge_ref"] == refund.charge_ref]
    assert back == [_attempt(one).amount]


def captures(world: World, kind: str = "capture") -> list[int]:
    """What the gateways took (or gave back, with kind "refund"), oldest first."""
    return [entry["amount"] for entry in world.money_taken() if entry["kind"] == kind]


def credited(world: World) -> list[int]:
    """What went to wallets instead of back over a gateway, oldest first."""
    rows = sorted(world.all(Refund), key=lambda row: row.asked_at)
    return [row.amount for row in rows if (row.means, row.status) == ("wallet", "done")]


# ------------------------------------------------------------------------------------------------ gateways


@contextmanager
def impatient_gateways(world: World) -> Iterator[None]:
    """Gateways that do not answer in half a second have given no answer; it is ten seconds otherwise."""
    known = world.app.extensions["gateways"]
    before = dict(known)
    for code in (code for code, gateway in before.items() if not gateway.capabilities.by_hand):
        kind: Any = adapter(code)
        known[code] = kind(kind.Settings.from_environment(world.app.config["ENVIRON"]), timeout=(1.0, 0.5))
    try:
        yield
    finally:
        known.update(before)
