"""The only clock: everything that needs the time asks here, so that a test can move it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_system: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731  (a door, not a function of its own)
_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _source()


def today(zone: str) -> date:
    """The date that calendars show in `zone` now: "today" is always somebody's, never UTC's."""
    return now().astimezone(ZoneInfo(zone)).date()


def use(source: Callable[[], datetime] | None) -> None:
    """From now on `now()` asks `source`; `None` puts the system's clock back. For tests."""
    global _source
    _source = source or _system
