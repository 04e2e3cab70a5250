"""What the gateways list."""

from app.jobs.context import job
from app.services.backoffice import pull


@job
def go_through(pull_id: int) -> None:
    """The pass that was begun over a gateway's list has been made."""
    pull.go_through(pull_id)
