"""Reading receipts: the client's own, the practitioner's of their clients, all for staff; strangers find nothing."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true

from app.extensions import db
from app.lib.tables import pages
from app.models import Attempt, Practitioner, Receipt, Role, User
from app.services.core.errors import NotFound

PAGE = 20
MOST_LISTED = 1_000  # older ones are found by their numbers, and on their bookings


@dataclass(frozen=True)
class Page:
    """One page of receipts and how many there are, as far as MOST_LISTED."""

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
    ways = [select(Receipt).where(side) for side in _sides(user)]
    if wanted := q.strip().replace("%", "").replace("_", "")[:32]:
        ways = [way.where(Receipt.number.ilike(f"%{wanted}%")) for way in ways]
    total = int(db.session.scalar(select(pages.count_of(ways, MOST_LISTED))) or 0)
    page = min(max(1, page), MOST_LISTED // PAGE + 1)
    newest = (Receipt.issued_at.desc(), Receipt.series.asc(), Receipt.nth.desc(), Receipt.id.desc())
    found = pages.page_of(Receipt, ways, newest, PAGE, page) if page <= MOST_LISTED // PAGE else None
    return Page(list(db.session.scalars(found)) if found is not None else [], page, min(total, MOST_LISTED))


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
    return or_(*_sides(user))


def _sides(user: User) -> list[ColumnElement[bool]]:
    """Each found by an index of its own; nobody pays themselves, so no document is of two."""
    if user.role is Role.STAFF:
        return [true()]
    own = Receipt.client_id == user.id
    if user.role is not Role.PRACTITIONER:
        return [own]
    return [own, Receipt.practitioner_id == Practitioner.ids_of(user).scalar_subquery()]
