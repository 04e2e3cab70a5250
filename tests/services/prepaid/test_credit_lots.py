"""Prepaid money cannot become cash (PAY-5): credit keeps where it came from, however it is spent, given and got back."""

import uuid
from typing import Any

import pytest

from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Disputed, GatewayEvent, Refunded, RefundFailed
from app.models import Attempt, Checkout, CreditMove, Payout, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core.errors import Conflict, Invalid
from app.services.payments import inbox
from tests.support.credit import balance, bought, gift, held, offered, pay_with, stranded, top_up
from tests.support.late import late_payment
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _ask(client: Caller, amount: int, currency: str = "EUR") -> Any:
    wish = {"amount": {"amount": amount, "currency": currency}, "destination": "to my bank"}
    return client.post("/wallet/payouts", wish)


def _pay(client: Caller, checkout_id: str) -> Any:
    return client.post(f"/checkouts/{checkout_id}/attempts", {"gateway": "wallet"})


def _parts(client: Caller, name: str) -> list[int]:
    """What of the wallet is `payable` or `held`."""
    return [each["amount"] for each in client.get("/wallet").json[name]]


def _bank_says(world: World, stage: str, amount: int | None = None, nth: int = -1, ref: str = "") -> None:
    """The payer's bank on the nth card payment that was made."""
    attempt = [each for each in world.all(Attempt) if each.gateway == "stripe"][nth]
    money = Money(attempt.amount if amount is None else amount, attempt.currency)
    fact = Disputed(attempt.charge_ref or "", money, stage, ref)
    with world.app.app_context():
        event = GatewayEvent(uuid.uuid4().hex, "charge.dispute", fact, attempt.reference)
        inbox.receive("stripe", event, source="callback")


def _session(world: World, client: Caller, price: int = 6_000) -> tuple[Caller, Any]:
    """A session that waits to be paid, and whose it is."""
    owner = world.practitioner()
    return owner, world.book(client, world.service(owner, price_amount=price))


def _settled(world: World) -> None:
    with world.app.app_context():
        assert reconciliation.breaches() == []


# ------------------------------------------------------------------------------------------------ bought


def test_credit_bought_by_card_is_not_paid_out(world: World) -> None:
    client = world.person()
    top_up(world, client, 100_000)
    answer = _ask(client, 100_000)
    assert (answer.status_code, answer.json["code"]) == (409, "credit_not_payable")
    assert (balance(client), _parts(client, "payable"), world.all(Payout)) == ([(100_000, "EUR")], [], [])


def test_a_session_that_was_paid_with_it_and_cancelled_makes_no_cash_of_it(world: World) -> None:
    client = world.person()
    top_up(world, client, 6_000)
    owner, made = _session(world, client)
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "ill"})
    assert balance(client) == [(6_000, "EUR")]
    assert _ask(client, 1).json["code"] == "credit_not_payable"
    _settled(world)


def test_a_gift_bought_by_card_is_no_cash_for_who_redeems_it(world: World) -> None:
    buyer, friend = world.person(), world.person()
    mine = gift(world, buyer)
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    assert _ask(friend, 5_000).json["code"] == "credit_not_payable"


def test_a_gift_bought_with_credit_is_what_that_credit_was(world: World) -> None:
    """2,000 that could not go back and 3,000 bought make a gift of 5,000: of it, 2,000 may be paid out."""
    buyer, friend = world.person(), world.person()
    stranded(world, buyer, 2_000)
    top_up(world, buyer, 3_000)
    bill = buyer.post("/gifts", {"amount": {"amount": 5_000, "currency": "EUR"}}).json
    assert _pay(buyer, bill["id"]).status_code == 201
    [mine] = buyer.get("/gifts").json
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    assert _parts(friend, "payable") == [2_000]
    assert _ask(friend, 2_001).json["code"] == "credit_not_payable"
    assert _ask(friend, 2_000).status_code == 201
    _settled(world)


# ------------------------------------------------------------------------------------------------ could not go back


def test_credit_of_a_payment_that_could_not_go_back_is_paid_out(world: World) -> None:
    client = world.person()
    stranded(world, client, 6_000)
    assert _parts(client, "payable") == [6_000]
    assert _ask(client, 4_000).status_code == 201
    assert (balance(client), _parts(client, "payable")) == ([(2_000, "EUR")], [2_000])


def test_what_was_bought_is_spent_first_and_comes_back_as_it_was(world: World) -> None:
    """3,000 bought and 2,000 that could not go back: a session of 4,000 leaves 1,000 to pay out; given back, 2,000."""
    client = world.person()
    stranded(world, client, 2_000)
    top_up(world, client, 3_000)
    owner, made = _session(world, client, 4_000)
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    assert _parts(client, "payable") == [1_000]
    owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "ill"})
    assert _parts(client, "payable") == [2_000]
    _settled(world)


def test_a_refused_payout_may_be_asked_for_again(world: World) -> None:
    client, staff = world.person(), world.person(Role.STAFF)
    stranded(world, client, 2_000)
    _ask(client, 2_000)
    with world.rows() as session:
        repair.refuse_payout(session.query(Payout).one().id, "Closed", session.get_one(User, staff.user_id))
    assert _parts(client, "payable") == [2_000]


# ------------------------------------------------------------------------------------------------ disputed


def test_while_a_bank_asks_the_credit_is_held_and_once_it_is_won_it_pays(world: World) -> None:
    client = world.person()
    top_up(world, client, 6_000)
    _, made = _session(world, client)
    _bank_says(world, "created")
    assert _parts(client, "held") == [6_000]
    assert _pay(client, made["checkout"]["id"]).json["code"] == "credit_held"
    _bank_says(world, "won")
    assert _parts(client, "held") == []
    assert _pay(client, made["checkout"]["id"]).status_code == 201


def test_other_credit_pays_while_some_is_held(world: World) -> None:
    client = world.person()
    top_up(world, client, 6_000)
    _bank_says(world, "created")
    top_up(world, client, 6_000)
    _, made = _session(world, client)
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    assert (balance(client), _parts(client, "held")) == ([(6_000, "EUR")], [6_000])


def test_what_the_bank_took_is_taken_from_the_wallet(world: World) -> None:
    """PAY-5: after a lost top-up the credit still paid for a session."""
    client = world.person()
    top_up(world, client, 6_000)
    _bank_says(world, "created")
    _bank_says(world, "lost")
    assert (balance(client), held(world, "write_off")) == ([], 0)
    _settled(world)


def test_of_a_part_that_was_lost_the_rest_is_left(world: World) -> None:
    client = world.person()
    top_up(world, client, 6_000)
    _bank_says(world, "created", 2_500)
    _bank_says(world, "lost", 2_500)
    assert (balance(client), _parts(client, "held"), held(world, "write_off")) == ([(3_500, "EUR")], [], 0)


def test_what_was_spent_of_it_comes_back_as_nobodys(world: World) -> None:
    """6,000 bought, 4,000 spent, all of it lost: 2,000 is taken, and the 4,000 that come back pay for nothing."""
    client = world.person()
    top_up(world, client, 6_000)
    owner, made = _session(world, client, 4_000)
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    _bank_says(world, "created")
    _bank_says(world, "lost")
    assert (balance(client), held(world, "write_off")) == ([], -4_000)
    owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "ill"})
    assert (balance(client), _parts(client, "held")) == ([(4_000, "EUR")], [4_000])
    bill = client.post("/gifts", {"amount": {"amount": 4_000, "currency": "EUR"}}).json
    assert _pay(client, bill["id"]).json["code"] == "credit_held"
    _settled(world)


def test_a_redeemed_gift_is_taken_from_whoever_has_it(world: World) -> None:
    """PAY-5: bought with the card, redeemed by a friend, lost."""
    buyer, friend = world.person(), world.person()
    mine = gift(world, buyer)
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    _bank_says(world, "created")
    assert _parts(friend, "held") == [5_000]
    _bank_says(world, "lost")
    assert (balance(friend), held(world, "write_off")) == ([], 0)
    _settled(world)


def test_a_payout_waits_while_the_bank_asks(world: World) -> None:
    client, staff = world.person(), world.person(Role.STAFF)
    stranded(world, client, 2_000)
    _ask(client, 2_000)
    _bank_says(world, "created")
    with world.rows() as session:
        payout, user = session.query(Payout).one(), session.get_one(User, staff.user_id)
        with pytest.raises(Conflict, match="credit_held"):
            repair.settle_payout(payout.id, "sent", user)


def test_a_top_up_that_is_challenged_is_not_sent_back_too(world: World) -> None:
    client, staff = world.person(), world.person(Role.STAFF)
    top_up(world, client, 6_000)
    _bank_says(world, "created")
    [attempt] = world.all(Attempt)
    with world.app.app_context(), pytest.raises(Invalid):
        repair.refund(attempt.id, attempt.money, "asked", db.session.get_one(User, staff.user_id))


def test_every_wallet_entry_is_divided_to_the_unit(world: World) -> None:
    client = world.person()
    top_up(world, client, 5_001)
    stranded(world, client, 333)
    assert sum(move.amount for move in world.all(CreditMove)) == 5_334
    assert balance(client) == [(5_334, "EUR")]


def test_half_a_session_of_a_package_bought_by_card_is_no_cash(world: World) -> None:
    """It cannot go back into the package; the card it was bought with could take it back."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, free_cancel_hours=240, later_tiers=[[1, 50]])
    bought(world, client, offered(owner, service))
    made = world.book(client, service)
    assert pay_with(client, made["checkout"]["id"]).status_code == 201
    assert client.post(f"/bookings/{made['booking']['id']}/cancel").status_code == 200
    assert (balance(client), _parts(client, "payable")) == ([(1_667, "EUR")], [])


def test_what_a_late_payer_chose_to_keep_as_credit_is_no_cash(world: World) -> None:
    """The card could have taken it back."""
    client = world.person()
    service = world.service(world.practitioner(), "pay_then_book")
    checkout = late_payment(world, client, service)["checkout"]["id"]
    assert client.post(f"/checkouts/{checkout}/offer", {"choice": "credit"}).status_code == 200
    assert (balance(client), _parts(client, "payable")) == ([(6_000, "EUR")], [])


def test_a_part_of_what_mpesa_took_may_be_paid_out(world: World) -> None:
    """A reversal takes back the whole of it or nothing."""
    client, staff = world.person(), world.person(Role.STAFF)
    world.booked(client, world.service(world.practitioner(), currency="KES"), "mpesa")
    [attempt] = world.all(Attempt)
    with world.app.app_context():
        repair.refund(attempt.id, Money(50_000, "KES"), "asked", db.session.get_one(User, staff.user_id))
    assert _ask(client, 50_000, "KES").status_code == 201


def test_what_came_back_of_another_loss_is_not_taken_for_what_the_bank_took(world: World) -> None:
    """More went back there than was left, and came back: 6,000 are lost all the same, and 6,000 are taken."""
    client = world.person()
    top_up(world, client, 6_000)
    [attempt] = world.all(Attempt)
    owner, made = _session(world, client, 6_000)
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    for fact in (
        Refunded(Money(1_000, "EUR"), "re_x", None, attempt.charge_ref),
        RefundFailed("failed", "re_x", None, attempt.charge_ref),
    ):
        with world.app.app_context():
            inbox.receive("stripe", GatewayEvent(uuid.uuid4().hex, "told", fact, attempt.reference), source="callback")
    assert held(world, "write_off") == 0
    owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "ill"})
    _bank_says(world, "created")
    _bank_says(world, "lost")
    assert (balance(client), held(world, "write_off")) == ([], 0)
    _settled(world)


# ------------------------------------------------------------------------------------------------ spent, and then lost


def _lost_after_spending(world: World) -> tuple[Caller, Caller, Any]:
    """60.00 were topped up and 25.00 of it spent; then the bank took the 60.00 back."""
    client = world.person()
    top_up(world, client, 6_000)
    owner, made = _session(world, client, 2_500)
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    _bank_says(world, "created", nth=0)
    _bank_says(world, "lost", nth=0)
    return client, owner, made


def _debts(world: World) -> list[Checkout]:
    return [each for each in world.all(Checkout) if each.kind == "lost_credit"]


def test_credit_that_was_spent_before_the_bank_took_it_is_owed_by_its_buyer(world: World) -> None:
    """PAY-5: 60.00 less the 35.00 that were still there are 25.00, and until they are paid nothing more is booked."""
    client, owner, _ = _lost_after_spending(world)
    [debt] = _debts(world)
    assert (debt.amount, str(debt.status), balance(client)) == (2_500, "open", [])
    assert "lost_credit_due" in world.notices(client)
    assert held(world, "write_off") == -2_500
    service = world.service(owner)
    wish = {"service_id": service, "start": world.slots(service)[-1]["start"], "notes": "please"}
    assert client.post("/bookings", wish).json["code"] == "balance_due"
    world.act(world.begin(client, str(debt.id), "stripe"))
    assert (str(_debts(world)[0].status), held(world, "write_off")) == ("paid", 0)
    assert "lost_credit_paid" in world.notices(client)
    _settled(world)


def test_what_comes_back_of_it_is_taken_and_owed_no_more(world: World) -> None:
    """The session it was spent on is cancelled: the credit is back, so it is taken instead of being owed."""
    client, owner, made = _lost_after_spending(world)
    owner.post(f"/bookings/{made['booking']['id']}/cancel", {"reason": "ill"})
    assert (balance(client), _parts(client, "held")) == ([(2_500, "EUR")], [2_500])
    world.sweep()
    assert (balance(client), [str(debt.status) for debt in _debts(world)]) == ([], ["cancelled"])
    assert held(world, "write_off") == 0
    _settled(world)


def test_it_is_owed_once_however_often_the_bank_speaks(world: World) -> None:
    """Parts of 20.00 and 40.00 of 60.00 that were spent are lost: debts of 20.00 and 40.00, and never more."""
    client = world.person()
    top_up(world, client, 6_000)
    _, made = _session(world, client, 6_000)
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    for ref, amount in (("du_1", 2_000), ("du_2", 4_000)):
        for stage in ("needs_response", "lost", "under_review"):
            _bank_says(world, stage, amount, nth=0, ref=ref)
    assert sorted(debt.amount for debt in _debts(world) if str(debt.status) == "open") == [2_000, 4_000]
    _settled(world)


def test_a_debt_that_was_paid_by_a_card_and_charged_back_is_owed_again(world: World) -> None:
    client, _, _ = _lost_after_spending(world)
    [debt] = _debts(world)
    world.act(world.begin(client, str(debt.id), "stripe"))
    _bank_says(world, "created")
    _bank_says(world, "lost")
    assert [(each.amount, str(each.status)) for each in _debts(world)] == [(2_500, "paid"), (2_500, "open")]
    assert held(world, "write_off") == -2_500
    _settled(world)


def test_the_buyer_of_a_gift_owes_what_a_friend_has_spent_of_it(world: World) -> None:
    buyer, friend = world.person(), world.person()
    mine = gift(world, buyer)
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    _, made = _session(world, friend, 2_000)
    assert _pay(friend, made["checkout"]["id"]).status_code == 201
    _bank_says(world, "created", nth=0)
    _bank_says(world, "lost", nth=0)
    [debt] = _debts(world)
    assert (debt.client_id, debt.amount, balance(friend)) == (buyer.user_id, 2_000, [])
    world.sweep()
    page = Pages(world, buyer).get("/bookings").text
    assert "Your bank took back money for credit that was spent, so this is due." in page
    _settled(world)


def test_a_lost_session_is_no_debt(world: World) -> None:
    """Only what was credit can fall below nothing: who bears the loss of a session staff decide."""
    client = world.person()
    _, made = _session(world, client, 2_500)
    world.act(world.begin(client, made["checkout"]["id"], "stripe"))
    _bank_says(world, "created", nth=0)
    _bank_says(world, "lost", nth=0)
    assert (_debts(world), held(world, "write_off")) == ([], -2_500)
    _settled(world)
