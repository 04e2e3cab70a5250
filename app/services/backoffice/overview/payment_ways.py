"""Which ways to pay there are, and what they can take."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.domain.money import Money
from app.extensions import db
from app.models import Service
from app.services import practice
from app.services.core import payment_methods


@dataclass(frozen=True)
class Way:
    """A way to pay and why it cannot take a price: one of base.Capabilities.why_not's words, empty when it can."""

    label: str
    why: str


def ways(price: Money) -> list[Way]:
    """Every way to pay this installation has, those that take `price` first."""
    reasons = practice.unpayable_reasons(price)
    found = [Way(gateway.label, reasons.get(code, "")) for code, gateway in payment_methods.offered().items()]
    return sorted(found, key=lambda way: way.why != "")


def currencies() -> list[str]:
    """Every currency some way to pay takes, the most used in services first."""
    known = {code for gateway in payment_methods.offered().values() for code in gateway.capabilities.currencies}
    rows = db.session.execute(select(Service.currency, func.count()).group_by(Service.currency))
    used = {code: int(count) for code, count in rows}
    return sorted(known, key=lambda code: (-used.get(code, 0), code))
