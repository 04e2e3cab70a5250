"""Saying whether money sent by other means came: a person's word, kept with who and when, believed like any gateway's."""

import uuid

from app.domain.lifecycle import PROOF_MOVES, Actor, CheckoutStatus
from app.extensions import db
from app.gateways.base import Confirmed, Failed, FailureCode, GatewayEvent
from app.lib import chance, clock
from app.models import Attempt, Booking, Checkout, Proof, User
from app.services import bookings
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, record, transaction
from app.services.ledger import checkouts, journal, reviews
from app.services.notifications import notices
from app.services.payments import attempts, inbox
from app.services.payments.attempts import lock_attempt, lock_with_attempts, new_attempt
from app.services.payments.manual_payments.proof_queries import (
    decider,
    get_to_decide,
    is_by_hand,
    last_of,
    practice_of,
    told,
    waiting_of,
)
from app.services.payments.manual_payments.proof_uploads import way_by_hand

WORDS_LIMIT = 500


def decide(proof_id: uuid.UUID, user: User, *, accept: bool, reason: str = "", evidence: str = "") -> Proof:
    """The money came, and all that follows has followed; or it did not, and the payer reads why and may try again.

    Raises NotFound, Invalid (reason_missing, too_long), Conflict (proof_decided).
    """
    known = get_to_decide(proof_id, user)
    who = Who(decider(known.attempt.checkout, user), user.id)
    words = _clean(evidence, "evidence") if accept else _needed(reason, "reason", "reason_missing")
    attempt_id = known.attempt_id
    with transaction():
        attempt = lock_attempt(attempt_id)
        proof = db.session.get_one(Proof, proof_id, populate_existing=True)
        _move(proof, "accept" if accept else "reject", who, words)
        if accept:
            _believe(attempt, f"proof:{proof.id}", who)
        else:
            _refuse(attempt, proof)
        return proof


def verify(booking_id: uuid.UUID, user: User, *, accept: bool, reason: str = "", evidence: str = "") -> Booking:
    """The booking's proof that waits is decided or, where there is none, its money is said to be there all the same.

    Raises NotFound, Invalid, Conflict (not_allowed when there is nothing to reject, and what the two others raise).
    """
    booking = _booking(booking_id, user)
    proof = waiting_of(booking)
    if proof is not None:
        decide(proof.id, user, accept=accept, reason=reason, evidence=evidence)
    elif accept:
        verify_without_proof(booking_id, user, evidence)
    else:
        raise Conflict("not_allowed", action="reject", status=booking.status.value)
    return bookings.fresh(booking_id)


def verify_without_proof(booking_id: uuid.UUID, user: User, evidence: str) -> Booking:
    """Cash in hand: the booking is paid; where it can no longer be had nothing was recorded, and the money is handed back.

    Raises NotFound, Invalid (evidence_missing, too_long, unknown_gateway), Conflict (not_allowed, under_review,
    attempt_unresolved, verify_too_late).
    """
    booking = _booking(booking_id, user)
    evidence = _needed(evidence, "evidence", "evidence_missing")
    checkout = checkouts.open_for(booking)
    if checkout is None:
        raise Conflict("not_allowed", action="verify", status=booking.status.value)
    who = Who(decider(checkout, user), user.id)
    code = way_by_hand(checkout).code
    checkout_id = checkout.id
    live = attempts.live_of(checkout_id)
    if live is not None and not is_by_hand(live):
        attempts.close(checkout_id)  # a page of a gateway is open: it is ended first, or turns out to be paid
    with transaction():
        _take_in_hand(checkout_id, code, who, evidence)
    return bookings.fresh(booking_id)


def _take_in_hand(checkout_id: uuid.UUID, code: str, who: Who, evidence: str) -> None:
    checkout, tries = lock_with_attempts(checkout_id)
    attempt = _open_try(checkout, tries) or new_attempt(checkout, code, chance.reference(), None, who=who)
    proof = last_of(attempt)
    if proof is not None and "accept" in _possible(proof):
        _move(proof, "accept", who, evidence)
    record("act", attempt.id, "", "verified", who, why=evidence, booking_id=checkout.booking_id)
    _believe(attempt, f"hand:{attempt.id}", who)
    if checkout.status is not CheckoutStatus.PAID:
        raise Conflict("verify_too_late")


def _open_try(checkout: Checkout, tries: list[Attempt]) -> Attempt | None:
    """The live try by hand, if there is one. Raises Conflict when anything else is in the way."""
    if checkout.status is not CheckoutStatus.OPEN:
        raise Conflict("not_allowed", action="verify", status=checkout.status.value)
    if reviews.of_checkout(checkout):
        raise Conflict("under_review")
    live = next((attempt for attempt in tries if attempt.is_live), None)
    if live is not None and not is_by_hand(live):
        raise Conflict("attempt_unresolved")
    return live


# ------------------------------------------------------------------------------------------------ inside


def _booking(booking_id: uuid.UUID, user: User) -> Booking:
    booking = bookings.get(booking_id, user)
    if bookings.role_in(booking, user) is Actor.CLIENT:
        raise NotFound
    return booking


def _possible(proof: Proof) -> list[str]:
    return [action for action, moves in PROOF_MOVES.items() if proof.status in moves]


def _move(proof: Proof, action: str, who: Who, words: str) -> None:
    """The proof is decided, and the trail says by whom. Raises Conflict (proof_decided)."""
    if action not in _possible(proof):
        raise Conflict("proof_decided")
    target = PROOF_MOVES[action][proof.status]
    record("proof", proof.id, proof.status, target, who, why=words, booking_id=proof.attempt.checkout.booking_id)
    proof.status = target
    proof.reason = words
    proof.decided_at = clock.now()
    proof.decided_by = who.user_id


def _believe(attempt: Attempt, key: str, who: Who) -> None:
    """The money is in the books and lands where all money does: at what it was meant for, or on its way back.

    On a practitioner's word alone it is in their hands, and no credit: we have not seen it.
    """
    practice = practice_of(attempt.checkout)
    if who.actor is Actor.PRACTITIONER and practice is not None:
        journal.give_custody(attempt, practice.id)
    _tell(attempt, "verified", key, Confirmed(attempt.money, f"{attempt.gateway}-{attempt.reference}"))


def _refuse(attempt: Attempt, proof: Proof) -> None:
    _tell(attempt, "rejected", f"proof:{proof.id}", Failed(FailureCode.DECLINED, "proof_rejected"))
    checkout = attempt.checkout
    data = told(proof)
    notices.tell(checkout.client_id, "proof_rejected", booking=checkout.booking, cause=proof.id, data=data)


def _tell(attempt: Attempt, word: str, key: str, fact: Confirmed | Failed) -> None:
    event = GatewayEvent(
        event_key=key,
        kind=f"{attempt.gateway}.{word}",
        fact=fact,
        reference=attempt.reference,
        provider_ref=attempt.provider_ref or f"{attempt.gateway}-{attempt.reference}",
    )
    inbox.take(attempt.gateway, event, source="staff")


def _clean(words: str, field: str) -> str:
    words = words.strip()
    if len(words) > WORDS_LIMIT:
        raise Invalid("too_long", field=field, most=WORDS_LIMIT)
    return words


def _needed(words: str, field: str, code: str) -> str:
    words = _clean(words, field)
    if not words:
        raise Invalid(code, field=field)
    return words
