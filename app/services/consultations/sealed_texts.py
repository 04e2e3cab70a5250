"""What is written, as rows: tidy, sealed, numbered; and opened again for those who may read it."""

import uuid
from collections.abc import Iterable

from sqlalchemy import select

from app.extensions import db
from app.lib import chance, clock, text
from app.models import Checkout, Consultation, ConsultationFile, ConsultationMessage, User
from app.services.core import encryption
from app.services.core.errors import Invalid

TEXT_LIMIT = 2000
MESSAGES_LIMIT = 200  # of each side of a conversation


def clean(written: str, field: str, *, needed: bool = True) -> str:
    """The text without what is not seen.

    Raises Invalid (question_missing, answer_missing, ..., too_long) beside the field.
    """
    written = text.clean(written)
    if needed and not written:
        raise Invalid(f"{field}_missing", field=field)
    if len(written) > TEXT_LIMIT:
        raise Invalid("too_long", field=field, most=TEXT_LIMIT)
    return written


def add(
    checkout_id: uuid.UUID,
    number: int,
    author: User,
    written: str,
    request_key: str | None = None,
    files: Iterable[ConsultationFile] = (),
) -> ConsultationMessage:
    """The message is stored, sealed; inside the caller's transaction."""
    message = ConsultationMessage(
        id=chance.new_id(),
        checkout_id=checkout_id,
        number=number,
        author_id=author.id,
        request_key=request_key,
        written_at=clock.now(),
    )
    encryption.write(message, "text", written)
    message.files = list(files)
    db.session.add(message)
    db.session.flush()
    return message


def first_of(checkout: Checkout) -> str:
    """The question the checkout is for. Raises Unavailable (sealed_away)."""
    statement = select(ConsultationMessage).where(
        ConsultationMessage.checkout_id == checkout.id, ConsultationMessage.number == 1
    )
    return text_of(db.session.scalars(statement).one())


def text_of(message: ConsultationMessage) -> str:
    """What the message says. Raises Unavailable (sealed_away)."""
    return encryption.read(message, "text")


def question_of(consultation: Consultation) -> ConsultationMessage:
    """The first message."""
    return consultation.messages[0]


def answer_of(consultation: Consultation) -> ConsultationMessage | None:
    """The practitioner's first message, if that was an answer."""
    return next(iter(_from_practice(consultation)), None) if consultation.answered_at else None


def reason_of(consultation: Consultation) -> ConsultationMessage | None:
    """Why the practitioner did not answer, where they said so."""
    return next(iter(_from_practice(consultation)), None) if not consultation.answered_at else None


def _from_practice(consultation: Consultation) -> list[ConsultationMessage]:
    return [message for message in consultation.messages if message.author_id != consultation.client_id]
