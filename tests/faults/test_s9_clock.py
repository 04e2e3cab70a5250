"""S9: what the clock does: asking gateways, ending what lapsed, freeing places; and that it needs nobody to be well."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis

from app.lib import clock
from app.models import Attempt, Booking, InboxEntry, Review, Role
from tests.conftest import OwnRedis
from tests.faults.clocks import skewed
from tests.faults.database import cut_at, locked, quick_locks, try_to_sweep
from tests.faults.processes import sweeping_process
from tests.support.at_once import at_once
from tests.support.callbacks import deliver, post
from tests.support.deals import Deal, captures, deal, given_back, join
from tests.support.gateways import BY_CODE, SIGNED
from tests.support.world import World


def unseen_payment(world: World, gateway: str = "stripe") -> Deal:
    """Paid, and no callback ever comes."""
    one = deal(world, gateway)
    world.drop_callbacks()
    one.pay()
    return one


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "mpesa"])
@pytest.mark.both_engines
def test_a_sweep_killed_while_the_gateway_hangs_is_made_good_by_the_next(world: World, gateway: str) -> None:
    """S9-F01, S9-F05: killed -9 in the middle of asking; the next pass asks again and confirms."""
    one = unseen_payment(world, gateway)
    world.move(seconds=25)
    world.faults(gateway=gateway, route=BY_CODE[gateway].look_up, fault="timeout", seconds=8)
    with sweeping_process(world) as worker:
        world.until(lambda: not [f for f in world.sandbox.sandbox.faults.listed() if "fault" in f])
        worker.kill()
    assert one.state == ("awaiting_payment", "processing")
    world.move(seconds=60)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.both_engines
def test_a_sweep_that_loses_the_database_is_made_good_by_the_next(world: World) -> None:
    """S9-F02: cut under it while it writes down what the gateway said; what it could not write is found again by time."""
    one, lapsed = unseen_payment(world), deal(world, "razorpay")
    world.move(minutes=16)
    with cut_at(world, "INSERT INTO inbox") as struck:
        try_to_sweep(world)
    assert struck
    _made_good(one, lapsed)


@pytest.mark.both_engines
def test_a_sweep_that_a_migration_keeps_out_is_made_good_by_the_next(world: World) -> None:
    """S9-F25: what it could not write is found again by time."""
    one, lapsed = unseen_payment(world), deal(world, "razorpay")
    world.move(minutes=16)
    with quick_locks(world), locked(world, "inbox"):
        try_to_sweep(world)
    assert one.state[0] == "awaiting_payment"
    _made_good(one, lapsed)


def _made_good(one: Deal, lapsed: Deal) -> None:
    world = one.world
    world.move(minutes=20)
    world.sweep()
    one.is_confirmed_once()
    assert lapsed.state[0] == "expired"
    assert world.live_places() == 1


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_without_redis_the_clock_still_asks_and_ends(
    world: World, own_redis: OwnRedis, bind_queue: Callable[[str], None], gateway: str
) -> None:
    """S9-F03: one pass of the sweep needs the tables and the gateways, nothing else."""
    bind_queue(own_redis.url)
    one, lapsed = unseen_payment(world, gateway), deal(world, gateway)
    own_redis.stop()
    world.move(minutes=16)
    world.sweep()
    one.is_confirmed_once()
    assert lapsed.state[0] == "expired"


def test_a_flushed_redis_moves_no_deadline(world: World, redis: Redis) -> None:
    """S9-F04: no lifetime of a Redis key decides about a hold: it ends neither early nor late."""
    one = deal(world, "stripe")
    redis.flushdb()
    world.move(minutes=14)
    world.sweep()
    assert (one.state[0], world.live_places()) == ("awaiting_payment", 1)
    redis.flushdb()
    world.move(minutes=1, seconds=1)
    assert world.live_places() == 0
    world.sweep()
    assert one.state[0] == "expired"


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("gateway", "fault"),
    [
        pytest.param("stripe", "500", id="S9-F06"),
        pytest.param("razorpay", "timeout", id="S9-F07"),
        pytest.param("mpesa", "reset", id="S9-F08"),
        pytest.param("razorpay", "429", id="S9-F09"),
        pytest.param("stripe", "malformed", id="S9-F10"),
    ],
)
def test_a_gateway_without_a_clear_answer_leaves_the_payment_open_and_the_place_free(
    world: World, impatient: None, gateway: str, fault: str
) -> None:
    """Unresolved: neither failed nor paid, the place kept to the end of the hold only, settled by the first clear answer."""
    one = unseen_payment(world, gateway)
    reference = one.begun["next"]["provider_ref"]
    world.faults(gateway=gateway, route="any", fault=fault, times=99, seconds=2)
    world.move(seconds=30)
    world.sweep()
    assert (one.state, world.live_places()) == (("awaiting_payment", "processing"), 1)
    world.sandbox.sandbox.faults.clear()
    world.move(seconds=60)
    world.sweep()
    one.is_confirmed_once()
    assert [attempt.provider_ref for attempt in world.all(Attempt)] == [reference]


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_an_outage_past_the_hold_keeps_no_place_and_loses_no_payment(world: World, gateway: str) -> None:
    """S9-F06, S9-F20: the seat is free by the clock, the booking waits for the truth, and the truth is asked for."""
    one = unseen_payment(world, gateway)
    world.faults(gateway=gateway, route="any", fault="500", times=999)
    world.move(minutes=16)
    world.sweep()
    assert (one.state, world.live_places()) == (("awaiting_payment", "processing"), 0)
    assert one.time_is_free
    world.sandbox.sandbox.faults.clear()
    world.drop_callbacks()
    world.move(minutes=20)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.parametrize("gateway", BY_CODE)
def test_with_every_callback_lost_the_clock_finds_the_payment_before_it_ends_the_hold(
    world: World, gateway: str
) -> None:
    """S9-F11: the first sweep after everything slept past the deadline asks first, and confirms."""
    one = unseen_payment(world, gateway)
    world.move(minutes=16)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "mpesa"])
def test_eight_sweeps_and_the_callbacks_at_once_have_one_effect(world: World, gateway: str) -> None:
    """S9-F12: passes may overlap each other and the news."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    world.move(seconds=25)

    def sweep() -> int:
        world.sweep()
        return 200

    calls = [sweep] * 4 + [lambda row=row: post(world, row) for row in rows]
    assert set(at_once(*calls)) == {200}
    world.sweep()
    one.is_confirmed_once()


def test_an_expiry_told_after_the_payment_was_found_changes_nothing(world: World) -> None:
    """S9-F13: the clock finds the money first; what the gateway had to tell of before comes after."""
    one = deal(world, "razorpay")
    failure, rows = one.pay_unheard("fail"), one.pay_unheard()
    world.move(seconds=25)
    world.sweep()
    one.is_confirmed_once()
    deliver(world, rows[::-1] + failure)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize(("gateway", "taken"), [("stripe", False), ("razorpay", False), ("stripe", True)])
def test_money_the_clock_finds_after_the_end_takes_a_free_place_or_goes_back(
    world: World, gateway: str, taken: bool
) -> None:
    """S9-F14, S9-F23: late, and found by a look-up; when another client was quicker, that client keeps the place."""
    one = unseen_payment(world, gateway)
    world.move(minutes=16)
    if not taken:
        world.faults(gateway=gateway, route="any", fault="500", times=99)
        world.sweep()
        world.sandbox.sandbox.faults.clear()
        world.move(minutes=20)
        world.sweep()
        one.is_confirmed_once()
        return
    winner = join(world, one.owner, one.service, gateway, start=one.start)
    world.sandbox.sandbox.faults.clear()
    winner.pay()
    with given_back(one):
        world.sweep()
        assert one.state[1] in ("refund_pending", "refunded")
    assert winner.state == ("confirmed", "paid")


@pytest.mark.any_gateway
@pytest.mark.parametrize(("gateway", "end"), [("stripe", "cancel"), ("razorpay", "decline")])
def test_money_the_clock_finds_after_a_cancel_or_decline_goes_back(world: World, gateway: str, end: str) -> None:
    """S9-F15, S9-F24: the gateway was away when the booking was ended; what was paid there meanwhile comes back."""
    one = deal(world, gateway, "approve_then_pay")
    world.drop_callbacks()
    one.pay()
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    who = {"cancel": one.client, "decline": one.owner}[end]
    assert who.post(f"/bookings/{one.booking_id}/{end}", {"reason": "Something came up."}).status_code == 200
    world.sandbox.sandbox.faults.clear()
    with given_back(one):
        world.move(minutes=2)
        world.sweep()
    assert one.state == ({"cancel": "cancelled", "decline": "declined"}[end], "refunded")


@pytest.mark.parametrize("wish", [{"amount": 100}, {"currency": "kes"}])
def test_other_money_that_the_clock_finds_is_put_aside(world: World, wish: dict[str, object]) -> None:
    """S9-F18: a look-up's answer is compared like a callback; no later pass confirms it; the place is freed."""
    staff = world.person(Role.STAFF)
    one = deal(world, "stripe")
    world.drop_callbacks()
    one.pay(**wish)
    for _ in range(3):
        world.move(minutes=10)
        world.sweep()
    assert (one.state, world.live_places()) == (("expired", "needs_review"), 0)
    assert [entry.state for entry in world.all(InboxEntry)] == ["review"]
    assert [review.reason for review in world.all(Review)] == ["amount"]
    assert one.told(staff) == [["review_opened"]]


@pytest.mark.in_turn
@pytest.mark.parametrize("hours", [-26, -1 / 6, 1 / 6, 26])
def test_a_hold_lasts_as_long_on_a_node_whose_clock_is_wrong(world: World, hours: float) -> None:
    """S9-F19: neither early nor late; and a node that differs from the database says that it is not ready."""
    assert world.app.test_client().get("/readyz").status_code == 200
    with skewed(world, timedelta(hours=hours)):
        assert world.app.test_client().get("/readyz").status_code == 503
        one = deal(world, "razorpay")
        world.move(minutes=13)
        world.sweep()
        assert (one.state[0], world.live_places()) == ("awaiting_payment", 1)
        world.move(minutes=2, seconds=1)
        assert world.live_places() == 0
        world.sweep()
        assert one.state[0] == "expired"


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "mpesa"])
def test_who_closed_the_browser_without_paying_blocks_nobody(world: World, gateway: str) -> None:
    """S9-F20: the place is free by the clock alone, and the page left open at the gateway cannot be paid any more."""
    one = deal(world, gateway)
    world.move(minutes=15, seconds=1)
    other = world.book(world.person(), one.service, one.start)
    assert other["booking"]["status"] == "awaiting_payment"
    world.settle()
    world.sweep()
    assert one.state[0] == "expired"
    assert captures(world) == []


@pytest.mark.both_engines
def test_two_users_at_the_moment_a_hold_ends_leave_one_place_taken_once(world: World) -> None:
    """S9-F23: the first one's payment and the second one's request in the same moment."""
    one = deal(world, "razorpay")
    rows = one.pay_unheard()
    world.move(minutes=15, seconds=1)
    stranger = world.person()
    body = {"service_id": one.service, "start": one.start}
    answers = at_once(
        lambda: stranger.post("/bookings", body).status_code, lambda: post(world, rows[-1]), lambda: _swept(world)
    )
    assert answers[1:] == [200, 200]
    assert world.live_places() == 1
    first_won = one.state == ("confirmed", "paid")
    assert answers[0] == (409 if first_won else 201)
    if not first_won:
        assert one.state[1] in ("refund_pending", "refunded", "processing", "paid")
        deliver(world, rows)
        assert one.state[1] in ("refund_pending", "refunded")


def _swept(world: World) -> int:
    world.sweep()
    return 200


@pytest.mark.both_engines
def test_a_decision_and_the_deadline_in_the_same_moment_leave_one_of_them(world: World) -> None:
    """S9-F24: expired or declined, told accordingly; the place is free either way."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "approve_then_pay"))
    [row] = world.all(Booking)
    world.move(seconds=(row.deadline_at - clock.now()).total_seconds() + 0.1)
    path = f"/bookings/{made['booking']['id']}/decline"
    answers = at_once(
        lambda: owner.post(path, {"reason": "Away."}).status_code, lambda: _swept(world), lambda: _swept(world)
    )
    assert answers == [409, 200, 200]
    assert world.booking(client, made["booking"]["id"])["status"] == "expired"
    assert world.live_places() == 0


@pytest.mark.both_engines
def test_a_booking_an_older_version_left_lapses_like_any_other(world: World) -> None:
    """S9-F25: without a policy, without a planned look-up."""
    one = deal(world, "razorpay")
    with world.rows() as session:
        session.query(Attempt).one().next_look_up_at = None
        session.query(Booking).one().policy = {}
        session.commit()
    world.move(minutes=16)
    world.sweep()
    assert (one.state[0], world.live_places()) == ("expired", 0)


@pytest.mark.parametrize("end", ["cancel", "decline"])
def test_money_that_cannot_be_sent_back_because_its_receipt_was_never_told_is_credit(world: World, end: str) -> None:
    """S9-F15, S9-F24: M-Pesa's query says paid and names no receipt, without which nothing can be reversed."""
    one = deal(world, "mpesa", "approve_then_pay")
    world.drop_callbacks()
    one.pay()
    world.faults(gateway="mpesa", route="any", fault="500", times=99)
    who = {"cancel": one.client, "decline": one.owner}[end]
    assert who.post(f"/bookings/{one.booking_id}/{end}", {"reason": "Something came up."}).status_code == 200
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=2)
    world.sweep()
    [refund] = one.refunds()
    assert (refund.status, refund.means, refund.amount) == ("done", "wallet", captures(world)[0])
    assert one.told(one.client)[0][-1] == "payment_credited"
    assert captures(world, "refund") == []
