"""The disputes as staff work on them: the most urgent first, and of each what was answered, made, added and held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from app.domain.lifecycle import DisputeStatus
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Change, Dispute, DisputeAddition, DisputeAnswer, Practitioner
from app.services.backoffice.disputes.additions import added_to
from app.services.backoffice.disputes.answers import SUBJECT, answers_of
from app.services.backoffice.disputes.held_money import Held, holding
from app.services.core.errors import NotFound
from app.services.ledger import disputes

_SHOWN = 50  # of each list
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Case:
    """One dispute at the desk; `steps` is what was done about its evidence, the oldest first."""

    dispute: Dispute
    practitioner: Practitioner | None
    answers: list[DisputeAnswer]
    added: list[DisputeAddition]
    held: list[Held]
    steps: Sequence[Change]

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided."""
        return self.dispute.status is DisputeStatus.OPEN

    @property
    def is_answered(self) -> bool:
        """Whether evidence was sent for what the bank asks now."""
        return any(each.answers(self.dispute) for each in self.answers)

    @property
    def hours_left(self) -> int | None:
        """Whole hours until evidence must be in, below zero once it is too late; None where nobody told, or it is over."""
        due = self.dispute.respond_by
        return None if due is None or not self.is_open else (due - clock.now()) // _HOUR

    @property
    def is_outdated(self) -> bool:
        """Whether a practitioner added something, or took it back, after the last paper was made and before it was sent."""
        made = [nth for nth, each in enumerate(self.steps) if each.to_status == "made"]
        later = self.steps[made[-1] + 1 :] if made else []
        return any(each.to_status in ("added", "taken_back") for each in later) and not self.is_answered


def open_cases() -> list[Case]:
    """Those the bank has not decided, by when evidence must be in."""
    return _cases(Dispute.status == DisputeStatus.OPEN, Dispute.respond_by.nulls_last(), Dispute.id)


def closed() -> list[Case]:
    """Those that are decided, the latest first."""
    return _cases(Dispute.status != DisputeStatus.OPEN, Dispute.closed_at.desc(), Dispute.id.desc())


def case(dispute_id: int) -> Case:
    """One of them. Raises NotFound."""
    found = db.session.get(Dispute, dispute_id)
    if found is None:
        raise NotFound
    return _case(found)


def _cases(which: ColumnElement[bool], *order: object) -> list[Case]:
    rows = select(Dispute).where(which).order_by(*order).limit(_SHOWN)  # type: ignore[arg-type]
    return [_case(each) for each in db.session.scalars(rows.options(selectinload(Dispute.attempt)))]


def _case(dispute: Dispute) -> Case:
    attempt: Attempt = dispute.attempt
    steps = select(Change).where(Change.subject == SUBJECT, Change.subject_id == str(dispute.id)).order_by(Change.id)
    return Case(
        dispute=dispute,
        practitioner=disputes.practitioner_of(attempt.checkout),
        answers=answers_of(dispute),
        added=added_to(dispute),
        held=holding(dispute),
        steps=list(db.session.scalars(steps)),
    )
