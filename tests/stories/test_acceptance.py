"""Acceptance criteria of the complaints that no other story shows as a whole."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from app.models import Attempt, Booking, InboxEntry, LedgerTransaction, Refund, Role
from app.services.payments import webhook_monitor
from tests.support.callbacks import post
from tests.support.world import World


def test_a_gateway_that_refuses_to_begin_leaves_no_place_taken_for_longer_than_the_hold(world: World) -> None:
    """Acceptance criterion 1: with no payment the place is a stranger's at expires_at, though nothing ran."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.faults(gateway="stripe", route="create", fault="400", times=3)
    refused = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "stripe"})
    assert (refused.status_code, refused.json["code"]) == (409, "payment_refused")
    assert [attempt.status for attempt in world.all(Attempt)] == ["failed"]
    world.move(minutes=16)
    stranger = world.person()
    body = {"service_id": made["booking"]["service_id"], "start": made["booking"]["start"]}
    assert stranger.post("/bookings", body).status_code == 201


def test_lost_callbacks_are_noticed_before_clients_notice(world: World) -> None:
    """Acceptance criterion 3: three payments known only because we asked; staff hear of it once, bookings stand anyway."""
    staff, service = world.person(Role.STAFF), world.service(world.practitioner(), places=5)
    world.drop_callbacks()
    for _ in range(3):
        client = world.person()
        world.act(world.begin(client, world.book(client, service)["checkout"]["id"]))
    world.move(seconds=30)
    world.sweep()
    assert [booking.status for booking in world.all(Booking)] == ["confirmed"] * 3
    world.move(minutes=10)
    world.sweep()
    world.sweep()
    assert world.notices(staff).count("callbacks_silent") == 1
    with world.app.app_context():
        silent = {beat.gateway: beat.missed for beat in webhook_monitor.beats() if beat.is_silent}
    assert silent == {"stripe": 3}


def test_callbacks_that_arrive_keep_the_heart_quiet(world: World) -> None:
    service = world.service(world.practitioner(), places=5)
    for _ in range(3):
        world.booked(world.person(), service)
    world.move(minutes=10)
    with world.app.app_context():
        assert webhook_monitor.listen() == 0


def test_a_late_payer_hears_once_and_the_capacity_holds(world: World) -> None:
    """Acceptance criterion 5: the place is somebody else's; near times, credit or the money, in one message."""
    client, other = world.person(), world.person()
    service = world.service(world.practitioner(), "hold_then_pay", "INR")
    made = world.book(client, service)
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(minutes=20)
    world.sweep()
    world.booked(other, service, "razorpay", start=made["booking"]["start"])
    world.act(begun)
    assert world.live_places() == 1
    told = [kind for kind in world.notices(client) if kind.startswith("payment_")]
    assert told == ["payment_offer"]
    refund = world.all(Refund)[0]
    assert (refund.status, refund.reason) == ("asked", "too_late")


# In these each piece of news is first once and last once, and of every two each is before the other.
ENOUGH = {(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)}


def _orders() -> Iterator[Any]:
    for order in permutations(range(4)):
        marks = [] if order in ENOUGH else [pytest.mark.long_way]
        yield pytest.param(order, id="".join(map(str, order)), marks=marks)


@pytest.mark.parametrize("order", list(_orders()))
def test_every_order_of_the_same_news_ends_alike(world: World, order: tuple[int, ...]) -> None:
    """Acceptance criterion 7, invariant 3: paid and refunded at the gateway; a refund before its payment is not lost."""
    client = world.person()
    service = world.service(world.practitioner(), "hold_then_pay", "INR", free_cancel_hours=0)
    made = world.book(client, service)
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.faults(gateway="any", callbacks="hold", times=None)
    world.act(begun, settle=False)
    world.move(seconds=30)
    world.sweep()  # the look-up has confirmed it
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    world.sweep()
    held = _held(world)
    for index in (*order, *order):  # each of them twice
        assert post(world, held[index % len(held)]) == 200
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["money"] == "refunded"
    assert [refund.status for refund in world.all(Refund)] == ["done"]
    kinds = sorted(t.kind for t in world.all(LedgerTransaction))
    assert kinds == ["capture", "land", "refund_asked", "refund_done"]


def _held(world: World) -> list[dict[str, Any]]:
    rows = [row for row in world.sandbox.sandbox.courier.log() if row["gateway"] == "razorpay"]
    assert rows
    return sorted(rows, key=lambda row: row["id"])


def test_failed_then_paid_is_one_order_and_one_booking(world: World) -> None:
    """Acceptance criterion 10: the gateway's order is used again, and what failed may still come in."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "hold_then_pay", "INR"))
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.act(begun, "fail")
    again = world.begin(client, made["checkout"]["id"], "razorpay")
    assert again["next"]["provider_ref"] == begun["next"]["provider_ref"]
    world.act(again)
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert len(world.all(Attempt)) == 1
    assert len({entry.provider_ref for entry in world.all(InboxEntry)}) == 1
