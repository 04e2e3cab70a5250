"""A client's credit: put in through any gateway, paid with at once, paid out by hand, and never spent twice."""

from typing import Any

import pytest

from app.extensions import db
from app.models import Attempt, Booking, LedgerEntry, Payout, Role, User
from app.services.backoffice import repair
from tests.support.at_once import at_once
from tests.support.credit import stranded
from tests.support.gateways import PRICED
from tests.support.world import Caller, World


def _top_up(world: World, client: Caller, amount: int, currency: str = "EUR", gateway: str = "stripe") -> None:
    made = client.post("/wallet/top-ups", {"amount": {"amount": amount, "currency": currency}})
    assert made.status_code == 201, made.text
    world.act(world.begin(client, made.json["id"], gateway))


def _balance(client: Caller) -> list[tuple[int, str]]:
    return [(each["amount"], each["currency"]) for each in client.get("/wallet").json["balances"]]


def _pay(client: Caller, checkout_id: str, key: str | None = None) -> Any:
    return client.post(f"/checkouts/{checkout_id}/attempts", {"gateway": "wallet"}, key=key)


def _at_once(*acts: Any) -> list[int]:
    return sorted(answer.status_code for answer in at_once(*acts))


# ------------------------------------------------------------------------------------------------ paying with it


@pytest.mark.parametrize(("gateway", "currency", "amount"), PRICED)
def test_a_top_up_for_a_booking_pays_for_it_then(world: World, gateway: str, currency: str, amount: int) -> None:
    """Pages, pay 3: what is missing is topped up, the intent is kept, and one press pays."""
    client, service = world.person(), world.service(world.practitioner(), currency=currency)
    made = world.book(client, service)
    body = {"amount": {"amount": amount, "currency": currency}, "then": made["checkout"]["id"]}
    top_up = client.post("/wallet/top-ups", body)
    assert (top_up.status_code, top_up.json["kind"]) == (201, "top_up")
    assert "wallet" not in [m["gateway"] for m in world.checkout(client, made["checkout"]["id"])["methods"]]
    world.act(world.begin(client, top_up.json["id"], gateway))
    assert _balance(client) == [(amount, currency)]
    methods = world.checkout(client, made["checkout"]["id"])["methods"]
    assert methods[-1] == {"gateway": "wallet", "label": "Wallet", "needs_phone": False}
    answer = _pay(client, made["checkout"]["id"])
    assert (answer.status_code, answer.json["next"]["kind"]) == (201, "done")
    booking = world.booking(client, made["booking"]["id"])
    assert (booking["status"], booking["money"]) == ("confirmed", "paid")
    assert _balance(client) == []
    lines = client.get("/wallet").json["movements"]
    assert [(line["kind"], line["amount"]["amount"]) for line in lines] == [("capture", -amount), ("land", amount)]
    assert lines[0]["booking_id"] == made["booking"]["id"]


def test_too_little_credit_pays_nothing_and_leaves_everything_as_it_was(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    _top_up(world, client, 5_999)
    made = world.book(client, service)
    answer = _pay(client, made["checkout"]["id"])
    assert (answer.status_code, answer.json["code"]) == (409, "insufficient_balance")
    assert _balance(client) == [(5_999, "EUR")]
    assert world.checkout(client, made["checkout"]["id"])["attempts"] == []
    world.act(world.begin(client, made["checkout"]["id"]))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_credit_for_one_session_never_pays_two_at_once(world: World) -> None:
    """Invariant 5, by parallel payers."""
    client, service = world.person(), world.service(world.practitioner())
    _top_up(world, client, 6_000)
    starts = [slot["start"] for slot in world.slots(service)[:4]]
    bills = [world.book(client, service, start)["checkout"]["id"] for start in starts]
    codes = _at_once(*(lambda bill=bill: _pay(client, bill) for bill in bills))
    assert codes.count(201) == 1, codes
    assert all(code in (201, 409, 503) for code in codes), codes
    assert _balance(client) == []
    assert sorted(b.status for b in world.all(Booking)) == ["awaiting_payment"] * 3 + ["confirmed"]


def test_one_bill_paid_twice_at_once_is_paid_once(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    _top_up(world, client, 12_000)
    made = world.book(client, service)
    _at_once(*(lambda: _pay(client, made["checkout"]["id"]) for _ in range(4)))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert _balance(client) == [(6_000, "EUR")]


def test_the_same_key_pays_once_and_answers_twice_the_same(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    _top_up(world, client, 12_000)
    made = world.book(client, service)
    first, second = (_pay(client, made["checkout"]["id"], key="once") for _ in range(2))
    assert first.json == second.json
    assert _balance(client) == [(6_000, "EUR")]


def test_credit_takes_over_from_a_gateways_page_that_was_left(world: World) -> None:
    """Complaint 3: changing the way to pay ends the open try first."""
    client, service = world.person(), world.service(world.practitioner())
    _top_up(world, client, 6_000)
    made = world.book(client, service)
    world.begin(client, made["checkout"]["id"])
    assert _pay(client, made["checkout"]["id"]).status_code == 201
    tries = world.checkout(client, made["checkout"]["id"])["attempts"]
    assert [(t["gateway"], t["status"]) for t in tries] == [("stripe", "failed"), ("wallet", "paid")]


def test_credit_pays_nothing_when_the_place_is_gone(world: World) -> None:
    """Complaint 5: with the wallet nobody ever pays too late."""
    client, rival = world.person(), world.person()
    service = world.service(world.practitioner(), "pay_then_book")
    _top_up(world, client, 6_000)
    start = world.start(service)
    made = world.book(client, service, start)
    theirs = world.book(rival, service, start)
    world.act(world.begin(rival, theirs["checkout"]["id"]))
    answer = _pay(client, made["checkout"]["id"])
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    assert _balance(client) == [(6_000, "EUR")]
    assert len(world.all(Booking)) == 1


def test_two_with_credit_race_for_one_place_and_the_loser_keeps_the_money(world: World) -> None:
    service = world.service(world.practitioner(), "pay_then_book")
    start, people = world.start(service), [world.person(), world.person()]
    for each in people:
        _top_up(world, each, 6_000)
    bills = [world.book(each, service, start)["checkout"]["id"] for each in people]
    codes = _at_once(*(lambda p=p, b=b: _pay(p, b) for p, b in zip(people, bills, strict=True)))
    assert codes == [201, 409]
    assert sorted(map(_balance, people)) == [[], [(6_000, "EUR")]]


def test_credit_pays_for_a_draft_and_the_booking_comes_into_being(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book")
    _top_up(world, client, 6_000)
    made = world.book(client, service)
    assert _pay(client, made["checkout"]["id"]).json["next"]["kind"] == "done"
    assert [b.status for b in world.all(Booking)] == ["confirmed"]


def test_credit_neither_reserves_nor_tops_itself_up(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner(), "authorise_then_approve")
    _top_up(world, client, 60_000)
    reserved = world.book(client, service)["checkout"]["id"]
    more = client.post("/wallet/top-ups", {"amount": {"amount": 100, "currency": "EUR"}}).json["id"]
    for bill in (reserved, more):
        assert "wallet" not in [m["gateway"] for m in world.checkout(client, bill)["methods"]]
        answer = _pay(client, bill)
        assert (answer.status_code, answer.json["code"]) == (422, "unknown_gateway")
    assert _balance(client) == [(60_000, "EUR")]


# ------------------------------------------------------------------------------------------------ coming back


def test_what_was_paid_with_credit_is_credit_again_at_once(world: World) -> None:
    """S2-22: no days of waiting; both sides are told how."""
    client, service = world.person(), world.service(world.practitioner(), free_cancel_hours=0)
    _top_up(world, client, 6_000)
    made = world.book(client, service)
    _pay(client, made["checkout"]["id"])
    booking = client.post(f"/bookings/{made['booking']['id']}/cancel").json
    assert (booking["status"], booking["money"]) == ("cancelled", "refunded")
    [back] = booking["refunds"]
    assert (back["amount"], back["status"], back["state"]) == ({"amount": 6_000, "currency": "EUR"}, "done", "credited")
    assert (back["means"], back["reason"]) == ("wallet", "cancelled")
    assert _balance(client) == [(6_000, "EUR")]
    world.sweep()
    text = next(m["text"] for m in world.mails(world.email(client)) if m["subject"].startswith("Cancelled"))
    assert "is in your wallet" in text
    assert "comes back to you" not in text


def test_a_top_up_that_was_given_up_goes_back_the_way_it_came(world: World) -> None:
    client = world.person()
    made = client.post("/wallet/top-ups", {"amount": {"amount": 90_000, "currency": "INR"}}).json
    begun = world.begin(client, made["id"], "razorpay")
    assert client.post(f"/checkouts/{made['id']}/cancel").json["status"] == "cancelled"
    world.act(begun)
    world.sweep()
    world.settle()
    assert _balance(client) == []
    assert [e["kind"] for e in world.money_taken()] == ["capture", "refund"]


def test_a_top_up_that_arrives_late_is_credit_all_the_same(world: World) -> None:
    client = world.person()
    made = client.post("/wallet/top-ups", {"amount": {"amount": 90_000, "currency": "INR"}}).json
    begun = world.begin(client, made["id"], "razorpay")
    world.move(hours=2)
    world.sweep()
    world.act(begun)
    assert _balance(client) == [(90_000, "INR")]


# ------------------------------------------------------------------------------------------------ paying out


def _ask(client: Caller, amount: int, destination: str = "M-Pesa 0712 345 678") -> Any:
    return client.post("/wallet/payouts", {"amount": {"amount": amount, "currency": "EUR"}, "destination": destination})


def _staff(world: World) -> int:
    return world.person(Role.STAFF).user_id


def test_a_payout_leaves_the_wallet_at_once_and_is_settled_with_evidence(world: World) -> None:
    client, staff = world.person(), _staff(world)
    stranded(world, client, 6_000)
    answer = _ask(client, 4_000)
    assert (answer.status_code, answer.json["status"]) == (201, "asked")
    assert _balance(client) == [(2_000, "EUR")]
    with world.rows() as session:
        repair.settle_payout(session.query(Payout).one().id, "SEPA 2026-11-21/7", session.get_one(User, staff))
    world.sweep()
    text = world.mails(world.email(client))[0]["text"]
    assert "SEPA 2026-11-21/7" in text
    assert _balance(client) == [(2_000, "EUR")]


def test_a_refused_payout_is_credit_again_and_says_why(world: World) -> None:
    client, staff = world.person(), _staff(world)
    stranded(world, client, 6_000)
    _ask(client, 6_000)
    assert _balance(client) == []
    with world.rows() as session:
        repair.refuse_payout(session.query(Payout).one().id, "This account is closed", session.get_one(User, staff))
    world.sweep()
    assert _balance(client) == [(6_000, "EUR")]
    assert "This account is closed" in world.mails(world.email(client))[0]["text"]


def test_a_payout_pressed_twice_is_one_and_later_another_may_be_asked(world: World) -> None:
    client = world.person()
    stranded(world, client, 6_000)
    assert _at_once(*(lambda: _ask(client, 2_000) for _ in range(3))) == [201] * 3
    assert _balance(client) == [(4_000, "EUR")]
    world.move(minutes=2)
    _ask(client, 2_000)
    assert _balance(client) == [(2_000, "EUR")]


@pytest.mark.parametrize(
    ("amount", "destination", "code"),
    [(6_001, "here", "insufficient_balance"), (0, "here", "invalid"), (100, "  ", "destination_missing")],
)
def test_a_payout_that_cannot_be_made_changes_nothing(world: World, amount: int, destination: str, code: str) -> None:
    client = world.person()
    _top_up(world, client, 6_000)
    assert _ask(client, amount, destination).json["code"] == code
    assert _balance(client) == [(6_000, "EUR")]
    assert world.all(Payout) == []


# ------------------------------------------------------------------------------------------------ whose it is


def test_a_wallet_is_its_owners_and_an_intent_must_be_too(world: World) -> None:
    """Invariant 7."""
    client, stranger, service = world.person(), world.person(), world.service(world.practitioner())
    _top_up(world, client, 6_000)
    made = world.book(client, service)
    assert _balance(stranger) == []
    assert _pay(stranger, made["checkout"]["id"]).status_code == 404
    body = {"amount": {"amount": 100, "currency": "EUR"}, "then": made["checkout"]["id"]}
    assert stranger.post("/wallet/top-ups", body).status_code == 404


def test_only_clients_top_up(world: World) -> None:
    for caller in (world.practitioner(), world.person(Role.STAFF)):
        answer = caller.post("/wallet/top-ups", {"amount": {"amount": 100, "currency": "EUR"}})
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("amount", [0, -5, 10**12, "much", None])
def test_a_top_up_of_nothing_or_of_too_much_is_refused(world: World, amount: Any) -> None:
    answer = world.person().post("/wallet/top-ups", {"amount": {"amount": amount, "currency": "EUR"}})
    assert answer.status_code == 422
    assert world.all(Attempt) == []


@pytest.mark.parametrize("currency", ["eur", "XX1", "XTS"])
def test_a_top_up_in_no_currency_of_ours_is_refused(world: World, currency: str) -> None:
    answer = world.person().post("/wallet/top-ups", {"amount": {"amount": 500, "currency": currency}})
    assert answer.status_code == 422


def test_a_currency_no_way_to_pay_takes_is_said_to_be_so(world: World) -> None:
    answer = world.person().post("/wallet/top-ups", {"amount": {"amount": 500, "currency": "XTS"}})
    assert (answer.status_code, answer.json["code"]) == (422, "amount_not_taken")


def test_what_is_owed_cannot_be_cancelled_away(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "pay_after"))
    path = f"/bookings/{made['booking']['id']}"
    world.move(hours=48)
    for act in ("start", "complete"):
        assert owner.post(f"{path}/{act}").status_code == 200
    bill = client.get(path).json["checkout_id"]
    answer = client.post(f"/checkouts/{bill}/cancel")
    assert (answer.status_code, answer.json["code"]) == (409, "cannot_be_cancelled")
    assert world.checkout(client, bill)["status"] == "open"
    _top_up(world, client, 6_000)
    assert _pay(client, bill).status_code == 201
    assert world.booking(client, made["booking"]["id"])["money"] == "paid"


def test_the_books_hold_what_every_wallet_says(world: World) -> None:
    client = world.person()
    _top_up(world, client, 6_000)
    _top_up(world, client, 90_000, "INR", "razorpay")
    assert sorted(_balance(client)) == [(6_000, "EUR"), (90_000, "INR")]
    with world.rows():
        entries = db.session.query(LedgerEntry).filter_by(account="wallet").all()
        assert sorted((e.amount, e.currency) for e in entries) == [(6_000, "EUR"), (90_000, "INR")]
