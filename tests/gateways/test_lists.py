"""What the adapters read from the vendors' lists of a whole account: every page, each thing once, and in words of ours."""

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from app.gateways.base import Confirmed, Gateway, Listed, Refunded
from app.lib import clock
from sandbox.core.clock import new_id, now
from sandbox.stripe import payments as stripe_payments
from tests.support.paid import Paid, vendors
from tests.support.world import World

DAY = timedelta(days=1)


def _lists(world: World, gateway: str) -> Gateway:
    adapter: Gateway = world.app.extensions["gateways"][gateway]
    return adapter


def _charge_ref(listed: Listed) -> str:
    return listed.event.fact.charge_ref or ""


def _others(world: World, gateway: str, number: int, age: int = 60) -> None:
    """So many more were paid on the account some seconds ago, by another product."""
    box = world.sandbox.sandbox
    with box.store.change():
        for _ in range(number):
            if gateway == "stripe":
                intent = box.store.all("intent", 1)[0]
                made = intent | {"id": new_id("pi_", 24), "metadata": {}, "created": int(now()) - age}
                stripe_payments.put(box, "intent", made)
            else:
                payment = box.store.all("payment", 1)[0]
                made = payment | {"id": new_id("pay_"), "order_id": None, "created_at": int(now()) - age}
                box.store.put("payment", made["id"], made)


@vendors
@pytest.mark.parametrize("total", [100, 101, 250])
def test_every_page_is_read_and_each_thing_is_listed_once(world: World, gateway: str, total: int) -> None:
    """One page that is full, one more than that, and three pages."""
    Paid(world, gateway)
    _others(world, gateway, total - 1)
    found = list(_lists(world, gateway).listed(clock.now() - DAY, clock.now()))
    assert len({each.event.event_key for each in found}) == len(found) == total


@vendors
def test_a_list_that_changes_while_it_is_read_loses_nothing(world: World, gateway: str) -> None:
    """After the first page somebody pays, and what was read is sent back: the second page begins where the first ended."""
    paid = Paid(world, gateway)
    _others(world, gateway, 150)
    world.move(minutes=1)
    until = clock.now()
    world.move(minutes=1)
    pages = _lists(world, gateway).listed(until - DAY, until)
    found = list(islice(pages, 30))
    _others(world, gateway, 20, age=0)
    paid.sent_back_there(1_000, nth=-1)
    found += list(pages)
    charges = [_charge_ref(each) for each in found if each.event.kind in ("payment", "payment_intent")]
    assert len(charges) == 151
    kinds = {each.event.kind for each in found}
    assert "refund" not in kinds  # it began after the stretch


@vendors
def test_only_what_began_in_the_stretch_is_listed_and_nothing_of_before(world: World, gateway: str) -> None:
    Paid(world, gateway)
    world.move(hours=2)
    _others(world, gateway, 3)
    found = list(_lists(world, gateway).listed(clock.now() - timedelta(hours=1), clock.now()))
    assert len(found) == 3


@vendors
def test_a_payment_is_listed_with_whose_it_is_and_what_it_pays(world: World, gateway: str) -> None:
    paid = Paid(world, gateway)
    [listed] = _lists(world, gateway).listed(clock.now() - DAY, clock.now())
    attempt = paid.attempt
    assert (listed.event.reference, listed.event.provider_ref) == (attempt.reference, attempt.provider_ref)
    assert listed.checkout == str(attempt.checkout_id)
    assert listed.installation == attempt.request["installation"]
    assert isinstance(listed.event.fact, Confirmed)
    assert (listed.event.fact.money, listed.event.fact.charge_ref) == (attempt.money, attempt.charge_ref)


@vendors
def test_each_state_of_a_thing_has_a_key_of_its_own(world: World, gateway: str) -> None:
    paid = Paid(world, gateway)
    paid.cancelled()
    world.sweep()
    world.settle()

    def keys() -> list[str]:
        found = _lists(world, gateway).listed(clock.now() - DAY, clock.now())
        return [each.event.event_key for each in found if each.event.kind == "refund"]

    [gone] = keys()
    paid.does("refunds", "fail", paid.vendors("refunds")[0]["id"])
    [failed] = keys()
    assert gone != failed


@vendors
def test_tries_and_what_is_under_way_are_not_listed(world: World, gateway: str) -> None:
    client = world.person()
    currency = {"stripe": "EUR", "razorpay": "INR"}[gateway]
    made = world.book(client, world.service(world.practitioner(), currency=currency))
    begun = world.begin(client, made["checkout"]["id"], gateway)
    world.act(begun, {"stripe": "decline", "razorpay": "fail"}[gateway])
    assert list(_lists(world, gateway).listed(clock.now() - DAY, clock.now())) == []


def test_a_refund_of_razorpays_own_says_that_nothing_had_been_taken(world: World) -> None:
    paid = Paid(world, "razorpay")
    paid.does("orders", "pay-again", paid.begun["next"]["provider_ref"])
    found = [each.event.fact for each in _lists(world, "razorpay").listed(clock.now() - DAY, clock.now())]
    [fact] = [each for each in found if isinstance(each, Refunded)]
    assert fact.taken is not None
    assert fact.taken.amount == 0


def test_an_order_that_is_older_than_the_list_is_asked_for_alone(world: World) -> None:
    """Orders do not end: the payer had left the window open for two days."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="INR"))
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(days=2, hours=1)
    world.act(begun, settle=False)
    [listed] = _lists(world, "razorpay").listed(clock.now() - timedelta(hours=1), clock.now())
    assert listed.event.reference == begun["attempt"]["reference"]


@vendors
@pytest.mark.parametrize("currency", ["KWD", "XTS"])
def test_money_that_we_cannot_write_down_is_anothers_and_counted(world: World, gateway: str, currency: str) -> None:
    Paid(world, gateway)
    box = world.sandbox.sandbox
    _others(world, gateway, 1)
    kind: Any = {"stripe": "intent", "razorpay": "payment"}[gateway]
    with box.store.change():
        [made] = box.store.all(kind, 1)
        box.store.put(kind, made["id"], made | {"currency": currency.lower() if gateway == "stripe" else currency})
    assert len(list(_lists(world, gateway).listed(clock.now() - DAY, clock.now()))) == 2
