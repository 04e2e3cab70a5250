"""Refunds."""

from uuid import UUID

from app.jobs.context import job
from app.services.ledger import refunds
from app.services.payments import refund_look_ups


@job
def send(refund_id: str) -> None:
    """The gateway has been asked to send the money back, if it was due."""
    refunds.send(UUID(refund_id))


@job
def look_up(entry_id: int) -> None:
    """All refunds of the charge that the news is about have been asked for."""
    refund_look_ups.look_up(entry_id)
