"""Two clocks at once: the reader's, and that of where somebody else is or a session is held."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import lazy_gettext as _l
from wtforms import Form

from app.blueprints.common import web
from app.blueprints.common.answers import clock_face
from app.blueprints.common.forms import ZoneField
from app.domain.meetings import PROVIDERS, MeetingKind
from app.models import Booking, Practitioner, Service
from app.services.bookings.quote import Quote


class ClockForm(Form):
    """By which clock times are shown."""

    zone = ZoneField(_l("Time zone"))


def register(app: Flask) -> None:
    """Templates can show a time by the clock that matters."""
    app.jinja_env.filters.update(session_time=session_time, session_briefly=session_briefly, both_clocks=both)
    app.jinja_env.filters.update(session_span=session_span)
    app.jinja_env.filters.update(time_there=time_there)
    app.jinja_env.filters.update(day_key=day_key)
    app.jinja_env.globals.update(clocks_differ=differ, clock_form=clock_form, by_twelve=clock_face.by_twelve)
    app.jinja_env.globals.update(times_of=web.times)


def clock_form(zone_name: str) -> ClockForm:
    """The form that another zone is chosen with."""
    return ClockForm(data={"zone": zone_name})


def differ(one: str, other: str, *instants: datetime) -> bool:
    """Whether clocks of the two zones show other times at any of these instants: zones have several names, and seasons."""
    here = ZoneInfo(one)
    there = ZoneInfo(other)
    return any(each.astimezone(here).utcoffset() != each.astimezone(there).utcoffset() for each in instants)


def of_place(held: Booking | Service | Quote | None, practitioner: Practitioner | None) -> str | None:
    """The zone of where people meet in person, which is the practitioner's; None where they meet online, or not at all."""
    if held is None or practitioner is None or PROVIDERS[MeetingKind(held.meeting_kind)].is_online:
        return None
    return practitioner.zone


def session_time(value: datetime, held: Booking | Service, zone: str | None = None) -> str:
    """When a session is: in person by the clock of the place, the reader's beside it where that differs (finding 22)."""
    return both(value, of_place(held, held.practitioner), zone)


def session_span(held: Booking, zone: str | None = None) -> str:
    """From when until when a session is, by the same clocks."""
    there = of_place(held, held.practitioner)
    return both(held.starts_at, there, zone, lambda start, where: web.span(start, held.ends_at, where))


def session_briefly(value: datetime, held: Booking | Service, zone: str) -> str:
    """When a session is, in few letters, for an SMS."""
    return both(value, of_place(held, held.practitioner), zone, web.briefly)


def both(
    value: datetime, there: str | None, zone: str | None = None, shown: Callable[[datetime, str], str] = web.when
) -> str:
    """The time by the clock `there`, and in brackets the reader's where it differs; without a `there` just the reader's."""
    here = zone or web.zone().key
    if there is None or not differ(here, there, value):
        return shown(value, here)
    is_same_day = value.astimezone(ZoneInfo(here)).date() == value.astimezone(ZoneInfo(there)).date()
    return f"{shown(value, there)} ({web.time_of_day(value, here) if is_same_day else shown(value, here)})"


def time_there(value: datetime, there: str, here: str) -> str:
    """The time by the clock `there`, with its date where `here` has another one."""
    days = {value.astimezone(ZoneInfo(zone)).date() for zone in (here, there)}
    return web.time_of_day(value, there) if len(days) == 1 else web.briefly(value, there)


def day_key(value: datetime, zone: str | None = None) -> str:
    """The day that the reader's calendar shows then, as addresses name it: 2026-11-30."""
    return f"{value.astimezone(ZoneInfo(zone) if zone else web.zone()):%Y-%m-%d}"
