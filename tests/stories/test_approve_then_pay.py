"""S3: the practitioner approves first, then the client pays by M-Pesa; both are told at each step."""

import pytest

from app.models import Booking, Change, Role
from tests.support.world import Caller, World


def _request(world: World) -> tuple[Caller, Caller, dict[str, object]]:
    practitioner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(practitioner, "approve_then_pay", "KES"))
    assert made["checkout"] is None
    return practitioner, client, made["booking"]


def test_the_whole_flow_from_request_to_confirmed(world: World) -> None:
    """S3-2, S3-3 (one call, no alias), S3-18, S3-19, S3-20, S3-30, S3-32, S3-33.

    Request, approve, STK push, callback, confirmed; a mail to each side at each step.
    """
    practitioner, client, booking = _request(world)
    assert booking["status"] == "pending_approval"
    world.sweep()
    assert [b["id"] for b in practitioner.get("/bookings", status="pending_approval").json] == [booking["id"]]
    approved = practitioner.post(f"/bookings/{booking['id']}/approve")
    assert (approved.status_code, approved.json["status"]) == (200, "awaiting_payment")
    world.sweep()
    checkout_id = world.booking(client, str(booking["id"]))["checkout_id"]
    begun = world.begin(client, checkout_id, "mpesa", phone="0712 345 678")
    assert begun["next"]["kind"] == "wait_for_push"
    assert begun["next"]["phone"] == "0712 xxx 678"
    world.act(begun)
    assert world.booking(client, str(booking["id"]))["status"] == "confirmed"
    world.sweep()
    subjects = [mail["subject"] for mail in world.mails(world.email(client))]
    assert len(subjects) == 3
    assert "Confirmed" in subjects[0]
    assert len(world.mails(world.email(practitioner))) == 2


def test_a_request_can_be_listed_and_read_by_its_two_sides_only(world: World) -> None:
    """S3-4, S3-5, S3-11."""
    practitioner, client, booking = _request(world)
    for side in (practitioner, client, world.person(Role.STAFF)):
        assert side.get(f"/bookings/{booking['id']}").status_code == 200
    for stranger in (world.person(), world.practitioner(name="Another")):
        assert stranger.get(f"/bookings/{booking['id']}").status_code == 404
        assert stranger.get("/bookings").json == []


def test_declining_needs_a_reason_and_frees_the_place(world: World) -> None:
    """S3-13."""
    practitioner, client, booking = _request(world)
    empty = practitioner.post(f"/bookings/{booking['id']}/decline", {"reason": "  "})
    assert (empty.status_code, empty.json["field"]) == (422, "reason")
    declined = practitioner.post(f"/bookings/{booking['id']}/decline", {"reason": "I am away that week."})
    assert declined.json["status"] == "declined"
    assert world.booking(client, str(booking["id"]))["reason"] == "I am away that week."
    assert world.live_places() == 0


@pytest.mark.parametrize("action", ["approve", "decline"])
def test_only_the_practitioner_answers(world: World, action: str) -> None:
    """S3-12, S3-35: a stranger gets 404, the client 409; nothing changed."""
    _, client, booking = _request(world)
    path, body = f"/bookings/{booking['id']}/{action}", {"reason": "because"}
    assert world.practitioner(name="Another").post(path, body).status_code == 404
    assert client.post(path, body).status_code == 409
    assert world.booking(client, str(booking["id"]))["status"] == "pending_approval"


def test_paying_before_approval_is_not_possible(world: World) -> None:
    """S3-19: only when approved and unpaid."""
    _, client, booking = _request(world)
    seen = world.booking(client, str(booking["id"]))
    assert seen["checkout_id"] is None
    assert "pay" not in seen["allowed_actions"]


def test_approving_twice_is_409_and_changes_nothing(world: World) -> None:
    """Complaint 16."""
    practitioner, client, booking = _request(world)
    assert practitioner.post(f"/bookings/{booking['id']}/approve").status_code == 200
    again = practitioner.post(f"/bookings/{booking['id']}/approve")
    assert (again.status_code, again.json["code"]) == (409, "not_allowed")
    assert world.booking(client, str(booking["id"]))["status"] == "awaiting_payment"


def test_an_unanswered_request_ends_by_itself_and_both_are_told(world: World) -> None:
    practitioner, client, booking = _request(world)
    world.move(hours=25)
    assert world.booking(client, str(booking["id"]))["status"] == "expired"
    late = practitioner.post(f"/bookings/{booking['id']}/approve")
    assert (late.status_code, late.json["code"]) == (409, "not_allowed")
    world.sweep()
    [row] = world.all(Booking)
    assert row.status == "expired"
    assert world.mails(world.email(client))
    assert world.mails(world.email(practitioner))


def test_a_request_keeps_its_place_so_two_cannot_both_be_approved(world: World) -> None:
    """Acceptance criterion 16, S3-29, complaint 16."""
    practitioner, first, second = world.practitioner(), world.person(), world.person()
    service = world.service(practitioner, "approve_then_pay", "KES")
    start = world.start(service)
    world.book(first, service, start)
    answer = second.post("/bookings", {"service_id": service, "start": start})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")


def test_every_step_is_in_the_trail_with_who_and_when(world: World) -> None:
    """S3-34, invariant 4: one Change row per status change."""
    practitioner, client, booking = _request(world)
    practitioner.post(f"/bookings/{booking['id']}/approve")
    checkout_id = world.booking(client, str(booking["id"]))["checkout_id"]
    world.act(world.begin(client, checkout_id, "mpesa"))
    trail = [(c.from_status, c.to_status, c.actor) for c in world.all(Change) if c.subject == "booking"]
    assert trail == [
        ("", "pending_approval", "client"),
        ("pending_approval", "awaiting_payment", "practitioner"),
        ("awaiting_payment", "confirmed", "gateway"),
    ]
    [row] = world.all(Booking)
    assert row.version == 3


def test_deleting_a_session_marks_it_and_never_deletes(world: World) -> None:
    """S3-6."""
    practitioner, client, booking = _request(world)
    assert client.post(f"/bookings/{booking['id']}/cancel").json["status"] == "cancelled"
    assert len(world.all(Booking)) == 1
    assert practitioner.get(f"/bookings/{booking['id']}").json["status"] == "cancelled"


def test_an_approval_does_not_confirm_and_a_declined_request_is_never_charged(world: World) -> None:
    """Complaints 14 and 15: the payer's page is closed with the no, and nothing can be paid on it."""
    practitioner, client, booking = _request(world)
    practitioner.post(f"/bookings/{booking['id']}/approve")
    world.begin(client, world.booking(client, str(booking["id"]))["checkout_id"], "stripe")
    practitioner.post(f"/bookings/{booking['id']}/decline", {"reason": "An emergency came up."})
    world.settle()
    assert [session["status"] for session in world.sandbox.sandbox.store.all("session")] == ["expired"]
    world.sweep()
    assert (world.money_taken(), world.booking(client, str(booking["id"]))["status"]) == ([], "declined")


def test_what_is_paid_after_a_no_goes_back_whole(world: World) -> None:
    """Complaint 14: a prompt that lies on a phone cannot be taken back; the net charge is 0 all the same."""
    practitioner, client, booking = _request(world)
    practitioner.post(f"/bookings/{booking['id']}/approve")
    begun = world.begin(client, world.booking(client, str(booking["id"]))["checkout_id"], "mpesa")
    practitioner.post(f"/bookings/{booking['id']}/decline", {"reason": "An emergency came up."})
    world.act(begun)
    for _ in range(2):
        world.sweep()
        world.settle()
    money = [(entry["kind"], entry["amount"]) for entry in world.money_taken()]
    assert money == [("capture", 150_000), ("refund", 150_000)]
    assert world.booking(client, str(booking["id"]))["status"] == "declined"
