"""Messages: one row per cause, in the app at once, by mail once, and only while true."""

import contextlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app import clock
from app.extensions import db
from app.lifecycle import BookingStatus
from app.models import Booking, Notification, Role, User
from app.services import notices
from app.services.transaction import transaction
from tests.support.world import Caller, World


def _tell(world: World, caller: Caller, cause: str = "a", kind: str = "registration_attempt") -> None:
    with world.app.app_context(), transaction():
        notices.tell(caller.user_id, kind, cause=cause)


def _kinds(world: World, caller: Caller) -> list[str]:
    rows = [n for n in world.all(Notification) if n.user_id == caller.user_id]
    return [n.kind for n in sorted(rows, key=lambda n: n.id)]


def test_one_cause_is_told_once_however_often_it_happens(world: World) -> None:
    """S8-F12, invariant 6."""
    client = world.person()
    for cause in ("a", "a", "b", "a"):
        _tell(world, client, cause)
    assert len(world.all(Notification)) == 2
    world.sweep()
    world.sweep()
    assert len(world.mails(world.email(client))) == 2


def test_two_who_tell_the_same_at_once_leave_one_row(world: World) -> None:
    client = world.person()
    gate = threading.Barrier(8)

    def run() -> None:
        gate.wait()
        with contextlib.suppress(IntegrityError):  # PostgreSQL refuses the second row: that is the point
            _tell(world, client)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.all(Notification)) == 1


def test_both_sides_hear_of_a_booking_from_request_to_cancellation(world: World) -> None:
    """S3-18, S2-22."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "approve_then_pay"))
    path = f"/bookings/{made['booking']['id']}"
    owner.post(f"{path}/approve")
    world.act(world.begin(client, world.booking(client, made["booking"]["id"])["checkout_id"]))
    client.post(f"{path}/cancel", {"reason": "ill"})
    assert _kinds(world, client)[:3] == ["request_sent", "request_approved", "booking_confirmed"]
    assert _kinds(world, owner)[:2] == ["request_received", "booking_confirmed_practitioner"]
    assert "booking_cancelled" in _kinds(world, client)
    assert "booking_cancelled" in _kinds(world, owner)


def test_the_client_is_told_why_a_request_was_declined(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "approve_then_pay"))
    owner.post(f"/bookings/{made['booking']['id']}/decline", {"reason": "I am travelling that week"})
    world.sweep()
    assert "request_declined" in _kinds(world, client)
    assert "I am travelling that week" in world.mails(world.email(client))[0]["text"]


def test_both_sides_hear_that_a_request_was_never_answered(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    world.book(client, world.service(owner, "approve_then_pay"))
    world.move(hours=25)
    world.sweep()
    assert _kinds(world, client)[-1] == _kinds(world, owner)[-1] == "request_unanswered"


@pytest.mark.parametrize("kind", sorted(notices.STILL_TRUE))
def test_a_message_is_true_only_while_its_booking_stands_as_it_says(world: World, kind: str) -> None:
    """Complaint 23: for every status there is."""
    client, service = world.person(), world.service(world.practitioner())
    made = world.booked(client, service)
    world.sweep()
    for status in BookingStatus:
        with world.app.app_context():
            with transaction() as session:
                booking = session.query(Booking).one()
                booking.status, booking.version = status, booking.version + 1
                notices.tell(client.user_id, kind, booking=booking, cause=status.value)
            [notice_id] = notices.due()
            notices.deliver(notice_id)
            db.session.expire_all()
            outcome = db.session.get_one(Notification, notice_id).outcome
        assert (outcome == "sent") == (status in notices.STILL_TRUE[kind]), (status, outcome)
    assert made["id"]


def test_every_kind_of_message_belongs_to_known_statuses(world: World) -> None:
    for kind, allowed in notices.STILL_TRUE.items():
        assert allowed, kind
        assert allowed <= set(BookingStatus)


def test_messages_are_in_the_app_at_once_and_unread_until_seen(world: World) -> None:
    client = world.person()
    for cause in "abc":
        _tell(world, client, cause)
    with world.rows() as session:
        user = session.get_one(User, client.user_id)
        assert notices.unread(user) == 3
        ids = [notice.id for notice in notices.for_user(user)]
        assert ids == sorted(ids, reverse=True)
        assert len(notices.for_user(user, limit=2)) == 2
        notices.mark_read(user)
        assert notices.unread(user) == 0
    assert all(not notice.outcome for notice in world.all(Notification)), "reading is not mailing"


def test_nobody_reads_or_clears_another_persons_messages(world: World) -> None:
    """Invariant 7."""
    client, stranger = world.person(), world.person()
    _tell(world, client)
    with world.rows() as session:
        other = session.get_one(User, stranger.user_id)
        assert notices.for_user(other) == []
        notices.mark_read(other)
        assert notices.unread(session.get_one(User, client.user_id)) == 1


def test_staff_are_told_each_and_others_not(world: World) -> None:
    first, second, closed = (world.person(Role.STAFF) for _ in range(3))
    client = world.person()
    with world.rows() as session:
        session.get_one(User, closed.user_id).active = False
        session.commit()
    with world.app.app_context(), transaction():
        notices.tell_staff("refund_failed", cause="x")
    told = {notice.user_id for notice in world.all(Notification)}
    assert told == {first.user_id, second.user_id}
    assert client.user_id not in told


def test_what_waits_is_delivered_oldest_first(world: World) -> None:
    client = world.person()
    for cause in "abc":
        _tell(world, client, cause)
    with world.app.app_context():
        assert notices.due() == sorted(notices.due())
        [first, *_] = notices.due()
        notices.deliver(first)
        assert first not in notices.due()


def test_a_claimed_message_is_left_alone_for_five_minutes(world: World) -> None:
    """S8-F05."""
    client = world.person()
    _tell(world, client)
    with world.app.app_context():
        with transaction() as session:
            session.query(Notification).one().claimed_at = clock.now()
        assert notices.due() == []
    world.move(minutes=5, seconds=1)
    with world.app.app_context():
        assert len(notices.due()) == 1


def test_without_a_mail_server_people_read_in_the_app_and_nothing_waits(world: World) -> None:
    client = world.person()
    before = world.app.config["SMTP_URL"]
    world.app.config["SMTP_URL"] = ""
    try:
        _tell(world, client)
        world.sweep()
    finally:
        world.app.config["SMTP_URL"] = before
    assert world.mails() == []
    assert [notice.outcome for notice in world.all(Notification)] == ["sent"]
    assert world.sweep()["notices"] == 0


def test_a_repeated_mail_has_the_same_message_id_and_another_mail_another(world: World) -> None:
    """S8-F05: a mail program shows a crash's second copy as the same mail."""
    client = world.person()
    _tell(world, client, "a")
    _tell(world, client, "b")
    world.sweep()
    with world.rows() as session:
        first = session.query(Notification).order_by(Notification.id).first()
        first.mailed_at = first.claimed_at = None
        session.commit()
    world.sweep()
    headers = [dict(mail["headers"]) for mail in world.mails()]
    assert len(headers) == 3
    assert len({header["Message-ID"] for header in headers}) == 2


def test_a_name_cannot_add_a_header_or_a_receiver(world: World) -> None:
    client = world.person(name="Wanjiku\r\nBcc: everyone@people.test")
    _tell(world, client)
    world.sweep()
    [mail] = world.mails()
    assert mail["to"] == [world.email(client)]
    assert "Bcc" not in dict(mail["headers"])


def test_a_mail_is_in_the_readers_language_and_zone(world: World) -> None:
    """Complaint: times without a zone."""
    client = world.person(zone="Asia/Kolkata")
    world.booked(client, world.service(world.practitioner()))
    world.sweep()
    english = world.mails(world.email(client))[0]
    with world.rows() as session:
        session.get_one(User, client.user_id).language = "fr"
        first = session.query(Notification).filter_by(user_id=client.user_id).one()
        first.mailed_at = first.claimed_at = None
        session.commit()
    world.sweep()
    french = world.mails(world.email(client))[0]
    assert french["subject"] != english["subject"]
    assert "IST" in english["text"]


def test_old_news_is_dropped_after_three_days(world: World) -> None:
    client = world.person()
    _tell(world, client)
    world.move(days=3, seconds=5)
    world.sweep()
    assert [notice.outcome for notice in world.all(Notification)] == ["stale"]
    [row] = world.all(Notification)
    assert row.created_at < clock.now() - timedelta(days=3)
