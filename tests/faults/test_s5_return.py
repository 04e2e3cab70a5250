# mypy: disable-error-code="index, union-attr, misc, arg-type, attr-defined"
"""S5, the browser comes back: the page tells the truth, a visit proves nothing, and what is paid is booked once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from app.models import Attempt, Booking, InboxEntry, Notification, Refund
from sandbox.core.signing import checkout_signature
from tests.faults.clocks import SKEWS, skewed
from tests.faults.database import after_the_migration, cut_at
from tests.faults.people import rivals
from tests.faults.processes import die_in, killed_in_a_look_up, send_in_a_process
from tests.support.at_once import at_once
from tests.support.callbacks import post
from tests.support.deals import Deal, captures, deal, kept
from tests.support.gateways import BY_CODE, SENDING_BACK
from tests.support.visitor import log_in, token_in
from tests.support.world import Caller, World

CHECKING, WAITING = "Checking your payment", "Check the phone"
PAID, BACK = "Your session is booked", "You are getting your money back"


class Browser:
    """A client's browser that was sent to a gateway and comes back."""

    def __init__(self, world: World, client: Caller, checkout_id: str) -> None:
        self.world, self.path = world, f"/checkouts/{checkout_id}"
        self.http: FlaskClient = log_in(world, client)

    def comes_back(self) -> str:
        """The page after the gateway's redirect; no GET on the way changed a row."""
        before = _rows(self.world)
        page = self.comes_back_quietly()
        assert _rows(self.world) == before
        return page

    def comes_back_quietly(self) -> str:
        """The page after the gateway's redirect."""
        http = self.world.app.test_client()
        http._cookies = self.http._cookies.copy()  # a tab of the same browser
        answer = http.get(f"{self.path}/return")
        assert (answer.status_code, answer.location) == (303, f"{self.path}?checking=1")
        page = http.get(f"{self.path}?checking=1")
        assert page.status_code == 200
        return page.text

    def asks(self) -> TestResponse:
        """What the page's own question is answered."""
        page = self.http.get(f"{self.path}?checking=1").text
        found = re.search(r'name="mark" value="([^"]*)"', page)
        form = {"csrf_token": token_in(page), "mark": found.group(1) if found else "", "asked": "0"}
        return self.http.post(f"{self.path}/check", data=form, headers={"HX-Request": "true"})

    def asks_again(self) -> TestResponse:
        """The same, after the pause that every page keeps between two questions."""
        self.world.move(seconds=10)
        return self.asks()

    def title(self) -> str:
        """What the page says now."""
        return _title(self.http.get(f"{self.path}?checking=1").text)

    def is_sent_back(self, form: dict[str, str]) -> TestResponse:
        """The gateway's page posts to ours, from its own site: without our cookies."""
        return self.world.app.test_client().post(f"{self.path}/return", data=form)


def _title(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page)
    assert found, page
    return found.group(1)


def _is_processing(page: str) -> bool:
    """Whether it says so, and asks again by itself."""
    return _title(page) in (CHECKING, WAITING) and 'id="poll"' in page and "hx-trigger" in page


def _rows(world: World) -> list[object]:
    """What a visit must not change."""
    attempts = [(a.status, a.look_ups, a.next_look_up_at) for a in world.all(Attempt)]
    return [attempts, *(len(world.all(model)) for model in (Booking, InboxEntry, Notification, Refund))]


def _back(paying: Deal) -> Browser:
    return Browser(paying.world, paying.client, paying.checkout_id)


def _signed_return(paying: Deal) -> dict[str, str]:
    """What Razorpay's page posts back with the browser after a payment."""
    [order] = paying.things()
    payment = paying.world.sandbox.sandbox.store.by_ref("payment", order["id"])[0]
    signature = checkout_signature(paying.world.sandbox.sandbox.credentials, order["id"], payment["id"])
    return {
        "razorpay_payment_id": payment["id"],
        "razorpay_order_id": order["id"],
        "razorpay_signature": signature,
    }


def _paid_and_unheard(world: World, gateway: str, mode: str = "hold_then_pay") -> tuple[Deal, Browser]:
    """Paid at the gateway, the callback lost."""
    paying = deal(world, gateway, mode)
    world.faults(gateway="any", callbacks="drop", times=9)
    paying.pay()
    world.sandbox.sandbox.faults.clear()
    return paying, _back(paying)


# ---------------------------------------------------------------------------------------------------- we break


def test_killed_while_the_return_is_read_the_next_look_finds_it_paid(world: World) -> None:
    """S5-F01 (right): kill -9 in the moment before the return was stored."""
    paying, browser = _paid_and_unheard(world, "razorpay")
    form = _signed_return(paying)
    die_in(send_in_a_process(world, paying.client, f"{browser.path}/return", None, form=form, dies="INSERT INTO inbox"))
    assert world.all(InboxEntry) == []
    assert _is_processing(browser.comes_back())
    assert browser.is_sent_back(form).status_code == 303
    assert browser.title() == PAID
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_with_the_database_gone_while_it_asks_the_page_goes_on_asking(world: World, gateway: str) -> None:
    """S5-F02 (processing): 503 without a trace; then "checking" as before, and paid at the next question."""
    paying, browser = _paid_and_unheard(world, gateway)
    world.move(seconds=10)
    with cut_at(world, "UPDATE attempts SET") as struck:
        assert browser.asks().status_code == 503
    assert struck
    assert _is_processing(browser.comes_back())
    assert browser.asks().headers["HX-Refresh"] == "true"
    assert browser.title() == PAID
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_without_the_queue_coming_back_finds_it_paid(world: World, lose_queue: Callable[[], Any], gateway: str) -> None:
    """S5-F03, S5-F04 (right)."""
    paying, browser = _paid_and_unheard(world, gateway)
    lose_queue()
    assert browser.asks_again().headers["HX-Refresh"] == "true"
    lose_queue()
    assert browser.title() == PAID
    paying.is_paid_once()
    world.sweep()
    assert [len(world.mails(world.email(person))) for person in (paying.client, paying.owner)] == [1, 1]


def test_a_worker_killed_while_it_asks_does_not_keep_the_page_from_asking(
    world: World, redis: Redis, redis_url: str
) -> None:
    """S5-F05 (right): killed -9 in its look-up."""
    paying, browser = _paid_and_unheard(world, "stripe")
    killed_in_a_look_up(world, paying, redis_url)
    assert _is_processing(browser.comes_back())
    assert browser.asks_again().headers["HX-Refresh"] == "true"
    assert browser.title() == PAID
    paying.is_paid_once()


# ---------------------------------------------------------------------------------------------------- the gateway breaks

UNCLEAR = {"S5-F06": "500", "S5-F07": "timeout", "S5-F08": "reset", "S5-F09": "429", "S5-F10": "wrong_shape"}


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize(("cell", "fault"), UNCLEAR.items())
@pytest.mark.parametrize("gateway", BY_CODE)
def test_while_the_gateway_gives_no_clear_answer_the_page_says_processing(
    world: World, impatient: None, cell: str, gateway: str, fault: str
) -> None:
    """S5-F06, S5-F07, S5-F08, S5-F09, S5-F10 (processing): never failed, never paid; the next clear answer tells."""
    paying, browser = _paid_and_unheard(world, gateway)
    world.faults(gateway=gateway, route=BY_CODE[gateway].look_up, fault=fault, times=9, seconds=2)
    assert _is_processing(browser.comes_back())
    assert "HX-Refresh" not in browser.asks_again().headers
    assert _is_processing(browser.comes_back())
    assert (paying.attempt().status, world.all(InboxEntry)) == ("processing", [])
    world.sandbox.sandbox.faults.clear()
    assert browser.asks_again().headers["HX-Refresh"] == "true"
    assert browser.title() == PAID
    paying.is_paid_once()


# ---------------------------------------------------------------------------------------------------- callbacks


@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_with_the_callback_lost_coming_back_is_enough(world: World, gateway: str) -> None:
    """S5-F11 (right)."""
    paying, browser = _paid_and_unheard(world, gateway)
    assert _is_processing(browser.comes_back())
    assert browser.asks_again().headers["HX-Refresh"] == "true"
    assert browser.title() == PAID
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_many_callbacks_and_many_returns_are_one_booking(world: World, gateway: str) -> None:
    """S5-F12 (no effect): all answered 2xx or sent on to the page."""
    paying = deal(world, gateway)
    rows, browser = paying.pay_unheard(), _back(paying)
    returns: list[Callable[[], int]] = []
    if gateway == "razorpay":
        form = _signed_return(paying)
        returns = [lambda: browser.is_sent_back(form).status_code] * 4
    answers = at_once(*returns, *(lambda row=row: post(world, row) for row in rows * 3))
    assert set(answers) <= {200, 303}
    assert _title(browser.comes_back()) == PAID
    assert {post(world, row) for row in rows} == {200}
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("order", ["return first", "callback first", "callbacks reversed"])
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_whether_the_callback_or_the_browser_is_first_it_ends_the_same(world: World, gateway: str, order: str) -> None:
    """S5-F13 (right)."""
    paying = deal(world, gateway)
    rows, browser = paying.pay_unheard(), _back(paying)
    if order == "return first":
        assert browser.asks_again().headers["HX-Refresh"] == "true"
        assert browser.title() == PAID
    for row in reversed(rows) if order == "callbacks reversed" else rows:
        assert post(world, row) == 200
    assert _title(browser.comes_back()) == PAID
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("place", ["free", "taken"])
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_back_after_the_hold_ended_the_place_is_taken_again_or_the_money_goes_back(
    world: World, gateway: str, place: str
) -> None:
    """S5-F14 (late): paid in time, unheard of until the browser came, twenty minutes later."""
    paying, browser = _paid_and_unheard(world, gateway)
    world.move(minutes=20)
    if place == "taken":
        world.book(world.person(), paying.service, paying.start)
    assert _is_processing(browser.comes_back())
    assert browser.asks().headers["HX-Refresh"] == "true"
    if place == "free":
        assert browser.title() == PAID
        paying.is_paid_once()
    else:
        assert browser.title() not in (PAID, CHECKING)
        paying.is_owed("expired")
    assert (captures(world), world.live_places()) == ([paying.amount], 1)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SENDING_BACK)
@pytest.mark.parametrize("ended", ["cancel", "decline"])
def test_back_from_paying_what_a_person_has_ended_the_money_goes_back(world: World, gateway: str, ended: str) -> None:
    """S5-F15 (given back): the gateway could not be asked when it was ended; the page that comes back finds out."""
    paying, browser = _paid_and_unheard(world, gateway, "approve_then_pay")
    world.faults(gateway=gateway, route="any", fault="500", times=9)
    who = paying.client if ended == "cancel" else paying.owner
    answer = who.post(f"/bookings/{paying.booking_id}/{ended}", {"reason": "An emergency."})
    assert answer.status_code == 200
    world.sandbox.sandbox.faults.clear()
    assert _is_processing(browser.comes_back())
    assert browser.asks_again().headers["HX-Refresh"] == "true"
    assert browser.title() == BACK
    status = "cancelled" if ended == "cancel" else "declined"
    paying.is_owed(status)
    world.sweep()
    world.settle()
    assert (kept(world), len(captures(world)), world.live_places()) == (0, 1, 0)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_back_when_the_callback_came_even_before_the_start_was_answered(world: World, gateway: str) -> None:
    """S5-F16 (right): paid at first sight."""
    paying = deal(world, gateway, begun=False)
    with paying.slowly():
        paying.pay()
    browser = _back(paying)
    assert _title(browser.comes_back()) == PAID
    paying.is_paid_once()


def test_a_forged_return_is_not_believed(world: World) -> None:
    """S5-F17 (refused): nothing is stored and nothing changes; the browser is only shown what is true."""
    paying = deal(world, "razorpay")
    browser, before = _back(paying), _rows(world)
    forged = {"razorpay_payment_id": "pay_forged", "razorpay_order_id": "order_x", "razorpay_signature": "00"}
    for form in (forged, forged | {"razorpay_signature": ""}, {"razorpay_payment_id": "pay_forged"}):
        answer = browser.is_sent_back(form)
        assert (answer.status_code, answer.location) == (303, browser.path)
    assert _rows(world) == before
    assert browser.http.get(f"{browser.path}/return?session_id=cs_forged&payment_status=paid").status_code == 303
    assert _title(browser.comes_back()) != PAID
    assert paying.state[0] == "awaiting_payment"


def test_a_true_signature_of_another_booking_is_not_believed(world: World) -> None:
    """S5-F18 (refused): a cheap order's receipt shown for a dear one; it proves nothing here, and its own booking stands."""
    dear = deal(world, "razorpay")
    browser, before = _back(dear), world.booking(dear.client, dear.booking_id)
    cheap = deal(world, "razorpay", begun=False)
    begun = cheap.begin().json
    world.act(begun)
    order = begun["next"]["provider_ref"]
    payment = world.sandbox.sandbox.store.by_ref("payment", order)[0]["id"]
    form = {
        "razorpay_payment_id": payment,
        "razorpay_order_id": order,
        "razorpay_signature": checkout_signature(world.sandbox.sandbox.credentials, order, payment),
    }
    answer = browser.is_sent_back(form)
    assert (answer.status_code, answer.location) == (303, browser.path)
    assert world.booking(dear.client, dear.booking_id) == before
    assert [entry.source for entry in world.all(InboxEntry) if entry.source == "return"] == []
    assert cheap.state[0] == "confirmed"


@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_back_from_paying_another_amount_a_person_looks_at_it(world: World, gateway: str) -> None:
    """S5-F18: found by asking, never confirmed by it."""
    paying = deal(world, gateway)
    world.drop_callbacks()
    world.act(paying.shown(), amount=77)
    browser = _back(paying)
    assert browser.asks_again().headers["HX-Refresh"] == "true"
    assert browser.title() == "A member of staff is checking this"
    assert paying.state[0] == "awaiting_payment"


# ---------------------------------------------------------------------------------------------------- clocks and people


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize(("gateway", "by"), [*(("stripe", by) for by in SKEWS), ("razorpay", SKEWS[3])])
def test_back_at_a_node_whose_clock_is_wrong_it_is_booked_once(world: World, gateway: str, by: timedelta) -> None:
    """S5-F19 (right): there, or at the next question to an honest node."""
    paying, browser = _paid_and_unheard(world, gateway)
    with skewed(world, by):
        browser.comes_back()
        assert browser.asks().status_code == 200
        assert world.app.test_client().get("/readyz").status_code == 503
    browser.asks_again()
    assert browser.title() == PAID
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_a_browser_that_never_comes_back_is_booked_all_the_same(world: World, gateway: str) -> None:
    """S5-F20 (right): by the callback alone; the next day's visit says so."""
    paying = deal(world, gateway)
    paying.pay()
    paying.is_paid_once()
    assert _title(_back(paying).comes_back()) == PAID


@pytest.mark.any_gateway
@pytest.mark.parametrize("where", ["one tab", "two tabs"])
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_coming_back_many_times_at_once_has_one_effect(world: World, gateway: str, where: str) -> None:
    """S5-F21, S5-F22 (no effect): a reload, a second click, a second tab; each is answered, nothing is done twice."""
    paying, browser = _paid_and_unheard(world, gateway)
    tabs = [browser] * 3 if where == "one tab" else [_back(paying) for _ in range(3)]
    pages = at_once(*(each.comes_back_quietly for each in tabs))
    assert all(_is_processing(page) for page in pages)
    world.move(seconds=10)
    assert {answer.status_code for answer in at_once(*(each.asks for each in tabs))} == {200}
    if gateway == "razorpay":
        form = _signed_return(paying)
        assert {browser.is_sent_back(form).status_code for _ in range(3)} == {303}
    assert {each.title() for each in tabs} == {PAID}
    paying.is_paid_once()


def test_two_clients_come_back_at_once_for_one_place_and_one_sees_the_money_go_back(world: World) -> None:
    """S5-F23 (given back): both paid, both unheard of until their browsers came."""
    two = rivals(world, begun=True)
    world.faults(gateway="any", callbacks="drop", times=99)
    for one in two:
        one.pay()
    browsers = [_back(one) for one in two]
    world.move(seconds=10)
    at_once(*(browser.asks for browser in browsers))
    [booking] = world.all(Booking)
    won = [one.client.user_id == booking.client_id for one in two]
    assert [browser.title() == PAID for browser in browsers] == won
    loser = two[won.index(False)]
    assert (len(world.all(Refund)), world.live_places()) == (1, 1)
    assert world.notices(loser.client)
    assert set(world.notices(loser.owner)) - {"booking_confirmed_practitioner"}
    world.move(hours=25)
    world.sweep()
    world.settle()
    assert (len(captures(world)), kept(world)) == (2, loser.amount)


@pytest.mark.any_gateway
@pytest.mark.parametrize("first", ["decline", "return", "both at once"])
@pytest.mark.parametrize("gateway", SENDING_BACK)
def test_a_decline_while_the_browser_comes_back_ends_in_a_session_or_in_the_money_back(
    world: World, gateway: str, first: str
) -> None:
    """S5-F24 (given back)."""
    paying, browser = _paid_and_unheard(world, gateway, "approve_then_pay")
    path = f"/bookings/{paying.booking_id}/decline"
    world.move(seconds=10)
    steps: list[Callable[[], Any]] = [
        lambda: paying.owner.post(path, {"reason": "An emergency."}).status_code,
        lambda: browser.asks().status_code,
    ]
    if first == "both at once":
        decline, _ = at_once(*steps)
    elif first == "decline":
        decline, _ = steps[0](), steps[1]()
    else:
        _, decline = steps[1](), steps[0]()
    assert decline == 200 or first != "decline"
    world.move(minutes=2)
    paying.is_settled_after_a_decline(decline == 200)
    assert (browser.title() == PAID) == (decline != 200)


def test_back_in_the_middle_of_a_migration_the_page_says_processing_and_goes_on(world: World) -> None:
    """S5-F25 (processing): pages are read meanwhile; the page's question waits for the lock and is then answered."""
    paying, browser = _paid_and_unheard(world, "stripe")
    world.move(seconds=10)
    seen: list[str] = []

    def back() -> TestResponse:
        seen.append(browser.comes_back_quietly())
        return browser.asks()

    assert after_the_migration(world, "attempts", back).headers["HX-Refresh"] == "true"
    assert _is_processing(seen[0])
    assert browser.title() == PAID
    paying.is_paid_once()
