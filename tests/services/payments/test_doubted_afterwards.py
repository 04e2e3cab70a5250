"""What landed and is doubted afterwards does not wait for staff, who look at the news; what never landed does."""

import json
from typing import Any

import pytest

from app.models import Refund, Review
from app.services.backoffice import reconciliation
from tests.services.payments.test_wrong_amounts import PAID, Wrong
from tests.support.callbacks import Row, kept_back, post
from tests.support.gateways import BY_CODE
from tests.support.world import World

_AMOUNTS = ("amount", "amount_total", "amount_paid", "amount_received")


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "razorpay"])
@pytest.mark.parametrize("is_over", [False, True], ids=["cancelled", "given back"])
def test_news_of_another_amount_of_a_paid_session_does_not_keep_the_clients_money(
    world: World, gateway: str, is_over: bool
) -> None:
    """Signed, and told after it was paid: staff look at the news, and the session gives back what landed for it."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, currency=BY_CODE[gateway].currency, free_cancel_hours=0))
    news = kept_back(world, world.begin(client, made["checkout"]["id"], gateway))
    for row in news:
        assert post(world, row) == 200
    for row in news:
        assert post(world, row | _as_other_news(row)) == 200
    assert [review.reason for review in world.all(Review)] == ["amount"]
    booking = made["booking"]["id"]
    if is_over:
        owner.post(f"/bookings/{booking}/cancel")
    else:
        assert world.booking(client, booking)["if_cancelled"]["back"]["amount"] == made["checkout"]["amount"]["amount"]
        client.post(f"/bookings/{booking}/cancel")
    assert [refund.amount for refund in world.all(Refund)] == [made["checkout"]["amount"]["amount"]]
    with world.app.app_context():
        assert reconciliation.breaches() == []


def test_what_never_landed_waits_for_staff_although_its_booking_ended(world: World) -> None:
    one = Wrong(world)
    assert one.owner.post(f"/bookings/{one.booking}/cancel").status_code == 200
    assert world.all(Refund) == []
    one.decide("accept")
    assert [refund.amount for refund in world.all(Refund)] == [PAID]


def _as_other_news(row: Row) -> Row:
    """Another event about the same charge, which says half a unit less of it."""
    told = _shrunk(json.loads(row["body"]))
    if "id" in told:
        told["id"] += "x"
    return {"event_id": f"{row['event_id']}x", "body": json.dumps(told)}


def _shrunk(value: Any) -> Any:
    if isinstance(value, list):
        return [_shrunk(item) for item in value]
    if not isinstance(value, dict):
        return value
    told = {key: _shrunk(each) for key, each in value.items()}
    amounts = {key: each - 50 for key, each in told.items() if key in _AMOUNTS and isinstance(each, int) and each}
    return told | amounts
