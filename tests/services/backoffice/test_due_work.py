"""What is due is found in the pass in which it is: no step is passed over that has anything to do."""

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select

from app.domain.lifecycle import Actor, DisputeStatus, ReceiptCheckStatus
from app.domain.minor_lifecycles import ReceiptSource
from app.domain.news import NewsOwner
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import which_are_due
from app.models import (
    Attempt,
    Audit,
    Dispute,
    GuestHold,
    IdempotentRequest,
    InboxEntry,
    MailedCode,
    Package,
    Pull,
    QuotaCount,
    ReceiptCheck,
    Role,
    SignUp,
    Slot,
    User,
)
from app.services.accounts import invitations
from app.services.backoffice import sweeps
from app.services.core.transaction import Who, record
from tests.support.town import Town
from tests.support.world import World

_HOUR = timedelta(hours=1)
# What cannot be made to be due without breaking the books: who passes these over fails there.
_ELSEWHERE = {"12:disputes": "tests/services/payments", "22:receipts": "tests/services/ledger/test_receipts.py"}


class Looks:
    """Passes that ask before each step whether it is due and take it in any case."""

    def __init__(self, world: World) -> None:
        self.world, self.worked = world, Counter[str]()

    def __call__(self, **by: float) -> None:
        """So much time has passed, and whatever did anything was due."""
        self.world.move(**by)
        with self.world.app.app_context():
            for number, (name, step) in enumerate(sweeps.STEPS):
                due = sweeps.due_now()
                done = step.work(30.0)
                assert number in due or not done, f"{name} (step {number}) was passed over"
                self.worked[f"{number}:{name}"] += done
        self.world.settle()

    def never(self) -> list[str]:
        """The steps that have not done anything yet."""
        return [each for number, (name, _) in enumerate(sweeps.STEPS) if not self.worked[each := f"{number}:{name}"]]


@pytest.fixture
def keeping(world: World) -> Iterator[None]:
    """A house that erases who has been away for twelve months."""
    world.app.config["ERASE_AFTER_MONTHS"] = 12
    yield
    world.app.config["ERASE_AFTER_MONTHS"] = 0


def _forgotten() -> list[Any]:
    """What is kept for an hour and then nobody needs."""
    now = clock.now()
    soon = {"expires_at": now + _HOUR}
    code = {"id": uuid.uuid4(), "purpose": "sign_up", "address": "zuhura@people.test", "language": "en"}
    person = {"name": "Zuhura", "language": "en"}
    slot = db.session.scalars(select(Slot).limit(1)).one()
    return [
        MailedCode(**code, created_at=now, **soon),
        SignUp(digest="d", address="zuhura@people.test", password_hash="", zone="UTC", **person, **soon),
        GuestHold(slot_id=slot.id, key="k", places=1, **soon),
        IdempotentRequest(caller="c", key="k", digest="d", status=200, started_at=now),
        QuotaCount(rule="r", digest="d", count=1, ends_at=now + _HOUR),
    ]


def _news() -> list[Any]:
    """What gateways told, or did not: of strangers, and of a payment that was found in a list."""
    now = clock.now()
    of_others = {"gateway": "stripe", "source": "callback", "kind": "charge.refunded"}
    waits = {"state": "unmatched", "owner": NewsOwner.UNKNOWN, "fact": {}, "echo": {}}
    entries = [InboxEntry(**of_others, **waits, event_key=f"evt_{n}", received_at=now) for n in range(2)]
    return [*entries, Pull(gateway="stripe", since=now, until=now, begun_at=now, unheard=1)]


def _people(world: World) -> None:
    """One who is suspended with an open request, one with a bill, one who comes tomorrow, one who is invited."""
    owner = world.practitioner()
    world.book(world.person(), world.service(owner))
    world.booked(world.person(), world.service(owner), start=world.slots(world.service(owner))[-1]["start"])
    suspended = world.person()
    world.book(suspended, world.service(world.practitioner(), "approve_then_pay"))
    staff = world.person(Role.STAFF)
    with world.rows() as session:
        session.get_one(User, suspended.user_id).active = False
        session.commit()
        asked = invitations.Asked("baraka@people.test", "Baraka", Role.STAFF, "en")
        invitations.invite(asked, Who(Actor.STAFF, staff.user_id))


def _open_ends() -> None:
    """A package runs out and evidence is due; a receipt is asked about."""
    now = clock.now()
    attempt = db.session.scalars(select(Attempt).where(Attempt.gateway == "mpesa").limit(1)).one()
    shown = {"gateway": "mpesa", "receipt": "SIK0000001", "source": ReceiptSource.CLIENT, "asked_at": now}
    of = {"checkout_id": attempt.checkout_id, "attempt_id": attempt.id, "conversations": [], "early": []}
    check = ReceiptCheck(**shown, **of, status=ReceiptCheckStatus.OPEN, next_try_at=now)
    db.session.add(check)
    db.session.flush()
    record("receipt_check", check.id, "", ReceiptCheckStatus.OPEN, Who(Actor.CLIENT))
    for package in db.session.scalars(select(Package)):
        package.expires_at = now
    for dispute in db.session.scalars(select(Dispute)):
        dispute.status = DisputeStatus.OPEN
        dispute.respond_by = now + timedelta(days=2)


def test_whatever_a_step_does_was_due_when_it_was_asked(world: World, keeping: None) -> None:
    """A town's years: as their time passes every step of a pass has something to do sooner or later."""
    look = Looks(world)
    Town(world)
    world.sandbox.sandbox.faults.clear()
    _people(world)
    with world.rows() as session:
        _open_ends()
        session.add_all([*_forgotten(), *_news()])
        session.commit()
    for by in (
        {}, {"minutes": 11}, {"hours": 1}, {"hours": 8}, {"hours": 12}, {"hours": 12}, {"hours": 12}, {"days": 1},
        {"days": 8}, {"days": 40}, {"days": 400}, {"days": 31},
    ):  # fmt: skip
        look(**by)
    look.worked["26:audit"] += len(world.all(Audit))  # it answers how much is broken
    assert set(look.never()) <= set(_ELSEWHERE)


@pytest.mark.both_engines
def test_a_step_whose_query_cannot_be_asked_keeps_no_other_from_its_work(world: World) -> None:
    """A table that is gone, as after half a migration: the others' work is done all the same."""
    client = world.person()
    world.booked(client, world.service(world.practitioner()))
    with world.rows() as session:
        session.execute(db.text("ALTER TABLE busy_feeds RENAME TO gone"))
        session.commit()
    try:
        done = world.sweep()
    finally:
        with world.rows() as session:
            session.execute(db.text("ALTER TABLE gone RENAME TO busy_feeds"))
            session.commit()
    assert done["notices"] > 0
    assert list(done)[-1] == "calendars"


def _standing_still() -> Select[int]:
    return select(InboxEntry.id).where(InboxEntry.received_at <= clock.now())


def _moving() -> Select[int]:
    return select(InboxEntry.id).where(InboxEntry.received_at <= moments.now())


def test_a_time_that_would_stand_still_is_refused(world: World) -> None:
    """A statement that is built once must not remember when."""
    with world.app.app_context():
        dialect = db.engine.dialect
        which_are_due([[_moving]], dialect)
        with pytest.raises(ValueError, match="stands still"):
            which_are_due([[_moving], [_standing_still]], dialect)


@pytest.mark.both_engines
def test_a_time_is_worked_out_when_its_statement_is_asked(world: World) -> None:
    with world.rows() as session:
        session.add_all(_news())
        session.commit()
        later = [[lambda: select(InboxEntry.id).where(InboxEntry.received_at <= moments.ago(_HOUR))]]
        asked = which_are_due([[_moving], *later], db.engine.dialect)
        assert set(session.scalars(asked)) == {0}
        world.move(hours=2)
        assert set(session.scalars(asked)) == {0, 1}
