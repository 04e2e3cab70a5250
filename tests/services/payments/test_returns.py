"""Money that somebody else sends back: at the vendor's own site, or the vendor itself. Known by its identity alone."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from app.domain.lifecycle import InboxState
from app.domain.money import Money
from app.extensions import db
from app.gateways.base import Confirmed, Disputed, Refunded, RefundFailed
from app.models import Attempt, InboxEntry, Receipt, Refund, Review, Role, User
from app.services.backoffice import reconciliation, repair
from app.services.core.signed_urls import callback_address
from app.services.ledger import receipts
from sandbox.control.acts import ACTS
from tests.support.credit import held
from tests.support.late import late_payment
from tests.support.paid import CURRENCY, WHOLE, Paid, vendors
from tests.support.world import Caller, World

# ------------------------------------------------------------------------------------ what Razorpay sends back itself


@pytest.fixture(params=["a duplicate", "a first try that settles late"])
def twice(world: World, request: pytest.FixtureRequest) -> tuple[Paid, str]:
    """A paid booking, and what makes Razorpay send a second payment of its order back."""
    late = request.param == "a first try that settles late"
    return Paid(world, "razorpay", 2 if late else 1), request.param


def _comes_twice(twice: tuple[Paid, str]) -> None:
    paid, how = twice
    if how == "a duplicate":
        paid.does("orders", "pay-again", paid.begun["next"]["provider_ref"])
        return
    [first] = [each for each in paid.vendors("payments") if each["status"] == "failed"]
    paid.does("payments", "arrive-late", first["id"])


def test_a_payment_that_was_never_captured_goes_back_without_touching_the_booking(twice: tuple[Paid, str]) -> None:
    """PAY-2 (a): razorpay.com/docs/payments/refunds/auto-refunds: `captured` is false in what they send back."""
    paid, _ = twice
    _comes_twice(twice)
    assert (paid.state, paid.refunds, paid.reviews) == (("confirmed", "paid"), [], [])
    assert len(paid.world.all(Receipt)) == 1
    assert "refund_done" not in paid.world.notices(paid.client)
    told = [row.verdict for row in paid.world.all(InboxEntry) if row.kind == "refund.processed"]
    assert len(told) == 1
    assert told[0].endswith("was never captured: the gateway gave it back by itself")
    paid.agrees()


def test_our_own_refund_goes_out_although_razorpay_sent_another_payment_back(twice: tuple[Paid, str]) -> None:
    """PAY-2 (b): asked and not sent yet, it was called done by the refund of the other payment."""
    paid, _ = twice
    paid.cancelled()
    _comes_twice(twice)
    paid.world.sweep()
    paid.world.settle()
    assert (paid.state, paid.refunds) == (("cancelled", "refunded"), [(90_000, "done")])
    assert [entry["kind"] for entry in paid.world.money_taken()] == ["capture", "refund"]
    paid.agrees()


def test_what_was_never_captured_and_failed_to_go_back_moves_nothing_either(world: World) -> None:
    paid = Paid(world, "razorpay")
    assert paid.hear(RefundFailed("failed", "rfnd_other", None, "pay_other")) is InboxState.IGNORED
    assert (paid.state, paid.refunds, paid.reviews) == (("confirmed", "paid"), [], [])


# ------------------------------------------------------------------------------------ at the vendor's own site


@vendors
def test_what_a_colleague_sent_back_there_is_in_the_books_and_staff_know(world: World, gateway: str) -> None:
    """A return at the vendor's site of our own charge counts against what is left."""
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    paid.sent_back_there(third)
    paid.world.sweep()
    assert paid.refunds == [(third, "done")]
    assert world.notices(paid.staff).count("refund_elsewhere") == 1
    assert held(world, "practitioner") + held(world, "platform") == WHOLE[gateway] - third
    paid.cancelled()
    paid.world.sweep()
    paid.world.settle()
    assert paid.refunds == [(third, "done"), (WHOLE[gateway] - third, "done")]
    paid.agrees()


@vendors
def test_while_ours_is_under_way_a_colleagues_is_another(world: World, gateway: str) -> None:
    """PAY-7: 300.00 of ours and 300.00 of a colleague's are 600.00, whichever is told of first."""
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    world.faults(gateway=gateway, route="refund", fault="refund_pending")
    with world.app.app_context():
        _refund_by_staff(paid, third)
    world.sweep()
    assert paid.refunds == [(third, "sent")]
    paid.sent_back_there(third)
    world.sweep()
    assert sorted(paid.refunds) == [(third, "done"), (third, "sent")]
    [ours] = [each for each in paid.vendors("refunds") if each["status"] == "pending"]
    paid.does("refunds", "succeed", ours["id"])
    assert paid.refunds == [(third, "done")] * 2
    assert held(world, "practitioner") + held(world, "platform") == WHOLE[gateway] - 2 * third
    assert paid.reviews == []
    paid.agrees()


@vendors
def test_what_we_owed_and_had_not_sent_is_done_when_a_colleague_sends_it(world: World, gateway: str) -> None:
    """Nothing of ours is under way, and the payer has the money: nothing is owed any more, and nothing is sent."""
    paid = Paid(world, gateway)
    paid.cancelled()
    paid.sent_back_there()
    world.sweep()
    world.settle()
    assert (paid.refunds, paid.reviews, paid.state) == ([(WHOLE[gateway], "done")], [], ("cancelled", "refunded"))
    assert [entry["kind"] for entry in world.money_taken()] == ["capture", "refund"]
    paid.agrees()


@vendors
def test_of_what_we_owed_only_the_rest_is_sent(world: World, gateway: str) -> None:
    """A colleague sent a third of it."""
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    paid.cancelled()
    paid.sent_back_there(third)
    world.sweep()
    world.settle()
    assert sorted(paid.refunds) == [(third, "done"), (2 * third, "done")]
    assert paid.reviews == []
    with world.app.app_context():
        assert receipts.catch_up() == 0  # one credit note says all of it
    paid.agrees()


@vendors
def test_what_its_bank_refused_is_done_when_a_colleague_sends_it_there(world: World, gateway: str) -> None:
    paid = Paid(world, gateway)
    paid.cancelled()
    world.faults(gateway=gateway, route="refund", fault="refund_failed")
    world.sweep()
    world.settle()
    assert paid.refunds == [(WHOLE[gateway], "failed")]
    paid.sent_back_there()
    world.sweep()
    assert (paid.refunds, paid.reviews) == ([(WHOLE[gateway], "done")], [])
    paid.agrees()


def test_a_late_payer_is_not_offered_what_a_colleague_has_sent_back(world: World) -> None:
    """The offer was for money that is back at the payer's bank."""
    client = world.person()
    late = late_payment(world, client, world.service(world.practitioner(), "pay_then_book"))["checkout"]["id"]
    assert world.checkout(client, late)["offer"]
    charge = next(each for each in world.sandbox.sandbox.store.all("charge") if each["captured"])
    ACTS["stripe", "charges"]["refund"](world.sandbox.sandbox, charge["id"])
    world.settle()
    taken = client.post(f"/checkouts/{late}/offer", {"choice": "credit"})
    assert (taken.status_code, taken.json["code"]) == (409, "offer_closed")
    assert client.get("/wallet").json["balances"] == []


# ------------------------------------------------------------------------------------ it fails, in any order


@vendors
def test_a_colleagues_refund_that_came_back_is_not_made_again_by_us(world: World, gateway: str) -> None:
    """Told once more that it had gone: its failure was the vendor's last word, and our key was never on it."""
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    paid.sent_back_there(third)
    world.sweep()
    made = paid.vendors("refunds")[0]
    paid.does("refunds", "fail", made["id"])
    money = Money(third, CURRENCY[gateway])
    paid.hear(Refunded(money, made["id"], None, paid.attempt.charge_ref, paid.attempt.money))
    world.sweep()
    assert (paid.refunds, len(paid.vendors("refunds"))) == ([(third, "failed")], 1)
    paid.agrees()


@vendors
def test_heard_in_the_other_order_it_never_went(world: World, gateway: str) -> None:
    paid = Paid(world, gateway)
    charge, money = paid.attempt.charge_ref, Money(1_000, CURRENCY[gateway])
    assert paid.hear(RefundFailed("failed", "re_1", None, charge)) is InboxState.IGNORED
    assert paid.hear(Refunded(money, "re_1", None, charge, paid.attempt.money)) is InboxState.IGNORED
    assert (paid.refunds, paid.state) == ([], ("confirmed", "paid"))


@vendors
def test_one_that_staff_sent_anew_and_late_news_of_the_first(world: World, gateway: str) -> None:
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    paid.sent_back_there(third)
    world.sweep()
    made = paid.vendors("refunds")[0]
    paid.does("refunds", "fail", made["id"])
    [row] = world.all(Refund)
    with world.app.app_context():
        repair.retry_refund(row.id, db.session.get_one(User, paid.staff.user_id))
    money = Money(third, CURRENCY[gateway])
    late = Refunded(money, made["id"], None, paid.attempt.charge_ref, paid.attempt.money)
    assert paid.hear(late) is InboxState.IGNORED
    world.sweep()
    world.settle()
    assert (paid.refunds, paid.reviews) == ([(third, "done")], [])


@vendors
def test_what_was_written_off_as_beyond_comes_back_with_the_refund_that_failed(world: World, gateway: str) -> None:
    """All of it went back by us, and more of it there: the more came back."""
    paid = Paid(world, gateway)
    paid.cancelled()
    world.sweep()
    world.settle()
    charge, money = paid.attempt.charge_ref, Money(1_000, CURRENCY[gateway])
    paid.hear(Refunded(money, "re_x", None, charge, paid.attempt.money))
    assert (held(world, "write_off"), paid.reviews) == (-1_000, ["refund_beyond"])
    paid.hear(RefundFailed("failed", "re_x", None, charge))
    paid.hear(RefundFailed("failed", "re_x", None, charge))
    assert held(world, "write_off") == 0
    paid.agrees()


# ------------------------------------------------------------------------------------ ours, and whose answer it is


@vendors
def test_a_gateway_that_is_not_set_up_for_a_while_makes_no_second_refund(world: World, gateway: str) -> None:
    """Ours is under way: the vendor said pending, with its id."""
    paid, third = Paid(world, gateway), WHOLE[gateway] // 3
    world.faults(gateway=gateway, route="refund", fault="refund_pending")
    with world.app.app_context():
        _refund_by_staff(paid, third)
    world.sweep()
    kept = world.app.extensions["gateways"].pop(gateway)
    try:
        world.move(minutes=5)
        world.sweep()
    finally:
        world.app.extensions["gateways"][gateway] = kept
    assert paid.refunds == [(third, "sent")]
    [made] = paid.vendors("refunds")
    paid.does("refunds", "succeed", made["id"])
    assert (paid.refunds, len(paid.vendors("refunds"))) == ([(third, "done")], 1)
    paid.agrees()


@vendors
def test_one_refund_of_ours_that_is_two_at_the_gateway_is_for_a_person(world: World, gateway: str) -> None:
    paid = Paid(world, gateway)
    paid.cancelled()
    world.sweep()
    world.settle()
    [row] = world.all(Refund)
    paid.hear(Refunded(row.money, "re_second", row.wire_key, paid.attempt.charge_ref, paid.attempt.money))
    assert (paid.reviews, world.all(Refund)[0].provider_ref) == (["refund_twice"], row.provider_ref)


def test_mpesas_result_at_a_payments_address_is_no_refund(world: World) -> None:
    """Unsigned: whoever knows the address of one payment would send back any."""
    client = world.person()
    booking = world.booked(client, world.service(world.practitioner(), currency="KES"), "mpesa")
    [attempt] = world.all(Attempt)
    with world.app.app_context():
        address = urlsplit(callback_address(world.app, "mpesa", attempt.reference)).path
    items = [{"Key": "Amount", "Value": 1500}, {"Key": "OriginalTransactionID", "Value": attempt.charge_ref}]
    body = {"Result": {"ResultCode": 0, "TransactionID": "RV1", "ResultParameters": {"ResultParameter": items}}}
    assert world.app.test_client().post(address, json=body).status_code == 200
    assert (world.all(Refund), world.booking(client, booking["id"])["money"]) == ([], "paid")


# ------------------------------------------------------------------------------------ disputes of another charge


def test_a_dispute_of_another_charge_takes_nothing_of_what_paid(world: World) -> None:
    paid = Paid(world, "razorpay")
    paid.hear(Confirmed(Money(90_000, "INR"), "pay_second"))
    for stage in ("created", "lost"):
        paid.hear(Disputed("pay_second", Money(90_000, "INR"), stage))
    paid.cancelled()
    assert sum(amount for amount, _ in paid.refunds) == 180_000


def test_a_dispute_of_a_charge_that_nobody_knows_is_for_a_person(world: World) -> None:
    paid = Paid(world, "razorpay")
    assert paid.hear(Disputed("pay_other", Money(90_000, "INR"), "lost")) is InboxState.REVIEW
    assert (paid.reviews, held(world, "write_off")) == (["disputed"], 0)


def _only_the_charge_is_told_of(world: World) -> None:
    for event in ("refund.created", "refund.updated"):
        world.faults(gateway="stripe", callbacks="drop", event=event, times=None)


def test_news_that_names_no_refund_has_the_charge_looked_up(world: World) -> None:
    """Stripe's charge.refunded alone, where the other events are not switched on or are lost."""
    paid = Paid(world, "stripe")
    _only_the_charge_is_told_of(world)
    paid.sent_back_there(1_000)
    assert paid.refunds == []
    world.sweep()
    assert paid.refunds == [(1_000, "done")]
    news = [row for row in world.all(InboxEntry) if row.kind == "charge.refunded"]
    assert [(str(row.state), row.verdict) for row in news] == [("applied", "looked up: 1")]
    paid.agrees()


def test_the_look_is_repeated_until_the_vendor_answers(world: World) -> None:
    paid = Paid(world, "stripe")
    _only_the_charge_is_told_of(world)
    paid.sent_back_there(1_000)
    world.fail_one_call("stripe", route="refund", fault="500")
    world.sweep()
    assert paid.refunds == []
    world.sweep()
    assert paid.refunds == [(1_000, "done")]


def test_the_look_is_taken_also_when_the_clock_stood_still_for_days(world: World) -> None:
    """A worker that was down over a long weekend: news waits for it, however old."""
    paid = Paid(world, "stripe")
    _only_the_charge_is_told_of(world)
    paid.sent_back_there(1_000)
    world.move(days=5)
    world.sweep()
    assert paid.refunds == [(1_000, "done")]


def test_a_reservation_that_is_let_go_is_no_refund(world: World) -> None:
    """Stripe tells charge.refunded then, too."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "authorise_then_approve"))
    world.act(world.begin(client, made["checkout"]["id"]))
    assert owner.post(f"/bookings/{made['booking']['id']}/decline", {"reason": "away"}).status_code == 200
    world.sweep()
    world.settle()
    world.sweep()
    assert world.all(Refund) == []
    assert [str(row.state) for row in world.all(InboxEntry) if row.kind == "charge.refunded"] == ["ignored"]


# ------------------------------------------------------------------------------------ another charge of the payment


def _other(amount: int, taken: int | None, ref: str = "rfnd_2") -> Refunded:
    return Refunded(Money(amount, "INR"), ref, None, "pay_second", None if taken is None else Money(taken, "INR"))


def test_another_charge_that_was_captured_is_taken_in_and_goes_back_whole(world: World) -> None:
    """Its own news was lost: 300.00 of 900.00 went back there, so 600.00 are to be sent back by us."""
    paid = Paid(world, "razorpay")
    assert paid.hear(_other(30_000, 90_000)) is InboxState.APPLIED
    assert paid.state[0] == "confirmed"
    assert sorted((row.amount, row.charge_ref) for row in world.all(Refund)) == [
        (30_000, "pay_second"),
        (60_000, "pay_second"),
    ]
    assert held(world, "practitioner") + held(world, "platform") == 90_000
    with world.app.app_context():
        assert reconciliation.breaches() == []


def test_the_late_news_of_that_charge_is_no_second_charge_once_more(world: World) -> None:
    paid = Paid(world, "razorpay")
    paid.hear(_other(90_000, 90_000))
    assert paid.hear(Confirmed(Money(90_000, "INR"), "pay_second")) is InboxState.IGNORED
    assert paid.refunds == [(90_000, "done")]


def test_of_a_charge_that_nobody_knows_a_person_decides(world: World) -> None:
    paid = Paid(world, "razorpay")
    assert paid.hear(_other(90_000, None)) is InboxState.REVIEW
    assert (paid.state, paid.refunds, paid.reviews) == (("confirmed", "needs_review"), [], ["refund_unknown"])


def test_a_refund_without_any_name_is_for_a_person(world: World) -> None:
    paid = Paid(world, "razorpay")
    nameless = replace(_other(10_000, None), refund_ref=None, charge_ref=paid.attempt.charge_ref)
    assert paid.hear(nameless) is InboxState.APPLIED
    assert (paid.refunds, paid.reviews) == ([], ["refund_unknown"])


def _refund_by_staff(paid: Paid, amount: int) -> None:
    staff: Caller = paid.staff
    money = Money(amount, CURRENCY[paid.gateway])
    repair.refund(paid.attempt.id, money, "asked by mail", db.session.get_one(User, staff.user_id))


# ------------------------------------------------------------------------------------ it went back before


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("R000001", "failed", "refund_failed"),
        ("2001", "failed", "refund_failed"),
        ("8006", "failed", "refund_failed"),
        ("1", "asked", "refund_no_balance"),  # and tried again by itself
        ("21", "sent", "refund_unclear"),  # nobody knows what it means: it may have gone back
    ],
)
def test_a_reversal_that_fails_is_no_credit_and_staff_know_at_once_whatever_the_reason(
    world: World, code: str, status: str, told: str
) -> None:
    """PAY-1: "reversed before" was credited by itself; PAY-10: so was every refund once the initiator had expired."""
    client, staff, owner = world.person(), world.person(Role.STAFF), world.practitioner()
    booking = world.booked(client, world.service(owner, currency="KES"), "mpesa")
    world.drop_callbacks()
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "ill"}).status_code == 200
    world.sweep()
    [row] = world.all(Refund)
    with world.app.app_context():
        address = urlsplit(callback_address(world.app, "mpesa", row.wire_key)).path
    body = {"Result": {"ResultType": 0, "ResultCode": code, "TransactionID": "RV1"}}
    assert world.app.test_client().post(address, json=body).status_code == 200
    [row] = world.all(Refund)
    assert (str(row.status), str(row.means), client.get("/wallet").json["balances"]) == (status, "gateway", [])
    assert told in world.notices(staff)


def test_an_unsigned_callback_does_not_undo_a_reversal_that_was_done(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner, currency="KES"), "mpesa")
    assert owner.post(f"/bookings/{booking['id']}/cancel", {"reason": "ill"}).status_code == 200
    world.sweep()
    world.settle()
    [row] = world.all(Refund)
    assert str(row.status) == "done"
    with world.app.app_context():
        address = urlsplit(callback_address(world.app, "mpesa", row.wire_key)).path
    body = {"Result": {"ResultType": 0, "ResultCode": "1", "TransactionID": row.provider_ref}}
    assert world.app.test_client().post(address, json=body).status_code == 200
    assert [str(each.status) for each in world.all(Refund)] == ["done"]
    assert [review.reason for review in world.all(Review)] == ["contradiction"]
