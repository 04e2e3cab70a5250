"""What comes back of a price when a session is cancelled: pure arithmetic over the terms frozen on a booking."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from app.domain.money import Money


@dataclass(frozen=True)
class Step:
    """Until then (UTC, the instant included) `percent` of what was paid comes back; after the last nothing."""

    until: datetime
    percent: int


@dataclass(frozen=True)
class CancellationPolicy:
    """What was agreed about cancelling and moving; what an old booking does not say is what was meant in those days."""

    free_cancel_hours: int = 24
    later_tiers: tuple[tuple[int, int], ...] = ()  # until so many hours before the start, so many percent come back
    no_show_percent: int = 0  # comes back to a client who did not come
    free_moves: int = 0  # how often the client may move the session without asking
    free_move_hours: int = 24
    counted_from: datetime | None = None  # an earlier start from which the hours count, where it was moved too late

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "CancellationPolicy":
        """The policy in the JSON that is frozen on a booking."""
        own = {field.name for field in fields(cls)}
        return cls(**{name: _READERS.get(name, int)(value) for name, value in stored.items() if name in own})

    def steps(self, start: datetime) -> list[Step]:
        """The steps for a session whose hours count from `start`, the most generous first."""
        tiers = [(self.free_cancel_hours, 100), *self.later_tiers]
        return [Step(start - timedelta(hours=hours), percent) for hours, percent in tiers]


_READERS: dict[str, Callable[[Any], Any]] = {  # the rest are whole numbers
    "later_tiers": lambda tiers: tuple((hours, percent) for hours, percent in tiers),
    "counted_from": datetime.fromisoformat,
}


def percent_at(found: Iterable[Step], now: datetime) -> int:
    """How much comes back of what is cancelled at `now`."""
    return next((step.percent for step in found if now <= step.until), 0)


def part(money: Money, percent: int) -> Money:
    """`percent` of the money, a broken unit rounded up: in the favour of who gets it back."""
    return Money(-(-money.amount * percent // 100), money.currency)


def wrong_tier(free_hours: int, tiers: Iterable[tuple[int, int]]) -> int | None:
    """The number of the first tier that does not end later and give back less than the one before, if any."""
    every = [(free_hours, 100), *tiers]
    for number, ((hours, percent), (until, back)) in enumerate(pairwise(every)):
        if not (0 <= until < hours and 0 < back < percent):
            return number
    return None
