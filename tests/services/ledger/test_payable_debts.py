"""A debt that follows from a price can be paid: rounded down to what a way to pay takes, nothing below the smallest (PAY-12)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.money import Money
from app.lib import clock
from app.models import Checkout
from app.services.core import payment_methods
from app.services.workflows import credit_choices
from tests.support.world import Caller, World


@contextmanager
def _only(world: World, *codes: str) -> Iterator[None]:
    """These ways to pay are offered."""
    every = world.app.extensions["gateways"]
    world.app.extensions["gateways"] = {code: every[code] for code in codes}
    try:
        yield
    finally:
        world.app.extensions["gateways"] = every


@pytest.fixture
def mpesa_only(world: World) -> Iterator[None]:
    """M-Pesa alone is offered: whole shillings, one at least."""
    with _only(world, "mpesa"):
        yield


def _kes(amount: int) -> Money:
    return Money(amount, "KES")


# ------------------------------------------------------------------------------------------------ the arithmetic


@pytest.mark.parametrize(
    ("offered", "owed", "asked"),
    [
        (["mpesa"], 75_050, 75_000),  # whole shillings
        (["mpesa"], 75_000, 75_000),
        (["mpesa"], 199, 100),
        (["mpesa"], 99, 0),  # below one shilling
        (["mpesa"], 25_000_050, 25_000_000),  # as much as one payment may be
        (["stripe"], 75_050, 75_050),
        (["stripe"], 7_499, 0),  # below 75 shillings
        (["stripe", "mpesa"], 75_050, 75_000),  # half a shilling would leave cards alone
        (["stripe", "mpesa"], 7_499, 7_400),  # cards do not go so low
        (["stripe", "mpesa"], 26_000_050, 26_000_050),  # M-Pesa does not go so high
        (["stripe", "mpesa"], 99, 0),
        (["razorpay"], 75_050, 75_050),  # nobody takes shillings now: it stays what it is
    ],
)
def test_what_is_asked_for_is_what_can_be_paid(world: World, offered: list[str], owed: int, asked: int) -> None:
    with world.app.app_context(), _only(world, *offered):
        assert payment_methods.collectable(_kes(owed)) == _kes(asked)


@pytest.mark.parametrize(
    ("offered", "missing", "least"),
    [
        (["mpesa"], 75_050, 75_100),
        (["mpesa"], 75_000, 75_000),
        (["mpesa"], 1, 100),
        (["stripe"], 75_050, 75_050),
        (["stripe"], 50, 7_500),
        (["stripe", "mpesa"], 75_050, 75_100),
        (["stripe", "mpesa"], 50, 100),
        (["mpesa"], 25_000_001, None),
        (["razorpay"], 75_050, None),
    ],
)
def test_what_is_missing_is_topped_up_by_the_least_that_can_be_paid(
    world: World, offered: list[str], missing: int, least: int | None
) -> None:
    with world.app.app_context(), _only(world, *offered):
        assert payment_methods.sufficing(_kes(missing)) == (least and _kes(least))


# ------------------------------------------------------------------------------------------------ through the doors


def _soon(world: World, **policy: Any) -> tuple[Caller, Caller, dict[str, Any]]:
    """A session paid for afterwards that begins in an hour."""
    owner, client = world.practitioner(), world.person()
    booking = world.book(client, world.service(owner, "pay_after", "KES", **policy))["booking"]
    start = datetime.fromisoformat(booking["start"])
    world.move(seconds=(start - timedelta(hours=1) - clock.now()).total_seconds())
    return owner, client, booking


def _owed(world: World) -> list[int]:
    return [each.amount for each in world.all(Checkout)]


def _no_show(world: World, owner: Caller, booking: dict[str, Any]) -> None:
    world.move(hours=2)
    assert owner.post(f"/bookings/{booking['id']}/no-show").status_code == 200


def test_half_of_1501_shillings_is_asked_for_as_750_and_paid_by_mpesa(world: World, mpesa_only: None) -> None:
    owner, client, booking = _soon(world, price_amount=150_100, no_show_percent=50)
    _no_show(world, owner, booking)
    assert _owed(world) == [75_000]
    bill = world.booking(client, booking["id"])["checkout_id"]
    world.act(world.begin(client, bill, "mpesa"))
    world.sweep()
    assert world.checkout(client, bill)["status"] == "paid"
    world.book(client, world.service(owner, currency="KES"))


def test_what_cancelling_would_cost_is_what_it_costs(world: World, mpesa_only: None) -> None:
    tiers = {"free_cancel_hours": 24, "later_tiers": ((0, 50),)}
    _, client, booking = _soon(world, price_amount=150_100, **tiers)
    assert world.booking(client, booking["id"])["if_cancelled"]["owed"] == {"amount": 75_000, "currency": "KES"}
    assert client.post(f"/bookings/{booking['id']}/cancel", {"reason": ""}).status_code == 200
    assert _owed(world) == [75_000]


def test_a_fee_below_what_anything_takes_is_not_owed(world: World) -> None:
    """Half of 100 shillings is less than a card's smallest amount."""
    with _only(world, "stripe"):
        owner, client, booking = _soon(world, price_amount=10_000, no_show_percent=50)
        _no_show(world, owner, booking)
        assert (_owed(world), "fee_due" in world.notices(client)) == ([], False)
        world.book(client, world.service(owner, currency="KES"))


def test_a_difference_is_asked_for_as_far_as_it_can_be_paid(world: World) -> None:
    """What was given up is not asked for by the next move either."""
    owner, client = world.practitioner(), world.person()
    with _only(world, "stripe"):
        service = world.service(owner, currency="KES", price_amount=150_050)
        free = [slot["start"] for slot in world.slots(service, days=6)]
        booking = world.booked(client, service, start=free[70])
    with _only(world, "stripe", "mpesa"):
        for start, minutes in ((free[73], 90), (free[77], 60)):
            path = f"/bookings/{booking['id']}/reschedule"
            assert owner.post(path, {"start": start, "minutes": minutes}).status_code == 200
            assert client.post(f"{path}/accept").status_code == 200
    assert sorted((each.kind, each.amount, each.status.value) for each in world.all(Checkout)) == [
        ("booking", 150_050, "paid"),
        ("difference", 75_000, "cancelled"),  # of 750.25
    ]


def test_a_debt_that_nothing_takes_any_more_is_in_nobodys_way(world: World) -> None:
    with _only(world, "stripe", "mpesa"):
        owner, client, booking = _soon(world, price_amount=150_050)
        _no_show(world, owner, booking)
        assert _owed(world) == [150_000]
    with _only(world, "stripe"):
        service = world.service(owner, currency="KES")
        answer = client.post("/bookings", {"service_id": service, "start": world.start(service)})
        assert (answer.status_code, answer.json["code"]) == (409, "balance_due")
    with _only(world, "razorpay"):
        service = world.service(owner, currency="INR")
        world.book(client, service)


def test_the_rest_of_a_price_is_topped_up_in_whole_shillings_where_cents_are_credit(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    top_up = client.post("/wallet/top-ups", {"amount": {"amount": 100_050, "currency": "KES"}}).json
    world.act(world.begin(client, top_up["id"]))
    bill = world.book(client, world.service(owner, currency="KES", price_amount=150_100))["checkout"]["id"]
    with world.app.app_context(), _only(world, "mpesa"), world.rows() as session:
        credit = credit_choices.credit_for(session.get_one(Checkout, UUID(bill)))
        assert credit
        assert (credit.missing, credit.top_up) == (_kes(50_050), _kes(50_100))
