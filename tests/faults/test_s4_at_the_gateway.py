# mypy: disable-error-code="index, union-attr, misc, arg-type, attr-defined"
"""S4, the client is at the gateway: whatever happens to us meanwhile, who pays is booked or gets the money back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from app import create_app
from app.extensions import db
from app.models import Booking, InboxEntry, RejectedCallbacks, Review
from sandbox.core.errors import Refused
from tests.faults.clocks import SKEWS, skewed
from tests.faults.database import after_the_migration, cut_at
from tests.faults.people import rivals
from tests.faults.processes import killed_in_a_look_up
from tests.support.at_once import at_once
from tests.support.callbacks import deliver, forge, post
from tests.support.deals import Deal, captures, deal, kept
from tests.support.gateways import BY_CODE
from tests.support.world import World

DECLINE = {"reason": "An emergency came up."}


def _confirmed_by_the_janitor(world: World, paying: Deal) -> None:
    world.move(seconds=25)
    world.sweep()
    paying.is_paid_once()


# ---------------------------------------------------------------------------------------------------- we break


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_with_the_web_gone_while_the_client_pays_a_new_process_finds_it_paid(world: World, gateway: str) -> None:
    """S4-F01 (right): nobody listened to the callback; the vendor tells it again, or is asked."""
    paying = deal(world, gateway)
    courier = world.sandbox.sandbox.courier
    courier.app_url, home = "http://127.0.0.1:9", courier.app_url
    if not BY_CODE[gateway].signature:  # its callback address was fixed when it began, and it tells a thing once
        world.drop_callbacks()
    paying.pay()
    assert paying.state[0] == "awaiting_payment"
    courier.app_url = home
    if not BY_CODE[gateway].signature:
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


@pytest.mark.any_gateway
@pytest.mark.parametrize(
    ("gateway", "statement"),
    [
        ("stripe", "UPDATE bookings"),
        ("razorpay", "INSERT INTO inbox"),
        ("mpesa", "UPDATE bookings"),
    ],
)
def test_with_the_database_gone_while_the_callback_is_handled_it_is_applied_once_later(
    world: World, gateway: str, statement: str
) -> None:
    """S4-F02 (right): the vendor hears 503 and comes again; where it does not, the sweep goes on."""
    paying = deal(world, gateway)
    with cut_at(world, statement) as struck:
        paying.pay()
        world.until(lambda: bool(struck))
    if gateway != "mpesa":
        world.until(lambda: world.all(Booking)[0].status == "confirmed")
        world.settle()
    _confirmed_by_the_janitor(world, paying)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_without_the_queue_who_pays_is_booked_at_once_and_told_by_the_sweep(
    world: World, lose_queue: Callable[[], Any], gateway: str
) -> None:
    """S4-F03, S4-F04 (right)."""
    paying = deal(world, gateway)
    lose_queue()
    paying.pay()
    paying.is_paid_once()
    lose_queue()
    world.sweep()
    world.sweep()
    assert [len(world.mails(world.email(person))) for person in (paying.client, paying.owner)] == [1, 1]


def test_a_worker_killed_while_it_asks_does_not_touch_the_payment(world: World, redis: Redis, redis_url: str) -> None:
    """S4-F05 (right): killed -9 in a look-up of a page that is still open; the client pays and is booked."""
    paying = deal(world, "stripe")
    killed_in_a_look_up(world, paying, redis_url)
    assert paying.attempt().status == "processing"
    paying.pay()
    paying.is_paid_once()


# ---------------------------------------------------------------------------------------------------- the gateway breaks

BROKEN = {"S4-F06": "500", "S4-F07": "timeout", "S4-F08": "reset", "S4-F09": "429", "S4-F10": "malformed"}


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize(("cell", "fault"), BROKEN.items())
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_gateway_that_breaks_before_the_client_pays_keeps_the_place_no_longer_than_the_hold(
    world: World, impatient: None, cell: str, gateway: str, fault: str
) -> None:
    """S4-F06, S4-F07, S4-F08, S4-F09, S4-F10 (lapses): the place is free by the clock, the outcome is found out later."""
    paying = deal(world, gateway)
    world.faults(gateway=gateway, route="any", fault=fault, times=99, seconds=2)
    assert world.live_places() == 1
    world.move(minutes=15, seconds=1)
    world.sweep()
    assert world.live_places() == 0
    assert paying.time_is_free
    other = world.book(world.person(), paying.service, paying.start)
    assert other["booking"]["status"] == "awaiting_payment"
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=10)
    world.sweep()
    assert (paying.state[0], captures(world)) == ("expired", [])


# ---------------------------------------------------------------------------------------------------- callbacks


@pytest.mark.parametrize("gateway", BY_CODE)
def test_paid_with_the_callback_lost_and_the_browser_closed_the_janitor_finds_it(world: World, gateway: str) -> None:
    """S4-F11, S4-F20 (unresolved): unresolved until the gateway is asked, which is within a minute."""
    paying = deal(world, gateway)
    world.drop_callbacks()
    paying.pay()
    assert paying.state[1] == "processing"
    _confirmed_by_the_janitor(world, paying)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_every_callback_ten_times_at_once_and_twice_more_is_one_booking(world: World, gateway: str) -> None:
    """S4-F12 (no effect): each is answered 200."""
    paying = deal(world, gateway)
    rows = paying.pay_unheard()
    answers = at_once(*(lambda row=row: post(world, row) for row in rows for _ in range(10)))
    assert set(answers) == {200}
    deliver(world, rows * 2)
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_callbacks_of_two_tries_in_the_wrong_order_end_in_the_same_booking(world: World, gateway: str) -> None:
    """S4-F13 (right): the failure of the first try comes after the success of the second."""
    paying = deal(world, gateway)
    failed = paying.pay_unheard(BY_CODE[gateway].fails)
    if gateway == "mpesa":  # a prompt that ended was the only try; its late success comes before its failure
        deliver(world, [*paying.pay_unheard(anyway=True), *failed])
    else:
        deliver(world, [*reversed(failed + paying.pay_unheard())])
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("place", ["free", "taken"])
@pytest.mark.parametrize("gateway", BY_CODE)
def test_money_that_is_told_of_after_the_hold_ended_takes_the_place_again_or_goes_back(
    world: World, gateway: str, place: str
) -> None:
    """S4-F14 (late): paid in time, the callback lost and the gateway away until the hold was over."""
    paying = deal(world, gateway)
    rows = paying.pay_unheard()
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    world.move(minutes=20)
    world.sweep()
    assert world.live_places() == 0
    if place == "taken":
        world.book(world.person(), paying.service, paying.start)
    deliver(world, rows)
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=1)
    world.sweep()  # a callback that nobody signed waits for the gateway's own word
    if place == "free":
        paying.is_paid_once()
    else:
        paying.is_owed("expired")
    assert (captures(world), world.live_places()) == ([paying.amount], 1)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
@pytest.mark.parametrize("ended", ["cancel", "decline"])
def test_money_that_comes_after_a_person_ended_it_goes_back(world: World, gateway: str, ended: str) -> None:
    """S4-F15 (given back): never a booking that comes back to life."""
    paying = deal(world, gateway, "approve_then_pay")
    world.faults(gateway="stripe", route="expire", fault="500", times=2)  # the page could not be closed
    world.faults(gateway="stripe", route="retrieve", fault="500", times=2)
    who = paying.client if ended == "cancel" else paying.owner
    assert who.post(f"/bookings/{paying.booking_id}/{ended}", DECLINE).status_code == 200
    world.sandbox.sandbox.faults.clear()
    paying.pay()
    status = "cancelled" if ended == "cancel" else "declined"
    paying.is_owed(status)
    world.sweep()
    world.settle()
    assert (kept(world), len(captures(world)), world.live_places()) == (0, 1, 0)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_payment_before_the_browser_has_opened_the_page_confirms(world: World, gateway: str) -> None:
    """S4-F16 (right): the callback is in before anybody knows where to go; going on then finds it paid."""
    paying = deal(world, gateway, begun=False)
    with paying.slowly():
        paying.pay()
        assert paying.state[0] == "confirmed"
    paying.is_paid_once()
    assert paying.begin(key=None).status_code == 409


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_forged_callback_while_the_client_is_there_is_refused_and_counted(world: World, gateway: str) -> None:
    """S4-F17 (refused): one count, no state, no news; and an address nobody signed is not there at all."""
    paying = deal(world, gateway)
    row = paying.pay_unheard()[-1]
    assert forge(world, row) == 400
    assert post(world, row | {"target": f"{world.app.config['PUBLIC_URL']}/callbacks/mpesa/guessed"}) == 404
    counted = sum(row.count for row in world.all(RejectedCallbacks))
    assert (world.all(InboxEntry), counted) == ([], 2)
    assert paying.state[0] == "awaiting_payment"


@pytest.mark.any_gateway
@pytest.mark.parametrize(
    ("gateway", "wish"),
    [
        ("stripe", {"currency": "usd"}),
        ("stripe", {"amount": 77}),
        ("razorpay", {"amount": 77}),
        ("mpesa", {"amount": 77}),
    ],
)
def test_other_money_than_was_asked_for_never_confirms(world: World, gateway: str, wish: dict[str, Any]) -> None:
    """S4-F18: the vendor's word is kept for a person (as in S6), nothing is confirmed, nothing more can be paid."""
    paying = deal(world, gateway)
    paying.pay(**wish)
    assert [review.reason for review in world.all(Review)] == ["amount"]
    assert paying.state == ("awaiting_payment", "needs_review")
    assert paying.begin(key="another").json["code"] == "under_review"
    assert world.notices(paying.client) == []


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_what_one_client_pays_never_confirms_another(world: World, gateway: str) -> None:
    """S4-F18: authentic, and about another booking; an M-Pesa callback at a neighbour's address is nobody's."""
    mine = deal(world, gateway)
    [untouched] = mine.things()
    theirs = deal(world, gateway)
    rows = theirs.pay_unheard()
    if gateway == "mpesa":
        assert post(world, rows[0] | {"target": untouched["callback_url"]}) == 200
    deliver(world, rows)
    assert [one.state[0] for one in (mine, theirs)] == ["awaiting_payment", "confirmed"]


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize(("gateway", "by"), [*(("stripe", by) for by in SKEWS), ("razorpay", SKEWS[2])])
def test_news_for_a_node_whose_clock_is_wrong_is_believed_once(world: World, gateway: str, by: timedelta) -> None:
    """S4-F19 (right): there, or by an honest node when the vendor comes again (a signature may look too old there)."""
    paying = deal(world, gateway)
    rows = paying.pay_unheard()
    with skewed(world, by):
        answers = {post(world, row) for row in rows}
        assert world.app.test_client().get("/readyz").status_code == 503
    assert answers in ({200}, {400})
    deliver(world, rows)
    paying.is_paid_once()
    assert world.live_places() == 1


# ---------------------------------------------------------------------------------------------------- people


@pytest.mark.any_gateway
@pytest.mark.parametrize("cell", ["S4-F21", "S4-F22"])
@pytest.mark.parametrize("gateway", BY_CODE)
def test_paying_twice_at_once_at_the_gateway_is_one_charge(world: World, gateway: str, cell: str) -> None:
    """S4-F21, S4-F22 (once): a double click there, or the same page open in two tabs, both begun by us."""
    paying = deal(world, gateway)
    if cell == "S4-F22":
        assert paying.begin(key="the other tab").json["next"]["provider_ref"] == paying.things()[0]["id"]

    def click() -> str:
        try:
            world.act(paying.shown(), settle=False)
        except Refused:
            return "refused"
        return "paid"

    assert sorted(at_once(click, click, click)) == ["paid", "refused", "refused"]
    world.settle()
    paying.is_paid_once()


@pytest.mark.parametrize("round_", range(2))
def test_two_clients_pay_for_one_place_at_once_and_one_gets_everything_back(world: World, round_: int) -> None:
    """S4-F23 (given back): both at the gateway; the loser's refund is in the commit that found the place gone, both are told."""
    two = rivals(world, begun=True)
    at_once(*(lambda one=one: world.act(one.begun, settle=False) for one in two))
    world.settle()
    [booking] = world.all(Booking)
    loser = next(one for one in two if one.client.user_id != booking.client_id)
    assert (booking.status, world.live_places()) == ("confirmed", 1)
    assert set(world.notices(loser.client)) - {"refund_done"}
    assert set(world.notices(loser.owner)) - {"booking_confirmed_practitioner"}
    world.move(hours=25)
    world.sweep()
    world.settle()
    assert (len(captures(world)), kept(world)) == (2, loser.amount)


@pytest.mark.any_gateway
@pytest.mark.parametrize("first", ["decline", "payment", "both at once"])
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_decline_while_the_client_pays_ends_in_a_session_or_in_the_money_back(
    world: World, gateway: str, first: str
) -> None:
    """S4-F24 (given back): the callback comes after the decline, before it, or with it."""
    paying = deal(world, gateway, "approve_then_pay")
    rows = paying.pay_unheard()
    path = f"/bookings/{paying.booking_id}/decline"
    steps: list[Callable[[], Any]] = [
        lambda: paying.owner.post(path, DECLINE).status_code,
        lambda: [post(world, row) for row in rows],
    ]
    if first == "both at once":
        answers = at_once(*steps)
    else:
        answers = [step() for step in (steps if first == "decline" else reversed(steps))]
    declined = 200 in answers
    assert declined or first != "decline"
    paying.is_settled_after_a_decline(declined)


def test_a_callback_that_meets_a_migration_waits_for_it(world: World) -> None:
    """S4-F25 (right)."""
    paying = deal(world, "stripe")
    rows = paying.pay_unheard()
    answers = after_the_migration(world, "attempts", lambda: [post(world, row) for row in rows])
    assert answers == [200] * len(rows)
    paying.is_paid_once()
