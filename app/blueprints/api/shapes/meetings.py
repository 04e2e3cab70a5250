"""What the API says of where a booking's people meet and of their call."""

from pydantic import Field

from app.blueprints.api.base import Instant, Shape
from app.domain.meetings import MeetingKind
from app.models import Booking, User
from app.services import bookings


class MeetingView(Shape):
    """Where people meet: generated, fixed, typed (all by a link) or in_person."""

    kind: MeetingKind
    available_from: Instant | None = Field(description="when the link is shown; null in person")
    url: str | None = Field(description="for those who take part, from available_from until the session has ended")
    place: str | None = Field(description="in person, for those who take part, until the booking is cancelled")

    @classmethod
    def of(cls, booking: Booking, user: User) -> "MeetingView":
        """What `user` may know now."""
        meeting = bookings.meeting_of(booking, user)
        return cls(kind=meeting.kind, available_from=meeting.available_from, url=meeting.url, place=meeting.place)


class CallView(Shape):
    """The call as those who take part noted it; `minutes` once it has ended, every begun one counted."""

    started_at: Instant | None
    ended_at: Instant | None
    minutes: int | None

    @classmethod
    def of(cls, booking: Booking) -> "CallView":
        """The booking's call."""
        return cls(started_at=booking.call_started_at, ended_at=booking.call_ended_at, minutes=booking.call_minutes)
