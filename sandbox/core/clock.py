"""Time and random ids: the only place that reads the clock, so that a test can move it."""

import secrets
import string
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

NAIROBI = timezone(timedelta(hours=3))  # no summer time there
_LETTERS = string.ascii_letters + string.digits

_source: Callable[[], float] = time.time


def now() -> float:
    """Seconds since 1970."""
    return _source()


def use(source: Callable[[], float] | None) -> None:
    """From now on `now()` asks `source`; `None` puts the system's clock back."""
    global _source
    _source = source or time.time


def iso(moment: float) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def nairobi(moment: float, form: str = "%Y%m%d%H%M%S") -> str:
    """The moment as Daraja writes it."""
    return datetime.fromtimestamp(moment, NAIROBI).strftime(form)


def new_id(prefix: str, length: int = 14, letters: str = _LETTERS) -> str:
    """A fresh random id in a vendor's style."""
    return prefix + "".join(secrets.choice(letters) for _ in range(length))
