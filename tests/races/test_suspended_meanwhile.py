"""Suspended by staff while another thread books or pays: one of the two sees the other, and nothing is held or lost."""

import threading
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.lifecycle import Actor
from app.extensions import db
from app.models import Booking, Checkout, Practitioner, Refund, Role, User
from app.services.accounts import rights
from app.services.backoffice import open_affairs
from app.services.core.transaction import Who
from tests.support.at_once import at_once
from tests.support.world import Caller, World

_OPERATOR = Who(Actor.STAFF)


def _suspend(world: World, whom: Caller) -> None:
    with world.app.app_context():
        rights.suspend(whom.user_id, _OPERATOR, "Shouted")
        open_affairs.end_of(whom.user_id)


def _set_off(others: list[threading.Thread], world: World, whom: Caller) -> None:
    """It stands in the list before it begins: what it reads itself sets off no other."""
    others.append(threading.Thread(target=_suspend, args=(world, whom)))
    others[0].start()


def test_who_is_suspended_after_the_login_check_books_nothing(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    start = world.start(service)
    others: list[threading.Thread] = []

    def suspend_once_read(_session: Any, row: object) -> None:
        if not others and isinstance(row, User) and row.id == client.user_id:
            _set_off(others, world, client)
            others[0].join()

    event.listen(db.session.session_factory, "loaded_as_persistent", suspend_once_read)
    try:
        answer = client.post("/bookings", {"service_id": service, "start": start})
    finally:
        event.remove(db.session.session_factory, "loaded_as_persistent", suspend_once_read)
    assert (answer.status_code, answer.json["code"]) == (401, "login_needed")
    assert world.all(Booking) == []


@pytest.mark.parametrize("whose", ["client", "practitioner"])
def test_what_was_booked_in_the_moment_of_the_suspension_ends(world: World, whose: str) -> None:
    """The booking commits first: the suspension waits for it, sees it, and its place is free again."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    start = world.start(service)
    whom = client if whose == "client" else owner
    others: list[threading.Thread] = []

    def suspend_before_the_commit(session: Any) -> None:
        if not others and any(isinstance(row, Checkout) for row in session.identity_map.values()):
            _set_off(others, world, whom)
            others[0].join(0.5)
            assert others[0].is_alive(), "it waits"

    event.listen(db.session.session_factory, "before_commit", suspend_before_the_commit)
    try:
        assert client.post("/bookings", {"service_id": service, "start": start}).status_code == 201
    finally:
        event.remove(db.session.session_factory, "before_commit", suspend_before_the_commit)
    others[0].join()
    assert [row.status for row in world.all(Booking)] == ["cancelled"]
    assert world.live_places() == 0


def test_a_practitioner_suspended_before_the_diary_is_locked_is_booked_no_more(world: World) -> None:
    """The service was read as sold: what counts is read again once the diary is locked."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    start = world.start(service)
    others: list[threading.Thread] = []

    def suspend_once_read(_session: Any, row: object) -> None:
        if not others and isinstance(row, Practitioner):
            _set_off(others, world, owner)
            others[0].join(0.5)  # SQLite: it waits for this transaction, and ends what came of it

    event.listen(db.session.session_factory, "loaded_as_persistent", suspend_once_read)
    try:
        client.post("/bookings", {"service_id": service, "start": start})
    finally:
        event.remove(db.session.session_factory, "loaded_as_persistent", suspend_once_read)
    others[0].join()
    assert [row.status for row in world.all(Booking)] in ([], ["cancelled"])
    assert world.live_places() == 0


@pytest.mark.parametrize("turn", range(3))
def test_a_callback_and_the_suspension_at_once_lose_nothing(world: World, turn: int) -> None:
    client, owner, staff = world.person(), world.practitioner(), world.person(Role.STAFF)
    made = world.book(client, world.service(owner))
    begun = world.begin(client, made["checkout"]["id"])

    def pay() -> None:
        world.act(begun)

    first, second = (pay, lambda: _suspend(world, client)) if turn % 2 else (lambda: _suspend(world, client), pay)
    at_once(first, second)
    world.sweep()
    [booking] = world.all(Booking)
    taken = sum(entry["amount"] for entry in world.money_taken() if entry["kind"] == "capture")
    back = sum(refund.amount for refund in world.all(Refund))
    assert (booking.status, taken - back) in (("confirmed", booking.price_amount), ("cancelled", 0))
    assert staff.get(f"/bookings/{booking.id}").status_code == 200
