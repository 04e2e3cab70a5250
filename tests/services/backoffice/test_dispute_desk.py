"""The desk for charges that a payer's bank challenges: the evidence says what happened, and nothing that anybody wrote."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.domain.checkout_kinds import Proceeds
from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Change, Dispute, DisputeAddition, DisputeAnswer, Payout, Role, User
from app.services.backoffice import disputes, reconciliation
from app.services.backoffice.disputes import purchases
from sandbox.control.acts import ACTS
from tests.support import credit, papers, questions, sessions
from tests.support.pdf_text import pdf_text
from tests.support.proofs import Pages
from tests.support.world import Caller, World

_SECRET = "Slept badly since the flood"


class Desk:
    """Staff at work on what the bank of a card's owner challenges."""

    def __init__(self, world: World) -> None:
        self.world, self.staff = world, world.person(Role.STAFF, name="Staff Member")

    @property
    def pages(self) -> Pages:
        """Their browser, logged in anew: sessions take place meanwhile."""
        return Pages(self.world, self.staff)

    def challenged(self, nth: int = 0, **wish: Any) -> int:
        """The bank challenges the nth newest card payment; our number of it."""
        self.world.sweep()  # what was written has gone out
        charge = self.world.sandbox.sandbox.store.all("charge")[nth]
        self.does("charges", "dispute", charge["id"], **wish)
        return int(max(row.id for row in self.world.all(Dispute)))

    def does(self, things: str, act: str, thing_id: str, **wish: Any) -> None:
        """The bank or the vendor acts, and what it tells has come in."""
        ACTS["stripe", things][act](self.world.sandbox.sandbox, thing_id, **wish)
        self.world.settle()

    def ends(self, end: str) -> None:
        """The bank decides about the newest dispute."""
        self.does("disputes", end, max(self.world.all(Dispute), key=lambda row: row.id).vendor_ref)

    def paper(self, dispute_id: int, **form: Any) -> str:
        """What the paper says, with plain blanks."""
        made = self.pages.post(f"/staff/disputes/{dispute_id}/paper", form)
        assert (made.status_code, made.content_type) == (200, "application/pdf"), made.text
        return re.sub(r"\s+", " ", pdf_text(made.data))

    def answered(self, dispute_id: int, note: str = "Receipt and times", day: str = "") -> Any:
        """Staff note that the bank was answered."""
        form = {"sent_on": day or clock.now().date().isoformat(), "evidence": note}
        return self.pages.post(f"/staff/disputes/{dispute_id}/answer", form)

    @property
    def steps(self) -> list[str]:
        """What was done about evidence, as the trail has it."""
        return [row.to_status for row in self.world.all(Change) if row.subject == "evidence"]


@pytest.fixture
def desk(world: World) -> Desk:
    """The desk."""
    return Desk(world)


def _held(world: World, client: Caller, **service: Any) -> tuple[Caller, str]:
    """A session that was given, with notes of everybody."""
    owner = world.practitioner()
    made = world.service(owner, title="Grief counselling", **service)
    booking = sessions.held(world, client, owner, made)
    return owner, booking


# ------------------------------------------------------------------------------------------------ one session


def test_the_paper_of_a_session_says_what_was_agreed_accepted_sent_and_held(world: World, desk: Desk) -> None:
    client = world.person(zone="Asia/Kolkata")
    _held(world, client, free_cancel_hours=48, no_show_percent=25)
    said = desk.paper(desk.challenged())
    for expected in (
        "Wanjiku Kamau, ",
        "Price € 60",
        "One person",
        "60 minutes",
        "Cancelled by the client until",
        "100% refunded",
        "25% refunded",
        "IST (",  # the payer's clock, and the practitioner's in brackets
        "EAT)",
        "Requested by the payer",
        "Completed",
        "Receipt P",
        "booking confirmed",
        "E-mail",
        "What happened and when",
        "Session started",
        "Page 1",
    ):
        assert expected in said, expected
    assert said.count("booking confirmed") == 1  # what the practitioner was sent is not there
    attempt = world.all(Attempt)[0]
    assert attempt.reference in said
    assert attempt.charge_ref in said
    assert desk.steps == ["made"]


def test_a_session_that_is_still_to_come_has_not_ended(world: World, desk: Desk) -> None:
    """Its end is said once it is noted; until then the bank reads what is true on the day."""
    owner = world.practitioner()
    booking = world.booked(world.person(), world.service(owner))
    dispute = desk.challenged()
    said = desk.paper(dispute)
    assert "Current status Has not taken place yet: Confirmed" in said
    assert "How it ended" not in said
    world.move(days=4)
    assert "Current status Its time has passed, but no outcome has been recorded" in desk.paper(dispute)
    owner.post(f"/bookings/{booking['id']}/start")
    assert "Current status In progress" in desk.paper(dispute)
    assert owner.post(f"/bookings/{booking['id']}/complete").status_code == 200
    assert "How it ended Completed" in desk.paper(dispute)


def test_no_word_of_a_note_a_form_or_a_conversation_is_on_the_paper(world: World, desk: Desk) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, title="Grief counselling")
    intake, agreement = papers.intake(owner, [service]), papers.agreement(owner, [service])
    booking = world.booked(client, service, notes=_SECRET, attendees=["Halima Said"])["id"]
    papers.signed(client, booking, intake)
    papers.signed(client, booking, agreement, {})
    said = desk.paper(desk.challenged())
    for hidden in (_SECRET, papers.SECRET, "Halima", "Before we meet", "What you say stays", "Grief"):
        assert hidden not in said, hidden
    assert "Agreement signed, version 1" in said


def test_the_service_is_named_only_where_staff_say_so_and_the_trail_tells_it(world: World, desk: Desk) -> None:
    _held(world, world.person())
    dispute = desk.challenged()
    assert "Grief" not in desk.paper(dispute)
    assert "Grief counselling" in desk.paper(dispute, names_service="y")
    whys = [row.why for row in world.all(Change) if row.subject == "evidence"]
    assert whys == ["", "named"]


def test_of_a_missed_session_the_note_and_what_staff_decided_are_there(world: World, desk: Desk) -> None:
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner))["id"]
    world.move(hours=48)
    missed = owner.post(f"/bookings/{booking}/no-show", {"reason": "Nobody in the room"})
    assert missed.status_code == 200, missed.text
    for who in (client, owner):
        assert who.post(f"/bookings/{booking}/note", {"text": _SECRET}).status_code == 200
    said = desk.paper(desk.challenged())
    assert "No-show" in said
    assert "Marked as missed" in said
    assert "The practitioner's note on this Nobody in the room" in said
    assert _SECRET not in said


def test_who_was_in_the_call_and_when_is_on_the_paper(world: World, desk: Desk) -> None:
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner))["id"]
    [row] = world.all(Booking)
    world.move(seconds=(row.starts_at - clock.now()).total_seconds())
    assert owner.post(f"/bookings/{booking}/start").status_code == 200
    for who in (owner, client):
        assert who.post(f"/bookings/{booking}/start-call").status_code == 200
    world.move(minutes=40)
    assert owner.post(f"/bookings/{booking}/end-call").status_code == 200
    said = desk.paper(desk.challenged())
    for expected in (
        "The payer joined the call",
        "The practitioner joined the call",
        "Call length 40 minutes",
    ):
        assert expected in said, expected


def test_what_somebody_else_did_with_the_credit_is_not_on_the_paper(world: World, desk: Desk) -> None:
    client, friend = world.person(), world.person(name="Halima Said")
    credit.top_up(world, client, 6_000)
    bill = credit.gift_bill(client, 6_000)
    assert client.post(f"/checkouts/{bill['id']}/attempts", {"gateway": "wallet"}).status_code == 201
    [mine] = client.get("/gifts").json
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    owner = world.practitioner(name="Dr. Tariq Malik")
    made = world.book(friend, world.service(owner))
    assert friend.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "wallet"}).status_code == 201
    said = desk.paper(desk.challenged())
    assert said.count("Paid from the wallet") == 1
    assert "Malik" not in said
    assert "Halima" not in said


def test_nothing_of_others_in_a_group_is_on_the_paper(world: World, desk: Desk) -> None:
    owner = world.practitioner()
    service = world.service(owner, places=3)
    start = world.start(service)
    world.booked(world.person(name="Somebody Else"), service, start=start)
    world.booked(world.person(name="Baraka Juma"), service, start=start)
    said = desk.paper(desk.challenged())
    assert "Baraka Juma" in said
    assert "Somebody" not in said


def test_messages_stand_with_the_masked_address_they_went_to_that_day(world: World, desk: Desk) -> None:
    client = world.person()
    world.booked(client, world.service(world.practitioner()))
    dispute = desk.challenged()
    went_to = world.email(client)
    with world.rows() as session:
        session.get_one(User, client.user_id).email = "zz-another@elsewhere.example"
        session.commit()
    said = desk.paper(dispute)
    host = went_to.partition("@")[2]
    assert f"{went_to[0]}...@{host}" in said
    assert went_to not in said
    assert said.count("elsewhere") == 1  # the payer's address today stands once, over everything


def test_a_name_in_arabic_or_hindi_is_on_the_paper_and_the_paper_in_the_readers_language(
    world: World, desk: Desk
) -> None:
    client = world.person(name="أمينة وانجيرو")
    world.booked(client, world.service(world.practitioner(name="डॉ. अमीना ओटिएनो")))
    dispute = desk.challenged()
    said = desk.paper(dispute)
    assert "Evidence for payment" in said
    assert "أمينة" in said or "ةنيمأ" in said
    assert re.search("[\u0900-\u097f]{3}", said)
    french = desk.paper(dispute, language="fr")
    assert "Reçu" in french


def test_a_long_story_is_cut_and_the_paper_stays_short(world: World, desk: Desk) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    booking = world.booked(client, service)["id"]
    with world.rows() as session:
        before = ""
        for n in range(200):
            step = "ended" if before == "started" else "started"
            change = Change(subject="call", subject_id=booking, booking_id=uuid.UUID(booking), from_status=before)
            change.to_status = before = step
            change.actor = Actor.CLIENT
            change.at = clock.now() + timedelta(seconds=n)
            session.add(change)
        session.commit()
    made = desk.pages.post(f"/staff/disputes/{desk.challenged()}/paper")
    pages = len(re.findall(rb"/Type /Page\n", made.data))
    assert pages <= 8
    assert "more entries not shown here" in re.sub(r"\s+", " ", pdf_text(made.data))


# ------------------------------------------------------------------------------------------------ everything that is sold


def _package(world: World, client: Caller) -> str:
    owner = world.practitioner()
    service = world.service(owner, title="Grief counselling")
    credit.bought(world, client, credit.offered(owner, service))
    made = world.book(client, service)
    assert credit.pay_with(client, made["checkout"]["id"]).status_code == 201
    return "Booked from it 1 session"


def _top_up(world: World, client: Caller) -> str:
    credit.top_up(world, client, 6_000)
    made = world.book(client, world.service(world.practitioner()))
    assert client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "wallet"}).status_code == 201
    return "Paid from the wallet"


def _gift(world: World, client: Caller) -> str:
    mine = credit.gift(world, client)
    friend = world.person(name="Halima Said")
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    return "Redeemed"


def _question(world: World, client: Caller) -> str:
    (owner, slug) = questions.expert(world)
    world.act(world.begin(client, questions.ask(client, slug)))
    [asked] = client.get("/consultations").json
    assert owner.post(f"/consultations/{asked['id']}/answer", {"text": _SECRET}).status_code == 200
    return "Messages from the practitioner 1"


def _session(world: World, client: Caller) -> str:
    world.booked(client, world.service(world.practitioner()))
    return "What was agreed"


_SOLD: dict[str, Callable[[World, Caller], str]] = {
    "session": _session,
    "question": _question,
    "package": _package,
    "top_up": _top_up,
    "gift": _gift,
}


@pytest.mark.parametrize("kind", _SOLD)
def test_there_is_evidence_of_everything_that_is_sold(world: World, desk: Desk, kind: str) -> None:
    client = world.person()
    expected = _SOLD[kind](world, client)
    said = desk.paper(desk.challenged())
    assert expected in said
    for hidden in ("Halima", _SECRET, questions.QUESTION, "Grief"):
        assert hidden not in said, hidden


def test_every_way_that_money_can_go_has_its_evidence() -> None:
    assert set(purchases._BOUGHT) == set(Proceeds)


# ------------------------------------------------------------------------------------------------ what practitioners add


def test_whose_session_it_is_hears_of_it_and_their_words_are_on_the_paper_until_taken_back(
    world: World, desk: Desk
) -> None:
    owner, _booking = _held(world, world.person())
    dispute = desk.challenged()
    assert world.notices(owner).count("payment_challenged") == 1
    world.sweep()
    [mail] = [each for each in world.mails(world.email(owner)) if "disputes a payment" in each["subject"]]
    assert f"/practice/disputes/{dispute}" in str(mail)
    mine = Pages(world, owner)
    page = f"/practice/disputes/{dispute}"
    text = mine.get(page).text
    assert desk.world.all(Dispute)[0].vendor_ref not in text  # nothing of the payer's bank
    assert mine.post(f"{page}/words", {"text": "He came, and stayed for an hour."}).status_code == 303
    assert "He came, and stayed for an hour." in desk.paper(dispute)
    [added] = world.all(DisputeAddition)
    assert "stayed" not in added.text  # sealed
    assert mine.post(f"{page}/take-back", {"addition": str(added.id)}).status_code == 303
    assert "stayed" not in desk.paper(dispute)
    assert desk.steps == ["added", "made", "taken_back", "made"]


def test_of_a_conversation_only_the_chosen_messages_are_on_the_paper(world: World, desk: Desk) -> None:
    client, owner, question = questions.answered(world)
    questions.sent(client, question, "Thank you, that helped.")
    questions.sent(client, question, _SECRET)
    dispute = desk.challenged()
    mine = Pages(world, owner)
    page = f"/practice/disputes/{dispute}"
    shown = mine.get(page).text
    assert _SECRET in shown  # the practitioner reads what it would reveal
    ids = re.findall(r'name="message" value="([0-9a-f-]{36})"', shown)
    assert mine.post(f"{page}/messages", {"message": ids[2]}).status_code == 303
    said = desk.paper(dispute)
    assert "Thank you, that helped." in said
    assert _SECRET not in said
    assert questions.QUESTION not in said
    assert _SECRET not in desk.pages.get(f"/staff/disputes/{dispute}").text
    assert "Thank you" not in desk.pages.get(f"/staff/disputes/{dispute}").text


def test_a_message_of_another_conversation_cannot_be_added(world: World, desk: Desk) -> None:
    _client, owner, _question = questions.answered(world)
    dispute = desk.challenged()
    _other, stranger, _theirs = questions.answered(world)
    second = desk.challenged()
    theirs = Pages(world, stranger).get(f"/practice/disputes/{second}").text
    foreign = re.findall(r'name="message" value="([0-9a-f-]{36})"', theirs)[0]
    mine = Pages(world, owner)
    assert mine.post(f"/practice/disputes/{dispute}/messages", {"message": foreign}).status_code == 404
    assert mine.get(f"/practice/disputes/{second}").status_code == 404
    assert world.all(DisputeAddition) == []


def test_what_was_sent_to_the_bank_is_not_taken_back_and_nothing_is_added_after(world: World, desk: Desk) -> None:
    owner, _booking = _held(world, world.person())
    dispute = desk.challenged()
    mine, page = Pages(world, owner), f"/practice/disputes/{dispute}"
    mine.post(f"{page}/words", {"text": "He came."})
    assert desk.answered(dispute).status_code == 303
    [added] = world.all(DisputeAddition)
    assert mine.post(f"{page}/take-back", {"addition": str(added.id)}).status_code == 409
    assert mine.post(f"{page}/words", {"text": "And paid."}).status_code == 409
    assert [each.id for each in world.all(DisputeAddition)] == [added.id]
    assert "It has been sent to the bank." in mine.get(page).text


def test_staff_read_that_a_paper_is_out_of_date(world: World, desk: Desk) -> None:
    owner, _booking = _held(world, world.person())
    dispute = desk.challenged()
    desk.paper(dispute)
    assert "Create it again" not in desk.pages.get(f"/staff/disputes/{dispute}").text
    Pages(world, owner).post(f"/practice/disputes/{dispute}/words", {"text": "He came."})
    assert "Create it again" in desk.pages.get(f"/staff/disputes/{dispute}").text


# ------------------------------------------------------------------------------------------------ deadlines and answers


def test_the_most_urgent_dispute_stands_first_with_the_hours_that_are_left(world: World, desk: Desk) -> None:
    client, service = world.person(), world.service(world.practitioner())
    for _ in range(2):
        world.booked(client, service)
    first, second = desk.challenged(0), desk.challenged(1)
    with world.rows() as session:
        session.get_one(Dispute, first).respond_by = clock.now() + timedelta(days=3, minutes=30)
        session.get_one(Dispute, second).respond_by = clock.now() + timedelta(hours=5, minutes=30)
        session.commit()
    page = desk.pages.get("/staff/disputes").text
    assert page.index(f"/staff/disputes/{second}") < page.index(f"/staff/disputes/{first}")
    assert "5 hours left" in page
    assert "72 hours left" in page
    queue = desk.pages.get("/staff/queues/disputes").text
    assert queue.index(f"/staff/disputes/{second}") < queue.index(f"/staff/disputes/{first}")


def test_who_has_answered_is_not_reminded_until_the_next_phase(world: World, desk: Desk) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    dispute = desk.challenged(enquiry=True)
    _due(world, dispute, days=1)
    assert desk.answered(dispute).status_code == 303
    world.sweep()
    assert "dispute_deadline" not in world.notices(desk.staff)
    desk.does("disputes", "escalate", world.all(Dispute)[0].vendor_ref)
    with world.rows() as session:  # the same deadline: the phase alone asks for an answer
        session.get_one(Dispute, dispute).respond_by = world.all(DisputeAnswer)[0].respond_by
        session.commit()
    world.sweep()
    assert world.notices(desk.staff).count("dispute_deadline") == 1
    assert "Answer needed" in desk.pages.get(f"/staff/disputes/{dispute}").text


def test_a_bank_that_sets_another_deadline_asks_for_more(world: World, desk: Desk) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    dispute = desk.challenged()
    _due(world, dispute, days=1)
    desk.answered(dispute)
    _due(world, dispute, days=2)
    world.sweep()
    assert world.notices(desk.staff).count("dispute_deadline") == 1
    assert "Answer needed" in desk.pages.get(f"/staff/disputes/{dispute}").text


def _due(world: World, dispute_id: int, days: int) -> None:
    """The bank wants evidence so many days from now."""
    with world.rows() as session:
        session.get_one(Dispute, dispute_id).respond_by = clock.now() + timedelta(days=days)
        session.commit()


@pytest.mark.parametrize(("day", "note"), [("2999-01-01", "Receipt"), ("soon", "Receipt"), ("", "")])
def test_an_answer_that_cannot_be_is_not_noted(world: World, desk: Desk, day: str, note: str) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    dispute = desk.challenged()
    assert desk.answered(dispute, note, day).status_code == 422
    assert desk.steps == []


def test_of_a_dispute_that_is_decided_the_outcome_is_shown_and_no_answer_noted(world: World, desk: Desk) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    dispute = desk.challenged()
    desk.ends("lose")
    assert desk.answered(dispute).status_code == 409
    page = desk.pages.get("/staff/disputes").text
    assert page.index("Decided") < page.index("Lost")


# ------------------------------------------------------------------------------------------------ what is held


def test_held_credit_says_why_in_the_wallet_at_the_desk_and_in_the_payout_queue(world: World, desk: Desk) -> None:
    client = world.person()
    credit.stranded(world, client, 6_000)
    asked = client.post("/wallet/payouts", {"amount": {"amount": 4_000, "currency": "EUR"}, "destination": "Till 7"})
    assert asked.status_code == 201
    dispute = desk.challenged()
    wallet = Pages(world, client).get("/wallet").text
    assert "your bank disputes the payment of" in wallet
    assert "On hold: a bank disputes the payment" in wallet
    assert "It cannot be sent now" in desk.pages.get("/staff/queues/payouts").text
    page = desk.pages.get(f"/staff/disputes/{dispute}").text
    assert "Credit in a wallet" in page
    assert "A requested payout" in page
    assert len(world.all(Payout)) == 1


def test_who_has_credit_of_somebody_elses_payment_does_not_read_whose_it_was(world: World, desk: Desk) -> None:
    buyer, friend = world.person(name="Njeri Barasa"), world.person()
    mine = credit.gift(world, buyer)
    assert friend.post("/gifts/redeem", {"code": mine["code"]}).status_code == 200
    desk.challenged()
    wallet = Pages(world, friend).get("/wallet").text
    assert "a bank disputes the payment it came from" in wallet
    assert "your bank" not in wallet


def test_the_practitioners_statement_says_what_is_challenged(world: World, desk: Desk) -> None:
    owner, _booking = _held(world, world.person())
    desk.challenged()
    month = f"/practice/statements/{clock.now():%Y-%m}"
    pages = Pages(world, owner)
    assert "Currently disputed by clients' banks</h2>" in pages.get(month).text
    assert "Disputed by a client's bank" in re.sub(r"\s+", " ", pdf_text(pages.get(f"{month}.pdf").data))


# ------------------------------------------------------------------------------------------------ who may


def test_only_staff_and_the_practitioner_concerned_find_a_dispute(world: World, desk: Desk) -> None:
    client = world.person()
    owner, _booking = _held(world, client)
    dispute = desk.challenged()
    stranger = world.practitioner()
    for who, found in ((client, 404), (stranger, 404), (owner, 200)):
        assert Pages(world, who).get(f"/practice/disputes/{dispute}").status_code == found
    for who in (client, stranger, owner):
        pages = Pages(world, who)
        assert pages.get(f"/staff/disputes/{dispute}").status_code == 404
        assert pages.post(f"/staff/disputes/{dispute}/paper").status_code == 404
    assert desk.steps == []


def test_the_books_and_the_trail_agree_after_all_of_it(world: World, desk: Desk) -> None:
    owner, _booking = _held(world, world.person())
    dispute = desk.challenged()
    Pages(world, owner).post(f"/practice/disputes/{dispute}/words", {"text": "He came."})
    desk.paper(dispute)
    desk.answered(dispute)
    desk.paper(dispute)
    with world.app.app_context():
        assert reconciliation.breaches() == []
        assert disputes.case(dispute).is_answered
        db.session.rollback()
    story = desk.pages.get(f"/staff/payments/{world.all(Attempt)[0].id}").text
    assert "Evidence for the bank" in story
