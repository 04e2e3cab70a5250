"""The directory of backups: their names, which is the newest, and which are kept."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.lib import clock

_NAME = re.compile(r"kikao-(\d{8}T\d{6})Z\.tar\.gz")
_MOMENT = "%Y%m%dT%H%M%S"
ROOM = ".kikao-backup-"  # how directories begin in which one grows
_LEFT = timedelta(days=1)  # older than this, whoever made it was killed


def stamp(at: datetime) -> str:
    """The moment (UTC) as it stands in names."""
    return f"{at.astimezone(UTC):{_MOMENT}}Z"


def name_of(at: datetime) -> str:
    """What a backup is called that was made then."""
    return f"kikao-{stamp(at)}.tar.gz"


def newest_at(directory: Path) -> datetime | None:
    """When (UTC) the newest backup was made; None where there is none. Raises OSError."""
    return max((at for at, _ in _all(directory)), default=None)


def tidy(directory: Path, keep: int) -> int:
    """How many backups are gone: all but the newest `keep`; and what killed ones left behind is gone too. Raises OSError."""
    old = sorted(_all(directory), reverse=True)[keep:]
    for _, path in old:
        path.unlink(missing_ok=True)
    for left in directory.glob(f"{ROOM}*"):
        if datetime.fromtimestamp(left.stat().st_mtime, UTC) < clock.now() - _LEFT:
            shutil.rmtree(left, ignore_errors=True)
    return len(old)


def _all(directory: Path) -> Iterator[tuple[datetime, Path]]:
    for path in directory.iterdir():
        if found := _NAME.fullmatch(path.name):
            yield datetime.strptime(found[1], _MOMENT).replace(tzinfo=UTC), path
