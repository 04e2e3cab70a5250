"""Which gateways this installation offers, and which of them can take a price."""

from flask import current_app

from app.domain.money import Money
from app.gateways.base import Gateway


def offered() -> dict[str, Gateway]:
    """The gateways this installation offers, by code."""
    found: dict[str, Gateway] = current_app.extensions["gateways"]
    return found


def accepting(money: Money, *, reserving: bool = False) -> list[Gateway]:
    """The gateways that can take `money`; with `reserving`, those that can first reserve it."""
    able = [gateway for gateway in offered().values() if gateway.capabilities.why_not(money) is None]
    return [gateway for gateway in able if gateway.capabilities.manual_capture or not reserving]
