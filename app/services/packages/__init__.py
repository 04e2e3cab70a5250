"""Packages: several sessions of a service paid for at once. Offered, bought, used for bookings, and ended."""

from app.services.packages.offering import LONGEST, MOST, Wish, offer, offered_by, own_offers, sold_by, withdraw
from app.services.packages.paying import pay, usable
from app.services.packages.reading import Held, for_client, for_practitioner, get, held, of_booking, of_checkout
from app.services.packages.selling import buy, expire, overdue, refund

__all__ = [
    "LONGEST",
    "MOST",
    "Held",
    "Wish",
    "buy",
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
