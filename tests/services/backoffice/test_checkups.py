"""Keys and settings that die are told of before money fails: once, in words that say what to do, and again when it changes."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from app.domain.lifecycle import RefundStatus
from app.extensions import db
from app.gateways.base import RefundFailureCode
from app.models import Checkup, Notification, Refund, Role
from app.services.backoffice import checkups
from sandbox.core import accounts
from tests.support.at_once import at_once
from tests.support.world import Caller, World

OFF: dict[str, Any] = {"endpoints": [{"status": "disabled"}]}
WELL: dict[str, Any] = {"endpoints": [{}]}


@pytest.fixture
def flask(world: World) -> Callable[..., Result]:
    return lambda *words: world.app.test_cli_runner().invoke(args=list(words))


@pytest.fixture
def staff(world: World) -> Caller:
    return world.person(Role.STAFF)


def _set(world: World, gateway: str, **wish: Any) -> None:
    accounts.change(world.sandbox.sandbox, gateway, wish)


def _look(world: World, **later: float) -> int:
    world.move(**later)
    with world.app.app_context():
        return checkups.daily()


def _told(world: World, staff: Caller) -> list[list[str]]:
    mine = [
        each for each in world.all(Notification) if each.user_id == staff.user_id and each.kind == "account_trouble"
    ]
    return [each.data["troubles"] for each in sorted(mine, key=lambda each: each.id)]


def test_of_accounts_in_order_nobody_is_told(world: World, staff: Caller) -> None:
    assert (_look(world), _told(world, staff)) == (0, [])
    [row] = world.all(Checkup)
    assert row.troubles == []


def test_staff_are_told_once_of_all_that_is_wrong_and_not_each_day_again(world: World, staff: Caller) -> None:
    _set(world, "stripe", **OFF)
    _set(world, "mpesa", refuses_keys=True)
    _set(world, "africastalking", refuses_keys=True)
    assert _look(world) == 3
    world.sweep()
    assert [_look(world, hours=25) for _ in range(3)] == [0, 0, 0]
    [words] = _told(world, staff)
    for part in ("switched off", "MPESA_CONSUMER_KEY", "AFRICASTALKING_API_KEY"):
        assert len([each for each in words if part in each]) == 1
    [mail] = world.mails(world.email(staff))
    assert mail["subject"] == "Keys or settings have expired, or will expire"
    assert all(f"- {each}" in mail["text"] for each in words)
    assert "/staff/doctor" in mail["text"]


def test_what_is_new_is_told_with_what_still_stands_and_what_came_back_is_new(world: World, staff: Caller) -> None:
    _set(world, "stripe", **OFF)
    assert _look(world) == 1
    _set(world, "mpesa", refuses_keys=True)
    assert _look(world, hours=25) == 1
    assert [len(each) for each in _told(world, staff)] == [1, 2]
    assert "MPESA" in _told(world, staff)[1][0]  # the new one first
    _set(world, "stripe", **WELL)
    assert _look(world, hours=25) == 0
    _set(world, "stripe", **OFF)
    assert _look(world, hours=25) == 1
    assert len(_told(world, staff)) == 3


def test_a_vendor_that_is_away_for_a_day_makes_nothing_new_and_ends_nothing(world: World, staff: Caller) -> None:
    _set(world, "stripe", **OFF)
    assert _look(world) == 1
    world.faults(gateway="stripe", route="any", fault="500", times=50)
    world.faults(gateway="mpesa", route="token", fault="reset", times=50)
    assert _look(world, hours=25) == 0
    world.sandbox.sandbox.faults.clear()
    assert _look(world, hours=25) == 0
    assert len(_told(world, staff)) == 1


def test_vendors_are_asked_once_a_day(world: World, staff: Caller) -> None:
    assert _look(world) == 0
    _set(world, "stripe", **OFF)
    assert (_look(world, hours=23), _look(world, hours=2)) == (0, 1)
    assert len(world.all(Checkup)) == 2


def test_two_looks_at_once_tell_once(world: World, staff: Caller) -> None:
    _set(world, "stripe", **OFF)
    at_once(lambda: _look(world), lambda: _look(world))
    assert [len(each) for each in _told(world, staff)] == [1]


# ------------------------------------------------------------------------------------------------ what rows tell


def _paid(world: World, gateway: str = "stripe", currency: str = "EUR") -> Callable[[], None]:
    """A paid session; what its practitioner does, who cancels it."""
    owner = world.practitioner()
    booking = world.booked(world.person(), world.service(owner, currency=currency), gateway)

    def cancel() -> None:
        assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill"}).status_code == 200
        world.sweep()
        world.settle()

    return cancel


def _forged(world: World) -> None:
    world.app.test_client().post("/callbacks/stripe", data=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})


def test_a_secret_that_was_rolled_is_told_once_payments_come_without_news(world: World, staff: Caller) -> None:
    _paid(world)
    world.faults(gateway="stripe", callbacks="drop")  # what they sign by another secret is refused: as if it never came
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.act(world.begin(client, made["checkout"]["id"]))
    _forged(world)
    world.move(minutes=30)
    world.sweep()
    assert _look(world, minutes=6) == 1
    [[words]] = _told(world, staff)
    assert "STRIPE_WEBHOOK_SECRET=new,old" in words


def test_strangers_who_forge_news_alarm_nobody(world: World, staff: Caller) -> None:
    _paid(world)
    for _ in range(5):
        _forged(world)
    assert (_look(world, minutes=30), _told(world, staff)) == (0, [])


def test_a_refund_that_failed_for_our_rights_is_told_until_it_is_sent(world: World, staff: Caller) -> None:
    cancel = _paid(world, "mpesa", "KES")
    world.faults(gateway="mpesa", route="refund", fault="refund_failed")
    cancel()
    [refund] = world.all(Refund)
    assert (refund.status, refund.failure_code) == (RefundStatus.FAILED, RefundFailureCode.NO_ACCESS)
    assert _look(world) == 1
    assert "does not let us send money back" in _told(world, staff)[0][0]


def test_a_refund_without_an_answer_is_reason_to_look_before_the_day_is_over(world: World, staff: Caller) -> None:
    """Keys that died since the last look: Stripe turns the refund away, and it waits."""
    cancel = _paid(world)
    assert _look(world) == 0
    world.move(minutes=1)
    _set(world, "stripe", refuses_keys=True)
    cancel()
    [refund] = world.all(Refund)
    assert refund.status is RefundStatus.ASKED
    assert _look(world, minutes=2) == 0
    assert _look(world, minutes=10) == 1
    assert "STRIPE_SECRET_KEY" in _told(world, staff)[0][0]
    assert _look(world, minutes=10) == 0
    _set(world, "stripe", refuses_keys=False)  # the new key is in place
    world.move(days=1)
    world.sweep()
    assert [each.status for each in world.all(Refund)] == [RefundStatus.DONE]


def test_the_doctor_says_what_it_cannot_see_without_an_alarm(world: World, flask: Callable[..., Result]) -> None:
    _set(world, "razorpay", hides_webhooks=True)
    _set(world, "stripe", endpoints=[{"enabled_events": ["refund.failed"]}])
    said = flask("doctor").output
    assert "ok   gateway razorpay webhook: Razorpay shows this account no list" in said
    assert "look gateway stripe events: The webhook endpoint" in said
    assert "ok   gateway mpesa: ok" in said


def test_old_looks_are_forgotten(world: World) -> None:
    _look(world)
    _look(world, days=500)
    assert len(world.all(Checkup)) == 1
    with world.app.app_context():
        assert db.session.get(Checkup, 1) is None
