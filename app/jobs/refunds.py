"""Refunds."""

from uuid import UUID

from app.jobs.context import job
from app.services.ledger import refunds


@job
def send(refund_id: str) -> None:
    """The gateway has been asked to send the money back, if it was due."""
    refunds.send(UUID(refund_id))
