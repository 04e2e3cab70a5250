"""Many clients, many times of one day, few sessions: never one more than is given, on both engines."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.lib import clock
from app.models import Booking
from tests.support import practices
from tests.support.world import Caller, World

CLIENTS, MOVERS = 50, 8
_NAIROBI = ZoneInfo("Africa/Nairobi")
_PATIENCE = 10  # a try waits five seconds for its turn


def _local(days: int, minutes: int) -> str:
    day = clock.today("Africa/Nairobi") + timedelta(days=days)
    return (datetime.combine(day, time(0), _NAIROBI) + timedelta(minutes=minutes)).isoformat()


def _sent(client: Caller, path: str, body: dict[str, Any]) -> tuple[int, str | None]:
    """The answer in the end: a busy server (503) has done nothing, and is asked again."""
    for _ in range(_PATIENCE):
        answer = client.post(path, body)
        if answer.status_code != 503:
            break
    return answer.status_code, answer.json["code"] if answer.status_code >= 400 else None


def _rush(tasks: Sequence[Callable[[], tuple[int, str | None]]]) -> Counter[tuple[int, str | None]]:
    answers: list[tuple[int, str | None]] = []
    gate = threading.Barrier(len(tasks))

    def run(task: Callable[[], tuple[int, str | None]]) -> None:
        gate.wait()
        answers.append(task())

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


@pytest.mark.parametrize(("rule", "code"), [("most_per_day", "day_full"), ("most_per_week", "week_full")])
def test_fifty_clients_for_fifty_times_get_no_more_sessions_than_are_given(world: World, rule: str, code: str) -> None:
    service = world.service(world.practitioner(), minutes=20, **{rule: 3})
    clients = [world.person() for _ in range(CLIENTS)]
    asks = [{"service_id": service, "start": _local(3, 20 * n)} for n in range(CLIENTS)]
    answers = _rush([lambda c=c, a=a: _sent(c, "/bookings", a) for c, a in zip(clients, asks, strict=True)])
    assert answers == {(201, None): 3, (409, code): CLIENTS - 3}
    assert world.live_places() == 3


def test_clients_who_move_onto_one_day_at_once_do_not_fill_it_beyond_what_is_given(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner, minutes=20, free_moves=1)
    clients = [world.person() for _ in range(MOVERS)]
    booked = [world.booked(client, service, start=_local(5 + n, 0)) for n, client in enumerate(clients)]
    practices.edit(world, owner, service, most_per_day=2)
    moves = [
        (f"/bookings/{booking['id']}/reschedule", {"start": _local(3, 20 * n)}) for n, booking in enumerate(booked)
    ]
    answers = _rush([lambda c=c, m=m: _sent(c, *m) for c, m in zip(clients, moves, strict=True)])
    assert answers == {(200, None): 2, (409, "day_full"): MOVERS - 2}
    day = datetime.fromisoformat(_local(3, 0))
    there = [each for each in world.all(Booking) if day <= each.starts_at < day + timedelta(days=1)]
    assert len(there) == 2
