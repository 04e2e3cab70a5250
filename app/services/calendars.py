"""Sessions in people's own calendars: what goes with a mail, and the file on the booking's page. Discreet like the mails."""

from email.utils import parseaddr
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale, gettext

from app import clock, invitations
from app.invitations import Person, Session
from app.lifecycle import TABS
from app.models import Booking, Notification, User
from app.services import switches
from app.services.errors import NotFound

_INVITES = frozenset({"booking_confirmed", "booking_confirmed_practitioner", "booking_moved"})
_ENDS = frozenset({"booking_cancelled"})


def attached(notice: Notification) -> bytes | None:
    """The calendar entry that goes with this mail: an invitation, or the end of one; None where there is none.

    Who was never invited, because the booking was never confirmed, has nothing to be told off.
    """
    booking = notice.booking
    if booking is None or notice.kind not in _INVITES | _ENDS or booking.confirmed_at is None:
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


def _session(booking: Booking, user: User) -> Session:
    address = current_app.config["PUBLIC_URL"]
    return Session(
        booking_id=booking.id,
        domain=urlsplit(address).hostname or "kikao",
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
        if switches.names_sessions(user):
            return str(gettext("%(title)s with %(name)s", title=booking.title, name=other))
        return str(gettext("Session with %(name)s", name=other))
