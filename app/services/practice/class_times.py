"""The fixed times of a group: what they may be. Which of them are free is availability's."""

from collections.abc import Iterator, Sequence
from datetime import time

from app.domain import agenda
from app.domain.agenda import ClassTime
from app.models import ServiceKind
from app.services.core.errors import Invalid

MOST = 14  # a week
Wall = tuple[int, str]  # a weekday (0 Monday) and a local time as 18:00


def problems(kind: str, minutes: int, times: Sequence[Wall]) -> list[Invalid]:
    """Everything that is wrong with these, `minutes` long with the free time around; beside class_time1 and so on."""
    return list(_problems(kind, minutes, times)) if times else []


def _problems(kind: str, minutes: int, times: Sequence[Wall]) -> Iterator[Invalid]:
    if kind != ServiceKind.GROUP:
        yield Invalid("class_times_of_group", field="class_time1")
    if len(times) > MOST:
        yield Invalid("too_many", field="class_time1", most=MOST)
    classes = [_read(*each) for each in times]
    yield from (Invalid("time_invalid", field=f"class_time{n}") for n, one in enumerate(classes, 1) if one is None)
    read = [each for each in classes if each is not None]
    twice = [n for n, each in enumerate(classes, 1) if each is not None and each in classes[: n - 1]]
    yield from (Invalid("class_twice", field=f"class_time{n}") for n in twice)
    crossing = agenda.crossing_class(dict.fromkeys(read), minutes)
    if crossing:
        yield Invalid("class_inside_another", field=f"class_time{classes.index(crossing[1]) + 1}", minutes=minutes)


def _read(weekday: int, wall: str) -> ClassTime | None:
    try:
        starts = time.fromisoformat(wall)
    except ValueError:
        return None
    return ClassTime(weekday, starts) if 0 <= weekday <= 6 and starts.tzinfo is None and not starts.second else None
