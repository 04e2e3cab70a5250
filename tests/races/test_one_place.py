"""Many clients, one place: one winner each round, on both engines (complaint 17)."""

import threading
from collections import Counter

import pytest

from app.models import Booking, Hold
from tests.support.world import Caller, World

CLIENTS = 50
ROUNDS, ALL_ROUNDS = 3, 20
_PATIENCE = 10  # a try waits five seconds for its turn


def _ask(client: Caller, service: int, start: str) -> int:
    """The answer in the end: a busy server (503) is asked again, as its Retry-After wishes; it has done nothing."""
    for _ in range(_PATIENCE):
        status = client.post("/bookings", {"service_id": service, "start": start}).status_code
        if status != 503:
            break
    return status


def _rush(world: World, clients: list[Caller], service: int, start: str) -> Counter[int]:
    answers: list[int] = []  # appending is atomic, counting is not
    gate = threading.Barrier(len(clients))

    def run(client: Caller) -> None:
        gate.wait()
        answers.append(_ask(client, service, start))

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


@pytest.mark.xdist_group("races")
def test_fifty_clients_for_one_place_give_one_winner_in_every_round(world: World, all_rounds: bool) -> None:
    """Acceptance criterion 17, S1-F23, complaint 17, S3-29, X10, invariant 1."""
    service = world.service(world.practitioner(), "hold_then_pay", "EUR")
    clients = [world.person() for _ in range(CLIENTS)]
    rounds = ALL_ROUNDS if all_rounds else ROUNDS
    starts = [slot["start"] for slot in world.slots(service)][:rounds]
    assert len(starts) == rounds
    for start in starts:
        answers = _rush(world, clients, service, start)
        assert answers == {201: 1, 409: CLIENTS - 1}, answers
    assert len(world.all(Booking)) == rounds
    assert world.live_places() == rounds


@pytest.mark.xdist_group("races")
def test_a_group_of_three_takes_exactly_three_of_thirty(world: World) -> None:
    service = world.service(world.practitioner(), "hold_then_pay", "EUR", places=3)
    start = world.start(service)
    answers = _rush(world, [world.person() for _ in range(30)], service, start)
    assert answers == {201: 3, 409: 27}, answers
    assert sum(hold.places for hold in world.all(Hold)) == 3


@pytest.mark.xdist_group("races")
def test_overlapping_services_of_one_practitioner_never_both_win(world: World) -> None:
    """Invariant 1: no two slots of a practitioner overlap."""
    owner = world.practitioner()
    short = world.service(owner, "hold_then_pay", "EUR")
    long = world.service(owner, "hold_then_pay", "EUR", title="Long", minutes=120, step_minutes=60)
    start = world.start(long, 2)
    winners = []

    def run(client: Caller, service: int) -> None:
        if _ask(client, service, start) == 201:
            winners.append(service)

    threads = [threading.Thread(target=run, args=(world.person(), s)) for s in (short, long) * 6]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
