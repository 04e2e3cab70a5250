"""The JSON API under /api/v1: the same services as the pages, for programs."""

from app.blueprints.api import checkouts, consultations, practitioners, to_do
from app.blueprints.api.accounts import auth, my_data, phone
from app.blueprints.api.bookings import booking_calls, intake_forms
from app.blueprints.api.calls import blueprint
from app.blueprints.api.ledger import receipts, statements
from app.blueprints.api.openapi import describe
from app.blueprints.api.practice import absences, booking_rules
from app.blueprints.api.prepaid import gifts, packages, wallet
from app.blueprints.api.scheduling import reschedules, waitlist
from app.blueprints.api.sessions import attendance, notes, ratings, room

blueprint.add_url_rule("/openapi.json", view_func=describe, methods=["GET"])

__all__ = [
    "absences",
    "attendance",
    "auth",
    "blueprint",
    "booking_calls",
    "booking_rules",
    "checkouts",
    "consultations",
    "gifts",
    "intake_forms",
    "my_data",
    "notes",
    "packages",
    "phone",
    "practitioners",
    "ratings",
    "receipts",
    "reschedules",
    "room",
    "statements",
    "to_do",
    "waitlist",
    "wallet",
]
