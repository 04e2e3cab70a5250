"""Conversations as they stand: whose they are, their order, what waits, what is not read yet."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import selectinload

from app.domain.lifecycle import CONSULTATION_MOVES, WRITABLE, Actor, ConsultationStatus
from app.extensions import db
from app.lib import clock
from app.models import Consultation, ConsultationMessage, Practitioner, User
from app.services.core.errors import NotFound

PAGE = 20
_Q = ConsultationStatus


@dataclass(frozen=True)
class Page:
    """One page of questions and how many there are in all."""

    items: list[Consultation]
    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def get(consultation_id: uuid.UUID, user: User) -> Consultation:
    """The question, if the person asked it or it was asked of them. Raises NotFound."""
    return own(db.session.get(Consultation, consultation_id), user)


def own(consultation: Consultation | None, user: User) -> Consultation:
    """The consultation at hand, if it is the person's own.

    Raises NotFound: a stranger learns nothing, and staff neither.
    """
    if consultation is None or not (user.id == consultation.client_id or consultation.practitioner.is_of(user)):
        raise NotFound
    return consultation


def role_in(consultation: Consultation, user: User) -> Actor:
    """The role of the person, who is one of the two."""
    return Actor.CLIENT if user.id == consultation.client_id else Actor.PRACTITIONER


def status_now(consultation: Consultation) -> ConsultationStatus:
    """The status by the clock: a deadline that has passed counts although no sweep has written it yet."""
    now = clock.now()
    if consultation.status is _Q.OPEN and consultation.answer_by is not None and consultation.answer_by <= now:
        return _Q.EXPIRED
    if consultation.status is _Q.ANSWERED and consultation.closes_at is not None and consultation.closes_at <= now:
        return _Q.CLOSED
    return consultation.status


def waits(consultation: Consultation) -> bool:
    """Whether it is to be answered until its deadline."""
    return status_now(consultation) is _Q.OPEN and consultation.answer_by is not None


def actions(consultation: Consultation, user: User) -> list[str]:
    """What the person may do with it now; a practitioner's first message is the answer."""
    status = status_now(consultation)
    writes = ["write"] if status in WRITABLE else []
    if role_in(consultation, user) is Actor.CLIENT:
        return writes
    moves = [each for each, table in CONSULTATION_MOVES.items() if status in table and each != "expire"]
    return moves if "answer" in moves else writes + moves


# ------------------------------------------------------------------------------------------------ lists


def for_client(client: User, page: int = 1) -> Page:
    """What the client asked, the newest first."""
    mine = select(Consultation).where(Consultation.client_id == client.id)
    return _page(mine, mine.order_by(Consultation.asked_at.desc(), Consultation.id), page)


def for_practitioner(user: User, page: int = 1) -> Page:
    """What the practitioner was asked: what waits, the oldest first, then all else, the newest first."""
    mine = select(Consultation).where(Consultation.practitioner_id.in_(Practitioner.ids_of(user)))
    settled = case((_waits(), None), else_=func.coalesce(Consultation.answered_at, Consultation.asked_at))
    order = (_waits().desc(), settled.desc(), Consultation.asked_at, Consultation.id)
    return _page(mine, mine.order_by(*order), page)


def waiting(practitioner: Practitioner) -> int:
    """How many questions wait for the practitioner's answer."""
    return _count(select(Consultation).where(Consultation.practitioner_id == practitioner.id, _waits()))


def open_of(practitioner: Practitioner) -> list[Consultation]:
    """Those questions, the most urgent first."""
    mine = select(Consultation).where(Consultation.practitioner_id == practitioner.id, _waits())
    return list(db.session.scalars(mine.order_by(Consultation.answer_by, Consultation.asked_at).limit(PAGE)))


def _waits() -> ColumnElement[bool]:
    in_time = or_(Consultation.answer_by.is_(None), Consultation.answer_by > clock.now())
    return and_(Consultation.status == _Q.OPEN, in_time)


def _page(statement: Select[Consultation], ordered: Select[Consultation], page: int) -> Page:
    total = _count(statement)
    page = max(1, page)
    few = ordered.offset((page - 1) * PAGE).limit(PAGE).options(selectinload(Consultation.messages))
    return Page(list(db.session.scalars(few)), page, total)


def _count(statement: Select[Consultation]) -> int:
    return int(db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0)


# ------------------------------------------------------------------------------------------------ what is new


def read_by(consultation: Consultation, part: Actor) -> int:
    """The number of the last message this side has read."""
    return consultation.client_read if part is Actor.CLIENT else consultation.practitioner_read


def unread_in(consultation: Consultation, user: User) -> int:
    """How many messages of the other side the person has not read."""
    seen = read_by(consultation, role_in(consultation, user))
    return sum(each.number > seen and each.author_id != user.id for each in consultation.messages)


def unread(user: User) -> int:
    """How many messages to the person are unread, in all their conversations."""
    message = ConsultationMessage
    mine = Consultation
    as_client = and_(mine.client_id == user.id, message.number > mine.client_read)
    own = mine.practitioner_id.in_(Practitioner.ids_of(user))
    as_practice = and_(own, message.number > mine.practitioner_read)
    statement = (
        select(func.count())
        .select_from(message)
        .join(mine, mine.checkout_id == message.checkout_id)
        .where(message.author_id != user.id, or_(as_client, as_practice))
    )
    return int(db.session.scalar(statement) or 0)
