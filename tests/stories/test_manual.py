"""Paying by bank, till or cash: told how, shown, looked at, and what became of it."""

import pytest

from app.extensions import db
from app.models import Attempt, Change, InboxEntry, Notification, Proof, Refund, Role, User
from app.services.prepaid import wallet
from tests.support.proofs import PDF, PNG, Pages, show, shown, verify
from tests.support.world import Caller, World


def _booked_by_hand(world: World, mode: str = "hold_then_pay") -> tuple[Caller, Caller, dict[str, dict[str, str]]]:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, mode, "KES"))
    return owner, client, made


def _told(world: World, kind: str) -> list[Notification]:
    return [notice for notice in world.all(Notification) if notice.kind == kind]


@pytest.mark.parametrize("mode", ["hold_then_pay", "approve_then_pay", "pay_then_book"])
def test_told_how_shown_and_verified(world: World, mode: str) -> None:
    """S3-7, S3-14, S3-18, S3-31: instructions, proof, the practitioner's word, confirmed, and both sides told."""
    owner, client, made = _booked_by_hand(world, mode)
    if mode == "approve_then_pay":
        booking_id = made["booking"]["id"]
        assert owner.post(f"/bookings/{booking_id}/approve").status_code == 200
        checkout = world.booking(client, booking_id)["checkout_id"]
    else:
        checkout = made["checkout"]["id"]
    begun = world.begin(client, checkout, "manual")
    assert begun["next"]["kind"] == "instructions"
    assert "till 123456" in begun["next"]["text"]
    assert begun["attempt"]["reference"] in begun["next"]["text"]
    assert "KES 1,500.00" in begun["next"]["text"]
    proof = shown(client, checkout, content=PDF, name="slip.pdf", note="sent by my sister")

    with world.rows() as session:
        [row] = session.query(Proof)
        assert (str(row.id), row.note, row.media_type, row.content) == (
            proof,
            "sent by my sister",
            "application/pdf",
            PDF,
        )
        practice = row.attempt.checkout.client_id
    assert practice == client.user_id
    assert [n.user_id for n in _told(world, "proof_received")] == [owner.user_id]

    if mode == "pay_then_book":
        done = _decided_by_page(world, owner, proof)
    else:
        answer = verify(owner, made["booking"]["id"], True)
        assert answer.status_code == 200, answer.text
        done = answer.json["status"]
    assert done == "confirmed"
    assert {n.user_id for n in _told(world, "booking_confirmed")} == {client.user_id}
    assert {n.user_id for n in _told(world, "booking_confirmed_practitioner")} == {owner.user_id}


def _decided_by_page(world: World, owner: Caller, proof: str) -> str:
    """A draft has no booking to name, so it is decided by its proof, as the page does."""
    answer = Pages(world, owner).post(f"/proofs/{proof}/accept", {"next": "/practice"})
    assert answer.status_code == 303, answer.text
    [booking] = owner.get("/bookings").json
    return str(booking["status"])


def test_who_verified_and_when_is_kept_and_every_try_is_a_row(world: World) -> None:
    """S3-23, S3-24, S3-31: status, method, proof, instructions, verified by and at; attempts are rows, not a list in JSON."""
    owner, client, made = _booked_by_hand(world)
    checkout, booking = made["checkout"]["id"], made["booking"]["id"]
    begun = world.begin(client, checkout, "manual")
    shown(client, checkout)
    assert verify(owner, booking, False, reason="The slip is of last year.").status_code == 200
    shown(client, checkout, note="the right one")
    world.move(minutes=3)
    assert verify(owner, booking, True, evidence="On the statement of today").status_code == 200
    with world.rows() as session:
        [attempt] = session.query(Attempt)
        rejected, accepted = session.query(Proof).order_by(Proof.sent_at, Proof.decided_at)
        assert (attempt.gateway, attempt.status, attempt.failure) == ("manual", "paid", "")
        assert attempt.charge_ref == f"manual-{begun['attempt']['reference']}"
        assert "till 123456" in attempt.step["text"]
        assert (rejected.status, rejected.reason) == ("rejected", "The slip is of last year.")
        assert (accepted.status, accepted.decided_by) == ("accepted", owner.user_id)
        assert accepted.decided_at > rejected.decided_at >= rejected.sent_at
        moves = session.query(Change).where(Change.subject == "attempt").order_by(Change.id)
        assert [move.to_status for move in moves] == ["created", "processing", "failed", "processing", "paid"]
        [last] = session.query(Change).where(Change.subject == "proof", Change.to_status == "accepted")
        assert (last.actor, last.actor_id, last.why) == ("practitioner", owner.user_id, "On the statement of today")
        news = session.query(InboxEntry).order_by(InboxEntry.id)
        assert [(e.kind, e.source) for e in news] == [("manual.rejected", "staff"), ("manual.verified", "staff")]


def test_the_client_reads_why_and_shows_another(world: World) -> None:
    """S3-31: a rejected proof ends nothing; the same instructions can be paid again."""
    owner, client, made = _booked_by_hand(world)
    checkout, booking = made["checkout"]["id"], made["booking"]["id"]
    shown(client, checkout)
    answer = verify(owner, booking, False)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "reason_missing", "reason")
    assert verify(owner, booking, False, reason="Nothing came.").json["status"] == "awaiting_payment"
    [notice] = _told(world, "proof_rejected")
    assert (notice.user_id, notice.data["reason"]) == (client.user_id, "Nothing came.")
    [attempt] = world.checkout(client, checkout)["attempts"]
    assert (attempt["status"], attempt["failure"]) == ("failed", "declined")
    assert "bank" not in attempt["message"].lower()
    assert verify(owner, booking, False, reason="Again").status_code == 409
    again = world.begin(client, checkout, "manual")
    assert again["next"]["kind"] == "instructions"
    shown(client, checkout)
    assert verify(owner, booking, True).json["status"] == "confirmed"


@pytest.mark.parametrize("who", ["practitioner", "staff"])
def test_cash_in_hand_needs_no_proof_but_a_word(world: World, who: str) -> None:
    """S3-14, S3-31: practitioner or admin verify; without a proof they say how they know, and it is kept."""
    owner, _, made = _booked_by_hand(world)
    booking = made["booking"]["id"]
    person = owner if who == "practitioner" else world.person(Role.STAFF)
    answer = verify(person, booking, True)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "evidence_missing", "evidence")
    done = verify(person, booking, True, evidence="Cash at the desk, receipt 17")
    assert (done.json["status"], done.json["money"]) == ("confirmed", "paid")
    with world.rows() as session:
        [attempt] = session.query(Attempt)
        assert (attempt.gateway, attempt.status) == ("manual", "paid")
        [act] = session.query(Change).where(Change.subject == "act")
        assert (act.actor, act.actor_id, act.why) == (who, person.user_id, "Cash at the desk, receipt 17")
        [begun] = session.query(Change).where(Change.subject == "attempt", Change.to_status == "created")
        assert (begun.actor, begun.actor_id) == (who, person.user_id)


def test_cash_for_what_is_owed_after_the_session_settles_the_debt(world: World) -> None:
    """S3-31 with pay_after: the bill of a completed session is paid at the desk."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after", "KES"))
    booking = made["booking"]["id"]
    world.move(hours=48)
    assert owner.post(f"/bookings/{booking}/start").status_code == 200
    assert owner.post(f"/bookings/{booking}/complete").status_code == 200
    assert verify(owner, booking, True, evidence="Cash").json["money"] == "paid"
    assert len(_told(world, "due_paid")) == 2


def test_what_must_go_back_is_credit_at_once(world: World) -> None:
    """S3-31, report S10: nobody can send it back, so a cancelled booking's money is in the wallet in the same commit."""
    owner, client, made = _booked_by_hand(world)
    booking = made["booking"]["id"]
    shown(client, made["checkout"]["id"])
    assert verify(world.person(Role.STAFF), booking, True).json["status"] == "confirmed"
    assert owner.post(f"/bookings/{booking}/cancel", {"reason": "I am ill"}).json["status"] == "cancelled"
    [refund] = world.all(Refund)
    assert (refund.status, refund.means, refund.amount) == ("done", "wallet", 150_000)
    with world.rows():
        assert wallet.balance(db.session.get_one(User, client.user_id), "KES").amount == 150_000


def test_a_proof_is_sent_once_however_often_it_is_asked(world: World) -> None:
    """S3-7 and F21: an Idempotency-Key repeats the answer; another file under the same key is refused."""
    _, client, made = _booked_by_hand(world)
    checkout = made["checkout"]["id"]
    first = show(client, checkout, PNG, key="proof-1")
    again = show(client, checkout, PNG, key="proof-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert show(client, checkout, PDF, key="proof-1").json["code"] == "idempotency_key_reused"
    assert show(client, checkout).json["code"] == "proof_waiting"
    assert len(world.all(Proof)) == 1
