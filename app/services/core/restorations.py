"""Going back to a backup: when the books did, whether the gateways have been asked since, and which numbers may be given.

What was done since the backup is gone here and known outside: receipts have their numbers, vendors our keys, calendars our
versions. So nothing goes on until the gateways were asked what they took, and no number that was perhaps given is given again.
The trail keeps it all (`changes`, subject "books"), so it is itself in every later backup.
"""

from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.exc import SQLAlchemyError

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import chance
from app.models import Change
from app.services.core.transaction import Who, record, transaction

_SUBJECT = "books"
_RESTORED = "restored"
_OPEN = "open"
_MARK = 4  # characters; 810,000 marks, so that two times the same backup give other ones
# Before the backup: what a vendor did so long ago it may have told only after, and to the books that are gone.
_TOLD_LATE = timedelta(days=3)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_OPERATOR = Who(Actor.STAFF)  # whoever may log in to the machine


def note(made_at: datetime) -> str:
    """The books are those of a backup made then (UTC), in the caller's transaction. Answers the mark of what comes after."""
    mark = chance.reference(_MARK)
    record(_SUBJECT, mark, "", _RESTORED, _OPERATOR, why=made_at.isoformat(timespec="seconds"))
    return mark


def behind() -> datetime | None:
    """From when (UTC) on the gateways have still to be asked; None while nothing is to be caught up with."""
    last = _last()
    return datetime.fromisoformat(last.why) - _TOLD_LATE if last is not None and last.to_status == _RESTORED else None


def why_closed() -> str:
    """Why no process may begin its work, in a sentence for who runs Kikao; empty where it may."""
    since = behind()
    if since is None:
        return ""
    words = "the books went back to a backup, and what was paid since is not known"
    return f"{words}: run flask money pull --since {since:%Y-%m-%dT%H:%M:%SZ}"


def hold_back(app: Flask) -> None:
    """A process that does work ends with one sentence while the gateways have still to be asked.

    Nobody is served meanwhile: a cancelled session would be paid back a second time, a paid bill asked for again. Where the
    database does not answer nothing can be said, and nothing done; every pass of the clock asks again.
    """
    with app.app_context():
        try:
            wrong = why_closed()
        except SQLAlchemyError:
            wrong = ""
        finally:
            db.session.remove()
            db.engine.dispose()
    if wrong:
        raise SystemExit(f"Kikao does not start: {wrong}")


def catch_up(asked_since: datetime) -> bool:
    """Work may go on, if the gateways were asked for all from `asked_since` (UTC) on; whether that was waited for."""
    since = behind()
    if since is None or asked_since > since:
        return False
    reopen("")
    return True


def reopen(why: str) -> None:
    """Work may go on; `why` is what the trail keeps, where the gateways were not asked."""
    with transaction():
        last = _last()
        if last is not None and last.to_status == _RESTORED:
            record(_SUBJECT, last.subject_id, _RESTORED, _OPEN, _OPERATOR, why=why)


def series(own: str) -> ColumnElement[str]:
    """SQL: the series of numbers that is counted now for whom `own` names; another one after each going back."""
    mark = select(literal("-").concat(Change.subject_id)).where(*_begun()).order_by(Change.id.desc()).limit(1)
    return literal(own).concat(func.coalesce(mark.scalar_subquery(), ""))


def number_after(last: int) -> int:
    """The next number of what is counted outside too: beyond all that were given in a time that is gone."""
    at = db.session.scalar(select(Change.at).where(*_begun()).order_by(Change.id.desc()).limit(1))
    return max(last + 1, high_number(at)) if at else last + 1


def high_number(at: datetime) -> int:
    """A number that nothing here had reached by then, because nothing is counted once a second for years."""
    return (at - _EPOCH) // timedelta(seconds=1)


def _last() -> Change | None:
    return db.session.scalars(
        select(Change).where(Change.subject == _SUBJECT).order_by(Change.id.desc()).limit(1)
    ).first()


def _begun() -> tuple[ColumnElement[bool], ...]:
    return Change.subject == _SUBJECT, Change.to_status == _RESTORED
