"""Many requests of one person in one moment, in threads and in processes: no quota is exceeded, on either engine."""

import pytest

from app.models import Booking
from tests.faults import child
from tests.faults.processes import process_environment
from tests.support.at_once import again, at_once
from tests.support.offspring import Offspring
from tests.support.world import Caller, World

_PATIENCE = 20  # a try waits five seconds for its turn


def _ask(client: Caller, service: int, start: str) -> int:
    """The answer in the end: a busy server (503) has done nothing, and is asked again."""
    for _ in range(_PATIENCE):
        status = client.post("/bookings", {"service_id": service, "start": start}).status_code
        if status != 503:
            break
    return status


def _times(world: World, practices: int, each: int) -> list[tuple[int, str]]:
    """So many free times at so many practitioners, whose diaries are locked apart."""
    services = [world.service(world.practitioner(name=f"Dr. {n}")) for n in range(practices)]
    return [(service, slot["start"]) for service in services for slot in world.slots(service)[:each]]


@pytest.mark.both_engines
@pytest.mark.usefixtures("quotas")
def test_of_twenty_four_times_asked_for_at_once_at_six_practitioners_one_gets_three(world: World) -> None:
    """SEC-7; the diary's lock alone would let a client have three with each."""
    client = world.person()
    asked = [(again(world, client), *where) for where in _times(world, 6, 4)]
    answers = at_once(*[lambda one=one: _ask(*one) for one in asked])
    assert sorted(answers) == [201] * 3 + [409] * 21
    assert len(world.all(Booking)) == 3


@pytest.mark.both_engines
def test_of_six_web_processes_asked_at_once_three_say_yes(world: World) -> None:
    client = world.person()
    environment = process_environment(world, KIKAO_RATE_LIMITS="on")
    headers = {"Authorization": f"Bearer {client.token}"}
    plans = [
        {"path": "/api/v1/bookings", "body": {"service_id": service, "start": start}, "headers": headers}
        for service, start in _times(world, 6, 1)
    ]
    processes = [Offspring(environment, child.send, plan) for plan in plans]
    answers = [process.hear() for process in processes]
    assert {process.end()[0] for process in processes} == {0}
    assert answers.count(201) == len(world.all(Booking)) <= 3
    assert set(answers) <= {201, 409, 503}
    assert answers.count(201) == 3 or 503 in answers
