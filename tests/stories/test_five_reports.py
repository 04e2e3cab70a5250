"""What the five reports say of payments, row by row: each wound is shown closed."""

import logging
import re
from datetime import datetime
from typing import Any

import pytest

from app.domain.lifecycle import WIRE, BookingStatus
from app.lib import clock
from app.models import Attempt, Booking, Change, Checkout, Hold, Review
from app.services.backoffice import doctor
from sandbox.stripe import disputes as stripe_disputes
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _waiting(world: World, currency: str = "EUR") -> tuple[Caller, dict[str, Any]]:
    client = world.person()
    return client, world.book(client, world.service(world.practitioner(), "hold_then_pay", currency))


# ------------------------------------------------------------------------------------------------ report 0: Stripe


def test_every_status_has_its_wire_code_its_label_and_what_may_be_done(world: World) -> None:
    """S0-7, S0-21, S0-24, X9: 0 Pending, 1 Confirmed, 2 Completed, 3 Cancelled, 4 NoShow, with a text; nothing is "Unknown"."""
    _, made = _waiting(world)
    booking = made["booking"]
    assert (booking["code"], booking["label"]) == (0, "Pending Payment")
    assert booking["allowed_actions"] == ["pay", "cancel"]
    assert {code for code, _ in WIRE.values()} == set(range(5))
    assert set(WIRE) == set(BookingStatus)


def test_only_a_client_books_and_the_price_is_the_services(world: World) -> None:
    """S0-8, S0-9, X14: body without a price that counts; other roles may not book."""
    practitioner, client = world.practitioner(), world.person()
    service = world.service(practitioner)
    body = {"service_id": service, "start": world.start(service), "price": 1, "duration": 5, "teacher": 99}
    assert practitioner.post("/bookings", body).status_code == 403
    assert client.post("/bookings", body).json["booking"]["price"] == {"amount": 6_000, "currency": "EUR"}


def test_starting_to_pay_answers_with_everything_the_browser_needs(world: World) -> None:
    """S0-10: the booking, the address of the payment page, the gateway's own id of it."""
    client, made = _waiting(world)
    begun = world.begin(client, made["checkout"]["id"])
    assert begun["next"]["kind"] == "redirect"
    assert begun["next"]["url"].startswith("http")
    assert begun["next"]["provider_ref"].startswith("cs_")
    assert made["booking"]["id"]


def test_a_cancelled_payment_is_kept_with_when_why_and_by_whom(world: World) -> None:
    """S0-15, S0-16, S0-19, X4: never deleted; a generic sentence, no stack trace, whatever the gateway does."""
    client, made = _waiting(world)
    world.begin(client, made["checkout"]["id"])
    world.faults(gateway="stripe", route="any", fault="500", times=9)
    answer = client.post(f"/checkouts/{made['checkout']['id']}/cancel")
    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["reason"]) == ("cancelled", "payment cancelled by user")
    assert booking["cancelled_at"] is not None
    long = client.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "x" * 501})
    assert long.status_code == 422


def test_no_call_confirms_on_a_callers_word(world: World) -> None:
    """S0-17, S1-5, X6: coming back, asking and shouting change nothing; the gateway is asked, and only its word counts."""
    client, made = _waiting(world)
    world.begin(client, made["checkout"]["id"])
    browser = world.app.test_client()
    browser.get(f"/checkouts/{made['checkout']['id']}/return?session_id=cs_paid&status=paid")
    browser.post(f"/checkouts/{made['checkout']['id']}/return", data={"razorpay_payment_id": "pay_1", "status": "paid"})
    assert client.post(f"/bookings/{made['booking']['id']}/confirm").status_code in (404, 405)
    assert world.booking(client, made["booking"]["id"])["status"] == "awaiting_payment"


def test_confirming_is_repeatable_and_asks_the_gateway_itself(world: World) -> None:
    """S0-17: paid with every callback lost; asking twice confirms once."""
    client, made = _waiting(world)
    world.drop_callbacks()
    world.act(world.begin(client, made["checkout"]["id"]))
    for _ in range(2):
        world.move(seconds=30)
        world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert world.notices(client).count("booking_confirmed") == 1


def test_a_client_sees_all_their_bookings_whatever_became_of_them(world: World) -> None:
    """S0-18, S0-2: every status in one list."""
    client = world.person()
    service = world.service(world.practitioner())
    kept = world.booked(client, service)
    gone = world.book(client, service, world.start(service, 3))["booking"]
    client.post(f"/bookings/{gone['id']}/cancel")
    assert {b["id"] for b in client.get("/bookings").json} == {kept["id"], gone["id"]}


def test_a_booking_knows_who_pays_and_for_how_many(world: World) -> None:
    """S0-20: the payer is the client; places stand for those who attend (their names come with groups)."""
    client = world.person(name="A parent")
    service = world.service(world.practitioner(), places=3)
    booking = world.book(client, service, places=2)["booking"]
    assert (booking["client"], booking["places"], booking["price"]["amount"]) == ("A parent", 2, 12_000)


def test_a_booking_knows_its_people_time_price_link_way_of_paying_notes_and_end(world: World) -> None:
    """S0-19."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, places=2)
    start = world.start(service)
    made = world.booked(client, service, start=start, places=2, notes="Left hand")
    assert (made["client"], made["practitioner"], made["notes"]) == ("Wanjiku Kamau", "Dr. Amina Otieno", "Left hand")
    assert (made["start"], made["price"]["amount"], made["paid_with"]) == (start, 12_000, ["stripe"])
    world.move(seconds=(datetime.fromisoformat(start) - clock.now()).total_seconds())
    assert world.booking(client, made["id"])["meeting"]["url"].startswith("https://")
    assert owner.post(f"/bookings/{made['id']}/cancel", {"reason": "x" * 500}).status_code == 200
    ended = world.booking(client, made["id"])
    assert (ended["status"], ended["reason"]) == ("cancelled", "x" * 500)
    assert datetime.fromisoformat(ended["cancelled_at"]) > datetime.fromisoformat(start)


def test_the_clock_ends_what_nobody_pays_and_no_worker_is_needed_for_the_place(world: World) -> None:
    """S0-25, S1-18, S4-12, X5, acceptance criterion 1: free by time at once, written down by the next sweep."""
    client, made = _waiting(world)
    world.move(minutes=16)
    other = world.person()
    assert (
        other.post(
            "/bookings", {"service_id": made["booking"]["service_id"], "start": made["booking"]["start"]}
        ).status_code
        == 201
    )
    assert world.booking(client, made["booking"]["id"])["status"] == "expired"
    world.sweep()
    assert sorted(b.status.value for b in world.all(Booking)) == ["awaiting_payment", "expired"]


def test_the_doctor_finds_what_is_left_over(world: World) -> None:
    """S0-23, S4-27, S1-20: failed refunds, reviews, unmatched news; nothing on a healthy day."""
    assert _findings(world) == {}
    client, service = world.person(), world.service(world.practitioner(), free_cancel_hours=0)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=9)
    booking = world.booked(client, service)
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    other = world.book(client, service, world.start(service, 3))
    world.act(world.begin(client, other["checkout"]["id"]), "pay", amount=1, currency="eur")
    assert _findings(world) == {"failed refunds": "1", "open reviews": "1"}


def _findings(world: World) -> dict[str, str]:
    names = ("callbacks that wait", "open reviews", "failed refunds", "forged callbacks today", "money audit")
    with world.app.app_context():
        return {found.name: found.words for found in doctor.examine() if found.name in names and not found.ok}


# ------------------------------------------------------------------------------------------------ report 1: Razorpay


def test_leaving_the_window_frees_the_place_for_everybody_and_for_oneself(world: World) -> None:
    """S1-1, S1-19, S1-20, S1-21: cancelled, bookable at once, tried again as often as one likes."""
    client, made = _waiting(world, "INR")
    for _ in range(3):
        world.begin(client, made["checkout"]["id"], "razorpay")
        assert client.post(f"/checkouts/{made['checkout']['id']}/cancel").status_code == 200
        assert world.live_places() == 0
        body = {"service_id": made["booking"]["service_id"], "start": made["booking"]["start"]}
        made = client.post("/bookings", body).json
    assert made["booking"]["status"] == "awaiting_payment"


def test_without_script_upi_says_whose_page_opens(world: World) -> None:
    """The window is said by what the script shows; what is there without it leads to the company's own page."""
    client, made = _waiting(world, "INR")
    world.begin(client, made["checkout"]["id"], "razorpay")
    page = Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    assert re.search(r"<p[^>]* hidden>\s*A window from the payment provider opens\.", page)
    assert re.search(r"<p>\s*The payment provider(&#39;|')s own page opens\.", page)


def test_each_step_of_a_payment_leaves_a_line_without_phone_or_secret(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """S1-19: structured logs at prepare and verify; S3-24: the phone is masked."""
    client, made = _waiting(world, "KES")
    with caplog.at_level(logging.INFO, logger="app"):
        world.act(world.begin(client, made["checkout"]["id"], "mpesa", phone="0722 999 888"))
    lines = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("app"))
    assert "attempt.created" in lines
    assert "inbox.settled" in lines
    assert "722999888" not in lines


# ------------------------------------------------------------------------------------------------ report 3: M-Pesa


def test_every_try_is_a_row_with_its_ids_and_codes(world: World) -> None:
    """S3-23, S3-24: method, status, request ids, receipt (unique), amount, phone, result code; tries are rows, not JSON."""
    client, made = _waiting(world, "KES")
    begun = world.begin(client, made["checkout"]["id"], "mpesa")
    world.act(begun, "cancel")
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"))
    first, second = sorted(world.all(Attempt), key=lambda each: each.created_at)
    assert (first.status, first.failure, first.vendor_code) == ("failed", "cancelled_by_payer", "1032")
    assert (second.status, second.amount, second.phone) == ("paid", 150_000, "+254712345678")
    assert second.charge_ref
    assert set(second.details) >= {"merchant_request_id", "checkout_request_id"}


# ------------------------------------------------------------------------------------------------ report 4: direct and wallet


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_a_payment_that_fails_leaves_no_booking_that_blocks_anybody(world: World, mode: str) -> None:
    """S4-1, S4-3, S4-4, S4-5, S4-7: the intent is in the database, not in a browser; the same checkout is tried again."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), mode, "INR"))
    checkout = made["checkout"]["id"]
    world.act(world.begin(client, checkout, "razorpay"), "fail")
    world.act(world.begin(client, checkout, "razorpay"))
    assert world.checkout(client, checkout)["status"] == "paid"
    assert [booking.status for booking in world.all(Booking)] == ["confirmed"]


def test_what_is_meant_lives_in_the_checkout_and_dies_with_it(world: World) -> None:
    """S4-6, S4-11, S4-22, S4-28: kinds of what can be paid, each made and ended at a defined moment; no web session matters."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "pay_then_book"))
    assert made["booking"] is None
    checkout = world.all(Checkout)[0]
    assert (checkout.kind, checkout.status) == ("draft_booking", "open")
    world.move(minutes=16)
    world.sweep()
    assert world.all(Checkout)[0].status == "expired"
    assert world.all(Booking) == []
    assert world.all(Hold) == []


def test_a_callback_in_a_process_without_browser_makes_the_booking(world: World) -> None:
    """S4-28, S1-22: "payment succeeded but no record created" and "reservation info not found" cannot be."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "pay_then_book"))
    begun = world.begin(client, made["checkout"]["id"])
    client.http.delete_cookie("session")
    world.act(begun)
    assert [booking.status for booking in world.all(Booking)] == ["confirmed"]


def _funded(world: World, amount: int) -> Caller:
    client = world.person()
    answer = client.post("/wallet/top-ups", {"amount": {"amount": amount, "currency": "EUR"}})
    assert answer.status_code == 201, answer.text
    world.act(world.begin(client, answer.json["id"]))
    return client


def test_the_wallet_pays_at_once(world: World) -> None:
    """S4-9, S4-16: credit in, session out, no gateway asked."""
    client = _funded(world, 10_000)
    made = world.book(client, world.service(world.practitioner()))
    paid = world.begin(client, made["checkout"]["id"], "wallet")
    assert paid["next"]["kind"] == "done"
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert client.get("/wallet").json["balances"] == [{"amount": 4_000, "currency": "EUR"}]


def test_too_little_credit_keeps_the_intent_and_lets_people_choose(world: World) -> None:
    """S4-10, S4-11: refused without a trace; a top-up made for it, or another way to pay, goes on with the same checkout."""
    client = _funded(world, 1_000)
    made = world.book(client, world.service(world.practitioner(), "pay_then_book"))
    checkout = made["checkout"]["id"]
    refused = client.post(f"/checkouts/{checkout}/attempts", {"gateway": "wallet"})
    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_balance")
    more = client.post("/wallet/top-ups", {"amount": {"amount": 5_000, "currency": "EUR"}, "then": checkout})
    world.act(world.begin(client, more.json["id"]))
    assert world.begin(client, checkout, "wallet")["next"]["kind"] == "done"
    assert [booking.status for booking in world.all(Booking)] == ["confirmed"]


# ------------------------------------------------------------------------------------------------ disputes


def test_a_dispute_flags_the_booking_and_moves_nothing(world: World) -> None:
    """Part 7: recorded, shown to staff; never resurrects or cancels by itself."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner()))
    charge = world.sandbox.sandbox.store.all("charge")[0]
    stripe_disputes.dispute(world.sandbox.sandbox, charge["id"])
    world.settle()
    after = world.booking(client, booking["id"])
    assert (after["status"], after["money"]) == ("confirmed", "needs_review")
    assert [review.reason for review in world.all(Review)] == ["disputed"]
    assert [(c.subject, c.to_status) for c in world.all(Change) if c.subject == "dispute"] == [("dispute", "open")]


def test_a_dispute_never_revives_what_was_cancelled(world: World) -> None:
    """woocommerce-gateway-stripe 2598."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner()))
    client.post(f"/bookings/{booking['id']}/cancel")
    stripe_disputes.dispute(world.sandbox.sandbox, world.sandbox.sandbox.store.all("charge")[0]["id"])
    world.settle()
    assert world.booking(client, booking["id"])["status"] == "cancelled"
