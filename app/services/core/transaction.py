"""The one way to write: a short transaction that takes its locks in order, commits, and then announces."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import clock
from app.lib.database import BEGIN
from app.models import Base, Change, User
from app.services.core import outbox
from app.services.core.errors import Refused

_T = TypeVar("_T", bound=Base)
_OPEN = "kikao_transaction"
_LAST = "kikao_last"
_ACTS = "kikao_acts"
_PEOPLE = 0x6B69  # the first half of our advisory locks' keys; the second is a person's id


@contextmanager
def transaction(*, ends: int | None = None) -> Iterator[Session]:
    """All or nothing: committed on leaving, rolled back on an error; what `outbox` remembered is enqueued after.

    Nothing read before it is believed inside: an open read is ended first, and SQLite takes its write lock at once.
    Not even who acts: an account may have ended since the login check (Refused, login_needed). Whoever ends one names
    its owner, and is alone: what the owner had begun is over, and what comes later finds the account ended.
    """
    session = db.session()
    if session.info.get(_OPEN):
        raise RuntimeError("a transaction inside a transaction")
    session.rollback()
    session.info[_OPEN] = True
    try:
        session.connection(execution_options={BEGIN: "IMMEDIATE"})
        _enter(session, ends)
        yield session
        _do_last(session)
        session.commit()
    except BaseException:
        session.rollback()
        outbox.forget()
        raise
    finally:
        session.info.pop(_OPEN, None)
        session.info.pop(_LAST, None)
    outbox.announce()


def acts(user: User) -> User:
    """The person is who acts in this request: each of its transactions looks whether the account still is one."""
    db.session().info[_ACTS] = user.id
    return user


def _enter(session: Session, ends: int | None) -> None:
    """The first lock anybody takes, so that nobody who waits for it holds another; SQLite has one writer anyway."""
    person = ends or session.info.get(_ACTS)
    if person is None:
        return
    if session.get_bind().dialect.name == "postgresql":
        shared = func.pg_advisory_xact_lock_shared if ends is None else func.pg_advisory_xact_lock
        session.execute(select(shared(_PEOPLE, person)))
    if ends is None and not session.scalar(select(User.active).where(User.id == person)):
        raise Refused("login_needed")


def at_the_end(lock_name: str, work: Callable[[], None]) -> None:
    """`work` is done last of all in the open transaction, or not at all with it; works are done in the order of their locks.

    For what everybody locks, such as the next number of a series: it is held for an instant, and nobody who holds it
    waits for anything else.
    """
    info = db.session().info
    if not info.get(_OPEN):
        raise RuntimeError("outside a transaction")
    info.setdefault(_LAST, []).append((lock_name, work))


def _do_last(session: Session) -> None:
    for _, work in sorted(session.info.pop(_LAST, []), key=itemgetter(0)):
        work()


def lock(model: type[_T], key: Any) -> _T | None:
    """The row, locked and read afresh even if it is already loaded; None when there is none.

    Locks are taken in one order everywhere: attempt, checkout, booking, diary (the practitioner's row).
    """
    primary = inspect(model).primary_key[0]
    statement = select(model).where(primary == key).with_for_update(key_share=True)
    return db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


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
    db.session.add(
        Change(
            subject=subject,
            subject_id=str(subject_id),
            booking_id=booking_id,
            from_status=before,
            to_status=after,
            actor=who.actor,
            actor_id=who.user_id,
            why=why[:500],
            at=clock.now(),
        )
    )
