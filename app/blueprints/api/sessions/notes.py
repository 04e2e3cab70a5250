"""Private notes on a session nobody came to."""

from uuid import UUID

from pydantic import Field

from app.blueprints.api.base import Shape
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Instant, Taken
from app.models import BookingNote
from app.services import bookings
from app.services.sessions import notes


class NoteRequest(Taken):
    """What to keep in mind; only the caller and staff read it."""

    text: str = Field(description="1 to 2000 characters")


class NoteView(Shape):
    """A private note; `name` is its writer's."""

    name: str
    text: str
    written_at: Instant

    @classmethod
    def of(cls, note: BookingNote) -> "NoteView":
        """The view of its writer and staff."""
        return cls(name=note.user.name, text=note.text, written_at=note.written_at)


@call(
    "POST /bookings/<uuid:booking_id>/note",
    "Leave a private note on a no-show, in place of an earlier one",
    takes=NoteRequest,
    gives=NoteView,
)
def write(body: NoteRequest, booking_id: UUID) -> NoteView:
    """The note stands."""
    return NoteView.of(notes.write(booking_id, caller(), body.text))


@call("GET /bookings/<uuid:booking_id>/notes", "My private note; for staff those of both sides", gives=list[NoteView])
def read(booking_id: UUID) -> list[NoteView]:
    """What the caller may read."""
    return [NoteView.of(note) for note in notes.readable(bookings.get(booking_id, caller()), caller())]
