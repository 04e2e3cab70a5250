"""Accounts."""

from uuid import UUID

from app.jobs.context import job
from app.services.accounts import mailed_codes
from app.services.backoffice import open_affairs


@job
def mail_code(code_id: str) -> None:
    """The code is mailed, once."""
    mailed_codes.send(UUID(code_id))


@job
def end_open(user_id: int) -> None:
    """What was open with somebody whose rights have ended has ended, but for what is being paid."""
    open_affairs.end_of(user_id)
