"""M-Pesa's callbacks are not signed: what one that lies, or that differs from the next, may do to money, and what it may not."""

from typing import Any

import pytest

from app.extensions import db
from app.models import Attempt, LedgerEntry, Receipt, Refund, Review, Role, User
from app.services.backoffice import repair
from app.services.core import signed_urls
from tests.support.world import Caller, World

PRICE, TOLD = 150_000, 100
WHY = "The statement of the shortcode, line 17."
Made = tuple[Caller, dict[str, Any], dict[str, Any]]  # the client, what was booked, and the prompt on their phone


@pytest.fixture
def begun(world: World) -> Made:
    """A prompt on a client's phone, of which no callback is heard but those a test makes up."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES", hold_minutes=30, free_cancel_hours=0))
    world.drop_callbacks()
    return client, made, world.begin(client, made["checkout"]["id"], "mpesa")


def _tell(world: World, receipt: str, **values: int) -> None:
    """Somebody tells the payment's own address that it was paid, with this receipt."""
    [attempt] = world.all(Attempt)
    told = {"Amount": 1_500, "MpesaReceiptNumber": receipt, "PhoneNumber": 254712345678} | values
    body = {
        "MerchantRequestID": attempt.details["merchant_request_id"],
        "CheckoutRequestID": attempt.provider_ref,
        "ResultCode": 0,
        "ResultDesc": "ok",
        "CallbackMetadata": {"Item": [{"Name": name, "Value": value} for name, value in told.items()]},
    }
    with world.app.app_context():
        address = signed_urls.callback_address(world.app, "mpesa", attempt.reference)
    path = address.removeprefix(world.app.config["PUBLIC_URL"])
    assert world.app.test_client().post(path, json={"Body": {"stkCallback": body}}).status_code == 200


def _asked(world: World) -> None:
    """The gateway has been asked, and says what became of it."""
    world.move(seconds=25)
    world.sweep()


def _state(world: World, begun: Made) -> tuple[str, str]:
    booking = world.booking(begun[0], begun[1]["booking"]["id"])
    return booking["status"], booking["money"]


def _at(world: World, account: str) -> int:
    return sum(entry.amount for entry in world.all(LedgerEntry) if entry.account == account)


def _decide(world: World, decision: str) -> Review:
    staff = world.person(Role.STAFF)
    with world.rows() as session:
        return repair.resolve(world.all(Review)[0].id, decision, WHY, session.get_one(User, staff.user_id))


def _open_to(world: World) -> list[str]:
    with world.rows():
        return repair.decisions_for(world.all(Review)[0])


# ------------------------------------------------------------------------------------------------ another amount


@pytest.mark.parametrize("values", [{}, {"PhoneNumber": 254700000000}], ids=["amount", "amount and phone"])
def test_an_unsigned_other_amount_is_not_confirmed_by_a_query_that_names_none(
    world: World, begun: Made, values: dict[str, int]
) -> None:
    """S6-F18, the amount rule: the gateway says that it was paid, and the only amount anybody told is another one."""
    world.act(begun[2], amount=1)
    _tell(world, "SHILLING1", Amount=1, **values)
    _asked(world)
    assert _state(world, begun) == ("awaiting_payment", "needs_review")
    assert {review.reason for review in world.all(Review)} == {"amount"} | ({"phone"} if values else set())
    assert (_at(world, "gateway"), _at(world, "received")) == (-TOLD, TOLD)
    world.move(minutes=40)
    world.sweep()
    assert (_state(world, begun), world.live_places()) == (("expired", "needs_review"), 0)
    assert world.all(Attempt)[0].status == "paid"


@pytest.mark.parametrize("when", ["before the query", "after the query"])
@pytest.mark.parametrize("lie", [1, 150_000])
def test_the_true_callback_confirms_whatever_was_told_before_it(world: World, begun: Made, when: str, lie: int) -> None:
    """Whoever lies steals nobody's payment: order decides nothing, and a person still looks at the two."""
    _tell(world, "LIE0000001", Amount=lie)
    world.act(begun[2])
    if when == "after the query":
        _asked(world)
        assert _state(world, begun) == ("awaiting_payment", "needs_review")
    _tell(world, "REAL000001")
    _asked(world)
    assert _state(world, begun) == ("confirmed", "needs_review")
    assert (_at(world, "gateway"), _at(world, "received")) == (-PRICE, 0)
    assert _open_to(world) == ["close"]
    _decide(world, "close")
    assert _state(world, begun) == ("confirmed", "paid")
    [attempt], [receipt] = world.all(Attempt), world.all(Receipt)
    assert (attempt.charge_ref, receipt.amount) == ("REAL000001", PRICE)


def test_a_lie_about_a_paid_session_keeps_nobodys_refund(world: World, begun: Made) -> None:
    """Its money went where it was meant for, so a cancellation gives it back; a person still looks at what was told."""
    _tell(world, "LIE0000001", Amount=1)
    world.act(begun[2])
    _tell(world, "REAL000001")
    _asked(world)
    booking = begun[1]["booking"]["id"]
    back = world.booking(begun[0], booking)["if_cancelled"]["back"]
    assert back == {"amount": PRICE, "currency": "KES"}
    assert begun[0].post(f"/bookings/{booking}/cancel").status_code == 200
    assert [(refund.amount, refund.charge_ref) for refund in world.all(Refund)] == [(PRICE, "REAL000001")]
    assert _open_to(world) == ["close"]
    assert _state(world, begun) == ("cancelled", "needs_review")


def test_where_the_query_decides_the_true_callback_counts_before_it_too(world: World, begun: Made) -> None:
    """Paid, says the query; the price, says a callback with a receipt."""
    _tell(world, "LIE0000001", Amount=1)
    world.act(begun[2])
    _tell(world, "REAL000001")
    assert _state(world, begun)[0] == "awaiting_payment"
    _asked(world)
    assert _state(world, begun) == ("confirmed", "needs_review")
    assert (_at(world, "gateway"), _at(world, "received")) == (-PRICE, 0)


@pytest.mark.parametrize("lie", [1, 150_000])
def test_staff_who_find_the_full_price_on_the_statement_confirm_at_the_full_price(
    world: World, begun: Made, lie: int
) -> None:
    """The callback lied and the true one never came: nothing is missing from the books, and nothing is in them twice."""
    _tell(world, "LIE0000001", Amount=lie)
    world.act(begun[2])
    _asked(world)
    assert _open_to(world) == ["in_full", "accept", "refund", "credit", "write_off"]
    review = _decide(world, "in_full")
    assert _state(world, begun) == ("confirmed", "paid")
    assert (_at(world, "gateway"), _at(world, "received")) == (-PRICE, 0)
    assert (_at(world, "practitioner") + _at(world, "platform"), world.all(Refund)) == (PRICE, [])
    with world.rows():
        assert repair.outcome(db.session.get_one(Review, review.id)) == "in_full"


@pytest.mark.parametrize(("decision", "status", "wallet"), [("accept", "confirmed", 0), ("refund", "expired", TOLD)])
def test_staff_who_find_the_other_amount_on_the_statement_decide_about_that(
    world: World, begun: Made, decision: str, status: str, wallet: int
) -> None:
    """The callback was true: not a unit more than came in is kept or given back."""
    world.act(begun[2], amount=1)
    _tell(world, "SHILLING1", Amount=1)
    _asked(world)
    _decide(world, decision)
    world.move(minutes=40)
    world.sweep()
    assert _state(world, begun)[0] == status
    assert (_at(world, "gateway"), _at(world, "received"), _at(world, "wallet")) == (-TOLD, 0, wallet)


def test_a_full_price_found_when_the_place_is_gone_goes_back(world: World, begun: Made) -> None:
    _tell(world, "LIE0000001", Amount=1)
    world.act(begun[2])
    _asked(world)
    begun[0].post(f"/bookings/{begun[1]['booking']['id']}/cancel")
    review = _decide(world, "in_full")
    assert [(refund.amount, refund.reason) for refund in world.all(Refund)] == [(PRICE, "too_late")]
    with world.rows():
        assert repair.outcome(db.session.get_one(Review, review.id)) == "too_late"


def test_a_review_that_staff_close_before_the_query_answers_says_that_it_was_a_lie(world: World, begun: Made) -> None:
    """They have looked: what the gateway says then is believed as if nobody had lied."""
    _tell(world, "LIE0000001", Amount=1)
    assert _open_to(world) == ["close"]
    _decide(world, "close")
    world.act(begun[2])
    _asked(world)
    assert _state(world, begun) == ("confirmed", "paid")


# ------------------------------------------------------------------------------------------------ another receipt


@pytest.mark.parametrize("paid", [True, False], ids=["paid", "being checked"])
def test_one_prompt_has_one_receipt_and_others_give_nothing_back(
    world: World, begun: Made, at_once_by_callback: None, paid: bool
) -> None:
    """Complaint 13: repeated with receipts that do not exist, a callback makes no credit; a person looks, once."""
    world.app.config["MPESA_CONFIRM_BY_QUERY"] = not paid
    world.act(begun[2])
    _tell(world, "REAL000001")
    for number in range(5):
        _tell(world, f"X{number}")
    _asked(world)
    assert [review.reason for review in world.all(Review)] == ["second_charge"]
    assert (world.all(Refund), _at(world, "wallet"), _at(world, "gateway")) == ([], 0, -PRICE)
    assert _state(world, begun) == ("confirmed", "needs_review")
    assert _open_to(world) == ["close"]
    assert world.all(Attempt)[0].charge_ref == "REAL000001"
