"""Private notes on a session nobody came to."""

from typing import Annotated
from uuid import UUID

from app.blueprints.api.base import Code, Instant, Shape, Taken, prose
from app.blueprints.api.calls import call, caller
from app.models import BookingNote
from app.services import bookings
from app.services.sessions import notes


class NoteRequest(Taken, json_schema_extra={"examples": [{"text": "I waited for twenty minutes."}]}):
    """What to keep in mind; only the caller and staff read it."""

    text: Annotated[str, prose(notes.TEXT_LIMIT, filled=True), Code("note_missing", field="note")]


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
    "POST /bookings/{booking_id}/note",
    "Leave a private note on a no-show, in place of an earlier one",
    name="write_note",
    takes=NoteRequest,
    gives=NoteView,
    fails=(
        "403 forbidden",
        "409 not_allowed",
    ),
)
def write(body: NoteRequest, booking_id: UUID) -> NoteView:
    """The note stands."""
    return NoteView.of(notes.write(booking_id, caller(), body.text))


@call(
    "GET /bookings/{booking_id}/notes",
    "My private note; for staff those of both sides",
    name="list_notes",
    gives=list[NoteView],
)
def read(booking_id: UUID) -> list[NoteView]:
    """What the caller may read."""
    return [NoteView.of(note) for note in notes.readable(bookings.get(booking_id, caller()), caller())]
