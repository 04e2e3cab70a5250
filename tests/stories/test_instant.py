"""Sessions at once: switched on for a while, in five minutes, to be paid until then, never over another (S3-8)."""

import re
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.extensions import db
from app.lib import clock
from app.models import Booking, Checkout, Hold, Practitioner, Role, User
from app.services import practice
from tests.support.visitor import Visitor
from tests.support.world import Caller, World


def _on(owner: Caller, minutes: int = 60) -> TestResponse:
    return owner.post("/practice/available", {"minutes": minutes})


def _now(client: Caller, service: int, key: str | None = None) -> TestResponse:
    return client.post("/bookings/instant", {"service_id": service}, key=key)


def _closed(world: World, owner: Caller) -> None:
    """No opening hours at all: what follows does not come from them."""
    with world.app.app_context():
        practice.set_hours(db.session.get_one(User, owner.user_id), [])


def _code(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def _asked(world: World, mode: str = "hold_then_pay", **service: Any) -> tuple[Caller, Caller, int, Any]:
    owner, client = world.practitioner(), world.person()
    offered = world.service(owner, mode, **service)
    _closed(world, owner)
    _on(owner)
    answer = _now(client, offered)
    assert answer.status_code == 201, answer.text
    return owner, client, offered, answer.json


def test_a_session_begins_in_five_minutes_and_is_paid_until_then(world: World) -> None:
    """S3-8: the next whole minute after five; the place is kept until it begins at most; then the room is open."""
    before = clock.now()
    owner, client, _, made = _asked(world)
    start = datetime.fromisoformat(made["booking"]["start"])
    assert before + timedelta(minutes=5) <= start <= clock.now() + timedelta(minutes=6)
    assert (start.second, start.microsecond) == (0, 0)
    assert made["checkout"]["expires_at"] == made["booking"]["start"]
    world.act(world.begin(client, made["checkout"]["id"]))
    world.move(minutes=1)
    seen = world.booking(client, made["booking"]["id"])
    assert (seen["status"], seen["ready"], bool(seen["meeting"]["url"])) == ("confirmed", True, True)
    assert owner.post(f"/bookings/{seen['id']}/start-call").json["status"] == "in_progress"


def test_who_does_not_pay_until_it_begins_has_nothing(world: World) -> None:
    _, client, _, made = _asked(world)
    world.move(minutes=7)
    assert world.booking(client, made["booking"]["id"])["status"] == "expired"
    assert world.live_places() == 0
    world.sweep()
    assert world.checkout(client, made["checkout"]["id"])["status"] == "expired"


def test_money_that_comes_after_the_beginning_goes_back(world: World) -> None:
    """The late payer's rule holds here too: a session cannot begin before it was paid."""
    _, client, _, made = _asked(world, currency="INR")
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(minutes=7)
    world.act(begun)
    world.move(hours=25)
    world.sweep()
    world.settle()
    assert world.booking(client, made["booking"]["id"])["money"] == "refunded"


@pytest.mark.parametrize(
    ("mode", "status"), [("approve_then_pay", "pending_approval"), ("pay_after", "confirmed"), ("pay_then_book", None)]
)
def test_the_services_mode_holds_here_too(world: World, mode: str, status: str | None) -> None:
    """S3-8: with a yes first, paid after, or booked only once paid; every deadline is the beginning."""
    owner, client, _, made = _asked(world, mode)
    assert (made["booking"] or {}).get("status") == status
    if status == "pending_approval":
        assert made["booking"]["deadline_at"] == made["booking"]["start"]
        approved = owner.post(f"/bookings/{made['booking']['id']}/approve").json
        assert approved["deadline_at"] == approved["start"]
        made["checkout"] = {"id": approved["checkout_id"]}
    if made["checkout"]:
        world.act(world.begin(client, made["checkout"]["id"]))
    [booking] = world.all(Booking)
    assert booking.status.value == "confirmed"


def test_with_the_card_reserved_first_a_yes_in_time_confirms_it(world: World) -> None:
    owner, client, _, made = _asked(world, "authorise_then_approve")
    world.act(world.begin(client, made["checkout"]["id"]), "pay")
    asked = world.booking(owner, made["booking"]["id"])
    assert (asked["status"], asked["deadline_at"]) == ("pending_approval", asked["start"])
    assert owner.post(f"/bookings/{asked['id']}/approve").status_code == 200
    world.sweep()
    world.settle()
    assert world.booking(client, asked["id"])["status"] == "confirmed"


def test_nothing_at_once_unless_the_practitioner_says_so(world: World) -> None:
    """S3-8: open all day is not free now; switched off, or over, is off."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    offered = f"/services/{service}/instant"
    assert _code(_now(client, service)) == (409, "not_available_now")
    assert client.get(offered).json == {"start": None}
    assert _on(owner, 30).json["until"]
    assert client.get(offered).json["start"]
    assert _on(owner, 0).json == {"until": None}
    assert _code(_now(client, service)) == (409, "not_available_now")
    _on(owner, 30)
    world.move(minutes=26)
    assert _code(_now(client, service)) == (409, "not_available_now")


@pytest.mark.parametrize("minutes", [-1, 241, 10**12])
def test_the_switch_is_for_four_hours_at_most(world: World, minutes: int) -> None:
    owner = world.practitioner()
    assert _code(_on(owner, minutes)) == (422, "out_of_range")
    assert world.all(Practitioner)[0].available_until is None
    assert _code(_on(world.person())) == (404, "not_found")


@pytest.mark.parametrize("ends", ["ahead", "before"])
def test_nothing_booked_or_held_is_overlapped_with_its_breaks(world: World, ends: str) -> None:
    """Invariant 1: the diary decides; the free minutes around a session count."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_after", buffer_before=15, buffer_after=15, step_minutes=5)
    now = clock.now()
    starts = [slot["start"] for slot in _today(world, service, now)]
    near = now + (timedelta(minutes=75) if ends == "ahead" else timedelta(minutes=1))
    taken = next(start for start in starts if datetime.fromisoformat(start) > near)
    world.book(world.person(), service, taken)
    _on(owner)
    if ends == "before":  # its hour is just over, its free minutes are not
        world.move(seconds=(datetime.fromisoformat(taken) - clock.now()).total_seconds() + 56 * 60)
        _on(owner)
    assert _code(_now(client, service)) == (409, "not_available_now")
    world.move(minutes=-30 if ends == "ahead" else 30)
    assert _now(client, service).status_code == 201


def _today(world: World, service: int, now: datetime) -> list[dict[str, Any]]:
    first = (now - timedelta(days=1)).date().isoformat()
    answer = world.app.test_client().get(
        f"/api/v1/services/{service}/slots",
        query_string={"from": first, "to": (now + timedelta(days=1)).date().isoformat()},
    )
    found: list[dict[str, Any]] = answer.json
    return found


def test_a_session_in_person_does_not_begin_at_once(world: World) -> None:
    """S3-8: a video session."""
    owner = world.practitioner()
    service = world.service(owner, meeting_kind="in_person", meeting_where="Kisumu")
    _on(owner)
    assert _code(_now(world.person(), service)) == (409, "not_available_now")


def test_asking_twice_is_asking_once(world: World) -> None:
    """Double presses, two tabs, the same key a minute later."""
    _, client, service, made = _asked(world)
    assert _now(client, service).json["booking"]["id"] == made["booking"]["id"]
    world.move(minutes=1)
    assert _now(client, service).json["booking"]["id"] == made["booking"]["id"]
    assert len(world.all(Booking)) == 1


def test_a_draft_asked_for_twice_is_one_draft(world: World) -> None:
    _, client, service, made = _asked(world, "pay_then_book")
    world.move(minutes=1)
    assert _now(client, service).json["checkout"]["id"] == made["checkout"]["id"]
    assert len(world.all(Checkout)) == 1


def test_of_many_who_ask_at_once_one_has_it(world: World) -> None:
    """Invariant 1, complaint 17: at once too."""
    owner = world.practitioner()
    service = world.service(owner)
    _on(owner)
    clients, found = [world.person() for _ in range(8)], []
    gate = threading.Barrier(len(clients) * 2)

    def press(client: Caller) -> None:
        gate.wait()
        found.append((_now(client, service), client.user_id))

    threads = [threading.Thread(target=press, args=(client,)) for client in clients * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer, _ in found} == {201, 409}
    assert len({user for answer, user in found if answer.status_code == 201}) == 1
    assert (len(world.all(Booking)), len(world.all(Hold))) == (1, 1)


def test_only_clients_ask_and_only_for_what_can_be_booked(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    _on(owner)
    assert _code(_now(owner, service)) == (403, "clients_only")
    assert _code(_now(world.person(Role.STAFF), service)) == (403, "clients_only")
    for unknown in (999_999, 2**31 - 1):
        assert _code(_now(world.person(), unknown)) == (404, "not_found")
    assert _now(world.person(), 2**40).status_code == 422


def test_the_switch_and_the_button_without_script(world: World) -> None:
    """S3-8 as people use it: the practitioner's Today page, the service's page, the payment page."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    theirs, mine, path = Visitor(world, owner), Visitor(world, client), f"/services/{service}"
    assert "Book now" not in mine.main(path)
    assert theirs.post("/practice/now", minutes="60").status_code == 303
    assert "Clients can now start a session with you right away." in theirs.main("/practice")
    text = mine.main(path)
    assert "Dr. Amina Otieno is free now" in text
    assert "if you cancel, there is no refund" in text
    key = re.search(r'name="request_key" value="([^"]+)"', mine.get(path).text)
    assert key
    first = mine.post(f"{path}/now", request_key=key[1])
    assert (first.status_code, "/checkouts/" in first.location) == (303, True)
    assert mine.post(f"{path}/now", request_key=key[1]).location == first.location
    late = Visitor(world, world.person())
    assert late.post(f"{path}/now").location == path
    assert "Nobody is free right now" in late.main(path)
    assert theirs.post("/practice/now", minutes="0").status_code == 303
    assert "Clients can no longer start a session right away." in theirs.main("/practice")
    for wrong in ("999", "soon", ""):
        assert theirs.post("/practice/now", minutes=wrong).status_code == 303
        assert "Enter a number from 1 to 240." in theirs.main("/practice")
    assert mine.post("/practice/now", minutes="60").status_code == 404
