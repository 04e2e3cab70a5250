"""Pay after the session: confirmed without money, due on completion, reminded of, and settled."""

from typing import Any

import pytest

from app.models import Booking
from app.services.ledger import balance_due
from tests.support.world import Caller, World


def _given(world: World, currency: str = "EUR") -> tuple[Caller, Caller, dict[str, Any], int]:
    """A session that was given and is owed for."""
    practitioner, client = world.practitioner(), world.person()
    service = world.service(practitioner, "pay_after", currency)
    made = world.book(client, service)
    assert (made["booking"]["status"], made["checkout"]) == ("confirmed", None)
    world.move(hours=40)
    [booking] = [each for each in world.all(Booking) if str(each.id) == made["booking"]["id"]]
    world.move(seconds=(booking.starts_at - _now()).total_seconds())
    assert client.post(f"/bookings/{booking.id}/start").status_code == 200
    done = practitioner.post(f"/bookings/{booking.id}/complete")
    assert done.json["status"] == "completed"
    return practitioner, client, world.booking(client, str(booking.id)), service


def _now() -> Any:
    from app.lib import clock

    return clock.now()


def test_the_bill_opens_when_the_session_is_completed(world: World) -> None:
    """S2-16, S2-18: the payer is the client, the amount the frozen price, the session completed."""
    _, client, booking, _ = _given(world)
    assert (booking["money"], booking["allowed_actions"]) == ("due", ["pay", "rate"])
    checkout = world.checkout(client, booking["checkout_id"])
    assert (checkout["kind"], checkout["amount"]) == ("due", {"amount": 6_000, "currency": "EUR"})


def test_paying_it_settles_it_and_tells_both(world: World) -> None:
    """S2-9, S2-19, S2-31: the booking stays completed, both sides are told once."""
    practitioner, client, booking, _ = _given(world)
    world.act(world.begin(client, booking["checkout_id"]))
    after = world.booking(client, booking["id"])
    assert (after["status"], after["money"], after["checkout_id"]) == ("completed", "paid", None)
    for person in (client, practitioner):
        assert world.notices(person).count("due_paid") == 1


def test_a_failed_payment_leaves_it_due_and_can_be_tried_again(world: World) -> None:
    """S2-18, S2-33, S2-36: waiting for payment until it is paid, as often as it takes."""
    _, client, booking, _ = _given(world, "INR")
    begun = world.begin(client, booking["checkout_id"], "razorpay")
    world.act(begun, "fail")
    assert world.booking(client, booking["id"])["allowed_actions"] == ["pay", "rate"]
    world.act(world.begin(client, booking["checkout_id"], "razorpay"))
    assert world.booking(client, booking["id"])["money"] == "paid"


@pytest.mark.parametrize("days", [1, 20])
def test_a_debt_does_not_lapse(world: World, days: int) -> None:
    _, client, booking, _ = _given(world)
    world.move(days=days)
    world.sweep()
    world.act(world.begin(client, booking["checkout_id"]))
    assert world.booking(client, booking["id"])["money"] == "paid"


def test_whoever_owes_is_reminded_a_few_times_and_never_twice_for_one_stretch(world: World) -> None:
    _, client, _, _ = _given(world)
    for _ in range(20):
        world.move(days=1)
        world.sweep()
        world.sweep()
    assert world.notices(client).count("payment_due") == 5


def test_debts_that_were_told_everything_do_not_stand_before_the_others(world: World) -> None:
    """However many old debts there are, who has owed since yesterday is reminded."""
    _, old, _, _ = _given(world)
    for _ in range(15):
        world.move(days=1)
        world.sweep()
    assert world.notices(old).count("payment_due") == 5
    _, new, _, _ = _given(world)
    world.move(days=1, minutes=1)
    with world.app.app_context():
        assert [balance_due.remind(most=1), balance_due.remind(most=1)] == [1, 0]
    assert (world.notices(new).count("payment_due"), world.notices(old).count("payment_due")) == (2, 5)


def test_whoever_owes_pays_first_and_books_then(world: World) -> None:
    """X16: a balance that is due blocks the next booking, and paying it opens the door again."""
    _, client, booking, service = _given(world)
    body = {"service_id": service, "start": world.start(service)}
    refused = client.post("/bookings", body)
    assert (refused.status_code, refused.json["code"]) == (409, "balance_due")
    world.act(world.begin(client, booking["checkout_id"]))
    assert client.post("/bookings", body).status_code == 201


def test_the_price_a_caller_names_is_not_heard(world: World) -> None:
    """S2-17, X14: payee, amount, currency and fee are ours."""
    _, client, booking, _ = _given(world)
    forged = {"gateway": "stripe", "amount": 1, "currency": "JPY", "payee": 7, "fee_percent": 0}
    answer = client.post(f"/checkouts/{booking['checkout_id']}/attempts", forged)
    assert answer.status_code == 201
    assert world.checkout(client, booking["checkout_id"])["amount"] == {"amount": 6_000, "currency": "EUR"}
