"""A list asks once for all of its rows: it takes no more questions to show twenty bookings than to show two."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Booking
from app.services import bookings
from app.services.core import batching
from app.services.core.transaction import transaction
from tests.support.statements import statements
from tests.support.visitor import log_in
from tests.support.world import World


class Practice:
    """One practitioner and one client, who books and books."""

    def __init__(self, world: World) -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.paid = world.service(self.owner, "hold_then_pay", "KES")
        self.asked = world.service(self.owner, "approve_then_pay", "EUR")
        self.starts = [slot["start"] for slot in world.slots(self.paid, days=12)]

    def books(self) -> None:
        """One paid, one paid and cancelled, one asked for, one that waits to be paid."""
        world, client = self.world, self.client
        for ended in (False, True):
            made = world.book(client, self.paid, self.starts.pop())
            world.act(world.begin(client, made["checkout"]["id"], "mpesa"))
            if ended:
                client.post(f"/bookings/{made['booking']['id']}/cancel")
        world.book(client, self.asked, self.starts.pop())
        world.book(client, self.paid, self.starts.pop())
        world.settle()
        world.sweep()


def _lists(practice: Practice) -> dict[str, Callable[[], Any]]:
    mine, theirs = log_in(practice.world, practice.client), log_in(practice.world, practice.owner)
    seen: dict[str, Callable[[], Any]] = {
        "API, client": lambda: practice.client.get("/bookings"),
        "API, practitioner": lambda: practice.owner.get("/bookings"),
        "table": lambda: mine.get("/history.csv"),
        "today": lambda: theirs.get("/practice"),
        "notices, client": lambda: mine.get("/notices"),
        "notices, practitioner": lambda: theirs.get("/notices"),
    }
    for tab in ("waiting", "upcoming", "cancelled"):
        seen[f"client, {tab}"] = lambda tab=tab: mine.get(f"/bookings?tab={tab}")  # type: ignore[misc]
        seen[f"practitioner, {tab}"] = lambda tab=tab: theirs.get(f"/practice/bookings?tab={tab}")  # type: ignore[misc]
    return seen


def _counted(practice: Practice) -> dict[str, Counter[str]]:
    found = {}
    for name, look in _lists(practice).items():
        look()
        with statements(practice.world.app) as asked:
            assert look().status_code == 200
        found[name] = Counter(asked)
    return found


def test_a_list_of_many_asks_no_more_than_a_list_of_two(world: World) -> None:
    practice = Practice(world)
    for _ in range(2):
        practice.books()
    few = _counted(practice)
    for _ in range(3):
        practice.books()
    many = _counted(practice)
    more = {name: many[name] - few[name] for name in few}
    assert [f"{name}: {count} x {asked}" for name in few for asked, count in more[name].items()] == []


def test_a_list_of_practitioners_asks_for_all_their_services_at_once(world: World) -> None:
    def counted() -> Counter[str]:
        with statements(world.app) as asked:
            assert world.app.test_client().get("/api/v1/practitioners").status_code == 200
        return Counter(asked)

    for number in range(5):
        world.service(world.practitioner(name=f"Practitioner {number}"))
        if number == 1:
            few = counted()
    assert counted() == few


def test_what_a_list_says_of_a_booking_is_what_its_own_page_says(world: World) -> None:
    practice = Practice(world)
    for _ in range(2):
        practice.books()
    for caller in (practice.client, practice.owner):
        listed: Any = caller.get("/bookings").json
        assert len(listed) == 8
        assert listed == [caller.get(f"/bookings/{each['id']}").json for each in listed]


def test_outside_of_a_list_nothing_is_remembered(world: World) -> None:
    practice = Practice(world)
    made = world.book(practice.client, practice.paid, practice.starts.pop())
    with world.app.app_context():
        booking = db.session.get_one(Booking, world.all(Booking)[0].id)
        with batching.batch([booking]):
            assert bookings.money_of(booking) == "none"
        world.act(world.begin(practice.client, made["checkout"]["id"], "mpesa"))
        db.session.rollback()  # SQLite shows a transaction what was there when it began
        assert bookings.money_of(booking) == "paid"


def test_nothing_is_changed_while_a_list_is_read(app: Flask) -> None:
    """What a list has asked once is not asked again, so whoever wrote meanwhile would believe what was there before."""
    with app.app_context():
        with batching.batch([]), pytest.raises(RuntimeError, match="inside a batch"), transaction():
            pytest.fail("the transaction began")
        with transaction():
            pass


@pytest.mark.parametrize("number", [0, 1, 501])
def test_however_many_rows_there_are_each_has_its_answer(number: int) -> None:
    asked: list[int] = []

    @batching.batched("row", list)
    def halves(keys: Any) -> dict[int, list[int]]:
        asked.append(len(keys))
        return {key: [key // 2] for key in keys if key % 2 == 0}

    with batching.batch([]):
        batching.include("row", range(number))
        assert [halves(key) for key in range(number)] == [[k // 2] if k % 2 == 0 else [] for k in range(number)]
        assert asked == {0: [], 1: [1], 501: [500, 1]}[number]
        assert halves(10_000) == [5_000]  # not a row of this list: asked about alone
