"""Random histories on both engines, the same ones each time; `script/soak histories` plays others, and many more."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from app.lib import chance, clock
from sandbox.core import clock as sandbox_clock
from sandbox.core.money_log import Movement
from tests.histories import agreement, checks
from tests.histories.books import read
from tests.histories.playing import batches, play, play_seed, tally
from tests.histories.shelf import Shelf
from tests.histories.stage import START, Stage, own_database, staged

SEED = 20261121
HOW_MANY = {"sqlite": 14, "postgresql": 8}
ALL = {"sqlite": 160, "postgresql": 50}
LOSING = (12, 3, 6, 9, 15, 18, 21)  # seeds of histories in which news is lost; the first has all that must be in one
LOST = {"sqlite": 4, "postgresql": 3}


@pytest.fixture
def stage(engine: str, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The application on one engine and its sandbox, on a clock of their own."""
    with ExitStack() as stack:
        server = request.getfixturevalue("postgres_url") if engine == "postgresql" else ""
        url = stack.enter_context(own_database(server)) if server else ""
        yield stack.enter_context(staged(url))


@pytest.mark.both_engines
def test_whatever_people_and_gateways_do_the_money_is_where_it_belongs(
    stage: Stage, engine: str, all_rounds: bool
) -> None:
    """After each step every invariant holds, and once all is quiet every captured unit is in exactly one place."""
    before, count = tally(), (ALL if all_rounds else HOW_MANY)[engine]
    play(stage, count, SEED)
    played = {name: count - before.get(name, 0) for name, count in tally().items()}
    assert played["histories"] >= count
    assert played["= booking confirmed"] >= count / 4, played
    assert sum(count for name, count in played.items() if name.startswith("= refund")) > count / 10, played


@pytest.mark.both_engines
def test_whatever_is_lost_on_the_way_the_vendors_and_the_books_agree(
    stage: Stage, engine: str, all_rounds: bool
) -> None:
    """Webhooks are off, nights pass, a backup is gone back to: of every unit both say the same, or a person looks at it."""
    before = tally()
    for seed in LOSING if all_rounds else LOSING[:1]:
        play_seed(stage, seed, LOST[engine], lambda: None)
    played = {name: count - before.get(name, 0) for name, count in tally().items()}
    assert played["went back"], played
    assert played["= heard by pull"], played
    assert any(count for name, count in played.items() if name.startswith("= lost: ")), played


def test_money_that_only_the_vendor_knows_is_seen(stage: Stage) -> None:
    """A payment that no list and no statement has told, as a bug would leave it: the two sides do not agree."""
    stage.begin(reversals=True, reseats=True, by_query=False)
    stage.sandbox.money.add(Movement("stripe", "capture", "pi_1", "NOBODYS", 6_000, "EUR"))
    with stage.engine.connect() as connection:
        books = read(connection, stage.time.now(), stage.money(), stage.payable())
        found = agreement.of(stage, books, connection)
    assert found.breaches == ["stripe capture of pi_1 for NOBODYS: no row"]


def test_the_numbers_of_histories_add_up() -> None:
    """Whatever the count, that many are played."""
    for count in (1, 7, 100, 10_000):
        assert sum(batch.count for batch in batches(count)) == count


def test_the_clocks_are_the_machines_again_afterwards(tmp_path: Path) -> None:
    """No other test is left on a history's time."""
    stage = Stage(f"sqlite:///{tmp_path / 'kikao.db'}", tmp_path)
    stage.stop()
    assert abs(clock.now().timestamp() - sandbox_clock.now()) < 1
    assert chance._source is chance._system


def test_money_that_is_nowhere_is_seen(stage: Stage) -> None:
    """A capture that no row knows of, as a bug would leave it, is a breach."""
    stage.begin(reversals=True, reseats=True, by_query=False)
    stage.sandbox.money.add(Movement("stripe", "capture", "pi_1", "NOBODYS", 6_000, "EUR"))
    with stage.engine.connect() as connection:
        books = read(connection, stage.time.now(), stage.money(), stage.payable())
    assert checks.breaches(books) == ["charge pi_1 is for NOBODYS, which nobody asked for"]


def test_a_booking_that_is_not_what_was_shown_is_seen(stage: Stage) -> None:
    """The service was made shorter, as the model remembers, and the booking is as long as before: a breach."""
    stage.begin(reversals=True, reseats=True, by_query=False)
    shelf, service = Shelf(stage.cast.services), stage.cast.services[0]
    shelf.edited(service.id, {"minutes": 45}, stage.time.now())
    wish = {"service_id": service.id, "start": (START + timedelta(hours=2)).isoformat()}
    made = stage.cast.clients[0].post("/bookings", wish).get_json()["booking"]["id"]
    with stage.engine.connect() as connection:
        books = read(connection, stage.time.now(), stage.money(), stage.payable())
    assert list(shelf.breaches(books)) == [f"booking {made} has minutes 60, and 45 was shown"]
