"""Which of a service's days its page shows: the nearest side by side, a month, and the times of one; or the next with any."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from flask import request, url_for

from app.blueprints.common.answers import clock_face
from app.blueprints.common.times import month_grid
from app.blueprints.common.times.month_grid import FreeDays
from app.lib import clock
from app.models import Service, User
from app.services.practice import slots
from app.services.practice.slots import FreeSlot
from app.services.scheduling import kept_times

_NEAR = timedelta(days=13)  # so far the nearest days are shown, whatever month they are in


@dataclass(frozen=True)
class ShownDays:
    """What is free to the reader: in the month that begins on `first`, and in the next two weeks where those meet it."""

    service: Service
    reader: User | None
    zone: ZoneInfo
    first: date
    days: FreeDays
    day: date | None  # whose times are shown

    @property
    def today(self) -> date:
        """The reader's."""
        return clock.today(self.zone.key)

    @property
    def month(self) -> tuple[date, date]:
        """Its first and last day."""
        return month_grid.month_of(self.first)

    def is_in_month(self, day: date) -> bool:
        """Whether it is a day of the month that is shown."""
        return day.replace(day=1) == self.first


def of(service: Service, zone: ZoneInfo, reader: User | None) -> ShownDays:
    """The month and day asked for; without a wish those of the next free time."""
    wanted = _asked_day()
    month = request.args.get("month") or (f"{wanted:%Y-%m}" if wanted else "")
    found = _chosen(_read(ShownDays(service, reader, zone, month_grid.first_of(month, zone), {}, None)), wanted)
    if "month" in request.args:
        return found
    is_free = found.day is not None and any(time.places_left for time in found.days[found.day])
    day = found.day if is_free or wanted in found.days else _next_day(found) or found.day
    if day is None or found.is_in_month(day):
        return found
    return _chosen(_read(replace(found, first=day.replace(day=1))), day)


def _read(asked: ShownDays) -> ShownDays:
    """With what is free, from today on where the next two weeks meet the month: one look at the diary for both."""
    first, last = asked.month
    near = asked.today + _NEAR
    span = (asked.today, max(last, near)) if first <= near else (first, last)
    times = partial(_times, reader=asked.reader)
    return replace(asked, days=month_grid.free_days(asked.service, span, asked.zone, times, places=0))


def _times(service: Service, first: date, last: date, reader: User | None) -> list[FreeSlot]:
    """Every time that the reader could ask for, or wait for where it is full."""
    near = kept_times.for_reader(service, slots.times(service, first, last), reader)
    return [one for one in near if one.places_left or not service.mode.is_paid_after]


def _chosen(found: ShownDays, wanted: date | None) -> ShownDays:
    """With the day asked for if it has times, else the first that has something free, or something to wait for."""
    if wanted in found.days:
        return replace(found, day=wanted)
    is_shown = found.is_in_month if "month" in request.args else bool
    near = {day: times for day, times in found.days.items() if is_shown(day)}
    return replace(found, day=next(iter(month_grid.with_free(near) or sorted(near)), None))


def _next_day(found: ShownDays) -> date | None:
    return month_grid.next_day(found.service, found.first, found.zone, found.reader)


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None


# ------------------------------------------------------------------------------------------------ the page


def on_page(shown: ShownDays) -> dict[str, Any]:
    """What the page says of them."""
    times = shown.days.get(shown.day, []) if shown.day else []
    in_month = {day: times for day, times in shown.days.items() if shown.is_in_month(day)}
    url = partial(day_url, shown.service)
    is_free = bool(month_grid.with_free(in_month))
    return {
        "day": shown.day,
        "free": [time for time in times if time.places_left],
        "full": [time for time in times if not time.places_left],
        "strip": month_grid.strip(shown.days, shown.today, shown.day, url),
        "weekday_shorts": clock_face.weekday_shorts(),
        "weeks": month_grid.weeks(shown.first, in_month, shown.today, shown.day, url),
        "how_far": month_grid.how_far(shown.service, shown.first),
        "nothing_in": "" if is_free else flask_babel.format_date(shown.first, "LLLL"),
        "next_day": None if is_free else _next_day(shown),
        "day_url": url,
        "beside": _beside(shown),
        **_around(shown),
    }


def _beside(shown: ShownDays) -> tuple[date | None, date | None]:
    """The days with times before and after the one that is shown."""
    before = [day for day in sorted(shown.days) if shown.day and day < shown.day]
    after = [day for day in sorted(shown.days) if shown.day and day > shown.day]
    return (before[-1] if before else None), (after[0] if after else None)


def _around(shown: ShownDays) -> dict[str, Any]:
    """The month's name and the ways to the months before and after."""
    following = month_grid.step_on(shown.service, shown.first, shown.zone)
    is_later = shown.first > shown.today.replace(day=1)
    return {
        "title": flask_babel.format_date(shown.first, "LLLL yyyy"),
        "weekdays": month_grid.weekdays(),
        "prev_url": _month_url(shown.service, month_grid.step(shown.first, -1)) if is_later else None,
        "next_url": _month_url(shown.service, following) if following else None,
    }


def day_url(service: Service, day: date) -> str:
    """The page with the times of the day."""
    return url_for("choosing.service", service_id=service.id, day=day.isoformat(), _anchor="times")


def _month_url(service: Service, first: date) -> str:
    return url_for("choosing.service", service_id=service.id, month=f"{first:%Y-%m}", _anchor="month")
