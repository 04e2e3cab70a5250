"""Authorise, then approve: the card is reserved first, charged on a yes, let go on a no; a lapse asks for payment again."""

from typing import Any

import pytest

from app.lib import clock
from app.models import Attempt, Booking
from tests.support.callbacks import deliver, held, hold_news
from tests.support.world import World


class Reserved:
    """A request whose amount is reserved on the client's card."""

    def __init__(self, world: World, **service: Any) -> None:
        self.world = world
        self.practitioner, self.client = world.practitioner(), world.person()
        self.service = world.service(self.practitioner, "authorise_then_approve", "EUR", **service)
        start = world.slots(self.service, days=9)[-1]["start"]
        made = world.book(self.client, self.service, start)
        assert made["booking"]["status"] == "awaiting_payment"
        self.id, self.checkout = made["booking"]["id"], made["checkout"]["id"]
        self.begun = world.begin(self.client, self.checkout)
        world.act(self.begun)

    @property
    def booking(self) -> dict[str, Any]:
        return self.world.booking(self.client, self.id)

    @property
    def attempt(self) -> Attempt:
        found: Attempt = self.world.all(Attempt)[-1]
        return found

    def net(self) -> int:
        """What the gateway holds of the client's money."""
        signs = {"capture": 1, "refund": -1}
        return sum(signs[e["kind"]] * e["amount"] for e in self.world.money_taken())

    def decline(self, **body: str) -> Any:
        return self.practitioner.post(f"/bookings/{self.id}/decline", {"reason": "No time that day."} | body)


def test_a_reserved_request_waits_for_the_answer_and_nothing_is_charged(world: World) -> None:
    """Complaint 14: the request stands before the practitioner once the card is reserved."""
    request = Reserved(world)
    assert (request.booking["status"], request.booking["money"]) == ("pending_approval", "authorised")
    assert request.net() == 0
    assert request.practitioner.get("/bookings", status="pending_approval").json[0]["id"] == request.id


def test_a_yes_charges_the_card_and_confirms(world: World) -> None:
    request = Reserved(world)
    answer = request.practitioner.post(f"/bookings/{request.id}/approve")
    assert (answer.status_code, answer.json["status"]) == (200, "confirmed")
    world.settle()
    assert (request.booking["money"], request.net()) == ("paid", 6_000)


def test_a_no_lets_the_card_go(world: World) -> None:
    """Acceptance criterion 14, complaint 14: declined, and the net charge is nothing."""
    request = Reserved(world)
    assert request.decline().json["status"] == "declined"
    world.sweep()
    world.settle()
    assert (request.booking["money"], request.net(), request.attempt.status) == ("none", 0, "failed")
    assert world.live_places() == 0


@pytest.mark.in_turn
@pytest.mark.parametrize("fault", ["500", "timeout", "reset", "429", "html"])
@pytest.mark.parametrize(("answer", "route", "net"), [("approve", "capture", 6_000), ("decline", "cancel", 0)])
def test_a_gateway_that_stumbles_is_asked_again_until_the_answer_is_carried_out(
    world: World, fault: str, answer: str, route: str, net: int
) -> None:
    """The answer is committed before the gateway is called, so a lost call is made again."""
    request = Reserved(world)
    world.faults(gateway="stripe", route=route, fault=fault, seconds=1, times=2)
    request.practitioner.post(f"/bookings/{request.id}/{answer}", {"reason": "because"})
    for _ in range(4):
        world.move(minutes=5)
        world.sweep()
    world.settle()
    assert request.net() == net
    assert request.booking["status"] == {"approve": "confirmed", "decline": "declined"}[answer]


def test_no_answer_in_time_ends_the_request_and_lets_the_card_go(world: World) -> None:
    """The deadline ends it by the clock: the place is free at once, the card by the sweep."""
    request = Reserved(world)
    world.move(hours=25)
    assert request.booking["status"] == "expired"
    assert world.live_places() == 0
    world.sweep()
    world.sweep()
    world.settle()
    assert (request.net(), request.attempt.status) == (0, "failed")


def test_the_answer_is_due_before_the_reservation_lapses(world: World) -> None:
    """Acceptance criterion 19, complaint 19: a week to answer would be longer than the card keeps."""
    request = Reserved(world, answer_hours=168)
    deadline = world.all(Booking)[0].deadline_at
    assert deadline > clock.now()
    world.move(seconds=25)
    world.sweep()  # the look-up learns when it lapses
    attempt = request.attempt
    assert attempt.capture_before is not None
    assert world.all(Booking)[0].deadline_at < attempt.capture_before


def test_a_reservation_that_lapses_asks_for_payment_again_and_tells_both(world: World) -> None:
    """Acceptance criterion 19, complaint 19: work is never delivered unpaid."""
    from sandbox.stripe import payments

    request = Reserved(world)
    payments.lapse(world.sandbox.sandbox, request.attempt.charge_ref)
    world.settle()
    assert (request.booking["status"], request.booking["checkout_id"]) == ("awaiting_payment", request.checkout)
    world.sweep()
    for person in (request.client, request.practitioner):
        kinds = [n for n in world.notices(person) if n == "reservation_lapsed"]
        assert kinds == ["reservation_lapsed"]
    world.act(world.begin(request.client, request.checkout))
    assert request.booking["status"] == "pending_approval"


def test_a_lapse_found_only_when_charging_asks_for_payment_and_charges_at_once_then(world: World) -> None:
    """The practitioner has said yes: the next reservation is taken without another question."""
    from sandbox.stripe import payments

    request = Reserved(world)
    world.drop_callbacks()
    payments.lapse(world.sandbox.sandbox, request.attempt.charge_ref)
    answer = request.practitioner.post(f"/bookings/{request.id}/approve")
    assert answer.json["status"] == "awaiting_payment"
    world.act(world.begin(request.client, request.checkout))
    for _ in range(3):
        world.move(minutes=1)
        world.sweep()
    assert (request.booking["status"], request.net()) == ("confirmed", 6_000)


def test_a_card_reserved_too_late_is_let_go_and_the_client_knows(world: World) -> None:
    """Late-payer rule: cancelled while nobody could be asked; the news of the reservation comes after."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "authorise_then_approve", "EUR"))
    begun = world.begin(client, made["checkout"]["id"])
    world.faults(gateway="any", callbacks="hold", times=None)
    world.act(begun, settle=False)
    world.faults(gateway="stripe", route="any", fault="500", times=20)
    assert client.post(f"/bookings/{made['booking']['id']}/cancel").json["status"] == "cancelled"
    world.sandbox.sandbox.faults.clear()
    world.sandbox.sandbox.courier.release(None, "", "")
    world.settle()
    world.sweep()
    world.settle()
    assert world.booking(client, made["booking"]["id"])["status"] == "cancelled"
    assert (world.money_taken(), world.all(Attempt)[0].status) == ([], "failed")
    assert world.notices(client).count("reservation_released") == 1


def test_cancelling_a_reserved_request_lets_the_card_go(world: World) -> None:
    request = Reserved(world)
    assert request.client.post(f"/bookings/{request.id}/cancel").json["status"] == "cancelled"
    world.sweep()
    assert (request.net(), request.attempt.status) == (0, "failed")


def test_a_reservation_told_of_after_it_was_let_go_is_let_go_again(world: World) -> None:
    """Invariant 3: the gateway answers in the same words as before; asked anew, they are believed anew."""
    hold_news(world)
    request = Reserved(world)
    assert request.client.post(f"/bookings/{request.id}/cancel", {"reason": ""}).status_code == 200
    rows = held(world)
    gone = [row for row in rows if row["event"] == "payment_intent.canceled"]
    assert gone
    deliver(world, gone + [row for row in rows if row not in gone])
    for _ in range(3):
        world.move(minutes=1)
        world.sweep()
    assert (request.attempt.status, request.booking["money"], request.net()) == ("failed", "none", 0)


def test_a_second_payment_cannot_begin_while_the_card_is_reserved(world: World) -> None:
    """One live attempt per checkout."""
    request = Reserved(world)
    answer = request.client.post(f"/checkouts/{request.checkout}/attempts", {"gateway": "stripe"})
    assert answer.status_code == 409
