"""A session from its request to its rating, and what every mode, every record and every step of it must have."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest

from app.domain.modes import MODES
from app.lib import clock
from app.models import Attempt, Booking, Change, Checkout, Rating, Refund, Reschedule, Service
from tests.support.gateways import GATEWAYS
from tests.support.proofs import Pages
from tests.support.sessions import rated
from tests.support.world import Caller, World


def _until(world: World, booking_id: str) -> None:
    [row] = [b for b in world.all(Booking) if str(b.id) == booking_id]
    world.move(seconds=(row.starts_at - clock.now()).total_seconds())


def _lived(world: World, client: Caller, owner: Caller, *, call: bool = False) -> str:
    """Asked for, approved, paid by a prompt on the phone, reminded of, moved, held, completed, rated: the booking's id."""
    service = world.service(owner, "approve_then_pay", "KES")
    start = world.slots(service, 4)[-2]["start"]
    booking_id = str(world.book(client, service, start, notes="A first talk")["booking"]["id"])
    approved = owner.post(f"/bookings/{booking_id}/approve").json
    world.act(world.begin(client, approved["checkout_id"], "mpesa"))
    later = datetime.fromisoformat(start) + timedelta(hours=1)
    moved = client.post(f"/bookings/{booking_id}/reschedule", {"start": later.isoformat(), "reason": "A train"})
    assert moved.status_code in (200, 201), moved.text
    assert owner.post(f"/bookings/{booking_id}/reschedule/accept").status_code == 200
    world.move(seconds=(later - timedelta(hours=23) - clock.now()).total_seconds())
    world.sweep()
    _until(world, booking_id)
    assert owner.post(f"/bookings/{booking_id}/{'start-call' if call else 'start'}").json["status"] == "in_progress"
    done = owner.post(f"/bookings/{booking_id}/complete", {"notes": "Sleeps better"})
    assert done.json["status"] == "completed"
    rated(client, booking_id, 5)
    world.sweep()
    return booking_id


def test_a_session_lives_from_request_to_rating_and_every_step_is_kept_and_told_once(world: World) -> None:
    """S2-1, S2-2, S2-35, S3-18, S3-34: records of their own, one change per step with its actor, one message per event."""
    client, owner = world.person(), world.practitioner()
    booking_id = _lived(world, client, owner)
    records = (Booking, Attempt, Reschedule, Rating)
    assert [len(world.all(record)) for record in records] == [1, 1, 1, 1]
    trail = [(c.to_status, c.actor.value) for c in world.all(Change) if c.subject == "booking"]
    steps = ["pending_approval", "awaiting_payment", "confirmed", "in_progress", "completed"]
    assert [status for status, _ in trail if status in steps] == steps
    assert dict(trail) | {"pending_approval": "client", "awaiting_payment": "practitioner"} == dict(trail)
    assert (dict(trail)["confirmed"], dict(trail)["completed"]) == ("gateway", "practitioner")
    theirs, ours = world.notices(owner), world.notices(client)
    for told, kinds in (
        (theirs, ["request_received", "booking_confirmed_practitioner", "reschedule_proposed", "rating_received"]),
        (ours, ["request_approved", "booking_confirmed", "booking_moved", "session_reminder", "session_completed"]),
    ):
        assert {kind: told.count(kind) for kind in kinds} == dict.fromkeys(kinds, 1), told
    page = Pages(world, client).get(f"/bookings/{booking_id}").text
    assert all(word in page for word in ("Completed", "Dr. Amina Otieno", "Wanjiku Kamau"))


def test_what_is_known_of_a_session_is_in_one_answer(world: World) -> None:
    """S1-7, S1-9, S3-22, S3-26: unguessable id, people, kind, time, price, status, payment's ids; who approved, and when."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay", "INR")
    made = world.book(client, service, notes="algebra")["booking"]
    owner.post(f"/bookings/{made['id']}/approve")
    [bill] = world.all(Checkout)
    world.act(world.begin(client, str(bill.id), "razorpay"))
    booking = world.booking(client, made["id"])
    assert uuid.UUID(booking["id"]).version == 4
    assert (booking["client"], booking["practitioner"], booking["notes"]) == (
        "Wanjiku Kamau",
        "Dr. Amina Otieno",
        "algebra",
    )
    assert (booking["price"], booking["status"], booking["money"]) == (
        {"amount": 90_000, "currency": "INR"},
        "confirmed",
        "paid",
    )
    offered = world.app.test_client().get("/api/v1/practitioners").json[0]["services"][0]
    assert (offered["id"], offered["kind"], offered["minutes"]) == (booking["service_id"], "individual", 60)
    [attempt] = world.all(Attempt)
    assert attempt.provider_ref.startswith("order_")
    assert attempt.charge_ref.startswith("pay_")
    [approval] = [c for c in world.all(Change) if c.subject == "booking" and c.to_status == "awaiting_payment"]
    assert (approval.actor_id, approval.at.tzinfo) == (owner.user_id, UTC)


def test_who_declined_or_cancelled_and_why_is_read_by_both_sides(world: World) -> None:
    """S3-26: the reason stands on the booking, in the trail, and on both pages."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay")
    for nth, (who, act) in enumerate([(owner, "decline"), (client, "cancel")]):
        made = world.book(client, service, world.start(service, nth * 2))["booking"]
        assert who.post(f"/bookings/{made['id']}/{act}", {"reason": f"Reason {nth}"}).status_code == 200
        [last] = [c for c in world.all(Change) if c.subject == "booking" and c.why == f"Reason {nth}"]
        assert last.actor_id == who.user_id
        for person in (client, owner):
            assert world.booking(person, made["id"])["reason"] == f"Reason {nth}"
            assert f"Reason {nth}" in Pages(world, person).get(f"/bookings/{made['id']}").text


@pytest.mark.parametrize("mode", sorted(MODES))
def test_the_mode_says_what_exists_before_the_money(world: World, mode: str) -> None:
    """X1: five answers to one question, in one table, and none of them blocks a time without end."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, mode)
    made = world.book(client, service)
    first = {
        "hold_then_pay": "awaiting_payment",
        "pay_then_book": None,
        "approve_then_pay": "pending_approval",
        "authorise_then_approve": "awaiting_payment",
        "pay_after": "confirmed",
    }[mode]
    assert (made["booking"] or {"status": None})["status"] == first
    assert world.live_places() == (0 if mode == "pay_then_book" else 1)
    world.move(days=1, hours=1) if mode != "pay_after" else None
    assert world.live_places() == (1 if mode == "pay_after" else 0), "it lapses by the clock, and no worker ran"


def test_somebody_else_pays_on_their_own_phone(world: World) -> None:
    """Section 2, "Someone else pays": the prompt goes to a relative's phone, the booking stays the client's own."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    begun = world.begin(client, made["checkout"]["id"], "mpesa", phone="0722 999 888")
    [prompt] = world.sandbox.sandbox.store.all("prompt")
    assert prompt["phone"].endswith("722999888")
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["money"] == "paid"
    [attempt] = world.all(Attempt)
    assert attempt.phone == "+254722999888"


def test_a_long_list_is_paged_filtered_and_searched(world: World) -> None:
    """S2-25: pages, one tab or status, words of the other side; strangers' sessions are in no list."""
    client, owner = world.person(), world.practitioner()
    evening = world.service(owner, "pay_after", title="Evening talk", places=30)
    start = world.start(evening)
    for _ in range(21):
        world.book(world.person(), evening, start)
    mine = world.book(client, evening, start)["booking"]
    first, second = owner.get("/bookings"), owner.get("/bookings", page=2)
    assert (len(first.json), len(second.json), first.headers["X-Total-Count"], first.headers["X-Pages"]) == (
        20,
        2,
        "22",
        "2",
    )
    client.post(f"/bookings/{mine['id']}/cancel")
    assert [b["id"] for b in owner.get("/bookings", status="cancelled").json] == [mine["id"]]
    assert [b["id"] for b in client.get("/bookings", q="evening").json] == [mine["id"]]
    assert client.get("/bookings", q="morning").json == []
    pages = Pages(world, owner)
    assert "page=2" in pages.get("/practice/bookings?tab=upcoming").text


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_each_gateway_takes_money_and_gives_it_back_also_when_it_stumbles(
    world: World, gateway: str, currency: str
) -> None:
    """S2-26: webhooks, hosted fields (no card number ever comes here), refunds, tried again with a growing gap."""
    client = world.person()
    service = world.service(world.practitioner(), currency=currency, free_cancel_hours=0)
    booking = world.booked(client, service, gateway)
    page = Pages(world, client).get(f"/bookings/{booking['id']}").text
    assert not re.search(r'name="(card|number|cvc|cvv|pan)', page)
    if gateway != "mpesa":  # whose reversal is never sent twice: an unclear answer waits for its own callback
        world.fail_one_call(gateway, route="refund", fault="500", when="before")
    assert client.post(f"/bookings/{booking['id']}/cancel").status_code == 200
    for _ in range(4):
        world.move(minutes=30)
        world.sweep()
        world.settle()
    assert world.booking(client, booking["id"])["money"] == "refunded"
    price = {"stripe": 6_000, "razorpay": 90_000, "mpesa": 150_000}[gateway]
    assert [(entry["kind"], entry["amount"]) for entry in world.money_taken()] == [
        ("capture", price),
        ("refund", price),
    ]
    assert [refund.tries for refund in world.all(Refund)] == [1 if gateway == "mpesa" else 2]


def test_several_are_cancelled_with_one_press(world: World) -> None:
    """S2-25, batch: everybody in a session hears it at once; a stranger finds no such session."""
    owner, clients = world.practitioner(), [world.person() for _ in range(3)]
    group = world.service(owner, "pay_after", places=3)
    start = world.start(group)
    made = [world.book(client, group, start)["booking"] for client in clients]
    path = f"/sessions/{made[0]['session_id']}/cancel"
    assert world.practitioner().post(path, {"reason": "x"}).status_code == 404
    assert owner.post(path, {"reason": "The room is flooded"}).status_code == 200
    assert [world.booking(c, m["id"])["status"] for c, m in zip(clients, made, strict=True)] == ["cancelled"] * 3
    assert [world.notices(client).count("booking_cancelled") for client in clients] == [1, 1, 1]


def test_the_page_tells_what_happened_in_the_order_it_did(world: World) -> None:
    """S2-2: approved by name, not only "waiting for payment"; a call ends before its session is completed."""
    client, owner = world.person(), world.practitioner()
    booking_id = _lived(world, client, owner, call=True)
    page = Pages(world, client).get(f"/bookings/{booking_id}").text.partition("What happened")[2]
    steps = [
        "Request sent",
        "Request approved, payment due",
        "Payment received",
        "Booking confirmed",
        "Moved to another time",
    ]
    steps += ["Session started", "Call ended", "Session completed"]
    assert sorted(steps, key=page.index) == steps
    assert "Waiting for payment" not in page


def test_a_no_comes_with_the_nearest_times_that_are_free(world: World) -> None:
    """S3-13, section 2 "Approval fairness": three, for the client alone; neither the one refused nor one that is taken."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay")
    starts = [slot["start"] for slot in world.slots(service)]
    made = world.book(client, service, starts[10])["booking"]
    world.book(world.person(), service, starts[11])
    owner.post(f"/bookings/{made['id']}/decline", {"reason": "Away"})
    page = f"/bookings/{made['id']}"
    found = re.findall(r'/book\?start=([^"]+)"', Pages(world, client).get(page).text)
    shown = [datetime.fromisoformat(unquote(start)) for start in found]
    assert shown == [datetime.fromisoformat(starts[n]) for n in (8, 9, 12)]
    assert Pages(world, client).get(f"/services/{service}/book?start={found[0]}").status_code == 200
    assert "/book?start=" not in Pages(world, owner).get(page).text
    with world.rows() as session:
        session.get_one(Service, service).active = False
        session.commit()
    assert "/book?start=" not in Pages(world, client).get(page).text
