"""The JSON API under /api/v1: the same services as the pages, for programs."""

from app.blueprints.api import (
    auth,
    bookings,
    checkouts,
    consultations,
    gifts,
    my_data,
    notes,
    packages,
    papers,
    practitioners,
    ratings,
    receipts,
    reschedules,
    room,
    statements,
    waiting,
    wallet,
)
from app.blueprints.api.calls import blueprint
from app.blueprints.api.openapi import describe

blueprint.add_url_rule("/openapi.json", view_func=describe, methods=["GET"])

__all__ = [
    "auth",
    "blueprint",
    "bookings",
    "checkouts",
    "consultations",
    "gifts",
    "my_data",
    "notes",
    "packages",
    "papers",
    "practitioners",
    "ratings",
    "receipts",
    "reschedules",
    "room",
    "statements",
    "waiting",
    "wallet",
]
