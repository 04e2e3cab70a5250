"""Groups, couples and families: who pays, who comes, who waits; each seat with its own money and its own link."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy.event import listen, remove
from sqlalchemy.orm import Session

from app.extensions import db
from app.lib import clock
from app.models import Booking, Checkout, Refund, User, Wait
from app.services import bookings
from app.services.core.errors import Conflict
from app.services.practice import slots
from tests.support import practices
from tests.support.double_bookings import double_bookings
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _group(world: World, places: int = 3, mode: str = "hold_then_pay", **more: Any) -> tuple[Caller, int, str]:
    owner = world.practitioner()
    service = world.service(owner, mode, places=places, **more)
    return owner, service, world.slots(service, days=5)[-1]["start"]


@pytest.mark.in_turn
@pytest.mark.parametrize("key", [None, "one-and-the-same-form"])
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book", "approve_then_pay"])
def test_who_asks_again_for_more_places_is_told_that_it_is_another_wish(
    world: World, mode: str, key: str | None
) -> None:
    """What waits is found again by the same wish only; after it was given up the new one is free to be made."""
    _, service, start = _group(world, mode=mode)
    client = world.person()
    with world.app.app_context():
        user = db.session.get_one(User, client.user_id)
        first = bookings.request(user, service, datetime.fromisoformat(start), request_key=key)
        assert bookings.request(user, service, datetime.fromisoformat(start), request_key=key) == first
        there = f"/bookings/{first.booking.id}" if first.booking else f"/checkouts/{first.checkout.id}"
        with pytest.raises(Conflict, match="already_asked"):
            bookings.request(user, service, datetime.fromisoformat(start), places=3, request_key=key)
    more = client.post("/bookings", {"service_id": service, "start": start, "places": 3})
    assert (more.status_code, more.json["code"]) == (409, "already_asked")
    assert client.post(f"{there}/cancel").status_code == 200
    made = world.book(client, service, start, places=3)
    assert made["booking"] is None or made["booking"]["places"] == 3


def test_the_page_says_what_is_waiting_and_leads_there(world: World) -> None:
    _, service, start = _group(world)
    client = world.person()
    bill = world.book(client, service, start)["checkout"]["id"]
    answer = Pages(world, client).post(f"/services/{service}/book", {"start": start, "places": "2"})
    assert (answer.status_code, "a different number of places" in answer.text) == (409, True)
    assert f'href="/checkouts/{bill}"' in answer.text


# ------------------------------------------------------------------------------------------------ who comes


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_who_pays_need_not_be_who_comes(world: World, mode: str) -> None:
    """S0-20, S3-21: a parent books for a child; the draft of a booking remembers it too."""
    client, owner = world.person(name="Wanjiku Kamau"), world.practitioner()
    service = world.service(owner, mode)
    made = world.book(client, service, attendees=["Otieno  Kamau", " "])
    world.act(world.begin(client, made["checkout"]["id"]))
    [booking] = client.get("/bookings").json
    assert (booking["client"], [one["name"] for one in booking["attendees"]]) == ("Wanjiku Kamau", ["Otieno Kamau"])
    seen = owner.get(f"/bookings/{booking['id']}").json["attendees"]
    assert seen == [{"name": "Otieno Kamau", "comes": True, "link": None}]
    page = f"/bookings/{booking['id']}/attendees"
    assert [Pages(world, who).get(page).status_code for who in (client, owner)] == [200, 404], "who pays decides"


@pytest.mark.parametrize(
    ("kind", "places", "most"), [("individual", 1, 1), ("couples", 1, 2), ("family", 1, 10), ("group", 3, 3)]
)
def test_so_many_may_come_as_the_kind_of_session_says(world: World, kind: str, places: int, most: int) -> None:
    """S3-21: one, a couple, a family; in a group one for each place that is paid."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, kind=kind, places=places)
    body = {"service_id": service, "start": world.start(service), "places": places}
    answer = client.post("/bookings", body | {"attendees": [f"Guest {n}" for n in range(most + 1)]})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "too_many_attendees", "names")
    made = client.post("/bookings", body | {"attendees": [f"Guest {n}" for n in range(most)]})
    assert len(made.json["booking"]["attendees"]) == most


def test_an_attendees_link_touches_only_their_seat(world: World) -> None:
    """Complaint 21: it shows when and with whom, cancels nothing, and says nothing about the money."""
    _, service, start = _group(world)
    client = world.person()
    made = world.book(client, service, start, places=2, attendees=["Amina", "Baraka"])
    world.act(world.begin(client, made["checkout"]["id"]))
    booking = client.get(f"/bookings/{made['booking']['id']}").json
    links = {one["name"]: urlsplit(one["link"]).path for one in booking["attendees"]}
    guest = world.app.test_client()
    page = guest.get(links["Amina"]).text
    assert ("Amina" in page, "Baraka" in page, "€" in page) == (True, False, False)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    assert guest.get(f"{links['Amina']}/away").status_code in (404, 405)
    assert guest.post(f"{links['Amina']}/away", data={"csrf_token": token}).status_code == 303
    after = client.get(f"/bookings/{booking['id']}").json
    assert (after["status"], after["money"]) == ("confirmed", "paid")
    assert [one["comes"] for one in after["attendees"]] == [False, True]
    assert world.notices(client)[-1] == "attendee_away"
    assert guest.post(f"{links['Amina']}/comes", data={"csrf_token": token}).status_code == 303
    assert world.all(Refund) == []
    assert guest.get(links["Amina"][:-2] + "xx").status_code == 404


def test_an_attendee_who_changes_their_mind_again_and_again_is_news_once_a_day(world: World) -> None:
    """Anybody with the link could fill the payer's mailbox otherwise; what stands is on the page."""
    _, service, start = _group(world)
    client = world.person()
    made = world.book(client, service, start, places=2, attendees=["Amina", "Baraka"])
    world.act(world.begin(client, made["checkout"]["id"]))
    seats = client.get(f"/bookings/{made['booking']['id']}").json["attendees"]
    guest, amina, baraka = world.app.test_client(), *(urlsplit(seat["link"]).path for seat in seats)
    token = guest.get(amina).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    def say(path: str, *words: str) -> list[str]:
        for word in words:
            assert guest.post(f"{path}/{word}", data={"csrf_token": token}).status_code == 303
        return [kind for kind in world.notices(client) if kind.startswith("attendee")]

    both = ["attendee_away", "attendee_comes"]
    assert say(amina, *["away", "comes"] * 10, "away") == both
    with world.rows() as session:
        session.query(Booking).one().version += 1  # something else about the booking has changed
        session.commit()
    assert say(amina, "comes", "away") == both
    assert say(baraka, "away") == [*both, "attendee_away"]
    world.move(days=1)
    assert say(amina, "comes") == [*both, "attendee_away", "attendee_comes"]
    assert client.get(f"/bookings/{made['booking']['id']}").json["attendees"][0]["comes"] is True


def test_only_who_booked_changes_who_comes_and_who_stays_keeps_their_link(world: World) -> None:
    owner, service, start = _group(world)
    client = world.person()
    made = world.book(client, service, start, places=2, attendees=["Amina", "Baraka"])
    before = {one["name"]: one["link"] for one in made["booking"]["attendees"]}
    path = f"/bookings/{made['booking']['id']}/attendees"
    pages = Pages(world, client)
    assert "Amina\nBaraka" in pages.get(path).text
    wrong = pages.post(path, {"names": "a\nb\nc"})
    assert (wrong.status_code, "At most 2 people" in wrong.text, "a\nb\nc" in wrong.text) == (422, True, True)
    assert pages.post(path, {"names": "Baraka\nChe"}).status_code == 303
    after = {one["name"]: one["link"] for one in client.get(f"/bookings/{made['booking']['id']}").json["attendees"]}
    assert (set(after), after["Baraka"]) == ({"Baraka", "Che"}, before["Baraka"])
    assert world.app.test_client().get(urlsplit(before["Amina"]).path).status_code == 404
    for other in (owner, world.person()):
        assert Pages(world, other).post(path, {"names": ""}).status_code == 404


# ------------------------------------------------------------------------------------------------ seats and their money


def test_each_seat_is_paid_cancelled_and_given_back_on_its_own(world: World) -> None:
    """Complaint 21: one guest's cancellation is one guest's."""
    owner, service, start = _group(world)
    guests = [world.person() for _ in range(3)]
    seats = [world.booked(guest, service, start=start) for guest in guests]
    assert guests[0].post(f"/bookings/{seats[1]['id']}/cancel", {"reason": ""}).status_code == 404
    assert guests[0].post(f"/bookings/{seats[0]['id']}/cancel", {"reason": ""}).status_code == 200
    roster = owner.get(f"/sessions/{seats[0]['session_id']}").json
    assert sorted((seat["status"], seat["money"]) for seat in roster) == [
        ("cancelled", "refund_pending"),
        ("confirmed", "paid"),
        ("confirmed", "paid"),
    ]
    assert len(world.all(Refund)) == 1


def test_the_practitioner_cancels_the_group_and_every_paid_seat_gets_everything_back(world: World) -> None:
    """Complaint 21: not one seat only; who has not paid owes nothing."""
    owner, service, start = _group(world, free_cancel_hours=24)
    paid = [world.booked(world.person(), service, start=start) for _ in range(2)]
    waiting = world.book(world.person(), service, start)
    path = f"/sessions/{paid[0]['session_id']}"
    for stranger in (world.person(), world.practitioner(name="Another")):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}/cancel", {"reason": ""}).status_code == 404
    assert owner.post(f"{path}/cancel", {"reason": "I am ill."}).json == {"cancelled": 3, "failed": []}
    assert owner.post(f"{path}/cancel", {"reason": "I am ill."}).json == {"cancelled": 0, "failed": []}
    assert {booking.status.value for booking in world.all(Booking)} == {"cancelled"}
    assert [refund.amount for refund in world.all(Refund)] == [6_000, 6_000]
    assert waiting["checkout"]["id"] in {str(c.id) for c in world.all(Checkout) if c.status == "cancelled"}
    world.sweep()
    world.settle()
    assert sum(entry["amount"] for entry in world.money_taken() if entry["kind"] == "refund") == 12_000


class _Odd(RuntimeError):
    """What nobody thought of."""


@pytest.mark.parametrize(("error", "code"), [(Conflict("payment_open"), "payment_open"), (_Odd(), "internal")])
def test_a_seat_that_cannot_be_cancelled_does_not_keep_the_others(world: World, error: Exception, code: str) -> None:
    """Finding 27: the rest get their money back, and who stands is named, in the API and on the page."""
    owner, service, start = _group(world, places=3)
    seats = [world.booked(world.person(name=name), service, start=start) for name in ("Amina", "Baraka", "Che")]
    stuck = seats[0]["id"]

    def refuse(session: Any, *_: Any) -> None:
        if any(str(row.id) == stuck for row in session.dirty if isinstance(row, Booking)):
            raise error

    path = f"/sessions/{seats[0]['session_id']}/cancel"
    listen(Session, "before_flush", refuse)
    try:
        made = owner.post(path, {"reason": "I am ill."})
        page = Pages(world, owner).post(path, {"reason": "I am ill."})
    finally:
        remove(Session, "before_flush", refuse)
    assert made.json == {"cancelled": 2, "failed": [{"booking_id": stuck, "code": code}]}
    assert (page.status_code, "could not be cancelled" in page.text, "Amina" in page.text) == (409, True, True)
    assert sorted(row.status.value for row in world.all(Booking)) == ["cancelled", "cancelled", "confirmed"]
    assert [refund.amount for refund in world.all(Refund)] == [6_000, 6_000]
    assert owner.post(path, {"reason": "I am ill."}).json == {"cancelled": 1, "failed": []}


def test_more_places_of_a_service_reach_the_times_that_are_booked_already(world: World) -> None:
    """Finding 18: a group of two with one booking has room for four more once its service has five places."""
    owner, service, start = _group(world, places=2)
    seat = world.booked(world.person(), service, start=start)
    practices.edit(world, owner, service, places=5)
    left = next(slot for slot in world.slots(service, 5) if slot["start"] == start)["places_left"]
    assert left == 4
    made = world.book(world.person(), service, start, places=4)
    assert (made["booking"]["session_id"], world.is_free(service, start)) == (seat["session_id"], False)
    assert world.live_places() == 5
    refused = world.person().post("/bookings", {"service_id": service, "start": start})
    assert (refused.status_code, refused.json["code"]) == (409, "slot_taken")


def test_a_late_payer_has_one_of_the_places_that_were_added(world: World) -> None:
    """Finding 18, the other way to a place: it was taken while their time ran out, and there is one more by now."""
    owner, service, start = _group(world, places=2, currency="INR")
    late = world.person()
    made = world.book(late, service, start)
    begun = world.begin(late, made["checkout"]["id"], "razorpay")
    world.move(minutes=20)
    world.sweep()
    for _ in range(2):
        world.book(world.person(), service, start)
    practices.edit(world, owner, service, places=3)
    world.act(begun)
    assert (world.booking(late, made["booking"]["id"])["status"], world.live_places()) == ("confirmed", 3)


def test_a_session_for_one_stays_for_one_when_its_service_becomes_a_group(world: World) -> None:
    """What was agreed holds: nobody is let into it."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    start = world.start(service, 3)
    world.booked(client, service, start=start)
    practices.edit(world, owner, service, kind="group", places=5)
    assert not world.is_free(service, start)
    assert world.person().post("/bookings", {"service_id": service, "start": start}).status_code == 409


def test_a_session_for_one_stays_for_one_where_it_moves_once_its_service_is_a_group(world: World) -> None:
    """The kind of finding 3: at the new time nobody is let into it, and it is let into nobody's group."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, free_moves=2)
    start, group, empty = (world.slots(service, 4)[nth]["start"] for nth in (60, 62, 64))
    booking = world.booked(client, service, start=start)
    practices.edit(world, owner, service, kind="group", places=5)
    world.book(world.person(), service, group)
    with world.app.app_context():
        moving = db.session.get_one(Booking, UUID(booking["id"]))
        day = moving.starts_at.date()
        offered = {slot.start for slot in slots.free_slots(moving.service, day, day + timedelta(days=3), moving=moving)}
    assert [datetime.fromisoformat(each) in offered for each in (group, empty)] == [False, True], "what the page offers"
    moves = [client.post(f"/bookings/{booking['id']}/reschedule", {"start": each}) for each in (group, empty)]
    assert [answer.status_code for answer in moves] == [409, 200]
    assert not world.is_free(service, empty)
    assert world.person().post("/bookings", {"service_id": service, "start": empty}).status_code == 409


def test_a_draft_of_a_session_for_one_is_for_one_whatever_its_service_is_by_then(world: World) -> None:
    """What was shown before paying holds: nobody is let into it, and where somebody is by now it comes too late."""
    owner, client, late = world.practitioner(), world.person(), world.person()
    service = world.service(owner, "pay_then_book")
    start, taken = (world.start(service, nth) for nth in (3, 5))
    begun = [
        world.begin(each, world.book(each, service, at)["checkout"]["id"])
        for each, at in ((client, start), (late, taken))
    ]
    practices.edit(world, owner, service, kind="group", places=5, mode_code="hold_then_pay")
    world.book(world.person(), service, taken)
    for each in begun:
        world.act(each)
    assert not world.is_free(service, start)
    assert world.person().post("/bookings", {"service_id": service, "start": start}).status_code == 409
    assert [row.client_id for row in world.all(Booking) if row.status == "confirmed"] == [client.user_id]
    assert double_bookings(world, {service: 5}) == []


def test_a_family_stays_one_whatever_its_service_is_for_by_now(world: World) -> None:
    """Finding 3, its kind: who may come is what was agreed."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, kind="family")
    made = world.book(client, service, attendees=["Amina", "Baraka"])
    practices.edit(world, owner, service, kind="individual")
    pages, path = Pages(world, client), f"/bookings/{made['booking']['id']}/attendees"
    assert pages.post(path, {"names": "Amina\nBaraka\nChe"}).status_code == 303
    assert len(world.booking(client, made["booking"]["id"])["attendees"]) == 3


def test_a_new_time_is_a_new_question_to_who_could_not_come(world: World) -> None:
    """Finding 16: the mark ends with the move, and the answer to the new time is news on the same day."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, free_moves=2)
    free = [slot["start"] for slot in world.slots(service, 4)]
    booking = world.booked(client, service, start=free[40], attendees=["Amina"])
    guest, seat = world.app.test_client(), urlsplit(booking["attendees"][0]["link"]).path
    token = guest.get(seat).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    comes = []
    for start in (free[44], free[46]):
        assert guest.post(f"{seat}/away", data={"csrf_token": token}).status_code == 303
        comes.append(world.booking(client, booking["id"])["attendees"][0]["comes"])
        assert client.post(f"/bookings/{booking['id']}/reschedule", {"start": start}).status_code == 200
        comes.append(world.booking(client, booking["id"])["attendees"][0]["comes"])
    assert comes == [False, True, False, True]
    assert world.notices(client).count("attendee_away") == 2


def test_the_practitioner_reads_on_the_roster_who_comes_and_who_has_paid(world: World) -> None:
    """Complaint 21: paid and unpaid, attendees, and how many wait."""
    owner, service, start = _group(world)
    seat = world.booked(world.person(name="Wanjiku"), service, start=start, attendees=["Otieno"])
    world.book(world.person(name="Njeri"), service, start)
    page = Pages(world, owner).get(f"/sessions/{seat['session_id']}").text
    assert all(word in page for word in ("Wanjiku", "Otieno", "Njeri", "Paid", "1 of 3 places", "Cancel for everybody"))


# ------------------------------------------------------------------------------------------------ the waiting list


def _full(world: World, **more: Any) -> tuple[Caller, int, str, dict[str, Any], Caller]:
    """A time whose only place is taken, and who has it."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, **more)
    start = world.slots(service, days=5)[-1]["start"]
    return owner, service, start, world.booked(client, service, start=start), client


def _wait(world: World, service: int, start: str, status: int = 201, **more: Any) -> tuple[Caller, dict[str, Any]]:
    client = world.person()
    answer = client.post(f"/services/{service}/waits", {"start": start, **more})
    assert answer.status_code == status, answer.text
    return client, dict(answer.json or {})


def test_who_waits_longest_is_offered_the_place_that_frees_and_it_is_held_for_them(world: World) -> None:
    """Waiting list: offers are real payable holds with an expiry; lapsed, they go to the next."""
    _, service, start, booking, holder = _full(world)
    first, _ = _wait(world, service, start)
    second, _ = _wait(world, service, start)
    world.sweep()
    assert {wait.status.value for wait in world.all(Wait)} == {"waiting"}
    assert holder.post(f"/bookings/{booking['id']}/cancel", {"reason": ""}).status_code == 200
    world.sweep()
    [offer] = first.get("/bookings").json
    assert (offer["status"], offer["start"], second.get("/bookings").json) == ("awaiting_payment", start, [])
    assert world.notices(first)[-1] == "place_offered"
    assert start not in [slot["start"] for slot in world.slots(service, days=5)]
    world.move(hours=2, seconds=1)
    world.sweep()
    [next_offer] = second.get("/bookings").json
    world.act(world.begin(second, next_offer["checkout_id"]))
    world.sweep()
    assert second.get(f"/bookings/{next_offer['id']}").json["status"] == "confirmed"
    assert sorted(wait.status.value for wait in world.all(Wait)) == ["lapsed", "taken"]


@pytest.mark.parametrize("mode", ["pay_then_book", "approve_then_pay"])
def test_an_offer_follows_the_services_mode(world: World, mode: str) -> None:
    """Held and to be paid where nothing is held otherwise; asked of the practitioner where that comes first."""
    owner, service, start = _group(world, 2, mode)
    taker = world.person()
    made = world.book(taker, service, start, places=2)
    if mode == "approve_then_pay":
        owner.post(f"/bookings/{made['booking']['id']}/approve")
        made["checkout"] = {"id": taker.get(f"/bookings/{made['booking']['id']}").json["checkout_id"]}
    world.act(world.begin(taker, made["checkout"]["id"]))
    client, _ = _wait(world, service, start, places=2)
    [booking] = taker.get("/bookings").json
    taker.post(f"/bookings/{booking['id']}/cancel", {"reason": ""})
    world.sweep()
    [offer] = client.get("/bookings").json
    expected = {"pay_then_book": "awaiting_payment", "approve_then_pay": "pending_approval"}[mode]
    assert (offer["status"], offer["places"]) == (expected, 2)


def test_a_wish_for_two_places_is_not_starved_by_wishes_for_one(world: World) -> None:
    """Finding 11: what is free is kept for who waits longest until a day before, then it goes to whoever it is enough for."""
    owner, service, start = _group(world, 2)
    seats = [world.booked(world.person(), service, start=start) for _ in range(2)]
    wants_two, _ = _wait(world, service, start, places=2)
    wants_one, _ = _wait(world, service, start)
    owner.post(f"/bookings/{seats[0]['id']}/cancel", {"reason": "x"})
    world.sweep()
    assert (wants_two.get("/bookings").json, wants_one.get("/bookings").json) == ([], [])
    stranger = world.person().post("/bookings", {"service_id": service, "start": start})
    assert (stranger.status_code, stranger.json["code"]) == (409, "slot_taken")
    owner.post(f"/bookings/{seats[1]['id']}/cancel", {"reason": "x"})
    assert [offer["places"] for offer in wants_two.get("/bookings").json] == [2]


def test_in_the_last_day_who_wants_one_place_is_served_where_one_is_free(world: World) -> None:
    owner, service, start = _group(world, 2)
    seats = [world.booked(world.person(), service, start=start) for _ in range(2)]
    wants_two, _ = _wait(world, service, start, places=2)
    wants_one, _ = _wait(world, service, start)
    owner.post(f"/bookings/{seats[0]['id']}/cancel", {"reason": "x"})
    world.move(seconds=(datetime.fromisoformat(start) - clock.now()).total_seconds() - 23 * 3600)
    world.sweep()
    assert (wants_two.get("/bookings").json, len(wants_one.get("/bookings").json)) == ([], 1)


@pytest.mark.parametrize(("change", "code"), [({"hours": -900}, "slot_past"), ({"minutes": 7}, "slot_not_offered")])
def test_nobody_waits_for_a_time_that_is_not_there(world: World, change: dict[str, int], code: str) -> None:
    _, service, start, _, _ = _full(world)
    wrong = (datetime.fromisoformat(start) + timedelta(**change)).isoformat()
    assert _wait(world, service, wrong, 422)[1]["code"] == code


def test_a_day_whose_only_time_is_full_is_shown_to_wait_for_a_place(world: World) -> None:
    """A class is on one day a week: where that is full, the month is the only way to its waiting list."""
    clock.use(lambda: datetime(2027, 1, 10, 12, tzinfo=UTC))
    service = world.service(world.practitioner(), places=2, class_times=((1, "18:00"),))
    world.booked(world.person(), service, start="2027-01-12T18:00:00+03:00", places=2)
    page = Pages(world, world.person())
    month = page.get(f"/services/{service}?month=2027-01").text
    assert "Tuesday 12 January: full" in month
    assert "Tuesday 19 January, free times: 1" in month
    assert '<h2 class="h3">Tuesday 19 January</h2>' in month, "a free day is shown before a full one"
    full = page.get(f"/services/{service}?month=2027-01&day=2027-01-12").text
    assert f"/services/{service}/wait?start=2027-01-12T15:00:00" in full
    assert page.get(f"/services/{service}/wait?start=2027-01-12T15:00:00%2B00:00").status_code == 200


def test_a_day_that_is_full_is_no_choice_where_nobody_can_wait(world: World) -> None:
    clock.use(lambda: datetime(2027, 1, 10, 12, tzinfo=UTC))
    service = world.service(world.practitioner(), "pay_after", places=2, class_times=((1, "18:00"),))
    world.book(world.person(), service, "2027-01-12T18:00:00+03:00", places=2)
    month = Pages(world, world.person()).get(f"/services/{service}?month=2027-01&day=2027-01-12").text
    assert f"/services/{service}?day=2027-01-12#" not in month
    assert f"/services/{service}?day=2027-01-19#" in month


def test_waiting_is_for_full_times_once_and_can_be_left(world: World) -> None:
    """Two tabs are one wait; a free time is booked, not waited for."""
    _, service, start, booking, holder = _full(world)
    free = world.slots(service, days=5)[0]["start"]
    assert _wait(world, service, free, 409)[1]["code"] == "place_free"
    client, wait = _wait(world, service, start)
    assert client.post(f"/services/{service}/waits", {"start": start}).json["id"] == wait["id"]
    assert world.person().post(f"/waits/{wait['id']}/leave").status_code == 404
    assert client.post(f"/waits/{wait['id']}/leave").json == []
    assert client.post(f"/waits/{wait['id']}/leave").status_code == 409
    holder.post(f"/bookings/{booking['id']}/cancel", {"reason": ""})
    world.sweep()
    assert client.get("/bookings").json == []


def test_a_wait_ends_with_its_time(world: World) -> None:
    _, service, start, _, _ = _full(world)
    client, _ = _wait(world, service, start)
    world.move(seconds=(datetime.fromisoformat(start) - clock.now()).total_seconds())
    world.sweep()
    assert ([wait.status.value for wait in world.all(Wait)], client.get("/waits").json) == (["lapsed"], [])


def test_two_sweeps_and_a_stranger_at_once_give_the_place_away_once(world: World) -> None:
    """Invariant 1, with the waiting list in it."""
    _, service, start, booking, holder = _full(world)
    _wait(world, service, start)
    holder.post(f"/bookings/{booking['id']}/cancel", {"reason": ""})
    stranger, gate = world.person(), threading.Barrier(3)

    def run(act: Any) -> None:
        gate.wait()
        act()

    acts = (world.sweep, world.sweep, lambda: stranger.post("/bookings", {"service_id": service, "start": start}))
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.live_places() == 1


def test_a_client_waits_and_leaves_on_the_pages(world: World) -> None:
    _, service, start, _, _ = _full(world)
    client = world.person()
    pages = Pages(world, client)
    day = datetime.fromisoformat(start).astimezone(clock.now().tzinfo)
    shown = pages.http.get(f"/services/{service}", query_string={"month": f"{day:%Y-%m}", "day": f"{day:%Y-%m-%d}"})
    assert "wait for a place" in shown.text
    path = f"/services/{service}/wait"
    assert "Waiting costs nothing" in pages.http.get(path, query_string={"start": start}).text
    assert pages.post(path, {"start": start}).status_code == 303
    mine = pages.get("/bookings?tab=waiting").text
    assert "You are waiting for a place" in mine
    leave = mine.split('action="/waits/')[1].split('"')[0]
    assert pages.post(f"/waits/{leave}").status_code == 303
    assert "You are waiting for a place" not in pages.get("/bookings?tab=waiting").text
