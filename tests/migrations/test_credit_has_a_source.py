"""Credit from before there were lots is replayed from the books: what nobody can say is not paid out (revision 0017)."""

from collections import Counter
from typing import Any

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.extensions import db
from app.models import Attempt, Payout, Role, User
from app.services.backoffice import reconciliation, repair
from tests.support.credit import bought, gift, offered, pay_with, stranded, top_up
from tests.support.world import Caller, World


def _lots(world: World) -> Counter[tuple[Any, ...]]:
    """What each wallet has, lot by lot."""
    statement = text(
        """SELECT e.owner, e.currency, m.attempt_id, m.payable, sum(m.amount)
             FROM credit_moves m JOIN ledger_entries e ON e.id = m.entry_id
            GROUP BY e.owner, e.currency, m.attempt_id, m.payable HAVING sum(m.amount) <> 0"""
    )
    with world.rows() as session:
        return Counter((*map(str, row[:3]), bool(row[3]), int(row[4])) for row in session.execute(statement))


def _paid(world: World, client: Caller, service: int, way: str, nth: int) -> str:
    made = world.book(client, service, world.slots(service, 4)[nth]["start"])
    assert client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": way}).status_code == 201
    return str(made["booking"]["id"])


def _lives(world: World) -> None:
    """Credit that was bought, given, spent, got back, that could not go back, was paid out and refused."""
    owner, client, friend, staff = world.practitioner(), world.person(), world.person(), world.person(Role.STAFF)
    service = world.service(owner, price_amount=4_000)
    stranded(world, client, 9_000)
    top_up(world, client, 10_000)
    mine = gift(world, client)
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    bill = client.post("/gifts", {"amount": {"amount": 11_000, "currency": "EUR"}}).json
    assert client.post(f"/checkouts/{bill['id']}/attempts", {"gateway": "wallet"}).status_code == 201
    [code] = [each["code"] for each in client.get("/gifts").json if each["checkout_id"] == bill["id"]]
    assert friend.post("/gifts/redeem", {"code": code}).status_code == 200
    back = _paid(world, client, service, "wallet", 0)
    _paid(world, friend, service, "wallet", 1)
    owner.post(f"/bookings/{back}/cancel", {"reason": "ill"})
    for amount in (1_000, 2_000):
        wish = {"amount": {"amount": amount, "currency": "EUR"}, "destination": f"Till {amount}"}
        assert client.post("/wallet/payouts", wish).status_code == 201
    with world.rows() as session:
        user = session.get_one(User, staff.user_id)
        repair.settle_payout(session.query(Payout).filter_by(amount=1_000).one().id, "sent", user)
        repair.refuse_payout(session.query(Payout).filter_by(amount=2_000).one().id, "closed", user)


def _down_and_up() -> None:
    db.session.remove()
    try:
        downgrade(revision="0016")
    finally:
        upgrade()


def test_credit_is_divided_as_it_would_have_been(world: World) -> None:
    _lives(world)
    before = _lots(world)
    assert len(before) == 4
    with world.app.app_context():
        _down_and_up()
        assert reconciliation.breaches() == []
    assert _lots(world) == before


def test_a_session_of_a_package_that_became_credit_is_of_what_the_package_was_bought_with(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, free_cancel_hours=240, later_tiers=[[1, 50]])
    bought(world, client, offered(owner, service))
    made = world.book(client, service)
    assert pay_with(client, made["checkout"]["id"]).status_code == 201
    assert client.post(f"/bookings/{made['booking']['id']}/cancel").status_code == 200
    before = _lots(world)
    [package] = [each for each in world.all(Attempt) if each.gateway == "stripe"]
    assert [lot[2].replace("-", "") for lot in before] == [package.id.hex]
    with world.app.app_context():
        _down_and_up()
    assert _lots(world) == before
