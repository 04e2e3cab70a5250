"""What the clock does about personal data: who has been away too long, notes that were kept long enough, late news."""

from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Select, select

from app.extensions import db
from app.lib import chance
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, Booking, Checkout, InboxEntry, User
from app.services.backoffice.erasure import absence, vendor_ids
from app.services.backoffice.erasure.ownership import Theirs
from app.services.backoffice.erasure.person import try_erase
from app.services.backoffice.erasure.scrub import scrub_news
from app.services.core.transaction import CLOCK, transaction

_AT_ONCE = 100
_ERASED = select(User.id).where(User.erased_at.is_not(None))
_YEAR = timedelta(days=365.25)


def _outdated() -> Select[Booking]:
    over = Booking.ends_at <= moments.ago(_kept_for)
    return select(Booking).where(Booking.client_id.in_(_ERASED), Booking.session_notes != "", over)


def _told_late() -> Select[int]:
    late = select(Checkout.id).join(Attempt).join(InboxEntry).where(InboxEntry.body != "")
    # While the gateway will be asked once more, the payment keeps the name that the gateway knows it by.
    late = late.where(Attempt.next_look_up_at.is_(None), Checkout.client_id == User.id)
    # Asked of each who is erased: they are few, and the news of everybody is much.
    return _ERASED.where(late.exists())


@found_by(absence.query_away, _outdated, _told_late)
def keep() -> int:
    """How much was forgotten, or announced: people who are away, notes, and gateways' news of people who are erased (X4)."""
    return _inactive() + _old_notes() + _late_news()


def _kept_for() -> timedelta:
    """How long after a session its practitioner's notes are kept once its client is erased (setting KIKAO_NOTES_YEARS)."""
    return int(current_app.config["NOTES_YEARS"]) * _YEAR


def _inactive() -> int:
    erased = sum(try_erase(user.id, CLOCK, "erased after a long absence") for user in absence.over())
    return erased + absence.warn()


def _old_notes() -> int:
    if not _is_any(_outdated().with_only_columns(Booking.id)):
        return 0
    with transaction() as session:
        rows = session.scalars(_outdated().limit(_AT_ONCE)).all()
        for booking in rows:
            booking.session_notes = ""
        return len(rows)


def _late_news() -> int:
    told = _told_late().limit(_AT_ONCE)
    if not _is_any(told):
        return 0
    with transaction() as session:
        found = session.scalars(told).all()
        for user_id in found:
            their = Theirs(user_id)
            vendor_ids.hide_late(their, chance.token()[:12])
            scrub_news(their)
        return len(found)


def _is_any(rows: Select[Any]) -> bool:
    """Whether it is worth taking the lock, under which they are read again."""
    return db.session.scalar(rows.limit(1)) is not None
