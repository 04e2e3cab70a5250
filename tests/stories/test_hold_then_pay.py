"""S0: a client goes to the payment page; whatever happens there, the booking is never lost and never blocks for ever."""

import pytest

from app.models import Booking
from tests.support.world import World


@pytest.mark.parametrize(
    ("gateway", "currency", "price"),
    [
        ("stripe", "EUR", 6_005),
        ("stripe", "JPY", 1_005),
        ("stripe", "RWF", 1_005),
        ("razorpay", "INR", 90_001),
        ("mpesa", "KES", 150_100),
    ],
)
def test_a_paid_booking_is_confirmed_by_the_callback(world: World, gateway: str, currency: str, price: int) -> None:
    """S0-4, S0-6, S0-33, S0-34: created awaiting payment, confirmed (code 1) when paid, whichever the gateway."""
    client, service = world.person(), world.service(world.practitioner(), currency=currency, price_amount=price)
    made = world.book(client, service)
    assert (made["booking"]["status"], made["booking"]["code"]) == ("awaiting_payment", 0)
    world.act(world.begin(client, made["checkout"]["id"], gateway))
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["code"], booking["money"]) == ("confirmed", 1, "paid")
    taken = [(entry["kind"], entry["amount"], entry["currency"].upper()) for entry in world.money_taken()]
    assert taken == [("capture", price, currency)]


def test_leaving_without_paying_keeps_a_status_and_can_be_paid_later(world: World) -> None:
    """S0-1, S0-3, S0-26, S0-27, S0-28, S0-35: no null status; the same page is resumed, not a second payment."""
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    first = world.begin(client, made["checkout"]["id"])
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["code"]) == ("awaiting_payment", 0)
    assert "pay" in booking["allowed_actions"]
    again = world.begin(client, booking["checkout_id"])
    assert again["next"] == first["next"]
    world.act(again)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_cancelling_the_payment_cancels_the_booking_and_frees_the_place(world: World) -> None:
    """S0-5, S0-11, S0-29, S0-30, S0-32: marked cancelled with a reason, never deleted, shown in history."""
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    world.begin(client, made["checkout"]["id"])
    answer = client.post(f"/checkouts/{made['checkout']['id']}/cancel")
    assert answer.status_code == 200
    assert answer.json["status"] == "cancelled"
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["code"]) == ("cancelled", 3)
    assert booking["reason"] == "payment cancelled by user"
    assert made["booking"]["start"] in [slot["start"] for slot in world.slots(service)]
    assert [b["id"] for b in client.get("/bookings", tab="cancelled").json] == [booking["id"]]


def test_a_cancelled_booking_is_not_in_the_default_list_but_in_history(world: World) -> None:
    """S0-31, S0-32."""
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    client.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "changed my mind"})
    assert client.get("/bookings", tab="waiting").json == []
    assert client.get("/bookings", tab="upcoming").json == []
    assert len(client.get("/bookings", tab="cancelled").json) == 1


def test_cancelling_an_unknown_payment_is_404(world: World) -> None:
    """S0-12."""
    answer = world.person().post("/checkouts/00000000-0000-4000-8000-000000000000/cancel")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_stranger_can_neither_see_nor_cancel_it(world: World) -> None:
    """S0-13, as 404: the same as one that never existed (invariant 7)."""
    client, stranger, service = world.person(), world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    for path in (f"/bookings/{made['booking']['id']}", f"/checkouts/{made['checkout']['id']}"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}/cancel").status_code == 404
    assert world.booking(client, made["booking"]["id"])["status"] == "awaiting_payment"


def test_a_booking_that_is_not_pending_cannot_be_cancelled_twice(world: World) -> None:
    """S0-14: refused with the reason, nothing changed."""
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    assert client.post(f"/bookings/{made['booking']['id']}/cancel").status_code == 200
    again = client.post(f"/bookings/{made['booking']['id']}/cancel")
    assert (again.status_code, again.json["code"]) == (409, "not_allowed")


def test_cancelling_what_the_gateway_says_is_paid_confirms_it_and_says_so(world: World) -> None:
    """S0-14: money that came before the cancel is never lost; with the callback dropped, the gateway is asked."""
    client, service = world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    world.drop_callbacks()
    world.act(world.begin(client, made["checkout"]["id"]))
    answer = client.post(f"/bookings/{made['booking']['id']}/cancel")
    assert (answer.status_code, answer.json["code"]) == (409, "already_paid")
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_every_booking_is_in_exactly_one_tab(world: World) -> None:
    """S0-2: with every status in the table."""
    client, service = world.person(), world.service(world.practitioner())
    start = world.slots(service)
    first = world.book(client, service, start[0]["start"])
    client.post(f"/bookings/{first['booking']['id']}/cancel")
    world.book(client, service, start[1]["start"])
    world.booked(client, service, start=start[2]["start"])
    tabs = ("waiting", "upcoming", "past", "cancelled")
    found = [b["id"] for tab in tabs for b in client.get("/bookings", tab=tab).json]
    assert sorted(found) == sorted(str(b.id) for b in world.all(Booking))
    assert len(set(found)) == 3


def test_an_unpaid_booking_frees_its_place_by_the_clock_with_no_worker_at_all(world: World) -> None:
    """S0-1, complaint 1: bookable by a stranger at the deadline although nothing ran."""
    client, stranger, service = world.person(), world.person(), world.service(world.practitioner())
    made = world.book(client, service)
    assert stranger.post("/bookings", {"service_id": service, "start": made["booking"]["start"]}).status_code == 409
    world.move(minutes=15, seconds=1)
    assert world.booking(client, made["booking"]["id"])["status"] == "expired"
    assert client.get("/bookings", status="awaiting_payment").json == []
    assert client.get("/bookings", tab="waiting").json == []
    assert len(client.get("/bookings", status="expired").json) == 1
    assert len(client.get("/bookings", tab="cancelled").json) == 1
    assert world.book(stranger, service, made["booking"]["start"])["booking"]["status"] == "awaiting_payment"
