"""Asking in writing: a sealed question and its bill.

It is asked once it is paid (services/payments/payables/consultation).
"""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from app import words
from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import UNANSWERED
from app.domain.quotas import Rule
from app.extensions import db
from app.models import Checkout, Consultation, Practitioner, Role, User
from app.services import practice
from app.services.consultations.sealed_texts import add, clean, first_of
from app.services.core import payment_methods, quotas
from app.services.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from app.services.core.transaction import lock, transaction
from app.services.ledger import checkouts
from app.services.practice import lock_diary

_KIND = CheckoutKind.CONSULTATION


@dataclass(frozen=True)
class Terms:
    """What a practitioner promises: an answer within `hours`, and `days` to go on writing after it."""

    hours: int
    days: int


def terms_of(practitioner: Practitioner) -> Terms:
    """What is promised to whoever asks now."""
    hours = practitioner.question_hours or int(current_app.config["QUESTION_HOURS"])
    return Terms(hours, practitioner.question_days)


def ask(client: User, practitioner: Practitioner, question: str, request_key: str | None = None) -> Checkout:
    """The question can be paid for, at the practitioner's price and terms; it is asked once it is paid.

    Asking again with the same key, or the same while the first can be paid, gives the same checkout.
    Raises NotFound, Forbidden, Invalid (question_missing, too_long, no_method), Conflict (question_not_taken,
    not_taking_bookings, too_many_questions).
    """
    if client.role is not Role.CLIENT:
        raise Forbidden("clients_only")
    question = clean(question, "question")
    practitioner_id = practitioner.id
    with transaction():
        asked = lock_diary(practitioner_id)
        if asked is None or not asked.is_offered:
            raise NotFound
        before = _same(client, asked, question, request_key)
        return before if before is not None else _open(client, asked, question, request_key)


def _same(client: User, practitioner: Practitioner, question: str, key: str | None) -> Checkout | None:
    """The checkout of an earlier, equal question: by its key, else one payable at today's price."""
    by_key = _by_key(client, key)
    if by_key is not None and _says(by_key, practitioner, question):
        return by_key
    for checkout in checkouts.open_drafts(client, _KIND):
        if checkout.money == practitioner.question_price and _says(checkout, practitioner, question):
            return checkout if checkouts.is_payable(checkout) else None
    return None


def _by_key(client: User, key: str | None) -> Checkout | None:
    statement = select(Checkout).where(Checkout.client_id == client.id, Checkout.request_key == key)
    return db.session.scalars(statement).one_or_none() if key else None


def _says(checkout: Checkout, practitioner: Practitioner, question: str) -> bool:
    draft: dict[str, Any] = checkout.draft or {}
    meant = checkout.kind == _KIND and draft.get("practitioner_id") == practitioner.id
    try:
        return meant and first_of(checkout) == question
    except Unavailable:
        return False


def _check_may_ask(client: User, practitioner: Practitioner) -> None:
    lock(User, client.id)  # two at once are counted one by one
    if practice.is_blocked(practitioner.id, client.id):
        raise Conflict("not_taking_bookings")
    quotas.check(Rule.OPEN_QUESTIONS, len(unpaid(client)))


def _open(client: User, practitioner: Practitioner, question: str, key: str | None) -> Checkout:
    price = practitioner.question_price
    if price is None:
        raise Conflict("question_not_taken")
    _check_may_ask(client, practitioner)
    if not payment_methods.accepting(price):
        raise Invalid("no_method", currency=price.currency)
    if _by_key(client, key) is not None:
        key = None  # gone back to the form and written something else: that is another question
    with force_locale(client.language):
        title = words.question_to(practitioner.name)[:120]
    terms = terms_of(practitioner)
    draft = {"practitioner_id": practitioner.id, "hours": terms.hours, "days": terms.days}
    checkout = checkouts.open_question(client, draft, price, title, key)
    add(checkout.id, 1, client, question)
    return checkout


# ------------------------------------------------------------------------------------------------ what a bill is for


@dataclass(frozen=True)
class Asked:
    """What a checkout pays for: the question, for whom, and the consultation it became once it was paid."""

    practitioner: Practitioner
    question: str
    consultation: Consultation | None

    @property
    def came_to_nothing(self) -> bool:
        """Whether it was asked and ended without an answer."""
        return self.consultation is not None and self.consultation.status in UNANSWERED


def unpaid(client: User) -> list[Checkout]:
    """What the client wrote and has not paid for: it is not asked yet."""
    return checkouts.open_drafts(client, _KIND)


def asked_by(checkout: Checkout) -> Asked | None:
    """What the checkout pays for, if that is a question in writing.

    Without its key the question is empty.
    """
    if checkout.kind != _KIND or checkout.draft is None:
        return None
    found = select(Consultation).where(Consultation.checkout_id == checkout.id)
    try:
        question = first_of(checkout)
    except Unavailable:
        question = ""
    return Asked(checkouts.whom_to_ask(checkout), question, db.session.scalars(found).one_or_none())
