"""A place nobody holds any more is taken again only at a time its practitioner still gives."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest

from app.models import Booking
from app.services.practice import Hours
from tests.support import practices
from tests.support.world import Caller, World


def _close(world: World, owner: Caller, _service: int, start: str) -> None:
    practices.close_day(world, owner, start)


def _other_hours(world: World, owner: Caller, _service: int, _start: str) -> None:
    practices.weekly(world, owner, [Hours(day, time(3), time(4)) for day in range(7)])


def _not_sold(world: World, owner: Caller, service: int, _start: str) -> None:
    practices.edit(world, owner, service, active=False)


def _not_published(world: World, owner: Caller, _service: int, _start: str) -> None:
    practices.withdraw(world, owner)


def _another_step(world: World, owner: Caller, service: int, _start: str) -> None:
    practices.edit(world, owner, service, minutes=50, step_minutes=50)


CLOSED = [_close, _other_hours, _not_sold, _not_published]
Change = Callable[[World, Caller, int, str], None]


def _asked(world: World, mode: str) -> tuple[Caller, Caller, int, str, dict[str, Any]]:
    """Somebody is paying, for a time in the middle of the day."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, mode, "INR")
    start = world.slots(service, days=3)[-10]["start"]
    made = world.book(client, service, start)
    return owner, client, service, start, world.begin(client, made["checkout"]["id"], "razorpay")


def _paid_late(world: World, mode: str, change: Change) -> tuple[Caller, str]:
    """Client and time of what ran out, was changed, and then was paid."""
    owner, client, service, start, begun = _asked(world, mode)
    world.move(minutes=20)
    world.sweep()
    change(world, owner, service, start)
    world.act(begun)
    return client, start


@pytest.mark.in_turn
@pytest.mark.parametrize("change", CLOSED)
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_a_late_payer_is_not_put_into_a_time_that_was_closed_since(world: World, mode: str, change: Change) -> None:
    """They choose: a near time where there is one, credit, or the money."""
    client, _ = _paid_late(world, mode, change)
    assert [each.status for each in world.all(Booking)] == (["expired"] if mode == "hold_then_pay" else [])
    assert (world.notices(client)[-1], world.live_places()) == ("payment_offer", 0)


@pytest.mark.parametrize("change", [_another_step])
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_a_late_payer_keeps_a_time_that_is_still_inside_the_hours(world: World, mode: str, change: Change) -> None:
    client, start = _paid_late(world, mode, change)
    [booking] = client.get("/bookings").json
    assert (booking["status"], booking["start"]) == ("confirmed", start)


@pytest.mark.parametrize("change", CLOSED)
def test_who_pays_while_the_place_is_held_has_it_whatever_is_closed_since(world: World, change: Change) -> None:
    owner, client, service, start, begun = _asked(world, "hold_then_pay")
    change(world, owner, service, start)
    world.act(begun)
    assert [each["status"] for each in client.get("/bookings").json] == ["confirmed"]


@pytest.mark.parametrize("change", CLOSED)
def test_where_nothing_is_held_a_closed_time_is_refused_before_paying(world: World, change: Change) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book")
    start = world.slots(service, days=3)[-10]["start"]
    made = world.book(client, service, start)
    change(world, owner, service, start)
    refused = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "stripe"})
    assert (refused.status_code, refused.json["code"]) == (409, "slot_taken")


@pytest.mark.parametrize(("still_free", "status"), [(True, "confirmed"), (False, "expired")])
def test_a_session_at_once_outside_the_hours_is_taken_again_while_the_practitioner_is_free(
    world: World, still_free: bool, status: str
) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, currency="INR", hold_minutes=3)
    practices.weekly(world, owner, [])
    owner.post("/practice/available", {"minutes": 60})
    made = client.post("/bookings/instant", {"service_id": service}).json
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(minutes=4)
    world.sweep()
    if not still_free:
        owner.post("/practice/available", {"minutes": 0})
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["status"] == status
