"""The clock."""

from app.jobs.context import job
from app.services.backoffice import sweeps


@job
def sweep() -> None:
    """One pass of everything the clock does."""
    sweeps.sweep()
