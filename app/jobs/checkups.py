"""The daily look at our accounts at others."""

from app.jobs.context import job
from app.services.backoffice import checkups


@job
def look() -> None:
    """The look has been made, if it was time for it."""
    checkups.daily()
