"""S4: a question in writing exists only once it is paid; whatever happens at the gateway, there is no ghost and no lost money."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.domain.money import Money
from app.extensions import db
from app.lib.clock import now
from app.models import Change, Checkout, Consultation, LedgerEntry, LedgerTransaction, Notification, Refund, Role, User
from app.services import consultations, practice
from app.services.backoffice import reconciliation, repair
from app.services.core.errors import Invalid
from app.services.ledger import journal
from app.services.notifications import mail
from app.services.prepaid import wallet
from tests.support.credit import fee_of
from tests.support.gateways import BY_CODE, GATEWAYS
from tests.support.world import PASSWORD, Caller, World

PRICES = {"KES": 50_000, "INR": 40_000, "EUR": 2_500}
QUESTION = "Is it normal to sleep badly before an exam?\n\nWhat helps?"


def _profile(world: World, owner: Caller, price: Money | None, **changes: Any) -> str:
    """The practitioner takes questions at `price`, or none; gives the address of the public page."""
    with world.rows() as session:
        user = session.get_one(User, owner.user_id)
        profile = {
            "headline": "",
            "about": "",
            "languages": "en",
            "zone": "Africa/Nairobi",
            "published": True,
        } | changes
        return practice.change_profile(user, name="Dr. Amina Otieno", question_price=price, **profile).slug


def _expert(world: World, currency: str = "EUR") -> tuple[Caller, str]:
    owner = world.practitioner()
    return owner, _profile(world, owner, Money(PRICES[currency], currency))


def _ask(client: Caller, slug: str, question: str = QUESTION, **more: Any) -> dict[str, Any]:
    answer = client.post(f"/practitioners/{slug}/questions", {"question": question}, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json["checkout"]
    return found


def _asked(world: World, currency: str = "EUR", gateway: str = "stripe") -> tuple[Caller, Caller, dict[str, Any]]:
    """A client, a practitioner and a question that was paid for."""
    (owner, slug), client = _expert(world, currency), world.person()
    checkout = _ask(client, slug)
    world.act(world.begin(client, checkout["id"], gateway))
    return client, owner, _only(client)


def _only(caller: Caller) -> dict[str, Any]:
    [found] = caller.get("/consultations").json
    one: dict[str, Any] = found
    return one


def _held(world: World, account: str) -> int:
    return sum(entry.amount for entry in world.all(LedgerEntry) if entry.account == account)


# ------------------------------------------------------------------------------------------------ paying for it


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_direct_payment_that_succeeds_asks_the_question(world: World, gateway: str, currency: str) -> None:
    """S4-18, S4-2, S4-6: nothing exists before; then one question, at the price, and both sides know."""
    (owner, slug), client = _expert(world, currency), world.person()
    checkout = _ask(client, slug)
    assert (checkout["kind"], checkout["title"]) == ("consultation", "Question to Dr. Amina Otieno")
    assert checkout["amount"] == {"amount": PRICES[currency], "currency": currency}
    assert world.all(Consultation) == []
    assert owner.get("/consultations").json == []
    world.act(world.begin(client, checkout["id"], gateway))
    asked = _only(client)
    assert (asked["status"], asked["question"], asked["answer"]) == ("open", QUESTION, "")
    assert asked["price"] == checkout["amount"]
    paid = world.checkout(client, checkout["id"])
    assert (paid["status"], paid["consultation_id"]) == ("paid", asked["id"])
    assert _only(owner)["id"] == asked["id"]
    assert world.notices(owner) == ["question_received"]
    assert world.notices(client) == ["question_sent"]


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_payment_that_fails_asks_nothing_and_can_be_tried_again(world: World, gateway: str, currency: str) -> None:
    """S4-19, S4-26: the same checkout says why and takes the next try."""
    (owner, slug), client = _expert(world, currency), world.person()
    checkout = _ask(client, slug)
    act = BY_CODE[gateway].fails
    for _ in range(2):
        world.act(world.begin(client, checkout["id"], gateway), act)
        assert world.all(Consultation) == []
        assert world.notices(owner) == []
    assert world.checkout(client, checkout["id"])["status"] == "open"
    world.act(world.begin(client, checkout["id"], gateway))
    assert _only(client)["status"] == "open"
    assert len([e for e in world.money_taken() if e["kind"] == "capture"]) == 1


def test_a_cancelled_payment_asks_nothing_and_the_same_can_be_asked_again(world: World) -> None:
    """S4-20: given up without a trace; the retry is a new checkout."""
    (owner, slug), client = _expert(world), world.person()
    first = _ask(client, slug)
    world.begin(client, first["id"])
    assert client.post(f"/checkouts/{first['id']}/cancel").json["status"] == "cancelled"
    assert world.all(Consultation) == []
    again = _ask(client, slug)
    assert again["id"] != first["id"]
    world.act(world.begin(client, again["id"]))
    assert _only(owner)["question"] == QUESTION


def test_the_wallet_pays_for_a_question_at_once(world: World) -> None:
    """S4-21: credit that was put in by card pays without asking a gateway; too little of it changes nothing."""
    (owner, slug), client = _expert(world), world.person()
    checkout = _ask(client, slug)
    refused = client.post(f"/checkouts/{checkout['id']}/attempts", {"gateway": "wallet"})
    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_balance")
    assert world.all(Consultation) == []
    with world.rows() as session:
        top_up = wallet.top_up(session.get_one(User, client.user_id), Money(3_000, "EUR"), "Credit").id
    world.act(world.begin(client, str(top_up)))
    paid = world.begin(client, checkout["id"], "wallet")
    assert (paid["attempt"]["status"], paid["next"]["kind"]) == ("paid", "done")
    assert _only(owner)["status"] == "open"
    with world.rows() as session:
        assert wallet.balances(session.get_one(User, client.user_id)) == [Money(500, "EUR")]


def test_a_browser_session_that_is_gone_changes_nothing(world: World) -> None:
    """S4-22, S4-28: the question is in the database; the callback asks it in a process without any browser."""
    (_, slug), client = _expert(world), world.person()
    browser = _browser(world, client)
    token = _csrf(browser, f"/practitioners/{slug}")
    browser.post(f"/practitioners/{slug}/questions", data={"question": QUESTION, "csrf_token": token})
    [checkout] = world.all(Checkout)
    begun = world.begin(client, str(checkout.id))
    browser.delete_cookie("session")
    world.act(begun)
    assert _only(client)["question"] == QUESTION
    back = _browser(world, client).get(f"/checkouts/{checkout.id}").text
    assert f"/questions/{_only(client)['id']}" in back


def test_a_lost_callback_and_a_closed_browser_still_ask(world: World) -> None:
    """S4-23, S4-28: the look-up finds the money."""
    (_, slug), client = _expert(world), world.person()
    checkout = _ask(client, slug)
    world.drop_callbacks()
    world.act(world.begin(client, checkout["id"]))
    assert world.all(Consultation) == []
    world.move(minutes=2)
    world.sweep()
    assert _only(client)["status"] == "open"


@pytest.mark.parametrize("fault", ["reset", "500"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_network_error_leaves_no_ghost_and_the_same_try_goes_on(world: World, fault: str, when: str) -> None:
    """S4-24."""
    (_, slug), client = _expert(world, "INR"), world.person()
    checkout = _ask(client, slug)
    world.faults(gateway="razorpay", route="order", fault=fault, when=when, times=1)
    lost = client.post(f"/checkouts/{checkout['id']}/attempts", {"gateway": "razorpay"})
    assert (lost.json["next"], world.all(Consultation)) == ({"kind": "checking"}, [])
    world.act(world.begin(client, checkout["id"], "razorpay"))
    assert _only(client)["status"] == "open"
    assert len([e for e in world.money_taken() if e["kind"] == "capture"]) == 1


def test_a_gateway_that_is_silent_leaves_no_ghost(world: World) -> None:
    """S4-25, S4-5: no answer is no failure and no question; when nothing comes the checkout lapses by itself."""
    (owner, slug), client = _expert(world, "KES"), world.person()
    checkout = _ask(client, slug)
    world.drop_callbacks()
    world.begin(client, checkout["id"], "mpesa")
    assert world.checkout(client, checkout["id"])["attempts"][-1]["status"] == "processing"
    for minutes in (5, 61, 600, 3 * 24 * 60):
        world.move(minutes=minutes)
        world.sweep()
    assert world.all(Consultation) == []
    assert world.notices(owner) == []
    assert world.checkout(client, checkout["id"])["status"] == "expired"


# ------------------------------------------------------------------------------------------------ late, twice, forged


def test_an_unpaid_question_lapses_after_an_hour(world: World) -> None:
    (_, slug), client = _expert(world), world.person()
    checkout = _ask(client, slug)
    world.move(minutes=61)
    assert world.checkout(client, checkout["id"])["status"] == "expired"
    refused = client.post(f"/checkouts/{checkout['id']}/attempts", {"gateway": "stripe"})
    assert (refused.status_code, refused.json["code"]) == (409, "checkout_closed")
    world.sweep()
    assert [c.status for c in world.all(Checkout)] == ["expired"]
    assert _ask(client, slug)["id"] != checkout["id"]


def _pay_late(world: World, client: Caller, slug: str) -> str:
    """The payer leaves the gateway's page open for more than the hour and pays then."""
    checkout = _ask(client, slug)
    begun = world.begin(client, checkout["id"], "razorpay")
    world.move(minutes=70)
    world.sweep()
    world.act(begun)
    return str(checkout["id"])


def test_a_late_payment_still_asks(world: World) -> None:
    """Nothing was kept for the client and nothing can be taken away meanwhile: lateness harms nobody."""
    (owner, slug), client = _expert(world, "INR"), world.person()
    checkout = _pay_late(world, client, slug)
    assert world.checkout(client, checkout)["status"] == "paid"
    assert _only(owner)["status"] == "open"
    assert world.all(Refund) == []


def test_late_money_for_what_is_no_longer_taken_goes_back(world: World) -> None:
    (owner, slug), client = _expert(world, "INR"), world.person()
    checkout = _ask(client, slug)
    begun = world.begin(client, checkout["id"], "razorpay")
    _profile(world, owner, None)
    assert world.checkout(client, checkout["id"])["methods"] == []
    world.act(begun)
    world.sweep()
    world.settle()
    assert world.all(Consultation) == []
    assert [(r.reason, r.status) for r in world.all(Refund)] == [("not_asked", "done")]
    assert sum(e["amount"] * (1 if e["kind"] == "capture" else -1) for e in world.money_taken()) == 0
    assert world.checkout(client, checkout["id"])["status"] == "cancelled"
    assert "payment_returned" in world.notices(client)
    assert world.notices(owner) == []
    with world.rows() as session:
        told = session.scalars(db.select(Notification).where(Notification.kind == "payment_returned")).one()
        body = mail.compose(told.user, told.kind, told.data | {"booking": None, "notice": told}).text
        assert "your question was given up, or is no longer taken" in body


def test_late_money_after_giving_up_goes_back(world: World) -> None:
    """S4-20: a cancelled question is never asked by a payment that comes in after all."""
    (_, slug), client = _expert(world, "INR"), world.person()
    checkout = _ask(client, slug)
    begun = world.begin(client, checkout["id"], "razorpay")
    client.post(f"/checkouts/{checkout['id']}/cancel")
    world.act(begun)
    world.sweep()
    world.settle()
    assert world.all(Consultation) == []
    assert [(r.reason, r.status) for r in world.all(Refund)] == [("not_asked", "done")]


def test_a_second_payment_goes_back_and_one_question_is_asked(world: World) -> None:
    """The first way to pay was left for another, and then both were paid."""
    (_, slug), client = _expert(world, "INR"), world.person()
    checkout = _ask(client, slug)
    first = world.begin(client, checkout["id"], "razorpay")
    second = world.begin(client, checkout["id"], "stripe")
    world.act(first)
    assert world.checkout(client, checkout["id"])["status"] == "paid"
    world.act(second)
    world.sweep()
    world.settle()
    assert len(world.all(Consultation)) == 1
    assert [(r.reason, r.status) for r in world.all(Refund)] == [("second_charge", "done")]
    taken = world.money_taken()
    assert sum(e["amount"] * (1 if e["kind"] == "capture" else -1) for e in taken) == PRICES["INR"]


def test_a_price_from_the_browser_is_never_believed(world: World) -> None:
    (_, slug), client = _expert(world), world.person()
    forged = {"question": QUESTION, "price": {"amount": 1, "currency": "EUR"}, "amount": 1, "fee": 0, "currency": "KES"}
    answer = client.post(f"/practitioners/{slug}/questions", forged)
    assert answer.json["checkout"]["amount"] == {"amount": 2_500, "currency": "EUR"}


def test_another_amount_than_asked_for_asks_nothing_and_a_person_looks(world: World) -> None:
    (_, slug), client = _expert(world), world.person()
    checkout = _ask(client, slug)
    world.act(world.begin(client, checkout["id"]), "pay", amount=1, currency="eur")
    assert world.all(Consultation) == []
    assert world.checkout(client, checkout["id"])["status"] == "open"
    refused = client.post(f"/checkouts/{checkout['id']}/attempts", {"gateway": "stripe"})
    assert (refused.status_code, refused.json["code"]) == (409, "under_review")


# ------------------------------------------------------------------------------------------------ whose money it is


@pytest.mark.parametrize(
    ("back", "practitioner", "platform", "gateway"),
    [
        (1, 2_124, 375, -2_499),  # a fee of 374.85
        (333, 1_842, 325, -2_167),  # 325.05
        (1_249, 1_063, 188, -1_251),  # 187.65
        (1_270, 1_045, 185, -1_230),  # 184.5
        (2_500, 0, 0, 0),
    ],
)
def test_the_fee_is_frozen_and_money_leaves_as_it_came(
    world: World, back: int, practitioner: int, platform: int, gateway: int
) -> None:
    """The practitioner has the price less the fee of that day; what goes back takes its part of the fee along."""
    with fee_of(world, 15):
        client, _, _ = _asked(world)
    assert (_held(world, "practitioner"), _held(world, "platform")) == (2_125, 375)
    [consultation] = world.all(Consultation)
    assert (consultation.price_amount, consultation.fee_amount) == (2_500, 375)
    staff = world.person(Role.STAFF)
    with world.rows() as session:
        attempt_id = session.get_one(Checkout, consultation.checkout_id).attempts[0].id
        repair.refund(attempt_id, Money(back, "EUR"), "a mistake", session.get_one(User, staff.user_id))
    assert (_held(world, "practitioner"), _held(world, "platform")) == (practitioner, platform)
    world.sweep()
    world.settle()
    assert _held(world, "gateway") == gateway
    with world.rows():
        assert reconciliation.breaches() == []
        assert reconciliation.compare(world.money_taken()) == []
    assert client.get("/consultations").json[0]["price"]["amount"] == 2_500


def test_a_new_price_changes_nothing_that_was_asked_or_can_be_paid_already(world: World) -> None:
    (owner, slug), client = _expert(world), world.person()
    first = _ask(client, slug)
    _profile(world, owner, Money(4_000, "EUR"))
    assert _ask(client, slug)["amount"]["amount"] == 4_000
    world.act(world.begin(client, first["id"]))
    assert _only(client)["price"]["amount"] == 2_500


def test_the_audit_sees_a_move_that_is_not_in_the_table(world: World) -> None:
    _, _, asked = _asked(world)
    with world.rows() as session:
        for before, after in (("open", "answered"), ("answered", "open")):
            change = {"subject": "consultation", "subject_id": asked["id"], "from_status": before, "to_status": after}
            session.add(Change(**change, actor="staff", why="", at=now()))
            session.flush()
        assert [b.code for b in reconciliation.breaches() if b.code == "illegal_move"] == ["illegal_move"]
        session.rollback()


# ------------------------------------------------------------------------------------------------ asking once


def test_asking_the_same_again_is_the_same_checkout(world: World) -> None:
    """By its text while it can be paid, by its key for ever; another text or another practitioner is another question."""
    (_, slug), (_, other), client = _expert(world), _expert(world), world.person()
    first = _ask(client, slug, key="one")
    assert _ask(client, slug, key="one")["id"] == first["id"]
    assert _ask(client, slug, f"  {QUESTION}\r\n")["id"] == first["id"]
    assert _ask(client, slug, QUESTION.replace("\n", "\r\n"))["id"] == first["id"]
    others = {_ask(client, slug, "Something else?")["id"], _ask(client, other)["id"]}
    assert len(others | {first["id"]}) == 3
    assert _ask(world.person(), slug)["id"] not in {*others, first["id"]}


def test_a_key_gives_its_checkout_even_after_it_was_paid(world: World) -> None:
    """A form sent twice asks once; and a form that was changed before it was sent again asks what it says."""
    (_, slug), client = _expert(world), world.person()
    with world.rows() as session:
        practitioner, user = practice.by_slug(slug), session.get_one(User, client.user_id)
        first = consultations.ask(user, practitioner, QUESTION, "form-1").id
    world.act(world.begin(client, str(first)))
    with world.rows() as session:
        practitioner, user = practice.by_slug(slug), session.get_one(User, client.user_id)
        assert consultations.ask(user, practitioner, QUESTION, "form-1").id == first
        changed = consultations.ask(user, practitioner, "Something else?", "form-1")
        assert (changed.id != first, consultations.asked_by(changed).question) == (True, "Something else?")
        assert consultations.ask(user, practitioner, QUESTION, None).id != first
    assert len(world.all(Consultation)) == 1


@pytest.mark.parametrize(
    ("question", "code"), [("", "question_missing"), (" \n ", "question_missing"), ("x" * 2_001, "too_long")]
)
def test_an_empty_or_overlong_question_is_refused_beside_its_field(world: World, question: str, code: str) -> None:
    (_, slug), client = _expert(world), world.person()
    answer = client.post(f"/practitioners/{slug}/questions", {"question": question})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, code, "question")
    assert world.all(Checkout) == []
    assert _ask(client, slug, "x" * 2_000)


def test_only_clients_ask_and_only_who_takes_questions_is_asked(world: World) -> None:
    owner, slug = _expert(world)
    client, silent = world.person(), _profile(world, world.practitioner(), None)
    refused = [
        (owner.post(f"/practitioners/{slug}/questions", {"question": QUESTION}), 403, "clients_only"),
        (client.post(f"/practitioners/{silent}/questions", {"question": QUESTION}), 409, "question_not_taken"),
        (client.post("/practitioners/nobody/questions", {"question": QUESTION}), 404, "not_found"),
    ]
    assert [(a.status_code, a.json["code"]) for a, *_ in refused] == [(status, code) for _, status, code in refused]
    _profile(world, owner, Money(2_500, "EUR"), published=False)
    assert client.post(f"/practitioners/{slug}/questions", {"question": QUESTION}).status_code == 404
    assert world.all(Checkout) == []


# ------------------------------------------------------------------------------------------------ answering


def test_an_answer_reaches_the_client_once(world: World) -> None:
    client, owner, asked = _asked(world)
    assert _only(owner)["allowed_actions"] == ["answer", "decline"]
    assert asked["allowed_actions"] == ["write"]
    answer = owner.post(f"/consultations/{asked['id']}/answer", {"text": "It is.\r\nWalk a little."})
    assert (answer.status_code, answer.json["status"]) == (200, "answered")
    assert answer.json["allowed_actions"] == ["write", "close"]
    assert client.get(f"/consultations/{asked['id']}").json["answer"] == "It is.\nWalk a little."
    again = owner.post(f"/consultations/{asked['id']}/answer", {"text": "Something else"})
    assert (again.status_code, again.json["code"]) == (409, "not_allowed")
    assert _only(client)["answer"] == "It is.\nWalk a little."
    assert world.notices(client) == ["question_sent", "question_answered"]


@pytest.mark.parametrize(("words", "code"), [("", "answer_missing"), ("x" * 2_001, "too_long")])
def test_an_empty_or_overlong_answer_is_refused_beside_its_field(world: World, words: str, code: str) -> None:
    _, owner, asked = _asked(world)
    answer = owner.post(f"/consultations/{asked['id']}/answer", {"text": words})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, code, "answer")
    assert _only(owner)["status"] == "open"


def test_a_stranger_finds_no_question_and_the_client_cannot_answer(world: World) -> None:
    """Invariant 7: 404, the same as for one that never existed; staff have no part in what two people write."""
    client, _, asked = _asked(world)
    strangers = (world.person(), world.practitioner(name="Ravi Deshpande"), world.person(Role.STAFF))
    for stranger in strangers:
        for answer in (
            stranger.get(f"/consultations/{asked['id']}"),
            stranger.post(f"/consultations/{asked['id']}/answer", {"text": "Mine"}),
            _browser(world, stranger).get(f"/questions/{asked['id']}"),
        ):
            assert answer.status_code == 404
        assert stranger.get("/consultations").json == []
    assert client.post(f"/consultations/{asked['id']}/answer", {"text": "Mine"}).status_code == 403
    assert world.app.test_client().get(f"/api/v1/consultations/{asked['id']}").status_code == 401


def test_lists_have_pages_and_what_waits_comes_first(world: World) -> None:
    (owner, slug), client = _expert(world), world.person()
    ids = []
    with world.rows() as session:
        user = session.get_one(User, client.user_id)
        top_up = wallet.top_up(user, Money(100_000, "EUR"), "Credit").id
    world.act(world.begin(client, str(top_up)))
    for n in range(21):
        world.move(minutes=1)
        checkout = _ask(client, slug, f"Question {n}?")
        world.begin(client, checkout["id"], "wallet")
        ids.append(world.checkout(client, checkout["id"])["consultation_id"])
    owner.post(f"/consultations/{ids[0]}/answer", {"text": "Yes."})
    first, second = client.get("/consultations"), client.get("/consultations", page=2)
    assert (first.headers["X-Total-Count"], first.headers["X-Pages"]) == ("21", "2")
    assert [q["id"] for q in first.json + second.json] == ids[::-1]
    theirs = owner.get("/consultations").json + owner.get("/consultations", page=2).json
    assert [q["id"] for q in theirs] == [*ids[1:], ids[0]]


# ------------------------------------------------------------------------------------------------ the price in the profile


@pytest.mark.parametrize(
    ("price", "code", "field"),
    [
        (Money(50_000, "USD"), "", ""),
        (Money(50_000, "IRR"), "cannot_be_paid_currency", "question_currency"),
        (Money(1, "EUR"), "cannot_be_paid_too_small", "question_price"),
        (Money(0, "EUR"), "price_invalid", "question_price"),
    ],
)
def test_a_price_nobody_could_pay_is_refused_with_the_reason(world: World, price: Money, code: str, field: str) -> None:
    owner = world.practitioner()
    if not code:
        slug = _profile(world, owner, price)
        shown = world.person().get(f"/practitioners/{slug}").json["question_price"]
        assert shown == {"amount": price.amount, "currency": price.currency}
        return
    with pytest.raises(Invalid) as refused:
        _profile(world, owner, price)
    assert (refused.value.code, refused.value.field) == (code, field)
    slug = _profile(world, owner, None)
    assert world.person().get(f"/practitioners/{slug}").json["question_price"] is None


def test_money_of_a_question_moves_by_name_in_the_books(world: World) -> None:
    """Captured, then landed: two transactions that name the payment and no booking."""
    _asked(world)
    moves = world.all(LedgerTransaction)
    assert [(t.kind, t.booking_id) for t in moves] == [("capture", None), ("land", None)]
    with world.rows() as session:
        checkout = session.scalars(db.select(Checkout)).one()
        assert journal.kept_of(checkout, "EUR") == Money(2_500, "EUR")


# ------------------------------------------------------------------------------------------------ the pages


def _csrf(browser: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(page).text)
    assert found, f"no form on {page}"
    return found[1]


def _browser(world: World, caller: Caller) -> FlaskClient:
    """A browser in which the person has logged in."""
    browser = world.app.test_client()
    form = {"email": world.email(caller), "password": PASSWORD, "csrf_token": _csrf(browser, "/login")}
    assert browser.post("/login", data=form).status_code == 303
    return browser


def test_a_client_asks_pays_and_reads_the_answer_on_pages(world: World) -> None:
    """Without script: the practitioner's page, the page to pay, what is not sent yet, the question, the answer."""
    (owner, slug), client = _expert(world, "KES"), world.person()
    browser, page = _browser(world, client), f"/practitioners/{slug}"
    assert "Ask a question in writing (KES\xa0500)" in browser.get(page).text
    sent = {"question": QUESTION, "csrf_token": _csrf(browser, page), "request_key": "k1"}
    to_pay = browser.post(f"{page}/questions", data=sent)
    assert to_pay.status_code == 303
    shown = browser.get(to_pay.location).text
    for words in ("Pay for your question", "Question to Dr. Amina Otieno", "only once we have your payment"):
        assert words in shown
    assert "Your place is held" not in shown
    assert "Complete payment" in browser.get("/questions").text
    world.act(world.begin(client, to_pay.location.rsplit("/", 1)[1], "mpesa"))
    asked = _only(client)["id"]
    paid = browser.get(to_pay.location).text
    assert "Your question is on its way to Dr. Amina Otieno." in paid
    assert f'href="/questions/{asked}"' in paid
    assert "Complete payment" not in browser.get("/questions").text
    theirs = _browser(world, owner)
    assert "1 question to answer" in theirs.get("/practice").text
    assert f"/questions/{asked}" in theirs.get("/questions").text
    answered = {"answer": "Yes, and walking helps.", "csrf_token": _csrf(theirs, f"/questions/{asked}")}
    assert theirs.post(f"/questions/{asked}/answer", data=answered).status_code == 303
    assert "Yes, and walking helps." in browser.get(f"/questions/{asked}").text
    assert f'href="/questions/{asked}"' in browser.get("/notices").text


def test_a_question_that_was_given_up_is_asked_again_with_one_press(world: World) -> None:
    """S4-20, S4-7: the closed page says that nothing was sent and keeps what was written."""
    (_, slug), client = _expert(world), world.person()
    browser, checkout = _browser(world, client), _ask(client, slug)
    page = f"/checkouts/{checkout['id']}"
    browser.post(f"{page}/cancel", data={"csrf_token": _csrf(browser, page)})
    closed = browser.get(page).text
    assert "Your question was not sent." in closed
    assert f'action="/practitioners/{slug}/questions"' in closed
    again = browser.post(
        f"/practitioners/{slug}/questions", data={"question": QUESTION, "csrf_token": _csrf(browser, page)}
    )
    assert again.status_code == 303
    assert again.location != page


def test_what_was_typed_stays_when_it_cannot_be_sent(world: World) -> None:
    client, owner, asked = _asked(world)
    browser, slug = _browser(world, client), world.person().get("/practitioners").json
    assert slug == []  # who only answers in writing has no session to book, and is found by the page's address
    with world.rows() as session:
        slug = practice.of_user(session.get_one(User, owner.user_id)).slug
    long = "y" * 2_001
    token = _csrf(browser, f"/practitioners/{slug}")
    refused = browser.post(f"/practitioners/{slug}/questions", data={"question": long, "csrf_token": token})
    assert refused.status_code == 422
    assert long in refused.text
    assert "at most 2000 characters" in refused.text
    theirs = _browser(world, owner)
    token = _csrf(theirs, f"/questions/{asked['id']}")
    refused = theirs.post(f"/questions/{asked['id']}/answer", data={"answer": long, "csrf_token": token})
    assert (refused.status_code, long in refused.text) == (422, True)


def test_a_practitioner_names_the_price_in_the_profile(world: World) -> None:
    """Empty: none are taken; a price nobody could pay is refused beside its field and kept; a good one is on the page."""
    owner = world.practitioner()
    theirs = _browser(world, owner)
    form = {
        "name": "Dr. Amina Otieno", "zone": "Africa/Nairobi", "published": "y", "languages": ["en"],
        "csrf_token": _csrf(theirs, "/practice/profile"),
    }  # fmt: skip
    for price, currency, status in (("0.005", "KES", 422), ("many", "KES", 422), ("500", "KES", 303)):
        typed = form | {"question_price": price, "question_currency": currency}
        answer = theirs.post("/practice/profile", data=typed)
        assert answer.status_code == status, price
        assert status == 303 or f'value="{price}"' in answer.text
    with world.rows() as session:
        slug = practice.of_user(session.get_one(User, owner.user_id)).slug
        assert practice.by_slug(slug).question_price == Money(50_000, "KES")
    assert 'value="500"' in theirs.get("/practice/profile").text
    assert "Ask a question in writing" in world.app.test_client().get(f"/practitioners/{slug}").text
    assert theirs.post("/practice/profile", data=form | {"question_price": " "}).status_code == 303
    assert "Ask a question in writing" not in world.app.test_client().get(f"/practitioners/{slug}").text


@pytest.mark.parametrize("kind", ["question_received", "question_sent", "question_answered"])
def test_a_message_says_that_there_is_something_and_not_what(world: World, kind: str) -> None:
    """Discreet: the link, the other side's name, and no word of what was asked."""
    _, owner, asked = _asked(world)
    owner.post(f"/consultations/{asked['id']}/answer", {"text": "A private answer"})
    with world.rows() as session:
        told = session.scalars(db.select(Notification).where(Notification.kind == kind)).one()
        subject, body, _html = mail.compose(told.user, kind, told.data | {"booking": None, "notice": told})
    assert subject
    assert f"/questions/{asked['id']}" in body
    assert "exam" not in subject + body + str(told.data)
    assert "private" not in subject + body
