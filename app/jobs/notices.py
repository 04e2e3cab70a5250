"""Messages."""

from app.jobs.context import job
from app.services.notifications import notices


@job
def deliver(delivery_id: int) -> None:
    """This copy of a message has gone out, once."""
    notices.deliver(delivery_id)
