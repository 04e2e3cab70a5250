"""Proofs of payments by other means: what is taken, who decides, and what becomes of the place meanwhile."""

import threading
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import Attempt, Booking, Checkout, Hold, Notification, Practitioner, Proof, Refund, Role, Service, User
from app.services import consultations
from app.services.backoffice.overview import queues
from app.services.core import uploads
from app.services.core.errors import Conflict, Problem
from app.services.payments import manual_payments
from app.services.payments.manual_payments import LIMIT
from app.services.prepaid import wallet
from tests.support.proofs import JPEG, PDF, PNG, WEBP, Pages, show, shown, verify
from tests.support.world import World

T = TypeVar("T")


class Scene:
    """A practitioner and a client with a booking that waits for its money by bank or cash."""

    def __init__(self, world: World, mode: str = "hold_then_pay", days: int = 1) -> None:
        self.world, self.owner, self.client = world, world.practitioner(), world.person()
        self.service = world.service(self.owner, mode, "KES")
        self.start = world.slots(self.service, days=days)[-1]["start"]
        made = world.book(self.client, self.service, self.start)
        self.booking = made["booking"]["id"] if made["booking"] else ""
        self.checkout = made["checkout"]["id"] if made["checkout"] else ""

    def proof(self) -> str:
        return shown(self.client, self.checkout)

    def status(self) -> str:
        return str(self.world.booking(self.client, self.booking)["status"])

    def credit(self) -> int:
        with self.world.rows():
            return wallet.balance(db.session.get_one(User, self.client.user_id), "KES").amount

    def lose_the_place(self) -> None:
        """The hold has lapsed by the clock and somebody else has the time for good."""
        self.world.move(hours=49)
        other = self.world.person(name="Other Client")
        answer = other.post("/bookings", {"service_id": self.service, "start": self.start})
        assert answer.status_code == 201, answer.text
        self.world.act(self.world.begin(other, answer.json["checkout"]["id"], "mpesa"))


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


# ------------------------------------------------------------------------------------------------ what is taken


@pytest.mark.parametrize(
    ("content", "media", "extension"),
    [
        (PNG, "image/png", "png"),
        (JPEG, "image/jpeg", "jpg"),
        (JPEG + b"\x00" * 300, "image/jpeg", "jpg"),  # a camera's own padding
        (WEBP, "image/webp", "webp"),
        (PDF, "application/pdf", "pdf"),
    ],
)
def test_a_file_is_what_its_content_says_whatever_it_is_called(content: bytes, media: str, extension: str) -> None:
    assert uploads.media_type(content) == media
    assert uploads.clean_name("slip.exe", media) == f"slip.{extension}"


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + b"\x00" * 100,
        b"\x89PNG\r\n\x1a\n",  # only the beginning
        PNG[:-12],  # cut off while it was sent
        JPEG[:-2],
        WEBP + b"more than it says",
        PDF[:20],
        b"\n" + PDF,
        b"MZ" + PNG,
        b"\xff\xd8\xff\xd9",  # too short to be a picture: begin and end are the same bytes
        b"PK\x03\x04" + b"\x00" * 100,
    ],
)
def test_what_is_no_picture_and_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(Problem) as refused:
        uploads.media_type(content)
    assert (refused.value.code, refused.value.field, refused.value.status) == ("proof_type", "file", 422)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("receipt.png", "receipt.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\slip.final.jpeg", "slip-final.png"),
        ('a"; filename="b.html', "a-filename-b.png"),
        ("x.html\r\nSet-Cookie: a=b.png", "x-html-Set-Cookie-a-b.png"),
        ("<script>.svg", "script.png"),
        ("رسيد.png", "proof.png"),
        ("", "proof.png"),
        ("....", "proof.png"),
        ("a\x00.php.png", "a-php.png"),
        ("very" * 60 + ".png", "very" * 10 + ".png"),
    ],
)
def test_a_name_is_cleaned_to_one_nobody_can_misread(given: str, kept: str) -> None:
    assert uploads.clean_name(given, "image/png") == kept


def test_a_missing_an_empty_and_a_wrong_file_are_refused_beside_their_field(scene: Scene) -> None:
    for content, code in [(b"", "proof_missing"), (b"<html>", "proof_type"), (PNG + b"\x00" * LIMIT, "proof_size")]:
        answer = show(scene.client, scene.checkout, content)
        assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, code, "file")
    without = scene.client.post(f"/checkouts/{scene.checkout}/proof", {"note": "no file at all"})
    assert (without.status_code, without.json["code"]) == (422, "proof_missing")
    long = show(scene.client, scene.checkout, note="x" * 501)
    assert (long.status_code, long.json["field"]) == (422, "note")
    assert scene.world.all(Proof) == scene.world.all(Attempt) == []


def test_a_file_just_small_enough_is_taken_and_one_that_no_file_may_be_is_cut_off(scene: Scene) -> None:
    """Only uploads may be large: what is larger than any file may be is not even read."""
    padded = PNG[:-12] + b"\x00" * (LIMIT - len(PNG)) + PNG[-12:]
    assert len(padded) == LIMIT
    assert show(scene.client, scene.checkout, b"\x00" * (17 * 1024 * 1024)).status_code == 413
    shown(scene.client, scene.checkout, content=padded)
    answer = scene.client.post("/bookings", {"notes": "x" * 300_000})
    assert answer.status_code == 413


def test_a_note_with_a_nul_is_nobodys(scene: Scene) -> None:
    assert show(scene.client, scene.checkout, note="a\x00b").status_code == 400
    assert scene.world.all(Proof) == []


# ------------------------------------------------------------------------------------------------ sending


def test_one_proof_waits_at_a_time_and_another_after_a_no(scene: Scene) -> None:
    first = scene.proof()
    answer = show(scene.client, scene.checkout)
    assert (answer.status_code, answer.json["code"]) == (409, "proof_waiting")
    assert verify(scene.owner, scene.booking, False, reason="Unreadable").status_code == 200
    assert scene.proof() != first
    assert [p.status for p in sorted(scene.world.all(Proof), key=lambda p: p.sent_at)] == ["rejected", "waiting"]
    assert len(scene.world.all(Attempt)) == 1


def test_two_proofs_at_once_are_one(scene: Scene) -> None:
    scene.world.begin(scene.client, scene.checkout, "manual")
    answers = _at_once(lambda: show(scene.client, scene.checkout).status_code, 2)
    assert sorted(answers) == [201, 409]
    assert len(scene.world.all(Proof)) == 1


def test_the_place_is_kept_two_days_but_never_beyond_the_start(scene: Scene) -> None:
    begins = datetime.fromisoformat(scene.start)
    scene.proof()
    kept = clock.now() + timedelta(hours=48)
    with scene.world.rows() as session:
        [booking], [checkout], [hold] = (session.query(kind).all() for kind in (Booking, Checkout, Hold))
        expected = min(kept, begins)
        assert abs(booking.deadline_at - expected) < timedelta(seconds=10)
        assert booking.deadline_at == checkout.expires_at == hold.expires_at
        assert booking.deadline_at <= begins


def test_a_later_session_keeps_its_place_for_two_days(world: World) -> None:
    scene = Scene(world, days=10)
    scene.proof()
    [booking] = world.all(Booking)
    assert abs(booking.deadline_at - clock.now() - timedelta(hours=48)) < timedelta(seconds=10)
    world.move(hours=40)
    world.sweep()
    assert scene.status() == "awaiting_payment"
    assert scene.start not in [slot["start"] for slot in world.slots(scene.service, days=10)]


def test_a_deadline_that_is_later_already_is_not_cut_short(world: World) -> None:
    scene = Scene(world, "approve_then_pay", days=20)
    with world.rows() as session:
        [booking] = session.query(Booking)
        booking.policy = booking.policy | {"pay_hours": 96}
        session.commit()
    assert scene.owner.post(f"/bookings/{scene.booking}/approve").status_code == 200
    before = world.all(Booking)[0].deadline_at
    shown(scene.client, world.booking(scene.client, scene.booking)["checkout_id"])
    assert world.all(Booking)[0].deadline_at == before


def test_a_draft_can_be_paid_longer_and_still_holds_nothing(world: World) -> None:
    scene = Scene(world, "pay_then_book")
    scene.proof()
    [checkout] = world.all(Checkout)
    assert checkout.expires_at > clock.now() + timedelta(hours=12)
    assert world.live_places() == 0


def test_a_stranger_and_the_practitioner_cannot_show_a_proof(scene: Scene) -> None:
    for other in (scene.world.person(), scene.owner, scene.world.person(Role.STAFF)):
        assert show(other, scene.checkout).status_code == 404
    assert scene.world.all(Proof) == []


def test_with_a_proof_waiting_no_other_way_to_pay_begins(scene: Scene) -> None:
    """Invariant 2: nobody pays twice because somebody is still looking."""
    scene.proof()
    answer = scene.client.post(f"/checkouts/{scene.checkout}/attempts", {"gateway": "mpesa"})
    assert (answer.status_code, answer.json["code"]) == (409, "attempt_unresolved")


def test_without_a_proof_another_way_may_be_chosen(scene: Scene) -> None:
    scene.world.begin(scene.client, scene.checkout, "manual")
    scene.world.act(scene.world.begin(scene.client, scene.checkout, "mpesa"))
    assert scene.status() == "confirmed"
    assert sorted((a.gateway, a.status) for a in scene.world.all(Attempt)) == [
        ("manual", "abandoned"),
        ("mpesa", "paid"),
    ]


def test_where_nobody_takes_money_by_hand_a_proof_is_refused(world: World) -> None:
    """The amount is reserved on a card in this mode: there is no other way, and none is invented."""
    scene = Scene(world)
    gateways = world.app.extensions["gateways"]
    by_hand = gateways.pop("manual")
    try:
        assert show(scene.client, scene.checkout).json["code"] == "unknown_gateway"
    finally:
        gateways["manual"] = by_hand


# ------------------------------------------------------------------------------------------------ deciding


def test_only_the_practitioner_and_staff_decide_and_to_others_it_does_not_exist(scene: Scene) -> None:
    proof = scene.proof()
    others = [scene.client, scene.world.person(), scene.world.practitioner(name="Another Practice")]
    for other in others:
        assert verify(other, scene.booking, True, evidence="I say so").status_code == 404
        assert verify(other, scene.booking, False, reason="I say so").status_code == 404
        pages = Pages(scene.world, other)
        for act in ("accept", "reject"):
            assert pages.post(f"/proofs/{proof}/{act}", {"reason": "no"}).status_code == 404
        assert pages.post(f"/bookings/{scene.booking}/received", {"evidence": "mine"}).status_code == 404
    [row] = scene.world.all(Proof)
    assert row.status == "waiting"
    assert verify(scene.world.person(Role.STAFF), scene.booking, True).json["status"] == "confirmed"


def test_the_file_is_for_its_payer_who_is_paid_and_staff(scene: Scene) -> None:
    address = f"/proofs/{scene.proof()}"
    for caller in (scene.client, scene.owner, scene.world.person(Role.STAFF)):
        answer = Pages(scene.world, caller).get(address)
        assert (answer.status_code, answer.data, answer.content_type) == (200, PNG, "image/png")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="receipt.png"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["Cache-Control"] == "private, no-store"
    for caller in (scene.world.person(), scene.world.practitioner(name="Another Practice")):
        assert Pages(scene.world, caller).get(address).status_code == 404
    assert scene.world.app.test_client().get(address).status_code == 302


def test_a_proof_is_decided_once(scene: Scene) -> None:
    proof = scene.proof()
    pages = Pages(scene.world, scene.owner)
    assert pages.post(f"/proofs/{proof}/accept").status_code == 303
    for act in ("accept", "reject"):
        again = pages.post(f"/proofs/{proof}/{act}", {"reason": "changed my mind"})
        assert again.status_code == 409
        assert "This proof of payment has already been accepted or rejected" in again.text
    assert scene.status() == "confirmed"
    assert [p.status for p in scene.world.all(Proof)] == ["accepted"]


def test_accepted_by_two_at_once_is_accepted_once(scene: Scene) -> None:
    """Invariants 2 and 3: two tabs, or the practitioner and staff at the same moment."""
    proof, staff = scene.proof(), scene.world.person(Role.STAFF)
    deciders = iter([scene.owner.user_id, staff.user_id])

    def accept() -> str:
        with scene.world.app.app_context():
            user = db.session.get_one(User, next(deciders))
            try:
                return str(manual_payments.decide(uuid.UUID(proof), user, accept=True).status)
            except Conflict as conflict:
                return conflict.code

    assert sorted(_at_once(accept, 2)) == ["accepted", "proof_decided"]
    assert scene.status() == "confirmed"
    assert scene.world.all(Refund) == []


def test_one_accepts_while_another_rejects_and_one_word_counts(scene: Scene) -> None:
    proof = scene.proof()
    words = iter([True, False])

    def decide() -> str:
        with scene.world.app.app_context():
            user = db.session.get_one(User, scene.owner.user_id)
            try:
                return str(manual_payments.decide(uuid.UUID(proof), user, accept=next(words), reason="No").status)
            except Conflict as conflict:
                return conflict.code

    answers = sorted(_at_once(decide, 2))
    assert answers in (["accepted", "proof_decided"], ["proof_decided", "rejected"])
    assert scene.status() == ("confirmed" if "accepted" in answers else "awaiting_payment")


def test_a_rejection_needs_a_reason_beside_its_field(scene: Scene) -> None:
    proof = scene.proof()
    answer = Pages(scene.world, scene.owner).post(f"/proofs/{proof}/reject", {"reason": "  "})
    assert answer.status_code == 422
    assert f'id="reason-{proof}-error"' in answer.text
    assert f'href="#reason-{proof}"' in answer.text
    too_long = Pages(scene.world, scene.owner).post(f"/proofs/{proof}/reject", {"reason": "x" * 501})
    assert "x" * 501 in too_long.text
    assert [p.status for p in scene.world.all(Proof)] == ["waiting"]


def test_nothing_to_reject_is_said(scene: Scene) -> None:
    answer = verify(scene.owner, scene.booking, False, reason="Which?")
    assert (answer.status_code, answer.json["code"]) == (409, "not_allowed")


def test_cash_while_a_proof_waits_accepts_the_proof_too(scene: Scene) -> None:
    scene.proof()
    with scene.world.rows():
        owner = db.session.get_one(User, scene.owner.user_id)
        booking = manual_payments.verify_without_proof(uuid.UUID(scene.booking), owner, "Cash at the desk")
        assert booking.status == "confirmed"
    [proof] = scene.world.all(Proof)
    assert (proof.status, proof.decided_by) == ("accepted", scene.owner.user_id)


def test_cash_ends_an_open_page_of_a_gateway_first(scene: Scene) -> None:
    """Nobody pays by card what was paid in cash: the page is closed at the gateway, and then the cash counts."""
    scene.world.begin(scene.client, scene.checkout, "stripe")
    assert verify(scene.owner, scene.booking, True, evidence="Cash").json["status"] == "confirmed"
    found = sorted((a.gateway, a.status) for a in scene.world.all(Attempt))
    assert found == [("manual", "paid"), ("stripe", "failed")]


def test_cash_while_a_prompt_is_on_the_phone_waits_until_that_is_known(scene: Scene) -> None:
    scene.world.begin(scene.client, scene.checkout, "mpesa")
    answer = verify(scene.owner, scene.booking, True, evidence="Cash")
    assert (answer.status_code, answer.json["code"]) == (409, "attempt_unresolved")
    assert [a.gateway for a in scene.world.all(Attempt)] == ["mpesa"]


def test_cash_for_a_place_that_is_gone_is_not_recorded(scene: Scene) -> None:
    """The practitioner hears it at once and hands the money back, rather than owing credit for it."""
    scene.world.move(hours=1)
    other = scene.world.person()
    taken = other.post("/bookings", {"service_id": scene.service, "start": scene.start})
    assert taken.status_code == 201, taken.text
    answer = verify(scene.owner, scene.booking, True, evidence="Cash")
    assert (answer.status_code, answer.json["code"]) == (409, "verify_too_late")
    assert scene.world.all(Attempt) == []
    assert scene.world.all(Refund) == []
    assert "Give the money back" in answer.json["detail"]


def test_what_is_paid_or_over_cannot_be_verified_again(scene: Scene) -> None:
    assert verify(scene.owner, scene.booking, True, evidence="Cash").json["status"] == "confirmed"
    assert verify(scene.owner, scene.booking, True, evidence="Cash").json["code"] == "not_allowed"
    assert len(scene.world.all(Attempt)) == 1


# ------------------------------------------------------------------------------------------------ the clock


def test_without_a_proof_the_try_and_the_booking_end_at_the_deadline(scene: Scene) -> None:
    scene.world.begin(scene.client, scene.checkout, "manual")
    scene.world.move(minutes=20)
    scene.world.sweep()
    assert scene.status() == "expired"
    [attempt] = scene.world.all(Attempt)
    assert (attempt.status, attempt.next_look_up_at) == ("abandoned", None)


def test_with_a_proof_the_clock_ends_nothing_and_reminds_once_a_day(scene: Scene) -> None:
    scene.proof()
    reminded = []
    for _ in range(3):
        for _ in range(2):
            scene.world.move(hours=12)
            scene.world.sweep()
            scene.world.sweep()
        found = [n for n in scene.world.all(Notification) if n.kind == "proof_waiting"]
        assert {n.user_id for n in found} == {scene.owner.user_id}
        reminded.append(len(found))
    assert reminded == [1, 2, 3]
    assert scene.status() == "awaiting_payment"
    assert [a.status for a in scene.world.all(Attempt)] == ["processing"]
    assert verify(scene.owner, scene.booking, False, reason="Nothing came").status_code == 200
    scene.world.move(hours=24)
    scene.world.sweep()
    assert len([n for n in scene.world.all(Notification) if n.kind == "proof_waiting"]) == 3
    assert scene.status() == "expired"


def test_accepted_late_with_the_place_free_the_session_is_booked(world: World) -> None:
    """The late payer: two days nobody looked, the place lapsed by the clock, and it is taken again."""
    scene = Scene(world, days=10)
    scene.proof()
    world.move(hours=49)
    world.sweep()
    assert world.live_places() == 0
    assert verify(scene.owner, scene.booking, True).json["status"] == "confirmed"
    assert world.live_places() == 1
    assert scene.credit() == 0


def test_accepted_late_by_staff_with_the_place_taken_it_is_credit_at_once(world: World) -> None:
    scene = Scene(world, days=10)
    scene.proof()
    scene.lose_the_place()
    answer = verify(world.person(Role.STAFF), scene.booking, True)
    assert answer.status_code == 200, answer.text
    world.sweep()
    assert scene.status() == "expired"
    [refund] = world.all(Refund)
    assert (refund.status, refund.means, refund.reason) == ("done", "wallet", "too_late")
    assert scene.credit() == 150_000
    assert "payment_credited" in {n.kind for n in world.all(Notification) if n.user_id == scene.client.user_id}


def test_accepted_late_by_the_practitioner_it_is_theirs_to_give_back_and_no_credit(world: World) -> None:
    """Nobody's word alone makes credit that can be spent elsewhere: they have the money, and staff see it through."""
    scene = Scene(world, days=10)
    proof = scene.proof()
    scene.lose_the_place()
    page = Pages(world, scene.owner).post(
        f"/proofs/{proof}/accept", {"evidence": ""}, page=f"/bookings/{scene.booking}"
    )
    assert page.status_code == 303
    world.sweep()
    [refund] = world.all(Refund)
    assert (refund.status, refund.reason, scene.credit()) == ("failed", "too_late", 0)


def test_a_proof_after_the_deadline_is_kept_and_decided_like_any_late_money(scene: Scene) -> None:
    """They were at the bank while the fifteen minutes ran out: the money came, so the proof is looked at."""
    scene.world.begin(scene.client, scene.checkout, "manual")
    scene.world.move(minutes=20)
    scene.world.sweep()
    assert scene.status() == "expired"
    scene.proof()
    assert scene.status() == "expired"
    assert scene.world.live_places() == 0
    assert verify(scene.owner, scene.booking, True).json["status"] == "confirmed"


def test_who_never_asked_how_to_pay_has_nothing_to_show_after_the_deadline(scene: Scene) -> None:
    scene.world.move(minutes=20)
    scene.world.sweep()
    answer = show(scene.client, scene.checkout)
    assert (answer.status_code, answer.json["code"]) == (409, "checkout_closed")


def test_cancelled_while_the_proof_waits_the_money_is_credit(scene: Scene) -> None:
    scene.proof()
    assert scene.client.post(f"/bookings/{scene.booking}/cancel", {}).json["status"] == "cancelled"
    assert [p.status for p in scene.world.all(Proof)] == ["waiting"]
    assert verify(scene.world.person(Role.STAFF), scene.booking, True).json["status"] == "cancelled"
    assert scene.credit() == 150_000
    assert scene.world.live_places() == 0


def test_cancelled_while_the_proof_waits_and_then_rejected_is_just_over(scene: Scene) -> None:
    scene.proof()
    assert scene.owner.post(f"/bookings/{scene.booking}/cancel", {"reason": "ill"}).status_code == 200
    assert verify(scene.owner, scene.booking, False, reason="Nothing came").json["status"] == "cancelled"
    assert [a.status for a in scene.world.all(Attempt)] == ["failed"]
    assert scene.credit() == 0


def test_a_top_up_by_bank_is_looked_at_by_staff(world: World) -> None:
    """Nobody else is paid: staff are told, find it in their list, and the money is the client's credit."""
    client, staff, owner = world.person(), world.person(Role.STAFF), world.practitioner()
    with world.rows():
        user = db.session.get_one(User, client.user_id)
        checkout = str(wallet.top_up(user, Money(50_000, "KES"), "Top up").id)
    proof = shown(client, checkout)
    assert {n.user_id for n in world.all(Notification) if n.kind == "proof_received"} == {staff.user_id}
    with world.rows():
        assert [str(p.id) for p in queues.rows("proofs")] == [proof]
    seen = Pages(world, staff)
    assert 'href="/staff/queues/proofs"' in seen.http.get("/notices").text
    assert f'action="/proofs/{proof}/accept"' in seen.http.get("/staff/queues/proofs").text
    assert Pages(world, owner).post(f"/proofs/{proof}/accept").status_code == 404
    assert seen.post(f"/proofs/{proof}/accept", {"next": "/staff"}).status_code == 303
    with world.rows():
        assert wallet.balance(db.session.get_one(User, client.user_id), "KES").amount == 50_000
        assert queues.rows("proofs") == []
    assert world.all(Checkout)[0].status is CheckoutStatus.PAID


def test_a_question_in_writing_paid_by_bank_is_looked_at_by_whom_it_is_for(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    with world.rows() as session:
        practice = session.query(Practitioner).where(Practitioner.user_id == owner.user_id).one()
        practice.question_amount, practice.question_currency, practice.published = 50_000, "KES", True
        session.commit()
        checkout = str(consultations.ask(session.get_one(User, client.user_id), practice, "May I?").id)
    proof = shown(client, checkout)
    with world.rows() as session:
        practice = session.query(Practitioner).where(Practitioner.user_id == owner.user_id).one()
        assert [str(p.id) for p in manual_payments.waiting_for(practice)] == [proof]
    assert Pages(world, world.practitioner(name="Another")).post(f"/proofs/{proof}/accept").status_code == 404
    assert Pages(world, owner).post(f"/proofs/{proof}/accept", {"next": "/practice"}).status_code == 303
    assert world.checkout(client, checkout)["status"] == "paid"


def test_each_practitioner_finds_their_own_and_staff_all(world: World) -> None:
    booked, drafted = Scene(world), Scene(world, "pay_then_book")
    first, second = booked.proof(), drafted.proof()
    with world.rows():
        for scene, proof in ((booked, first), (drafted, second)):
            practice = db.session.get_one(Service, scene.service).practitioner
            assert [str(p.id) for p in manual_payments.waiting_for(practice)] == [proof]
        assert [str(p.id) for p in queues.rows("proofs")] == [first, second]


# ------------------------------------------------------------------------------------------------ pages


def test_the_pay_page_shows_how_then_that_somebody_looks_then_why_not(scene: Scene) -> None:
    pages, address = Pages(scene.world, scene.client), f"/checkouts/{scene.checkout}"
    assert pages.post(f"{address}/pay", {"gateway": "manual"}).status_code == 303
    page = pages.get(address).text
    assert "till 123456" in page
    assert 'enctype="multipart/form-data"' in page
    wrong = pages.post(f"{address}/proof", {"file": (b"<html>", "proof.png"), "note": "typed before"})
    assert wrong.status_code == 422
    assert 'id="file-error"' in wrong.text
    assert "typed before" in wrong.text
    assert pages.post(f"{address}/proof", {"file": (PNG, "proof.png"), "note": ""}).status_code == 303
    page = pages.get(address).text
    assert "will check it" in page
    assert "Dr. Amina Otieno" in page
    assert 'enctype="multipart/form-data"' not in page
    assert verify(scene.owner, scene.booking, False, reason="The <b>amount</b> is another").status_code == 200
    page = pages.get(address).text
    assert "The &lt;b&gt;amount&lt;/b&gt; is another" in page
    assert 'enctype="multipart/form-data"' in page
    assert "The bank declined" not in page


def test_a_file_too_large_is_told_so_beside_its_field_on_the_page(scene: Scene) -> None:
    pages, address = Pages(scene.world, scene.client), f"/checkouts/{scene.checkout}"
    pages.post(f"{address}/pay", {"gateway": "manual"})
    answer = pages.post(f"{address}/proof", {"file": (PNG + b"\x00" * 6_000_000, "photo.png")})
    assert answer.status_code == 422
    assert "at most 5 MB" in answer.text
    assert 'id="file-error"' in answer.text


def test_when_time_is_up_the_page_still_takes_a_proof_from_who_was_told_how(scene: Scene) -> None:
    pages, address = Pages(scene.world, scene.client), f"/checkouts/{scene.checkout}"
    pages.post(f"{address}/pay", {"gateway": "manual"})
    scene.world.move(minutes=20)
    for _ in range(2):  # by the clock, and by the sweep
        page = pages.get(address).text
        assert "This can no longer be paid" in page
        assert 'enctype="multipart/form-data"' in page
        scene.world.sweep()
    assert pages.post(f"{address}/proof", {"file": (PNG, "proof.png")}).status_code == 303
    assert "will check it" in pages.get(address).text


def test_today_lists_what_is_to_be_verified_and_what_was_promised(world: World) -> None:
    scene = Scene(world)
    scene.world.begin(scene.client, scene.checkout, "manual")
    pages = Pages(world, scene.owner)
    today = pages.get("/practice").text
    assert "Paying by bank or cash" in today
    assert "to verify" not in today
    proof = scene.proof()
    today = pages.get("/practice").text
    assert "1 payment to verify" in today
    assert f"/proofs/{proof}" in today
    assert "Paying by bank or cash" not in today
    done = pages.post(f"/proofs/{proof}/accept", {"next": "/practice"})
    assert done.headers["Location"].endswith("/practice")
    assert "to verify" not in pages.get("/practice").text
    assert scene.status() == "confirmed"


def test_cash_is_noted_on_the_page_with_how_it_is_known(scene: Scene) -> None:
    pages, address = Pages(scene.world, scene.owner), f"/bookings/{scene.booking}/received"
    missing = pages.post(address, {"evidence": ""})
    assert missing.status_code == 422
    assert f'id="evidence-{scene.booking}-error"' in missing.text
    assert pages.post(address, {"evidence": "Cash, receipt 17", "next": "/practice"}).status_code == 303
    assert scene.status() == "confirmed"


# ------------------------------------------------------------------------------------------------ by hand


def _at_once(act: Callable[[], T], times: int) -> list[T]:
    """What each of so many threads got that did the same at the same moment."""
    gate, answers = threading.Barrier(times), []

    def run() -> None:
        gate.wait()
        answers.append(act())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
