"""Whom a service's rules of time bind: who asks, moves or waits; not the practitioner's own word."""

import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.lib import clock
from app.models import Wait
from tests.support import practices
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

_NAIROBI = ZoneInfo("Africa/Nairobi")


def _local(days: int, hour: int) -> str:
    """So many days from the practitioner's today, at that hour of theirs."""
    day = clock.today("Africa/Nairobi") + timedelta(days=days)
    return datetime.combine(day, time(hour), _NAIROBI).astimezone(ZoneInfo("UTC")).isoformat()


def _move(caller: Caller, booking: dict[str, Any], start: str) -> tuple[int, str]:
    answer = caller.post(f"/bookings/{booking['id']}/reschedule", {"start": start})
    return answer.status_code, answer.json["code"] if answer.status_code >= 400 else ""


def _accept(caller: Caller, booking: dict[str, Any]) -> int:
    return caller.post(f"/bookings/{booking['id']}/reschedule/accept").status_code


# ------------------------------------------------------------------------------------------------ moving


@pytest.mark.parametrize(
    ("rules", "days", "answer"),
    [
        ({"lead_hours": 72}, 2, (422, "too_soon")),
        ({"days_ahead": 20}, 21, (422, "too_far_ahead")),
        ({"most_per_day": 1}, 15, (409, "day_full")),
    ],
)
def test_a_client_moves_only_to_a_time_they_could_ask_for_and_the_practice_to_any(
    world: World, rules: dict[str, Any], days: int, answer: tuple[int, str]
) -> None:
    """Who gives the session may know better than what they ask of others."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    world.booked(world.person(), service, start=_local(15, 10))
    booking = world.booked(client, service, start=_local(10, 10))
    practices.edit(world, owner, service, **rules)
    wished = _local(days, 14)
    assert _move(client, booking, wished) == answer
    assert world.booking(client, booking["id"])["start"] == booking["start"]
    assert _move(owner, booking, wished) == (200, "")
    assert _accept(client, booking) == 200
    assert datetime.fromisoformat(world.booking(client, booking["id"])["start"]) == datetime.fromisoformat(wished)


def test_a_session_may_move_on_its_own_day_and_week_although_they_are_full(world: World) -> None:
    """It is itself what fills them; the page shows these times too."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, most_per_day=1, most_per_week=1, free_moves=2)
    start, later = _local(10, 10), _local(10, 14)
    booking = world.booked(client, service, start=start)
    page = Visitor(world, client).get(f"/bookings/{booking['id']}/move?month={later[:7]}&day={later[:10]}").text
    assert later.replace("+", "%2B") in page
    assert _move(client, booking, later) == (200, "")
    assert datetime.fromisoformat(world.booking(client, booking["id"])["start"]) == datetime.fromisoformat(later)


def test_what_a_client_proposed_in_time_may_be_accepted_later(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    booking = world.booked(client, service, start=_local(10, 10))
    assert _move(client, booking, _local(8, 10)) == (200, "")
    practices.edit(world, owner, service, lead_hours=2000, most_per_day=1)
    assert _accept(owner, booking) == 200


def test_the_page_to_move_says_how_far_ahead_can_be_booked(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    booking = world.booked(client, service, start=_local(10, 10))
    practices.edit(world, owner, service, days_ahead=3)
    far = (clock.today("Africa/Nairobi") + timedelta(days=70)).strftime("%Y-%m")
    said = Visitor(world, client).main(f"/bookings/{booking['id']}/move?month={far}")
    assert re.search(r"Nothing free in \w+\. Can be booked up to 3 days ahead\.", said)


# ------------------------------------------------------------------------------------------------ waiting, at once


def test_who_waits_is_offered_a_place_only_while_it_could_be_asked_for(world: World) -> None:
    """Freed within the notice, it is offered to nobody and the wait goes on; without the notice it is offered."""
    owner, holder, client = world.practitioner(), world.person(), world.person()
    service = world.service(owner)
    start = _local(3, 10)
    booking = world.booked(holder, service, start=start)
    assert client.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    practices.edit(world, owner, service, lead_hours=200)
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill."}).status_code == 200
    world.sweep()
    assert [wait.status.value for wait in world.all(Wait)] == ["waiting"]
    late = world.person().post("/bookings", {"service_id": service, "start": start})
    assert (late.status_code, late.json["code"]) == (422, "too_soon")
    practices.edit(world, owner, service, lead_hours=0)
    world.sweep()
    assert [wait.status.value for wait in world.all(Wait)] == ["offered"]


def test_who_waits_for_a_full_time_of_a_full_day_is_served_when_it_is_freed(world: World) -> None:
    owner, holder, client = world.practitioner(), world.person(), world.person()
    service = world.service(owner, most_per_day=1)
    start = _local(5, 10)
    booking = world.booked(holder, service, start=start)
    empty = client.post(f"/services/{service}/waits", {"start": _local(5, 14)})
    assert (empty.status_code, empty.json["code"]) == (409, "day_full")
    assert client.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill."}).status_code == 200
    assert [wait.status.value for wait in world.all(Wait)] == ["offered"]


def test_free_now_is_the_practitioners_own_word_but_for_how_many_a_day(world: World) -> None:
    """Neither notice nor own hours stand against "now"; a full day does."""
    owner, client = world.practitioner(), world.person()
    weekday = (clock.today("Africa/Nairobi").weekday() + 3) % 7
    service = world.service(owner, lead_hours=48)
    practices.own_hours(world, owner, service, weekday, time(9), time(10))
    assert owner.post("/practice/available", {"minutes": 60}).status_code == 200
    made = client.post("/bookings/instant", {"service_id": service})
    assert made.status_code == 201
    practices.edit(world, owner, service, most_per_week=1)
    world.move(minutes=3)
    refused = world.person().post("/bookings/instant", {"service_id": service})
    assert (refused.status_code, refused.json["code"]) == (409, "not_available_now")
    assert world.app.test_client().get(f"/api/v1/services/{service}/instant").json == {"start": None}


def test_a_package_is_used_only_at_times_that_may_be_asked_for(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, lead_hours=72)
    offer = owner.post("/package-offers", {"service_id": service, "sessions": 2, "price": 10_000}).json
    bought = client.post(f"/package-offers/{offer['id']}/buy").json
    world.act(world.begin(client, bought["id"]))
    soon = client.post("/bookings", {"service_id": service, "start": _local(2, 10)})
    assert (soon.status_code, soon.json["code"]) == (422, "too_soon")
    made = world.book(client, service, _local(5, 10))
    practices.edit(world, owner, service, lead_hours=2000)
    paid = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "package"})
    assert paid.status_code == 201
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_a_late_payer_is_offered_only_times_that_may_be_asked_for(world: World) -> None:
    owner, client, winner = world.practitioner(), world.person(), world.person()
    service = world.service(owner, "pay_then_book")
    start = _local(3, 10)
    bills = [world.book(each, service, start)["checkout"]["id"] for each in (winner, client)]
    begun = [world.begin(each, bill) for each, bill in zip((winner, client), bills, strict=True)]
    practices.edit(world, owner, service, lead_hours=80)
    for each in begun:
        world.act(each)
    offered = [datetime.fromisoformat(slot["start"]) for slot in world.checkout(client, bills[1])["offer"]["near"]]
    assert offered
    assert min(offered) >= clock.now() + timedelta(hours=79)
