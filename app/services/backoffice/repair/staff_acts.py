"""What every act of staff begins with: who acts, on which row, with which words."""

from typing import TypeVar

from app.domain.lifecycle import Actor
from app.models import Base, Role, User
from app.services.core.errors import Forbidden, Invalid, NotFound
from app.services.core.transaction import Who, lock

EVIDENCE_LIMIT = 500
_Row = TypeVar("_Row", bound=Base)


def principal(staff: User) -> Who:
    """Return who acts. Raises Forbidden for everybody but staff."""
    if staff.role is not Role.STAFF:
        raise Forbidden("forbidden")
    return Who(Actor.STAFF, staff.id)


def checked_evidence(words: str, missing: str = "evidence_missing") -> str:
    """Return the words without blanks around them. Raises Invalid (`missing`, too_long)."""
    words = words.strip()
    if not words:
        raise Invalid(missing, field="evidence")
    if len(words) > EVIDENCE_LIMIT:
        raise Invalid("too_long", field="evidence", most=EVIDENCE_LIMIT)
    return words


def locked(model: type[_Row], key: object) -> _Row:
    """Return the row, locked until the transaction ends. Raises NotFound."""
    row = lock(model, key)
    if row is None:
        raise NotFound
    return row
