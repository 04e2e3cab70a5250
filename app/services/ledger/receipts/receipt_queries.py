"""Reading receipts: the client's own, the practitioner's of their clients, all for staff; strangers find nothing."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true

from app.extensions import db
from app.models import Attempt, Practitioner, Receipt, Role, User
from app.services.core.errors import NotFound

PAGE = 20


@dataclass(frozen=True)
class Page:
    """One page of receipts and how many there are in all."""

    items: list[Receipt]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def get(receipt_id: uuid.UUID, user: User) -> Receipt:
    """The document, if it concerns the person. Raises NotFound."""
    found = db.session.scalars(select(Receipt).where(Receipt.id == receipt_id, _mine(user))).one_or_none()
    if found is None:
        raise NotFound
    return found


def find(user: User, q: str = "", page: int = 1) -> Page:
    """The person's documents, the newest first; with `q` those whose number has it in it."""
    rows = select(Receipt).where(_mine(user))
    if wanted := q.strip().replace("%", "").replace("_", "")[:32]:
        rows = rows.where(Receipt.number.ilike(f"%{wanted}%"))
    total = int(db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0)
    page = min(max(1, page), 100_000)
    newest = rows.order_by(Receipt.issued_at.desc(), Receipt.series, Receipt.nth.desc())
    return Page(list(db.session.scalars(newest.offset((page - 1) * PAGE).limit(PAGE))), page, total)


def of_booking(booking_id: uuid.UUID) -> list[Receipt]:
    """Every document about the booking, the oldest first; for who has a part in it."""
    statement = select(Receipt).where(Receipt.booking_id == booking_id)
    return list(db.session.scalars(statement.order_by(Receipt.issued_at, Receipt.series, Receipt.nth)))


def of_checkout(checkout_id: object) -> list[Receipt]:
    """Every document about what was paid with the checkout, the oldest first; a message names its id as text."""
    tries = select(Attempt.id).where(Attempt.checkout_id == uuid.UUID(str(checkout_id)))
    statement = select(Receipt).where(Receipt.attempt_id.in_(tries))
    return list(db.session.scalars(statement.order_by(Receipt.issued_at, Receipt.series, Receipt.nth)))


def _mine(user: User) -> ColumnElement[bool]:
    if user.role is Role.STAFF:
        return true()
    theirs = Practitioner.ids_of(user)
    return or_(Receipt.client_id == user.id, Receipt.practitioner_id.in_(theirs))
