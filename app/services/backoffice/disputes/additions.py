"""What a practitioner adds to the evidence: words of their own, or chosen messages of a conversation they had.

Nothing else of what anybody wrote is ever on the paper. What was added can be taken back until it has been sent.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.domain.lifecycle import Actor, DisputeStatus
from app.extensions import db
from app.lib import chance, clock
from app.lib import text as plain
from app.models import Attempt, Checkout, ConsultationMessage, Dispute, DisputeAddition, Practitioner, User
from app.services.backoffice.disputes.answers import answers_of, is_answered, lock_dispute
from app.services.core import encryption
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.ledger import disputes

TEXT_LIMIT = 2000
MOST = 12  # additions to one dispute: the paper has few pages


@dataclass(frozen=True)
class Addable:
    """What the practitioner sees of the dispute: nothing of the payer's bank, and what may still be added or taken back."""

    dispute: Dispute
    checkout: Checkout
    added: list[DisputeAddition]
    messages: list[ConsultationMessage]  # of their conversation, those that are not added
    is_open: bool  # more may be added
    kept: frozenset[uuid.UUID]  # additions that were sent, and are not taken back any more

    @property
    def room(self) -> int:
        """How many more may be added."""
        return max(0, MOST - len(self.added)) if self.is_open else 0


def for_practitioner(user: User) -> list[Dispute]:
    """The open disputes of what this practitioner gave, the most urgent first."""
    mine = disputes.concerns(Practitioner.id.in_(Practitioner.ids_of(user)))
    return _open_where(mine)


def of_practitioner(practitioner: Practitioner) -> list[Dispute]:
    """The open disputes of what the practitioner gave, for whoever may read their books."""
    return _open_where(disputes.concerns(Practitioner.id == practitioner.id))


def of(dispute_id: int, user: User) -> Addable:
    """The dispute as its practitioner sees it. Raises NotFound, also for everybody else."""
    dispute = _own(db.session.get(Dispute, dispute_id), user)
    added = added_to(dispute)
    chosen = {each.message_id for each in added}
    messages = [each for each in _messages(dispute) if each.id not in chosen and each.text]
    kept = frozenset(each.id for each in added if is_sent(each, dispute))
    return Addable(dispute, dispute.attempt.checkout, added, messages, _is_open(dispute), kept)


def say(dispute_id: int, user: User, text: str) -> None:
    """The practitioner's own words will stand on the paper.

    Raises NotFound, Invalid (text_missing, too_long, too_many), Conflict (dispute_answered).
    """
    text = plain.clean(text)
    if not text:
        raise Invalid("text_missing", field="text")
    if len(text) > TEXT_LIMIT:
        raise Invalid("too_long", field="text", most=TEXT_LIMIT)
    with transaction():
        dispute = _locked(dispute_id, user)
        _check_room(dispute, 1, "text")
        made = _addition(dispute, user)
        encryption.write(made, "text", text)
        _keep(made, dispute, user)


def choose(dispute_id: int, user: User, message_ids: Iterable[uuid.UUID]) -> int:
    """The chosen messages of the conversation will stand on the paper; how many are new.

    Raises NotFound (also for a message of another conversation), Invalid (too_many), Conflict (dispute_answered).
    """
    wanted = set(message_ids)
    with transaction():
        dispute = _locked(dispute_id, user)
        if wanted - {each.id for each in _messages(dispute)}:
            raise NotFound
        new = wanted - {each.message_id for each in added_to(dispute)}
        _check_room(dispute, len(new), "messages")
        for message_id in sorted(new):
            made = _addition(dispute, user)
            made.message_id = message_id
            _keep(made, dispute, user)
        return len(new)


def take_back(dispute_id: int, user: User, addition_id: uuid.UUID) -> None:
    """The addition is gone, if it was there, and on no paper that is made from now on.

    Raises NotFound, Conflict (dispute_answered).
    """
    with transaction() as session:
        dispute = _locked(dispute_id, user)
        added = lock(DisputeAddition, addition_id)
        if added is None or added.dispute_id != dispute.id:
            return
        if is_sent(added, dispute):
            raise Conflict("dispute_answered")
        session.delete(added)
        _note(dispute, user, "taken_back")


def added_to(dispute: Dispute) -> list[DisputeAddition]:
    """What was added to the evidence, the oldest first."""
    mine = select(DisputeAddition).where(DisputeAddition.dispute_id == dispute.id)
    return list(db.session.scalars(mine.order_by(DisputeAddition.added_at, DisputeAddition.id)))


def message_of(addition: DisputeAddition) -> ConsultationMessage | None:
    """The message that it is; None where it is the practitioner's own words."""
    return db.session.get(ConsultationMessage, addition.message_id) if addition.message_id else None


def words_of(addition: DisputeAddition) -> str:
    """What it says. Raises Unavailable (sealed_away)."""
    return encryption.read(message_of(addition) or addition, "text")


def is_sent(addition: DisputeAddition, dispute: Dispute) -> bool:
    """Whether staff have sent evidence since it was added."""
    return any(each.noted_at >= addition.added_at for each in answers_of(dispute))


# ------------------------------------------------------------------------------------------------ inside


def _own(dispute: Dispute | None, user: User) -> Dispute:
    practitioner = disputes.practitioner_of(dispute.attempt.checkout) if dispute else None
    if dispute is None or practitioner is None or not practitioner.is_of(user):
        raise NotFound
    return dispute


def _locked(dispute_id: int, user: User) -> Dispute:
    _own(db.session.get(Dispute, dispute_id), user)
    return lock_dispute(dispute_id)


def _open_where(mine: object) -> list[Dispute]:
    statement = select(Dispute).join(Attempt, Attempt.id == Dispute.attempt_id)
    statement = statement.join(Checkout, Checkout.id == Attempt.checkout_id)
    statement = statement.options(contains_eager(Dispute.attempt).contains_eager(Attempt.checkout))
    rows = statement.where(mine, Dispute.status == DisputeStatus.OPEN)  # type: ignore[arg-type]
    return list(db.session.scalars(rows.order_by(Dispute.respond_by.nulls_last(), Dispute.id)))


def _messages(dispute: Dispute) -> list[ConsultationMessage]:
    """What the two wrote, where a question in writing was paid for; a question that nobody paid for is nobody's to read."""
    mine = select(ConsultationMessage).where(ConsultationMessage.checkout_id == dispute.attempt.checkout_id)
    return list(db.session.scalars(mine.order_by(ConsultationMessage.number)))


def _is_open(dispute: Dispute) -> bool:
    return dispute.status is DisputeStatus.OPEN and not is_answered(dispute)


def _check_room(dispute: Dispute, more: int, field: str) -> None:
    if not _is_open(dispute):
        raise Conflict("dispute_answered")
    if len(added_to(dispute)) + more > MOST:
        raise Invalid("too_many", field=field, most=MOST)


def _addition(dispute: Dispute, user: User) -> DisputeAddition:
    return DisputeAddition(id=chance.new_id(), dispute_id=dispute.id, text="", added_by=user.id, added_at=clock.now())


def _keep(made: DisputeAddition, dispute: Dispute, user: User) -> None:
    db.session.add(made)
    db.session.flush()
    _note(dispute, user, "added")


def _note(dispute: Dispute, user: User, step: str) -> None:
    who = Who(Actor.PRACTITIONER, user.id)
    record("evidence", dispute.id, "", step, who, booking_id=dispute.attempt.checkout.booking_id)
