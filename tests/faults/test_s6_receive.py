"""S6: a callback is received, verified and recorded, whatever happens to it or to us on the way."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis

from app.models import Booking, InboxEntry, RejectedCallbacks, Review, Role
from tests.conftest import OwnRedis
from tests.faults.clocks import skewed
from tests.faults.database import cut_at, locked, quick_locks
from tests.faults.processes import killed_while_blocked, sweeping_process
from tests.support.at_once import at_once
from tests.support.callbacks import deliver, nobody_knows_it, post
from tests.support.deals import captures, deal, phone
from tests.support.gateways import BY_CODE, SIGNED
from tests.support.world import World


def test_a_web_process_killed_while_it_receives_keeps_nothing_and_the_repetition_confirms(world: World) -> None:
    """S6-F01: killed -9 while it writes the inbox; the vendor got no answer and tells it again."""
    one = deal(world, "razorpay")
    rows = one.pay_unheard()
    killed_while_blocked(world, rows[0], "inbox")
    one.nothing_has_come()
    deliver(world, rows)
    one.is_confirmed_once()


def test_a_database_that_fails_over_under_a_callback_keeps_nothing_and_asks_for_it_again(world: World) -> None:
    """S6-F02: 503, never a 2xx for what was not seen to be committed."""
    one = deal(world, "stripe")
    rows = one.pay_unheard()
    with cut_at(world, "INSERT INTO inbox") as struck:
        assert post(world, rows[0]) == 503
    assert struck
    one.nothing_has_come()
    deliver(world, rows)
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_a_callback_during_a_migration_is_put_off_and_comes_again_by_itself(world: World, gateway: str) -> None:
    """S6-F25: 503 while the migration has the lock, and the vendor's own repetition confirms."""
    one = deal(world, gateway)
    with quick_locks(world), locked(world, "inbox"):
        one.pay()
        log = world.sandbox.sandbox.courier.log()
        assert 503 in {attempt["status"] for row in log for attempt in row["attempts"]}
    world.move(seconds=2)
    world.until(lambda: all(row["status"] == "delivered" for row in world.sandbox.sandbox.courier.log()))
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_callback_confirms_while_redis_is_down(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None], gateway: str
) -> None:
    """S6-F03, S7-F03: the queue is no part of receiving or applying."""
    bind_queue(own_redis.url)
    one = deal(world, gateway)
    own_redis.stop()
    one.pay()
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_callback_between_two_flushes_of_redis_confirms_once(world: World, redis: Redis, gateway: str) -> None:
    """S6-F04, S7-F04: nothing that decides about money is kept there."""
    one = deal(world, gateway)
    redis.flushdb()
    one.pay()
    redis.flushdb()
    world.sweep()
    one.is_confirmed_once()


def test_a_worker_killed_while_it_asks_the_gateway_hinders_no_callback(world: World) -> None:
    """S6-F05: its look-up had put off the next one and held nothing open."""
    one = deal(world, "razorpay")
    world.move(seconds=25)
    world.faults(gateway="razorpay", route="payments", fault="timeout", seconds=8)
    with sweeping_process(world) as worker:
        world.until(lambda: not world.sandbox.sandbox.faults.listed())
        worker.kill()
    one.pay()
    one.is_confirmed_once()
    world.move(minutes=2)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("500", id="S6-F06"),
        pytest.param("timeout", id="S6-F07"),
        pytest.param("reset", id="S6-F08"),
        pytest.param("429", id="S6-F09"),
        pytest.param("malformed", id="S6-F10"),
    ],
)
def test_a_callback_that_needs_the_gateways_word_waits_for_it(world: World, impatient: None, fault: str) -> None:
    """Recorded but not believed while the gateway gives no clear answer; settled within 60 s of one, by no second push."""
    one = deal(world, "mpesa")
    world.faults(gateway="mpesa", route="query", fault=fault, times=9, seconds=2)
    one.pay()
    world.sweep()
    assert [entry.source for entry in world.all(InboxEntry)] == ["callback"]
    assert one.state == ("awaiting_payment", "processing")
    world.sandbox.sandbox.faults.clear()
    world.move(seconds=60)
    world.sweep()
    one.is_confirmed_once()
    assert len(world.sandbox.sandbox.store.all("prompt")) == 1


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_a_signed_callback_needs_nothing_of_a_gateway_that_is_down(world: World, gateway: str) -> None:
    """S6-F06: the signature is the proof, so a vendor whose API is away can still be believed."""
    one = deal(world, gateway)
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    one.pay()
    one.is_confirmed_once()


@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_lost_callback_leaves_the_payment_open_until_the_gateway_is_asked(world: World, gateway: str) -> None:
    """S6-F11: found out within a minute, with the same payment at the gateway."""
    one = deal(world, gateway)
    world.drop_callbacks()
    one.pay()
    one.nothing_has_come()
    world.move(seconds=60)
    world.sweep()
    one.is_confirmed_once()
    assert len(captures(world)) == 1


@pytest.mark.parametrize("gateway", BY_CODE)
def test_twenty_copies_at_once_and_two_after_have_one_effect(world: World, gateway: str) -> None:
    """S6-F12, S7-F12: all are acknowledged, one counts."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    answers = at_once(*[lambda row=row: post(world, row) for row in rows for _ in range(20)])
    assert set(answers) == {200}
    deliver(world, rows + rows)
    assert len([entry for entry in world.all(InboxEntry) if entry.source == "callback"]) == len(rows)
    one.is_confirmed_once()


@pytest.mark.parametrize("gateway", BY_CODE)
def test_callbacks_in_reverse_end_in_the_same_state(world: World, gateway: str) -> None:
    """S6-F13: a failure that was before the success, told after it, changes nothing."""
    one = deal(world, gateway)
    earlier = one.pay_unheard("timeout" if gateway == "mpesa" else BY_CODE[gateway].fails)
    rows = one.pay_unheard(**({"anyway": True} if gateway == "mpesa" else {}))
    assert earlier
    deliver(world, rows[::-1])
    world.move(seconds=30)
    world.sweep()  # an unsigned success is cross-checked first; a contradiction before that is for a person
    deliver(world, earlier)
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_callback_after_expiry_takes_the_free_place_again(world: World, gateway: str) -> None:
    """S6-F14, S7-F14 (late): the place is free; the booking had ended by the clock and in the table."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    world.move(minutes=16)
    world.sweep()
    assert world.live_places() == 0
    deliver(world, rows)
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=1)
    world.sweep()  # a callback that nobody signed waits for the gateway's own word
    one.is_confirmed_once()
    assert world.live_places() == 1


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_callback_that_overtakes_the_answer_to_the_beginning_is_matched(world: World, gateway: str) -> None:
    """S6-F16, S7-F16: the payer was quicker than our own call; the answer that comes after changes nothing."""
    one = deal(world, gateway, begun=False)
    with one.slowly():
        one.pay()
        assert (one.attempt().step, one.attempt().status) == (None, "paid")
    one.is_paid_once()


def test_a_callback_about_a_payment_nobody_knows_yet_is_kept_and_matched_by_the_sweep(world: World) -> None:
    """S6-F16: acknowledged only because it is stored; a minute later it has its effect."""
    one = deal(world, "stripe")
    rows = one.pay_unheard()
    with nobody_knows_it(world):
        deliver(world, rows)
        assert {entry.state for entry in world.all(InboxEntry)} == {"unmatched"}
    world.move(seconds=60)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.parametrize("gateway", SIGNED)
def test_a_forged_callback_is_refused_counted_and_leaves_nothing(world: World, gateway: str) -> None:
    """S6-F17: another signature, another body, another secret's age: 400, one count each in one row."""
    one = deal(world, gateway)
    row = one.pay_unheard()[-1]
    header = BY_CODE[gateway].signature
    assert post(world, row, headers={header: "t=1,v1=" + "0" * 64}) == 400
    assert post(world, row, headers={header: ""}) == 400
    assert post(world, row, body=row["body"].replace("EUR", "USD").replace("id", "ID").encode()) == 400
    one.nothing_has_come()
    assert [rejected.count for rejected in world.all(RejectedCallbacks)] == [3]


def test_the_first_forged_callbacks_of_a_day_at_once_are_all_refused_and_counted(world: World) -> None:
    """S6-F17, S6-F12: 400 each, never an error; one row counts them all."""
    for number in range(1, 4):
        answers = at_once(*[lambda: _forged(world) for _ in range(8)])
        assert answers == [400] * 8
        assert [rejected.count for rejected in world.all(RejectedCallbacks)] == [8] * number
        world.move(days=1)


def _forged(world: World) -> int:
    return world.app.test_client().post("/callbacks/stripe", data=b"{}").status_code


def test_a_flood_of_forged_callbacks_costs_few_writes_and_is_counted_all_the_same(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody may send them: from the thousandth on one in a hundred is written down, and logged; ours are heard meanwhile."""
    world.move(days=40)  # of this day nobody has counted any
    one = deal(world, "stripe")
    client = world.app.test_client()
    for _ in range(1_250):
        assert client.post("/callbacks/stripe", data=b"{}").status_code == 400
    assert [rejected.count for rejected in world.all(RejectedCallbacks)] == [1_200]
    assert caplog.text.count("callback.rejected") == 1_002
    assert world.all(InboxEntry) == []
    one.pay()
    assert one.attempt().status == "paid"


def test_a_forged_mpesa_callback_is_refused_at_a_guessed_and_at_the_right_address(world: World) -> None:
    """S6-F17: an address we never made is 404; a body that is no callback is 400 and counted."""
    one = deal(world, "mpesa")
    [row] = one.pay_unheard()
    assert post(world, row | {"target": row["target"][:-3] + "abc"}) == 404
    assert post(world, row, body=b'{"Body": {"stkCallback": {"ResultCode": 0}}}') == 400
    one.nothing_has_come()
    assert [rejected.count for rejected in world.all(RejectedCallbacks)] == [2]


@pytest.mark.parametrize(
    ("gateway", "wish"),
    [
        pytest.param("stripe", {"amount": 100}, id="stripe amount S6-F18"),
        pytest.param("stripe", {"currency": "kes"}, id="stripe currency S6-F18"),
        pytest.param("razorpay", {"amount": 100}, id="razorpay amount S6-F18"),
        pytest.param("mpesa", {"amount": 1}, id="mpesa amount S6-F18"),
    ],
)
def test_authentic_news_of_other_money_is_put_aside_and_staff_are_called(
    world: World, gateway: str, wish: dict[str, object]
) -> None:
    """Stored, never confirmed, a person told; repeating it changes nothing."""
    staff = world.person(Role.STAFF)
    one = deal(world, gateway)
    rows = one.pay_unheard(**wish)
    deliver(world, rows + rows)
    assert one.state == ("awaiting_payment", "needs_review")
    assert "review" in {entry.state for entry in world.all(InboxEntry)}
    [review] = world.all(Review)
    assert (review.reason, review.resolved_at) == ("amount", None)
    assert one.told(staff) == [["review_opened"]]


def test_one_payments_news_at_another_ones_address_confirms_neither(world: World) -> None:
    """S6-F18: the right token with the wrong ids, and another phone's number, are for a person to look at."""
    staff = world.person(Role.STAFF)
    mine, other = deal(world, "mpesa"), deal(world, "mpesa")
    [row] = mine.pay_unheard()
    target = world.sandbox.sandbox.store.get("prompt", other.begun["next"]["provider_ref"])
    assert target
    assert post(world, row | {"target": target["callback_url"]}) == 200
    assert mine.state == ("awaiting_payment", "processing")
    assert other.state == ("awaiting_payment", "needs_review")
    assert mine.told(staff) == [["review_opened"]]
    lie = json.loads(row["body"].replace(phone(mine.client)[1:], "254700009999"))
    assert post(world, row, body=json.dumps(lie).encode()) == 200
    assert mine.state == ("awaiting_payment", "needs_review")


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize(
    ("gateway", "hours"), [("stripe", 1 / 6), ("stripe", 26), ("razorpay", -1 / 6), ("mpesa", -26)]
)
def test_a_node_whose_clock_is_wrong_still_confirms_once(world: World, gateway: str, hours: float) -> None:
    """S6-F19, S7-F19: a signature that looks too old is not believed, so then the gateway is asked; nothing is lost."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    with skewed(world, timedelta(hours=hours)):
        assert {post(world, row) for row in rows} <= {200, 400}
        world.sweep()
        one.is_confirmed_once()
    world.sweep()
    one.is_confirmed_once()
    assert len(captures(world)) == 1


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_payer_who_never_comes_back_has_the_booking_all_the_same(world: World, gateway: str) -> None:
    """S6-F20, S7-F20: no browser, no session, no return page: the callback alone."""
    one = deal(world, gateway)
    one.client.http = None  # type: ignore[assignment]  # the browser is closed for good
    one.pay()
    assert [booking.status for booking in world.all(Booking)] == ["confirmed"]
    assert [len(told) for told in one.told()] == [1, 1]
