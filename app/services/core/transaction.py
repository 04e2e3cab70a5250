"""The one way to write: a short transaction that takes locks in order, commits, then announces."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Select, bindparam, func, inspect, select
from sqlalchemy.orm import Session

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import clock
from app.lib.database import BEGIN
from app.lib.tables.unit_of_work import UnitOfWork
from app.models import Base, Change, User
from app.services.core import batching, outbox, quota_stops
from app.services.core.errors import Problem, Refused
from app.services.core.quota_stops import ACTOR

_T = TypeVar("_T", bound=Base)
_OPEN = "kikao_transaction"
_LAST = "kikao_last"
_HELD = "kikao_held"
_PEOPLE = 0x6B69  # the first half of our advisory locks' keys; the second is a person's id


@contextmanager
def transaction(*, ends: int | None = None) -> Iterator[Session]:
    """All or nothing: committed on leaving, rolled back on an error.

    What `outbox` remembers is enqueued after the commit.
    What was read before is not relied on: an open read is ended first, and SQLite takes its write lock at once.
    Whether the actor's account still stands, in the same role and version, is asked again: any of it may have ended since the
    login check, or since the password was looked at.
    `ends` is the id of the person whose account or role the transaction ends: it begins once their other transactions are
    over, and later ones find it ended.
    Raises Refused (login_needed), RuntimeError inside another transaction or inside a batch (see batching).
    """
    session = db.session()
    if session.info.get(_OPEN):
        raise RuntimeError("a transaction inside a transaction")
    if batching.is_open():
        raise RuntimeError("a transaction inside a batch: its answers would be of before")
    session.rollback()
    session.info[_OPEN] = True
    session.info[_HELD] = {}
    try:
        session.connection(execution_options={BEGIN: "IMMEDIATE"})
        _enter(session, ends)
        yield session
        _do_last(session)
        session.commit()
    except BaseException as error:
        session.rollback()
        outbox.forget()
        if isinstance(error, Problem) and error.stop:
            quota_stops.note(session, error.stop)
        raise
    finally:
        session.info.pop(_OPEN, None)
        session.info.pop(_LAST, None)
        session.info.pop(_HELD, None)
    outbox.announce()


def set_actor(user: User) -> None:
    """The person acts in this request: each transaction asks whether their account stands, in the role and version it has now.

    To be called as soon as they are read, so that nothing that is begun on an older proof outlives a new password.
    """
    db.session().info[ACTOR] = (user.id, user.role, user.session_version)


def version_proved(user: User) -> int:
    """The version of the account in which the person acts, whatever it was raised to since; of who does not act, today's."""
    actor, _role, version = db.session().info.get(ACTOR, (None, None, 0))
    return version if actor == user.id else user.session_version


def keep_actor(user: User) -> None:
    """Whoever acts has raised the version of their own account: they go on in the new one."""
    actor, *_ = db.session().info.get(ACTOR, (None,))
    if actor == user.id:
        set_actor(user)


def _enter(session: Session, ends: int | None) -> None:
    """The first lock anybody takes, so that nobody who waits for it holds another.

    SQLite has one writer anyway.
    """
    actor, role, version = session.info.get(ACTOR, (None, None, None))
    person = ends or actor
    if person is None:
        return
    if session.get_bind().dialect.name == "postgresql":
        shared = func.pg_advisory_xact_lock_shared if ends is None else func.pg_advisory_xact_lock
        session.execute(select(shared(_PEOPLE, person)))
    same = (User.id == person, User.active.is_(True), User.role == role, User.session_version == version)
    if ends is None and session.scalars(select(User).where(*same)).one_or_none() is None:
        raise Refused("login_needed")


def at_the_end(lock_name: str, work: Callable[[], None]) -> None:
    """`work` is done at the end of the open transaction, just before its commit.

    Several are done in the order of their locks.
    It is for what everybody locks, such as the next number of a series: the lock lasts an instant, and whoever has it
    waits for nothing else. Raises RuntimeError outside a transaction.
    """
    info = db.session().info
    if not info.get(_OPEN):
        raise RuntimeError("outside a transaction")
    info.setdefault(_LAST, []).append((lock_name, work))


def _do_last(session: Session) -> None:
    for _, work in sorted(session.info.pop(_LAST, []), key=itemgetter(0)):
        work()


def lock(model: type[_T], key: Any) -> _T | None:
    """The row, locked and read afresh even if it was loaded before; None when there is none.

    What this transaction has locked already is not read again: nobody else can have changed it. Such rows stay loaded
    until its end, and what they refer to with them.
    Locks are taken in one order everywhere: attempt, checkout, booking, diary (the practitioner's row).
    """
    session = db.session()
    held: dict[tuple[type[Base], Any], Any] = session.info.get(_HELD, {})
    known: _T | None = held.get((model, key))
    if known is not None and known in session:
        return known
    found: _T | None = session.scalars(_locking(model), {"key": key}).one_or_none()
    _hold(session, found)
    return found


def lock_where(model: type[_T], *conditions: ColumnElement[bool]) -> _T | None:
    """As `lock`, the one row for which these hold; only ever for what no two rows have alike."""
    session = db.session()
    found: _T | None = session.scalars(_afresh(select(model).where(*conditions))).one_or_none()
    _hold(session, found)
    return found


def _hold(session: Session, found: Base | None) -> None:
    if found is not None and not session.in_nested_transaction():  # whose end may let go of what it locked
        identity: Any = inspect(found).identity
        session.info.get(_HELD, {})[type(found), identity[0]] = found


@cache
def _locking(model: type[_T]) -> Select[_T]:
    return _afresh(select(model).where(inspect(model).primary_key[0] == bindparam("key")))


def _afresh(statement: Select[_T]) -> Select[_T]:
    return statement.with_for_update(key_share=True).execution_options(populate_existing=True)


def append(model: type[Base], row: Mapping[str, Any]) -> None:
    """The row is stored with what is written next, at the latest with the commit; nobody gets it back."""
    cast(UnitOfWork, db.session()).append(model, row)


class Who:
    """Who acts: the part they play and, for people, their id."""

    def __init__(self, actor: Actor, user_id: int | None = None) -> None:
        self.actor = actor
        self.user_id = user_id


GATEWAY = Who(Actor.GATEWAY)
CLOCK = Who(Actor.CLOCK)


def record(
    subject: str, subject_id: object, before: str, after: str, who: Who, *, why: str = "", booking_id: Any = None
) -> None:
    """The status change stands in the trail."""
    row = {
        "subject": subject,
        "subject_id": str(subject_id),
        "booking_id": booking_id,
        "from_status": before,
        "to_status": after,
        "actor": who.actor,
        "actor_id": who.user_id,
        "why": why[:500],
        "at": clock.now(),
    }
    append(Change, row)
