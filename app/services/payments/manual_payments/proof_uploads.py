"""The payer shows that money was sent: kept whatever became of the place meanwhile, and the place is kept while it can be."""

import uuid
from datetime import timedelta

from app.domain.lifecycle import Actor, AttemptStatus, ProofStatus
from app.domain.quotas import Rule
from app.extensions import db
from app.gateways.base import Gateway
from app.lib import chance, clock
from app.models import Attempt, Checkout, Proof, User
from app.services.core import quotas, uploads
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, record, transaction
from app.services.ledger import checkouts
from app.services.payments import attempts, kept_places
from app.services.payments.attempts import lock_attempt, proofs_waiting
from app.services.payments.manual_payments.proof_queries import is_by_hand, tell_checker

NOTE_LIMIT = 500
KEPT = timedelta(hours=48)  # how long a place waits for somebody to look at a proof


def submit(checkout_id: uuid.UUID, client: User, file_name: str, content: bytes, note: str = "") -> Proof:
    """The proof waits to be looked at, and who looks at it knows.

    The place is kept up to 48 hours, not beyond the start.
    Raises NotFound, Invalid (proof_missing, proof_size, proof_type, too_long, unknown_gateway), Conflict (proof_waiting,
    checkout_closed, too_many_proofs, and what a try to pay may raise).
    """
    media = uploads.media_type(content)
    note = _clean(note)
    checkout = checkouts.get(checkout_id, client)
    if checkout.client_id != client.id:
        raise NotFound
    attempt_id = _attempt_for(checkout, client)
    with transaction():
        attempt = lock_attempt(attempt_id)
        if attempt.status is AttemptStatus.PAID:
            raise Conflict("checkout_closed")
        if proofs_waiting(attempt):
            raise Conflict("proof_waiting")
        proof = _keep(attempt, client, uploads.clean_name(file_name, media), media, content, note)
        kept_places.keep(attempt, KEPT)
        tell_checker(proof, "proof_received")
        quotas.spend_here({Rule.PROOFS: client.id})
        return proof


def _clean(note: str) -> str:
    note = note.strip()
    if len(note) > NOTE_LIMIT:
        raise Invalid("too_long", field="note", most=NOTE_LIMIT)
    return note


def _attempt_for(checkout: Checkout, client: User) -> uuid.UUID:
    """The try the proof is for: the one that is open, a new one, or, when it is too late, the last that was told how to pay."""
    live = attempts.live_of(checkout.id)
    if live is not None and is_by_hand(live):
        return live.id
    if attempts.may_be_paid(checkout):
        return attempts.begin(checkout.id, client, way_by_hand(checkout).code).attempt.id
    told = [attempt for attempt in attempts.all_of(checkout) if is_by_hand(attempt)]
    if not told:
        raise Conflict("checkout_closed")
    return told[-1].id


def way_by_hand(checkout: Checkout) -> Gateway:
    """The way to pay by other means. Raises Invalid (unknown_gateway) where none is offered."""
    for gateway in checkouts.ways(checkout):
        if gateway.capabilities.by_hand:
            return gateway
    raise Invalid("unknown_gateway", field="gateway")


def _keep(attempt: Attempt, client: User, name: str, media: str, content: bytes, note: str) -> Proof:
    proof = Proof(
        id=chance.new_id(),
        attempt_id=attempt.id,
        attempt=attempt,
        file_name=name,
        media_type=media,
        size=len(content),
        content=content,
        note=note,
        status=ProofStatus.WAITING,
        reason="",
        sent_at=clock.now(),
    )
    db.session.add(proof)
    db.session.flush()
    who = Who(Actor.CLIENT, client.id)
    record("proof", proof.id, "", proof.status, who, booking_id=attempt.checkout.booking_id)
    return proof
