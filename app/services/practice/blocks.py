"""People a practitioner takes nothing new from; what was agreed before stands."""

from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.lib import clock
from app.models import Block, Booking, Consultation, Practitioner, User
from app.services.core.errors import NotFound
from app.services.core.transaction import lock, transaction
from app.services.practice.public_profile.profiles import of_user


def block(user: User, client_id: int) -> None:
    """The client can ask this person, a practitioner, for nothing any more: no session, wait, question or package.

    Blocked again it is one block. Raises NotFound for who is not their client.
    """
    practitioner_id = _own(user, client_id)
    with transaction() as session:
        lock(Practitioner, practitioner_id)  # two presses are looked at one by one, and requests before or after
        if not is_blocked(practitioner_id, client_id):
            session.add(Block(practitioner_id=practitioner_id, client_id=client_id, created_at=clock.now()))


def unblock(user: User, client_id: int) -> None:
    """The client can ask again, as before if they were not blocked. Raises NotFound for who is not their client."""
    practitioner_id = _own(user, client_id)
    with transaction() as session:
        lock(Practitioner, practitioner_id)
        if row := session.get(Block, (practitioner_id, client_id)):
            session.delete(row)


def blocked_by(practitioner: Practitioner) -> list[tuple[User, datetime]]:
    """Whom the practitioner has blocked and since when (UTC), the last one first."""
    theirs = select(Block).where(Block.practitioner_id == practitioner.id).order_by(Block.created_at.desc())
    return [(row.client, row.created_at) for row in db.session.scalars(theirs)]


def is_blocked(practitioner_id: int, client_id: int) -> bool:
    """Whether the practitioner takes nothing from this client."""
    theirs = select(Block.client_id).where(Block.practitioner_id == practitioner_id, Block.client_id == client_id)
    return db.session.scalar(theirs) is not None


def _own(user: User, client_id: int) -> int:
    """The practice's id, if the client ever booked or asked there: of others nobody learns whether there is such a one."""
    practitioner_id = of_user(user).id
    for model in (Booking, Consultation):
        theirs = select(model.id).where(model.practitioner_id == practitioner_id, model.client_id == client_id)
        if db.session.scalar(theirs.limit(1)) is not None:
            return practitioner_id
    raise NotFound
