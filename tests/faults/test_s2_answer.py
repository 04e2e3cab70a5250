# mypy: disable-error-code="index, union-attr, misc, arg-type, attr-defined"
"""S2, the practitioner approves or declines: one answer stands, and the client is told of it once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.models import Booking, Change, Checkout
from tests.faults.clocks import SKEWS, skewed
from tests.faults.database import after_the_migration, cut_at
from tests.faults.people import send_and_hang_up
from tests.faults.processes import die_in, send_in_a_process
from tests.support.at_once import again, at_once
from tests.support.deals import captures, deal
from tests.support.gateways import SIGNED
from tests.support.world import Caller, World

ANSWERS = [("approve", "awaiting_payment", "request_approved"), ("decline", "declined", "request_declined")]
BODY = {"reason": "I am away that week."}


def _request(world: World) -> tuple[Caller, Caller, dict[str, Any]]:
    owner, client = world.practitioner(), world.person()
    return owner, client, world.book(client, world.service(owner, "approve_then_pay"))["booking"]


def _stands(world: World, client: Caller, status: str, kind: str) -> None:
    """The answer is there once: one change, one message, one bill at most, its place kept or free."""
    [booking] = world.all(Booking)
    assert booking.status == status
    assert [c.to_status for c in world.all(Change) if c.subject == "booking"] == ["pending_approval", status]
    assert world.notices(client) == ["request_sent", kind]
    assert len(world.all(Checkout)) == world.live_places() == (1 if status == "awaiting_payment" else 0)


def _unanswered(world: World, client: Caller) -> None:
    [booking] = world.all(Booking)
    assert (booking.status, world.all(Checkout), world.live_places()) == ("pending_approval", [], 1)
    assert world.notices(client) == ["request_sent"]


@pytest.mark.both_engines
def test_killed_before_the_commit_nothing_is_answered_and_the_same_key_answers_once(world: World, engine: str) -> None:
    """S2-F01 (undone): kill -9 in the very moment before the commit."""
    action, status, kind = ANSWERS[engine == "sqlite"]
    owner, client, booking = _request(world)
    path = f"/bookings/{booking['id']}/{action}"
    die_in(send_in_a_process(world, owner, path, BODY, dies="UPDATE bookings"))
    _unanswered(world, client)
    world.move(seconds=61)
    assert owner.post(path, BODY, key="k-1").json["status"] == status
    _stands(world, client, status, kind)


@pytest.mark.parametrize(("action", "status", "kind"), ANSWERS)
@pytest.mark.both_engines
def test_a_database_that_goes_away_in_between_answers_nothing_and_the_same_key_answers_once(
    world: World, action: str, status: str, kind: str
) -> None:
    """S2-F02 (undone)."""
    owner, client, booking = _request(world)
    path = f"/bookings/{booking['id']}/{action}"
    with cut_at(world, "UPDATE bookings") as struck:
        assert owner.post(path, BODY, key="k-1").status_code == 503
    assert struck
    _unanswered(world, client)
    assert owner.post(path, BODY, key="k-1").json["status"] == status
    _stands(world, client, status, kind)


@pytest.mark.in_turn
@pytest.mark.parametrize(("action", "status", "kind"), ANSWERS)
def test_without_the_queue_the_answer_stands_and_the_sweep_tells_the_client(
    world: World, lose_queue: Callable[[], Any], action: str, status: str, kind: str
) -> None:
    """S2-F03, S2-F04 (delayed)."""
    owner, client, booking = _request(world)
    lose_queue()
    assert owner.post(f"/bookings/{booking['id']}/{action}", BODY).status_code == 200
    lose_queue()
    world.sweep()
    world.sweep()
    _stands(world, client, status, kind)
    assert len(world.mails(world.email(client))) == 1  # "request sent" is no longer news, and is dropped


@pytest.mark.in_turn
@pytest.mark.parametrize("by", [*SKEWS[:2], SKEWS[3]])
def test_on_a_node_whose_clock_is_wrong_the_answer_is_the_same(world: World, by: timedelta) -> None:
    """S2-F19 (right): approved once, with as many hours to pay as ever by the clock it was answered by."""
    owner, client, booking = _request(world)
    with skewed(world, by):
        answer = owner.post(f"/bookings/{booking['id']}/approve")
        assert (answer.status_code, answer.json["status"]) == (200, "awaiting_payment")
        assert world.app.test_client().get("/readyz").status_code == 503
    [row] = world.all(Booking)
    assert timedelta(0) < row.deadline_at - row.approved_at <= timedelta(hours=24)
    _told_once(world, client)


def _told_once(world: World, client: Caller) -> None:
    assert world.notices(client) == ["request_sent", "request_approved"]
    assert len(world.all(Checkout)) == 1


@pytest.mark.both_engines
def test_on_a_node_a_day_ahead_an_answer_after_the_deadline_is_refused_and_still_possible_elsewhere(
    world: World,
) -> None:
    """S2-F19 (right): the node that says it is ill ends nothing by answering; an honest one goes on."""
    owner, client, booking = _request(world)
    with skewed(world, timedelta(hours=26)):
        assert owner.post(f"/bookings/{booking['id']}/approve").json["code"] == "not_allowed"
        assert world.app.test_client().get("/readyz").status_code == 503
    _unanswered(world, client)
    assert owner.post(f"/bookings/{booking['id']}/approve").status_code == 200
    _told_once(world, client)


@pytest.mark.parametrize(("action", "status", "kind"), ANSWERS)
def test_a_browser_closed_before_the_answer_has_answered_all_the_same(
    world: World, action: str, status: str, kind: str
) -> None:
    """S2-F20 (right)."""
    owner, client, booking = _request(world)
    send_and_hang_up(world, owner, f"/bookings/{booking['id']}/{action}", BODY)
    world.until(lambda: world.booking(client, booking["id"])["status"] == status)
    _stands(world, client, status, kind)


@pytest.mark.in_turn
@pytest.mark.parametrize("key", ["k", None])
@pytest.mark.parametrize(("action", "status", "kind"), ANSWERS)
@pytest.mark.both_engines
def test_answered_twice_at_once_it_is_answered_once(
    world: World, action: str, status: str, kind: str, key: str | None
) -> None:
    """S2-F21 (once): the other click gets the same answer or 409."""
    owner, client, booking = _request(world)
    path = f"/bookings/{booking['id']}/{action}"
    answers = at_once(*(lambda: again(world, owner).post(path, BODY, key=key) for _ in range(4)))
    assert {a.status_code for a in answers} <= {200, 409}
    assert any(a.status_code == 200 for a in answers)
    assert {a.json["status"] for a in answers if a.status_code == 200} == {status}
    _stands(world, client, status, kind)


@pytest.mark.both_engines
def test_approved_in_one_tab_and_declined_in_the_other_one_answer_counts(world: World) -> None:
    """S2-F22 (once): each tab learns what is so; the client never hears of a decline that an approval overtook."""
    owner, client, booking = _request(world)
    path = f"/bookings/{booking['id']}"
    approve, decline = at_once(
        lambda: again(world, owner).post(f"{path}/approve"), lambda: again(world, owner).post(f"{path}/decline", BODY)
    )
    assert decline.status_code == 200  # what was approved a moment ago may still be declined, before it is paid
    assert approve.status_code in (200, 409)
    trail = [c.to_status for c in world.all(Change) if c.subject == "booking"]
    assert trail == ["pending_approval", *(["awaiting_payment"] if approve.status_code == 200 else []), "declined"]
    assert world.live_places() == 0
    assert world.notices(client).count("request_declined") == 1


@pytest.mark.both_engines
def test_of_two_requests_for_one_place_only_one_can_be_approved(world: World) -> None:
    """S2-F23 (one winner): the second can only ask once the first has lapsed, and then the first can be approved no more."""
    owner, first, old = _request(world)
    second = world.person()
    wish = {"service_id": old["service_id"], "start": world.slots(old["service_id"])[20]["start"]}
    [early] = [world.book(first, **wish)["booking"]]
    assert second.post("/bookings", wish).json["code"] == "slot_taken"
    [row] = [b for b in world.all(Booking) if str(b.id) == early["id"]]
    world.move(seconds=(row.deadline_at - row.created_at).total_seconds() + 1)
    late = world.book(second, **wish)["booking"]
    paths = [f"/bookings/{each['id']}/approve" for each in (early, late)]
    answers = at_once(*(lambda p=path: again(world, owner).post(p) for path in paths))
    assert [a.status_code for a in answers] == [409, 200]
    assert (world.live_places(), captures(world)) == (1, [])


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
@pytest.mark.both_engines
def test_declined_first_a_payment_that_comes_after_goes_back(world: World, gateway: str) -> None:
    """S2-F24 (one winner): the decline was committed first, so the money is returned and the client is not booked."""
    one = deal(world, gateway, "approve_then_pay")
    world.faults(gateway="stripe", route="expire", fault="500", times=2)  # the page could not be closed in time
    assert one.owner.post(f"/bookings/{one.booking_id}/decline", BODY).status_code == 200
    world.sandbox.sandbox.faults.clear()
    one.pay()
    one.is_owed("declined")
    one.is_settled_after_a_decline(declined=True)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
@pytest.mark.both_engines
def test_paid_first_a_decline_either_is_refused_or_cancels_with_all_money_back(world: World, gateway: str) -> None:
    """S2-F24 (one winner): the payment was committed first; nobody is ever declined whose money is kept."""
    one = deal(world, gateway, "approve_then_pay")
    one.pay()
    answer = one.owner.post(f"/bookings/{one.booking_id}/decline", BODY)
    one.is_settled_after_a_decline(answer.status_code == 200)


@pytest.mark.parametrize("round_", range(3))
@pytest.mark.both_engines
def test_a_decline_and_a_payment_at_once_never_leave_money_without_a_session(world: World, round_: int) -> None:
    """S2-F24 (one winner): whichever is first."""
    one = deal(world, "razorpay", "approve_then_pay")
    answer, _ = at_once(
        lambda: one.owner.post(f"/bookings/{one.booking_id}/decline", BODY),
        lambda: world.act(one.begun, settle=False),
    )
    world.settle()
    one.is_settled_after_a_decline(answer.status_code == 200)


@pytest.mark.parametrize(("action", "status", "kind"), ANSWERS)
@pytest.mark.both_engines
def test_an_answer_that_meets_a_migration_waits_for_it(world: World, action: str, status: str, kind: str) -> None:
    """S2-F25 (right)."""
    owner, client, booking = _request(world)
    path = f"/bookings/{booking['id']}/{action}"
    assert after_the_migration(world, "bookings", lambda: owner.post(path, BODY)).status_code == 200
    _stands(world, client, status, kind)
