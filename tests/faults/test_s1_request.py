# mypy: disable-error-code="index, union-attr, misc, arg-type, attr-defined"
"""S1, a client asks for a session: it is booked once or not at all, whatever breaks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.models import Booking, Change, Checkout, Hold, IdempotentRequest, Notification
from tests.faults.clocks import SKEWS, skewed
from tests.faults.database import after_the_migration, cut_at, locked
from tests.faults.people import send_and_hang_up
from tests.faults.processes import die_in, send_in_a_process
from tests.support.at_once import again, at_once
from tests.support.world import Caller, World


def _wish(world: World, mode: str = "approve_then_pay") -> tuple[Caller, Caller, dict[str, Any]]:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, mode)
    return client, owner, {"service_id": service, "start": world.start(service)}


def _nothing(world: World) -> bool:
    return not any(world.all(model) for model in (Booking, Hold, Checkout, Change, Notification))


def _once(world: World) -> None:
    """One booking with one place, and each side told once."""
    assert len(world.all(Booking)) == 1
    assert world.live_places() == 1
    assert len(world.all(Notification)) == 2


@pytest.mark.both_engines
def test_killed_before_the_commit_nothing_is_booked_and_the_same_key_books_once(world: World) -> None:
    """S1-F01 (undone): kill -9 in the very moment before the commit."""
    client, _, body = _wish(world)
    die_in(send_in_a_process(world, client, "/bookings", body, dies="INSERT INTO bookings"))
    assert _nothing(world)
    assert client.post("/bookings", body, key="k-1").json["code"] == "request_in_progress"
    world.move(seconds=61)
    assert client.post("/bookings", body, key="k-1").status_code == 201
    _once(world)


@pytest.mark.both_engines
def test_killed_after_the_commit_the_same_key_finds_the_booking(world: World) -> None:
    """S1-F01: committed, and nobody heard the answer."""
    client, _, body = _wish(world)
    die_in(send_in_a_process(world, client, "/bookings", body, dies="INSERT INTO bookings", committed=True))
    [row] = world.all(Booking)
    world.move(seconds=61)
    assert client.post("/bookings", body, key="k-1").json["booking"]["id"] == str(row.id)
    _once(world)


@pytest.mark.in_turn
@pytest.mark.parametrize("statement", ["INSERT INTO bookings", "INSERT INTO holds", "INSERT INTO notifications"])
@pytest.mark.both_engines
def test_a_database_that_goes_away_in_between_books_nothing_and_the_same_key_books_once(
    world: World, statement: str
) -> None:
    """S1-F02 (undone): 503 with a time to come again, no half of a booking."""
    client, _, body = _wish(world)
    with cut_at(world, statement) as struck:
        answer = client.post("/bookings", body, key="k-1")
    assert struck
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "busy", "2")
    assert _nothing(world)
    assert client.post("/bookings", body, key="k-1").status_code == 201
    _once(world)


def test_without_the_queue_a_request_stands_and_both_are_told_by_the_sweep(
    world: World, lose_queue: Callable[[], Any]
) -> None:
    """S1-F03, S1-F04 (delayed): the mails come late, and once."""
    client, owner, body = _wish(world)
    lose_queue()
    assert client.post("/bookings", body).status_code == 201
    lose_queue()
    assert world.mails() == []
    world.sweep()
    world.sweep()
    assert [len(world.mails(world.email(person))) for person in (client, owner)] == [1, 1]


@pytest.mark.in_turn
@pytest.mark.parametrize("by", SKEWS)
def test_on_a_node_whose_clock_is_wrong_a_request_is_booked_once_and_the_node_says_that_it_is_ill(
    world: World, by: timedelta
) -> None:
    """S1-F19 (right): one booking, one place, its deadline as long as ever by the clock it was made by."""
    client, owner, _ = _wish(world)
    with skewed(world, by):
        service = world.service(owner, "approve_then_pay", title="Asked for there")
        made = world.book(client, service)
        again = client.post("/bookings", {"service_id": service, "start": made["booking"]["start"]})
        ready = world.app.test_client().get("/readyz")
        assert world.live_places() == 1
    assert again.json["booking"]["id"] == made["booking"]["id"]
    assert (ready.status_code, "differs from the database's" in ready.json["clock"]) == (503, True)
    [row] = world.all(Booking)
    assert row.deadline_at - row.created_at <= timedelta(hours=24)
    assert world.app.test_client().get("/readyz").status_code == 200


def test_a_browser_closed_before_the_answer_finds_its_booking_later(world: World) -> None:
    """S1-F20 (right)."""
    client, _, body = _wish(world, "hold_then_pay")
    send_and_hang_up(world, client, "/bookings", body)
    world.until(lambda: bool(world.all(Checkout)))
    [found] = client.get("/bookings", tab="waiting").json
    assert "pay" in found["allowed_actions"]
    assert client.post("/bookings", body).json["booking"]["id"] == found["id"]
    assert len(world.all(Booking)) == 1


@pytest.mark.in_turn
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
@pytest.mark.parametrize("keys", ["one click twice", "two tabs", "no keys"])
@pytest.mark.both_engines
def test_asked_twice_at_once_it_is_booked_once(world: World, mode: str, keys: str) -> None:
    """S1-F21, S1-F22 (once): the other click, or the other tab, gets the same or "in progress"."""
    client, _, body = _wish(world, mode)
    each = {"one click twice": ["k", "k", "k", "k"], "two tabs": ["a", "b", "c", "d"], "no keys": [None] * 4}[keys]
    answers = at_once(*(lambda key=key: again(world, client).post("/bookings", body, key=key) for key in each))
    good = [answer for answer in answers if answer.status_code == 201]
    assert good
    assert all(a.status_code == 201 or a.json["code"] == "request_in_progress" for a in answers)
    assert len({answer.text for answer in good}) == 1
    assert len(world.all(Checkout if mode == "pay_then_book" else Booking)) == 1
    assert world.live_places() == (0 if mode == "pay_then_book" else 1)


@pytest.mark.parametrize("mode", ["hold_then_pay", "approve_then_pay"])
@pytest.mark.both_engines
def test_of_two_clients_who_want_one_place_one_is_told_no_before_paying(world: World, mode: str) -> None:
    """S1-F23 (one winner): five rounds at once; the loser's request leaves nothing behind."""
    first, _, body = _wish(world, mode)
    second = world.person()
    starts = [slot["start"] for slot in world.slots(int(body["service_id"]))][:5]
    for start in starts:
        wish = body | {"start": start}
        answers = at_once(lambda w=wish: first.post("/bookings", w), lambda w=wish: second.post("/bookings", w))
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        assert next(a for a in answers if a.status_code == 409).json["code"] == "slot_taken"
    assert len(world.all(Booking)) == len(starts) == world.live_places()
    assert len(world.notices(first) + world.notices(second)) == (len(starts) if mode == "approve_then_pay" else 0)


@pytest.mark.both_engines
def test_a_request_that_meets_a_migration_waits_for_it(world: World) -> None:
    """S1-F25 (right): the lock is given back in time, and nobody noticed."""
    client, _, body = _wish(world)
    answer = after_the_migration(world, "bookings", lambda: client.post("/bookings", body, key="k-1"))
    assert answer.status_code == 201
    _once(world)


@pytest.mark.both_engines
def test_a_request_that_meets_a_long_migration_is_asked_to_come_again_and_then_booked_once(world: World) -> None:
    """S1-F25 (right): five seconds, then 503 with nothing written; the same key works afterwards."""
    client, _, body = _wish(world)
    with locked(world, "bookings", readable=True):
        answer = client.post("/bookings", body)
    assert (answer.status_code, answer.json["code"]) == (503, "busy")
    assert _nothing(world)
    assert world.all(IdempotentRequest) == []
    assert client.post("/bookings", body).status_code == 201
    _once(world)
