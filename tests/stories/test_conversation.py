"""S4: a question in writing is answered in time or paid back, and two people write to each other after that."""

import io
import re
from base64 import b64decode
from typing import Any

import pytest

from app.domain.money import Money
from app.extensions import db
from app.lib.sealing import Keyring
from app.models import (
    Base,
    Change,
    Checkout,
    Consultation,
    ConsultationFile,
    ConsultationMessage,
    Notification,
    Refund,
    Role,
    User,
)
from app.services import consultations, practice
from app.services.backoffice import repair, sweeps
from app.services.consultations.sealed_texts import MESSAGES_LIMIT, add
from app.services.core.transaction import transaction
from app.services.notifications import mail
from app.services.prepaid import wallet
from tests.support.gateways import GATEWAYS
from tests.support.proofs import JPEG, PDF, PNG, Pages
from tests.support.questions import PRICES, QUESTION, answered, ask, asked, expert, send, sent, texts, whole
from tests.support.world import Caller, World

HOURS = 48


def _net(world: World) -> int:
    """What the gateways have taken and not sent back."""
    return sum(e["amount"] * (1 if e["kind"] == "capture" else -1) for e in world.money_taken())


def _back(world: World) -> list[tuple[str, str, str]]:
    return [(refund.reason, refund.means.value, refund.status.value) for refund in world.all(Refund)]


def _trail(world: World, question: str) -> list[tuple[str, str, str]]:
    rows = [row for row in world.all(Change) if row.subject == "consultation" and row.subject_id == question]
    return [(row.from_status, row.to_status, row.actor.value) for row in rows]


# ------------------------------------------------------------------------------------------------ the deadline


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_question_that_nobody_answers_is_paid_back_by_itself(world: World, gateway: str, currency: str) -> None:
    """S4-18, S4-2: both read until when before; then one message each, and the money is where it came from."""
    client, owner, question = asked(world, currency, gateway)
    shown = whole(client, question)
    assert shown["answer_by"] == whole(owner, question)["answer_by"]
    world.move(hours=HOURS, minutes=-10)
    assert world.sweep()["questions"] == 1  # the practitioner was reminded before
    assert whole(client, question)["status"] == "open"
    world.move(minutes=11)
    assert whole(client, question)["status"] == "expired"
    world.sweep()
    world.sweep()
    [refund] = world.all(Refund)
    assert (refund.amount, _net(world)) == (PRICES[currency], 0)
    assert _back(world) == [("question_unanswered", "gateway", "done")]
    assert _trail(world, question) == [("", "open", "gateway"), ("open", "expired", "clock")]
    assert world.notices(client).count("question_unanswered") == 1
    assert world.notices(owner) == ["question_received", "question_waits", "question_missed"]


def test_credit_that_paid_for_a_question_nobody_answers_is_credit_again(world: World) -> None:
    """S4-21: in the commit that ends the question; no gateway is asked."""
    (owner, slug), client = expert(world), world.person()
    with world.rows() as session:
        top_up = wallet.top_up(session.get_one(User, client.user_id), Money(3_000, "EUR"), "Credit").id
    world.act(world.begin(client, str(top_up)))
    world.begin(client, ask(client, slug), "wallet")
    world.move(hours=HOURS, seconds=1)
    world.sweep()
    assert _back(world) == [("question_unanswered", "wallet", "done")]
    with world.rows() as session:
        assert wallet.balances(session.get_one(User, client.user_id)) == [Money(3_000, "EUR")]
        told = session.scalars(db.select(Notification).where(Notification.kind == "question_unanswered")).one()
        body = mail.compose(told.user, told.kind, told.data | {"booking": None, "notice": told}).text
        assert "is in your wallet" in body
    assert world.notices(owner)[-1] == "question_missed"


def test_an_answer_in_the_last_minutes_counts_and_one_after_it_is_refused(world: World) -> None:
    """The clock decides, not the sweep: a late answer is told so, kept for its writer to read, and never stored."""
    client, owner, question = asked(world)
    world.move(hours=HOURS, minutes=-5)
    assert owner.post(f"/consultations/{question}/answer", {"text": "Just in time"}).status_code == 200
    world.move(hours=1)
    world.sweep()
    assert (whole(client, question)["status"], world.all(Refund)) == ("answered", [])
    other, late, second = asked(world)
    world.move(hours=HOURS, seconds=1)
    for _ in range(2):  # before the sweep and after it
        refused = late.post(f"/consultations/{second}/answer", {"text": "Too late"})
        assert (refused.status_code, refused.json["code"]) == (
            409,
            "answer_too_late" if not world.all(Refund) else "not_allowed",
        )
        pages = Pages(world, late)
        page = pages.post(f"/questions/{second}/answer", {"answer": "Too late, but long"})
        assert (page.status_code, "Too late, but long" in page.get_data(as_text=True)) == (409, True)
        world.sweep()
    assert texts(other, second) == [QUESTION]


def test_the_deadline_is_the_one_that_was_read_before_paying(world: World) -> None:
    """Frozen with the price: a practitioner who changes the terms changes them for later questions."""
    (owner, slug), client = expert(world, question_hours=10, question_days=3), world.person()
    page = world.app.test_client().get(f"/practitioners/{slug}").get_data(as_text=True)
    assert "You get an answer within 10 hours, or your money is refunded automatically." in page
    assert world.person().get(f"/practitioners/{slug}").json["question_hours"] == 10
    checkout = ask(client, slug)
    with world.rows() as session:
        user = session.get_one(User, owner.user_id)
        practice.change_profile(
            user, name="Dr. Amina Otieno", headline="", about="", languages="en", zone="Africa/Nairobi",
            published=True, question_price=Money(2_500, "EUR"), question_hours=200, question_days=60,
        )  # fmt: skip
    world.move(minutes=30)
    world.act(world.begin(client, checkout))
    [row] = world.all(Consultation)
    assert ((row.answer_by - row.asked_at).total_seconds(), row.open_days) == (36_000, 3)


def test_a_reminder_comes_once_before_the_deadline_and_not_to_who_has_answered(world: World) -> None:
    """Read again when it is sent: who answered meanwhile gets none."""
    _, owner, _ = asked(world)
    for hours in (30, 7, 1, 1):
        world.move(hours=hours)
        world.sweep()
    assert world.notices(owner) == ["question_received", "question_waits"]
    _, quick, question = asked(world)
    world.move(hours=37)
    with world.app.app_context():
        assert consultations.remind() >= 1
    quick.post(f"/consultations/{question}/answer", {"text": "Here it is"})
    world.sweep()
    with world.rows() as session:
        told = select_notice(session, quick, "question_waits")
        assert (told.outcome, told.read_at) == ("stale", None)


def select_notice(session: Any, caller: Caller, kind: str) -> Notification:
    """The one message of this kind."""
    mine = db.select(Notification).where(Notification.user_id == caller.user_id, Notification.kind == kind)
    found: Notification = session.scalars(mine).one()
    return found


# ------------------------------------------------------------------------------------------------ declining and closing


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_practitioner_declines_and_the_money_goes_back_at_once(world: World, gateway: str, currency: str) -> None:
    """The client reads why, in the conversation and in no mail."""
    client, owner, question = asked(world, currency, gateway)
    refused = owner.post(f"/consultations/{question}/decline", {"reason": "  "})
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, "reason_missing", "reason")
    done = owner.post(f"/consultations/{question}/decline", {"reason": "Please see a doctor about your liver"})
    assert (done.status_code, done.json["status"], done.json["allowed_actions"]) == (200, "declined", [])
    [refund] = world.all(Refund)
    assert (refund.reason, refund.amount) == ("question_declined", PRICES[currency])
    shown = whole(client, question)
    assert (shown["reason"], shown["answer"]) == ("Please see a doctor about your liver", "")
    world.sweep()
    assert world.all(Refund)[0].status.value == "done"
    for again in ("decline", "answer", "close"):
        answer = owner.post(f"/consultations/{question}/{again}", {"reason": "x", "text": "x"})
        assert (answer.status_code, answer.json["code"]) == (409, "not_allowed"), again
    assert send(client, question, "Why?").status_code == 409
    assert len(world.all(Refund)) == 1
    with world.rows() as session:
        told = select_notice(session, client, "question_declined")
        subject, body, _html = mail.compose(told.user, told.kind, told.data | {"booking": None, "notice": told})
        assert "liver" not in subject + body + str(told.data)
    assert "liver" not in str([(row.why, row.subject) for row in world.all(Change)])


def test_what_staff_sent_back_before_does_not_go_back_twice(world: World) -> None:
    client, owner, question = asked(world)
    staff = world.person(Role.STAFF)
    with world.rows() as session:
        [checkout] = session.scalars(db.select(Checkout))
        repair.refund(checkout.attempts[0].id, Money(2_000, "EUR"), "a mistake", session.get_one(User, staff.user_id))
    owner.post(f"/consultations/{question}/decline", {"reason": "No"})
    assert sorted(refund.amount for refund in world.all(Refund)) == [500, 2_000]
    world.sweep()
    assert _net(world) == 0
    assert whole(client, question)["status"] == "declined"


def test_both_write_until_the_days_are_over_or_the_practitioner_closes(world: World) -> None:
    client, owner, question = answered(world, question_days=2)
    assert whole(client, question)["allowed_actions"] == ["write"]
    sent(client, question, "Thank you. And at noon?")
    sent(owner, question, "Then too.")
    assert client.post(f"/consultations/{question}/close").status_code == 403
    world.move(days=2, seconds=1)
    assert (whole(client, question)["status"], whole(owner, question)["allowed_actions"]) == ("closed", [])
    assert send(client, question, "One more").json["code"] == "not_allowed"
    world.sweep()
    assert _trail(world, question)[-1] == ("answered", "closed", "clock")
    assert texts(client, question) == [QUESTION, "It is.", "Thank you. And at noon?", "Then too."]
    assert world.all(Refund) == []
    _, other, second = answered(world)
    assert other.post(f"/consultations/{second}/close").json["status"] == "closed"
    assert other.post(f"/consultations/{second}/close").status_code == 409
    assert _trail(world, second)[-1] == ("answered", "closed", "practitioner")


def test_who_promises_no_days_answers_once(world: World) -> None:
    client, owner, question = answered(world, question_days=0)
    assert whole(client, question)["status"] == "closed"
    assert send(owner, question, "More").status_code == 409
    _, slug = expert(world, question_days=0)
    assert "After that, you can write" not in world.app.test_client().get(f"/practitioners/{slug}").get_data(
        as_text=True
    )


def test_a_client_writes_on_before_the_answer_and_it_is_the_practitioners_first_message(world: World) -> None:
    """After the first question both may write; whatever the practitioner writes first is the answer in time."""
    client, owner, question = asked(world)
    sent(client, question, "I forgot: I am seventeen.")
    assert whole(client, question)["status"] == "open"
    sent(owner, question, "Then it is quite common.")
    shown = whole(client, question)
    assert (shown["status"], shown["answer"]) == ("answered", "Then it is quite common.")
    world.move(hours=HOURS + 1)
    world.sweep()
    assert world.all(Refund) == []


# ------------------------------------------------------------------------------------------------ clean processes


def test_a_callback_in_a_clean_process_creates_the_whole_conversation(world: World) -> None:
    """S4-28, S4-22, S4-6: the question is in the database, sealed; no browser, no session and no memory are needed."""
    (owner, slug), client = expert(world), world.person()
    pages = Pages(world, client)
    pages.post(f"/practitioners/{slug}/questions", {"question": QUESTION})
    [message] = world.all(ConsultationMessage)
    assert QUESTION not in message.text
    with world.rows() as session:
        checkout = str(session.scalars(db.select(Checkout)).one().id)
    begun = world.begin(client, checkout)
    pages.http.delete_cookie("session")
    world.act(begun)
    [asked_of] = owner.get("/consultations").json
    assert texts(owner, asked_of["id"]) == [QUESTION]
    assert asked_of["answer_by"]


@pytest.mark.parametrize("act", ["decline", "give up"])
def test_a_payment_that_fails_or_is_cancelled_starts_no_deadline(world: World, act: str) -> None:
    """S4-19, S4-20: no conversation, nobody waits, nothing is owed back."""
    (owner, slug), client = expert(world), world.person()
    checkout = ask(client, slug)
    if act == "decline":
        world.act(world.begin(client, checkout), "decline")
    else:
        client.post(f"/checkouts/{checkout}/cancel")
    world.move(hours=100)
    world.sweep()
    assert (world.all(Consultation), world.all(Refund)) == ([], [])
    assert owner.get("/consultations").headers["X-Unread-Count"] == "0"


# ------------------------------------------------------------------------------------------------ unread, and told of it


def test_unread_messages_are_counted_for_each_side_until_they_say_that_they_have_read(world: World) -> None:
    """Opening is a GET and changes nothing (invariant 7); the form on the page, or the call, marks it."""
    client, owner, question = answered(world)
    assert (whole(owner, question)["unread"], whole(client, question)["unread"]) == (1, 1)
    sent(client, question, "Thanks")
    sent(client, question, "And now?")
    assert whole(owner, question)["unread"] == 3
    assert owner.get("/consultations").headers["X-Unread-Count"] == "3"
    done = owner.post(f"/consultations/{question}/read", {"number": 3})
    assert done.json["unread"] == 1
    assert owner.post(f"/consultations/{question}/read", {"number": 1}).json["unread"] == 1
    assert owner.post(f"/consultations/{question}/read", {"number": 2**31 - 1}).json["unread"] == 0
    pages = Pages(world, client)
    listed = pages.get("/questions").get_data(as_text=True)
    assert "1 new message" in listed
    assert re.search(r'My questions <span class="count">1<', listed)
    shown = pages.get(f"/questions/{question}").get_data(as_text=True)
    assert "Mark as read" in shown
    pages.post(f"/questions/{question}/read", {"seen": "4"})
    assert "Mark as read" not in pages.get(f"/questions/{question}").get_data(as_text=True)
    for wrong in ("x", "-1", "", "9" * 40, "٣"):
        assert pages.post(f"/questions/{question}/read", {"seen": wrong}).status_code == 303
    assert owner.post(f"/consultations/{question}/read", {"number": -1}).status_code == 422


def test_nobody_is_mailed_about_every_message_while_they_have_not_read_the_last(world: World) -> None:
    client, owner, question = answered(world)
    owner.post(f"/consultations/{question}/read", {"number": 2})
    for words in ("one", "two", "three"):
        sent(client, question, words)
    assert world.notices(owner).count("question_message") == 1
    world.sweep()
    owner.post(f"/consultations/{question}/read", {"number": 5})
    sent(client, question, "four")
    owner.post(f"/consultations/{question}/read", {"number": 6})
    world.sweep()
    assert world.notices(owner).count("question_message") == 2
    with world.rows() as session:
        told = session.scalars(
            db.select(Notification).where(Notification.kind == "question_message").order_by(Notification.id)
        ).all()
        assert [notice.outcome for notice in told] == ["sent", "stale"]  # the second was read before it was mailed
        for notice in told:
            subject, body, _html = mail.compose(
                notice.user, notice.kind, notice.data | {"booking": None, "notice": notice}
            )
            assert not {"one", "four"} & set(re.findall(r"\w+", subject + body + str(notice.data)))
    sent(client, question, "five")
    world.move(days=2)
    sent(client, question, "six")
    assert world.notices(owner).count("question_message") == 4  # unread for more than a day: told again


# ------------------------------------------------------------------------------------------------ once, however often


def test_the_same_message_from_two_tabs_or_a_double_click_is_one(world: World) -> None:
    client, owner, question = answered(world)
    pages = Pages(world, client)
    form = {"text": "Thank you", "request_key": "tab-1", "seen": "2"}
    for sent_form in (form, form, form | {"request_key": "tab-2"}):
        assert pages.post(f"/questions/{question}/messages", sent_form).status_code == 303
    assert texts(owner, question) == [QUESTION, "It is.", "Thank you"]
    changed = pages.post(f"/questions/{question}/messages", form | {"text": "Something else"})
    assert changed.status_code == 303
    world.move(minutes=2)
    pages.post(f"/questions/{question}/messages", form | {"request_key": "tab-3"})
    assert texts(owner, question)[2:] == ["Thank you", "Something else", "Thank you"]
    first = send(client, question, "By key", key="k")
    again = send(client, question, "By key", key="k")
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert texts(owner, question).count("By key") == 1


def test_an_answer_pressed_twice_is_one_answer(world: World) -> None:
    client, owner, question = asked(world)
    pages = Pages(world, owner)
    for _ in range(2):
        assert pages.post(f"/questions/{question}/answer", {"answer": "Yes.", "request_key": "a"}).status_code == 303
    assert texts(client, question) == [QUESTION, "Yes."]
    assert world.notices(client).count("question_answered") == 1


# ------------------------------------------------------------------------------------------------ files


def test_files_go_with_a_message_and_come_back_as_they_were(world: World) -> None:
    client, owner, question = answered(world)
    made = sent(client, question, "See here", (PNG, "my scan.png"), (PDF, "letter.pdf"), (JPEG, "a.jpg"))
    assert [(f["file_name"], f["media_type"]) for f in made["files"]] == [
        ("my-scan.png", "image/png"), ("letter.pdf", "application/pdf"), ("a.jpg", "image/jpeg"),
    ]  # fmt: skip
    assert "text" not in made
    sent(owner, question, "", (PDF, "plan.pdf"))
    pages = Pages(world, owner)
    page = pages.get(f"/questions/{question}").get_data(as_text=True)
    for file, content in zip(made["files"], (PNG, PDF, JPEG), strict=True):
        path = f"/questions/{question}/files/{file['id']}"
        assert path in page
        got = pages.get(path)
        assert (got.data, got.content_type) == (content, file["media_type"])
        assert got.headers["Content-Disposition"] == f'attachment; filename="{file["file_name"]}"'
        assert "sandbox" in got.headers["Content-Security-Policy"]
        assert "no-store" in got.headers["Cache-Control"]
        answer = owner.get(f"/consultations/{question}/files/{file['id']}").json
        assert b64decode(answer["content"]) == content


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90\x00" + b"\x00" * 90, "picture.png", "proof_type"),
        (b"<html><script>alert(1)</script>", "photo.jpg", "proof_type"),
        (PNG[:-8], "cut.png", "proof_type"),
        (b"", "empty.pdf", "proof_type"),
        (PNG + b"\x00" * (5 * 1024 * 1024), "big.png", "proof_size"),
        (b"%PDF-1.4 \xe2\x80\xae", "evil\u202egnp.exe", "proof_type"),
    ],
)
def test_a_file_with_a_false_type_is_refused_and_the_words_are_kept(
    world: World, content: bytes, name: str, code: str
) -> None:
    """Known by its content, never by its name; the sentence stands beside the field, and nothing is stored."""
    client, _, question = answered(world)
    refused = send(client, question, "Look at this", (content, name))
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, code, "file")
    page = Pages(world, client).post(
        f"/questions/{question}/messages", {"text": "Look at this, please", "file": (content, name)}
    )
    shown = page.get_data(as_text=True)
    assert (page.status_code, "Look at this, please" in shown, 'id="file-error"' in shown) == (422, True, True)
    assert (world.all(ConsultationFile), len(texts(client, question))) == ([], 2)


def test_too_many_files_are_refused(world: World) -> None:
    client, owner, question = answered(world)
    pages = Pages(world, client)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', pages.get("/profile").get_data(as_text=True))
    assert token
    data = {"csrf_token": token[1], "text": "four", "file": [(io.BytesIO(PNG), f"{n}.png") for n in range(4)]}
    refused = pages.http.post(f"/questions/{question}/messages", data=data)
    assert (refused.status_code, "at most 3" in refused.get_data(as_text=True)) == (422, True)
    three = [(PNG, f"{n}.png") for n in range(3)]
    for n in range(6):
        sent(owner, question, f"{n}", *three)
    assert send(owner, question, "more", *three).json["code"] == "too_many"
    assert len(world.all(ConsultationFile)) == 18


def test_a_client_who_has_written_all_they_may_can_still_be_answered(world: World) -> None:
    """Who pays must not be able to make the answer impossible and have the money back: each side has its own room."""
    client, owner, question = asked(world)
    three = [(PNG, f"{n}.png") for n in range(3)]
    for n in range(6):
        sent(client, question, f"{n}", *three)
    assert send(client, question, "more", *three).json["code"] == "too_many"
    with world.app.app_context(), transaction() as session:
        consultation, user = session.query(Consultation).one(), session.get_one(User, client.user_id)
        for number in range(8, MESSAGES_LIMIT + 1):
            add(consultation.checkout_id, number, user, f"more {number}")
    assert send(client, question, "One more").json["code"] == "too_many"
    sent(owner, question, "It is.", *three)
    shown = whole(client, question)
    assert (shown["status"], shown["answer"]) == ("answered", "It is.")
    world.move(hours=HOURS + 1)
    world.sweep()
    assert world.all(Refund) == []


# ------------------------------------------------------------------------------------------------ bad input, strangers


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("🌊 It was like this 🧑‍⚕️", "🌊 It was like this 🧑‍⚕️"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("سلام، حال من خوب است\u200c", "سلام، حال من خوب است\u200c"),
        (" \r\n two\r\nlines \x07", "two\nlines"),
        ("x" * 2_000, "x" * 2_000),
    ],
)
def test_odd_text_is_kept_tidy(world: World, typed: str, stored: str) -> None:
    client, owner, question = answered(world)
    sent(client, question, typed)
    assert texts(owner, question)[-1] == stored
    assert Pages(world, owner).get(f"/questions/{question}").status_code == 200


@pytest.mark.parametrize(
    ("typed", "code"), [("", "text_missing"), ("\u200b \n", "text_missing"), ("y" * 2_001, "too_long")]
)
def test_empty_and_overlong_messages_are_refused_and_kept(world: World, typed: str, code: str) -> None:
    client, _, question = answered(world)
    refused = send(client, question, typed)
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, code, "text")
    page = Pages(world, client).post(f"/questions/{question}/messages", {"text": typed})
    assert page.status_code == 422
    assert typed.strip() in page.get_data(as_text=True)
    assert client.post(f"/consultations/{question}/messages", {"text": 7}).status_code == 422
    assert len(texts(client, question)) == 2


def test_strangers_and_staff_find_no_conversation_and_no_file(world: World) -> None:
    """Invariant 7: 404, the same as for one that never existed; also for the file, by the id of another conversation."""
    client, _, question = answered(world)
    file = sent(client, question, "See", (PNG, "a.png"))["files"][0]["id"]
    other, _, second = answered(world)
    assert other.get(f"/consultations/{second}/files/{file}").status_code == 404
    for stranger in (world.person(), world.practitioner(name="Ravi Deshpande"), world.person(Role.STAFF)):
        pages = Pages(world, stranger)
        for path in ("", f"/files/{file}"):
            assert stranger.get(f"/consultations/{question}{path}").status_code == 404
            assert pages.get(f"/questions/{question}{path}").status_code == 404
        for act in ("answer", "messages", "read", "decline", "close"):
            body = {"text": "x", "reason": "x", "number": 1}
            assert stranger.post(f"/consultations/{question}/{act}", body).status_code == 404, act
            assert pages.post(f"/questions/{question}/{act}", body | {"answer": "x"}).status_code == 404, act
    assert client.post(f"/consultations/{question}/decline", {"reason": "x"}).status_code == 403
    anonymous = world.app.test_client()
    assert anonymous.get(f"/api/v1/consultations/{question}/files/{file}").status_code == 401
    assert anonymous.get(f"/questions/{question}/files/{file}").status_code == 302
    assert len(texts(client, question)) == 3


def test_terms_that_make_no_sense_are_refused_beside_their_field(world: World) -> None:
    owner, slug = expert(world)
    pages = Pages(world, owner)
    form = {
        "name": "Dr. Amina Otieno", "zone": "Africa/Nairobi", "published": "y", "languages": "en",
        "question_price": "25", "question_currency": "EUR",
    }  # fmt: skip
    for hours, days, status in (
        ("0", "7", 422),
        ("721", "7", 422),
        ("soon", "7", 422),
        ("24", "91", 422),
        ("24", "-1", 422),
    ):
        answer = pages.post("/practice/profile", form | {"question_hours": hours, "question_days": days})
        shown = answer.get_data(as_text=True)
        assert (answer.status_code, "Enter a number from" in shown) == (status, True), (hours, days)
        assert f'value="{hours}"' in shown
    assert pages.post("/practice/profile", form | {"question_hours": "٢٤", "question_days": "3"}).status_code == 303
    shown = world.person().get(f"/practitioners/{slug}").json
    assert (shown["question_hours"], shown["question_days"]) == (24, 3)
    assert pages.post("/practice/profile", form).status_code == 303
    assert world.person().get(f"/practitioners/{slug}").json["question_hours"] == 48


# ------------------------------------------------------------------------------------------------ the pages


def test_two_people_write_to_each_other_on_pages(world: World) -> None:
    """S4-18: without script, from the promise before paying to the closed conversation."""
    client, owner, question = asked(world)
    theirs, mine, path = Pages(world, owner), Pages(world, client), f"/questions/{question}"
    assert "If not, you get your money back automatically." in mine.get(path).get_data(as_text=True)
    assert "Please answer by" in theirs.get(path).get_data(as_text=True)
    assert "Please answer by" in theirs.get("/questions").get_data(as_text=True)
    assert (
        theirs.post(f"{path}/answer", {"answer": "It is.", "seen": "1", "file": (PDF, "plan.pdf")}).status_code == 303
    )
    assert whole(owner, question)["unread"] == 0
    shown = mine.get(path).get_data(as_text=True)
    for words in ("It is.", "plan.pdf", "You can write to each other until", "Mark as read", "1 new message"):
        assert words in shown
    assert mine.post(f"{path}/messages", {"text": "Thanks", "seen": "2"}).status_code == 303
    assert "Mark as read" not in mine.get(path).get_data(as_text=True)
    assert theirs.post(f"{path}/close").status_code == 303
    assert "This conversation is closed." in mine.get(path).get_data(as_text=True)
    refused = mine.post(f"{path}/messages", {"text": "One more thing"})
    assert (refused.status_code, "One more thing" in refused.get_data(as_text=True)) == (409, True)


def test_a_decline_on_pages_says_where_the_money_is(world: World) -> None:
    client, owner, question = asked(world)
    theirs, mine, path = Pages(world, owner), Pages(world, client), f"/questions/{question}"
    empty = theirs.post(f"{path}/decline", {"reason": ""})
    assert (empty.status_code, 'id="reason-error"' in empty.get_data(as_text=True)) == (422, True)
    assert theirs.post(f"{path}/decline", {"reason": "Not my field"}).status_code == 303
    shown = mine.get(path).get_data(as_text=True)
    for words in ("Not my field", "you will get your money back", "your question was declined"):
        assert words in shown
    with world.rows() as session:
        checkout = session.scalars(db.select(Consultation)).one().checkout_id
    paid = mine.get(f"/checkouts/{checkout}").get_data(as_text=True)
    assert "This question ended without an answer." in paid
    assert "your question is on its way" not in paid.lower()


# ------------------------------------------------------------------------------------------------ sealed


def test_what_was_written_is_nowhere_in_the_clear(world: World) -> None:
    """Health data: also not in drafts, the trail, messages, kept answers; copied to another row it does not open."""
    secret, file = "my liver since March", b"%PDF-1.4 SECRETPDF " + PDF[9:]
    (owner, slug), client = expert(world), world.person()
    checkout = client.post(f"/practitioners/{slug}/questions", {"question": secret}, key="a").json["checkout"]["id"]
    world.act(world.begin(client, checkout))
    [found] = client.get("/consultations").json
    owner.post(f"/consultations/{found['id']}/answer", {"text": f"About {secret}: rest"}, key="b")
    send(client, found["id"], f"So {secret}", (file, "x.pdf"), key="c")
    world.sweep()
    with world.rows() as session:
        tables = [table.name for table in Base.metadata.sorted_tables]
        stored = "\n".join(
            str(tuple(row)) for name in tables for row in session.execute(db.text(f"SELECT * FROM {name}"))
        )
    assert "sealed:1:" in stored
    for word in ("liver", "SECRETPDF"):
        assert word not in stored
    assert sum("liver" in words for words in texts(owner, found["id"])) == 3


def test_without_its_key_the_page_stands_and_says_so(world: World) -> None:
    client, _, question = answered(world)
    before = world.app.extensions["keyring"]
    world.app.extensions["keyring"] = Keyring(["another key of thirty-two letters."])
    try:
        pages = Pages(world, client)
        for path in ("/questions", f"/questions/{question}"):
            shown = pages.get(path)
            assert (shown.status_code, "cannot be opened at the moment" in shown.get_data(as_text=True)) == (200, True)
        assert client.get(f"/consultations/{question}").status_code == 503
    finally:
        world.app.extensions["keyring"] = before


def test_one_question_that_cannot_be_ended_does_not_stop_the_others(world: World) -> None:
    """The sweep goes on; each question ends in a transaction of its own."""
    asked(world)
    asked(world)
    world.move(hours=HOURS, seconds=1)
    with world.app.app_context():
        assert len(consultations.overdue()) == 2
        assert sweeps.sweep()["questions"] == 2
        assert consultations.overdue() == []
