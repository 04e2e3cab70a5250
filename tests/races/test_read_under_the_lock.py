"""What decides about a place is read once the diary is locked: an edit, or another calendar, in the moment before counts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from app.extensions import db
from app.lib import clock
from app.models import Booking, BusyFeed, BusyTime, Refund, WeeklyHours
from app.services.practice import Hours, external_calendars
from tests.support import practices
from tests.support.at_once import somebody_waits
from tests.support.calendars import calendar, elsewhere, entry
from tests.support.double_bookings import double_bookings, seats
from tests.support.proofs import Pages
from tests.support.world import World

_LOCKS_DIARY = ("FROM practitioners", "FOR NO KEY UPDATE")
_TAKES_TIME = ("INSERT INTO slots",)


@pytest.fixture
def engine() -> str:
    """SQLite has one writer: nobody gets between its reading and its writing."""
    return "postgresql"


@contextmanager
def _just_before(
    world: World, statement: tuple[str, ...], act: Callable[[], None], *, may_wait: bool = False
) -> Iterator[None]:
    """Just before anybody sends such a statement for the first time, `act` is done by another thread; or waits for a lock."""
    others: list[threading.Thread] = []

    def set_off(_connection: Any, _cursor: Any, said: str, *_: Any) -> None:
        if others or not all(part in said for part in statement):
            return
        others.append(threading.Thread(target=act))
        others[0].start()
        world.until(lambda: not others[0].is_alive() or (may_wait and somebody_waits(world)))

    with world.app.app_context():
        bind = db.engine
    event.listen(bind, "before_cursor_execute", set_off)
    try:
        yield
    finally:
        event.remove(bind, "before_cursor_execute", set_off)
    [other] = others
    other.join()


def test_who_asks_while_a_service_is_edited_books_it_as_it_is_once_the_diary_is_theirs(world: World) -> None:
    """Longer, dearer and asked for first by now: what was read before counts for nothing."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    start = world.start(service)
    edit = partial(practices.edit, world, owner, service, minutes=90, price_amount=9_000, mode_code="approve_then_pay")
    with _just_before(world, _LOCKS_DIARY, edit):
        assert client.post("/bookings", {"service_id": service, "start": start}).status_code == 201
    [made] = world.all(Booking)
    assert (made.agreed_minutes, made.price_amount, made.mode_code) == (90, 9_000, "approve_then_pay")


def test_a_draft_that_is_paid_while_its_service_is_taken_off_sale_is_booked_no_more(world: World) -> None:
    """The news of the money had read the service as sold."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book", "INR")
    begun = world.begin(client, world.book(client, service)["checkout"]["id"], "razorpay")
    with _just_before(world, _LOCKS_DIARY, partial(practices.edit, world, owner, service, active=False)):
        world.act(begun)
    assert [row.status for row in world.all(Booking)] == []
    assert [row.amount for row in world.all(Refund)] == [row["amount"] for row in world.money_taken()]
    assert double_bookings(world) == []


def test_a_calendar_that_is_read_while_somebody_takes_a_time_waits_for_them(world: World) -> None:
    """Busy by the other calendar, and booked after that was known, is never both."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    slot = world.slots(service)[0]
    with elsewhere(world) as other:
        assert Pages(world, owner).post("/practice/calendars", {"url": other.url}).status_code == 303
        other.content = calendar(entry(slot["start"], slot["end"]))
        [feed] = world.all(BusyFeed)
        with _just_before(world, _TAKES_TIME, partial(_read, world, feed.id), may_wait=True):
            assert client.post("/bookings", {"service_id": service, "start": slot["start"]}).status_code == 201
    assert len(world.all(BusyTime)) == 1
    assert double_bookings(world) == []
    assert seats(world)[0].hold.taken_at < world.all(BusyFeed)[0].fetched_at


def test_an_edit_waits_for_who_is_taking_a_time_by_what_the_service_was(world: World) -> None:
    """So nothing that is booked after an edit was answered is as before."""
    owner, client, edited = world.practitioner(), world.person(), list[datetime]()
    service = world.service(owner)

    def edit() -> None:
        practices.edit(world, owner, service, minutes=90)
        edited.append(clock.now())

    with _just_before(world, _TAKES_TIME, edit, may_wait=True):
        world.book(client, service)
    [seat] = seats(world)
    assert (seat.booking.agreed_minutes, seat.hold.taken_at < edited[0]) == (60, True)


def _read(world: World, feed_id: int) -> None:
    with world.app.app_context():
        external_calendars.read(feed_id)


def test_time_off_waits_for_who_is_taking_a_time_and_lists_what_they_took(world: World) -> None:
    """Else its practitioner is told that nothing stands in it, and somebody comes."""
    owner, client, told = world.practitioner(), world.person(), list[int]()
    service = world.service(owner)
    start = world.start(service)

    def leave() -> None:
        practices.close_day(world, owner, start)
        [off] = owner.get("/practice/time-off").json
        told.append(len(off["bookings"]))

    with _just_before(world, _TAKES_TIME, leave, may_wait=True):
        world.book(client, service, start)
    assert told == [1]


def test_of_two_weeks_that_are_saved_at_once_one_is_there_and_not_both(world: World) -> None:
    """The second would take away what it had found, and leave the hours of both."""
    owner = world.practitioner()
    early, late = [Hours(0, time(8), time(12))], [Hours(0, time(10), time(16))]
    with _just_before(
        world, ("INSERT INTO weekly_hours",), partial(practices.weekly, world, owner, late), may_wait=True
    ):
        practices.weekly(world, owner, early)
    assert [(row.starts, row.ends) for row in world.all(WeeklyHours)] == [(time(10), time(16))]
