"""Sessions in people's own calendars: with a mail, as a file, at a private address. Discreet like the mails."""

from datetime import timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.domain.lifecycle import TABS, Actor, BookingStatus
from app.extensions import db
from app.lib import chance, clock
from app.lib.calendars import invitations
from app.lib.calendars.invitations import Invitation, Person, Session
from app.models import Booking, Notification, Practitioner, User
from app.services.core.errors import NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.notifications import message_kinds, preferences

_STANDS = (*TABS["upcoming"], BookingStatus.COMPLETED)
_PAST = timedelta(days=31)
_MOST = 1000  # sessions in one feed


def attached(notice: Notification) -> Invitation | None:
    """Return the calendar entry that goes with this mail: an invitation, or the end of one.

    Who was never invited, because the booking was never confirmed, has nothing to be told off.
    """
    booking = notice.booking
    if booking is None or booking.confirmed_at is None or not message_kinds.of(notice.kind).has_calendar:
        return None
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    return invitations.invitation(
        _session(booking, notice.user), Person(name or "Kikao", address), Person(notice.user.name, notice.user.email)
    )


def is_kept(booking: Booking) -> bool:
    """Whether there is a calendar file of the booking: it was confirmed once."""
    return booking.confirmed_at is not None


def file(booking: Booking, user: User) -> bytes:
    """The booking for a calendar, as it stands now. Raises NotFound before it was confirmed."""
    if not is_kept(booking):
        raise NotFound
    return invitations.file(_session(booking, user))


def feed_of(key: str) -> bytes:
    """Return the calendar at a private address: sessions that stand, from a month ago on. Raises NotFound."""
    user = db.session.scalars(select(User).where(User.feed_key == key)).one_or_none() if key.isalnum() else None
    if user is None or not user.active:
        raise NotFound
    theirs = Practitioner.ids_of(user)
    mine = or_(Booking.client_id == user.id, Booking.practitioner_id.in_(theirs))
    rows = select(Booking).where(mine, Booking.status.in_(_STANDS), Booking.starts_at > clock.now() - _PAST)
    rows = rows.options(selectinload(Booking.practitioner), selectinload(Booking.client))
    found = db.session.scalars(rows.order_by(Booking.starts_at).limit(_MOST))
    return invitations.feed((_session(booking, user) for booking in found), "Kikao")


def address_of(user: User) -> str:
    """The private address of the person's calendar; empty while they have none."""
    return f"{current_app.config['PUBLIC_URL']}/calendar/{user.feed_key}.ics" if user.feed_key else ""


def renew_address(user: User, seen: str) -> None:
    """The address that was `seen` (empty: none) leads nowhere any more, and there is a new one.

    One that has taken its place meanwhile stays: a button that is pressed twice must not kill the address just copied.
    """
    with transaction():
        found = _locked(user)
        if address_of(found) == seen:
            _set_key(found, chance.token())


def stop_address(user: User) -> None:
    """The calendar has no address, and the one it had leads nowhere."""
    with transaction():
        found = _locked(user)
        if found.feed_key:
            _set_key(found, None)


def domain() -> str:
    """What stands behind the @ in the names of our calendar entries."""
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or "kikao"


def _locked(user: User) -> User:
    found = lock(User, user.id)
    if found is None:
        raise NotFound
    return found


def _set_key(user: User, key: str | None) -> None:
    before, after = ("given" if each else "" for each in (user.feed_key, key))
    record("feed", user.id, before, after or "removed", Who(Actor(user.role.value), user.id))
    user.feed_key = key


def _session(booking: Booking, user: User) -> Session:
    address = current_app.config["PUBLIC_URL"]
    return Session(
        booking_id=booking.id,
        domain=domain(),
        sequence=booking.version,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=_summary(booking, user),
        url=f"{address}/bookings/{booking.id}",
        stamp=clock.now(),
        cancelled=booking.status in TABS["cancelled"],
    )


def _summary(booking: Booking, user: User) -> str:
    other = booking.practitioner.name if user.id == booking.client_id else booking.client.name
    with force_locale(user.language):
        if preferences.names_sessions(user):
            return str(gettext("%(title)s with %(name)s", title=booking.title, name=other))
        return str(gettext("Session with %(name)s", name=other))
