"""Money that the vendor took before the session began is in time, although the news of it comes a little after (PAY-17)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.lib import clock
from app.models import Attempt, Booking, Refund
from app.services.core import signed_urls
from sandbox.control import acts
from tests.support.gateways import BY_CODE, GATEWAYS
from tests.support.world import Caller, World

Made = tuple[Caller, dict[str, Any], dict[str, Any]]  # the client, what was booked, and what the gateway answered
BEYOND = 11  # minutes: later than news may come


@pytest.fixture(params=[False, True], ids=["confirmed by the callback", "confirmed by the query"])
def believing(world: World, request: pytest.FixtureRequest) -> Iterator[None]:
    """Whether an unsigned callback is enough, as a rule: MPESA_CONFIRM_BY_QUERY."""
    world.app.config["MPESA_CONFIRM_BY_QUERY"] = request.param
    yield
    world.app.config["MPESA_CONFIRM_BY_QUERY"] = True


def _go_to(world: World, start: str, **before: float) -> None:
    """The clock stands so long before the start."""
    world.move(seconds=(datetime.fromisoformat(start) - timedelta(**before) - clock.now()).total_seconds())


def _begun(world: World, currency: str, gateway: str, mode: str = "hold_then_pay", **before: float) -> Made:
    """A payment that was begun so long before the session."""
    client = world.person()
    service = world.service(world.practitioner(), mode, currency)
    start = world.start(service)
    _go_to(world, start, **before)
    made = world.book(client, service, start)
    return client, made, world.begin(client, made["checkout"]["id"], gateway)


def _told_later(world: World, made: Made, **late: float) -> None:
    """The payer pays now, and the gateway's news comes so much later."""
    code = made[2]["attempt"]["gateway"]
    world.faults(gateway=code, callbacks="hold", times=None)
    acts.ACTS[code, BY_CODE[code].things]["pay"](world.sandbox.sandbox, made[2]["next"]["provider_ref"])
    world.move(**late)
    world.sandbox.sandbox.faults.clear()
    world.sandbox.sandbox.courier.release(code, "", "sent")
    world.settle()


def _state(world: World) -> list[str]:
    return [booking.status for booking in world.all(Booking)]


@pytest.mark.in_turn
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_paid_a_minute_before_the_start_and_heard_of_five_seconds_after_it_is_in_time(
    world: World, gateway: str, currency: str, mode: str
) -> None:
    """PAY-17: both sides wait in the room, and nobody is told that it came too late."""
    made = _begun(world, currency, gateway, mode, minutes=1)
    _told_later(world, made, seconds=65)
    world.sweep()
    assert _state(world) == ["confirmed"]
    assert world.all(Refund) == []


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_news_that_comes_later_than_news_may_come_is_too_late(world: World, gateway: str, currency: str) -> None:
    made = _begun(world, currency, gateway, minutes=1)
    _told_later(world, made, minutes=BEYOND)
    world.sweep()
    assert "confirmed" not in _state(world)
    assert [refund.reason for refund in world.all(Refund)] == ["too_late"]


@pytest.mark.parametrize(("gateway", "currency"), [("stripe", "EUR"), ("mpesa", "KES")])
def test_what_the_vendor_took_after_the_start_is_too_late(world: World, gateway: str, currency: str) -> None:
    made = _begun(world, currency, gateway, seconds=30)
    world.move(seconds=35)
    world.act(made[2])
    world.sweep()
    assert "confirmed" not in _state(world)
    assert [refund.reason for refund in world.all(Refund)] == ["too_late"]


def test_a_place_sold_since_stays_sold(world: World) -> None:
    """Being in time gives nobody a place that another has paid for."""
    client, other = world.person(), world.person()
    service = world.service(world.practitioner(), "pay_then_book")
    start = world.start(service)
    _go_to(world, start, minutes=1)
    made = world.book(client, service, start)
    mine = client, made, world.begin(client, made["checkout"]["id"])
    theirs = world.book(other, service, start)
    begun = world.begin(other, theirs["checkout"]["id"])
    world.act(begun)
    _told_later(world, mine, seconds=65)
    assert [(booking.client_id, booking.status) for booking in world.all(Booking)] == [(other.user_id, "confirmed")]
    assert [refund.reason for refund in world.all(Refund)] == ["too_late"]


def test_a_booking_that_was_cancelled_stays_cancelled(world: World) -> None:
    made = _begun(world, "EUR", "stripe", minutes=1)
    world.faults(gateway="stripe", callbacks="hold", times=None)
    world.faults(gateway="stripe", route="any", fault="500", times=20)  # so that cancelling does not hear of it
    assert made[0].post(f"/bookings/{made[1]['booking']['id']}/cancel").status_code == 200
    world.sandbox.sandbox.faults.clear()
    _told_later(world, made, seconds=65)
    world.sweep()
    assert _state(world) == ["cancelled"]
    assert len(world.all(Refund)) == 1


# ------------------------------------------------------------------------------------------------ unsigned news


def _tell(world: World, taken_at: datetime | str, receipt: str = "TKL7RT61SV") -> None:
    """Somebody tells the payment's own address that it was paid then."""
    [attempt] = world.all(Attempt)
    there = ZoneInfo("Africa/Nairobi")
    date = taken_at if isinstance(taken_at, str) else taken_at.astimezone(there).strftime("%Y%m%d%H%M%S")
    told = {"Amount": 1_500, "MpesaReceiptNumber": receipt, "PhoneNumber": 254712345678, "TransactionDate": date}
    body = {
        "MerchantRequestID": attempt.details["merchant_request_id"],
        "CheckoutRequestID": attempt.provider_ref,
        "ResultCode": 0,
        "ResultDesc": "ok",
        "CallbackMetadata": {"Item": [{"Name": name, "Value": value} for name, value in told.items()]},
    }
    with world.app.app_context():
        address = signed_urls.callback_address(world.app, "mpesa", attempt.reference)
    path = address.removeprefix(world.app.config["PUBLIC_URL"])
    assert world.app.test_client().post(path, json={"Body": {"stkCallback": body}}).status_code == 200


def test_unsigned_news_that_it_was_in_time_waits_for_the_query(world: World, believing: None) -> None:
    """PAY-17: a callback after the start moves nothing by itself; the gateway's own answer does."""
    world.drop_callbacks()
    made = _begun(world, "KES", "mpesa", seconds=30)
    paid_at = clock.now()
    world.act(made[2], settle=False)
    world.move(seconds=35)
    _tell(world, paid_at)
    assert (_state(world), world.all(Refund)) == (["awaiting_payment"], [])
    world.sweep()
    assert _state(world) == ["confirmed"]


def test_unsigned_news_that_the_query_does_not_confirm_moves_nothing(world: World, believing: None) -> None:
    world.drop_callbacks()
    _begun(world, "KES", "mpesa", seconds=30)
    begun_at = clock.now()
    world.move(seconds=35)
    _tell(world, begun_at + timedelta(seconds=5))
    world.sweep()
    assert "confirmed" not in _state(world)
    assert (world.all(Refund), world.money_taken()) == ([], [])


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lambda begun: begun - timedelta(seconds=2), id="before it was asked for"),
        pytest.param(lambda begun: begun - timedelta(days=1), id="yesterday"),
        pytest.param(lambda begun: begun + timedelta(hours=1), id="still to come"),
        pytest.param(lambda _begun: "0", id="no time"),
    ],
)
def test_a_time_that_cannot_be_is_not_believed(world: World, believing: None, lie: Any) -> None:
    """Forged times do not help: a payment made after the start stays too late."""
    world.drop_callbacks()
    made = _begun(world, "KES", "mpesa", seconds=30)
    begun_at = world.all(Attempt)[0].created_at.astimezone(UTC)
    world.move(seconds=35)
    world.act(made[2], settle=False)
    _tell(world, lie(begun_at))
    world.sweep()
    assert world.all(Attempt)[0].taken_at is None
    assert "confirmed" not in _state(world)
    assert [refund.reason for refund in world.all(Refund)] == ["too_late"]
