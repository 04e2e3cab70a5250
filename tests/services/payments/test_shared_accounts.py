"""An account at a vendor that serves other products too: their news neither starves ours nor leaves anything of anybody here."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from app.domain.money import Money
from app.domain.news import NewsOwner
from app.extensions import db
from app.gateways.base import Confirmed, GatewayEvent, Refunded, RefundsChanged
from app.lib import clock
from app.models import Attempt, Base, Change, ForeignCallbacks, InboxEntry, Refund, Role
from app.services.backoffice import doctor, reconciliation, repair
from app.services.core.errors import Conflict, Invalid
from app.services.core.transaction import transaction
from app.services.payments import inbox, waiting_news, webhook_monitor
from app.services.payments.waiting_news import AnothersNews
from sandbox.control import neighbour
from tests.support.callbacks import deliver, nobody_knows_it, post
from tests.support.deals import deal
from tests.support.paid import Paid, vendors
from tests.support.world import World

_EVERYTHING = ("refund", "dispute")
_CROWD = 5_000
shared = pytest.mark.parametrize("gateway", ["stripe", "razorpay"])


def _sells(world: World, gateway: str, times: int = 1, then: tuple[str, ...] = _EVERYTHING) -> list[Any]:
    """The neighbour sells, and what the vendor tells of it has come to our endpoint."""
    acts = [then] if gateway == "stripe" else [then[:1], then[1:]]  # what Razorpay has back goes back no more
    sold = [neighbour.live(world.sandbox.sandbox, gateway, times, each) for each in acts]
    world.settle()
    return [sale for each in sold for sale in each]


def _crowd(world: World, number: int = _CROWD) -> None:
    """So many events of others have come in: those that are there, told of ever more charges."""
    with world.rows() as session:
        kinds = session.query(InboxEntry).filter_by(state="unmatched", owner=NewsOwner.UNKNOWN).all()
        assert kinds, "nothing of others was kept: this proves nothing"
        columns = [column.name for column in InboxEntry.__table__.columns if column.name != "id"]
        rows = []
        for nth in range(number):
            like = kinds[nth % len(kinds)]
            told = json.loads(json.dumps(like.fact).replace("pi_", f"pi_{nth}").replace("pay_", f"pay_{nth}"))
            row = {name: getattr(like, name) for name in columns}
            rows.append(row | {"event_key": f"evt_of_others_{nth}", "fact": told, "provider_ref": None})
        session.execute(insert(InboxEntry), rows)
        session.commit()


def _counted(world: World) -> int:
    return sum(row.count for row in world.all(ForeignCallbacks))


def _everything(world: World) -> str:
    """All that stands in our database, as text."""
    with world.rows() as session:
        tables = [session.execute(table.select()).all() for table in Base.metadata.sorted_tables]
    return str(tables)


# ------------------------------------------------------------------------------------------------ ours first


@shared
def test_own_news_among_five_thousand_of_others_is_heard_with_the_next_pass(world: World, gateway: str) -> None:
    """PAY-13: the oldest 500 were tried each minute for three days, and ours behind them never."""
    one = deal(world, gateway)
    _sells(world, gateway)
    _crowd(world, _CROWD // 2)
    others = {row.id for row in world.all(InboxEntry)}
    rows = one.pay_unheard()
    with nobody_knows_it(world):
        deliver(world, rows)
        ours = {row.id for row in world.all(InboxEntry)} - others
        _crowd_again(world)
        world.sweep()
        assert one.state[0] == "awaiting_payment"
    world.sweep()
    one.is_confirmed_once()
    heard = {row.id for row in world.all(InboxEntry) if row.attempt_id is not None}
    assert ours, "nothing of ours waited: this proves nothing"
    assert ours <= heard, "known only because we asked: what the gateway had told waits on"


def _crowd_again(world: World) -> None:
    with world.rows() as session:
        session.execute(
            text("UPDATE inbox SET event_key = 'first ' || event_key WHERE event_key LIKE 'evt_of_others_%'")
        )
        session.commit()
    _crowd(world, _CROWD // 2)


def test_a_pass_does_not_touch_what_matches_nothing(world: World) -> None:
    """Bounded work: two questions, and not a write, however many events of others wait."""
    _sells(world, "stripe")
    _crowd(world)
    before = sum(row.tries for row in world.all(InboxEntry))
    with world.app.app_context():
        assert waiting_news.due() == []
    world.sweep()
    assert sum(row.tries for row in world.all(InboxEntry)) == before


@pytest.mark.parametrize("way", ["reference", "provider_ref", "charge_ref", "refund"])
def test_whatever_a_payment_can_be_known_by_finds_its_waiting_news(world: World, way: str) -> None:
    paid = Paid(world, "stripe")
    attempt = paid.attempt
    if way == "refund":
        paid.cancelled()
        [refund] = world.all(Refund)
    refs = {"reference": attempt.reference, "provider_ref": attempt.provider_ref, "charge_ref": attempt.charge_ref}
    with world.rows() as session:
        session.query(InboxEntry).delete()
        if way == "refund":
            session.get_one(Refund, refund.id).charge_ref = "pi_another"
        session.commit()
    charge = {"charge_ref": attempt.charge_ref, "refund": "pi_another"}.get(way, "pi_unknown")
    with world.app.app_context():
        db.session.add(_entry(charge, **({way: refs[way]} if way in ("reference", "provider_ref") else {})))
        db.session.add(_entry("pi_nobodys", key="evt_2"))
        db.session.commit()
        found = waiting_news.due()
        if way == "refund":
            db.session.get_one(Refund, refund.id).charge_ref = attempt.charge_ref or ""
            db.session.commit()
    assert len(found) == 1


def _entry(charge: str, key: str = "evt_1", **more: Any) -> InboxEntry:
    fact = {"type": "refundschanged", "charge_ref": charge}
    values: dict[str, Any] = {
        "gateway": "stripe",
        "event_key": key,
        "source": "callback",
        "kind": "charge.refunded",
        "fact": fact,
    }
    values |= {"echo": {}, "state": "unmatched", "owner": NewsOwner.UNKNOWN, "received_at": clock.now()}
    return InboxEntry(**(values | more))


def test_news_that_always_fails_is_tried_after_the_rest(world: World) -> None:
    """The oldest came first each time, and its tries were never counted: 500 of the kind held up everything behind them."""
    one = deal(world, "stripe")
    event = GatewayEvent("evt_good", "told", Confirmed(one.attempt().money, "pi_1"), one.attempt().reference)
    spoilt = {"state": "received", "owner": NewsOwner.OURS}
    with world.app.app_context():
        db.session.add_all(_entry("pi_x", key=f"spoilt {nth}", **spoilt) for nth in range(500))
        db.session.commit()
        db.session.execute(update(InboxEntry).values(fact={"type": "no such fact"}))
        db.session.commit()
        with transaction():
            inbox._store_once(inbox._row("stripe", event, event.event_key, "callback", b""))
    world.sweep()
    assert one.state[0] == "awaiting_payment", "500 at once, so this proves nothing"
    assert {row.tries for row in world.all(InboxEntry) if row.event_key != "evt_good"} == {1}
    world.sweep()
    one.is_confirmed_once()


# ------------------------------------------------------------------------------------------------ nothing of strangers


@shared
def test_nothing_of_a_strangers_person_is_ever_stored(
    world: World, gateway: str, caplog: pytest.LogCaptureFixture
) -> None:
    """From the first moment: no name, no address, no number, in no table and no line of the log."""
    caplog.set_level("DEBUG", logger="app")
    _sells(world, gateway, 2)
    assert any(row.state == "unmatched" for row in world.all(InboxEntry)), "nothing came in: this proves nothing"
    for said in (_everything(world), caplog.text):
        for word in ("zainab", "Zainab", "neighbour.example", "9811122333", "SHOP-", "kettle"):
            assert word not in said, word


@shared
def test_others_news_is_gone_after_seven_hours_and_counted(world: World, gateway: str) -> None:
    _sells(world, gateway)
    kept = [row for row in world.all(InboxEntry) if row.state == "unmatched"]
    counted = _counted(world)
    world.move(hours=6, minutes=55)
    world.sweep()
    assert len(world.all(InboxEntry)) == len(kept)
    world.move(minutes=10)
    world.sweep()
    _one_more_of_ours(world)
    world.sweep()
    left = [row for row in world.all(InboxEntry) if row.attempt_id is None]
    assert (left, _counted(world)) == ([], counted + len(kept))


def _one_more_of_ours(world: World) -> None:
    Paid(world, "stripe")


def test_the_number_of_a_dropped_event_is_never_anothers(world: World) -> None:
    """SQLite gives the number of a removed last row anew: the trail of what staff did would be of other news."""
    _sells(world, "stripe")
    numbers = {row.id for row in world.all(InboxEntry)}
    world.move(hours=8)
    world.sweep()
    _sells(world, "stripe")
    kept = {row.id for row in world.all(InboxEntry)}
    assert max(numbers) in kept
    assert min(kept - {max(numbers)}) > max(numbers)


def test_a_foreign_event_that_comes_to_match_is_heard_and_not_dropped(world: World) -> None:
    """However late: what matches now is ours, also where a pass had no time to settle it before it is too old."""
    paid = Paid(world, "stripe")
    with world.app.app_context():
        db.session.add(_entry(paid.attempt.charge_ref or "", received_at=clock.now()))
        db.session.add(_entry("pi_last", key="evt_last"))
        db.session.commit()
    world.move(days=4)
    with world.app.app_context():
        assert waiting_news.drop_foreign() == 0
    assert "evt_1" in {row.event_key for row in world.all(InboxEntry)}


def test_no_more_than_ten_thousand_of_others_are_kept_at_once(world: World) -> None:
    """A product that sells by the thousand fills no table of ours: the oldest go first."""
    _sells(world, "stripe")
    counted, first = _counted(world), world.all(InboxEntry)
    _crowd(world, 10_100)
    world.sweep()
    kept = world.all(InboxEntry)
    assert (len(kept), _counted(world)) == (10_000, counted + len(first) + 100)
    assert (kept[0].event_key, kept[-1].event_key) == ("evt_of_others_100", "evt_of_others_10099")


def test_payments_that_bear_no_reference_of_ours_are_only_counted(world: World) -> None:
    """A session, an intent or an order of ours always bears one: whatever else stands there is nobody's we know."""
    _sells(world, "stripe", then=())
    _sells(world, "razorpay", then=())
    kinds = {row.kind for row in world.all(InboxEntry)}
    assert not kinds & {"checkout.session.completed", "payment_intent.succeeded", "order.paid"}
    assert _counted(world) >= 2


_MINE, _OTHER = "K" * 16, "Q" * 16
_PAID = Confirmed(Money(100, "EUR"), "pi_1")
_BACK = Refunded(Money(100, "EUR"), "re_1", "rf_ABCDEFGHJKLMNPQRSTUV", "pi_1")
_OF_NOBODY = RefundsChanged("pi_1")


@pytest.mark.parametrize(
    ("fact", "reference", "installation", "owner"),
    [
        (_PAID, "ABCDEFGH2345", None, NewsOwner.LIKELY),
        (_PAID, "ABCDEFGH2345", _MINE, NewsOwner.OURS),
        (_PAID, "ABCDEFGH2345", _OTHER, None),
        (_PAID, None, _OTHER, None),
        (_PAID, "zainab@shop.example", None, None),
        (_PAID, "ABCDEFGH23456", None, None),
        (_PAID, None, None, NewsOwner.UNKNOWN),
        (_BACK, None, None, NewsOwner.LIKELY),
        (_BACK, None, _OTHER, None),
        (_OF_NOBODY, None, None, NewsOwner.UNKNOWN),
        (_OF_NOBODY, "a word of a colleague's tool", None, NewsOwner.UNKNOWN),
    ],
)
def test_whose_news_is_by_what_it_says_itself(
    fact: Any, reference: str | None, installation: str | None, owner: NewsOwner | None
) -> None:
    event = GatewayEvent("evt", "kind", fact, reference, installation=installation)
    if owner is None:
        with pytest.raises(AnothersNews):
            waiting_news.owner_of(event, _MINE)
    else:
        assert waiting_news.owner_of(event, _MINE) is owner


def test_our_own_payment_is_ours_whatever_its_news_says_of_itself(world: World) -> None:
    """Who can write into an object must not be able to make us deaf to its money."""
    one = deal(world, "stripe")
    attempt = one.attempt()
    fact = Confirmed(attempt.money, "pi_1")
    event = GatewayEvent("evt_1", "kind", fact, "another reference", attempt.provider_ref, {}, _OTHER)
    with world.app.app_context():
        assert inbox.receive("stripe", event, source="callback").state == "applied"
    assert one.state[0] == "confirmed"


# ------------------------------------------------------------------------------------------------ what staff see


def _waits(world: World) -> InboxEntry:
    """News that bears a reference as we make them, and nobody knows the payment."""
    event = GatewayEvent("evt_w", "checkout.session.completed", _PAID, "ABCDEFGH2345", "cs_gone")
    with world.app.app_context():
        inbox.receive("stripe", event, source="callback", body=b'{"email": "zainab@shop.example"}')
    [row] = [each for each in world.all(InboxEntry) if each.event_key == "evt_w"]
    assert isinstance(row, InboxEntry)
    return row


def _does(world: World, work: Callable[[Any], object]) -> None:
    from app.models import User

    staff = world.person(Role.STAFF)
    with world.app.app_context():
        work(db.session.get_one(User, staff.user_id))


def _shown(world: World) -> list[str]:
    from app.services.backoffice.overview import queues

    with world.app.app_context():
        return [row.event_key for row in queues.rows("events")]


def test_staff_see_what_waits_and_may_be_ours_and_nothing_of_others(world: World) -> None:
    _sells(world, "stripe")
    _waits(world)
    assert _shown(world) == [], "what came in just now may only be early"
    world.move(minutes=11)
    assert _shown(world) == ["evt_w"]


def test_dismissed_news_stands_in_no_queue_and_in_the_log_with_its_reason(world: World) -> None:
    row = _waits(world)
    world.move(minutes=11)
    _does(world, lambda staff: repair.dismiss(row.id, " Of our other shop. ", staff))
    assert _shown(world) == []
    [change] = [each for each in world.all(Change) if each.subject == "inbox"]
    assert (change.to_status, change.why, change.actor) == ("dismissed", "Of our other shop.", "staff")
    with pytest.raises(Conflict):
        _does(world, lambda staff: repair.dismiss(row.id, "Again.", staff))
    with pytest.raises(Invalid):
        _does(world, lambda staff: repair.dismiss(row.id, " ", staff))
    with world.app.app_context():
        assert reconciliation.breaches() == []


def test_dismissed_news_that_turns_out_ours_is_heard(world: World) -> None:
    """Dismissing says that nobody need look, never that it is untrue: money that came is not lost by a press."""
    one = deal(world, "stripe")
    rows = one.pay_unheard()
    with nobody_knows_it(world):
        deliver(world, rows)
        for entry in world.all(InboxEntry):
            _does(world, lambda staff, entry=entry: repair.dismiss(entry.id, "Not ours.", staff))
    world.sweep()
    one.is_confirmed_once()


def test_what_had_its_effect_cannot_be_dismissed(world: World) -> None:
    Paid(world, "stripe")
    for row in world.all(InboxEntry):
        with pytest.raises(Conflict):
            _does(world, lambda staff, row=row: repair.dismiss(row.id, "Gone.", staff))


def test_parked_news_of_a_known_payment_stands_in_the_queue_too(world: World) -> None:
    """PAY-23: news that was stored and had no effect stood nowhere, and after three days nobody tried it any more."""
    one = deal(world, "stripe")
    event = GatewayEvent("evt_p", "charge.refunded", _OF_NOBODY, one.attempt().reference)
    with world.app.app_context():
        assert inbox.receive("stripe", event, source="callback").state == "received"
    world.move(days=5)
    assert _shown(world) == ["evt_p"]


def test_what_bears_our_sign_and_matches_nothing_goes_after_three_days(world: World) -> None:
    """Another Kikao on the account, say; vendors repeat themselves for three days, and then nobody asks any more."""
    _waits(world)
    world.move(days=2, hours=23)
    Paid(world, "stripe")
    world.sweep()
    assert "evt_w" in {row.event_key for row in world.all(InboxEntry)}
    world.move(hours=2)
    world.sweep()
    assert "evt_w" not in {row.event_key for row in world.all(InboxEntry)}
    assert _counted(world) == 1


def test_what_came_to_an_address_that_we_signed_is_never_dropped(world: World) -> None:
    """M-Pesa's prompt: only who was told the address can have sent it, so its payment was ours, also if its row is lost."""
    one = deal(world, "mpesa")
    rows = one.pay_unheard()
    with nobody_knows_it(world):
        deliver(world, rows)
    with world.rows() as session:
        entry = session.query(InboxEntry).one()
        entry.reference = "ABCDEFGH2345"
        session.commit()
    world.move(days=30)
    Paid(world, "stripe")
    world.sweep()
    [row] = [each for each in world.all(InboxEntry) if (each.gateway, each.source) == ("mpesa", "callback")]
    assert (row.owner, row.body) == (NewsOwner.OURS, "")


# ------------------------------------------------------------------------------------------------ what operators see


def test_the_doctor_says_when_most_of_what_comes_is_others_and_is_content(world: World) -> None:
    """An account may be shared: it is said, and is no fault; nor does others' news stand among what waits."""
    Paid(world, "stripe")
    said = _doctor(world)
    assert "account shared stripe" not in said
    _sells(world, "stripe", 12)
    world.move(minutes=11)
    said = _doctor(world)
    assert said["callbacks that wait"] == (True, "ok")
    fine, words = said["account shared stripe"]
    assert fine
    assert "callbacks of three days are of other products" in words
    world.move(hours=8)
    world.sweep()
    with world.app.app_context():
        [share] = [each for each in webhook_monitor.shares() if each.gateway == "stripe"]
    assert share.is_mostly_foreign, "counted still, though nothing of it is left"
    world.move(days=4)
    assert "account shared stripe" not in _doctor(world)


def _doctor(world: World) -> dict[str, tuple[bool, str]]:
    with world.app.app_context():
        return {found.name: (found.ok, found.words) for found in doctor.examine()}


# ------------------------------------------------------------------------------------------------ attacks


@vendors
def test_a_neighbours_money_never_moves_ours(world: World, gateway: str) -> None:
    """Refunds and disputes of others' charges, while a payment of ours is the only one there is."""
    paid = Paid(world, gateway)
    _sells(world, gateway, 3)
    world.sweep()
    assert (paid.state, paid.refunds, paid.reviews) == (("confirmed", "paid"), [], [])
    paid.agrees()


@shared
def test_a_foreign_event_that_is_told_again_is_one_row(world: World, gateway: str) -> None:
    _sells(world, gateway)
    rows = [row for row in world.sandbox.sandbox.courier.log() if row["status"] == "delivered"]
    kept = len(world.all(InboxEntry))
    for row in rows * 3:
        assert post(world, row) == 200
    assert len(world.all(InboxEntry)) == kept


def test_a_replay_of_a_signed_body_under_other_ids_is_one_row(world: World) -> None:
    """Razorpay signs the body and not the header with the event's id: who has one body could fill the table."""
    _sells(world, "razorpay")
    kept = len(world.all(InboxEntry))
    rows = [row for row in world.sandbox.sandbox.courier.log() if row["status"] == "delivered"]
    for nth in range(5):
        for row in rows:
            post(world, row, headers={"X-Razorpay-Event-Id": f"evt_made_up_{nth}"})
    assert len(world.all(InboxEntry)) == kept


def test_a_reference_of_ours_in_anothers_money_confirms_nothing_it_did_not_pay(world: World) -> None:
    """The neighbour writes our reference into an object of theirs: the amount, currency and ids must still be ours."""
    one = deal(world, "stripe")
    attempt = one.attempt()
    event = GatewayEvent("evt_x", "checkout.session.completed", _PAID, attempt.reference, "cs_of_others")
    with world.app.app_context():
        assert inbox.receive("stripe", event, source="callback").state == "review"
    assert one.state[0] == "awaiting_payment"
    assert [row.status for row in world.all(Attempt)] == ["processing"]
