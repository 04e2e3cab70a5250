"""Questions in writing: asked by paying for them (services/payables/consultation), read by two people, answered once."""

import uuid
from dataclasses import dataclass

from flask_babel import force_locale
from sqlalchemy import Select, func, select

from app import clock, words
from app.extensions import db
from app.lifecycle import CONSULTATION_MOVES, Actor, ConsultationStatus
from app.models import Checkout, Consultation, Practitioner, Role, User
from app.services import checkouts, notices
from app.services.errors import Conflict, Forbidden, Invalid, NotFound
from app.services.transaction import Who, lock, record, transaction

TEXT_LIMIT = 2000
PAGE = 20
_KIND = "consultation"  # of a checkout


# ------------------------------------------------------------------------------------------------ asking


def ask(client: User, practitioner: Practitioner, question: str, request_key: str | None = None) -> Checkout:
    """The question can be paid for, at the practitioner's price; it is asked once it is paid.

    Asking again with the same key, or the same while the first can be paid, gives the same checkout.
    Raises NotFound, Forbidden, Invalid (question_missing, too_long, no_method), Conflict (question_not_taken).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    question, practitioner_id = _clean(question, "question"), practitioner.id
    with transaction():
        asked = lock(Practitioner, practitioner_id)
        if asked is None or not asked.published:
            raise NotFound
        return _same(client, asked, question, request_key) or _open(client, asked, question, request_key)


def _same(client: User, practitioner: Practitioner, question: str, key: str | None) -> Checkout | None:
    """The checkout an earlier, same question made: by its key, else one that can still be paid at today's price."""
    draft = {"practitioner_id": practitioner.id, "question": question}
    by_key = _by_key(client, key)
    if by_key is not None and by_key.kind == _KIND and by_key.draft == draft:
        return by_key
    for checkout in checkouts.open_drafts(client, _KIND):
        if checkout.draft == draft and checkout.money == practitioner.question_price:
            return checkout if checkouts.is_payable(checkout) else None
    return None


def _by_key(client: User, key: str | None) -> Checkout | None:
    statement = select(Checkout).where(Checkout.client_id == client.id, Checkout.request_key == key)
    return db.session.scalars(statement).one_or_none() if key else None


def _open(client: User, practitioner: Practitioner, question: str, key: str | None) -> Checkout:
    price = practitioner.question_price
    if price is None:
        raise Conflict("question_not_taken")
    if not checkouts.methods(price):
        raise Invalid("no_method", currency=price.currency)
    if _by_key(client, key) is not None:
        key = None  # gone back to the form and written something else: that is another question
    with force_locale(client.language):
        title = words.question_to(practitioner.name)[:120]
    return checkouts.open_question(client, practitioner, question, price, title, key)


def _clean(text: str, field: str) -> str:
    text = "\n".join(text.splitlines()).strip()
    if not text:
        raise Invalid(f"{field}_missing", field=field)
    if len(text) > TEXT_LIMIT:
        raise Invalid("too_long", field=field, most=TEXT_LIMIT)
    return text


# ------------------------------------------------------------------------------------------------ reading


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


@dataclass(frozen=True)
class Asked:
    """What a checkout pays for: the question, for whom, and the consultation it became once it was paid."""

    practitioner: Practitioner
    question: str
    consultation: Consultation | None


def get(consultation_id: uuid.UUID, user: User) -> Consultation:
    """The question, if the person asked it or it was asked of them. Raises NotFound."""
    return _own(db.session.get(Consultation, consultation_id), user)


def for_client(client: User, page: int = 1) -> Page:
    """What the client asked, the newest first."""
    mine = select(Consultation).where(Consultation.client_id == client.id)
    return _page(mine, mine.order_by(Consultation.asked_at.desc(), Consultation.id), page)


def for_practitioner(user: User, page: int = 1) -> Page:
    """What the practitioner was asked: what waits for an answer, the oldest first, then what was answered, the newest first."""
    mine = select(Consultation).join(Practitioner).where(Practitioner.user_id == user.id)
    waits = Consultation.status == ConsultationStatus.OPEN
    order = (waits.desc(), Consultation.answered_at.desc(), Consultation.asked_at, Consultation.id)
    return _page(mine, mine.order_by(*order), page)


def waiting(practitioner: Practitioner) -> int:
    """How many questions wait for the practitioner's answer."""
    return _count(
        select(Consultation).where(
            Consultation.practitioner_id == practitioner.id, Consultation.status == ConsultationStatus.OPEN
        )
    )


def unpaid(client: User) -> list[Checkout]:
    """What the client wrote and has not paid for: it is not asked yet."""
    return checkouts.open_drafts(client, _KIND)


def asked_by(checkout: Checkout) -> Asked | None:
    """What the checkout pays for, if that is a question in writing."""
    if checkout.kind != _KIND or checkout.draft is None:
        return None
    found = select(Consultation).where(Consultation.checkout_id == checkout.id)
    return Asked(checkouts.whom_to_ask(checkout), checkout.draft["question"], db.session.scalars(found).one_or_none())


def actions(consultation: Consultation, user: User) -> list[str]:
    """What the person may do with it now."""
    if user.id != consultation.practitioner.user_id:
        return []
    return [action for action, moves in CONSULTATION_MOVES.items() if consultation.status in moves]


def _own(consultation: Consultation | None, user: User) -> Consultation:
    if consultation is None or user.id not in (consultation.client_id, consultation.practitioner.user_id):
        raise NotFound
    return consultation


def _page(statement: Select[Consultation], ordered: Select[Consultation], page: int) -> Page:
    total, page = _count(statement), max(1, page)
    items = db.session.scalars(ordered.offset((page - 1) * PAGE).limit(PAGE))
    return Page(list(items), page, total)


def _count(statement: Select[Consultation]) -> int:
    return int(db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0)


# ------------------------------------------------------------------------------------------------ answering


def answer(consultation_id: uuid.UUID, user: User, text: str) -> Consultation:
    """The question is answered and the client will be told. Raises NotFound, Forbidden, Invalid, Conflict (not_allowed)."""
    with transaction():
        consultation = _own(lock(Consultation, consultation_id), user)
        if user.id != consultation.practitioner.user_id:
            raise Forbidden("forbidden")
        target = CONSULTATION_MOVES["answer"].get(consultation.status)
        if target is None:
            raise Conflict("not_allowed", action="answer", status=consultation.status.value)
        consultation.answer, consultation.answered_at = _clean(text, "answer"), clock.now()
        who = Who(Actor.PRACTITIONER, user.id)
        record("consultation", consultation.id, consultation.status, target, who)
        consultation.status = target
        told = {"who": consultation.practitioner.name, "consultation": str(consultation.id)}
        notices.tell(consultation.client_id, "question_answered", cause=consultation.id, data=told)
        return consultation
