"""Accounts."""

from uuid import UUID

from app.jobs.context import job
from app.services.accounts import mailed_codes


@job
def mail_code(code_id: str) -> None:
    """The code is mailed, once."""
    mailed_codes.send(UUID(code_id))
