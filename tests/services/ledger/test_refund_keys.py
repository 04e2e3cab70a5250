"""A refund that the vendor turns away because of our keys: it waits, staff know at once, and it goes on by itself."""

from typing import Any

import pytest

from app.models import Refund, Role
from sandbox.core import accounts
from tests.support.paid import CURRENCY, WHOLE
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

PRICES = {**WHOLE, "mpesa": 150_000}
every_vendor = pytest.mark.parametrize("gateway", PRICES)


def _keys(world: World, gateway: str, *, work: bool) -> None:
    accounts.change(world.sandbox.sandbox, gateway, {"refuses_keys": not work})
    if gateway == "mpesa" and not work:
        # A token that was given before would be good for an hour more.
        assert world._sandbox_http().post("/control/mpesa/expire-tokens").status_code == 200


def _cancelled(world: World, gateway: str) -> Caller:
    """A paid session that its practitioner has cancelled while our keys are not accepted."""
    owner = world.practitioner()
    service = world.service(owner, currency=CURRENCY.get(gateway, "KES"))
    booking = world.booked(world.person(), service, gateway)
    _keys(world, gateway, work=False)
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill"}).status_code == 200
    _swept(world)
    return owner


def _swept(world: World) -> None:
    world.sweep()
    world.settle()


def _refund(world: World) -> tuple[str, str]:
    [row] = world.all(Refund)
    return str(row.status), row.failure_code


@every_vendor
def test_a_refund_waits_for_keys_and_staff_are_told_once_and_at_once(world: World, gateway: str) -> None:
    staff = world.person(Role.STAFF)
    try:
        _cancelled(world, gateway)
        assert _refund(world) == ("asked", "no_access")
        assert world.notices(staff).count("refund_no_access") == 1
        [mail] = [each for each in world.mails(world.email(staff)) if each["subject"].startswith("Keys rejected")]
        assert "continues automatically once they work" in " ".join(mail["text"].split())
        for hours in (1, 4, 24, 24 * 6):  # longer than a refund waits for anything else
            world.move(hours=hours)
            _swept(world)
        assert _refund(world) == ("asked", "no_access")
        assert world.notices(staff).count("refund_no_access") == 1
        queue = Visitor(world, staff).main("/staff/queues/refunds")
        assert "The gateway does not accept the keys for refunds." in queue
    finally:
        _keys(world, gateway, work=True)
    world.move(hours=5)
    _swept(world)
    _swept(world)
    assert _refund(world) == ("done", "")
    assert [entry["amount"] for entry in world.money_taken() if entry["kind"] == "refund"] == [PRICES[gateway]]


@pytest.mark.parametrize("gateway", WHOLE)
def test_keys_that_end_after_the_refund_was_sent_hold_up_only_the_question(world: World, gateway: str) -> None:
    """Its answer was lost: what became of it is asked once the keys work, and it is not sent a second time."""
    staff = world.person(Role.STAFF)
    owner = world.practitioner()
    booking = world.booked(world.person(), world.service(owner, currency=CURRENCY[gateway]), gateway)
    world.faults(gateway=gateway, route="refund", fault="reset", when="after", times=9)
    world.faults(gateway=gateway, callbacks="drop")
    owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill"})
    _swept(world)
    world.sandbox.sandbox.faults.clear()
    _keys(world, gateway, work=False)
    world.move(minutes=5)
    _swept(world)
    assert world.notices(staff).count("refund_no_access") == 1
    _keys(world, gateway, work=True)
    world.move(hours=5)
    _swept(world)
    assert _refund(world) == ("done", "")
    assert len(_refunds_there(world, gateway)) == 1


def _refunds_there(world: World, gateway: str) -> list[Any]:
    kinds = {"stripe": "refund", "razorpay": "rzp_refund"}
    return list(world.sandbox.sandbox.store.all(kinds[gateway]))


def test_a_key_without_the_right_to_refund_is_told_too(world: World) -> None:
    """Stripe's restricted keys: charges may be made with it and not sent back."""
    staff = world.person(Role.STAFF)
    own = world.sandbox.sandbox.credentials.stripe_secret_key
    owner = world.practitioner()
    booking = world.booked(world.person(), world.service(owner), "stripe")
    rights = ["checkout_session_write", "payment_intent_write", "charge_read"]
    accounts.change(world.sandbox.sandbox, "stripe", {"restricted": {own: rights}})
    owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill"})
    _swept(world)
    assert _refund(world) == ("asked", "no_access")
    assert world.notices(staff).count("refund_no_access") == 1
    accounts.change(world.sandbox.sandbox, "stripe", {"restricted": {}})
    world.move(hours=5)
    _swept(world)
    assert _refund(world) == ("done", "")
