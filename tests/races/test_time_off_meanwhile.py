"""Time off that is entered while another thread asks for a time in it: one of the two sees the other."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import Absence
from app.extensions import db
from app.models import Booking, TimeOff, User
from app.services import practice
from app.services.backoffice.overview import diary
from app.services.practice import time_off
from tests.support.at_once import again, at_once
from tests.support.world import Caller, World

_CLIENTS = 12
_PATIENCE = 20  # a try waits five seconds for its turn


def _ask(client: Caller, service: int, start: str) -> tuple[int, str]:
    """The answer in the end: a busy server (503) has done nothing, and is asked again."""
    for _ in range(_PATIENCE):
        answer = client.post("/bookings", {"service_id": service, "start": start})
        if answer.status_code != 503:
            break
    return answer.status_code, answer.json.get("code", "")


def _leave(world: World, owner: Caller, day: date) -> int:
    """The time off, and how many sessions it says that stand in it."""
    with world.app.app_context():
        made = time_off.add(db.session.get_one(User, owner.user_id), Absence(day, day))
        [booked] = diary.standing_in(practice.of_user(db.session.get_one(User, owner.user_id)), [made])
        return len(booked)


@pytest.mark.both_engines
def test_of_twelve_who_ask_while_time_off_is_entered_each_is_listed_in_it_or_refused(world: World) -> None:
    """No time is taken in time off that its practitioner was not told of: the diary's lock puts one after the other."""
    owner = world.practitioner()
    service = world.service(owner)
    starts = [slot["start"] for slot in world.slots(service, days=3)]
    zone = ZoneInfo("Africa/Nairobi")
    day = (datetime.fromisoformat(starts[0]).astimezone(zone) + timedelta(days=1)).date()
    inside = [start for start in starts if datetime.fromisoformat(start).astimezone(zone).date() == day][:_CLIENTS]
    asks = [partial(_ask, again(world, world.person()), service, start) for start in inside]
    half = len(asks) // 2
    calls: list[Callable[[], Any]] = [*asks[:half], lambda: _leave(world, owner, day), *asks[half:]]
    answers = at_once(*calls)
    told = answers.pop(half)
    assert len(world.all(TimeOff)) == 1
    assert len(world.all(Booking)) == told == [status for status, _ in answers].count(201)
    assert {answer for answer in answers if answer[0] != 201} <= {(422, "slot_not_offered")}
    assert world.slots(service, days=3)
    assert not [s for s in world.slots(service, days=3) if s["start"] in inside]
