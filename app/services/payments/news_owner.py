"""Whose news is that matches no payment: an account at a vendor may serve other products, and each hears of all of it."""

import re

from app.domain.news import NewsOwner
from app.gateways.base import REFUND_KEYS, Authorised, Confirmed, Failed, GatewayEvent, Pending

_REFERENCE = re.compile(r"[A-Z2-9]{12}")  # as app/lib/chance makes them
_OF_PAYMENTS = (Authorised, Confirmed, Failed, Pending)


class AnothersNews(Exception):
    """The news is certainly of another product, or of another installation of Kikao: nothing of it may be kept."""


def reference_in(event: GatewayEvent) -> str | None:
    """The news' reference where we can have made it; into the same field others write names and addresses of people."""
    return event.reference if event.reference and _REFERENCE.fullmatch(event.reference) else None


def owner_of(event: GatewayEvent, installation: str = "") -> NewsOwner:
    """How far news that matches nothing shows itself to be ours; `installation` is our own id, where we have one.

    Raises AnothersNews. What of ours was matched is ours whatever it says: this is asked of the rest alone.
    """
    reference = reference_in(event)
    if event.installation and installation:
        if event.installation != installation:
            raise AnothersNews
        return NewsOwner.OURS
    if event.reference and reference is None and isinstance(event.fact, _OF_PAYMENTS):
        raise AnothersNews  # every payment of ours bears a reference of ours; a refund's may be written by any tool
    key = event.fact.refund_key or ""
    return NewsOwner.LIKELY if reference or key.startswith(REFUND_KEYS) else NewsOwner.UNKNOWN
