"""The staff's doors: who comes in, what they find, and that every act says what happened or what is wrong."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.money import Money
from app.lib import clock
from app.lib.phones import numbers
from app.models import (
    Attempt,
    Audit,
    Booking,
    Change,
    Checkout,
    InboxEntry,
    Notification,
    Payout,
    Refund,
    RejectedCallbacks,
    Review,
    Role,
    User,
)
from app.services.backoffice.overview import payment_story
from app.services.prepaid import wallet
from sandbox.stripe import disputes as stripe_disputes
from tests.support.world import PASSWORD, Caller, World

WHY = "Seen in the gateway's own list, case 17."


@dataclass
class Browser:
    """Somebody's browser, with the token its forms need."""

    world: World
    who: Caller
    http: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.world.app.test_client()
        form = {"email": self.world.email(self.who), "password": PASSWORD, "csrf_token": self._token("/login")}
        assert self.http.post("/login", data=form).status_code == 303

    def post(self, path: str, **form: Any) -> TestResponse:
        """A form of the page is sent."""
        return self.http.post(f"/staff{path}", data={"csrf_token": self._token("/profile")} | form)

    def then(self, path: str, **form: Any) -> str:
        """The page a successful form leads to."""
        answer = self.post(path, **form)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return self.text(answer.headers["Location"])

    def text(self, address: str, **query: Any) -> str:
        """What people read on the page, in one line."""
        answer = self.http.get(address, query_string=query)
        assert answer.status_code == 200, answer.status_code
        return words(answer)

    def _token(self, page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.http.get(page).text)
        assert found
        return found[1]


def words(answer: TestResponse) -> str:
    """What people read on the page, in one line."""
    text = re.sub(r"<[^>]+>", " ", answer.text).replace("\xa0", " ").replace("&#39;", "'")
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def staff(world: World) -> Browser:
    """A member of staff at their desk."""
    return Browser(world, world.person(Role.STAFF, name="Njeri Staff"))


def _paid(world: World, currency: str = "EUR", gateway: str = "stripe", **more: Any) -> tuple[Caller, Attempt]:
    client = world.person()
    world.booked(client, world.service(world.practitioner(), currency=currency), gateway, **more)
    return client, world.all(Attempt)[-1]


def _in_review(world: World, amount: int = 5_000) -> Review:
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.act(world.begin(client, made["checkout"]["id"]), amount=amount)
    review: Review = world.all(Review)[0]
    return review


def _failed_refund(world: World, staff: Browser) -> Refund:
    _, attempt = _paid(world)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=1)
    staff.then(f"/payments/{attempt.id}/refund", amount="60", evidence=WHY)
    world.sweep()
    world.settle()
    refund: Refund = world.all(Refund)[0]
    return refund


# ------------------------------------------------------------------------------------------------ who comes in


_VALUES = {"kind": "privacy", "name": "reviews", "remedy": "retry", "act": "settle", "end": "won"}


def _addresses(world: World, method: str) -> list[str]:
    """Every address of staff, with values that need not be there."""

    def fill(match: re.Match[str]) -> str:
        if match[1] == "act" and "people" in match.string:
            return "suspend"
        numbered = "4711" if "int" in match[0] else "00000000-0000-4000-8000-000000000001"
        return _VALUES.get(match[1], numbered)

    rules = [rule for rule in world.app.url_map.iter_rules() if method in (rule.methods or ())]
    found = [rule.rule for rule in rules if rule.rule.startswith("/staff")]
    return [re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", fill, rule) for rule in found]


@pytest.mark.parametrize("role", [Role.CLIENT, Role.PRACTITIONER])
def test_to_everybody_else_there_is_nothing_here(world: World, role: Role) -> None:
    """Invariant 7: 404, the same as a page that never existed."""
    other = Browser(world, world.person(role))
    assert len(_addresses(world, "GET")) >= 5
    for address in _addresses(world, "GET"):
        assert other.http.get(address).status_code == 404, address
    for address in _addresses(world, "POST"):
        assert other.post(address.removeprefix("/staff"), evidence=WHY).status_code == 404, address


def test_strangers_are_asked_to_log_in(world: World) -> None:
    for address in _addresses(world, "GET"):
        answer = world.app.test_client().get(address)
        assert answer.status_code in (302, 303), address
        assert "/login" in answer.headers["Location"]


def test_no_act_without_the_forms_token(world: World, staff: Browser) -> None:
    review = _in_review(world)
    for address in [*_addresses(world, "POST"), f"/staff/reviews/{review.id}/resolve"]:
        assert staff.http.post(address, data={"decision": "refund", "evidence": WHY}).status_code == 400, address
    assert world.all(Review)[0].resolved_at is None


def test_what_is_not_there_is_not_found(world: World, staff: Browser) -> None:
    gone = "00000000-0000-4000-8000-000000000001"
    for path in (
        f"/payments/{gone}/ask",
        f"/payments/{gone}/refund",
        f"/refunds/{gone}/retry",
        f"/payouts/{gone}/settle",
        "/reviews/4711/resolve",
        "/events/4711/replay",
        "/messages/4711/mail",
    ):
        assert staff.post(path, amount="1", evidence=WHY).status_code == 404, path
    assert staff.http.get("/staff/queues/nothing").status_code == 404


# ------------------------------------------------------------------------------------------------ the money page


def test_money_taken_sent_back_and_kept_as_credit_is_shown_by_way_to_pay(world: World, staff: Browser) -> None:
    _, card = _paid(world)
    _, phone = _paid(world, "KES", "mpesa")
    staff.then(f"/payments/{card.id}/refund", amount="12.50", evidence=WHY)
    staff.then(f"/payments/{phone.id}/refund", amount="100", evidence=WHY)
    world.sweep()
    world.settle()
    page = staff.text("/staff")
    assert "Card · EUR € 60 1 payment €12.50 1 refund € 60 1 payment €12.50 1 refund" in page
    assert "M-Pesa · KES KES 1,500 1 payment KES 0 KES 1,500" in page  # credit has not left the house
    assert "Credit of 1 client KES 100" in page


def test_what_waits_stands_in_its_queue_and_leads_there(world: World, staff: Browser) -> None:
    _in_review(world)
    page = staff.http.get("/staff").text
    assert 'href="/staff/queues/reviews"' in page
    assert 'href="/staff/queues/refunds"' not in page
    assert "To decide 1" in staff.text("/staff")


def test_the_audit_runs_now_and_says_what_is_broken(world: World, staff: Browser) -> None:
    assert "They have not been checked yet" in staff.text("/staff")
    assert "The books are in order" in staff.then("/audit")
    _paid(world)
    with world.rows() as session:
        [booking] = session.query(Booking)
        booking.fee_amount += 1
        session.commit()
    page = staff.then("/audit")
    assert "1 rule is broken" in page
    assert "the platform's fee is in proportion to what is kept" in page.replace("&#39;", "'")
    with world.rows() as session:
        [booking] = session.query(Booking)
        assert world.all(Audit)[-1].breaches[0]["rows"][0].replace("-", "") == booking.id.hex
        booking.fee_amount -= 1
        session.commit()


def test_a_gateway_that_does_not_tell_us_is_a_warning_here(world: World, staff: Browser) -> None:
    client, service = world.person(), world.service(world.practitioner())
    world.drop_callbacks()
    for nth in range(3):
        made = world.book(client, service, world.start(service, nth))
        world.act(world.begin(client, made["checkout"]["id"]))
        world.move(seconds=30)
        world.sweep()
    soon = staff.text("/staff")
    assert "No callbacks from Card" not in soon
    assert ("3 payments in three days" in soon, "Not known yet" in soon) == (True, True)
    world.move(minutes=6)
    page = staff.text("/staff")
    assert "No callbacks from Card" in page
    assert "3 payments in three days · the newest 3 came without a callback" in page


def test_rejected_callbacks_are_counted_here(world: World, staff: Browser) -> None:
    world.app.test_client().post("/callbacks/stripe", data=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})
    assert world.all(RejectedCallbacks)[0].count == 1
    assert "Forged or broken callbacks since midnight UTC: 1" in staff.text("/staff")


# ------------------------------------------------------------------------------------------------ finding


def test_a_payment_is_found_by_anything_that_names_it(world: World, staff: Browser) -> None:
    client, attempt = _paid(world)
    staff.then(f"/payments/{attempt.id}/refund", amount="10", evidence=WHY)
    world.sweep()
    world.settle()
    [charge] = world.sandbox.sandbox.store.all("charge")
    dispute = stripe_disputes.dispute(world.sandbox.sandbox, charge["id"])
    world.settle()
    _paid(world, "KES", "mpesa")  # somebody else's
    [checkout, _] = sorted(world.all(Checkout), key=lambda row: row.created_at)
    [refund] = world.all(Refund)
    attempt = next(each for each in world.all(Attempt) if each.id == attempt.id)
    names = {
        "our reference": attempt.reference,
        "our reference in small letters": attempt.reference.lower(),
        "the attempt": str(attempt.id),
        "the gateway's payment": attempt.provider_ref,
        "the charge": attempt.charge_ref,
        "the checkout": str(checkout.id),
        "the booking": str(checkout.booking_id),
        "the booking without dashes": checkout.booking_id.hex,
        "the refund's key": refund.key,
        "the refund's key after a retry": f"{refund.key}-1",
        "the gateway's refund": refund.provider_ref,
        "the refund": str(refund.id),
        "the dispute": dispute["id"],
        "the e-mail address": world.email(client),
    }
    with world.rows():
        for name, q in names.items():
            assert [each.id for each in payment_story.search(f" {q} ").attempts] == [attempt.id], name
    answer = staff.http.get("/staff/find", query_string={"q": attempt.charge_ref})
    assert answer.headers["Location"] == f"/staff/payments/{attempt.id}"


@pytest.mark.in_turn
@pytest.mark.parametrize("typed", ["0712 345 678", "+254 712-345-678", "254712345678", "712345678", "٠٧١٢٣٤٥٦٧٨"])
def test_a_payment_is_found_by_its_phone_however_it_is_typed(world: World, staff: Browser, typed: str) -> None:
    client, attempt = _paid(world, "KES", "mpesa")
    with world.rows() as session:
        session.get_one(User, client.user_id).phone = None  # by the phone that paid
        session.commit()
        assert [each.id for each in payment_story.search(typed).attempts] == [attempt.id]
        session.query(Attempt).one().phone = None
        session.get_one(User, client.user_id).phone = "+254712345678"  # by the client's own
        session.commit()
        assert [each.id for each in payment_story.search(typed).attempts] == [attempt.id]


def test_names_find_everything_of_a_person_and_short_words_nobody(world: World, staff: Browser) -> None:
    _, attempt = _paid(world)
    assert attempt.reference in staff.text(f"/staff/payments/{attempt.id}")
    with world.rows():
        assert [each.id for each in payment_story.search("wanjiku").attempts] == [attempt.id]
        assert payment_story.search("wa").attempts == []
        assert payment_story.search("%").attempts == payment_story.search("_____").attempts == []
    assert "Nothing found" in staff.text("/staff/find", q="Nobody of this name")


def test_the_receipt_of_a_second_charge_finds_the_payment_too(world: World, staff: Browser) -> None:
    _, attempt = _paid(world, "INR", "razorpay")
    with world.rows() as session:
        made = Refund(
            attempt_id=attempt.id, charge_ref="pay_Second", key="rf_TEST", amount=1, currency="INR", reason="x",
            status="asked", version=1, renewed=0, tries=0, asked_at=clock.now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        assert [each.id for each in payment_story.search("pay_Second").attempts] == [attempt.id]
        session.rollback()


# ------------------------------------------------------------------------------------------------ the story


def test_the_story_shows_events_books_and_who_did_what_and_nobodys_number(world: World, staff: Browser) -> None:
    """S3-24."""
    _, attempt = _paid(world, "KES", "mpesa")
    staff.then(f"/payments/{attempt.id}/refund", amount="500", evidence="Called the client")
    page = staff.text(f"/staff/payments/{attempt.id}")
    for sentence in (
        "staff Njeri Staff · Called the client",
        "As received",
        "Money received M-Pesa Received, not allocated yet KES 1,500",
        "Allocated Received, not allocated yet Due to Dr. Amina Otieno KES 1,350",
        "Allocated Received, not allocated yet Our fee KES 150",
        "Refunds on their way Wallet of Wanjiku Kamau KES 500",
        "as credit in the wallet",
        "KES 1,000 of this payment is left",
    ):
        assert sentence in page, sentence
    assert any("712345678" in entry.body for entry in world.all(InboxEntry))
    assert "712345678" not in staff.http.get(f"/staff/payments/{attempt.id}").text


def test_what_was_told_of_a_payment_without_a_booking_is_in_its_story(world: World, staff: Browser) -> None:
    """S3-28: what was told."""
    first, second = world.person(), world.person()
    service = world.service(world.practitioner(), "pay_then_book")
    start = world.start(service)
    made = [world.book(person, service, start) for person in (first, second)]
    begun = [world.begin(p, m["checkout"]["id"]) for p, m in zip((first, second), made, strict=True)]
    for each in begun:
        world.act(each)
    late = next(each for each in world.all(Attempt) if str(each.id) == begun[1]["attempt"]["id"])
    assert "paid too late: choose a time, credit or a refund" in staff.text(f"/staff/payments/{late.id}")


# ------------------------------------------------------------------------------------------------ acts


def test_a_part_is_sent_back_and_the_page_says_so(world: World, staff: Browser) -> None:
    _, attempt = _paid(world)
    page = staff.then(f"/payments/{attempt.id}/refund", amount="12,50", evidence=WHY, left="6000")
    assert "Refund of €12.50 started: to where it was paid from." in page
    assert [(r.amount, r.reason) for r in world.all(Refund)] == [(1_250, "staff:1")]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"amount": "60.01", "evidence": WHY}, "That is more than what is left: at most EUR 60.00."),
        ({"amount": "nought", "evidence": WHY}, "Enter an amount above zero"),
        ({"amount": "0", "evidence": WHY}, "Enter an amount above zero"),
        ({"amount": "-1", "evidence": WHY}, "Enter an amount above zero"),
        ({"amount": "7.31", "evidence": " "}, "Say why. It stays in the payment's history."),
        ({"amount": "7.31", "evidence": "x" * 501}, "at most 500 characters"),
        ({}, "Enter an amount above zero"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(
    world: World, staff: Browser, form: dict[str, str], said: str
) -> None:
    _, attempt = _paid(world)
    answer = staff.post(f"/payments/{attempt.id}/refund", left="6000", **form)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'class="confirm" open' in answer.text
    for typed in filter(str.strip, form.values()):
        assert typed in words(answer) or f'value="{typed}"' in answer.text, typed
    assert world.all(Refund) == []


def test_the_same_refund_form_sent_twice_is_a_conflict_said_plainly(world: World, staff: Browser) -> None:
    _, attempt = _paid(world)
    form = {"amount": "10", "evidence": WHY, "left": "6000"}
    staff.then(f"/payments/{attempt.id}/refund", **form)
    answer = staff.post(f"/payments/{attempt.id}/refund", **form)
    assert answer.status_code == 409
    assert "things have changed since you opened this page" in words(answer)
    assert "€ 50 of this payment is left" in words(answer)
    assert len(world.all(Refund)) == 1


@pytest.mark.parametrize("queue", ["", "reviews"])
def test_a_review_is_decided_where_it_is_read(world: World, staff: Browser, queue: str) -> None:
    review = _in_review(world)
    here = f"/staff/queues/{queue}" if queue else f"/staff/payments/{review.attempt_id}"
    assert "Different amount from the one requested" in staff.text(here)
    wrong = staff.post(f"/reviews/{review.id}/resolve", queue=queue, evidence=WHY)
    assert (wrong.status_code, "Choose what to do." in words(wrong)) == (422, True)
    assert WHY in wrong.text.replace("&#39;", "'")
    wrong = staff.post(f"/reviews/{review.id}/resolve", queue=queue, decision="credit")
    assert (wrong.status_code, "Say what you did and how it can be checked" in words(wrong)) == (422, True)
    assert re.search(r'value="credit" checked', wrong.text)
    answer = staff.post(f"/reviews/{review.id}/resolve", queue=queue, decision="credit", evidence=WHY)
    assert answer.headers["Location"] == here
    assert "The money is in the client's wallet" in staff.text(here)
    again = staff.post(f"/reviews/{review.id}/resolve", queue=queue, decision="refund", evidence=WHY)
    assert (again.status_code, "things have changed" in words(again)) == (409, True)


def test_a_decision_that_is_not_open_to_the_review_is_a_conflict(world: World, staff: Browser) -> None:
    review = _in_review(world)
    for decision in ("close", "everything"):
        assert staff.post(f"/reviews/{review.id}/resolve", decision=decision, evidence=WHY).status_code == 409
    assert world.all(Review)[0].resolved_at is None


def test_accepting_too_late_says_that_the_money_goes_back(world: World, staff: Browser) -> None:
    review = _in_review(world)
    world.move(days=30)
    page = Browser(world, staff.who).then(f"/reviews/{review.id}/resolve", decision="accept", evidence=WHY)
    assert "Accepted, but what it was meant for is no longer available" in page


@pytest.mark.parametrize("remedy", ["retry", "credit", "by_hand"])
def test_a_failed_refund_is_mended_from_its_queue(world: World, staff: Browser, remedy: str) -> None:
    """Complaint 20."""
    refund = _failed_refund(world, staff)
    page = staff.text("/staff/queues/refunds")
    for text in ("Try again", "Give as wallet credit", "I sent it by hand", "€ 60"):
        assert text in page
    if remedy == "by_hand":
        wrong = staff.post(f"/refunds/{refund.id}/by_hand", queue="refunds", evidence="")
        assert (wrong.status_code, "Say what you did and how it can be checked" in words(wrong)) == (422, True)
    page = staff.then(f"/refunds/{refund.id}/{remedy}", queue="refunds", evidence=WHY)
    assert "Nothing is waiting here" in page
    assert staff.post(f"/refunds/{refund.id}/{remedy}", queue="refunds", evidence=WHY).status_code == 409
    assert staff.post(f"/refunds/{refund.id}/forget", evidence=WHY).status_code == 404


def test_a_payout_is_sent_or_refused_with_words_the_client_reads(world: World, staff: Browser) -> None:
    client, attempt = _paid(world, "KES", "mpesa")
    staff.then(f"/payments/{attempt.id}/refund", amount="1000", evidence=WHY)
    for amount in (20_000, 30_000):
        with world.rows() as session:
            wallet.ask_payout(session.get_one(User, client.user_id), Money(amount, "KES"), "M-Pesa 0712 345 678")
    first, second = world.all(Payout)
    assert "M-Pesa 0712 345 678" in staff.text("/staff/queues/payouts")  # what is needed to send it
    wrong = staff.post(f"/payouts/{second.id}/refuse", evidence="  ")
    assert (wrong.status_code, "The other side will read it" in words(wrong)) == (422, True)
    assert "The client will be told." in staff.then(f"/payouts/{first.id}/settle", evidence="SJK4H7L2")
    assert "back in the client's wallet" in staff.then(f"/payouts/{second.id}/refuse", evidence="Not your number")
    assert sorted(payout.status for payout in world.all(Payout)) == ["done", "refused"]
    assert staff.post(f"/payouts/{first.id}/settle", evidence="SJK4H7L2").status_code == 409


def test_unmatched_news_is_tried_again_from_its_queue(world: World, staff: Browser) -> None:
    _, attempt = _paid(world, "KES", "mpesa")
    with world.rows() as session:
        entry = session.query(InboxEntry).filter_by(attempt_id=attempt.id).first()
        entry.state, entry.attempt_id, entry_id = "unmatched", None, entry.id
        session.commit()
    world.move(minutes=11)  # what is younger may only be early
    page = staff.http.get("/staff/queues/events").text
    assert "M-Pesa · It was paid" in staff.text("/staff/queues/events")
    assert "712345678" not in page
    answer = staff.post(f"/events/{entry_id}/replay", queue="events")
    assert answer.headers["Location"] == "/staff/queues/events"
    assert "The event was processed again: nothing changed." in staff.text("/staff/queues/events")
    [change] = [each for each in world.all(Change) if each.subject == "inbox"]
    assert change.actor_id == staff.who.user_id
    assert "Event: accepted again" in staff.text(f"/staff/payments/{attempt.id}")


def test_news_that_waits_is_dismissed_with_a_reason_and_stands_in_the_log(world: World, staff: Browser) -> None:
    _, attempt = _paid(world, "KES", "mpesa")
    with world.rows() as session:
        entry = session.query(InboxEntry).filter_by(attempt_id=attempt.id).first()
        entry.state, entry.attempt_id, entry_id = "unmatched", None, entry.id
        session.commit()
    world.move(minutes=11)
    assert "Waiting events 1" in staff.text("/staff")
    silent = staff.post(f"/events/{entry_id}/dismiss", queue="events", evidence="  ")
    assert (silent.status_code, "Say why. It stays in the payment's history." in words(silent)) == (422, True)
    page = staff.then(f"/events/{entry_id}/dismiss", queue="events", evidence="Of our other shop")
    assert "Dismissed. It will still be processed if we learn of its payment." in page
    assert "Nothing is waiting here" in page
    assert "Event: dismissed" in staff.text("/staff/trail")
    assert "Of our other shop" in staff.text("/staff/trail")
    again = staff.post(f"/events/{entry_id}/dismiss", queue="events", evidence="Once more")
    assert again.status_code == 409
    assert staff.post("/events/2147483647/dismiss", queue="events", evidence="Nothing").status_code == 404


def test_the_gateway_is_asked_now_from_the_story_and_from_the_queue(world: World, staff: Browser) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    begun = world.begin(client, made["checkout"]["id"])
    assert "Under way 1" in staff.text("/staff")
    page = staff.then(f"/payments/{begun['attempt']['id']}/ask", queue="waiting")
    assert "Payment status: Under way." in page
    world.drop_callbacks()
    world.act(begun)
    page = staff.then(f"/payments/{begun['attempt']['id']}/ask")
    assert "Payment status: Paid." in page
    assert "Staff: asked the gateway" in page


def test_a_message_that_did_not_go_out_is_mailed_from_its_queue(world: World, staff: Browser) -> None:
    client = world.person()
    world.book(client, world.service(world.practitioner(), "approve_then_pay"))
    notice = next(each for each in world.all(Notification) if each.user_id == client.user_id)
    assert "Nothing is waiting here" in staff.text("/staff/queues/messages")  # it is not late yet
    world.move(minutes=11)
    assert "request sent" in staff.text("/staff/queues/messages")
    assert "The message has been sent, or is no longer needed" in staff.then(f"/messages/{notice.mail.id}/mail")
    assert world.mails(world.email(client))
    assert staff.post(f"/messages/{notice.mail.id}/mail").status_code == 409


def test_a_challenged_charge_is_shown_in_its_queue_and_on_its_payment(world: World, staff: Browser) -> None:
    _, attempt = _paid(world)
    [charge] = world.sandbox.sandbox.store.all("charge")
    stripe_disputes.dispute(world.sandbox.sandbox, charge["id"])
    world.settle()
    assert attempt.reference in staff.text("/staff/queues/disputes")
    assert "The payer's bank disputes € 60: Open" in staff.text(f"/staff/payments/{attempt.id}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"PhoneNumber": 254712345678}', '{"PhoneNumber": 2547xxx678}'),
        ('{"contact": "+919820000001"}', '{"contact": "+919xxx001"}'),
        ("ws_CO_21112026044332123712345678", "ws_CO_21112026044332123xxxxxx678"),
        ("CO-708374149-x", "CO-xxxxxx149-x"),  # a number we know, inside somebody's id
        ('{"created": 1795234123, "amount": 150000, "at": 20261121044332}', None),
    ],
)
def test_telephone_numbers_in_a_vendors_news_are_masked_and_nothing_else(text: str, shown: str | None) -> None:
    assert numbers.masked_in(text, "+254708374149") == (shown or text)
