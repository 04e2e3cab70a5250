"""Ways to pay that settle days later: asked for only by a setting, waited for as long as they take, the place kept meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.lib import clock
from app.models import Attempt, Booking, Checkout, Refund
from sandbox.core.errors import Refused
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

FAR = 20  # days ahead: more than any bank takes
Made = tuple[Caller, dict[str, Any], dict[str, Any]]  # the client, what was booked, and the page of the gateway


@pytest.fixture
def slow(app: Flask) -> Iterator[None]:
    """An installation that allows direct debits: STRIPE_SLOW_METHODS=sepa_debit,multibanco."""
    gateways = app.extensions["gateways"]
    before = gateways["stripe"]
    environ = app.config["ENVIRON"] | {"STRIPE_SLOW_METHODS": "sepa_debit,multibanco"}
    gateways["stripe"] = type(before)(before.Settings.from_environment(environ))
    yield
    gateways["stripe"] = before


def _offered(world: World) -> list[str]:
    """What the newest page of the gateway offers."""
    return list(world.sandbox.sandbox.store.all("session")[0]["payment_method_types"])


def _start(days: int) -> str:
    noon = (clock.now() + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon.isoformat()


def _begun(world: World, days: int = FAR, mode: str = "hold_then_pay") -> Made:
    """A client on the gateway's page, for a session so many days ahead."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), mode), _start(days))
    return client, made, world.begin(client, made["checkout"]["id"])


def _paid_slowly(world: World, **more: Any) -> Made:
    client, made, begun = _begun(world, **more)
    world.act(begun, delayed=True)
    return client, made, begun


def _state(world: World, made: Made) -> tuple[str, str]:
    booking = world.booking(made[0], made[1]["booking"]["id"])
    return booking["status"], booking["money"]


def _pass(world: World, days: int) -> None:
    """Days go by, with the sweep's daily round."""
    for _ in range(days):
        world.move(days=1)
        world.sweep()


def test_without_the_setting_the_page_offers_only_what_settles_at_once(world: World) -> None:
    """PAY-6: the dashboard has direct debits on, and nobody can choose one."""
    _, _, begun = _begun(world)
    assert _offered(world) == ["card"]
    with pytest.raises(Refused):
        world.act(begun, delayed=True)


def test_a_slow_way_is_offered_only_while_it_can_settle_before_the_session(world: World, slow: None) -> None:
    """PAY-6: sooner than the bank answers, the page of that one bill leaves it off."""
    _begun(world, FAR)
    assert _offered(world) == ["card", "sepa_debit", "multibanco"]
    _begun(world, 14)
    assert _offered(world) == ["card"]


@pytest.mark.parametrize("mode", ["pay_then_book", "authorise_then_approve"])
def test_a_slow_way_is_never_offered_where_no_place_is_kept_or_the_amount_is_only_reserved(
    world: World, slow: None, mode: str
) -> None:
    _begun(world, FAR, mode)
    assert _offered(world) == ["card"]


def test_credit_which_has_no_day_may_be_bought_slowly(world: World, slow: None) -> None:
    client = world.person()
    bill = client.post("/wallet/top-ups", {"amount": {"amount": 5_000, "currency": "EUR"}}).json
    begun = world.begin(client, bill["id"])
    world.act(begun, delayed=True)
    _pass(world, 9)
    assert world.all(Attempt)[0].status == "processing"
    world.act(begun, "settle")
    assert world.checkout(client, bill["id"])["status"] == "paid"


def test_a_debit_that_settles_on_the_ninth_day_confirms_and_the_place_was_kept(world: World, slow: None) -> None:
    """PAY-6: after the hold another client could book the place, and after three days nobody asked any more."""
    made = _paid_slowly(world)
    service, start = made[1]["booking"]["service_id"], made[1]["booking"]["start"]
    _pass(world, 9)
    assert not world.is_free(service, start)
    assert (world.live_places(), _state(world, made)) == (1, ("awaiting_payment", "processing"))
    world.act(made[2], "settle")
    assert _state(world, made) == ("confirmed", "paid")


def test_a_debit_of_which_no_callback_is_heard_is_found_by_asking(world: World, slow: None) -> None:
    """PAY-6: what the gateway took is asked about for as long as the bank may take."""
    world.drop_callbacks()
    made = _paid_slowly(world)
    _pass(world, 13)
    [attempt] = world.all(Attempt)
    assert (attempt.status, attempt.next_look_up_at is not None) == ("processing", True)
    assert timedelta(days=14) <= attempt.settles_by - attempt.created_at <= timedelta(days=15)
    world.act(made[2], "settle")
    _pass(world, 1)
    assert _state(world, made) == ("confirmed", "paid")


def test_what_may_still_settle_is_asked_about_even_after_its_time(world: World, slow: None) -> None:
    """PAY-6: fourteen days of which a bank works are more than two weeks."""
    world.drop_callbacks()
    made = _paid_slowly(world, days=40)
    _pass(world, 19)
    [attempt] = world.all(Attempt)
    assert (attempt.status, attempt.next_look_up_at is not None) == ("processing", True)
    world.act(made[2], "settle")
    _pass(world, 1)
    assert _state(world, made) == ("confirmed", "paid")


def test_a_debit_that_the_bank_refuses_gives_the_client_the_hours_to_pay(world: World, slow: None) -> None:
    """The place is not kept for two weeks for money that will not come, and the client hears of it."""
    made = _paid_slowly(world)
    _pass(world, 5)
    world.act(made[2], "settle", success=False)
    assert _state(world, made) == ("awaiting_payment", "none")
    assert "payment_failed" in world.notices(made[0])
    [booking] = world.all(Booking)
    assert timedelta(hours=23) < booking.deadline_at - clock.now() <= timedelta(hours=24)
    assert world.all(Checkout)[0].expires_at == booking.deadline_at
    _pass(world, 2)
    assert (_state(world, made)[0], world.live_places()) == ("expired", 0)


def test_while_the_bank_is_asked_no_other_payment_can_begin(world: World, slow: None) -> None:
    made = _paid_slowly(world)
    _pass(world, 2)
    again = made[0].post(f"/checkouts/{made[1]['checkout']['id']}/attempts", {"gateway": "stripe"})
    assert (again.status_code, again.json["next"]) == (202, {"kind": "checking"})
    assert len(world.sandbox.sandbox.store.all("session")) == 1
    shown = world.checkout(made[0], made[1]["checkout"]["id"])
    assert shown["attempts"][0]["settles_by"] is not None


def test_a_debit_of_a_booking_that_was_cancelled_meanwhile_goes_back(world: World, slow: None) -> None:
    made = _paid_slowly(world)
    _pass(world, 2)
    assert made[0].post(f"/bookings/{made[1]['booking']['id']}/cancel").status_code == 200
    world.act(made[2], "settle")
    assert _state(world, made)[0] == "cancelled"
    assert [refund.amount for refund in world.all(Refund)] == [6_000]


def test_the_page_says_how_long_the_bank_takes_and_that_the_place_is_kept(world: World, slow: None) -> None:
    """PAY-6: the truth, and not that it is a matter of minutes."""
    client, made, _ = _paid_slowly(world)
    page = Visitor(world, client).main(f"/checkouts/{made['checkout']['id']}")
    assert "Your bank takes up to 14 days." in page
    assert "Your place is held until" in page
    assert "You type your card on the payment company" not in page
