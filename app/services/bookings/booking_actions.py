"""What somebody may do with a booking now: by the table of moves, and by forms to be signed first."""

from app.domain.lifecycle import allowed_actions
from app.models import Booking, User
from app.services.bookings import intake_forms
from app.services.bookings.status_changes import role_in, status_now


def actions(booking: Booking, user: User) -> list[str]:
    """What the person may do with the booking now; nobody is offered what a missing form would refuse.

    Raises NotFound.
    """
    allowed = allowed_actions(status_now(booking), role_in(booking, user))
    return [action for action in allowed if not intake_forms.missing(booking, action)]
