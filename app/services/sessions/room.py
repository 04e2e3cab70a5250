"""The session room as one person sees it now: computed from the clock and the booking's row."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.lifecycle import TABS, Actor, BookingStatus
from app.extensions import db
from app.lib import clock
from app.models import Booking, SessionProof, User
from app.services import bookings
from app.services.bookings import Meeting, attendance, contests
from app.services.sessions import session_evidence

_STATES = {
    BookingStatus.IN_PROGRESS: "on",
    BookingStatus.COMPLETED: "over",
    BookingStatus.NO_SHOW: "over",
}


@dataclass(frozen=True)
class Room:
    """`state`: closed (no session to come), before, ready, on, over.

    `can`: what this person may press now.
    """

    booking: Booking
    part: Actor
    state: str
    meeting: Meeting
    people: list[tuple[str, bool]]  # names, and whether it is the reader
    can: frozenset[str]
    opens_at: datetime | None  # while it is before: when the page becomes another by itself
    absent_from: datetime  # when the client may be noted as absent
    proof: SessionProof | None

    @property
    def mark(self) -> str:
        """Another word as soon as there is something else to see."""
        call = (self.booking.call_started_at, self.booking.call_ended_at)
        seen = (self.booking.version, self.state, self.meeting.url, sorted(self.can), call, self.is_in_grace)
        return sha256(repr(seen).encode()).hexdigest()[:16]

    @property
    def is_in_grace(self) -> bool:
        """Whether it was to begin, and nobody may be noted as absent yet."""
        return self.booking.starts_at <= clock.now() < self.absent_from

    @property
    def is_late(self) -> bool:
        """Whether the agreed time is over."""
        return clock.now() >= self.booking.ends_at


def of(booking_id: uuid.UUID, user: User) -> Room:
    """The room (S2-11, S2-12). Raises NotFound."""
    booking = bookings.get(booking_id, user)
    part = bookings.role_in(booking, user)
    meeting = bookings.meeting_of(booking, user)
    state = _state(booking)
    return Room(
        booking=booking,
        part=part,
        state=state,
        meeting=meeting,
        people=_people(booking, user, part),
        can=frozenset(
            [*_acts(booking, user, part), *_call_acts(booking, part, state), *contests.actions(booking, user)]
        ),
        opens_at=_opens_at(booking) if state == "before" else None,
        absent_from=bookings.possible_from(booking, "no-show"),
        proof=session_evidence.of(booking, user),
    )


def is_open(booking: Booking) -> bool:
    """Whether there is a session to go to."""
    return _state(booking) in ("before", "ready", "on")


def _state(booking: Booking) -> str:
    if booking.status is BookingStatus.CONFIRMED:
        return "ready" if bookings.link_from(booking) <= clock.now() else "before"
    return _STATES.get(booking.status, "closed")


def _opens_at(booking: Booking) -> datetime:
    """The next moment at which there is more to do: starting, or the link."""
    moments = (bookings.possible_from(booking, "start"), bookings.link_from(booking))
    return min((moment for moment in moments if moment > clock.now()), default=booking.starts_at)


def _people(booking: Booking, user: User, part: Actor) -> list[tuple[str, bool]]:
    """Who comes: the practitioner knows everybody, members of a group do not know each other."""
    clients = [booking.client]
    if part is not Actor.CLIENT:
        same = select(Booking).where(Booking.slot_id == booking.slot_id, Booking.status.in_(TABS["upcoming"]))
        rows = db.session.scalars(same.order_by(Booking.created_at).options(selectinload(Booking.client)))
        clients = list(dict.fromkeys([*clients, *(row.client for row in rows)]))
    return [(booking.practitioner.name, part is Actor.PRACTITIONER), *((c.name, c.id == user.id) for c in clients)]


def _acts(booking: Booking, user: User, part: Actor) -> list[str]:
    """What the table of moves and the clock allow."""
    timely = [a for a in bookings.actions(booking, user) if bookings.possible_from(booking, a) <= clock.now()]
    if booking.both_were_in_call:
        timely = [a for a in timely if a != "no-show"]
    found = [action for action in timely if action in ("start", "complete", "no-show")]
    coming = bookings.status_now(booking) in TABS["waiting"] + TABS["upcoming"]
    return [*found, "link"] if part is Actor.PRACTITIONER and booking.is_online and coming else found


def _call_acts(booking: Booking, part: Actor, state: str) -> list[str]:
    if part is Actor.STAFF or not booking.is_online or state != "on":
        return []
    if booking.call_started_at is None:
        return ["start-call"]
    joining = [] if attendance.has_joined(booking, part) else ["start-call"]
    return [*joining, "end-call"] if booking.call_ended_at is None else []
