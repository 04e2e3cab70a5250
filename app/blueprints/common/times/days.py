"""Days that people type, the stretch of time between two of them, and the zone they are read in."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from wtforms import DateField
from wtforms.validators import Optional

from app import words
from app.blueprints.common import web
from app.blueprints.common.access import is_known
from app.domain import agenda
from app.models import Practitioner

_DAY = timedelta(days=1)


class Calendar(DateField):
    """A date, or nothing."""

    def __init__(self, label: LazyString, **options: Any) -> None:
        super().__init__(label, validators=[Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Words for people instead of the library's."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(words.about_field("date_invalid", self.label.text)) from None


def between(first: object, last: object) -> tuple[datetime | None, datetime | None]:
    """From the first instant of `first` to the end of `last`, as days of the reader; None for what is no date."""
    since = _begin(first) if isinstance(first, date) else None
    until = _begin(last + _DAY) if isinstance(last, date) and last < date.max else None
    return since, until


def zone_for(practitioner: Practitioner) -> ZoneInfo:
    """The reader's zone; the practitioner's for a visitor whose browser has not told."""
    return web.zone() if is_known() or web.known_zone() else ZoneInfo(practitioner.zone)


def utc(moment: datetime) -> datetime | None:
    """The instant in UTC, which it is in when it names no zone; None where that is beyond the calendar's ends."""
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime | None:
    """The moment of a time that was typed; None where that is beyond the calendar's ends, as it is somewhere on its last day."""
    try:
        return agenda.instant(day, clock, zone)
    except OverflowError:
        return None


def _begin(day: date) -> datetime | None:
    return instant(day, time(0), web.zone())
