"""Money for a debt that is none any more: it goes back, and nobody is told that it was paid."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.lib import clock
from app.models import Checkout, Refund
from app.services.backoffice import reconciliation
from app.services.ledger import journal
from tests.support.world import Caller, World

HOUR, HALF = 150_200, 75_100  # what an hour costs and half an hour more, in KES


def _booked(world: World) -> tuple[Caller, Caller, dict[str, Any], list[str]]:
    """A session that was paid for from the phone, and the free times after it."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, currency="KES", price_amount=HOUR)
    free = [slot["start"] for slot in world.slots(service, days=6)]
    return owner, client, world.booked(client, service, "mpesa", start=free[70]), free[71:]


def _moved(owner: Caller, client: Caller, booking: dict[str, Any], start: str, minutes: int) -> dict[str, Any]:
    path = f"/bookings/{booking['id']}/reschedule"
    assert owner.post(path, {"start": start, "minutes": minutes}).status_code == 200
    answer = client.post(f"{path}/accept")
    assert answer.status_code == 200, answer.text
    return dict(answer.json or {})


def _late_money(world: World, begun: dict[str, Any]) -> None:
    """The phone has paid after all, although the gateway said that it would not."""
    world.act(begun, anyway=True)
    world.sweep()
    world.settle()


def _kept(world: World, booking: dict[str, Any]) -> int:
    with world.app.app_context():
        assert reconciliation.breaches() == []
        return journal.kept_for(UUID(booking["id"]), "KES").amount


def _came_back(world: World, client: Caller, amount: int) -> None:
    [refund] = world.all(Refund)
    assert (refund.amount, refund.reason) == (amount, "not_owed")
    told = world.notices(client)
    assert ("due_paid" in told, told.count("payment_returned") + told.count("payment_credited")) == (False, 1)


def test_a_fee_forgiven_while_the_phone_is_asked_is_not_kept(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_after", "KES", price_amount=HOUR)
    booking = world.book(client, service)["booking"]
    world.move(seconds=(datetime.fromisoformat(booking["start"]) - timedelta(hours=1) - clock.now()).total_seconds())
    bill = client.post(f"/bookings/{booking['id']}/cancel", {"reason": ""}).json["checkout_id"]
    begun = world.begin(client, bill, "mpesa")
    assert owner.post(f"/bookings/{booking['id']}/waive", {"reason": "A first time."}).status_code == 200
    world.act(begun)
    world.sweep()
    world.settle()
    _came_back(world, client, HOUR)
    assert "due_paid" not in world.notices(owner)
    assert (_kept(world, booking), world.booking(client, booking["id"])["money"]) == (0, "refunded")


def test_a_difference_that_gave_way_to_another_is_not_kept_with_it(world: World) -> None:
    """S2-21: a session of two hours costs two hours, however late the money for the first difference comes."""
    owner, client, booking, free = _booked(world)
    first = world.begin(client, _moved(owner, client, booking, free[2], 90)["checkout_id"], "mpesa")
    world.act(first, "cancel")
    second = _moved(owner, client, booking, free[6], 120)["checkout_id"]
    _late_money(world, first)
    _came_back(world, client, HALF)
    world.act(world.begin(client, second, "mpesa"))
    assert _kept(world, booking) == 300_400
    assert world.notices(client).count("due_paid") == 1
    assert sorted((bill.amount, bill.status.value) for bill in world.all(Checkout)) == [
        (HALF, "cancelled"),
        (HOUR, "paid"),
        (HOUR, "paid"),
    ]


def test_a_difference_that_there_is_none_of_any_more_is_not_kept(world: World) -> None:
    owner, client, booking, free = _booked(world)
    first = world.begin(client, _moved(owner, client, booking, free[2], 90)["checkout_id"], "mpesa")
    world.act(first, "cancel")
    _moved(owner, client, booking, free[6], 60)
    _late_money(world, first)
    _came_back(world, client, HALF)
    assert _kept(world, booking) == HOUR
