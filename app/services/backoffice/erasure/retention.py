"""What the clock does about personal data: who has been away too long, notes that were kept long enough, late news."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import select, update

from app.extensions import db
from app.lib import chance, clock
from app.models import Attempt, Booking, Checkout, InboxEntry, User
from app.services.backoffice.erasure import absence, vendor_ids
from app.services.backoffice.erasure.ownership import Theirs
from app.services.backoffice.erasure.person import try_erase
from app.services.backoffice.erasure.scrub import scrub_news
from app.services.core.transaction import CLOCK, transaction

_AT_ONCE = 100
_YEAR = timedelta(days=365.25)


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
    over = Booking.ends_at <= clock.now() - _kept_for()
    kept = select(Booking.id).join(Booking.client).where(User.erased_at.is_not(None), Booking.session_notes != "", over)
    found = db.session.scalars(kept.limit(_AT_ONCE)).all()
    if found:
        with transaction() as session:
            session.execute(update(Booking).where(Booking.id.in_(found)).values(session_notes=""))
    return len(found)


def _late_news() -> int:
    told = select(User.id).join(Checkout, Checkout.client_id == User.id).join(Attempt).join(InboxEntry)
    told = told.where(User.erased_at.is_not(None), InboxEntry.body != "").distinct().limit(_AT_ONCE)
    # While the gateway will be asked once more, the payment keeps the name that the gateway knows it by.
    found = db.session.scalars(told.where(Attempt.next_look_up_at.is_(None))).all()
    for user_id in found:
        with transaction():
            their = Theirs(user_id)
            vendor_ids.hide_late(their, chance.token()[:12])
            scrub_news(their)
    return len(found)
