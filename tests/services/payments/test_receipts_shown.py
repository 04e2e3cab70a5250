"""A code that somebody shows for a payment nobody has heard of: M-Pesa is asked, and its answer decides."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app.domain.money import Money
from app.models import Attempt, InboxEntry, LedgerEntry, Notification, ReceiptCheck, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core import signed_urls
from app.services.payments import receipt_checks
from sandbox.daraja import prompts
from tests.support.at_once import Meanwhile, again, at_once
from tests.support.callbacks import held, hold_news, post
from tests.support.codes import OTHERS, OWN, Unheard, register, reviews
from tests.support.world import World

WHY = "The statement of the shortcode, line 17."


def _agrees(world: World) -> None:
    with world.app.app_context():
        assert reconciliation.breaches() == []
        assert reconciliation.compare(world.money_taken()) == []


def _staff(world: World) -> Any:
    return world.person(Role.STAFF)


def _decide(world: World, decision: str) -> Review:
    staff = _staff(world)
    with world.rows() as session:
        [review] = [row for row in world.all(Review) if row.resolved_at is None]
        return repair.resolve(review.id, decision, WHY, session.get_one(User, staff.user_id))


# ------------------------------------------------------------------------------------------------ it was paid


@pytest.mark.both_engines
def test_a_push_that_was_never_heard_of_is_paid_by_its_code(world: World) -> None:
    """Need 4 of PAY: prompt_unheard sent staff to look, and no act followed."""
    one = Unheard(world)
    receipt = one.pays()
    one.given_up()
    answer = one.shows(f" {receipt[:4].lower()} {receipt[4:].lower()} ")
    assert (answer.status_code, answer.json["receipt"]) == (202, receipt)
    assert one.state == ("confirmed", "paid")
    assert one.checks == [("client", "landed", "")]
    assert (one.attempt.charge_ref, one.attempt.cross_checked) == (receipt, True)
    assert world.notices(one.client).count("booking_confirmed") == 1
    _agrees(world)


def test_the_whole_message_may_be_pasted(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    assert one.shows(f"{receipt} Confirmed. Ksh1,500.00 paid to Kikao for account 22.").status_code == 202
    assert one.state == ("confirmed", "paid")


@pytest.mark.parametrize("typed", ["", "QK12", "ABCDEFGHIJ", "1234567890", "thank you very much"])
def test_what_is_no_code_is_said_beside_the_field_and_nobody_is_asked(world: World, typed: str) -> None:
    one = Unheard(world)
    answer = one.shows(typed)
    assert (answer.status_code, answer.json["code"]) == (422, "receipt_invalid")
    assert one.checks == []


def test_a_code_is_asked_about_before_anything_is_sent(world: World) -> None:
    """Row first: while M-Pesa thinks, the row is there and no lock is held."""
    one = Unheard(world)
    receipt = one.pays()
    world.faults(gateway="mpesa", route="status", fault="reset")
    assert one.shows(receipt).json["status"] == "open"
    assert one.checks == [("client", "open", "")]
    world.move(seconds=61)
    world.sweep()
    assert one.state == ("confirmed", "paid")


# ------------------------------------------------------------------------------------------------ whose it is


def test_a_payment_from_another_phone_is_for_a_person_to_judge(world: World) -> None:
    """Somebody else's receipt, of the right amount and just now: nobody here can know whose it is."""
    one = Unheard(world)
    receipt = one.pays_from_menu(account="somebody else's", phone=OTHERS)
    one.given_up()
    one.shows(receipt)
    assert one.state == ("awaiting_payment", "needs_review")
    assert one.checks == [("client", "review", "payer")]
    assert world.all(LedgerEntry) == []
    answer = one.client.post(f"/checkouts/{one.checkout_id}/attempts", {"gateway": "mpesa"})
    assert (answer.status_code, answer.json["code"]) == (409, "under_review")


@pytest.mark.parametrize(("decision", "state"), [("found", "confirmed"), ("close", "awaiting_payment")])
def test_staff_say_whose_it_is_by_the_statement(world: World, decision: str, state: str) -> None:
    one = Unheard(world)
    receipt = one.pays_from_menu(account="somebody else's", phone=OTHERS)
    one.given_up()
    one.shows(receipt)
    _decide(world, decision)
    assert one.state[0] == state
    assert one.checks[0][1:] == (("landed", "") if decision == "found" else ("refused", "staff"))
    if decision == "found":
        _agrees(world)


def test_a_phone_somebody_typed_proves_nothing_once_its_prompt_is_over(world: World) -> None:
    """A stranger's phone is asked, does not pay, pays something else later: its receipt is not the typist's."""
    one = Unheard(world, phone=f"+{OTHERS}")
    world.move(minutes=4)
    receipt = one.pays_from_menu(account="something else", phone=OTHERS)
    one.shows(receipt)
    assert one.checks == [("client", "review", "payer")]


def test_from_a_number_the_client_has_proved_it_is_theirs_whenever_it_was_paid(world: World) -> None:
    one = Unheard(world, phone=f"+{OTHERS}")
    world.move(minutes=10)
    one.shows(one.pays_from_menu(account="mistyped", phone=OWN))
    assert one.state == ("confirmed", "paid")


def test_hidden_digits_are_enough_while_the_phone_was_asked_and_not_later(world: World) -> None:
    one = Unheard(world, phone=f"+{OTHERS}")
    world.faults(gateway="mpesa", route="status", fault="masked")
    one.shows(one.pays())
    assert one.state == ("confirmed", "paid")
    two = Unheard(world)
    world.move(minutes=10)
    receipt = two.pays_from_menu(account="mistyped")
    world.faults(gateway="mpesa", route="status", fault="masked")
    two.shows(receipt)
    assert two.checks == [("client", "review", "payer")]


# ------------------------------------------------------------------------------------------------ it pays nothing here


def test_a_code_that_was_never_given_is_refused_and_may_be_mended(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    one.shows("QK12AB34CD")
    seen = world.checkout(one.client, one.checkout_id)["receipts"]
    assert [(each["status"], each["problem"]) for each in seen] == [("refused", "receipt_unknown")]
    assert "M-Pesa does not recognise this code" in seen[0]["message"]
    one.shows(receipt)
    assert one.state == ("confirmed", "paid")


def test_a_receipt_of_another_amount_is_put_before_staff_and_its_money_kept(world: World) -> None:
    one = Unheard(world)
    one.shows(one.pays_from_menu(account="mistyped", amount=1_000))
    assert one.state == ("awaiting_payment", "needs_review")
    assert reviews(world) == [("amount", True)]
    _agrees(world)


def test_a_receipt_of_last_year_is_refused(world: World) -> None:
    old = Unheard(world)
    receipt = old.pays_from_menu(account="of old")
    world.move(days=365)
    one = Unheard(world)
    one.shows(receipt)
    assert one.checks == [("client", "refused", "receipt_too_old")]


def test_a_receipt_of_a_payment_to_another_shortcode_is_refused(world: World) -> None:
    one = Unheard(world)
    one.shows(one.pays_from_menu(shortcode="600100"))
    assert one.checks == [("client", "refused", "receipt_elsewhere")]


def test_a_receipt_of_what_did_not_go_through_is_refused(world: World) -> None:
    one = Unheard(world)
    one.shows(one.pays_from_menu(status="Declined"))
    assert one.checks == [("client", "refused", "receipt_not_paid")]


@pytest.mark.parametrize("how", ["paid", "given back", "a refund's own"])
def test_a_receipt_that_has_paid_for_something_pays_nothing_else(world: World, how: str) -> None:
    one = Unheard(world)
    other = Unheard(world, phone=f"+{OTHERS}")
    receipt = other.pays()
    other.shows(receipt)
    if how != "paid":
        other.owner.post(f"/bookings/{other.booking_id}/cancel", {"reason": "ill"})
        world.sweep()
        [refund] = world.all(Refund)
        assert refund.status == "done"
        receipt = receipt if how == "given back" else refund.provider_ref or ""
    one.shows(receipt)
    refused = {"a refund's own": "receipt_elsewhere"}.get(how, "receipt_used")
    assert one.checks == [("client", "refused", refused)]
    _agrees(world)


def test_what_unsigned_news_says_is_another_payments_is_for_a_person(world: World) -> None:
    """An open claim: nobody has confirmed it, and nobody has denied it."""
    other = Unheard(world, answered=True)
    one = Unheard(world, phone=f"+{OTHERS}")
    receipt = one.pays_from_menu(account="mistyped", phone=OWN)
    with world.rows() as session:
        claimed = session.get(Attempt, other.attempt.id)
        claimed.charge_ref, claimed.cross_checked = receipt, False
        session.commit()
    one.shows(receipt)
    assert one.checks == [("client", "review", "claimed")]


# ------------------------------------------------------------------------------------------------ the answer


def test_an_answer_that_names_no_question_of_ours_is_not_believed(world: World) -> None:
    """Somebody learnt the address: M-Pesa's own name of the conversation is not in it."""
    one = Unheard(world)
    receipt = one.pays_from_menu(account="x", phone=OTHERS)
    world.faults(gateway="mpesa", callbacks="hold", event="status", times=None)
    one.shows(receipt)
    [row] = held(world)
    lie = row["body"].replace(OTHERS, OWN)
    forged = lie.replace('"ConversationID": "AG_', '"ConversationID": "XX_')
    assert post(world, row, forged.encode()) == 200
    assert one.checks == [("client", "open", "")]
    assert post(world, row | {"target": row["target"][:-3] + "abc"}, lie.encode()) == 404
    assert world.all(LedgerEntry) == []
    [check] = world.all(ReceiptCheck)
    assert len(check.early) == 1
    assert post(world, row) == 200
    assert one.checks == [("client", "review", "payer")]
    assert world.all(ReceiptCheck)[0].early == []


def test_an_answer_may_come_before_it_is_known_what_the_question_is_called(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    world.faults(gateway="mpesa", route="status", fault="slow", seconds=8, when="after")

    window = again(world, one.client)
    asking = Meanwhile(lambda: one.shows(receipt, window))
    world.until_it_thinks(lambda: bool(world.all(ReceiptCheck)))
    world.deliver()
    assert one.state == ("awaiting_payment", "processing")
    world.let_go()
    assert asking.result().status_code == 202
    assert one.state == ("confirmed", "paid")
    assert world.all(ReceiptCheck)[0].early == []


@contextmanager
def _initiator_refused(world: World) -> Iterator[None]:
    """M-Pesa has another initiator's password meanwhile."""
    keys = world.sandbox.sandbox.credentials
    world.sandbox.sandbox.credentials = type(keys)(mpesa_security_credential="renewed")
    try:
        yield
    finally:
        world.sandbox.sandbox.credentials = keys


def test_so_it_may_for_what_waits_for_staff_because_our_keys_were_refused(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    with _initiator_refused(world):
        one.shows(receipt)
    world.faults(gateway="mpesa", route="status", fault="slow", seconds=8, when="after")
    world.move(seconds=61)
    asking = Meanwhile(world.sweep)
    world.until_it_thinks(lambda: world.all(ReceiptCheck)[0].tries == 2)
    world.deliver()
    assert one.checks == [("client", "review", "no_access")]
    world.let_go()
    asking.result()
    assert one.state == ("confirmed", "paid")


@pytest.mark.parametrize("fault", ["queue_timeout", "result_busy", "pending"])
def test_where_there_is_no_clear_answer_it_is_asked_again(world: World, fault: str) -> None:
    one = Unheard(world)
    receipt = one.pays()
    world.faults(gateway="mpesa", route="status", fault=fault)
    one.shows(receipt)
    assert one.checks == [("client", "open", "")]
    world.move(seconds=61)
    world.sweep()
    assert one.state == ("confirmed", "paid")


def test_an_answer_that_is_lost_is_a_persons_after_half_an_hour_and_still_lands(world: World) -> None:
    one = Unheard(world, hold_minutes=60)
    receipt = one.pays()
    world.faults(gateway="mpesa", callbacks="drop", event="status", times=4)
    one.shows(receipt)
    for minutes in (2, 4, 11):
        world.move(minutes=minutes)
        world.sweep()
    assert one.checks == [("client", "open", "")]
    world.move(minutes=15)
    world.faults(gateway="mpesa", callbacks="drop", event="status", times=1)
    world.move(minutes=61)
    world.sweep()
    assert one.checks[0][1] in ("review", "landed")
    assert ("receipt", one.checks[0][1] == "review") in reviews(world)
    world.move(hours=7)
    world.sweep()
    world.settle()
    assert one.checks == [("client", "landed", "")]
    assert ("receipt", True) not in reviews(world)
    _agrees(world)


@pytest.mark.parametrize(("fault", "verdict"), [("result_unclear", "unclear"), ("no_payee", "unclear")])
def test_an_answer_that_says_too_little_is_for_a_person(world: World, fault: str, verdict: str) -> None:
    one = Unheard(world)
    receipt = one.pays()
    world.faults(gateway="mpesa", route="status", fault=fault)
    one.shows(receipt)
    assert one.checks == [("client", "review", verdict)]


def test_staff_hear_at_once_that_the_initiator_is_not_accepted_and_it_lands_once_it_is(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    with _initiator_refused(world):
        one.shows(receipt)
        assert one.checks == [("client", "review", "no_access")]
        with world.app.app_context():
            assert receipt_checks.is_turned_away("mpesa")
    world.move(seconds=61)
    world.sweep()
    world.settle()
    assert one.state == ("confirmed", "paid")
    assert reviews(world) == [("receipt", False)]
    with world.app.app_context():
        assert not receipt_checks.is_turned_away("mpesa")


# ------------------------------------------------------------------------------------------------ once


@pytest.mark.both_engines
def test_the_same_code_sent_twice_at_once_is_asked_about_once_and_lands_once(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    windows = [again(world, one.client) for _ in range(2)]
    path = f"/checkouts/{one.checkout_id}/receipt"
    answers = at_once(*[lambda w=window: w.post(path, {"receipt": receipt}) for window in windows])
    assert {answer.status_code for answer in answers} <= {202, 409}
    world.settle()
    assert len(world.all(ReceiptCheck)) == 1
    assert one.state == ("confirmed", "paid")
    _agrees(world)


@pytest.mark.both_engines
def test_one_receipt_shown_for_two_bookings_at_once_pays_one(world: World) -> None:
    """Both from the client's own proved phone, so only that it is one receipt keeps them apart."""
    one = Unheard(world)
    two = Unheard(world)
    with world.rows() as session:
        for each in (one, two):
            session.get(User, each.client.user_id).phone_proved_at = each.attempt.created_at
        session.commit()
    receipt = one.pays_from_menu(account="mistyped")
    hold_news(world)
    for each in (one, two):
        each.client.post(f"/checkouts/{each.checkout_id}/receipt", {"receipt": receipt})
    rows = held(world)
    assert len(rows) == 2
    assert at_once(*[lambda r=row: post(world, r) for row in rows]) == [200, 200]
    assert sorted(each.state[0] for each in (one, two)) == ["awaiting_payment", "confirmed"]
    assert sorted(each.checks[0][1:] for each in (one, two)) == [("landed", ""), ("refused", "receipt_used")]
    _agrees(world)


def test_a_payment_that_arrived_is_not_shown_again(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    one.shows(receipt)
    answer = one.shows(receipt)
    assert (answer.status_code, answer.json["code"]) == (409, "receipt_known")
    assert one.state == ("confirmed", "paid")


def test_a_second_payment_of_the_same_goes_back(world: World) -> None:
    """The push was paid and unheard, the booking was paid by card: the code brings the first, which goes back."""
    one = Unheard(world)
    receipt = one.pays()
    one.given_up()
    world.act(world.begin(one.client, one.checkout_id, "stripe"))
    assert one.state == ("confirmed", "paid")
    one.shows(receipt)
    world.sweep()
    assert [(row.reason, row.amount) for row in world.all(Refund)] == [("second_charge", 150_000)]


def test_money_that_comes_too_late_is_handled_as_any_late_money(world: World) -> None:
    one = Unheard(world, hold_minutes=5)
    receipt = one.pays()
    world.move(minutes=20)
    world.sweep()
    assert one.state[0] == "expired"
    one.shows(receipt)
    assert one.state == ("confirmed", "paid")  # its place was still free


def test_where_no_push_was_made_no_code_is_expected(world: World) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    answer = client.post(f"/checkouts/{made['checkout']['id']}/receipt", {"receipt": "QK12AB34CD"})
    assert (answer.status_code, answer.json["code"]) == (409, "receipt_not_expected")


@pytest.mark.usefixtures("quotas")
def test_codes_are_not_guessed_for_long(world: World) -> None:
    one = Unheard(world)
    answers = [one.shows(f"QK12AB34C{digit}") for digit in range(8)]
    assert [answer.status_code for answer in answers] == [202] * 6 + [429] * 2
    assert answers[-1].json["code"] == "too_many_receipts"
    assert len(world.all(ReceiptCheck)) == 6


# ------------------------------------------------------------------------------------------------ staff


def test_staff_who_enter_a_code_vouch_for_whose_it_is_and_for_nothing_else(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays_from_menu(account="mistyped", phone=OTHERS)
    elsewhere = one.pays_from_menu(shortcode="600100")
    staff = _staff(world)
    with world.rows() as session:
        repair.enter_receipt(one.attempt.id, elsewhere, session.get_one(User, staff.user_id))
        repair.enter_receipt(one.attempt.id, receipt, session.get_one(User, staff.user_id))
    world.settle()
    assert sorted(one.checks) == [("staff", "landed", ""), ("staff", "refused", "receipt_elsewhere")]
    assert one.state == ("confirmed", "paid")
    _agrees(world)


def test_nothing_of_who_paid_is_kept(world: World) -> None:
    one = Unheard(world)
    one.shows(one.pays_from_menu(account="x", phone=OTHERS))
    kept = [str(vars(row)) for model in (ReceiptCheck, InboxEntry, Review, Notification) for row in world.all(model)]
    assert not [row for row in kept if OTHERS in row or OTHERS[3:] in row or "Sandbox Payer" in row]


# ------------------------------------------------------------------------------------------------ from the menu


@pytest.mark.both_engines
@pytest.mark.parametrize("typed", ["{}", " {} ", "lower"])
def test_who_pays_the_pay_bill_from_the_menu_with_our_reference_is_matched(world: World, typed: str) -> None:
    register(world)
    one = Unheard(world)
    one.given_up()
    reference = one.attempt.reference
    account = f"{reference[:4]} {reference[4:]}".lower() if typed == "lower" else typed.format(reference)
    one.pays_from_menu(account=account, phone=OTHERS)  # whose phone it is says nothing: the reference does
    world.deliver()
    assert world.all(LedgerEntry) == [], "unsigned news never lands by itself"
    world.sweep()
    assert one.state == ("confirmed", "paid")
    assert one.checks == [("menu", "landed", "")]
    _agrees(world)


def test_made_up_news_of_the_menu_lands_nothing(world: World) -> None:
    register(world)
    one = Unheard(world)
    one.given_up()
    with world.app.app_context():
        path = signed_urls.callback_address(world.app, "mpesa", "menu.paid").removeprefix(
            world.app.config["PUBLIC_URL"]
        )
    said = {"TransID": "MADEUP0001", "BillRefNumber": one.attempt.reference, "TransAmount": "1500.00"}
    for n in range(9):
        answer = world.app.test_client().post(path, json=said | {"TransID": f"MADEUP000{n}"})
        assert answer.status_code == 200
    world.sweep()
    assert one.state == ("awaiting_payment", "none")
    assert one.checks == [("menu", "refused", "receipt_unknown")] * 5, "and no more than five are asked about"


def test_a_strangers_payment_leaves_nothing_but_a_number(world: World) -> None:
    register(world)
    one = Unheard(world)
    one.given_up()
    for _ in range(3):
        one.pays_from_menu(account="SHOP 7", phone=OTHERS, foreign=True)
    world.settle()
    assert one.checks == []
    assert world.all(InboxEntry) == []
    with world.app.app_context():
        assert receipt_checks.foreign_on_day() == {"mpesa": 3}


@pytest.mark.parametrize("order", ["sent", "reverse"])
@pytest.mark.parametrize("copies", [1, 3])
def test_the_prompts_news_and_the_menus_of_one_receipt_are_one_payment(world: World, order: str, copies: int) -> None:
    register(world)
    one = Unheard(world, answered=True)
    hold_news(world)
    [prompt] = world.sandbox.sandbox.store.all("prompt")

    prompts.answer(world.sandbox.sandbox, prompt["id"], prompts.PAID)
    rows = held(world)
    assert [row["event"] for row in rows] == ["stk.0", "c2b"]
    world.sandbox.sandbox.faults.stop_holding(None)
    for row in rows if order == "sent" else reversed(rows):
        for _ in range(copies):
            assert post(world, row) == 200
    world.work()
    for _ in range(2):
        world.move(seconds=70)
        world.sweep()
    assert one.state == ("confirmed", "paid")
    assert world.all(Refund) == []
    assert reviews(world) == []
    _agrees(world)


def test_a_prompt_whose_callback_is_lost_lands_by_the_menus_news(world: World) -> None:
    register(world)
    one = Unheard(world)
    one.pays()
    world.deliver()
    world.move(seconds=70)
    world.sweep()
    assert one.state == ("confirmed", "paid")
    assert one.attempt.charge_ref


def test_a_code_the_menu_told_of_already_is_asked_about_at_once_when_its_payer_shows_it(world: World) -> None:
    """Found in a browser: the unsigned news waits a minute for the prompt's own, and the payer waited with it."""
    register(world)
    one = Unheard(world)
    receipt = one.pays()
    world.deliver()
    assert one.checks == [("menu", "open", "")]
    one.shows(receipt)
    assert one.state == ("confirmed", "paid")


def test_what_is_paid_by_prompt_and_from_the_menu_goes_back_once(world: World) -> None:
    """Two receipts for one try: both are in the books, one of them on its way back."""
    register(world)
    one = Unheard(world, answered=True)
    hold_news(world)
    [prompt] = world.sandbox.sandbox.store.all("prompt")

    prompts.answer(world.sandbox.sandbox, prompt["id"], prompts.PAID)
    [stk] = [row for row in held(world) if row["event"] == "stk.0"]
    world.sandbox.sandbox.faults.stop_holding(None)
    assert post(world, stk) == 200  # a claim, and nobody has asked yet
    second = one.pays_from_menu()
    world.deliver()
    with world.rows() as session:
        one_check = session.query(ReceiptCheck).filter_by(receipt=second).one()
        one_check.next_try_at = one_check.asked_at
        session.commit()
        receipt_checks.ask(one_check.id)
    world.settle()
    for _ in range(4):
        world.move(seconds=70)
        world.sweep()
    assert one.state[0] == "confirmed"
    assert [(row.reason, row.amount, str(row.status)) for row in world.all(Refund)] == [
        ("second_charge", 150_000, "done")
    ]
    _agrees(world)


def test_a_payment_from_the_menu_after_the_deadline_is_late_money(world: World) -> None:
    register(world)
    one = Unheard(world, hold_minutes=5)
    one.given_up()
    world.move(minutes=30)
    world.sweep()
    assert one.state[0] == "expired"
    one.pays_from_menu()
    world.settle()
    world.sweep()
    assert one.state == ("confirmed", "paid")


def test_another_amount_from_the_menu_is_kept_and_put_before_staff(world: World) -> None:
    register(world)
    one = Unheard(world)
    one.given_up()
    one.pays_from_menu(amount=1_499)
    world.settle()
    world.sweep()
    assert reviews(world) == [("amount", True)]
    assert _decide(world, "accept").amount == Money(149_900, "KES").amount
    assert one.state[0] == "confirmed"
    _agrees(world)
