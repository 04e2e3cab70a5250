"""The whole trail: every change there ever was, looked through by what, who, when, and any words (report S3-34)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from app.domain.lifecycle import Actor
from app.extensions import db
from app.models import Attempt, Change, User

PAGE = 50
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Wish:
    """What to look for; between the two instants, by any words: an id, a payment's reference, a name, a reason."""

    subject: str = ""
    actor: Actor | None = None
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Step:
    """One change, with the name of the person who made it where it was one."""

    change: Change
    who: str


@dataclass(frozen=True)
class Page:
    """One page of the trail and how much there is in all."""

    steps: list[Step]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def find(wish: Wish, page: int = 1) -> Page:
    """One page of the changes that fit, the newest first."""
    conditions = _conditions(wish)
    counted = select(func.count(Change.id)).outerjoin(User, User.id == Change.actor_id).where(*conditions)
    total = db.session.scalar(counted) or 0
    page = min(max(1, page), max(1, -(-total // PAGE)))
    rows = _ordered(conditions).offset((page - 1) * PAGE).limit(PAGE)
    return Page(_steps(db.session.execute(rows)), page, total)


def every(wish: Wish) -> list[Step]:
    """Return every step that fits the wish, from the newest back, ten thousand at the most."""
    return _steps(db.session.execute(_ordered(_conditions(wish)).limit(MOST_ROWS)))


def _ordered(conditions: list[ColumnElement[bool]]) -> Select[Change, str]:
    rows = select(Change, User.name).outerjoin(User, User.id == Change.actor_id).where(*conditions)
    return rows.order_by(Change.at.desc(), Change.id.desc())


def _steps(rows: Iterable[Row[Change, str]]) -> list[Step]:
    return [Step(change, name or "") for change, name in rows]


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.subject:
        found.append(Change.subject == wish.subject)
    if wish.actor:
        found.append(Change.actor == wish.actor)
    if wish.since:
        found.append(Change.at >= wish.since)
    if wish.until:
        found.append(Change.at < wish.until)
    if q := wish.q.strip():
        found.append(_by_words(q))
    return found


def _by_words(q: str) -> ColumnElement[bool]:
    """An id of a booking or of what changed, a payment's reference, who did it, or what they gave as the reason."""
    key = _uuid(q)
    if key is not None:
        return or_(Change.booking_id == key, Change.subject_id == str(key))
    if q.isascii() and q.isdecimal():
        return Change.subject_id == q
    payments = db.session.execute(select(Attempt.id, Attempt.checkout_id).where(Attempt.reference == q.upper()))
    ids = [str(each) for row in payments for each in row]
    texts = (User.name, User.address, Change.why)
    return or_(Change.subject_id.in_(ids), *(text.icontains(q, autoescape=True) for text in texts))


def _uuid(q: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(q)
    except ValueError:
        return None
