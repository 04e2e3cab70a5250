"""S11: somebody cancels after paying has begun: the place is free at once, and money that still comes goes back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis

from app.models import Attempt, Booking, Hold, InboxEntry, RejectedCallbacks, Review, Role
from tests.conftest import OwnRedis
from tests.faults.clocks import skewed
from tests.faults.database import cut_at, locked, quick_locks
from tests.faults.people import cancel_at
from tests.faults.processes import sweeping_process, web_process
from tests.support.at_once import Meanwhile, again, at_once
from tests.support.callbacks import deliver, post
from tests.support.deals import Deal, captures, deal, given_back, join
from tests.support.gateways import BY_CODE, SIGNED
from tests.support.world import Caller, World


def cancel(one: Deal, who: Caller | None = None, key: str | None = None) -> int:
    """The client (or `who`) cancels: the status of the answer."""
    return (who or one.client).post(f"/bookings/{one.booking_id}/cancel", {"reason": "No."}, key=key).status_code


def cancelled_unseen(one: Deal) -> None:
    """Cancelled while the gateway could not be reached, so that its page stayed open; it can be reached again."""
    one.world.faults(gateway=one.gateway, route="any", fault="500", times=99)
    assert cancel(one) == 200
    one.world.sandbox.sandbox.faults.clear()


def free(one: Deal) -> None:
    """The booking is cancelled and its time can be booked by anybody."""
    assert one.state[0] == "cancelled"
    assert one.time_is_free


def test_a_web_process_killed_while_it_cancels_has_cancelled_nothing_and_the_same_key_does(world: World) -> None:
    """S11-F01: killed -9 while the gateway hangs; a minute later the same request goes through, once."""
    one = deal(world, "stripe")
    world.faults(gateway="stripe", route="expire", fault="timeout", seconds=8)
    with web_process(world) as web:
        cancelling = Meanwhile(lambda: cancel_at(one, web.url))
        world.until(lambda: not world.sandbox.sandbox.faults.listed())
        web.kill()
        cancelling.result()
    assert (one.state, one.told()) == (("awaiting_payment", "processing"), [[], []])
    world.move(seconds=61)
    assert cancel(one, key="once") == 200
    assert cancel(one, key="once") == 200
    free(one)
    assert one.told() == [["booking_cancelled"], ["booking_cancelled"]]


def test_a_cancellation_that_loses_the_database_is_none_and_can_be_repeated(world: World) -> None:
    """S11-F02: 503, the booking as it was, and the same key succeeds once."""
    one = deal(world, "mpesa")
    with cut_at(world, "UPDATE holds") as struck:
        assert cancel(one, key="once") == 503
    assert struck
    assert one.state == ("awaiting_payment", "processing")
    world.move(seconds=61)
    assert cancel(one, key="once") == 200
    free(one)
    assert one.told() == [["booking_cancelled"], ["booking_cancelled"]]


def test_a_cancellation_during_a_migration_is_refused_whole_and_can_be_repeated(world: World) -> None:
    """S11-F25: also of a booking as an older version left it, without a policy."""
    one = deal(world, "razorpay")
    with world.rows() as session:
        session.query(Booking).one().policy = {}
        session.commit()
    with quick_locks(world), locked(world, "bookings"):
        assert cancel(one, key="once") == 503
    assert (one.state[0], one.told()) == ("awaiting_payment", [[], []])
    world.move(seconds=61)
    assert cancel(one, key="once") == 200
    free(one)


def test_a_stopped_redis_delays_what_follows_a_cancellation(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None]
) -> None:
    """S11-F03: the place is free at once; the sweep sends the messages and the money."""
    bind_queue(own_redis.url)
    own_redis.stop()
    one = deal(world, "stripe")
    rows = one.pay_unheard()
    cancelled_unseen(one)
    free(one)
    with given_back(one):
        deliver(world, rows)


def test_a_flushed_redis_delays_what_follows_a_cancellation(world: World, redis: Redis) -> None:
    """S11-F04: neither the messages nor the money are lost with the jobs."""
    one = deal(world, "razorpay")
    rows = one.pay_unheard()
    cancelled_unseen(one)
    redis.flushdb()
    free(one)
    with given_back(one):
        deliver(world, rows)
        redis.flushdb()
    assert len(world.mails(world.email(one.owner))) == len(one.told(one.owner)[0])


def test_a_worker_killed_while_it_closes_the_page_leaves_that_to_the_next(world: World) -> None:
    """S11-F05: killed -9 while Stripe hangs; the page does not stay payable."""
    one = deal(world, "stripe")
    cancelled_unseen(one)
    world.move(seconds=25)
    world.faults(gateway="stripe", route="expire", fault="timeout", seconds=8)
    with sweeping_process(world) as worker:
        world.until(lambda: not world.sandbox.sandbox.faults.listed())
        worker.kill()
    world.move(minutes=1)
    world.sweep()
    [session] = world.sandbox.sandbox.store.all("session")
    assert session["status"] == "expired"
    free(one)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("gateway", "fault"),
    [
        pytest.param("stripe", "500", id="S11-F06"),
        pytest.param("razorpay", "timeout", id="S11-F07"),
        pytest.param("stripe", "reset", id="S11-F08"),
        pytest.param("razorpay", "429", id="S11-F09"),
        pytest.param("stripe", "malformed", id="S11-F10"),
    ],
)
def test_a_gateway_without_a_clear_answer_delays_no_cancellation_and_is_asked_until_it_gives_one(
    world: World, impatient: None, gateway: str, fault: str
) -> None:
    """The place is free at once, the payment unresolved; it ends, by the same id, within a minute of an answer."""
    one = deal(world, gateway)
    world.faults(gateway=gateway, route="any", fault=fault, times=99, seconds=2)
    assert cancel(one) == 200
    free(one)
    assert one.state == ("cancelled", "processing")
    world.sandbox.sandbox.faults.clear()
    world.move(seconds=60)
    world.sweep()
    assert one.state == ("cancelled", "none")
    [attempt] = world.all(Attempt)
    assert attempt.provider_ref == one.begun["next"]["provider_ref"]
    assert not attempt.is_live


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_cancellation_asks_before_it_believes_that_nothing_was_paid(world: World, gateway: str) -> None:
    """S11-F11: paid, the callback lost: the client is told that it was paid, and has the booking, once."""
    one = deal(world, gateway)
    world.drop_callbacks()
    one.pay()
    assert cancel(one) == 409
    one.is_confirmed_once()
    world.move(seconds=30)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_money_after_a_cancellation_goes_back_once_however_it_is_told(world: World, gateway: str) -> None:
    """S11-F12, S11-F13, S11-F15: twenty times at once, backwards, after the cancellation: never a revived booking."""
    one = deal(world, gateway)
    rows = list(reversed(one.pay_unheard()))
    cancelled_unseen(one)
    with given_back(one):
        assert set(at_once(*[lambda row=row: post(world, row) for row in rows for _ in range(20)])) == {200}
        deliver(world, rows)
        assert one.state == ("cancelled", "refund_pending")
        free(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_money_long_after_a_cancellation_and_its_deadline_goes_back(world: World, gateway: str) -> None:
    """S11-F14: the hold would have ended too; a free place does not revive what a person ended."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    cancelled_unseen(one)
    world.move(minutes=30)
    with given_back(one):
        deliver(world, rows)
        assert one.state == ("cancelled", "refund_pending")
    free(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_money_for_what_was_cancelled_before_the_gateway_answered_goes_back(world: World, gateway: str) -> None:
    """S11-F16: begun, cancelled in another tab, and paid, all before the answer to the beginning came."""
    one = deal(world, gateway, begun=False)
    with one.slowly():
        world.faults(gateway=gateway, route="any", fault="500", times=9)
        assert cancel(one, again(world, one.client)) == 200
        world.sandbox.sandbox.faults.clear()
        one.pay()
    assert one.state == ("cancelled", "refund_pending")
    one.went_back([["booking_cancelled"], ["booking_cancelled"]])


def test_forged_news_after_a_cancellation_moves_no_money(world: World) -> None:
    """S11-F17: refused and counted; nothing goes back that never came."""
    one = deal(world, "stripe")
    row = one.pay_unheard()[-1]
    cancelled_unseen(one)
    before = len(world.all(InboxEntry))
    assert post(world, row, headers={"Stripe-Signature": "t=1,v1=" + "0" * 64}) == 400
    assert post(world, row, body=row["body"].encode() + b" ") == 400
    assert (len(world.all(InboxEntry)), one.refunds()) == (before, [])
    assert [rejected.count for rejected in world.all(RejectedCallbacks)] == [2]


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_other_money_after_a_cancellation_is_put_aside(world: World, gateway: str) -> None:
    """S11-F18: neither confirmed nor sent back by itself: a person decides."""
    staff = world.person(Role.STAFF)
    one = deal(world, gateway)
    rows = one.pay_unheard(amount=100)
    cancelled_unseen(one)
    deliver(world, rows)
    assert one.state == ("cancelled", "needs_review")
    assert [review.reason for review in world.all(Review)] == ["amount"]
    assert one.told(staff) == [["review_opened"]]
    assert one.refunds() == []
    free(one)


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize(
    ("gateway", "hours"), [("stripe", 1 / 6), ("razorpay", 26), ("mpesa", -1 / 6), ("stripe", -26)]
)
def test_a_node_whose_clock_is_wrong_cancels_and_gives_back_all_the_same(
    world: World, gateway: str, hours: float
) -> None:
    """S11-F19: the place is free at once; money that comes is found by callback or by look-up and goes back once."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    with skewed(world, timedelta(hours=hours)):
        world.faults(gateway=gateway, route="any", fault="500", times=99)
        assert cancel(one) == 200
        assert world.live_places() == 0
        world.sandbox.sandbox.faults.clear()
        assert {post(world, row) for row in rows} <= {200, 400}
    world.move(minutes=2)  # right again: what a clock far behind refused is asked about
    world.sweep()
    world.settle()
    assert one.state[0] == "cancelled"
    assert [refund.reason for refund in one.refunds()] == ["too_late"]
    assert len(captures(world)) == 1


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_client_who_cancels_and_closes_the_browser_has_the_money_back(world: World, gateway: str) -> None:
    """S11-F20: nobody comes back to any page."""
    one = deal(world, gateway)
    cancelled_unseen(one)
    with given_back(one):
        one.pay()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "mpesa"])
def test_cancelling_by_double_click_and_in_two_tabs_is_one_cancellation(world: World, gateway: str) -> None:
    """S11-F21, S11-F22: the same key gets the same answer; another tab learns that it was done."""
    one = deal(world, gateway)
    tabs = [again(world, one.client) for _ in range(4)]
    answers = at_once(*[lambda tab=tab: cancel(one, tab) for tab in tabs])
    assert sorted(answers) == [200, 409, 409, 409]
    free(one)
    assert one.told() == [["booking_cancelled"], ["booking_cancelled"]]
    assert captures(world) == []


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_who_takes_the_place_that_was_cancelled_keeps_it(world: World, gateway: str) -> None:
    """S11-F23: the first one's money comes after all, and goes back."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    cancelled_unseen(one)
    winner = join(world, one.owner, one.service, gateway, start=one.start)
    deliver(world, winner.pay_unheard())
    with given_back(one):
        deliver(world, rows)
    assert winner.state == ("confirmed", "paid")
    assert len([hold for hold in world.all(Hold) if hold.released_at is None]) == 1


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["razorpay", "mpesa"])
def test_a_cancellation_and_a_decline_in_the_same_moment_leave_one_of_them(world: World, gateway: str) -> None:
    """S11-F24: one winner, the other one is told so; what is still paid goes back once."""
    one = deal(world, gateway, "approve_then_pay")
    rows = one.pay_unheard()
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    path = f"/bookings/{one.booking_id}/decline"
    answers = at_once(lambda: cancel(one), lambda: one.owner.post(path, {"reason": "Away."}).status_code)
    assert sorted(answers) == [200, 409]
    assert one.state[0] == ("cancelled" if answers[0] == 200 else "declined")
    world.sandbox.sandbox.faults.clear()
    with given_back(one):
        deliver(world, rows)
