# mypy: disable-error-code="index, union-attr, misc, arg-type, attr-defined"
"""S3, paying begins: the intent is committed (S3a), the gateway is asked (S3b), its answer is kept (S3c).

However it breaks, there is one intent with one key, and one payment at the gateway.
"""

import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from app.extensions import queue
from app.models import Attempt, Booking, InboxEntry, RejectedCallbacks, Review
from tests.faults.clocks import SKEWS, skewed
from tests.faults.database import after_the_migration, cut_at, restart_database
from tests.faults.people import rivals, send_and_hang_up
from tests.faults.processes import die_in, kill, send_in_a_process, start_worker
from tests.support.at_once import again, at_once
from tests.support.callbacks import forge, post
from tests.support.deals import Deal, captures, deal, kept
from tests.support.gateways import BY_CODE
from tests.support.world import World

# ---------------------------------------------------------------------------------------------------- kills and cuts


def test_killed_before_the_intent_is_committed_nothing_began(world: World) -> None:
    """S3a-F01 (undone): no row, nothing at the gateway; the same key begins once."""
    paying = deal(world, "stripe", begun=False)
    die_in(send_in_a_process(world, paying.client, paying.path, paying.body, dies="INSERT INTO attempts"))
    assert (world.all(Attempt), paying.things()) == ([], [])
    world.move(seconds=61)
    assert paying.begin().status_code == 201
    paying.pay()
    paying.is_paid_once()


def test_a_database_that_goes_away_before_the_intent_is_committed_nothing_began(world: World) -> None:
    """S3a-F02 (undone)."""
    paying = deal(world, "stripe", begun=False)
    with cut_at(world, "INSERT INTO attempts") as struck:
        assert paying.begin().status_code == 503
    assert struck
    assert (world.all(Attempt), paying.things()) == ([], [])
    assert paying.begin().status_code == 201
    paying.pay()
    paying.is_paid_once()


KILLED = [("S3b-F01", "stripe", "before"), ("S3b-F01", "mpesa", "before")]
KILLED += [("S3c-F01", gateway, "after") for gateway in BY_CODE]


@pytest.mark.in_turn
@pytest.mark.parametrize(("cell", "gateway", "when"), KILLED)
def test_killed_while_the_gateway_thinks_the_same_key_gives_the_same_payment(
    world: World, cell: str, gateway: str, when: str
) -> None:
    """S3b-F01: the gateway had not begun. S3c-F01: it had, and its answer died with the process (both unresolved)."""
    paying = deal(world, gateway, begun=False)
    world.faults(gateway=gateway, route=BY_CODE[gateway].begins, fault="timeout", when=when, seconds=8)
    process = send_in_a_process(world, paying.client, paying.path, paying.body)
    world.until(lambda: not world.sandbox.sandbox.faults.listed())
    world.until(lambda: len(paying.things()) == (when == "after"))
    kill(process)
    intent = paying.attempt()
    assert (intent.status, intent.provider_ref) == ("created", None)
    _is_settled(paying, intent, exists=when == "after")


def _is_settled(paying: Deal, intent: Attempt, *, exists: bool) -> None:
    """Unresolved: within a minute the janitor has found out by the same key; where there are no keys, the prompt is waited out."""
    for _ in range(2):
        paying.world.move(seconds=24)
        paying.world.sweep()
    assert paying.attempt().request == intent.request
    if BY_CODE[paying.gateway].keyed:
        [thing] = paying.things()
        assert paying.attempt().provider_ref == thing["id"]
        assert paying.begin(key=None).json["next"]["provider_ref"] == thing["id"]
    elif not exists:
        assert (paying.begin(key=None).status_code, paying.things()) == (202, [])
        paying.world.move(seconds=73)
        assert paying.begin(key="another").status_code == 201
        assert [a.status for a in paying.world.all(Attempt)] == ["abandoned", "processing"]
        return
    paying.pay()
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_database_restarted_while_the_gateway_thinks_loses_nothing(world: World, gateway: str) -> None:
    """S3b-F02 (unresolved): no transaction is open meanwhile, so the answer is kept by a new connection."""
    paying = deal(world, gateway, begun=False)
    with paying.slowly() as answers:
        restart_database(world)
    assert answers[0].status_code in (201, 503)
    paying.pay()
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_an_answer_that_could_not_be_kept_is_asked_for_again_by_the_same_key(world: World, gateway: str) -> None:
    """S3c-F02 (unresolved): the payment exists at the gateway, and we could not write down which it is."""
    paying = deal(world, gateway, begun=False)
    with cut_at(world, "UPDATE attempts SET status") as struck:
        assert paying.begin().status_code == 503
    assert struck
    intent = paying.attempt()
    assert (intent.status, len(paying.things())) == ("created", 1)
    _is_settled(paying, intent, exists=True)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_without_the_queue_paying_goes_on_and_the_sweep_asks_what_came_of_it(
    world: World, lose_queue: Callable[[], Any], gateway: str
) -> None:
    """S3a-F03, S3a-F04, S3b-F03, S3b-F04, S3c-F03, S3c-F04 (delayed): the look-up is lost with the queue and found by time."""
    paying = deal(world, gateway, begun=False)
    lose_queue()
    world.drop_callbacks()
    assert paying.begin().status_code == 201
    paying.pay()
    lose_queue()
    world.move(seconds=25)
    world.sweep()
    world.sweep()
    paying.is_paid_once()
    assert [len(world.mails(world.email(person))) for person in (paying.client, paying.owner)] == [1, 1]


def test_a_worker_killed_while_it_finds_out_leaves_the_intent_to_the_next(
    world: World, redis: Redis, redis_url: str
) -> None:
    """S3b-F05 (unresolved): the job re-sends the start by its key; killed -9 in it, the next one does the same."""
    paying = deal(world, "stripe", begun=False)
    world.faults(gateway="stripe", route="create", fault="500", times=2)
    assert paying.begin().status_code == 202
    world.sandbox.sandbox.faults.clear()
    world.faults(gateway="stripe", route="create", fault="timeout", when="after", seconds=8)
    intent = paying.is_due()
    with world.app.app_context():
        assert queue.enqueue("app.jobs.payments.look_up", str(intent.id))
    worker = start_worker(world, redis_url)
    world.until(lambda: bool(paying.things()))
    kill(worker)
    _is_settled(paying, intent, exists=True)


# ---------------------------------------------------------------------------------------------------- the gateway

UNCLEAR = [("S3b-F06", gateway, "500", "before") for gateway in BY_CODE]
UNCLEAR += [("S3b-F06", "mpesa", "500", "after")]
UNCLEAR += [("S3b-F07", gateway, "timeout", "after") for gateway in BY_CODE]
UNCLEAR += [("S3b-F08", gateway, "reset", "after") for gateway in BY_CODE]
# Of what was turned away with 429 it is certain that nothing began, so also a prompt is sent by the next try.
UNCLEAR += [("S3b-F09", gateway, "429", "before") for gateway in BY_CODE]
UNCLEAR += [("S3b-F10", "stripe", fault, "after") for fault in ("foreign_url", "wrong_currency")]
UNCLEAR += [("S3b-F10", "razorpay", fault, "after") for fault in ("missing_id", "wrong_amount")]
UNCLEAR += [("S3b-F10", "mpesa", fault, "after") for fault in ("wrong_shape", "html")]


@pytest.mark.in_turn
@pytest.mark.parametrize(("cell", "gateway", "fault", "when"), UNCLEAR)
def test_an_unclear_answer_leaves_one_intent_that_is_settled_once_the_gateway_answers(
    world: World, impatient: None, cell: str, gateway: str, fault: str, when: str
) -> None:
    """S3b-F06, S3b-F07, S3b-F08, S3b-F10 (unresolved), S3b-F09 (delayed): no address to go to, its place kept till the end."""
    paying = deal(world, gateway, begun=False)
    world.faults(gateway=gateway, route=BY_CODE[gateway].begins, fault=fault, when=when, times=2, seconds=3)
    answer = paying.begin()
    assert (answer.status_code, answer.json["next"]["kind"]) == (202, "checking")
    assert "url" not in answer.json["next"]
    world.sandbox.sandbox.faults.clear()
    intent = paying.attempt()
    assert (intent.status, intent.step) == ("created", None)
    assert paying.state[1] == "processing"
    _is_settled(paying, intent, exists=bool(paying.things()) or cell == "S3b-F09")


@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_payment_that_is_faster_than_the_answer_confirms_once(world: World, gateway: str) -> None:
    """S3b-F16, S3c-F16 (right): the callback comes while we still wait to hear that it began."""
    paying = deal(world, gateway, begun=False)
    with paying.slowly() as answers:
        paying.pay()
        assert len(captures(world)) == 1
    assert answers[0].status_code in (201, 202)
    world.sweep()
    paying.is_paid_once()
    assert {entry.state for entry in world.all(InboxEntry)} <= {"applied", "ignored"}


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_forged_callback_while_the_answer_is_awaited_is_refused_and_counted(world: World, gateway: str) -> None:
    """S3b-F17 (refused): 400, one count, no state; the real one is believed afterwards."""
    paying = deal(world, gateway, begun=False)
    world.faults(gateway=gateway, route=BY_CODE[gateway].begins, fault="500", when="after", times=2)
    assert paying.begin().status_code == 202
    row = paying.pay_unheard()[-1]
    assert forge(world, row) == 400
    assert (world.all(InboxEntry), [r.count for r in world.all(RejectedCallbacks)]) == ([], [1])
    assert paying.attempt().status == "created"
    assert post(world, row) == 200
    world.work()  # what nobody signed is asked about
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_another_amount_while_the_answer_is_awaited_never_confirms(world: World, gateway: str) -> None:
    """S3b-F18: the vendor's own word about other money is not refused but kept for a person; nothing is confirmed by it."""
    paying = deal(world, gateway, begun=False)
    world.faults(gateway=gateway, route=BY_CODE[gateway].begins, fault="500", when="after", times=2)
    assert paying.begin().status_code == 202
    paying.pay(amount=77)
    assert [review.reason for review in world.all(Review)] == ["amount"]
    assert paying.state == ("awaiting_payment", "needs_review")
    assert paying.begin(key="another").json["code"] == "under_review"


def test_an_intent_to_pay_something_else_is_refused(world: World) -> None:
    """S3a-F18 (refused): another person's bill, none at all, a gateway for another currency; a price of their own is not read."""
    paying, stranger = deal(world, "stripe", begun=False), world.person()
    assert stranger.post(paying.path, paying.body).status_code == 404
    assert paying.client.post(f"/checkouts/{paying.booking_id}/attempts", paying.body).status_code == 404
    assert paying.client.post(paying.path, {"gateway": "mpesa"}).json["code"] == "unknown_gateway"
    assert (world.all(Attempt), paying.things()) == ([], [])
    paying.body |= {"amount": 1, "currency": "KES", "price": {"amount": 1, "currency": "EUR"}, "paid": "yes"}
    assert paying.begin().status_code == 201
    assert (paying.things()[0]["amount_total"], paying.things()[0]["currency"]) == (6_000, "eur")


# ---------------------------------------------------------------------------------------------------- clocks and people


@pytest.mark.in_turn
@pytest.mark.any_gateway
@pytest.mark.parametrize("by", SKEWS)
@pytest.mark.parametrize("gateway", BY_CODE)
def test_on_a_node_whose_clock_is_wrong_paying_begins_once_or_is_plainly_refused(
    world: World, gateway: str, by: timedelta
) -> None:
    """S3a-F19, S3b-F19, S3c-F19 (right): such a node says that it is ill; an honest one goes on with the same payment."""
    paying = deal(world, gateway, begun=False)
    with skewed(world, by):
        answer = paying.begin()
        assert world.app.test_client().get("/readyz").status_code == 503
    refusals = ((409, "checkout_closed"), (409, "payment_refused"))
    assert (answer.status_code, answer.json.get("code")) in ((201, None), *refusals)
    honest = paying.begin(key="an honest node")
    assert (honest.status_code, honest.json.get("code")) in ((201, None), *refusals[1:])
    if (answer.status_code, honest.status_code) == (201, 201):
        assert honest.json["next"] == answer.json["next"]
    paying.pay()
    assert paying.state[0] == "confirmed"
    assert (len(captures(world)), len(paying.things())) == (1, 1)


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_browser_closed_while_paying_begins_goes_on_with_the_same_payment(world: World, gateway: str) -> None:
    """S3a-F20, S3b-F20, S3c-F20 (right)."""
    paying = deal(world, gateway, begun=False)
    send_and_hang_up(world, paying.client, paying.path, paying.body)
    world.until(lambda: any(attempt.step for attempt in world.all(Attempt)))
    assert paying.begin().json["next"]["provider_ref"] == paying.things()[0]["id"]
    paying.pay()
    paying.is_paid_once()


@pytest.mark.any_gateway
@pytest.mark.parametrize("keys", [["k"] * 4, ["a", "b", "c", "d"]], ids=["double click", "two tabs"])
@pytest.mark.parametrize("gateway", BY_CODE)
def test_begun_twice_at_once_it_is_one_payment(world: World, gateway: str, keys: list[str]) -> None:
    """S3a-F21, S3b-F21, S3c-F21, S3a-F22, S3b-F22, S3c-F22 (once): the others get the same, "checking", or "in progress"."""
    paying = deal(world, gateway, begun=False)
    world.faults(gateway=gateway, route=BY_CODE[gateway].begins, fault="slow", seconds=0.3)
    answers = at_once(*(lambda key=key: paying.begin(key) for key in keys))
    assert all(a.status_code in (201, 202) or a.json["code"] == "request_in_progress" for a in answers)
    refs = {a.json["next"]["provider_ref"] for a in answers if a.status_code == 201}
    assert refs == {paying.attempt().provider_ref}
    paying.pay()
    paying.is_paid_once()


def test_two_tabs_with_two_ways_to_pay_leave_one_payable(world: World) -> None:
    """S3a-F22, S3b-F22, S3c-F22 (once): the card page of one tab, the phone prompt of the other."""
    card, phone = deal(world, "stripe", currency="KES", begun=False), {"gateway": "mpesa"}
    answers = at_once(lambda: card.begin("a"), lambda: again(world, card.client).post(card.path, phone, key="b"))
    assert all(a.status_code in (201, 202) or a.json["code"] == "attempt_unresolved" for a in answers)
    world.move(seconds=25)
    world.sweep()
    open_pages = [session for session in card.things() if session["status"] == "open"]
    assert len(open_pages) + len(world.sandbox.sandbox.store.all("prompt")) == 1
    assert sum(attempt.is_live for attempt in world.all(Attempt)) == 1


def test_who_begins_after_the_place_was_paid_for_is_told_before_paying(world: World) -> None:
    """S3a-F23 (one winner): also with both beginning at once, no one is charged for nothing."""
    first, second = rivals(world)
    assert first.begin().status_code == 201
    first.pay()
    answer = second.begin()
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    assert (len(captures(world)), len(world.all(Booking)), len(world.all(Attempt))) == (1, 1, 1)


@pytest.mark.parametrize(("cell", "when"), [("S3b-F23", "before"), ("S3c-F23", "after")])
def test_the_place_is_paid_for_while_anothers_payment_begins(world: World, cell: str, when: str) -> None:
    """S3b-F23, S3c-F23 (one winner): one winner; the loser, who pays all the same, gets everything back and both are told."""
    first, second = rivals(world)
    begun = first.begin().json
    with second.slowly(when) as answers:
        world.act(begun)
    world.act(answers[0].json)
    [booking] = world.all(Booking)
    assert (booking.client_id, booking.status, world.live_places()) == (first.client.user_id, "confirmed", 1)
    assert world.notices(second.client)
    assert set(world.notices(first.owner)) - {"booking_confirmed_practitioner"}
    world.move(hours=25)
    world.sweep()
    world.settle()
    assert (len(captures(world)), kept(world)) == (2, first.amount)


def test_declined_before_the_intent_is_committed_it_cannot_begin(world: World) -> None:
    """S3a-F24 (one winner): told before paying."""
    paying = deal(world, "stripe", "approve_then_pay", begun=False)
    paying.owner.post(f"/bookings/{paying.booking_id}/decline", {"reason": "Away."})
    assert paying.begin().json["code"] == "checkout_closed"
    assert (world.all(Attempt), paying.things()) == ([], [])


@pytest.mark.any_gateway
@pytest.mark.parametrize(("cell", "when"), [("S3a-F24", "at once"), ("S3b-F24", "before"), ("S3c-F24", "after")])
@pytest.mark.parametrize("gateway", BY_CODE)
def test_declined_while_paying_begins_nobody_is_charged_for_nothing(
    world: World, gateway: str, cell: str, when: str
) -> None:
    """S3a-F24, S3b-F24, S3c-F24 (one winner): what can still be paid goes back; nothing is confirmed unseen."""
    paying = deal(world, gateway, "approve_then_pay", begun=False)
    decline = f"/bookings/{paying.booking_id}/decline"
    if when == "at once":
        answers = at_once(lambda: paying.owner.post(decline, {"reason": "Away."}), paying.begin)
        assert answers[0].status_code == 200
    else:
        with paying.slowly(when):
            assert paying.owner.post(decline, {"reason": "Away."}).status_code == 200
    world.sweep()
    payable = [t for t in paying.things() if t.get("status") != "expired"]
    for _ in payable:
        paying.pay()
        paying.is_owed("declined")
    world.sweep()
    world.settle()
    assert paying.state[0] == "declined"
    assert (kept(world), len(captures(world)), world.live_places()) == (0, len(payable), 0)


# ---------------------------------------------------------------------------------------------------- deploys


def test_an_intent_that_meets_a_migration_waits_for_it(world: World) -> None:
    """S3a-F25 (right)."""
    paying = deal(world, "stripe", begun=False)
    assert after_the_migration(world, "attempts", paying.begin).status_code == 201
    paying.pay()
    paying.is_paid_once()


@pytest.mark.parametrize(("cell", "when"), [("S3b-F25", "before"), ("S3c-F25", "after")])
def test_a_deploy_while_the_gateway_thinks_ends_in_the_same_payment(world: World, cell: str, when: str) -> None:
    """S3b-F25, S3c-F25 (unresolved): SIGTERM in the middle of the call; the new process goes on with the same key."""
    paying = deal(world, "razorpay", begun=False)
    world.faults(gateway="razorpay", route="order", fault="timeout", when=when, seconds=8)
    process = send_in_a_process(world, paying.client, paying.path, paying.body)
    world.until(lambda: not world.sandbox.sandbox.faults.listed())
    process.send_signal(signal.SIGTERM)
    assert process.end() == (-signal.SIGTERM, [])
    _is_settled(paying, paying.attempt(), exists=when == "after")


def test_an_intent_of_the_old_code_is_read_by_the_new(world: World) -> None:
    """S3b-F25 (unresolved): a frozen request with a field nobody knows any more, and without one that is new."""
    paying = deal(world, "stripe", begun=False)
    world.faults(gateway="stripe", route="create", fault="reset", when="after", times=2)
    assert paying.begin().status_code == 202
    with world.rows() as session:
        row = session.get(Attempt, paying.attempt().id)
        row.request = {k: v for k, v in row.request.items() if k != "manual_capture"} | {"of_last_week": 1}
        session.commit()
    _is_settled(paying, paying.attempt(), exists=True)
