"""Gifts: credit for somebody else, held in the books until its code is redeemed, once."""

from typing import Any
from uuid import UUID

import pytest

from app.domain.money import Money
from app.gateways.base import Disputed
from app.lib import clock
from app.models import Checkout, Gift, LedgerEntry, Notification, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core import codes, encryption
from app.services.ledger import disputes, reviews
from app.services.payments import payables
from tests.support.at_once import at_once
from tests.support.credit import balance, gift, gift_bill, held, top_up
from tests.support.gateways import PRICED
from tests.support.world import Caller, World


def _redeem(client: Caller, code: str, key: str | None = None) -> Any:
    return client.post("/gifts/redeem", {"code": code}, key=key)


@pytest.mark.parametrize(("gateway", "currency", "amount"), PRICED)
def test_a_gift_is_bought_by_any_gateway_and_redeemed_by_somebody_else(
    world: World, gateway: str, currency: str, amount: int
) -> None:
    """Complaint list: packages and gift codes as ledger credit. Nothing exists before the money; the value waits in the books."""
    buyer, friend = world.person(), world.person(name="Ravi Deshpande")
    bill = gift_bill(buyer, amount, currency)
    assert (bill["kind"], buyer.get("/gifts").json, world.all(Gift)) == ("gift", [], [])
    world.act(world.begin(buyer, bill["id"], gateway))
    [mine] = buyer.get("/gifts").json
    assert (mine["status"], mine["amount"]) == ("open", {"amount": amount, "currency": currency})
    assert (held(world, "gift"), held(world, "wallet"), held(world, "practitioner")) == (amount, 0, 0)
    answer = _redeem(friend, mine["code"])
    assert (answer.status_code, answer.json["amount"]["amount"]) == (200, amount)
    assert (balance(friend), balance(buyer), held(world, "gift")) == ([(amount, currency)], [], 0)
    assert friend.get("/wallet").json["movements"][0]["kind"] == "gift_redeem"
    [gone] = buyer.get("/gifts").json
    assert (gone["status"], gone["code"]) == ("redeemed", "")
    assert ("gift_bought" in world.notices(buyer), "gift_redeemed" in world.notices(buyer)) == (True, True)
    assert world.notices(friend) == ["gift_received"]


def test_the_wallet_pays_for_a_gift_and_the_buyer_may_redeem_it(world: World) -> None:
    client = world.person()
    top_up(world, client, 5_000)
    bill = gift_bill(client, 3_000)
    assert client.post(f"/checkouts/{bill['id']}/attempts", {"gateway": "wallet"}).status_code == 201
    [mine] = client.get("/gifts").json
    assert (balance(client), held(world, "gift")) == ([(2_000, "EUR")], 3_000)
    assert _redeem(client, mine["code"]).status_code == 200
    assert balance(client) == [(5_000, "EUR")]
    assert "gift_redeemed" not in world.notices(client)


def test_codes_are_read_as_people_type_them(world: World) -> None:
    buyer = world.person()
    for spoil in (
        str.lower,
        lambda c: c.replace("-", " "),
        lambda c: f"  {c.replace('-', '')}\n",
        lambda c: c.replace("-", "."),
    ):
        code = gift(world, buyer, 100)["code"]
        assert (len(code), code.count("-")) == (19, 3)
        assert _redeem(world.person(), spoil(code)).status_code == 200


@pytest.mark.parametrize(
    "code", ["", "   ", "ABCD", "AAAA-BBBB-CCCC-DDDD", "ünïcode-ßtraße", "0" * 80, "'; DROP TABLE gifts"]
)
def test_an_unknown_code_is_said_to_be_unknown(world: World, code: str) -> None:
    answer = _redeem(world.person(), code)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "gift_unknown", "code")


def test_a_used_code_pays_nobody_again_and_its_redeemer_the_same(world: World) -> None:
    code = gift(world, world.person())["code"]
    first, second = world.person(), world.person()
    assert [_redeem(first, code).status_code for _ in range(2)] == [200, 200]
    answer = _redeem(second, code)
    assert (answer.status_code, answer.json["code"]) == (409, "gift_used")
    assert (balance(first), balance(second)) == ([(5_000, "EUR")], [])


def test_two_clients_at_the_same_instant_redeem_it_once(world: World) -> None:
    """The law: every captured unit is in exactly one place."""
    code = gift(world, world.person())["code"]
    people = [world.person() for _ in range(6)]
    answers = [answer.status_code for answer in at_once(*(lambda who=who: _redeem(who, code) for who in people))]
    assert answers.count(200) == 1, answers
    assert all(each in (200, 409, 503) for each in answers), answers
    assert sorted(balance(who) for who in people) == [[]] * 5 + [[(5_000, "EUR")]]


def test_redeeming_and_cancelling_at_the_same_instant_is_one_of_them(world: World) -> None:
    buyer, friend = world.person(), world.person()
    mine = gift(world, buyer)
    at_once(lambda: _redeem(friend, mine["code"]), lambda: buyer.post(f"/gifts/{mine['id']}/cancel"))
    world.sweep()
    world.settle()
    [row], back = world.all(Gift), world.all(Refund)
    assert (row.status, len(back), balance(friend)) in (
        ("redeemed", 0, [(5_000, "EUR")]),
        ("cancelled", 1, []),
    )


def test_the_table_does_not_give_the_code_away(world: World) -> None:
    """Who reads the database cannot redeem: a digest of the code, and the code sealed with a key that is elsewhere."""
    mine = gift(world, world.person())
    plain = codes.plain(mine["code"])
    [row] = world.all(Gift)
    assert row.digest == codes.digest(plain)
    assert row.code.startswith("sealed:1:")
    for text in (row.code, row.digest, str(world.all(LedgerEntry))):
        assert plain not in text
    with world.rows() as session:
        assert encryption.read(session.get_one(Gift, row.id), "code") == plain
    with world.app.app_context():
        assert encryption.rotate().closed == 0


def test_only_the_mail_to_the_buyer_has_the_code(world: World) -> None:
    buyer = world.person()
    mine = gift(world, buyer)
    world.sweep()
    [mail] = [m for m in world.mails(world.email(buyer)) if "gift" in m["subject"].lower()]
    assert mine["code"] in str(mail)
    with world.rows() as session:
        assert all(mine["code"] not in str(n.data) for n in session.query(Notification))


@pytest.mark.usefixtures("limits")
def test_guessing_is_slowed_down_and_right_codes_are_not(world: World) -> None:
    guesser, code = world.person(), gift(world, world.person())["code"]
    for _ in range(10):
        assert _redeem(guesser, "AAAA-BBBB-CCCC-DDDD").status_code == 422
    assert _redeem(guesser, code).status_code == 429
    assert _redeem(world.person(), code).status_code == 200


def test_strangers_and_other_roles_have_no_part_in_a_gift(world: World) -> None:
    mine = gift(world, world.person())
    for other in (world.person(), world.practitioner()):
        assert other.get(f"/gifts/{mine['id']}").status_code == 404
        assert other.post(f"/gifts/{mine['id']}/cancel").status_code == 404
    for other in (world.practitioner(), world.person(Role.STAFF)):
        assert other.post("/gifts", {"amount": {"amount": 100, "currency": "EUR"}}).status_code == 403
        assert _redeem(other, mine["code"]).status_code == 403


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [(5_000, "XTS", "amount_not_taken"), (0, "EUR", "invalid"), (-5, "EUR", "invalid")],
)
def test_a_gift_that_cannot_be_paid_is_refused(world: World, amount: int, currency: str, code: str) -> None:
    answer = world.person().post("/gifts", {"amount": {"amount": amount, "currency": currency}})
    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_the_same_key_buys_once_and_cancels_once(world: World) -> None:
    buyer = world.person()
    assert gift_bill(buyer, key="k")["id"] == gift_bill(buyer, key="k")["id"]
    mine = gift(world, buyer)
    answers = [buyer.post(f"/gifts/{mine['id']}/cancel", key="c") for _ in range(2)]
    assert [a.json["status"] for a in answers] == ["cancelled"] * 2
    assert len(world.all(Refund)) == 1
    again = buyer.post(f"/gifts/{mine['id']}/cancel")
    assert (again.status_code, again.json["code"]) == (409, "gift_cancelled")


# ------------------------------------------------------------------------------------------------ money back


def test_a_cancelled_gift_goes_back_where_it_was_paid_and_its_code_is_dead(world: World) -> None:
    buyer = world.person()
    mine = gift(world, buyer)
    assert buyer.post(f"/gifts/{mine['id']}/cancel").json["status"] == "cancelled"
    assert _redeem(world.person(), mine["code"]).json["code"] == "gift_cancelled"
    world.sweep()
    world.settle()
    [back] = world.all(Refund)
    assert (back.amount, back.reason, back.status, held(world, "gift")) == (5_000, "gift_cancelled", "done", 0)
    assert "payment_returned" in world.notices(buyer)


def test_a_redeemed_gift_cannot_be_cancelled_or_refunded(world: World) -> None:
    buyer, friend = world.person(), world.person()
    staff_id = world.person(Role.STAFF).user_id
    mine = gift(world, buyer)
    _redeem(friend, mine["code"])
    answer = buyer.post(f"/gifts/{mine['id']}/cancel")
    assert (answer.status_code, answer.json["code"]) == (409, "gift_used")
    with world.rows() as session:
        attempt = session.get_one(Gift, world.all(Gift)[0].id).checkout.attempts[0]
        staff = session.get_one(User, staff_id)
        with pytest.raises(Exception, match="amount_too_large"):
            repair.refund(attempt.id, Money(1, "EUR"), "they asked", staff)
    assert balance(friend) == [(5_000, "EUR")]


def test_staff_who_send_a_part_back_end_the_gift_and_the_rest_is_the_buyers_credit(world: World) -> None:
    """One rule for all ways: money that goes back ends the gift, and what is left is the buyer's."""
    buyer = world.person()
    staff_id = world.person(Role.STAFF).user_id
    mine = gift(world, buyer)
    with world.rows() as session:
        attempt = session.get_one(Gift, world.all(Gift)[0].id).checkout.attempts[0]
        staff = session.get_one(User, staff_id)
        repair.refund(attempt.id, Money(2_000, "EUR"), "half of it", staff)
    assert balance(buyer) == [(3_000, "EUR")]
    assert _redeem(world.person(), mine["code"]).json["code"] == "gift_cancelled"


def test_staff_cancel_a_gift_by_the_api(world: World) -> None:
    mine = gift(world, world.person())
    assert world.person(Role.STAFF).post(f"/gifts/{mine['id']}/cancel").json["status"] == "cancelled"


def test_money_that_comes_late_still_makes_the_code(world: World) -> None:
    """A gift has no time of its own: the bill has lapsed, and the money is good all the same."""
    buyer = world.person()
    bill = gift_bill(buyer)
    begun = world.begin(buyer, bill["id"])
    world.drop_callbacks()
    world.act(begun)
    world.move(hours=2)
    world.sweep()
    world.settle()
    assert [each["status"] for each in buyer.get("/gifts").json] == ["open"]


def test_a_gift_given_up_before_its_money_came_is_sent_back(world: World) -> None:
    """Who gave it up gets no code, and all of the late money back."""
    buyer = world.person()
    bill = gift_bill(buyer)
    assert buyer.post(f"/checkouts/{bill['id']}/cancel").json["status"] == "cancelled"
    with world.rows() as session:
        checkout = session.get_one(Checkout, UUID(bill["id"]))
        assert payables.try_fulfil(checkout, checkout.money, clock.now()) is payables.Fulfilment.GONE
    assert world.all(Gift) == []


def test_a_challenged_gift_cannot_be_redeemed_until_staff_have_decided(world: World) -> None:
    buyer, friend = world.person(), world.person()
    staff_id = world.person(Role.STAFF).user_id
    mine = gift(world, buyer)
    with world.rows() as session:
        attempt = session.get_one(Gift, world.all(Gift)[0].id).checkout.attempts[0]
        reviews.open_review(attempt, "disputed", "needs_response", money=attempt.money)
        session.commit()
    assert _redeem(friend, mine["code"]).json["code"] == "gift_held"
    assert buyer.post(f"/gifts/{mine['id']}/cancel").json["code"] == "under_review"
    with world.rows() as session:
        [review] = session.query(Review).all()
        repair.resolve(review.id, "close", "the bank believed us", session.get_one(User, staff_id))
    assert _redeem(friend, mine["code"]).status_code == 200


def test_a_gift_whose_money_the_bank_took_back_is_written_off_and_gives_nobody_credit(world: World) -> None:
    """A lost dispute is written off, not taken from anybody; nor is it given to anybody."""
    buyer, staff = world.person(), world.person(Role.STAFF)
    mine = gift(world, buyer)
    with world.rows() as session:
        attempt = session.get_one(Gift, UUID(mine["id"])).checkout.attempts[0]
        fact = Disputed(charge_ref=attempt.charge_ref or "ch", money=attempt.money, stage="lost")
        assert disputes.try_apply(attempt, fact)
        session.commit()
    assert _redeem(buyer, mine["code"]).json["code"] == "gift_held"
    assert staff.post(f"/gifts/{mine['id']}/cancel").json["status"] == "cancelled"
    assert (balance(buyer), held(world, "gift"), world.all(Refund)) == ([], 0, [])
    assert held(world, "write_off") == 0


def test_the_audit_finds_a_gift_without_its_money(world: World) -> None:
    """Outstanding gifts equal their ledger accounts."""
    gift(world, world.person())
    with world.rows() as session:
        [row] = session.query(Gift).all()
        row.amount = 4_999
        session.commit()
        assert [breach.code for breach in reconciliation.breaches()] == ["gift_balance"]
        row.amount = 5_000
        session.commit()
