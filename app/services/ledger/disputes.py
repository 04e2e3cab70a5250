"""Challenged charges: recorded and shown to staff; a dispute never ends or revives a booking by itself."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from app.domain.lifecycle import DISPUTE_MOVES, DisputeStatus
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Disputed
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.lib.tables.plans import one_by_one
from app.models import (
    Attempt,
    Booking,
    Checkout,
    Consultation,
    Dispute,
    DisputeAnswer,
    Package,
    Practitioner,
    Refund,
)
from app.services.core import batching
from app.services.core.transaction import GATEWAY, record, transaction
from app.services.ledger import journal, reviews
from app.services.notifications import notices

# The vendors' last words on a dispute; Stripe's say "warning_closed" for an enquiry that came to nothing.
_ENDS = {"won": "won", "warning_closed": "won", "lost": "lost", "closed": "won", "prevented": "won"}
_REMINDERS = (5, 2)  # days before evidence must be in


def try_apply(attempt: Attempt, fact: Disputed) -> bool:
    """The news is in the dispute's row; False where it changed nothing, or is of an earlier phase.

    Inside the caller's transaction, which holds the attempt's lock. Lost money is written off, not taken from anybody:
    staff decide who bears it.
    """
    dispute = _find(attempt, fact) or _open(attempt, fact)
    if fact.phase.rank < dispute.phase.rank:
        return False
    is_new = not dispute.stage
    if dispute.status is DisputeStatus.LOST:
        return False  # the bank's last word: what is told later is from before it
    further = fact.phase is not dispute.phase
    changed = _learn(dispute, fact)
    if is_new or further:
        _alert(dispute, fact)
    if target := DISPUTE_MOVES.get(_ENDS.get(fact.stage, "escalated" if further else ""), {}).get(dispute.status):
        _move(dispute, target)
        return True
    return changed


def is_open_for(booking_id: uuid.UUID) -> bool:
    """Whether a charge for the booking is challenged now."""
    return _challenged(booking_id)


@batching.batched("booking", bool)
def _challenged(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    statement = (
        select(Checkout.booking_id)
        .join(Attempt, Attempt.checkout_id == Checkout.id)
        .join(Dispute, Dispute.attempt_id == Attempt.id)
        .where(Checkout.booking_id.in_(ids), Dispute.status == DisputeStatus.OPEN, Dispute.of_own_charge())
    )
    return {booking_id: True for booking_id in db.session.scalars(statement) if booking_id}


def of_attempt(attempt: Attempt) -> list[Dispute]:
    """The attempt's disputes, oldest first."""
    return list(db.session.scalars(select(Dispute).where(Dispute.attempt_id == attempt.id).order_by(Dispute.id)))


def concerns(*practitioners: ColumnElement[bool]) -> ColumnElement[bool]:
    """SQL, of checkouts: what was paid for is a session, question or package of practitioners of whom this is true."""
    ids = select(Practitioner.id).where(*practitioners)
    # Asked of each checkout: of what a practitioner gave there may be much.
    sold = (
        one_by_one(select(model.checkout_id).where(model.checkout_id == Checkout.id, model.practitioner_id.in_(ids)))
        for model in (Consultation, Package)
    )
    given = select(Booking.id).where(Booking.id == Checkout.booking_id, Booking.practitioner_id.in_(ids))
    return or_(one_by_one(given), *sold)


def practitioner_of(checkout: Checkout) -> Practitioner | None:
    """Whose session, question or package was paid for; None of credit, and of what has not come about."""
    if checkout.booking is not None:
        return checkout.booking.practitioner
    sold = (
        Practitioner.id.in_(select(model.practitioner_id).where(model.checkout_id == checkout.id))
        for model in (Consultation, Package)
    )
    return db.session.scalars(select(Practitioner).where(or_(*sold))).one_or_none()


def answered() -> ColumnElement[bool]:
    """SQL: staff have sent evidence for what the bank asks now."""
    return select(DisputeAnswer.id).where(DisputeAnswer.is_latest()).exists()


def withholds(refund: Refund) -> bool:
    """Whether the refund waits: the payer's bank challenges its charge, and may take the same money or has it already."""
    return withholds_charge(refund.attempt, refund.charge_ref)


def withholds_charge(attempt: Attempt, charge_ref: str) -> bool:
    """Whether nothing of this charge, by default the payment's own, is sent back now."""
    charge = charge_ref or attempt.charge_ref
    return any(charge in (None, "", challenged) for challenged in _withheld(attempt.id))


@batching.batched("attempt", list)
def _withheld(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    statement = select(Dispute.attempt_id, Dispute.charge_ref).where(Dispute.attempt_id.in_(ids), Dispute.withholding())
    return batching.grouped((attempt_id, charge) for attempt_id, charge in db.session.execute(statement))


def _is_due_soon() -> ColumnElement[bool]:
    in_time = Dispute.respond_by.between(moments.now(), moments.ahead(timedelta(days=_REMINDERS[0])))
    return (Dispute.status == DisputeStatus.OPEN) & in_time & ~answered()


def _due_soon() -> Select[int]:
    return select(Dispute.id).where(_is_due_soon())


@found_by(_due_soon)
def remind() -> int:
    """How many reminders of evidence that must be in soon were written to staff: five and two days before, unless it was sent."""
    near = list(db.session.scalars(_due_soon()))
    if not near:
        return 0
    with transaction() as session:
        rows = session.scalars(select(Dispute).where(Dispute.id.in_(near), _is_due_soon()))
        return sum(_tell_deadline(dispute) for dispute in rows)


def _tell_deadline(dispute: Dispute) -> bool:
    due = dispute.respond_by
    if due is None:
        return False
    stage = min(days for days in _REMINDERS if due <= clock.now() + timedelta(days=days))
    data = {
        "amount": dispute.amount,
        "currency": dispute.currency,
        "reference": dispute.attempt.reference,
        **_named(dispute),
    }
    return notices.tell_staff("dispute_deadline", cause=f"{dispute.id}:{due}:{stage}", data=data)


def _find(attempt: Attempt, fact: Disputed) -> Dispute | None:
    """By the vendor's id; else the one of its charge that was written down before its id was told."""
    of_charge = [each for each in of_attempt(attempt) if each.charge_ref == fact.charge_ref]
    named = [each for each in of_charge if each.vendor_ref == fact.dispute_ref]
    nameless = [each for each in of_charge if not each.vendor_ref and each.status is DisputeStatus.OPEN]
    return next(iter(named or nameless), None)


def _open(attempt: Attempt, fact: Disputed) -> Dispute:
    money = fact.money or attempt.money
    dispute = Dispute(
        attempt_id=attempt.id,
        attempt=attempt,
        charge_ref=fact.charge_ref,
        vendor_ref=fact.dispute_ref,
        amount=money.amount,
        currency=money.currency,
        status=DisputeStatus.OPEN,
        stage="",
        phase=fact.phase,
        opened_at=clock.now(),
    )
    db.session.add(dispute)
    db.session.flush()
    record("dispute", dispute.id, "", dispute.status, GATEWAY, booking_id=attempt.checkout.booking_id)
    return dispute


def _learn(dispute: Dispute, fact: Disputed) -> bool:
    """What the news says more, or otherwise, is in the row."""
    said: dict[str, object] = {
        "vendor_ref": fact.dispute_ref or dispute.vendor_ref,
        "stage": fact.stage[:40],
        "phase": fact.phase,
        "respond_by": fact.respond_by or dispute.respond_by,
    }
    said |= {"amount": fact.money.amount} if fact.money and fact.money.currency == dispute.currency else {}
    said |= {"deducted": _of(fact.deducted, dispute)} if fact.deducted else {}
    said |= {"fee": _of(fact.fee, dispute)} if fact.fee else {}
    changed = {name: value for name, value in said.items() if getattr(dispute, name) != value}
    for name, value in changed.items():
        setattr(dispute, name, value)
    return bool(changed)


def _of(money: Money, dispute: Dispute) -> int | None:
    return money.amount if money.currency == dispute.currency else None


def _alert(dispute: Dispute, fact: Disputed) -> None:
    # Once for each phase of each dispute: a later one has a deadline of its own, and costs more.
    name = f"{dispute.vendor_ref or dispute.charge_ref}:{fact.phase.value}"
    end = _ENDS.get(fact.stage)
    kind = "dispute_ended" if end else "dispute_opened"
    more = _named(dispute) | ({"end": end} if end else {})
    reviews.open_review(
        dispute.attempt, "disputed", fact.stage, money=dispute.money, charge_ref=name, kind=kind, more=more
    )
    if end is None:
        _tell_practitioner(dispute)


def _named(dispute: Dispute) -> dict[str, Any]:
    """Which dispute a message is about, and by when evidence must be in, where that was told."""
    due = {"due": dispute.respond_by.isoformat()} if dispute.respond_by else {}
    return {"dispute": dispute.id, **due}


def _tell_practitioner(dispute: Dispute) -> None:
    """Whose session it was can add to the evidence; nothing of the payer's bank is in it."""
    checkout = dispute.attempt.checkout
    practitioner = practitioner_of(checkout)
    if practitioner is None:
        return
    data = {
        "amount": dispute.amount,
        "currency": dispute.currency,
        "who": checkout.client.name,
        **_named(dispute),
    }
    cause = f"{dispute.id}:{dispute.phase}"
    notices.tell(practitioner.user_id, "payment_challenged", booking=checkout.booking, cause=cause, data=data)


def _move(dispute: Dispute, target: DisputeStatus) -> None:
    attempt = dispute.attempt
    booking_id = attempt.checkout.booking_id
    record("dispute", dispute.id, dispute.status, target, GATEWAY, why=dispute.stage, booking_id=booking_id)
    dispute.status = target
    dispute.closed_at = None if target is DisputeStatus.OPEN else clock.now()
    if target is DisputeStatus.LOST:
        _lose(dispute)


def _lose(dispute: Dispute) -> None:
    attempt = dispute.attempt
    money = dispute.lost
    dispute.deducted = money.amount
    loss = journal.Transfer(journal.WRITE_OFF, journal.gateway(attempt.gateway), money)
    if not reviews.is_open(attempt, "disputed"):  # staff have closed it before the bank's last word
        name = dispute.vendor_ref or dispute.charge_ref
        more = {**_named(dispute), "end": "lost"}
        reviews.open_review(
            attempt, "dispute_lost", dispute.stage, money=money, charge_ref=name, kind="dispute_ended", more=more
        )
    booking_id = attempt.checkout.booking_id
    journal.post("dispute_lost", f"dispute_lost:{dispute.id}", loss, attempt=attempt, booking_id=booking_id)
