# mypy: disable-error-code="index, union-attr, misc, arg-type, attr-defined"
"""S4, the client is at the gateway: whatever happens to us meanwhile, who pays is booked or gets the money back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from app import create_app
from app.extensions import db, queue
from app.models import Booking, InboxEntry, RejectedCallbacks, Review
from sandbox.errors import Refused
from tests.faults.conftest import (
    ASK,
    GATEWAYS,
    SKEWS,
    after_the_migration,
    captures,
    cut_at,
    deliver,
    goes_back,
    hold_back,
    kept,
    kill,
    rivals,
    signed,
    skewed,
    start_worker,
    together,
    told,
)
from tests.faults.paying import Paying
from tests.support.world import World

DECLINE = {"reason": "An emergency came up."}


def _confirmed_by_the_janitor(world: World, paying: Paying) -> None:
    world.move(seconds=25)
    world.sweep()
    paying.is_paid_once()


# ---------------------------------------------------------------------------------------------------- we break


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_with_the_web_gone_while_the_client_pays_a_new_process_finds_it_paid(
    world: World, gateway: str, currency: str
) -> None:
    """S4-F01 (C): nobody listened to the callback; the vendor tells it again, or is asked."""
    paying = Paying(world, gateway, currency, begun=True)
    courier = world.sandbox.sandbox.courier
    courier.app_url, home = "http://127.0.0.1:9", courier.app_url
    if gateway == "mpesa":  # its callback address was fixed when it began, and it tells a thing once
        world.drop_callbacks()
    paying.pay()
    assert world.booking(paying.client, paying.booking["id"])["status"] == "awaiting_payment"
    courier.app_url = home
    if gateway == "mpesa":
        _confirmed_by_the_janitor(world, paying)
    else:
        world.until(lambda: world.all(Booking)[0].status == "confirmed")
        world.settle()
        paying.is_paid_once()
    reborn = create_app(world.app.config["ENVIRON"])
    with reborn.app_context():
        assert db.session.get_one(Booking, world.all(Booking)[0].id).status == "confirmed"
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("gateway", "currency", "statement"),
    [
        ("stripe", "EUR", "UPDATE bookings"),
        ("razorpay", "INR", "INSERT INTO inbox"),
        ("mpesa", "KES", "UPDATE bookings"),
    ],
)
def test_with_the_database_gone_while_the_callback_is_handled_it_is_applied_once_later(
    world: World, gateway: str, currency: str, statement: str
) -> None:
    """S4-F02 (C): the vendor hears 503 and comes again; where it does not, the sweep goes on."""
    paying = Paying(world, gateway, currency, begun=True)
    with cut_at(world, statement) as struck:
        paying.pay()
        world.until(lambda: bool(struck))
    if gateway != "mpesa":
        world.until(lambda: world.all(Booking)[0].status == "confirmed")
        world.settle()
    _confirmed_by_the_janitor(world, paying)


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS[::2])
def test_without_the_queue_who_pays_is_booked_at_once_and_told_by_the_sweep(
    world: World, lose_queue: Callable[[], Any], gateway: str, currency: str
) -> None:
    """S4-F03, S4-F04 (C)."""
    paying = Paying(world, gateway, currency, begun=True)
    lose_queue()
    paying.pay()
    paying.is_paid_once()
    lose_queue()
    world.sweep()
    world.sweep()
    assert [len(world.mails(world.email(person))) for person in (paying.client, paying.owner)] == [1, 1]


def test_a_worker_killed_while_it_asks_does_not_touch_the_payment(world: World, redis: Redis, redis_url: str) -> None:
    """S4-F05 (C): killed -9 in a look-up of a page that is still open; the client pays and is booked."""
    paying = Paying(world, "stripe", "EUR", begun=True)
    killed_in_a_look_up(world, paying, redis_url)
    assert paying.attempt().status == "processing"
    paying.pay()
    paying.is_paid_once()


def killed_in_a_look_up(world: World, paying: Paying, redis_url: str) -> None:
    """A worker asked the gateway about the attempt and was killed before it heard the answer."""
    world.faults(gateway=paying.gateway, route=ASK[paying.gateway], fault="timeout", seconds=8)
    paying.is_due()
    with world.app.app_context():
        assert queue.enqueue("app.jobs.payments.look_up", str(paying.attempt().id))
    worker = start_worker(world, redis_url)
    world.until(lambda: not world.sandbox.sandbox.faults.listed())
    kill(worker)


# ---------------------------------------------------------------------------------------------------- the gateway breaks

BROKEN = [("S4-F06", gateway, currency, "500") for gateway, currency in GATEWAYS]
BROKEN += [("S4-F07", "razorpay", "INR", "timeout")]
BROKEN += [("S4-F08", gateway, currency, "reset") for gateway, currency in GATEWAYS]
BROKEN += [("S4-F09", gateway, currency, "429") for gateway, currency in GATEWAYS]
BROKEN += [("S4-F10", "stripe", "EUR", "html"), ("S4-F10", "razorpay", "INR", "wrong_shape")]
BROKEN += [("S4-F10", "mpesa", "KES", "malformed")]


@pytest.mark.parametrize(("cell", "gateway", "currency", "fault"), BROKEN)
def test_a_gateway_that_breaks_before_the_client_pays_keeps_the_place_no_longer_than_the_hold(
    world: World, impatient: None, cell: str, gateway: str, currency: str, fault: str
) -> None:
    """S4-F06, S4-F07, S4-F08, S4-F09, S4-F10 (E): the place is free by the clock, the outcome is found out later."""
    paying = Paying(world, gateway, currency, begun=True)
    world.faults(gateway=gateway, route="any", fault=fault, times=99, seconds=2)
    assert world.live_places() == 1
    world.move(minutes=15, seconds=1)
    world.sweep()
    assert world.live_places() == 0
    assert paying.booking["start"] in [slot["start"] for slot in world.slots(paying.service)]
    other = world.book(world.person(), paying.service, paying.booking["start"])
    assert other["booking"]["status"] == "awaiting_payment"
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=10)
    world.sweep()
    seen = world.booking(paying.client, paying.booking["id"])
    assert (seen["status"], captures(world)) == ("expired", 0)


# ---------------------------------------------------------------------------------------------------- callbacks


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_paid_with_the_callback_lost_and_the_browser_closed_the_janitor_finds_it(
    world: World, gateway: str, currency: str
) -> None:
    """S4-F11, S4-F20 (U): unresolved until the gateway is asked, which is within a minute."""
    paying = Paying(world, gateway, currency, begun=True)
    world.drop_callbacks()
    paying.pay()
    assert world.booking(paying.client, paying.booking["id"])["money"] == "processing"
    _confirmed_by_the_janitor(world, paying)


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_every_callback_ten_times_at_once_and_twice_more_is_one_booking(
    world: World, gateway: str, currency: str
) -> None:
    """S4-F12 (N): each is answered 200."""
    paying = Paying(world, gateway, currency, begun=True)
    rows = hold_back(world, paying.shown())
    answers = together(*(lambda row=row: deliver(row) for row in rows for _ in range(10)))
    assert set(answers) | {deliver(row) for row in rows * 2} == {200}
    paying.is_paid_once()


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_callbacks_of_two_tries_in_the_wrong_order_end_in_the_same_booking(
    world: World, gateway: str, currency: str
) -> None:
    """S4-F13 (C): the failure of the first try comes after the success of the second."""
    paying = Paying(world, gateway, currency, begun=True)
    act = {"stripe": "decline", "razorpay": "fail", "mpesa": "wrong_pin"}[gateway]
    failed = hold_back(world, paying.shown(), act)
    if gateway == "mpesa":  # a prompt that ended was the only try; its late success comes before its failure
        for row in [*hold_back(world, paying.shown(), anyway=True), *failed]:
            assert deliver(row) == 200
    else:
        for row in reversed(failed + hold_back(world, paying.shown())):
            assert deliver(row) == 200
    paying.is_paid_once()


@pytest.mark.parametrize("place", ["free", "taken"])
@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_money_that_is_told_of_after_the_hold_ended_takes_the_place_again_or_goes_back(
    world: World, gateway: str, currency: str, place: str
) -> None:
    """S4-F14 (L): paid in time, the callback lost and the gateway away until the hold was over."""
    paying = Paying(world, gateway, currency, begun=True)
    rows = hold_back(world, paying.shown())
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    world.move(minutes=20)
    world.sweep()
    assert world.live_places() == 0
    if place == "taken":
        world.book(world.person(), paying.service, paying.booking["start"])
    for row in rows:
        assert deliver(signed(world, row)) == 200
    world.sandbox.sandbox.faults.clear()
    if place == "free":
        paying.is_paid_once()
    else:
        amount = paying.booking["price"]["amount"]
        goes_back(world, paying.client, paying.owner, amount=amount, status="expired")
    assert (captures(world), world.live_places()) == (1, 1)


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
@pytest.mark.parametrize("ended", ["cancel", "decline"])
def test_money_that_comes_after_a_person_ended_it_goes_back(
    world: World, gateway: str, currency: str, ended: str
) -> None:
    """S4-F15 (X): never a booking that comes back to life."""
    paying = Paying(world, gateway, currency, "approve_then_pay", begun=True)
    world.faults(gateway="stripe", route="expire", fault="500", times=2)  # the page could not be closed
    world.faults(gateway="stripe", route="retrieve", fault="500", times=2)
    who = paying.client if ended == "cancel" else paying.owner
    assert who.post(f"/bookings/{paying.booking['id']}/{ended}", DECLINE).status_code == 200
    world.sandbox.sandbox.faults.clear()
    paying.pay()
    status = "cancelled" if ended == "cancel" else "declined"
    goes_back(world, paying.client, paying.owner, amount=paying.booking["price"]["amount"], status=status)
    world.sweep()
    world.settle()
    assert (kept(world), captures(world), world.live_places()) == (0, 1, 0)


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_payment_before_the_browser_has_opened_the_page_confirms(world: World, gateway: str, currency: str) -> None:
    """S4-F16 (C): the callback is in before anybody knows where to go; going on then finds it paid."""
    paying = Paying(world, gateway, currency)
    with paying.slowly():
        paying.pay()
        assert world.booking(paying.client, paying.booking["id"])["status"] == "confirmed"
    paying.is_paid_once()
    assert paying.begin(key=None).status_code == 409


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_forged_callback_while_the_client_is_there_is_refused_and_counted(
    world: World, gateway: str, currency: str
) -> None:
    """S4-F17 (R): one count, no state, no news; and an address nobody signed is not there at all."""
    paying = Paying(world, gateway, currency, begun=True)
    row = hold_back(world, paying.shown())[-1]
    body = b'{"Body": {"stkCallback": {"ResultCode": 0}}}' if gateway == "mpesa" else None
    assert deliver(row, body, **{"Stripe-Signature": "t=1,v1=00", "X-Razorpay-Signature": "00"}) == 400
    assert deliver(row | {"url": f"{world.app.config['PUBLIC_URL']}/callbacks/mpesa/guessed"}) == 404
    counted = sum(row.count for row in world.all(RejectedCallbacks))
    assert (world.all(InboxEntry), counted) == ([], 2)
    assert world.booking(paying.client, paying.booking["id"])["status"] == "awaiting_payment"


@pytest.mark.parametrize(
    ("gateway", "currency", "wish"),
    [
        ("stripe", "EUR", {"currency": "usd"}),
        ("stripe", "EUR", {"amount": 77}),
        ("razorpay", "INR", {"amount": 77}),
        ("mpesa", "KES", {"amount": 77}),
    ],
)
def test_other_money_than_was_asked_for_never_confirms(
    world: World, gateway: str, currency: str, wish: dict[str, Any]
) -> None:
    """S4-F18: the vendor's word is kept for a person (as in S6), nothing is confirmed, nothing more can be paid."""
    paying = Paying(world, gateway, currency, begun=True)
    world.act(paying.shown(), **wish)
    assert [review.reason for review in world.all(Review)] == ["amount"]
    seen = world.booking(paying.client, paying.booking["id"])
    assert (seen["status"], seen["money"]) == ("awaiting_payment", "needs_review")
    assert paying.begin(key="another").json["code"] == "under_review"
    assert told(world, paying.client) == []


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_what_one_client_pays_never_confirms_another(world: World, gateway: str, currency: str) -> None:
    """S4-F18: authentic, and about another booking; an M-Pesa callback at a neighbour's address is nobody's."""
    mine = Paying(world, gateway, currency, begun=True)
    [untouched] = mine.things()
    theirs = Paying(world, gateway, currency)
    theirs.body["phone"] = "0722 000 999"
    rows = hold_back(world, theirs.begin().json)
    if gateway == "mpesa":
        assert deliver(rows[0] | {"url": untouched["callback_url"]}) == 200
    for row in rows:
        assert deliver(row) == 200
    seen = [world.booking(p.client, p.booking["id"])["status"] for p in (mine, theirs)]
    assert seen == ["awaiting_payment", "confirmed"]


@pytest.mark.parametrize(
    ("gateway", "currency", "by"), [*(("stripe", "EUR", by) for by in SKEWS), ("razorpay", "INR", SKEWS[2])]
)
def test_news_for_a_node_whose_clock_is_wrong_is_believed_once(
    world: World, gateway: str, currency: str, by: timedelta
) -> None:
    """S4-F19 (C): there, or by an honest node when the vendor comes again (a signature may look too old there)."""
    paying = Paying(world, gateway, currency, begun=True, days=4)
    rows = hold_back(world, paying.shown())
    with skewed(world, by):
        answers = {deliver(signed(world, row)) for row in rows}
        assert world.app.test_client().get("/readyz").status_code == 503
    assert answers in ({200}, {400})
    for row in rows:
        assert deliver(signed(world, row)) == 200
    paying.is_paid_once()
    assert world.live_places() == 1


# ---------------------------------------------------------------------------------------------------- people


@pytest.mark.parametrize("cell", ["S4-F21", "S4-F22"])
@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_paying_twice_at_once_at_the_gateway_is_one_charge(
    world: World, gateway: str, currency: str, cell: str
) -> None:
    """S4-F21, S4-F22 (1): a double click there, or the same page open in two tabs, both begun by us."""
    paying = Paying(world, gateway, currency, begun=True)
    if cell == "S4-F22":
        assert paying.begin(key="the other tab").json["next"]["provider_ref"] == paying.things()[0]["id"]

    def click() -> str:
        try:
            world.act(paying.shown(), settle=False)
        except Refused:
            return "refused"
        return "paid"

    assert sorted(together(click, click, click)) == ["paid", "refused", "refused"]
    world.settle()
    paying.is_paid_once()


@pytest.mark.parametrize("round_", range(2))
def test_two_clients_pay_for_one_place_at_once_and_one_gets_everything_back(world: World, round_: int) -> None:
    """S4-F23 (X): both at the gateway; the loser's refund is in the commit that found the place gone, both are told."""
    owner, clients, bills = rivals(world)
    begun = [world.begin(client, bill["id"]) for client, bill in zip(clients, bills, strict=True)]
    together(*(lambda b=each: world.act(b, settle=False) for each in begun))
    world.settle()
    [booking] = world.all(Booking)
    loser = next(client for client in clients if client.user_id != booking.client_id)
    assert (booking.status, world.live_places()) == ("confirmed", 1)
    assert set(told(world, loser)) - {"refund_done"}
    assert set(told(world, owner)) - {"booking_confirmed_practitioner"}
    world.move(hours=25)
    world.sweep()
    world.settle()
    assert (captures(world), kept(world)) == (2, 6_000)


@pytest.mark.parametrize("first", ["decline", "payment", "both at once"])
@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_decline_while_the_client_pays_ends_in_a_session_or_in_the_money_back(
    world: World, gateway: str, currency: str, first: str
) -> None:
    """S4-F24 (X): the callback comes after the decline, before it, or with it."""
    paying = Paying(world, gateway, currency, "approve_then_pay", begun=True)
    rows = hold_back(world, paying.shown())
    path = f"/bookings/{paying.booking['id']}/decline"
    steps: list[Callable[[], Any]] = [
        lambda: paying.owner.post(path, DECLINE).status_code,
        lambda: [deliver(row) for row in rows],
    ]
    if first == "both at once":
        answers = together(*steps)
    else:
        answers = [step() for step in (steps if first == "decline" else reversed(steps))]
    declined = 200 in answers
    assert declined or first != "decline"
    paying.is_settled_after_a_decline(declined)


def test_a_callback_that_meets_a_migration_waits_for_it(world: World) -> None:
    """S4-F25 (C)."""
    paying = Paying(world, "stripe", "EUR", begun=True)
    *earlier, last = hold_back(world, paying.shown())
    assert {deliver(row) for row in earlier} <= {200}
    assert after_the_migration(world, "attempts", lambda: deliver(last)) == 200
    paying.is_paid_once()
