"""Payments."""

from uuid import UUID

from app.jobs.context import job
from app.services.payments import attempts, receipt_checks


@job
def look_up(attempt_id: str) -> None:
    """The gateway has been asked what became of the attempt, if it was due."""
    attempts.look_up(UUID(attempt_id))


@job
def close_lost(practitioner_id: int) -> None:
    """What is under way at gateways for times of the practitioner's that are gone was ended there, where that can be."""
    attempts.close_lost(practitioner_id)


@job
def check_receipt(check_id: str) -> None:
    """The gateway has been asked about the receipt, if that was due."""
    receipt_checks.ask(UUID(check_id))
