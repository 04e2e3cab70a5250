"""Forms: which are asked for, what may be signed and by whom, versions, and everything that is refused."""

import json
import threading
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.lib import clock
from app.models import Change, Notification, Paper, PaperVersion, Role, SignedPaper
from app.services.notifications import mail
from tests.support import papers
from tests.support.papers import ANSWERS, NAME, QUESTIONS, SECRET, WORRY
from tests.support.proofs import Pages
from tests.support.world import Caller, World


class Stage:
    """A practitioner with one service and a client who has asked for a session or has it confirmed."""

    def __init__(self, world: World, mode: str = "hold_then_pay", **paper: Any) -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.service = world.service(self.owner, mode)
        self.paper = papers.intake(self.owner, [self.service], **paper)
        self.booking = self.book()

    def book(self, nth: int = 0) -> str:
        start = self.world.start(self.service, nth)
        if self.world.slots(self.service) and self._mode() == "hold_then_pay":
            return str(self.world.booked(self.client, self.service, start=start)["id"])
        return str(self.world.book(self.client, self.service, start)["booking"]["id"])

    def _mode(self) -> str:
        from app.models import Service

        return next(s.mode_code for s in self.world.all(Service) if s.id == self.service)

    def forms(self, booking: str | None = None, caller: Caller | None = None) -> list[dict[str, Any]]:
        answer = (caller or self.client).get(f"/bookings/{booking or self.booking}/forms")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json
        return found

    def form(self, booking: str | None = None, caller: Caller | None = None) -> dict[str, Any]:
        answer = (caller or self.client).get(f"/bookings/{booking or self.booking}/forms/{self.paper}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found


# ------------------------------------------------------------------------------------------------ before approval and session


def test_a_form_due_before_approval_holds_the_yes_back_and_not_the_deadline(world: World) -> None:
    """S3-27: required before approval; the refusal names it and changes nothing."""
    stage = Stage(world, "approve_then_pay", due="approval")
    before = world.booking(stage.client, stage.booking)
    refused = stage.owner.post(f"/bookings/{stage.booking}/approve")
    assert (refused.status_code, refused.json["code"]) == (409, "form_missing")
    assert "Before we meet" in refused.json["detail"]
    assert world.booking(stage.client, stage.booking) == before
    assert [form["due"] for form in stage.forms()] == ["approval"]
    papers.signed(stage.client, stage.booking, stage.paper)
    assert world.booking(stage.client, stage.booking)["deadline_at"] == before["deadline_at"]
    assert stage.owner.post(f"/bookings/{stage.booking}/approve").json["status"] == "awaiting_payment"


def test_nobody_is_offered_what_a_missing_form_would_refuse(world: World) -> None:
    """S3-27: the API's allowed actions and the pages leave it out, and the pages say what is missing."""
    stage = Stage(world, "approve_then_pay", due="approval")
    hers = Pages(world, stage.owner)
    path = f"/bookings/{stage.booking}"
    assert world.booking(stage.owner, stage.booking)["allowed_actions"] == ["decline", "cancel"]
    for page in (path, "/practice"):
        said = hers.get(page).text
        assert "You can approve once this is signed: Before we meet." in said
        assert f"{path}/approve" not in said
        assert f"{path}/decline" in said
    papers.signed(stage.client, stage.booking, stage.paper)
    assert "approve" in world.booking(stage.owner, stage.booking)["allowed_actions"]
    for page in (path, "/practice"):
        assert f"{path}/approve" in hers.get(page).text
        assert "once this is signed" not in hers.get(page).text


def _come_to_the_start(world: World, caller: Caller, booking: str) -> None:
    start = datetime.fromisoformat(world.booking(caller, booking)["start"])
    world.move(seconds=(start - clock.now()).total_seconds())


def test_starting_is_offered_once_what_is_due_before_the_session_is_signed(world: World) -> None:
    stage = Stage(world)
    path = f"/bookings/{stage.booking}"
    _come_to_the_start(world, stage.client, stage.booking)
    for caller, words in ((stage.owner, "You can start once this is signed"), (stage.client, "only start once it is")):
        assert "start" not in world.booking(caller, stage.booking)["allowed_actions"]
        assert words in Pages(world, caller).get(f"{path}/room").text
    papers.signed(stage.client, stage.booking, stage.paper)
    for caller in (stage.owner, stage.client):
        assert "start" in world.booking(caller, stage.booking)["allowed_actions"]
        assert "once " not in Pages(world, caller).get(f"{path}/room").text


def test_a_request_whose_form_is_never_signed_ends_by_its_deadline(world: World) -> None:
    """S3-27: the answer deadline is not extended."""
    stage = Stage(world, "approve_then_pay", due="approval")
    world.move(hours=25)
    world.sweep()
    assert world.booking(stage.client, stage.booking)["status"] == "expired"
    refused = papers.sign(stage.client, stage.booking, stage.paper)
    assert (refused.status_code, refused.json["code"]) == (409, "form_closed")
    assert world.all(SignedPaper) == []


@pytest.mark.in_turn
@pytest.mark.parametrize("due", ["session", "approval"])
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_after", "pay_then_book"])
def test_without_an_approval_every_needed_form_is_due_before_the_session(world: World, mode: str, due: str) -> None:
    """S3-27: required before the session, whoever starts it."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, mode)
    paper = papers.intake(owner, [service], due=due)
    made = world.book(client, service)
    if made["checkout"]:
        world.act(world.begin(client, made["checkout"]["id"]))
    [booking] = [found["id"] for found in client.get("/bookings").json]
    assert [form["due"] for form in client.get(f"/bookings/{booking}/forms").json] == ["session"]
    assert "forms_to_fill" in world.notices(client)
    _come_to_the_start(world, client, booking)
    for caller in (owner, client):
        refused = caller.post(f"/bookings/{booking}/start")
        assert (refused.status_code, refused.json["code"]) == (409, "form_missing")
    papers.signed(client, booking, paper)
    assert owner.post(f"/bookings/{booking}/start").json["status"] == "in_progress"


def test_a_reserved_amount_is_not_taken_before_the_form_is_signed(world: World) -> None:
    """S3-27: where the card is reserved first, a yes without the form charges nothing."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "authorise_then_approve")
    paper = papers.intake(owner, [service], due="approval")
    made = world.book(client, service, world.slots(service, days=9)[-1]["start"])
    assert "forms_to_fill" not in world.notices(client)  # nothing is asked before there is a request
    world.act(world.begin(client, made["checkout"]["id"]))
    assert world.notices(client)[-1] == "forms_to_fill"
    booking = made["booking"]["id"]
    assert owner.post(f"/bookings/{booking}/approve").json["code"] == "form_missing"
    world.sweep()
    assert [each for each in world.money_taken() if each["kind"] == "capture"] == []
    papers.signed(client, booking, paper)
    assert owner.post(f"/bookings/{booking}/approve").json["status"] == "confirmed"
    world.settle()


def test_an_approved_booking_still_needs_what_is_due_before_the_session(world: World) -> None:
    stage = Stage(world, "approve_then_pay", due="session")
    assert stage.owner.post(f"/bookings/{stage.booking}/approve").status_code == 200
    checkout = world.booking(stage.client, stage.booking)["checkout_id"]
    world.act(world.begin(stage.client, checkout))
    assert world.notices(stage.client).count("forms_to_fill") == 2  # with the request, and again with the confirmation
    world.move(days=2)
    assert stage.owner.post(f"/bookings/{stage.booking}/start").json["code"] == "form_missing"


def test_an_optional_form_holds_nothing_up(world: World) -> None:
    stage = Stage(world, due="optional")
    assert "forms_to_fill" not in world.notices(stage.client)
    world.move(days=2)
    assert stage.owner.post(f"/bookings/{stage.booking}/start").status_code == 200
    papers.signed(stage.client, stage.booking, stage.paper)


def test_only_the_services_named_ask_for_it(world: World) -> None:
    stage = Stage(world)
    other = world.service(stage.owner, title="Other")
    booking = world.booked(stage.client, other, start=world.start(other, 5))["id"]
    assert stage.forms(booking) == []
    theirs = world.service(world.practitioner(name="Dr. Other"))
    refused = stage.owner.post("/forms", {"title": "T", "questions": QUESTIONS, "services": [theirs]})
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, "service_unknown", "services")


def test_a_service_that_begins_to_ask_tells_those_who_have_booked(world: World) -> None:
    """Nobody stands before a closed door without having been told."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    world.booked(client, service)
    assert "forms_to_fill" not in world.notices(client)
    paper = papers.intake(owner, [service])
    papers.change(owner, paper, body="A word more")
    assert world.notices(client).count("forms_to_fill") == 1


# ------------------------------------------------------------------------------------------------ who sees what


def test_client_and_practitioner_read_the_answers_and_nobody_else(world: World) -> None:
    """S3-27: seen only by those they were given to; staff see that it is signed, and no more."""
    stage, staff, stranger = Stage(world), world.person(Role.STAFF), world.person()
    rival = world.practitioner(name="Dr. Other")
    done = papers.signed(stage.client, stage.booking, stage.paper)
    assert set(done) == {"id", "title", "kind", "due", "version", "signed_at"}
    for caller in (stage.client, stage.owner):
        shown = stage.form(caller=caller)
        assert (shown["answers"], shown["name"]) == (ANSWERS, NAME)
    assert stage.forms(caller=staff)[0]["signed_at"]
    assert "answers" not in stage.forms(caller=staff)[0]
    path = f"/bookings/{stage.booking}/forms"
    assert staff.get(f"{path}/{stage.paper}").status_code == 404
    for caller in (stranger, rival):
        for address in (path, f"{path}/{stage.paper}"):
            assert caller.get(address).status_code == 404
        assert papers.sign(caller, stage.booking, stage.paper).status_code == 404
        assert caller.post(f"/forms/{stage.paper}", {"title": "mine now"}).status_code in (404, 422)
    assert papers.sign(stage.owner, stage.booking, stage.paper).status_code == 403
    assert stage.client.get("/forms").status_code == 404
    assert rival.get("/forms").json == []
    assert stage.client.get(f"{path}/{10**20}").status_code == 404
    assert rival.post(f"/forms/{10**20}", {"title": "x", "questions": QUESTIONS}).status_code == 404


def test_another_client_in_the_same_group_sees_only_their_own_form(world: World) -> None:
    owner, first, second = world.practitioner(), world.person(), world.person(name="Achieng Odhiambo")
    service = world.service(owner, places=3)
    paper = papers.intake(owner, [service])
    start = world.start(service)
    mine, theirs = (world.booked(each, service, start=start)["id"] for each in (first, second))
    papers.signed(first, mine, paper)
    assert second.get(f"/bookings/{mine}/forms/{paper}").status_code == 404
    assert second.get(f"/bookings/{theirs}/forms/{paper}").json["answers"] is None


# ------------------------------------------------------------------------------------------------ versions


def test_what_was_signed_keeps_its_text_its_version_and_its_time(world: World) -> None:
    """S3-27: versioned, signed-at; the digest is of the text that was read."""
    stage = Stage(world, body="Read this first.")
    read = stage.form()
    papers.signed(stage.client, stage.booking, stage.paper)
    after = papers.change(stage.owner, stage.paper, title="Another title", body="Other words")
    assert after["version"] == 2
    shown = stage.form()
    assert (shown["version"], shown["title"], shown["body"]) == (1, "Before we meet", "Read this first.")
    assert shown["digest"] == read["digest"]
    assert len(world.all(SignedPaper)) == 1
    later = stage.form(stage.book(3))
    assert (later["version"], later["title"], later["answers"]) == (2, "Another title", None)
    assert later["digest"] != read["digest"]


def test_settings_alone_make_no_new_version(world: World) -> None:
    stage = Stage(world)
    assert papers.change(stage.owner, stage.paper, due="optional", once=True)["version"] == 1
    assert len(world.all(PaperVersion)) == 1


@pytest.mark.parametrize("statement", ["UPDATE paper_versions SET body = 'other'", "DELETE FROM paper_versions"])
def test_the_database_refuses_to_rewrite_what_people_have_signed(world: World, statement: str) -> None:
    """S3-27: append-only on both engines."""
    Stage(world)
    with world.rows() as session:
        with pytest.raises(DatabaseError, match="append_only"):
            session.execute(db.text(statement))
        session.rollback()


def test_questions_keep_their_keys_and_a_key_never_returns(world: World) -> None:
    """Answers typed into one version can be shown in the next, and never beside another question."""
    stage = Stage(world)
    now = stage.owner.get("/forms").json[0]["questions"]
    assert [question["key"] for question in now] == ["q1", "q2", "q3", "q4"]
    after = papers.change(stage.owner, stage.paper, questions=[now[2], now[0]])["questions"]
    assert [question["key"] for question in after] == ["q3", "q1"]
    fresh = {"label": "New?", "key": "q77"}
    again = papers.change(stage.owner, stage.paper, questions=[*after, fresh, after[0], {**fresh, "key": "name"}])
    assert [question["key"] for question in again["questions"]] == ["q3", "q1", "q5", "q6", "q7"]


def test_a_page_opened_before_a_new_version_is_not_signed_unread(world: World) -> None:
    """S3-27: nobody signs a text they have not seen."""
    stage = Stage(world)
    papers.change(stage.owner, stage.paper, body="A new condition")
    refused = papers.sign(stage.client, stage.booking, stage.paper, version=1)
    assert (refused.status_code, refused.json["code"]) == (409, "form_changed")
    assert world.all(SignedPaper) == []
    assert papers.sign(stage.client, stage.booking, stage.paper, version=2).status_code == 200


def test_an_agreement_counts_for_later_bookings_until_its_text_changes(world: World) -> None:
    """S3-27: signed once with this practitioner; a new version is asked for again."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    paper = papers.agreement(owner, [service])
    first = world.booked(client, service)["id"]
    papers.signed(client, first, paper, {})
    second = world.booked(client, service, start=world.start(service, 3))["id"]
    carried = client.get(f"/bookings/{second}/forms").json[0]
    assert carried["signed_at"] == client.get(f"/bookings/{first}/forms").json[0]["signed_at"]
    assert owner.get(f"/bookings/{second}/forms/{paper}").json["name"] == NAME
    assert world.notices(client).count("forms_to_fill") == 1
    papers.change(owner, paper, body="A stricter text")
    assert client.get(f"/bookings/{second}/forms").json[0]["signed_at"] is None
    assert client.get(f"/bookings/{first}/forms").json[0]["version"] == 1  # for that booking it is signed
    assert world.notices(client).count("forms_to_fill") == 2
    other = world.booked(world.person(), service, start=world.start(service, 7))["id"]
    assert owner.get(f"/bookings/{other}/forms").json[0]["signed_at"] is None  # somebody else's signature is not theirs


def test_an_intake_is_asked_for_each_time_unless_once_is_enough(world: World) -> None:
    stage = Stage(world)
    papers.signed(stage.client, stage.booking, stage.paper)
    second = stage.book(3)
    assert stage.forms(second)[0]["signed_at"] is None
    papers.change(stage.owner, stage.paper, once=True, title="The same, in better words")
    assert stage.forms(second)[0]["signed_at"] is not None
    assert stage.form(second)["answers"] == ANSWERS


def test_a_form_taken_out_of_use_asks_nothing_new_and_stays_readable(world: World) -> None:
    stage = Stage(world)
    papers.signed(stage.client, stage.booking, stage.paper)
    second = stage.book(3)
    papers.change(stage.owner, stage.paper, active=False)
    assert stage.forms(second) == []
    assert stage.client.get(f"/bookings/{second}/forms/{stage.paper}").status_code == 404
    assert stage.form()["answers"]["q1"] == SECRET
    world.move(days=2)
    assert stage.owner.post(f"/bookings/{second}/start").status_code == 200


# ------------------------------------------------------------------------------------------------ signing


def test_signing_twice_is_signing_once(world: World) -> None:
    """Two tabs, a repeated request, other answers the second time: the first signature stands."""
    stage = Stage(world)
    first = papers.signed(stage.client, stage.booking, stage.paper)
    again = papers.signed(stage.client, stage.booking, stage.paper, ANSWERS | {"q1": "something else"})
    assert again == first
    assert stage.form()["answers"]["q1"] == SECRET
    assert world.notices(stage.owner).count("form_signed") == 1
    assert [change.to_status for change in world.all(Change) if change.subject == "paper"] == ["signed"]


def test_two_tabs_at_the_same_moment_sign_once(world: World) -> None:
    stage, answers = Stage(world), []
    threads = [
        threading.Thread(target=lambda: answers.append(papers.sign(stage.client, stage.booking, stage.paper)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {200}
    assert len(world.all(SignedPaper)) == 1


_CANNOT_BE_MEANT: list[tuple[dict[str, str], str, str]] = [
    ({}, "answer_needed", "q1"),
    ({"q1": " \u202e\x07 "}, "answer_needed", "q1"),
    ({"q1": "x" * 5_001}, "too_long", "q1"),
    ({"q1": "x", "q9": "what?"}, "answer_unknown", "q9"),
    ({"q1": "x", "name": "what?"}, "answer_unknown", "name"),
    ({"q1": "x", "q2": "perhaps"}, "option_unknown", "q2"),
    ({"q1": "x", "q3": "An enemy"}, "option_unknown", "q3"),
    ({"q1": "x", "q4": "2026-02-30"}, "date_invalid", "q4"),
    ({"q1": "x", "q4": "20260228"}, "date_invalid", "q4"),
    ({"q1": "x", "q4": "yesterday"}, "date_invalid", "q4"),
]


def test_an_answer_that_cannot_be_meant_is_refused_beside_its_question(world: World) -> None:
    stage = Stage(world)
    for answers, code, field in _CANNOT_BE_MEANT:
        refused = papers.sign(stage.client, stage.booking, stage.paper, answers)
        assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, code, field), answers
    assert world.all(SignedPaper) == []


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("name", "code"), [("", "signature_missing"), (" \u202e ", "signature_missing"), ("n" * 121, "name_invalid")]
)
def test_without_a_name_nothing_is_signed(world: World, name: str, code: str) -> None:
    stage = Stage(world)
    refused = papers.sign(stage.client, stage.booking, stage.paper, name=name)
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, code, "name")


def test_all_answers_together_have_a_limit(world: World) -> None:
    stage = Stage(world, questions=[{"label": f"Tell {n}", "kind": "long"} for n in range(11)])
    much = {f"q{n}": "क" * 5_000 for n in range(1, 12)}
    path = f"/api/v1/bookings/{stage.booking}/forms/{stage.paper}/sign"
    headers = {"Authorization": f"Bearer {stage.client.token}"}

    def send() -> Any:
        body = json.dumps(
            {"answers": much, "name": NAME}, ensure_ascii=False
        )  # three bytes each, and still not too large
        return stage.client.http.post(path, data=body.encode(), headers=headers)

    refused = send()
    assert (refused.status_code, refused.json["code"]) == (422, "answers_too_long")
    del much["q11"]
    assert send().status_code == 200
    assert stage.form()["answers"] == much


def test_every_script_and_emoji_are_kept_and_tricks_are_not(world: World) -> None:
    stage = Stage(world)
    written = "أخاف من الليل 👩‍👧\r\nनींद नहीं आती\tنمی‌خوابم \u202eevil\u202c\x07"
    papers.signed(stage.client, stage.booking, stage.paper, {"q1": written})
    assert stage.form()["answers"]["q1"] == "أخاف من الليل 👩‍👧\nनींद नहीं आती\tنمی‌خوابم evil"


def test_nothing_is_signed_for_a_booking_that_has_ended(world: World) -> None:
    stage = Stage(world)
    stage.client.post(f"/bookings/{stage.booking}/cancel", {"reason": "ill"})
    refused = papers.sign(stage.client, stage.booking, stage.paper)
    assert (refused.status_code, refused.json["code"]) == (409, "form_closed")


@pytest.mark.in_turn
@pytest.mark.parametrize("body", [{"answers": {"q1": 7}}, {"answers": []}, {"answers": {"q1": None}}, {"version": "x"}])
def test_a_body_of_another_shape_is_a_problem_and_no_failure(world: World, body: dict[str, Any]) -> None:
    stage = Stage(world)
    answer = stage.client.post(f"/bookings/{stage.booking}/forms/{stage.paper}/sign", {"name": NAME} | body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


# ------------------------------------------------------------------------------------------------ messages


def test_the_message_is_dropped_once_everything_is_signed(world: World) -> None:
    """Complaint 23: no message says what is no longer true; discreet: neither title nor answer stands in a mail."""
    stage = Stage(world)
    papers.signed(stage.client, stage.booking, stage.paper)
    world.sweep()
    outcome = {n.kind: n.outcome for n in world.all(Notification)}
    assert (outcome["forms_to_fill"], outcome["form_signed"]) == ("stale", "sent")
    mails = [each["text"] for each in world.mails()]
    assert not any("Before we meet" in text or SECRET in text for text in mails)


def test_the_mail_leads_to_the_form_and_names_no_words_of_it(world: World) -> None:
    stage = Stage(world)
    world.sweep()
    outcome = {n.kind: n.outcome for n in world.all(Notification)}
    assert outcome["forms_to_fill"] == "sent"
    with world.rows():
        notice = next(n for n in world.all(Notification) if n.kind == "forms_to_fill")
        with world.app.test_request_context():
            notice = db.session.get_one(Notification, notice.id)
            subject, text, _html = mail.compose(notice.user, notice.kind, {"booking": notice.booking, "notice": notice})
    assert f"/bookings/{stage.booking}/forms" in text
    assert "Before we meet" not in subject + text


# ------------------------------------------------------------------------------------------------ writing forms


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": " \u202e "}, "title_invalid", "title"),
        ({"title": "t" * 121}, "title_invalid", "title"),
        ({"body": "b" * 20_001}, "too_long", "body"),
        ({"kind": "poem"}, "kind_unknown", "kind"),
        ({"due": "never"}, "due_unknown", "due"),
        ({"questions": []}, "questions_missing", "questions"),
        ({"questions": [WORRY] * 31}, "too_many", "questions"),
        ({"questions": [WORRY, {"label": " "}]}, "label_missing", "questions-1-label"),
        ({"questions": [{"label": "l" * 301}]}, "too_long", "questions-0-label"),
        ({"questions": [{"label": "l", "kind": "dance"}]}, "kind_unknown", "questions-0-kind"),
        ({"questions": [{"label": "l", "kind": "choice", "options": ["one", " one "]}]}, "options_count", "questions-0-options"),
        ({"questions": [{"label": "l", "kind": "choice", "options": ["one", "o" * 121]}]}, "too_long", "questions-0-options"),
        ({"kind": "agreement"}, "agreement_empty", "body"),
        ({"services": [10**12]}, "service_unknown", "services"),
    ],
)  # fmt: skip
def test_a_form_that_cannot_be_meant_is_refused_beside_its_field(
    world: World, changes: dict[str, Any], code: str, field: str
) -> None:
    owner = world.practitioner()
    refused = owner.post("/forms", {"kind": "intake", "title": "Before we meet", "questions": QUESTIONS} | changes)
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, code, field)
    assert world.all(Paper) == []


def test_thirty_questions_are_possible_and_a_kind_never_changes(world: World) -> None:
    owner = world.practitioner()
    paper = papers.intake(owner, [], questions=[WORRY] * 30)
    after = papers.change(owner, paper, kind="agreement")
    assert (after["kind"], len(after["questions"])) == ("intake", 30)
