"""Hands for what goes wrong once somebody has begun to pay: news kept back, races, killed processes, a failing database."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import requests
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection

from app.extensions import db
from app.gateways import adapter
from app.models import Attempt, InboxEntry, Notification, Refund
from config import ROOT
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


# ------------------------------------------------------------------------------------------------ gateways


@contextmanager
def impatient_gateways(world: World) -> Iterator[None]:
    """Gateways that do not answer in half a second have given no answer; it is ten seconds otherwise."""
    known = world.app.extensions["gateways"]
    before = dict(known)
    for code in before:
        kind: Any = adapter(code)
        known[code] = kind(kind.Settings.from_environment(world.app.config["ENVIRON"]), timeout=(1.0, 0.5))
    try:
        yield
    finally:
        known.update(before)


# ------------------------------------------------------------------------------------------------ the database


@contextmanager
def quick_locks(world: World) -> Iterator[None]:
    """Writers give up on a lock after 0.3 instead of 5 seconds, so that a test need not wait that long."""
    with world.app.app_context():
        if not event.contains(db.engine, "checkout", _set_patience):
            event.listen(db.engine, "checkout", _set_patience)
    _patience["ms"] = 300
    try:
        yield
    finally:
        _patience["ms"] = 5000


_patience = {"ms": 5000}  # as in app/database.py


def _set_patience(connection: Any, _record: Any, _proxy: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA busy_timeout = {_patience['ms']}")
    else:
        connection.execute(f"SET lock_timeout = {_patience['ms']}")
        connection.commit()


@contextmanager
def locked(world: World, table: str) -> Iterator[Connection]:
    """Somebody else (a migration) keeps writers from `table`; on SQLite, which has one lock, from everything."""
    engine = create_engine(world.app.config["SQLALCHEMY_DATABASE_URI"], isolation_level="AUTOCOMMIT")
    postgresql = engine.dialect.name == "postgresql"
    with engine.connect() as connection:
        connection.execute(text("BEGIN" if postgresql else "BEGIN IMMEDIATE"))
        if postgresql:
            connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        try:
            yield connection
        finally:
            with suppress(Exception):
                connection.execute(text("ROLLBACK"))
    engine.dispose()


def waits(world: World, holder: Connection) -> bool:
    """Whether somebody waits for a lock; SQLite cannot say, so there it is taken for granted."""
    if holder.dialect.name == "sqlite":
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    holder.execute(text("SELECT pg_stat_clear_snapshot()"))  # within a transaction it would show the same for ever
    return bool(holder.scalar(text(waiting)))


def cut(holder: Connection) -> None:
    """PostgreSQL goes down under everybody else, as in a failover; SQLite has no server to go down."""
    if holder.dialect.name == "postgresql":
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        holder.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


def fail_over(world: World, table: str, work: Callable[[], T]) -> T:
    """What `work` gave although its connection was cut in the middle of writing (SQLite: it never got the lock)."""
    with quick_locks(world), locked(world, table) as holder:
        given: list[T] = []
        thread = threading.Thread(target=lambda: given.append(work()))
        thread.start()
        if holder.dialect.name == "postgresql":
            world.until(lambda: waits(world, holder) or bool(given))
            cut(holder)
        thread.join()
    return given[0]


# ------------------------------------------------------------------------------------------------ other processes


class Child:
    """Kikao in a process of its own, on the same database and gateways."""

    def __init__(self, world: World, part: str, **changes: str) -> None:
        environment = os.environ | world.app.config["ENVIRON"] | changes
        command = [sys.executable, "-m", "tests.faults.child_s6_s11", part, str(world._offset.total_seconds())]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.url = f"http://127.0.0.1:{self._read()}"

    def taken(self) -> None:
        """It has begun to work."""
        assert self._read() == "taken"

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()

    def _read(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().decode().strip()


@contextmanager
def child(world: World, part: str, **changes: str) -> Iterator[Child]:
    """A child that does not outlive its test."""
    made = Child(world, part, **changes)
    try:
        yield made
    finally:
        made.kill()


def killed_while_blocked(world: World, row: Row, table: str) -> None:
    """A web process has taken the callback and was killed -9 where it writes `table`; nobody got an answer."""
    with child(world, "web") as web, locked(world, table) as holder:
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(post(world, row, url=web.url)))
        thread.start()
        web.taken()
        world.until(lambda: waits(world, holder))
        web.kill()
        thread.join()
        assert answers == [0]
