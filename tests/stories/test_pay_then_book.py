"""S1 and S4: nothing is booked and nothing is held before the money is there."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.models import Booking, Hold
from tests.support.visitor import log_in
from tests.support.world import World


def test_success_creates_the_booking_and_takes_the_place(world: World) -> None:
    """S1-3, S1-13, S4-13: created on verified payment, counted, in the list."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book", "INR")
    made = world.book(client, service)
    assert made["booking"] is None
    assert world.all(Booking) == []
    assert world.all(Hold) == []
    world.act(world.begin(client, made["checkout"]["id"], "razorpay"))
    checkout = world.checkout(client, made["checkout"]["id"])
    assert checkout["status"] == "paid"
    booking = world.booking(client, checkout["booking_id"])
    assert (booking["status"], booking["money"]) == ("confirmed", "paid")
    assert booking["start"] not in [slot["start"] for slot in world.slots(service)]


def test_cancelling_leaves_no_booking_and_the_same_time_can_be_booked_at_once(world: World) -> None:
    """S1-14 (the main fix), S4-15: nothing blocks the same user or anybody else."""
    client, other = world.person(), world.person()
    service = world.service(world.practitioner(), "pay_then_book", "INR")
    start = world.start(service)
    made = world.book(client, service, start)
    world.begin(client, made["checkout"]["id"], "razorpay")
    assert client.post(f"/checkouts/{made['checkout']['id']}/cancel").json["status"] == "cancelled"
    assert world.all(Booking) == []
    assert world.book(other, service, start)["checkout"]["status"] == "open"
    again = world.book(client, service, start)
    assert again["checkout"]["id"] != made["checkout"]["id"]
    world.act(world.begin(client, again["checkout"]["id"], "razorpay"))
    assert world.checkout(client, again["checkout"]["id"])["status"] == "paid"


def test_what_is_not_booked_yet_says_when_it_would_be_and_with_whom(world: World) -> None:
    """S1-14: two drafts of one service are two lines that can be told apart."""
    client, owner = world.person(), world.practitioner(name="Ravi Deshpande")
    service = world.service(owner, "pay_then_book", "INR")
    starts = [slot["start"] for slot in world.slots(service)][:2]
    for start in starts:
        world.book(client, service, start)
    page = log_in(world, client).get("/bookings").text
    local = [datetime.fromisoformat(start).astimezone(ZoneInfo("Africa/Nairobi")) for start in starts]
    assert page.count("Ravi Deshpande") == 2
    assert all(f"{start:%H:%M} EAT" in page for start in local)


def test_a_failed_payment_leaves_no_booking_shows_why_and_can_be_tried_again(world: World) -> None:
    """S1-15, S4-14: one gateway order is reused; the retry works."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book", "INR")
    made = world.book(client, service)
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.act(begun, "fail")
    checkout = world.checkout(client, made["checkout"]["id"])
    assert world.all(Booking) == []
    assert checkout["status"] == "open"
    assert checkout["attempts"][-1]["status"] == "failed"
    assert checkout["attempts"][-1]["message"]
    again = world.begin(client, made["checkout"]["id"], "razorpay")
    assert again["next"]["provider_ref"] == begun["next"]["provider_ref"]
    world.act(again)
    assert world.checkout(client, made["checkout"]["id"])["status"] == "paid"


def test_two_clients_pay_for_one_place_and_the_second_is_refunded(world: World) -> None:
    """S1-16, S4-8, S4-17, S1-22, X8: who pays second gets the money back in that same commit; one booking exists."""
    first, second = world.person(), world.person()
    service = world.service(world.practitioner(), "pay_then_book", "EUR")
    start = world.start(service)
    made = [world.book(person, service, start) for person in (first, second)]
    begun = [world.begin(p, m["checkout"]["id"]) for p, m in zip((first, second), made, strict=True)]
    world.act(begun[0])
    world.act(begun[1])
    world.move(hours=25)  # the second is offered other times or credit first, for a day
    world.sweep()
    world.settle()
    assert len(world.all(Booking)) == 1
    assert world.checkout(first, made[0]["checkout"]["id"])["status"] == "paid"
    assert world.checkout(second, made[1]["checkout"]["id"])["status"] == "cancelled"
    taken = world.money_taken()
    assert sum(e["amount"] for e in taken if e["kind"] == "capture") == 12_000
    assert sum(e["amount"] for e in taken if e["kind"] == "refund") == 6_000


def test_whoever_comes_second_is_told_before_paying_when_the_place_is_already_gone(world: World) -> None:
    """S1-16, X8: "fully booked" before the gateway opens."""
    first, second = world.person(), world.person()
    service = world.service(world.practitioner(), "pay_then_book", "EUR")
    start = world.start(service)
    mine, theirs = world.book(first, service, start), world.book(second, service, start)
    world.act(world.begin(first, mine["checkout"]["id"]))
    answer = second.post(f"/checkouts/{theirs['checkout']['id']}/attempts", {"gateway": "stripe"})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")


def test_a_group_of_two_refuses_the_third(world: World) -> None:
    """S1-17: capacity 2, third client refused."""
    service = world.service(world.practitioner(), "hold_then_pay", "EUR", places=2)
    start = world.start(service)
    for _ in range(2):
        world.book(world.person(), service, start)
    answer = world.person().post("/bookings", {"service_id": service, "start": start})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")


def test_closing_the_browser_after_paying_still_books(world: World) -> None:
    """S4-23, S4-28: no session, no return page, no callback: the look-up finds the money."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book", "INR")
    made = world.book(client, service)
    world.drop_callbacks()
    world.act(world.begin(client, made["checkout"]["id"], "razorpay"))
    assert world.all(Booking) == []
    world.move(minutes=2)
    world.sweep()
    assert world.checkout(client, made["checkout"]["id"])["status"] == "paid"
    assert len(world.all(Booking)) == 1


def test_a_network_error_leaves_no_ghost_and_the_same_try_goes_on(world: World) -> None:
    """S4-24, S4-25: the answer to start is lost; the same key finds the same order, nothing is doubled."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book", "INR")
    made = world.book(client, service)
    world.faults(gateway="razorpay", route="order", fault="reset", when="after", times=1)
    answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "razorpay"})
    assert (answer.status_code, answer.json["next"]["kind"]) == (202, "checking")
    assert world.all(Booking) == []
    world.act(world.begin(client, made["checkout"]["id"], "razorpay"))
    assert world.checkout(client, made["checkout"]["id"])["status"] == "paid"
    assert len([e for e in world.money_taken() if e["kind"] == "capture"]) == 1


def test_several_retries_work(world: World) -> None:
    """S4-26."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book", "INR")
    made = world.book(client, service)
    for _ in range(3):
        world.act(world.begin(client, made["checkout"]["id"], "razorpay"), "fail")
    world.act(world.begin(client, made["checkout"]["id"], "razorpay"))
    assert world.checkout(client, made["checkout"]["id"])["status"] == "paid"


def test_an_unpaid_draft_simply_lapses(world: World) -> None:
    """S4-12 without a worker: no ghost, the page says so."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book", "INR")
    made = world.book(client, service)
    world.move(minutes=16)
    assert world.checkout(client, made["checkout"]["id"])["status"] == "expired"
    answer = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "razorpay"})
    assert (answer.status_code, answer.json["code"]) == (409, "checkout_closed")
    world.sweep()
    assert world.all(Booking) == []
