"""What a service asks of the time it is booked for: how long before, how far ahead, how many a day and a week. Pure arithmetic.

They bind who asks for a time, and nobody who has one. Days and weeks are the practitioner's own, and weeks begin on Monday.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain.agenda import monday_of

# field -> (least, most); all but the first may be left out, and then there is no such rule.
LIMITS = {"lead_hours": (0, 2160), "days_ahead": (1, 730), "most_per_day": (1, 100), "most_per_week": (1, 500)}


class Refusal(StrEnum):
    """Which rule a time breaks: the code of the problem."""

    TOO_SOON = "too_soon"
    TOO_FAR = "too_far_ahead"
    DAY_FULL = "day_full"
    WEEK_FULL = "week_full"


@dataclass(frozen=True)
class BookingRules:
    """Booked at least `lead_hours` before, at most `days_ahead` local days ahead, and so many sessions a day and a week."""

    lead_hours: int = 0
    days_ahead: int | None = None
    most_per_day: int | None = None
    most_per_week: int | None = None

    @property
    def at_once(self) -> "BookingRules":
        """What is left of them where the practitioner offers the very moment: how many, and nothing about when."""
        return replace(self, lead_hours=0, days_ahead=None)

    @property
    def counts(self) -> bool:
        """Whether it has to be known which sessions there are."""
        return (self.most_per_day, self.most_per_week) != (None, None)

    @property
    def can_be_met(self) -> bool:
        """Whether any time is late enough and near enough."""
        return self.days_ahead is None or self.lead_hours <= self.days_ahead * 24

    def last_day(self, today: date) -> date | None:
        """The last local date that can be booked; None where no date is too far."""
        return None if self.days_ahead is None else today + timedelta(days=self.days_ahead)


@dataclass(frozen=True)
class Sessions:
    """The sessions of a service that hold a place, by when they begin: at which instants, on which days, in which weeks."""

    starts: frozenset[datetime]
    days: Counter[date]
    weeks: Counter[date]

    @classmethod
    def of(cls, starts: Iterable[datetime], zone: ZoneInfo) -> "Sessions":
        """Return them counted by the clock of `zone`; who shares a time shares a session."""
        found = frozenset(starts)
        days = [start.astimezone(zone).date() for start in found]
        return cls(found, Counter(days), Counter(map(monday_of, days)))


def refusal(rules: BookingRules, start: datetime, now: datetime, zone: ZoneInfo, sessions: Sessions) -> Refusal | None:
    """The rule for which nobody may ask `now` for a session at `start`; None where all of them are kept.

    A place in a session that is held already makes no further session.
    """
    if start - now < timedelta(hours=rules.lead_hours):
        return Refusal.TOO_SOON
    day = start.astimezone(zone).date()
    last = rules.last_day(now.astimezone(zone).date())
    if last is not None and last < day:
        return Refusal.TOO_FAR
    return None if start in sessions.starts else _full(rules, day, sessions)


def _full(rules: BookingRules, day: date, sessions: Sessions) -> Refusal | None:
    if rules.most_per_day is not None and sessions.days[day] >= rules.most_per_day:
        return Refusal.DAY_FULL
    if rules.most_per_week is not None and sessions.weeks[monday_of(day)] >= rules.most_per_week:
        return Refusal.WEEK_FULL
    return None
