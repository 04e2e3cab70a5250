"""Where a booking's people meet: frozen with it, shown to them in time, changed by the practitioner."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select

from app.domain.lifecycle import TABS, Actor, BookingStatus
from app.domain.meetings import PROVIDERS, BadPlace, BookingFacts, MeetingKind, clean_link
from app.extensions import db
from app.lib import chance, clock
from app.models import Booking, Slot, User
from app.services.bookings.quote import Quote
from app.services.bookings.status_changes import role_in, status_now
from app.services.bookings.time_windows import link_from
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.core.transaction import transaction
from app.services.notifications import notices

_ROOM = 24  # characters of a generated room's name: 118 bits
_COMING = TABS["waiting"] + TABS["upcoming"]
_MAY_COME = (*_COMING, BookingStatus.EXPIRED)  # late money may take an expired one up again


@dataclass(frozen=True)
class Meeting:
    """What one person may know of where a booking's people meet, now."""

    kind: MeetingKind
    available_from: datetime | None  # of the link; None where there is none
    is_given: bool  # whether there is a link or a place
    url: str | None  # only for those who take part, in time
    place: str | None


def freeze(quote: Quote, group_id: int | None) -> dict[str, object]:
    """Where a new booking's people meet: as was agreed, or where those in the same slot of a group do."""
    kind = MeetingKind(quote.meeting_kind)
    where = _shared(group_id, kind) if group_id is not None else None
    return {"meeting_kind": kind, "meeting_where": where or _fresh(kind, quote.meeting_where)}


def settle_in(booking: Booking, left: Slot) -> None:
    """A booking that left a group's slot meets where its new slot does, or somewhere of its own.

    The practitioner's own room, or a place, is the same for every slot. Inside the caller's transaction.
    """
    slot = db.session.get_one(Slot, booking.slot_id)
    kind = booking.meeting_kind
    if slot.id == left.id or max(slot.capacity, left.capacity) == 1:
        return
    booking.meeting_where = _shared(slot.id, kind, booking) or _fresh(kind, booking.meeting_where)


def _fresh(kind: MeetingKind, where: str) -> str:
    facts = BookingFacts(where, f"kikao-{chance.reference(_ROOM)}", current_app.config["MEETING_BASE"])
    return PROVIDERS[kind].link(facts)


def _shared(slot_id: int, kind: MeetingKind, newcomer: Booking | None = None) -> str | None:
    """Where others of the same slot meet; the caller holds the diary's lock."""
    others = select(Booking.meeting_where).where(Booking.slot_id == slot_id, Booking.meeting_kind == kind)
    if newcomer is not None:
        others = others.where(Booking.id != newcomer.id)
    return db.session.scalar(others.where(Booking.status.in_(_MAY_COME)).order_by(Booking.created_at.desc()).limit(1))


def is_ready(booking: Booking) -> bool:
    """Whether a confirmed session is about to begin, or should have: nothing is stored for it (S2-11)."""
    confirmed = booking.status is BookingStatus.CONFIRMED
    return confirmed and link_from(booking) <= clock.now() < booking.ends_at


def word(booking: Booking) -> str:
    """The booking's status in a word for people, by the clock; "ready" is one of them (S2-23)."""
    return "ready" if is_ready(booking) else status_now(booking).value


def meeting_of(booking: Booking, user: User) -> Meeting:
    """Where its people meet, as far as the person may know it now. Raises NotFound.

    The link is there from KIKAO_LINK_MINUTES before, or from the start if that is earlier, until the session has ended.
    """
    takes_part = role_in(booking, user) is not Actor.STAFF and booking.status in TABS["upcoming"]
    in_time = booking.status is BookingStatus.IN_PROGRESS or clock.now() >= link_from(booking)
    where = booking.meeting_where or None
    return Meeting(
        kind=booking.meeting_kind,
        available_from=link_from(booking) if booking.is_online else None,
        is_given=where is not None,
        url=where if booking.is_online and takes_part and in_time else None,
        place=where if not booking.is_online and _may_know_place(booking, user) else None,
    )


def _may_know_place(booking: Booking, user: User) -> bool:
    """A place is known from the request on: who asks, pays or answers must know where; after the end it is nobody's news."""
    return role_in(booking, user) is not Actor.STAFF and booking.status not in TABS["cancelled"]


def change_link(booking_id: uuid.UUID, user: User, url: str) -> Booking:
    """Everybody in the booking's slot meets there; those whose booking stands are told (S3-15).

    Raises NotFound, Forbidden, Invalid beside `url`, Conflict (not_allowed, meeting_in_person).
    """
    url = checked_link(url)
    with transaction():
        booking, others = _locked(booking_id, user)
        if not booking.is_online:
            raise Conflict("meeting_in_person")
        if status_now(booking) not in _COMING:
            raise Conflict("not_allowed", action="link", status=status_now(booking).value)
        for each in others:
            if each.meeting_where != url and each.is_online:
                _change(each, url)
        return booking


def checked_link(url: str) -> str:
    """The link, tidy. Raises Invalid beside `url`."""
    try:
        return clean_link(url)
    except BadPlace as bad:
        raise Invalid(bad.code, field="url", **bad.values) from None


def _locked(booking_id: uuid.UUID, user: User) -> tuple[Booking, list[Booking]]:
    """The booking and all of its slot that may still come, locked in one order.

    Raises NotFound, Forbidden.
    """
    slot_id = db.session.scalar(select(Booking.slot_id).where(Booking.id == booking_id))
    statement = select(Booking).where(Booking.slot_id == slot_id).order_by(Booking.id).with_for_update(key_share=True)
    rows = db.session.scalars(statement.execution_options(populate_existing=True)).all()
    booking = next((row for row in rows if row.id == booking_id), None)
    if booking is None:
        raise NotFound
    if role_in(booking, user) is not Actor.PRACTITIONER:
        raise Forbidden("forbidden")
    return booking, [row for row in rows if row.status in _MAY_COME]


def _change(booking: Booking, url: str) -> None:
    booking.meeting_where = url
    if booking.status in TABS["upcoming"]:
        notices.tell(booking.client_id, "meeting_link_changed", booking=booking, cause=clock.now().isoformat())
