"""Many clients, one place: one winner each round, on both engines (complaint 17)."""

from app.models import Booking, Hold
from tests.support.rushes import ask, rush
from tests.support.world import World

CLIENTS = 50
ROUNDS, ALL_ROUNDS = 3, 20


def test_fifty_clients_for_one_place_give_one_winner_in_every_round(world: World, all_rounds: bool) -> None:
    """Acceptance criterion 17, S1-F23, complaint 17, S3-29, X10, invariant 1."""
    service = world.service(world.practitioner(), "hold_then_pay", "EUR")
    clients = [world.person() for _ in range(CLIENTS)]
    rounds = ALL_ROUNDS if all_rounds else ROUNDS
    starts = [slot["start"] for slot in world.slots(service)][:rounds]
    assert len(starts) == rounds
    for start in starts:
        answers = rush(ask(client, service, start) for client in clients)
        assert answers == {201: 1, 409: CLIENTS - 1}, answers
    assert len(world.all(Booking)) == rounds
    assert world.live_places() == rounds


def test_a_group_of_three_takes_exactly_three_of_thirty(world: World) -> None:
    service = world.service(world.practitioner(), "hold_then_pay", "EUR", places=3)
    start = world.start(service)
    answers = rush(ask(world.person(), service, start) for _ in range(30))
    assert answers == {201: 3, 409: 27}, answers
    assert sum(hold.places for hold in world.all(Hold)) == 3
