"""Which gateways this installation offers, and which of them can take a price."""

from flask import current_app

from app.domain.money import Money, exponent
from app.gateways import by_hand
from app.gateways.base import Gateway


def offered() -> dict[str, Gateway]:
    """The gateways this installation offers, by code."""
    found: dict[str, Gateway] = current_app.extensions["gateways"]
    return found


def called(word: str) -> Gateway | None:
    """The gateway that addresses name by this word: its own, or its code, as addresses were made before."""
    by_word = {gateway.address_word: gateway for gateway in offered().values() if gateway.address_word}
    return offered().get(word) or by_word.get(word)


def codes_by_hand() -> list[str]:
    """The ways to pay of which only a person knows: those offered, and ours also when they no longer are."""
    return by_hand(offered())


def accepting(money: Money, *, reserving: bool = False) -> list[Gateway]:
    """The gateways that can take `money`; with `reserving`, those that can first reserve it."""
    able = [gateway for gateway in offered().values() if gateway.capabilities.why_not(money) is None]
    return [gateway for gateway in able if gateway.capabilities.manual_capture or not reserving]


def collectable(money: Money) -> Money:
    """What is asked for where `money` follows from a price: rounded down to what can be paid, nothing below the smallest.

    All of it where no way to pay has the currency: one may have it again.
    """
    able = _having(money.currency)
    if not able:
        return money
    most = max((_most_of(money, gateway) for gateway in able), key=lambda part: part.amount)
    whole = Money(most.amount // _unit(most) * _unit(most), most.currency)
    return _by_more_ways(most, whole)


def sufficing(money: Money) -> Money | None:
    """The least that can be paid and is not less than `money`; None where so much cannot be paid at once."""
    least = [_least_over(money, gateway) for gateway in _having(money.currency)]
    taken = [each for each in least if accepting(each)]
    if not taken:
        return None
    best = min(taken, key=lambda each: each.amount)
    return _by_more_ways(best, Money(-(-best.amount // _unit(best)) * _unit(best), best.currency))


def _having(currency: str) -> list[Gateway]:
    return [gateway for gateway in offered().values() if currency in gateway.capabilities.currencies]


def _most_of(money: Money, gateway: Gateway) -> Money:
    able = gateway.capabilities
    unit = _unit(money) if able.whole_units_only else 1
    part = Money(min(money.amount, able.maximum.get(money.currency, money.amount)) // unit * unit, money.currency)
    return part if able.why_not(part) is None else Money(0, money.currency)


def _least_over(money: Money, gateway: Gateway) -> Money:
    able = gateway.capabilities
    unit = _unit(money) if able.whole_units_only else 1
    return Money(-(-max(money.amount, able.minimum.get(money.currency, 1)) // unit) * unit, money.currency)


def _by_more_ways(exact: Money, whole: Money) -> Money:
    # Cents are given up only where they would keep a way to pay away.
    return whole if len(accepting(whole)) > len(accepting(exact)) else exact


def _unit(money: Money) -> int:
    return int(10 ** exponent(money.currency))
