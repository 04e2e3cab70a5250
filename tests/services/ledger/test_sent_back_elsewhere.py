"""Money sent back at the vendor's own site, or taken back by the payer's bank, after it was spent, given or moved here."""

import uuid
from typing import Any

import pytest

from app.domain.lifecycle import Actor, InboxState
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Disputed, Fact, GatewayEvent, Refunded
from app.models import Attempt, Booking, InboxEntry, Refund, Review, Role, User
from app.services import practice
from app.services.backoffice import repair
from app.services.core.errors import Invalid
from app.services.core.transaction import Who, lock, transaction
from app.services.payments import inbox
from app.services.practice import ServiceForm
from app.services.prepaid import gifts, wallet
from app.services.scheduling import price_changes
from tests.support.credit import balance, bought, gift, held, offered, pay_with, top_up
from tests.support.world import Caller, World


def _attempt(world: World) -> Attempt:
    """The last payment that was made at a gateway."""
    found: Attempt = [each for each in world.all(Attempt) if each.gateway in ("stripe", "mpesa")][-1]
    return found


def _news(world: World, attempt: Attempt, fact: Fact) -> InboxState:
    """The vendor's own word, as it comes in."""
    event = GatewayEvent(event_key=uuid.uuid4().hex, kind="told", fact=fact, reference=attempt.reference)
    with world.app.app_context():
        inbox.receive(attempt.gateway, event, source="callback")
    found: InboxEntry = world.all(InboxEntry)[-1]
    return found.state


def _sent_back(attempt: Attempt, amount: int, ref: str = "re_by_hand") -> Refunded:
    return Refunded(Money(amount, attempt.currency), ref, None, attempt.charge_ref)


def _disputed(attempt: Attempt, stage: str) -> Disputed:
    return Disputed(attempt.charge_ref or "", attempt.money, stage)


def _reviews(world: World) -> list[tuple[str, int | None]]:
    return [(review.reason, review.amount) for review in world.all(Review)]


def _packed(world: World) -> tuple[Caller, Caller, int, dict[str, Any]]:
    """Practitioner, client, service and a package of three sessions for 100.00, paid by card."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    return owner, client, service, bought(world, client, offered(owner, service))


def _book_with_it(world: World, client: Caller, service: int) -> Any:
    made = world.book(client, service)
    return pay_with(client, made["checkout"]["id"])


# ------------------------------------------------------------------------------------- more than was left went back


def test_a_package_that_was_sent_back_whole_at_the_gateway_is_over_and_staff_hear_of_what_was_used(
    world: World,
) -> None:
    """Invariant 2: the session that was given and its money cannot both be the client's."""
    _, client, service, package = _packed(world)
    attempt = _attempt(world)
    assert _book_with_it(world, client, service).status_code == 201
    assert _news(world, attempt, _sent_back(attempt, 10_000)) is InboxState.APPLIED
    mine = client.get(f"/packages/{package['id']}").json
    assert (mine["state"], mine["left"], held(world, "package")) == ("ended", 0, 0)
    assert [(r.amount, r.status) for r in world.all(Refund)] == [(6_666, "done")]
    assert (held(world, "write_off"), _reviews(world)) == (-3_334, [("refund_beyond", 3_334)])


def test_it_is_written_down_once_however_often_it_is_told(world: World) -> None:
    _, client, service, _ = _packed(world)
    attempt = _attempt(world)
    assert _book_with_it(world, client, service).status_code == 201
    for _ in range(3):
        _news(world, attempt, _sent_back(attempt, 10_000))
    assert (len(world.all(Refund)), held(world, "write_off"), len(world.all(Review))) == (1, -3_334, 1)


def test_a_gift_that_was_redeemed_and_then_sent_back_is_looked_at(world: World) -> None:
    buyer, friend = world.person(), world.person()
    mine = gift(world, buyer)
    attempt = _attempt(world)
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    assert _news(world, attempt, _sent_back(attempt, 5_000)) is InboxState.APPLIED
    assert _news(world, attempt, _sent_back(attempt, 5_000)) is InboxState.IGNORED
    assert (balance(friend), _reviews(world)) == ([(5_000, "EUR")], [("refund_beyond", 5_000)])
    assert (world.all(Refund), held(world, "write_off")) == ([], -5_000)


def test_news_of_credit_that_is_partly_spent_is_kept_and_takes_only_what_is_there(world: World) -> None:
    """A fact is stored before it is believed: it is never refused because the wallet is empty."""
    client = world.person()
    top_up(world, client, 6_000)
    attempt = _attempt(world)
    bill = client.post("/gifts", {"amount": {"amount": 4_000, "currency": "EUR"}}).json
    assert client.post(f"/checkouts/{bill['id']}/attempts", {"gateway": "wallet"}).status_code == 201
    assert _news(world, attempt, _sent_back(attempt, 6_000)) is InboxState.APPLIED
    assert (balance(client), _reviews(world)) == ([], [("refund_beyond", 4_000)])
    assert [(r.amount, r.status) for r in world.all(Refund)] == [(2_000, "done")]


def test_a_refund_made_there_is_not_taken_for_one_that_never_went_there(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    booking = world.booked(client, world.service(owner))
    attempt = _attempt(world)
    with world.app.app_context(), transaction():
        cheaper = lock(Booking, uuid.UUID(booking["id"]))
        assert cheaper is not None
        cheaper.version += 1
        price_changes.change(cheaper, Money(4_000, "EUR"), Who(Actor.PRACTITIONER, owner.user_id))
    assert balance(client) == [(2_000, "EUR")]
    assert _news(world, attempt, _sent_back(attempt, 4_000)) is InboxState.APPLIED
    assert sorted((r.amount, str(r.means)) for r in world.all(Refund)) == [(2_000, "wallet"), (4_000, "gateway")]
    assert (_reviews(world), held(world, "practitioner"), held(world, "platform")) == ([], 0, 0)


# ------------------------------------------------------------------------------------------------ credit, and staff


@pytest.fixture
def staff(world: World) -> Caller:
    """Somebody who may send money back."""
    return world.person(Role.STAFF)


def _refund(world: World, staff: Caller, attempt: Attempt, amount: int) -> None:
    with world.app.app_context():
        repair.refund(
            attempt.id, Money(amount, attempt.currency), "asked by mail", db.session.get_one(User, staff.user_id)
        )


def test_credit_that_cannot_go_back_to_a_phone_is_not_given_a_second_time(world: World, staff: Caller) -> None:
    client = world.person()
    top_up(world, client, 100_000, "KES", "mpesa")
    with pytest.raises(Invalid) as refused:
        _refund(world, staff, _attempt(world), 60_000)  # a part: only the whole can be reversed
    assert (refused.value.code, world.all(Refund)) == ("credit_already", [])
    assert balance(client) == [(100_000, "KES")]


def test_what_came_back_as_credit_once_is_not_refunded_again(world: World, staff: Caller) -> None:
    """Two credit notes for one receipt could never be taken back: the books are append-only."""
    client = world.person()
    top_up(world, client, 6_000)
    attempt = _attempt(world)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=1)
    _refund(world, staff, attempt, 6_000)
    world.sweep()
    world.settle()
    [refund] = world.all(Refund)
    assert refund.status == "failed"
    with world.app.app_context():
        repair.credit_refund(refund.id, db.session.get_one(User, staff.user_id))
    assert balance(client) == [(6_000, "EUR")]
    with pytest.raises(Invalid) as refused:
        _refund(world, staff, attempt, 6_000)
    assert refused.value.code == "amount_too_large"


# ------------------------------------------------------------------------------------------------ disputes


@pytest.mark.parametrize("closed", ["before", "after"])
def test_a_gift_is_worth_nothing_once_the_bank_took_its_money_back(world: World, staff: Caller, closed: str) -> None:
    buyer, friend = world.person(), world.person()
    mine = gift(world, buyer)
    attempt = _attempt(world)
    _news(world, attempt, _disputed(attempt, "needs_response"))
    if closed == "before":
        _close(world, staff)
    _news(world, attempt, _disputed(attempt, "lost"))
    _close(world, staff)
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).json["code"] == "gift_cancelled"
    assert (balance(buyer), held(world, "gift"), held(world, "write_off")) == ([], 0, 0)
    expected = ["disputed", "dispute_lost"] if closed == "before" else ["disputed"]
    assert [review.reason for review in world.all(Review)] == expected


def test_a_package_pays_for_nothing_once_the_bank_took_its_money_back(world: World, staff: Caller) -> None:
    _, client, service, package = _packed(world)
    attempt = _attempt(world)
    _news(world, attempt, _disputed(attempt, "needs_response"))
    _close(world, staff)
    _news(world, attempt, _disputed(attempt, "lost"))
    _close(world, staff)
    assert client.get(f"/packages/{package['id']}").json["state"] == "ended"
    assert _book_with_it(world, client, service).json["code"] == "package_over"
    assert (held(world, "practitioner"), held(world, "write_off")) == (0, 0)


def test_a_package_under_dispute_is_not_sent_back_by_who_sold_it(world: World) -> None:
    """It would be given twice: by us, and by the bank."""
    owner, _, _, package = _packed(world)
    attempt = _attempt(world)
    _news(world, attempt, _disputed(attempt, "needs_response"))
    assert owner.post(f"/packages/{package['id']}/refund").json["code"] == "under_review"
    assert world.all(Refund) == []


def _close(world: World, staff: Caller) -> None:
    [review] = [each for each in world.all(Review) if each.resolved_at is None]
    with world.app.app_context():
        repair.resolve(review.id, "close", "evidence was sent", db.session.get_one(User, staff.user_id))


# ------------------------------------------------------------------------------------------------ stranded, and keys


def test_a_package_whose_service_changed_gives_its_rest_back_to_the_client(world: World) -> None:
    owner, client, service, package = _packed(world)
    assert client.post(f"/packages/{package['id']}/refund").status_code == 403
    with world.app.app_context():
        form = ServiceForm("Single session", "individual", 60, 6_000, "EUR", "authorise_then_approve")
        practice.save_service(db.session.get_one(User, owner.user_id), form, service)
    assert client.post(f"/packages/{package['id']}/refund").json["state"] == "ended"
    assert [(r.amount, str(r.means)) for r in world.all(Refund)] == [(10_000, "gateway")]
    assert "payment_returned" in world.notices(client)


def test_another_amount_with_the_same_key_is_another_wish(world: World) -> None:
    """A form that was gone back to, and sent again with another amount."""
    client = world.person()
    first = client.post("/gifts", {"amount": {"amount": 1_000, "currency": "EUR"}}, key="page-1")
    assert first.status_code == 201
    with world.app.app_context():
        user = db.session.get_one(User, client.user_id)
        ten = gifts.buy(user, Money(1_000, "EUR"), "k")
        assert gifts.buy(user, Money(1_000, "EUR"), "k").id == ten.id
        assert gifts.buy(user, Money(2_000, "EUR"), "k").amount == 2_000
        assert wallet.top_up(user, Money(1_000, "EUR"), "Top-up", request_key="k").kind == "top_up"
