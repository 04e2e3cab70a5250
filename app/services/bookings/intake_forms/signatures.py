"""Signing a form, and reading what was signed: for its client and its practitioner only."""

import json
import uuid
from dataclasses import dataclass

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import clock
from app.lib.chance import new_id
from app.models import Booking, Question, SignedPaper, User
from app.services.bookings.intake_forms.form_answers import Filled, faults
from app.services.bookings.intake_forms.form_requests import Asked, is_open, of_booking
from app.services.bookings.status_changes import locked, role_in
from app.services.core import encryption
from app.services.core.errors import Conflict, Forbidden, NotFound
from app.services.core.transaction import Who, record, transaction
from app.services.notifications import notices


@dataclass(frozen=True)
class Content:
    """What was signed with, opened: the name, and the answers by the key of their question."""

    name: str
    answers: dict[str, str]


def get(booking_id: uuid.UUID, paper_id: int, user: User) -> tuple[Booking, Asked]:
    """One form of a booking, for its client and its practitioner. Raises NotFound: also for staff."""
    booking = db.session.get(Booking, booking_id)
    if booking is None or role_in(booking, user) is Actor.STAFF:
        raise NotFound
    return booking, _one(booking, paper_id)


def sign(booking_id: uuid.UUID, paper_id: int, user: User, filled: Filled) -> Asked:
    """The form is signed with time and version, sealed, and the practitioner will be told.

    Signing it again changes nothing.
    Raises NotFound, Forbidden, Invalid beside its field, Conflict (form_closed, form_changed). (Report S3-27)
    """
    with transaction():
        booking, who = locked(booking_id, user)
        asked = _one(booking, paper_id)
        if who.actor is not Actor.CLIENT:
            raise Forbidden("forbidden")
        if asked.signed is None:
            _sign(booking, asked, filled, who)
        return _one(booking, paper_id)


def opened(signed: SignedPaper, user: User) -> Content:
    """What was signed. Raises NotFound for everybody it was not given to, Unavailable (sealed_away)."""
    if not (user.id == signed.user_id or signed.version.paper.practitioner.is_of(user)):
        raise NotFound
    content = json.loads(encryption.read(signed, "content"))
    return Content(content["name"], content["answers"])


def text_of(signed: SignedPaper, content: Content) -> list[tuple[Question, str]]:
    """Each question of the form, in its order, and the answer; the answer is empty where none was given."""
    return [(question, content.answers.get(question.key, "")) for question in signed.version.questions]


def _one(booking: Booking, paper_id: int) -> Asked:
    found = next((asked for asked in of_booking(booking) if asked.paper.id == paper_id), None)
    if found is None:
        raise NotFound
    return found


def _sign(booking: Booking, asked: Asked, filled: Filled, who: Who) -> None:
    if not is_open(booking):
        raise Conflict("form_closed")
    if filled.version not in (None, asked.version.number):
        raise Conflict("form_changed")
    if wrong := faults(asked.version, filled):
        raise wrong[0]
    filled = filled.tidy()
    signed = SignedPaper(
        id=new_id(),
        version_id=asked.version.id,
        booking_id=booking.id,
        user_id=booking.client_id,
        digest=asked.version.digest,
        signed_at=clock.now(),
    )
    encryption.write(
        signed, "content", json.dumps({"name": filled.name, "answers": filled.answers}, ensure_ascii=False)
    )
    db.session.add(signed)
    db.session.flush()
    record("paper", signed.id, "", "signed", who, booking_id=booking.id)
    notices.tell(booking.practitioner.user_id, "form_signed", booking=booking, cause=signed.id)
