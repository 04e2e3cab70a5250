"""Unsigned news that something was paid: kept, the place too, and confirmed by the gateway's own answer alone."""

from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from app.gateways import adapter
from app.gateways.sources import read_networks
from app.lib.network import addresses
from app.lib.network.forwarding import TrustedHop
from app.lib.queue import open_queue
from app.models import Attempt, Hold, LedgerEntry, RejectedCallbacks, Review, Role, User
from app.services.backoffice import repair
from sandbox.daraja import prompts
from tests.support.callbacks import kept_back, post
from tests.support.deals import Deal, deal
from tests.support.proofs import Pages
from tests.support.world import World

WHY = "The statement of the shortcode, line 17."


@pytest.fixture
def one(world: World) -> Deal:
    """A prompt on a client's phone."""
    return deal(world, "mpesa")


def _tell(world: World, one: Deal, receipt: str = "MADEUP0001", code: int = 0, phone: str = "") -> None:
    """Somebody who knows the payment's own address tells it that it was paid (or failed), and no worker runs."""
    attempt = one.attempt()
    prompt = world.sandbox.sandbox.store.get("prompt", attempt.provider_ref or "")
    assert prompt is not None
    told = {"Amount": 1_500, "MpesaReceiptNumber": receipt, "PhoneNumber": phone or prompt["phone"]}
    said: dict[str, Any] = {
        "MerchantRequestID": attempt.details["merchant_request_id"],
        "CheckoutRequestID": attempt.provider_ref,
        "ResultCode": code,
        "ResultDesc": "ok",
    }
    if code == 0:
        said["CallbackMetadata"] = {"Item": [{"Name": name, "Value": value} for name, value in told.items()]}
    answer = world.app.test_client().post(
        attempt.request["callback_url"].removeprefix(world.app.config["PUBLIC_URL"]),
        json={"Body": {"stkCallback": said}},
    )
    assert answer.status_code == 200


def _pays(world: World, one: Deal) -> None:
    """The payer has paid and the true callback came; no worker runs."""
    [row] = kept_back(world, one.shown())
    assert post(world, row) == 200


def _nothing_is_booked(world: World) -> None:
    assert world.all(LedgerEntry) == []
    assert one_status(world) != "failed"


def one_status(world: World) -> str:
    """What became of the one try."""
    [attempt] = world.all(Attempt)
    return str(attempt.status.value)


def _reasons(world: World) -> list[str]:
    return [review.reason for review in world.all(Review)]


# ------------------------------------------------------------------------------------------------ believed by the query


def test_a_made_up_callback_confirms_nothing(world: World, one: Deal) -> None:
    """Pay-08: an invented receipt at a leaked address. While the prompt is open nobody knows; then the gateway denies it."""
    _tell(world, one)
    world.work()
    assert one.state == ("awaiting_payment", "processing")
    prompts.answer(world.sandbox.sandbox, one.attempt().provider_ref or "", 1032)
    world.deliver()  # as unsigned as the lie: it ends nothing
    world.work()
    assert one.state == ("awaiting_payment", "needs_review")
    assert _reasons(world) == ["contradiction"]
    _nothing_is_booked(world)
    world.move(hours=1)
    world.sweep()
    assert (one.state, world.live_places()) == (("expired", "needs_review"), 0)
    _nothing_is_booked(world)


@pytest.mark.parametrize("order", ["claim first", "failure first"])
def test_order_decides_nothing_between_a_claim_and_a_failure_that_are_both_unsigned(
    world: World, one: Deal, order: str
) -> None:
    for code in (0, 1032) if order == "claim first" else (1032, 0):
        _tell(world, one, "REAL000001", code)
    prompts.answer(world.sandbox.sandbox, one.attempt().provider_ref or "", 0)
    world.deliver()
    world.work()
    assert one.state[0] == "confirmed"


def test_a_true_callback_confirms_by_the_query_right_after_it(world: World, one: Deal, redis: Redis) -> None:
    """The job that asks stands in the queue as soon as the callback is kept."""
    redis.flushdb()
    _pays(world, one)
    assert one.state == ("awaiting_payment", "processing")
    assert str(one.attempt().id) in [job.args[0] for job in open_queue(redis).jobs if job.args]
    world.work()
    one.is_confirmed_once()
    assert one.attempt().cross_checked


def test_with_no_worker_the_waiting_page_asks_at_once(world: World, one: Deal) -> None:
    _pays(world, one)
    pages = Pages(world, one.client)
    seen = pages.get(f"/checkouts/{one.checkout_id}").text
    assert "We are checking whether your payment arrived" in seen
    assert 'name="gateway"' not in seen
    pages.post(f"/checkouts/{one.checkout_id}/check")
    one.is_confirmed_once()


def test_nobody_may_pay_in_another_way_while_a_claim_is_checked(world: World, one: Deal) -> None:
    _tell(world, one)
    world.faults(gateway="mpesa", route="query", fault="500", times=99)
    world.move(minutes=4)
    answer = one.client.post(one.path, {"gateway": "stripe"})
    assert (answer.status_code, answer.json["code"]) == (409, "attempt_unresolved")


@pytest.mark.parametrize("fault", ["spike_arrest", "policy", "429", "pending_200"])
def test_a_query_that_was_turned_away_or_says_not_yet_is_put_again_within_seconds(
    world: World, one: Deal, fault: str
) -> None:
    """Daraja takes few queries at a time: who was turned away does not wait for the next minute."""
    world.faults(gateway="mpesa", route="query", fault=fault)
    _pays(world, one)
    world.work()
    assert one.state == ("awaiting_payment", "processing")
    world.move(seconds=7)
    world.sweep()
    one.is_confirmed_once()


def test_a_query_that_was_turned_away_is_put_again_soon_without_a_callback_too(world: World, one: Deal) -> None:
    world.drop_callbacks()
    one.pay()
    world.faults(gateway="mpesa", route="query", fault="spike_arrest")
    world.move(seconds=25)
    world.sweep()
    world.move(seconds=7)
    world.sweep()
    one.is_confirmed_once()


# ------------------------------------------------------------------------------------------------ the place


def test_a_place_is_kept_past_its_hold_while_a_claim_is_checked_and_not_for_ever(world: World, one: Deal) -> None:
    """Bounded: half an hour from the first word, however often it is said."""
    world.faults(gateway="mpesa", route="query", fault="500", times=999)
    [hold] = world.all(Hold)
    world.move(seconds=(hold.expires_at - hold.taken_at - timedelta(seconds=30)).total_seconds())
    world.drop_callbacks()
    world.act(one.begun, settle=False)
    _tell(world, one)
    world.move(minutes=2)
    world.sweep()
    assert (one.state, one.time_is_free) == (("awaiting_payment", "processing"), False)
    world.move(minutes=20)
    _tell(world, one, phone="2547********")  # in other words, so that it is no repetition
    world.move(minutes=9)
    world.sweep()
    assert one.time_is_free
    assert one.state == ("awaiting_payment", "processing")
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=2)
    world.sweep()
    assert one.state[0] == "confirmed"


def test_a_place_that_was_kept_is_the_payers_when_the_gateway_answers(world: World, one: Deal) -> None:
    world.faults(gateway="mpesa", route="query", fault="500", times=999)
    [hold] = world.all(Hold)
    world.move(seconds=(hold.expires_at - hold.taken_at - timedelta(seconds=30)).total_seconds())
    _pays(world, one)
    world.move(minutes=10)
    world.sweep()
    world.sandbox.sandbox.faults.clear()
    world.move(minutes=2)
    world.sweep()
    one.is_confirmed_once()


# ------------------------------------------------------------------------------------------------ a person


def _decide(world: World, decision: str) -> None:
    staff = world.person(Role.STAFF)
    with world.rows() as session:
        [review] = [each for each in world.all(Review) if each.reason in ("contradiction", "unchecked")]
        assert repair.decisions_for(review) == ["found", "close"]
        repair.resolve(review.id, decision, WHY, session.get_one(User, staff.user_id))


def test_what_the_query_denies_is_confirmed_when_staff_find_it_on_the_statement(world: World, one: Deal) -> None:
    world.faults(gateway="mpesa", route="query", fault="contradict", times=1)
    _pays(world, one)
    world.work()
    assert one.state == ("awaiting_payment", "needs_review")
    _nothing_is_booked(world)
    _decide(world, "found")
    one.is_confirmed_once()


def test_a_claim_that_staff_call_a_lie_moves_no_money_and_the_client_may_pay(world: World, one: Deal) -> None:
    _tell(world, one)
    prompts.answer(world.sandbox.sandbox, one.attempt().provider_ref or "", 1032)
    world.deliver()
    world.work()
    _decide(world, "close")
    _nothing_is_booked(world)
    assert one.client.post(one.path, {"gateway": "stripe"}).status_code == 201


@pytest.mark.parametrize("set_up", [True, False], ids=["query down", "gateway gone"])
def test_what_nobody_could_check_within_three_days_is_a_review(world: World, one: Deal, set_up: bool) -> None:
    _pays(world, one)
    world.faults(gateway="mpesa", route="query", fault="500", times=9999)
    gone = {} if set_up else {"mpesa": world.app.extensions["gateways"].pop("mpesa")}
    try:
        for _ in range(14):
            assert _reasons(world) == []
            world.move(hours=6)
            world.sweep()
            if _reasons(world):
                break
    finally:
        world.app.extensions["gateways"].update(gone)
    assert _reasons(world) == ["unchecked"]
    assert one_status(world) == "abandoned"
    _nothing_is_booked(world)


# ------------------------------------------------------------------------------------------------ where news comes from


@pytest.fixture
def listed(world: World) -> Any:
    """M-Pesa's callbacks may come from two networks only."""
    gateway = world.app.extensions["gateways"]["mpesa"]
    gateway.callback_sources = read_networks("196.201.214.0/24, 2001:db8::7", "MPESA_CALLBACK_FROM")
    yield
    del gateway.callback_sources
    gateway.callback_sources = ()


@pytest.mark.parametrize(
    ("hops", "address", "forwarded", "status"),
    [
        (0, "196.201.214.200", "", 200),
        (0, "::ffff:196.201.214.200", "", 200),
        (0, "2001:db8::7", "", 200),
        (0, "196.201.215.1", "", 403),
        (0, "", "", 403),
        (0, "10.0.0.1", "196.201.214.200", 403),
        (1, "10.0.0.1", "196.201.214.200", 200),
        (1, "10.0.0.1", "196.201.214.200, 6.6.6.6", 403),
        (1, "6.6.6.6", "196.201.214.200", 403),
    ],
)
def test_news_of_mpesa_is_taken_from_listed_addresses_only_by_the_word_of_the_trusted_hop(
    world: World, one: Deal, listed: None, hops: int, address: str, forwarded: str, status: int
) -> None:
    """PAY-23: whoever writes X-Forwarded-For themselves comes from where they come from."""
    [row] = kept_back(world, one.shown())
    path = row["target"].removeprefix(world.app.config["PUBLIC_URL"])
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    before = world.app.wsgi_app
    world.app.wsgi_app = TrustedHop(before, hops, addresses.read("10.0.0.1")) if hops else before  # type: ignore[method-assign]
    try:
        answer = world.app.test_client().post(
            path, data=row["body"], headers=headers, environ_base={"REMOTE_ADDR": address}
        )
    finally:
        world.app.wsgi_app = before  # type: ignore[method-assign]
    assert answer.status_code == status
    assert one.attempt().is_claimed == (status == 200)
    assert sum(each.count for each in world.all(RejectedCallbacks)) == (status == 403)


def test_a_list_of_sources_that_cannot_be_read_stops_the_start(world: World) -> None:
    kind: Any = adapter("mpesa")
    environ = dict(world.app.config["ENVIRON"]) | {"MPESA_CALLBACK_FROM": "196.201.214.0/24, safaricom"}
    with pytest.raises(Exception, match="MPESA_CALLBACK_FROM must be addresses or networks"):
        kind(kind.Settings.from_environment(environ))
