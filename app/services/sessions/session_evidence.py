"""What a practitioner stores as evidence of a session: checked by its content, read by few."""

import uuid

from sqlalchemy import select

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import chance, clock
from app.models import Booking, SessionProof, User
from app.services import bookings
from app.services.core import uploads
from app.services.core.errors import Invalid, NotFound

LIMIT = uploads.LIMIT


def checked(file_name: str, content: bytes) -> SessionProof | None:
    """A proof to complete a session with; None where no file was sent (S3-16).

    Raises Invalid (proof_size, proof_type).
    """
    if not content:
        if file_name:
            raise Invalid("proof_type", field="file")
        return None
    media = uploads.media_type(content)
    return SessionProof(
        id=chance.new_id(),
        file_name=uploads.clean_name(file_name, media),
        media_type=media,
        size=len(content),
        content=content,
        sent_at=clock.now(),
    )


def of(booking: Booking, user: User) -> SessionProof | None:
    """The booking's proof, for its practitioner and staff; None for the client. Raises NotFound."""
    if bookings.role_in(booking, user) is Actor.CLIENT:
        return None
    statement = select(SessionProof).where(SessionProof.booking_id == booking.id)
    return db.session.scalars(statement).one_or_none()


def get(booking_id: uuid.UUID, user: User) -> SessionProof:
    """The booking's proof. Raises NotFound, where there is none too."""
    found = of(bookings.get(booking_id, user), user)
    if found is None:
        raise NotFound
    return found
