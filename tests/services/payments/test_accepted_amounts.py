"""Another amount than was asked for, accepted by staff: what is bought with it, and every message, is about what was paid."""

from typing import Any

import pytest

from app.domain.money import Money
from app.extensions import db
from app.models import Gift, Notification, Package, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.ledger import prepaid_balances
from tests.support.credit import balance, gift_bill, offered
from tests.support.sessions import given_unpaid
from tests.support.world import Caller, World

PAID = 3_000


def _accepted(world: World, client: Caller, bill: str, amount: int = PAID) -> None:
    """Staff accept what came in for the bill."""
    world.act(world.begin(client, bill), amount=amount)
    [review] = [each for each in world.all(Review) if each.resolved_at is None]
    staff_id = world.person(Role.STAFF).user_id
    with world.app.app_context():
        repair.resolve(review.id, "accept", "Seen at the bank.", db.session.get_one(User, staff_id))
        assert reconciliation.breaches() == []


def _told(world: World, caller: Caller, kind: str) -> list[int]:
    mine = [each for each in world.all(Notification) if each.user_id == caller.user_id and each.kind == kind]
    return [int(each.data["amount"]) for each in mine]


def test_a_gift_is_worth_what_was_paid_and_the_message_says_so(world: World) -> None:
    buyer = world.person()
    _accepted(world, buyer, gift_bill(buyer)["id"])
    [gift] = world.all(Gift)
    assert (gift.amount, _told(world, buyer, "gift_bought")) == (PAID, [PAID])


def test_a_top_up_is_what_was_paid_and_the_message_says_so(world: World) -> None:
    client = world.person()
    made = client.post("/wallet/top-ups", {"amount": {"amount": 5_000, "currency": "EUR"}})
    _accepted(world, client, made.json["id"])
    assert (balance(client), _told(world, client, "topped_up")) == ([(PAID, "EUR")], [PAID])


def test_a_debt_is_settled_with_what_was_paid_and_both_read_how_much(world: World) -> None:
    owner, client, bill = given_unpaid(world)
    _accepted(world, client, bill)
    assert [_told(world, each, "due_paid") for each in (client, owner)] == [[PAID], [PAID]]


def _package_bill(world: World) -> tuple[Caller, Caller, str]:
    owner, client = world.practitioner(), world.person()
    offer = offered(owner, world.service(owner), sessions=10, price=10_000)
    bill: dict[str, Any] = client.post(f"/package-offers/{offer}/buy").json
    return owner, client, bill["id"]


def test_a_package_is_worth_what_was_paid_and_both_read_how_much(world: World) -> None:
    owner, client, bill = _package_bill(world)
    _accepted(world, client, bill)
    [package] = world.all(Package)
    with world.rows():
        assert prepaid_balances.left(package) == Money(PAID, "EUR")
    assert (package.price_amount, package.sessions) == (PAID, 10)
    assert (_told(world, client, "package_bought"), _told(world, owner, "package_sold")) == ([PAID], [PAID])


@pytest.mark.parametrize(("amount", "lands"), [(9, False), (10, True)])
def test_a_package_of_which_a_session_would_cost_nothing_is_not_sold(world: World, amount: int, lands: bool) -> None:
    """Ten sessions for nine cents: the money goes back."""
    _, client, bill = _package_bill(world)
    _accepted(world, client, bill, amount)
    assert (len(world.all(Package)), [each.reason for each in world.all(Refund)]) == (
        (1, []) if lands else (0, ["not_bought"])
    )
