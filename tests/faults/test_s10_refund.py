"""S10: money goes back once, under one key for ever, whatever fails on the way."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from app.gateways.base import RefundFailed
from app.models import Attempt, InboxEntry, Refund, RejectedCallbacks
from app.services.core.transaction import transaction
from app.services.ledger import refunds
from sandbox.control import acts
from tests.conftest import OwnRedis
from tests.faults.clocks import skewed
from tests.faults.database import cut_at, locked, quick_locks, try_to_sweep
from tests.faults.people import cancel_at
from tests.faults.processes import killed_before_the_queue, sweeping_process
from tests.support.at_once import Meanwhile, again, at_once
from tests.support.callbacks import deliver, held, hold_news, post
from tests.support.deals import Deal, captures, deal
from tests.support.gateways import BY_CODE, SIGNED
from tests.support.world import World


def owed(world: World, gateway: str = "stripe") -> Deal:
    """A paid booking that the practitioner has cancelled: its refund stands in the table, and nobody was called yet."""
    one = deal(world, gateway)
    one.pay()
    assert one.owner.post(f"/bookings/{one.booking_id}/cancel", {"reason": "Ill."}).status_code == 200
    assert one.state == ("cancelled", "refund_pending")
    return one


def back_once(one: Deal) -> None:
    """All of the money is back, by one refund, and the client was told so once."""
    assert one.state == ("cancelled", "refunded")
    [refund] = one.refunds()
    assert (refund.status, captures(one.world, "refund")) == ("done", captures(one.world))
    assert one.told(one.client)[0].count("refund_done") == 1


def key_of(one: Deal) -> str:
    """The key under which the refund is, and will ever be, asked for."""
    return one.refunds()[0].key


def at_the_gateway(one: Deal) -> int:
    """How many refunds the gateway has made or begun."""
    return len(one.world.sandbox.sandbox.store.all(BY_CODE[one.gateway].refund))


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_a_web_process_killed_after_the_cancellation_leaves_the_refund_to_the_sweep(world: World, gateway: str) -> None:
    """S10-F01: it had told nobody yet; the row was in the commit of the cancellation."""
    one = deal(world, gateway)
    one.pay()
    killed_before_the_queue(world, lambda url: cancel_at(one, url))
    assert (one.state, at_the_gateway(one)) == (("cancelled", "refund_pending"), 0)
    world.sweep()
    world.settle()
    back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_a_database_lost_between_the_call_and_its_answer_leads_to_a_look_not_to_a_second_refund(
    world: World, gateway: str
) -> None:
    """S10-F02: the gateway has sent it, we could not write so; the same key finds it."""
    one = owed(world, gateway)
    world.drop_callbacks()
    key = key_of(one)
    world.faults(gateway=gateway, route="refund", fault="slow", when="after", seconds=8)
    sweeping = Meanwhile(lambda: try_to_sweep(world))
    world.until_it_thinks(lambda: at_the_gateway(one) == 1)
    with cut_at(world, "UPDATE refunds") as struck:
        world.let_go()
        sweeping.result()
    assert struck
    assert one.state == ("cancelled", "refund_pending")
    world.move(minutes=2)
    world.sweep()
    assert key_of(one) == key
    back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "mpesa"])
def test_a_stopped_redis_only_delays_a_refund(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None], gateway: str
) -> None:
    """S10-F03: found in the table by the sweep."""
    bind_queue(own_redis.url)
    own_redis.stop()
    one = owed(world, gateway)
    world.sweep()
    world.settle()
    back_once(one)


def test_a_flushed_redis_only_delays_a_refund(world: World, redis: Redis) -> None:
    """S10-F04: the job is gone, the row is not; nor is it sent again after."""
    one = owed(world, "razorpay")
    redis.flushdb()
    world.sweep()
    redis.flushdb()
    world.move(minutes=2)
    world.sweep()
    world.settle()
    back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_a_worker_killed_while_the_gateway_sends_the_money_never_sends_it_twice(world: World, gateway: str) -> None:
    """S10-F05: killed -9 with the refund made and its answer not read; the next one looks before it asks."""
    one = owed(world, gateway)
    world.drop_callbacks()
    key = key_of(one)
    world.faults(gateway=gateway, route="refund", fault="timeout", when="after", seconds=8)
    with sweeping_process(world) as worker:
        world.until(lambda: at_the_gateway(one) == 1)
        worker.kill()
    assert one.state == ("cancelled", "refund_pending")
    world.move(minutes=2)
    world.sweep()
    assert key_of(one) == key
    back_once(one)


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("gateway", "fault", "when"),
    [
        pytest.param("stripe", "500", "before", id="S10-F06 not done"),
        pytest.param("razorpay", "500", "after", id="S10-F06 done"),
        pytest.param("stripe", "timeout", "after", id="S10-F07"),
        pytest.param("razorpay", "reset", "after", id="S10-F08"),
        pytest.param("stripe", "429", "before", id="S10-F09"),
        pytest.param("razorpay", "malformed", "after", id="S10-F10"),
    ],
)
def test_an_unclear_answer_to_a_refund_is_asked_again_with_the_same_key(
    world: World, impatient: None, gateway: str, fault: str, when: str
) -> None:
    """On its way until the gateway says so, whether it was made or not; one refund in the end."""
    one = owed(world, gateway)
    world.drop_callbacks()
    key = key_of(one)
    world.faults(gateway=gateway, route="refund", fault=fault, when=when, times=2, seconds=2)
    world.sweep()
    assert one.state == ("cancelled", "refund_pending")
    world.sandbox.sandbox.faults.clear()
    world.drop_callbacks()
    world.move(seconds=60)
    world.sweep()
    assert key_of(one) == key
    back_once(one)


@pytest.mark.parametrize("fault", ["500", "reset", "malformed"])
def test_an_unclear_answer_to_an_mpesa_reversal_is_settled_by_its_result(world: World, fault: str) -> None:
    """S10-F06, S10-F08, S10-F10: Daraja knows no key, so nothing is asked twice; the result says what became of it."""
    one = owed(world, "mpesa")
    hold_news(world)
    world.faults(gateway="mpesa", route="refund", fault=fault, when="after", times=1)
    world.sweep()
    world.move(minutes=2)
    world.sweep()
    assert one.state == ("cancelled", "refund_pending")
    deliver(world, held(world))
    back_once(one)


def test_a_reversal_that_was_turned_away_is_asked_for_by_the_next_try(world: World) -> None:
    """S10-F09 (delayed): nothing was sent, for certain, so without a key too there is no second one."""
    one = owed(world, "mpesa")
    world.faults(gateway="mpesa", route="refund", fault="429", times=1)
    world.sweep()
    assert (one.state, captures(world, "refund")) == (("cancelled", "refund_pending"), [])
    world.move(seconds=60)
    world.sweep()
    world.settle()
    back_once(one)


@pytest.mark.parametrize("gateway", SIGNED)
def test_a_refund_whose_callback_is_lost_is_looked_up(world: World, gateway: str) -> None:
    """S10-F11: the gateway takes its time and nobody hears of the end."""
    one = owed(world, gateway)
    world.drop_callbacks()
    world.faults(gateway=gateway, route="refund", fault="refund_pending")
    world.sweep()
    assert one.state == ("cancelled", "refund_pending")
    _succeed(one)
    world.move(seconds=60)
    world.sweep()
    back_once(one)


def test_a_refund_that_has_only_begun_is_not_called_done_by_news_that_names_none(world: World) -> None:
    """S10-F13, complaint 20: Stripe's charge.refunded is told at the beginning; the bank may still take days, or say no."""
    one = owed(world)
    hold_news(world)
    world.faults(gateway="stripe", route="refund", fault="refund_pending")
    world.sweep()
    deliver(world, held(world))
    world.sweep()
    [row] = one.refunds()
    assert (row.status, one.state, at_the_gateway(one)) == ("sent", ("cancelled", "refund_pending"), 1)
    _succeed(one)
    world.move(minutes=2)
    world.sweep()
    back_once(one)


def _succeed(one: Deal) -> None:
    """The bank has sent the money that was on its way."""
    [refund] = one.world.sandbox.sandbox.store.all(BY_CODE[one.gateway].refund)
    acts.ACTS[one.gateway, "refunds"]["succeed"](one.world.sandbox.sandbox, refund["id"])


def pending_refund(world: World, gateway: str) -> Deal:
    """The refund is under way at the gateway, and what it will tell of it is kept back."""
    one = owed(world, gateway)
    hold_news(world)
    if gateway != "mpesa":
        world.faults(gateway=gateway, route="refund", fault="refund_pending")
    world.sweep()
    if gateway != "mpesa":
        _succeed(one)
    assert one.state == ("cancelled", "refund_pending")
    return one


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_twenty_copies_of_a_refunds_news_have_one_effect(world: World, gateway: str) -> None:
    """S10-F12: all acknowledged, one message."""
    one = pending_refund(world, gateway)
    rows = held(world)
    assert set(at_once(*[lambda row=row: post(world, row) for row in rows for _ in range(20)])) == {200}
    deliver(world, rows)
    world.sweep()
    back_once(one)


@pytest.mark.parametrize("gateway", SIGNED)
def test_a_refunds_news_in_reverse_ends_the_same(world: World, gateway: str) -> None:
    """S10-F13: "created" after "done" takes nothing back."""
    one = pending_refund(world, gateway)
    deliver(world, list(reversed(held(world))))
    world.move(minutes=2)
    world.sweep()
    back_once(one)


def test_a_success_told_after_the_failure_that_followed_it_is_asked_about_and_changes_nothing(world: World) -> None:
    """S10-F13, invariant 3: Stripe's refund succeeded and then failed; told backwards it is failed all the same."""
    one = pending_refund(world, "stripe")
    [refund] = world.sandbox.sandbox.store.all("refund")
    acts.ACTS["stripe", "refunds"]["fail"](world.sandbox.sandbox, refund["id"])
    deliver(world, list(reversed(held(world))))
    world.sweep()
    [row] = one.refunds()
    assert (row.status, row.next_try_at, one.state) == ("failed", None, ("cancelled", "refund_pending"))
    assert one.told(one.client)[0].count("refund_done") == 0


def test_a_success_that_is_true_ends_a_refund_called_failed(world: World) -> None:
    """S10-F13: the gateway, asked because its news disagree, says that the money went back."""
    one = pending_refund(world, "stripe")
    with world.app.app_context(), transaction() as session:
        [wrong] = world.sandbox.sandbox.store.all("refund")
        said = RefundFailed("lost", refund_ref=wrong["id"], refund_key=key_of(one))
        assert refunds.try_apply(session.query(Attempt).one(), said)
    assert one.refunds()[0].status == "failed"
    deliver(world, held(world))
    world.sweep()
    back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_refunds_news_days_later_still_settles_it(world: World, gateway: str) -> None:
    """S10-F14, S10-F15: long after the booking ended and after the session would have been."""
    one = pending_refund(world, gateway)
    rows = held(world)
    world.move(days=4)
    deliver(world, rows)
    back_once(one)
    world.sweep()
    back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_money_that_came_after_a_decline_goes_back_once(world: World, gateway: str) -> None:
    """S10-F15: the refund of money that nobody waited for any more, its own news told late and twice."""
    one = deal(world, gateway, "approve_then_pay")
    rows = one.pay_unheard()
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    one.owner.post(f"/bookings/{one.booking_id}/decline", {"reason": "Away."})
    world.sandbox.sandbox.faults.clear()
    deliver(world, rows)
    hold_news(world)
    world.sweep()
    deliver(world, held(world))
    assert one.state == ("declined", "refunded")
    assert captures(world, "refund") == captures(world)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_a_refunds_news_that_overtakes_the_answer_settles_it_once(world: World, gateway: str) -> None:
    """S10-F16: told before our own call has returned."""
    one = owed(world, gateway)
    world.faults(gateway=gateway, route="refund", fault="slow", when="after", seconds=8)

    def look() -> None:
        world.until(lambda: one.refunds()[0].status == "done")
        world.settle()
        world.let_go()

    at_once(lambda: world.sweep() and None, look)
    back_once(one)


@pytest.mark.parametrize("gateway", SIGNED)
def test_forged_news_of_a_refund_is_refused_and_counted(world: World, gateway: str) -> None:
    """S10-F17: a client cannot be made to believe that the money is back."""
    one = pending_refund(world, gateway)
    row = held(world)[-1]
    header = BY_CODE[gateway].signature
    before = len(world.all(InboxEntry))
    assert post(world, row, headers={header: "t=1,v1=" + "0" * 64}) == 400
    assert post(world, row, body=row["body"].encode() + b" ") == 400
    assert one.state == ("cancelled", "refund_pending")
    assert len(world.all(InboxEntry)) == before
    assert [rejected.count for rejected in world.all(RejectedCallbacks)] == [2]


def test_a_forged_result_of_a_reversal_is_refused(world: World) -> None:
    """S10-F17: at an address we never made, or without a result, at ours."""
    one = pending_refund(world, "mpesa")
    [row] = held(world)
    assert post(world, row | {"target": row["target"][:-3] + "abc"}) == 404
    assert post(world, row, body=b'{"Result": {"ResultCode": null}}') == 400
    assert one.state == ("cancelled", "refund_pending")
    assert [rejected.count for rejected in world.all(RejectedCallbacks)] == [2]


@pytest.mark.parametrize("gateway", BY_CODE)
def test_authentic_news_of_another_amount_back_is_never_called_refunded(world: World, gateway: str) -> None:
    """S10-F18: signed, about our refund, with another amount: kept, and a person is called."""
    one = pending_refund(world, gateway)
    for row in held(world):
        assert post(world, row | {"body": _less(row["body"])}) == 200
    assert one.state[1] in ("refund_pending", "needs_review")


def _less(body: str) -> str:
    """The same news of a tenth of the money."""
    return json.dumps(_shrunk(json.loads(body)))


def _shrunk(value: Any) -> Any:
    if isinstance(value, list):
        return [_shrunk(item) for item in value]
    if not isinstance(value, dict):
        return value
    small = {key: _shrunk(each) for key, each in value.items()}
    for key in ("amount", "amount_refunded"):
        if isinstance(small.get(key), int):
            small[key] = small[key] // 10
    if small.get("Key") == "Amount":
        small["Value"] = small["Value"] / 10
    return small


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize(
    ("gateway", "hours"), [("stripe", 1 / 6), ("stripe", 26), ("razorpay", -1 / 6), ("razorpay", -26)]
)
def test_a_clock_that_is_wrong_sends_the_money_once_all_the_same(world: World, gateway: str, hours: float) -> None:
    """S10-F19: ours only says when to try; the key says whether it was done."""
    one = deal(world, gateway)
    one.pay()
    with skewed(world, timedelta(hours=hours)):
        one.owner.post(f"/bookings/{one.booking_id}/cancel", {"reason": "Ill."})
        world.faults(gateway=gateway, route="refund", fault="reset", when="after", times=2)
        world.sweep()
        world.move(seconds=60)
        world.sweep()
        back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_money_goes_back_to_a_client_who_is_gone(world: World, gateway: str) -> None:
    """S10-F20: nobody has to look at a page for it."""
    one = owed(world, gateway)
    client, one.client.http = one.client.http, None  # type: ignore[assignment]
    world.sweep()
    world.settle()
    assert captures(world, "refund") == captures(world)
    one.client.http = client
    back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_cancelling_twice_from_two_tabs_and_from_both_sides_gives_one_refund(world: World, gateway: str) -> None:
    """S10-F21, S10-F22, S10-F24: one of them cancels, the others learn that it was done."""
    one = deal(world, gateway)
    one.pay()
    callers = [again(world, one.client), again(world, one.client), one.owner]
    path = f"/bookings/{one.booking_id}/cancel"
    answers = at_once(*[lambda who=who: who.post(path, {"reason": "No."}).status_code for who in callers * 2])
    assert sorted(answers) == [200] + [409] * 5
    at_once(world.sweep, world.sweep, world.sweep)
    world.settle()
    back_once(one)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_a_refund_an_older_version_was_killed_over_is_finished_by_this_one(world: World, gateway: str) -> None:
    """S10-F25: sent by the old process, which named no charge in the row and was stopped by the deploy."""
    one = owed(world, gateway)
    world.drop_callbacks()
    world.faults(gateway=gateway, route="refund", fault="reset", when="after", times=2)
    world.sweep()
    with world.rows() as session:
        session.query(Refund).one().charge_ref = ""
        session.commit()
    world.sandbox.sandbox.faults.clear()
    world.drop_callbacks()
    world.move(minutes=2)
    with quick_locks(world), locked(world, "refunds"):
        try_to_sweep(world)
    assert at_the_gateway(one) == 1
    world.move(minutes=2)
    world.sweep()
    assert [row.status for row in world.all(Attempt)] == ["paid"]
    back_once(one)
