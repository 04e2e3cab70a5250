"""Packages: several sessions of a service paid for at once. Offered, bought, used for bookings, and ended."""

from app.services.prepaid.packages.package_offers import (
    LEAST,
    LONGEST,
    MOST,
    Wish,
    check_numbers,
    offer,
    offered_by,
    own_offers,
    sold_by,
    withdraw,
)
from app.services.prepaid.packages.package_queries import (
    Held,
    for_client,
    for_practitioner,
    get,
    held,
    of_booking,
    of_checkout,
)
from app.services.prepaid.packages.package_sales import buy, expire, overdue, refund
from app.services.prepaid.packages.package_uses import pay, usable

__all__ = [
    "LEAST",
    "LONGEST",
    "MOST",
    "Held",
    "Wish",
    "buy",
    "check_numbers",
    "expire",
    "for_client",
    "for_practitioner",
    "get",
    "held",
    "of_booking",
    "of_checkout",
    "offer",
    "offered_by",
    "overdue",
    "own_offers",
    "pay",
    "refund",
    "sold_by",
    "usable",
    "withdraw",
]
