"""Sessions in people's own calendars: with a mail, as a file, at a private address. Discreet like the mails."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from uuid import UUID, uuid5

from flask import current_app
from flask_babel import force_locale, gettext
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import load_only, selectinload

from app.domain.lifecycle import TABS, Actor, BookingStatus
from app.extensions import db
from app.lib import chance, clock
from app.lib.calendars import add_links, invitations
from app.lib.calendars.add_links import Link
from app.lib.calendars.invitations import Invitation, Person, Session
from app.models import Booking, Notification, Practitioner, User
from app.services import house
from app.services.core.errors import NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.notifications import message_kinds, preferences

_STANDS = (*TABS["upcoming"], BookingStatus.COMPLETED)
_PAST = timedelta(days=31)
_MOST = 1000  # sessions in one feed
_GROUPS = UUID("5d0c7d3c-6f0b-4f6e-9f50-0a3f7c1f9d11")  # the namespace of groups' names; never changes
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def attached(notice: Notification) -> Invitation | None:
    """Return the calendar entry that goes with this mail: an invitation, or the end of one.

    Who was never invited, because the booking was never confirmed, has nothing to be told off.
    """
    booking = notice.booking
    if booking is None or booking.confirmed_at is None or not message_kinds.of(notice.kind).has_calendar:
        return None
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    return invitations.invitation(
        _told(notice, booking),
        Person(house.known().own_name or name or "Kikao", address),
        Person(notice.user.name, notice.user.email),
    )


def _told(notice: Notification, booking: Booking) -> Session:
    """What a mail's entry says: of the booking as it stands now, or of the group's time that its last seat has left."""
    if left := notice.data.get("left"):
        start, end = (datetime.fromisoformat(moment) for moment in left)
        return _of_group(booking, notice.user, start, end)
    return _session(booking, notice.user)


def is_kept(booking: Booking) -> bool:
    """Whether there is a calendar file of the booking: it was confirmed once."""
    return booking.confirmed_at is not None


def file(booking: Booking, user: User) -> bytes:
    """The booking for a calendar, as it stands now. Raises NotFound before it was confirmed."""
    if not is_kept(booking):
        raise NotFound
    return invitations.file(_session(booking, user))


def links(booking: Booking, user: User) -> list[Link]:
    """By which the person puts the session into a calendar that takes entries by a link; nobody is asked for it."""
    return add_links.of(_session(booking, user))


def feed_of(key: str) -> bytes:
    """Return the calendar at a private address: sessions that stand, from a month ago on. Raises NotFound."""
    user = db.session.scalars(select(User).where(User.feed_key == key)).one_or_none() if key.isalnum() else None
    if user is None or not user.active:
        raise NotFound
    theirs = Practitioner.ids_of(user)
    mine = or_(Booking.client_id == user.id, Booking.practitioner_id.in_(theirs))
    rows = select(Booking).where(mine, Booking.status.in_(_STANDS), Booking.starts_at > clock.now() - _PAST)
    rows = rows.options(selectinload(Booking.practitioner), selectinload(Booking.client), selectinload(Booking.slot))
    found = db.session.scalars(rows.order_by(Booking.starts_at).limit(_MOST))
    return invitations.feed((_session(booking, user) for booking in _once_a_group(found, user)), house.known().name)


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


def uids_of(practitioner_id: int, since: datetime) -> frozenset[str]:
    """The names of the practitioner's sessions that end after `since`, as they stand in people's calendars."""
    theirs = select(Booking).where(Booking.practitioner_id == practitioner_id, Booking.ends_at > since)
    rows = theirs.options(load_only(Booking.id, Booking.uid_host, Booking.service_id, Booking.starts_at))
    names = [(each.calendar_uid, group_uid(each.service_id, each.starts_at)) for each in db.session.scalars(rows)]
    return frozenset(name for both in names for name in both)


def _locked(user: User) -> User:
    found = lock(User, user.id)
    if found is None:
        raise NotFound
    return found


def _set_key(user: User, key: str | None) -> None:
    before, after = ("given" if each else "" for each in (user.feed_key, key))
    record("feed", user.id, before, after or "removed", Who(Actor(user.role.value), user.id))
    user.feed_key = key


def group_uid(service_id: int, start: datetime) -> str:
    """What stands for a group's time in its host's calendar, whoever comes and goes, and whichever slot it was."""
    return str(uuid5(_GROUPS, f"{service_id} {start.astimezone(UTC).isoformat()}"))


def _hosts_group(booking: Booking, user: User) -> bool:
    return user.id != booking.client_id and booking.slot.capacity > 1


def _once_a_group(found: Iterable[Booking], user: User) -> Iterable[Booking]:
    """Each session once: whoever gives a group has one entry for it, not one for each seat."""
    seen: set[int] = set()
    for booking in found:
        if not _hosts_group(booking, user) or booking.slot_id not in seen:
            seen.add(booking.slot_id)
            yield booking


def _of_group(booking: Booking, user: User, start: datetime, end: datetime) -> Session:
    """The entry of whoever gives a group: one for everybody who comes then, cancelled once nobody does.

    Seats come and go and take their versions with them, so its SEQUENCE is the clock: a later word is a higher one.
    """
    return Session(
        uid=group_uid(booking.service_id, start),
        sequence=int((clock.now() - _EPOCH).total_seconds()),
        starts_at=start,
        ends_at=end,
        summary=_summary(booking, user),
        url=f"{current_app.config['PUBLIC_URL']}/sessions/{booking.slot_id}",
        stamp=clock.now(),
        location=_location(booking),
        cancelled=db.session.scalar(_coming(booking, start)) is None,
    )


def _coming(booking: Booking, start: datetime) -> Select[UUID]:
    same = select(Booking.id).where(Booking.service_id == booking.service_id, Booking.starts_at == start)
    return same.where(Booking.status.in_(_STANDS)).limit(1)


def _location(booking: Booking) -> str:
    """Where to go: the place, or the page that leads into the room; discreet mode hides what it is about, not where."""
    room = f"{current_app.config['PUBLIC_URL']}/bookings/{booking.id}/room"
    return room if booking.is_online else booking.meeting_where


def _session(booking: Booking, user: User) -> Session:
    if _hosts_group(booking, user):
        return _of_group(booking, user, booking.starts_at, booking.ends_at)
    address = current_app.config["PUBLIC_URL"]
    return Session(
        uid=booking.calendar_uid,
        sequence=booking.version,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        summary=_summary(booking, user),
        url=f"{address}/bookings/{booking.id}",
        stamp=clock.now(),
        location=_location(booking),
        cancelled=booking.status in TABS["cancelled"],
    )


def _summary(booking: Booking, user: User) -> str:
    other = booking.practitioner.name if user.id == booking.client_id else booking.client.name
    with force_locale(user.language):
        if _hosts_group(booking, user):
            return booking.title if preferences.names_sessions(user) else str(gettext("Group session"))
        if preferences.names_sessions(user):
            return str(gettext("%(title)s with %(name)s", title=booking.title, name=other))
        return str(gettext("Session with %(name)s", name=other))
