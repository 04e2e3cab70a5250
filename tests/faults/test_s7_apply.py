"""S7: news that was received is applied: confirmed or given back, in one transaction, whatever comes in between."""

import pytest

from app.models import Attempt, Booking, Hold, InboxEntry, Refund
from sandbox.core.signing import checkout_signature
from tests.faults.database import cut_at, locked, quick_locks
from tests.faults.processes import killed_while_blocked, sweeping_process
from tests.support.at_once import again, at_once
from tests.support.callbacks import deliver, held, hold_news, nobody_knows_it, post
from tests.support.deals import Deal, captures, credited, deal, given_back, join
from tests.support.gateways import BY_CODE, SIGNED
from tests.support.world import World


@pytest.mark.both_engines
def test_a_web_process_killed_while_it_applies_loses_nothing_although_the_vendor_tells_it_once(world: World) -> None:
    """S7-F01: M-Pesa does not repeat; what was stored first is settled by the sweep, what was not is asked for."""
    one = deal(world, "mpesa")
    [row] = one.pay_unheard()
    killed_while_blocked(world, row, "attempts")
    assert [entry.state for entry in world.all(InboxEntry)] in ([], ["received"])
    assert one.state == ("awaiting_payment", "processing")
    assert one.told() == [[], []]
    world.move(seconds=60)
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
@pytest.mark.both_engines
def test_a_failover_while_applying_undoes_all_of_it_and_the_repetition_does_all_of_it(
    world: World, gateway: str
) -> None:
    """S7-F02: inbox entry, status, place and messages are one commit."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    with cut_at(world, "UPDATE holds") as struck:
        assert post(world, rows[-1]) == 503
    assert struck
    one.nothing_has_come()
    deliver(world, rows)
    one.is_confirmed_once()


@pytest.mark.both_engines
def test_a_worker_killed_while_it_settles_the_inbox_leaves_it_to_the_next_one(world: World) -> None:
    """S7-F05: nothing half applied; the entry waits as it was."""
    one = deal(world, "stripe")
    rows = one.pay_unheard()
    with nobody_knows_it(world):
        deliver(world, rows)
    with sweeping_process(world) as worker, locked(world, "attempts") as lock:
        worker.taken()
        world.until(lambda: lock.is_waited_for(elsewhere=True))
        worker.kill()
    assert {entry.state for entry in world.all(InboxEntry)} == {"unmatched"}
    assert (one.state, one.told()) == (("awaiting_payment", "processing"), [[], []])
    world.sweep()
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "mpesa"])
@pytest.mark.both_engines
def test_a_migration_that_has_the_lock_is_answered_503_and_the_money_is_found_after_it(
    world: World, gateway: str
) -> None:
    """S7-F25: M-Pesa tells it once, so its entry (or, on SQLite, the query) goes on after the migration."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    with quick_locks(world), locked(world, "holds"):
        assert {post(world, row) for row in rows} >= {503}
    assert one.told() == [[], []]
    world.move(seconds=60)
    world.sweep()
    one.is_confirmed_once()
    assert [booking.status for booking in world.all(Booking)] == ["confirmed"]


@pytest.mark.both_engines
def test_a_row_an_older_version_left_is_confirmed_like_any_other(world: World) -> None:
    """S7-F25: no frozen details, no look-up planned, no policy on the booking: what the first version wrote."""
    one = deal(world, "razorpay")
    rows = one.pay_unheard()
    with world.rows() as session:
        attempt, booking = session.query(Attempt).one(), session.query(Booking).one()
        attempt.details, attempt.next_look_up_at, booking.policy = {}, None, {}
        session.commit()
    deliver(world, rows)
    one.is_confirmed_once()


@pytest.mark.parametrize("gateway", SIGNED)
def test_a_refund_told_before_its_payment_waits_for_it(world: World, gateway: str) -> None:
    """S7-F13: parked, then applied: paid and sent back at the gateway's own site, in whichever order it is told."""
    one = deal(world, gateway)
    payment = one.pay_unheard()
    _refund_at_the_gateway(one)
    refund = [row for row in held(world) if row not in payment]
    deliver(world, list(reversed(payment + refund)))
    world.sweep()
    assert one.state == ("confirmed", "refunded")
    assert [(row.status, row.amount) for row in world.all(Refund)] == [("done", world.all(Attempt)[0].amount)]
    assert captures(world, "refund") == captures(world)


def _refund_at_the_gateway(one: Deal) -> None:
    """Somebody sends the money back by hand, in the vendor's dashboard."""
    sandbox = one.world.sandbox.sandbox
    http = one.world._sandbox_http()
    if one.gateway == "stripe":
        [charge] = sandbox.store.all("charge")
        headers = {"Authorization": f"Bearer {sandbox.credentials.stripe_secret_key}"}
        answer = http.post("/stripe/v1/refunds", data={"charge": charge["id"]}, headers=headers)
    else:
        [payment] = sandbox.store.all("payment")
        keys = (sandbox.credentials.razorpay_key_id, sandbox.credentials.razorpay_key_secret)
        answer = http.post(f"/razorpay/v1/payments/{payment['id']}/refund", json={}, auth=keys)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("gateway", BY_CODE)
def test_money_that_comes_when_somebody_else_has_the_place_goes_back(world: World, gateway: str) -> None:
    """S6-F14, S7-F14, S6-F23: late, and the place is taken: one winner, and an offer or a refund for who came too late."""
    late = deal(world, gateway)
    rows = late.pay_unheard()
    world.move(minutes=16)
    winner = join(world, late.owner, late.service, gateway, start=late.start)
    deliver(world, winner.pay_unheard())
    with given_back(late):
        deliver(world, rows)
        assert late.state[1] == "refund_pending"
        assert winner.state == ("confirmed", "paid")
    confirmed_once_for(winner)


def confirmed_once_for(winner: Deal) -> None:
    """The winner keeps the place and the booking, and nothing of their money moved."""
    assert winner.state == ("confirmed", "paid")
    assert [hold.expires_at for hold in winner.world.all(Hold) if hold.released_at is None] == [None]


@pytest.mark.any_gateway
@pytest.mark.parametrize(("gateway", "end"), [("stripe", "cancel"), ("razorpay", "decline"), ("mpesa", "cancel")])
def test_money_for_what_a_person_has_ended_goes_back(world: World, gateway: str, end: str) -> None:
    """S6-F15, S7-F15: never revived; the gateway could not be reached when it was ended."""
    one = deal(world, gateway, "approve_then_pay")
    world.faults(gateway=gateway, route="any", fault="500", times=99)
    who = {"cancel": one.client, "decline": one.owner}[end]
    assert who.post(f"/bookings/{one.booking_id}/{end}", {"reason": "Something came up."}).status_code == 200
    world.sandbox.sandbox.faults.clear()
    with given_back(one):
        one.pay()
        assert one.state == ({"cancel": "cancelled", "decline": "declined"}[end], "refund_pending")
        assert world.live_places() == 0
    assert one.state == ({"cancel": "cancelled", "decline": "declined"}[end], "refunded")


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", SIGNED)
def test_money_of_another_amount_stays_put_aside_when_the_hold_ends(world: World, gateway: str) -> None:
    """S7-F18: neither a later look-up nor the clock confirms it or lets it vanish; the place is free."""
    one = deal(world, gateway)
    one.pay(amount=100)
    world.move(minutes=16)
    world.sweep()
    world.move(hours=2)
    world.sweep()
    assert one.state == ("expired", "needs_review")
    assert world.live_places() == 0
    assert (captures(world), captures(world, "refund")) == ([100], [])


@pytest.mark.both_engines
def test_a_double_click_on_the_way_back_is_one_confirmation(world: World) -> None:
    """S6-F21, S7-F21: the signed return twice, its callbacks, and a look at the gateway, all in the same moment."""
    one = deal(world, "razorpay")
    rows = one.pay_unheard()
    order = one.begun["next"]["provider_ref"]
    [payment] = world.sandbox.sandbox.store.all("payment")
    form = {
        "razorpay_order_id": order,
        "razorpay_payment_id": payment["id"],
        "razorpay_signature": checkout_signature(world.sandbox.sandbox.credentials, order, payment["id"]),
    }
    path = f"/checkouts/{one.checkout_id}/return"

    def come_back() -> int:
        return world.app.test_client().post(path, data=form).status_code

    answers = at_once(come_back, come_back, *[lambda row=row: post(world, row) for row in rows])
    assert answers == [303, 303] + [200] * len(rows)
    one.is_confirmed_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["stripe", "mpesa"])
@pytest.mark.both_engines
def test_two_tabs_pay_one_payment_and_see_the_same(world: World, gateway: str) -> None:
    """S6-F22, S7-F22: both tabs begin at once, one of them pays, both come back."""
    one = deal(world, gateway, begun=False)
    tabs = [again(world, one.client), again(world, one.client)]
    answers = at_once(*[lambda tab=tab: tab.post(one.path, one.body) for tab in tabs])
    assert 201 in {answer.status_code for answer in answers}
    assert {answer.json["attempt"]["id"] for answer in answers} == {str(one.attempt().id)}
    one.pay()
    for tab in tabs:
        tab.http.get(f"/checkouts/{one.checkout_id}/return")
    seen = [world.checkout(tab, one.checkout_id) for tab in tabs]
    assert seen[0] == seen[1]
    assert seen[0]["status"] == "paid"
    one.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
@pytest.mark.both_engines
def test_two_users_who_pay_for_one_place_at_once_leave_one_winner(world: World, gateway: str) -> None:
    """S6-F23, S7-F23: whoever's news is applied first; the other one's money is marked to go back in that commit."""
    first = deal(world, gateway, "pay_then_book")
    neighbour = world.person()
    second = join(world, first.owner, first.service, gateway, start=first.start, client=neighbour)
    rows = [one.pay_unheard()[-1] for one in (first, second)]
    before = [one.told() for one in (first, second)]
    assert at_once(*[lambda row=row: post(world, row) for row in rows]) == [200, 200]
    world.work()  # what nobody signed is asked about
    assert sorted(one.state[0] == "confirmed" for one in (first, second)) == [False, True]
    assert len(world.all(Booking)) == 1
    loser = first if first.state[0] != "confirmed" else second
    winner = second if loser is first else first
    deliver(world, held(world))
    loser.went_back(before[0 if loser is first else 1])
    confirmed_once_for(winner)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", ["razorpay", "mpesa"])
@pytest.mark.both_engines
def test_a_decline_and_a_payment_in_the_same_moment_never_both_count(world: World, gateway: str) -> None:
    """S6-F24, S7-F24: the decline wins and the money goes back, or the payment wins and only a cancellation undoes it."""
    one = deal(world, gateway, "approve_then_pay")
    rows = one.pay_unheard()
    path = f"/bookings/{one.booking_id}"
    before = one.told()
    answers = at_once(
        lambda: one.owner.post(f"{path}/decline", {"reason": "Away."}).status_code, lambda: post(world, rows[-1])
    )
    assert answers[1] == 200
    if answers[0] == 200:
        assert one.state[0] in ("declined", "cancelled")
    else:
        assert (answers[0], one.state) == (409, ("confirmed", "paid"))
        assert one.owner.post(f"{path}/cancel", {"reason": "Away."}).status_code == 200
    # "refunded" at once is credit: a decline that learnt of the payment by asking has no M-Pesa receipt to reverse.
    assert one.state[1] in ("refund_pending", "refunded")
    assert all(len(now) > len(then) for now, then in zip(one.told(), before, strict=True))
    hold_news(world)
    world.move(hours=25)
    world.sweep()
    deliver(world, held(world))
    world.sweep()
    assert captures(world, "refund") + credited(world) == captures(world)
    assert world.live_places() == 0
