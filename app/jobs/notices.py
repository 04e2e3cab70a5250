"""Messages."""

from app.jobs.context import job
from app.services import notices


@job
def deliver(notice_id: int) -> None:
    """The message is mailed, once."""
    notices.deliver(notice_id)
