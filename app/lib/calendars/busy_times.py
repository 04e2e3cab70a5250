"""When another calendar is busy: its file into stretches of time. The file may be anybody's and anything.

Some rules take for ever to work out and some files fill any memory, so that is done in a process of its own
(busy_entries): it knows neither the application nor its environment, and is ended when it takes too much.
"""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

log = logging.getLogger("app.busy")  # a name that operators filter by

SECONDS = 20
_ROOT = Path(__file__).resolve().parents[3]
_READER = "app.lib.calendars.busy_entries"
_KEPT = ("PATH", "PYTHONPATH", "PYTHONTZPATH", "TZDIR", "SYSTEMROOT")  # of the environment, to find the libraries

Stretch = tuple[datetime, datetime]


class Unreadable(ValueError):
    """The file is no calendar, or too much of one; `args[0]` is a key of words.FEED_PROBLEMS."""


@dataclass(frozen=True)
class Window:
    """Between which instants to look, the zone of times that name none, whose calendar it is.

    `own` are UIDs of entries that we put there ourselves, `owners` addresses of its owner; both in small letters.
    """

    first: datetime
    last: datetime
    zone: ZoneInfo
    own: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Busy:
    """What is taken (UTC, in order, joined where they touch), and names of entries that could not be worked out."""

    times: list[Stretch]
    left_out: list[str] = field(default_factory=list)


def read(content: bytes, window: Window, seconds: float = SECONDS) -> Busy:
    """What busy_entries.stretches finds in the file, in a process of its own within `seconds`. Raises Unreadable."""
    # -P: nothing is imported from where we happen to stand.
    command = [sys.executable, "-P", "-X", "utf8", "-m", _READER]
    asked = as_json(window).encode() + b"\n"  # not among the arguments: everybody on the machine may read those
    try:
        done = subprocess.run(  # noqa: S603  (our own file, by our own Python)
            command, input=asked + content, capture_output=True, timeout=seconds, env=_environment(), check=True
        )
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise _given_up(error) from None
    if "problem" in told:
        raise Unreadable(told["problem"])
    times = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in told["times"]]
    return Busy(times, told["left_out"])


def as_json(window: Window) -> str:
    """The window for the other process, in one line."""
    told: dict[str, Any] = {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "zone": window.zone.key,
        "own": sorted(window.own),
        "owners": sorted(window.owners),
    }
    return json.dumps(told)


def from_json(line: str | bytes) -> Window:
    """The window that was written by as_json. Raises ValueError, also for a zone that is not known here."""
    told = json.loads(line)
    return Window(
        datetime.fromisoformat(told["first"]),
        datetime.fromisoformat(told["last"]),
        ZoneInfo(told["zone"]),
        frozenset(told["own"]),
        frozenset(told["owners"]),
    )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), kept.get("PYTHONPATH"))))}


def _given_up(error: Exception) -> Unreadable:
    """Below zero it was ended from outside, for what it took; else it stumbled over what it read."""
    code = getattr(error, "returncode", 0)
    log.warning("calendar.given_up error=%s code=%s", type(error).__name__, code)
    took_too_much = isinstance(error, subprocess.TimeoutExpired) or code < 0
    return Unreadable("too_many" if took_too_much else "no_calendar")
