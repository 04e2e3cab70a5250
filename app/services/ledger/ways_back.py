"""Which way money can go back: as it came, or only as credit."""

from app.domain.money import Money
from app.gateways.base import RefundSupport
from app.models import Attempt
from app.services.core import payment_methods
from app.services.ledger import journal


def can_go_back(attempt: Attempt, money: Money, charge_ref: str = "") -> bool:
    """Whether the gateway could send just this amount of just this charge.

    One that is no longer set up could: the refund waits for staff.
    """
    if attempt.gateway in journal.OWN:
        return False
    gateway = payment_methods.offered().get(attempt.gateway)
    if gateway is None or gateway.capabilities.refunds == RefundSupport.PARTIAL:
        return True
    whole = money == attempt.money and bool(charge_ref or attempt.charge_ref)
    return gateway.capabilities.refunds == RefundSupport.FULL_ONLY and whole
