"""The short addresses that stand in SMS; they lead to the whole ones, which ask who is there."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.blueprints.common.redirects import go
from app.lib.network import short_ids
from app.services.core.errors import NotFound

blueprint = Blueprint("short", __name__)


@blueprint.get("/b/<key>")
def booking(key: str) -> ResponseReturnValue:
    """On to the booking."""
    return _on("booking.show", "booking_id", key)


@blueprint.get("/c/<key>")
def bill(key: str) -> ResponseReturnValue:
    """On to what is to be paid."""
    return _on("paying.show", "checkout_id", key)


def _on(endpoint: str, name: str, key: str) -> ResponseReturnValue:
    found = short_ids.unpack(key)
    if found is None:
        raise NotFound
    return go(endpoint, **{name: found})
