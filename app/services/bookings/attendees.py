"""Who comes to a session, apart from who pays: a child, a couple, a family, friends (S0-20, S3-21)."""

import uuid
from collections.abc import Collection, Iterable, Sequence

from flask import current_app
from sqlalchemy import select

from app.domain.lifecycle import BookingStatus
from app.extensions import db
from app.lib import clock
from app.models import Attendee, Booking, ServiceKind, User
from app.services.accounts.people import clean_text
from app.services.core import batching
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.signed_urls import read_seat, seat_token
from app.services.core.transaction import lock, transaction
from app.services.notifications import notices

NAME_LIMIT = 120
_MOST = {ServiceKind.INDIVIDUAL: 1, ServiceKind.COUPLES: 2, ServiceKind.FAMILY: 10}
_CHANGEABLE = (BookingStatus.PENDING_APPROVAL, BookingStatus.AWAITING_PAYMENT, BookingStatus.CONFIRMED)


def most(kind: ServiceKind, places: int) -> int:
    """How many may come: one, a couple, a family; in a group one for each place."""
    return _MOST.get(kind, places)


def clean(names: Sequence[str], kind: ServiceKind, places: int) -> list[str]:
    """The names, tidy; empty lines do not count. Raises Invalid (too_many_attendees, too_long)."""
    found = [name for name in map(clean_text, names) if name]
    if len(found) > most(kind, places):
        raise Invalid("too_many_attendees", field="names", most=most(kind, places))
    if any(len(name) > NAME_LIMIT for name in found):
        raise Invalid("too_long", field="names", most=NAME_LIMIT)
    return found


def add(booking: Booking, names: Iterable[str]) -> None:
    """They come to the session; inside the caller's transaction."""
    for name in names:
        db.session.add(Attendee(booking_id=booking.id, name=name, created_at=clock.now()))
    db.session.flush()


def of(booking: Booking) -> list[Attendee]:
    """Who comes, in the order they were named; nobody where it is just the client."""
    return _of(booking.id)


@batching.batched("booking", list)
def _of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Attendee]]:
    theirs = select(Attendee).where(Attendee.booking_id.in_(ids)).order_by(Attendee.created_at, Attendee.name)
    return batching.grouped((attendee.booking_id, attendee) for attendee in db.session.scalars(theirs))


def booking_of(booking_id: uuid.UUID, user: User) -> Booking:
    """The booking whose attendees this person may change: their own.

    Raises NotFound, for the other side too.
    """
    booking = db.session.get(Booking, booking_id)
    if booking is None or booking.client_id != user.id:
        raise NotFound
    return booking


def change(booking_id: uuid.UUID, user: User, names: Sequence[str]) -> None:
    """These come, and nobody else; the link of who stays is the same. Only who pays decides.

    Raises NotFound, Invalid, Conflict (not_allowed) once the session has begun or ended.
    """
    with transaction() as session:
        booking = lock(Booking, booking_id)
        if booking is None or booking.client_id != user.id:
            raise NotFound
        if booking.status not in _CHANGEABLE:
            raise Conflict("not_allowed", action="attendees", status=booking.status.value)
        wanted = clean(names, booking.kind, booking.places)
        for known in of(booking):
            if known.name in wanted:
                wanted.remove(known.name)
            else:
                session.delete(known)
        add(booking, wanted)


def ask_again(booking: Booking) -> None:
    """Who said that they cannot come may come to another time: nobody has been asked about it yet (bookings 16).

    Inside the caller's transaction.
    """
    for attendee in of(booking):
        attendee.away_at = None


def link_of(attendee: Attendee) -> str:
    """The address of the attendee's seat, to be passed on to them."""
    return f"{current_app.config['PUBLIC_URL']}/seats/{seat_token(current_app, attendee.id)}"


def by_link(token: str) -> Attendee:
    """The attendee whose seat the link is for.

    Raises NotFound: forged, or no longer among those who come.
    """
    attendee_id = read_seat(current_app, token)
    attendee = db.session.get(Attendee, attendee_id) if attendee_id else None
    if attendee is None:
        raise NotFound
    return attendee


def may_say(booking: Booking) -> bool:
    """Whether an attendee can still say that they come or not: the session is ahead."""
    return booking.status in _CHANGEABLE and booking.starts_at > clock.now()


def say(token: str, *, comes: bool) -> None:
    """The attendee comes, or cannot.

    Who pays is told, and nothing else changes: not the booking, not anybody's money.
    Raises NotFound, Conflict (not_allowed) once the session has begun or ended.
    """
    with transaction():
        attendee = by_link(token)
        booking = lock(Booking, attendee.booking_id)
        if booking is None or not may_say(booking):
            raise Conflict("not_allowed", action="seat", status=booking.status.value if booking else "")
        if comes == (attendee.away_at is None):
            return
        attendee.away_at = None if comes else clock.now()
        kind = "attendee_comes" if comes else "attendee_away"
        data = {"name": attendee.name}
        # Each answer once a day and time of the session, however often it is given.
        cause = f"{attendee.id}:{booking.starts_at:%Y%m%dT%H%M}:{clock.now().date()}"
        notices.tell(booking.client_id, kind, booking=booking, cause=cause, data=data, once=True)
