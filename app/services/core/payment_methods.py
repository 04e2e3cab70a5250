"""Which gateways this installation offers, and which of them can take a price."""

from flask import current_app

from app.domain.money import Money
from app.gateways import by_hand
from app.gateways.base import Gateway


def offered() -> dict[str, Gateway]:
    """The gateways this installation offers, by code."""
    found: dict[str, Gateway] = current_app.extensions["gateways"]
    return found


def codes_by_hand() -> list[str]:
    """The ways to pay of which only a person knows: those offered, and ours also when they no longer are."""
    return by_hand(offered())


def accepting(money: Money, *, reserving: bool = False) -> list[Gateway]:
    """The gateways that can take `money`; with `reserving`, those that can first reserve it."""
    able = [gateway for gateway in offered().values() if gateway.capabilities.why_not(money) is None]
    return [gateway for gateway in able if gateway.capabilities.manual_capture or not reserving]
