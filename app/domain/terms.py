"""What comes back of a price when a session is cancelled: pure arithmetic over the terms frozen on a booking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.money import Money


@dataclass(frozen=True)
class Step:
    """Until then (UTC, the instant included) `percent` of what was paid comes back; after the last step nothing does."""

    until: datetime
    percent: int


def steps(policy: Mapping[str, Any], start: datetime) -> list[Step]:
    """The steps of a frozen policy for a session that begins at `start`, the most generous first."""
    tiers = [(int(policy.get("free_cancel_hours", 24)), 100), *policy.get("later_tiers", ())]
    return [Step(start - timedelta(hours=hours), percent) for hours, percent in tiers]


def percent_at(found: Iterable[Step], now: datetime) -> int:
    """How much comes back of what is cancelled at `now`."""
    return next((step.percent for step in found if now <= step.until), 0)


def part(money: Money, percent: int) -> Money:
    """`percent` of the money, a broken unit rounded up: in the favour of who gets it back."""
    return Money(-(-money.amount * percent // 100), money.currency)


def wrong_tier(free_hours: int, tiers: Iterable[tuple[int, int]]) -> int | None:
    """The number of the first tier that does not come later, and give back less, than the one before; None when all do."""
    hours, percent = free_hours, 100
    for number, (until, back) in enumerate(tiers):
        if not (0 <= until < hours and 0 < back < percent):
            return number
        hours, percent = until, back
    return None
