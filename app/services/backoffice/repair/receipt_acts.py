"""What staff do about a payment of which nobody has heard and whose receipt they have."""

import uuid

from app.extensions import db
from app.models import Attempt, ReceiptCheck, User
from app.services.backoffice.repair.staff_acts import principal
from app.services.core.errors import NotFound
from app.services.core.transaction import record, transaction
from app.services.payments import receipt_checks


def enter_receipt(attempt_id: uuid.UUID, typed: str, staff: User) -> ReceiptCheck:
    """The gateway has been asked about the receipt, which staff say is of this payment; its answer decides.

    Raises Invalid (receipt_invalid) and Conflict (receipt_not_expected, receipt_known) too.
    """
    who = principal(staff)
    attempt = db.session.get(Attempt, attempt_id)
    if attempt is None:
        raise NotFound
    booking_id = attempt.checkout.booking_id
    check = receipt_checks.show_for(attempt_id, typed, who)
    with transaction():
        record("act", attempt_id, "", "receipt", who, why=check.receipt, booking_id=booking_id)
    return check


def takes_receipt(attempt: Attempt) -> bool:
    """Whether a receipt can be entered: its gateway has some, and the payment has not come."""
    return receipt_checks.desk_of(attempt) is not None and not attempt.is_paid
