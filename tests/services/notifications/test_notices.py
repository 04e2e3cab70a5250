"""Messages: one row per cause, in the app at once, by mail once, and only while true."""

import contextlib
import threading
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import words
from app.domain.lifecycle import BookingStatus
from app.extensions import db
from app.lib import clock
from app.models import Booking, Delivery, Notification, Role, User
from app.services.core.transaction import transaction
from app.services.ledger import refunds
from app.services.notifications import mail, notices
from app.services.notifications.message_kinds import ALWAYS_TRUE, KINDS
from tests.support.late import late_payment
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

ID = "00000000-0000-4000-8000-000000000000"
_ANY_STATUS = ALWAYS_TRUE.bookings
_SUM: dict[str, Any] = {"amount": 150_000, "currency": "KES"}
_LATE: dict[str, Any] = {**_SUM, "title": "x", "reason": "too_late", "checkout": ID, "refund": ID}
_PROOF: dict[str, Any] = {
    **_LATE,
    "reason": "The name is different",
    "who": "Wanjiku",
    "reference": "AB23",
    "proof": ID,
}
_MOVE = {"reschedule": ID, "to": "2026-11-23T10:00:00+00:00", "was": "2026-11-22T10:00:00+00:00"}
SAMPLES: dict[str, dict[str, Any]] = {
    "question_waits": {"who": "Dr. Amina", "until": "2026-11-23T10:00:00+00:00"},
    "address_changed": {"address": "old@people.test", "name": "Wanjiku"},
    "review_opened": {"reason": "amount", "reference": "AB23"},
    "booking_cancelled": {"back": 6_000, "credited": 1_000},
    "calendar_unread": {"name": "calendar.example", "problem": "no_answer", "since": "2026-11-21T10:00:00+00:00"},
    "payment_returned": _LATE,
    "payment_returned_practitioner": _LATE,
    "payment_offer": _LATE | {"until": "2026-11-22T10:00:00+00:00"},
    "payment_credited": _LATE | {"reason": "staff:1"},
    "refund_done": _LATE,
    "refund_delayed": _LATE,
    "refund_in_hand": _LATE | {"who": "Dr. Amina"},
    "give_back": _LATE | {"who": "Wanjiku"},
    "refund_failed": _LATE | {"reference": "AB23"},
    "refund_elsewhere": _LATE | {"reference": "AB23"},
    **dict.fromkeys(
        ("refund_silent", "refund_unclear", "refund_withheld", "refund_no_balance", "refund_no_access"),
        _LATE | {"reference": "AB23"},
    ),
    "refund_waived": _LATE | {"reference": "AB23", "who": "Wanjiku", "evidence": "It was reversed at the portal"},
    "payment_challenged": _SUM | {"dispute": 1, "who": "Wanjiku", "due": "2026-11-23T10:00:00+00:00"},
    "dispute_opened": _SUM | {"reference": "AB23", "dispute": 1, "due": "2026-11-23T10:00:00+00:00"},
    "dispute_ended": _SUM | {"reference": "AB23", "dispute": 1, "end": "lost"},
    "dispute_deadline": _SUM | {"reference": "AB23", "dispute": 1, "due": "2026-11-23T10:00:00+00:00"},
    "callbacks_silent": {"gateway": "mpesa", "count": 3},
    "account_trouble": {"troubles": ["The key has ended."], "sentence": "The key has ended."},
    "webhooks_lost": {"gateway": "stripe", "count": 3},
    "books_restored": {"since": "2026-11-21T10:00:00+00:00", "name": "M-Pesa, Bank or cash"},
    "audit_breach": {"sentence": "no wallet is below zero"},
    "payment_due": _SUM | {"checkout": ID},
    "due_paid": _SUM,
    "attendee_away": {"name": "Otieno"},
    "attendee_comes": {"name": "Otieno"},
    "fee_due": _SUM | {"checkout": ID},
    "difference_due": _SUM | {"checkout": ID},
    "debt_waived": _SUM | {"checkout": ID},
    **dict.fromkeys(("lost_credit_due", "lost_credit_paid"), _SUM | {"checkout": ID}),
    **dict.fromkeys(("reschedule_proposed", "reschedule_rejected", "reschedule_unanswered", "booking_moved"), _MOVE),
    "payment_failed": _SUM | {"checkout": ID, "title": "Session"},
    "payment_nudge": _SUM | {"checkout": ID},
    "topped_up": _SUM | {"checkout": ID},
    **dict.fromkeys(("gift_bought", "gift_received", "gift_redeemed"), _SUM | {"gift": ID}),
    **dict.fromkeys(("package_bought", "package_sold"), _SUM | {"package": ID, "who": "Amina", "count": 5}),
    "package_expired": _SUM | {"package": ID, "who": "Amina"},
    "wait_over": {"who": "Dr. Amina", "slug": "amina", "to": _MOVE["to"]},
    "group_emptied": _MOVE | {"left": ["2026-11-22T10:00:00+00:00", "2026-11-22T11:00:00+00:00"]},
    "session_returned": _SUM | {"reason": "staff:1"},
    "payout_done": _SUM | {"evidence": "Sent by bank, reference 77"},
    "payout_refused": _SUM | {"evidence": "This account does not exist"},
    "question_received": {"who": "Wanjiku", "consultation": ID},
    "question_sent": {"who": "Dr. Amina", "consultation": ID},
    "question_answered": {"who": "Dr. Amina", "consultation": ID},
    "prompt_unheard": _SUM | {"reference": "AB23"},
    "proof_received": _PROOF,
    "proof_waiting": _PROOF,
    "proof_rejected": _PROOF,
    "rating_received": {"rating": ID},
    "rating_answered": {"rating": ID},
    "rating_hidden": {"rating": ID, "reason": "It names another client"},
    "rating_shown": {"rating": ID},
}


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


def _told_while(world: World, reader: Caller, kind: str, status: BookingStatus) -> set[str | None]:
    """What becomes of the copies of a message that is told while its booking has this status."""
    with world.app.app_context():
        with transaction() as session:
            booking = session.query(Booking).one()
            booking.status, booking.version = status, booking.version + 1
            notices.tell(reader.user_id, kind, booking=booking, cause=status.value, data=SAMPLES.get(kind))
        waiting = notices.due()
        for delivery_id in waiting:
            notices.deliver(delivery_id)
        db.session.expire_all()
        return {db.session.get_one(Delivery, delivery_id).outcome for delivery_id in waiting}


def test_a_message_is_true_only_while_its_booking_stands_as_it_says(world: World) -> None:
    """Complaint 23: for every kind and every status there is."""
    client, service = world.person(), world.service(world.practitioner())
    staff = world.person(Role.STAFF)  # who reads every kind
    made = world.booked(client, service)
    world.sweep()
    told = {
        (kind, status): _told_while(world, staff, kind, status)
        for kind, row in KINDS.items()
        if row.still_true.bookings != _ANY_STATUS
        for status in BookingStatus
    }
    assert len(told) > 20 * len(BookingStatus)
    for (kind, status), outcomes in told.items():
        assert outcomes == {"sent" if status in KINDS[kind].still_true.bookings else "stale"}, (kind, status)
    with world.rows() as session:
        session.query(Booking).one().status = BookingStatus(made["status"])  # as the trail has it
        session.commit()


def test_every_message_can_be_written_to_both_sides_and_names_no_health_word(world: World) -> None:
    """Complaint 23, and discreet: a subject line others may see names no service."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner, title="Grief counselling"))
    for reader in (client, owner):
        with world.rows() as session:
            booking, user = session.query(Booking).one(), session.get_one(User, reader.user_id)
            for kind, row in KINDS.items():
                about = booking if row.of_booking else None
                notice = Notification(kind=kind, data=SAMPLES.get(kind, {}))
                values = {**notice.data, "booking": about, "notice": notice}
                subject, text, _html = mail.compose(user, kind, values)
                assert len(subject) > 5, kind
                assert text.startswith("Hello "), kind
                assert "Grief" not in subject + text, kind
                assert "None" not in subject + text, kind


def test_every_message_stands_in_the_list_with_a_page_to_go_to(world: World) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    staff = world.person(Role.STAFF)
    kinds = list(KINDS)
    for first in range(0, len(kinds), 40):  # the list shows the newest fifty
        _stand_in_the_list(world, staff, kinds[first : first + 40])


def _stand_in_the_list(world: World, reader: Caller, kinds: list[str]) -> None:
    with world.app.app_context(), transaction() as session:
        booking = session.query(Booking).one()
        for kind in kinds:
            about = booking if KINDS[kind].of_booking else None
            notices.tell(reader.user_id, kind, booking=about, cause="list", data=SAMPLES.get(kind))
    page = Visitor(world, reader).main("/notices")
    for kind in kinds:
        sentence = words.NOTICES[kind]
        first = str(sentence).split("%(")[0].strip() or str(sentence).split(")s")[1].split("%(")[0].strip()
        assert first in page, kind


def test_a_choice_that_was_made_is_not_offered_by_mail_any_more(world: World) -> None:
    """Re-read at send time: by the refund, not only by the booking."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book")
    made = late_payment(world, client, service)
    client.post(f"/checkouts/{made['checkout']['id']}/offer", {"choice": "credit"})
    world.sweep()
    [row] = [n for n in world.all(Notification) if n.kind == "payment_offer"]
    assert row.outcome == "stale"


def test_a_late_payer_is_told_what_there_is_to_choose_and_until_when(world: World) -> None:
    """Complaint 5."""
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book")
    made = late_payment(world, client, service)
    world.sweep()
    text = next(m["text"] for m in world.mails(world.email(client)) if "choose what happens" in m["subject"])
    assert f"/checkouts/{made['checkout']['id']}" in text
    assert "it is refunded automatically" in text


def test_the_mail_about_a_cancelled_booking_says_how_much_comes_back_and_how(world: World) -> None:
    """Complaint 20, S2-22."""
    client, service = world.person(), world.service(world.practitioner(), currency="KES", free_cancel_hours=0)
    booking = world.booked(client, service, "mpesa")
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    text = next(m["text"] for m in world.mails(world.email(client)) if m["subject"].startswith("Cancelled"))
    assert "You get KES 1,500 back." in text.replace("\xa0", " ")
    assert "to where it was paid from" in text


def test_a_failed_refund_is_not_called_on_its_way_by_the_mail_that_comes_after_it(world: World) -> None:
    """Complaint 20: the mail is written when it is sent, from the rows."""
    client, service = world.person(), world.service(world.practitioner(), free_cancel_hours=0)
    booking = world.booked(client, service)
    world.faults(gateway="stripe", route="refund", fault="refund_failed", times=9)
    client.post(f"/bookings/{booking['id']}/cancel")
    with world.app.app_context():
        [due] = refunds.due()
        refunds.send(due)
    world.settle()
    world.sweep()
    text = next(m["text"] for m in world.mails(world.email(client)) if m["subject"].startswith("Cancelled"))
    assert "Our staff are dealing with it" in text
    assert "will be refunded" not in text
    assert "on its way" not in text


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
            session.query(Delivery).one().claimed_at = clock.now()
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
        first = session.query(Delivery).order_by(Delivery.id).first()
        first.done_at = first.claimed_at = None
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
        first = session.query(Notification).filter_by(user_id=client.user_id).one().mail
        first.done_at = first.claimed_at = None
        session.commit()
    world.sweep()
    french = world.mails(world.email(client))[0]
    assert french["subject"] != english["subject"]
    assert "IST" in english["text"]


def test_a_mail_names_the_day_and_hour_of_its_reader(world: World) -> None:
    """Complaint: times without a zone. 20:00 UTC is 23:00 that day in Nairobi and 01:30 of the next in Kolkata."""
    client, owner = world.person(zone="Asia/Kolkata"), world.practitioner()
    start = (clock.now() + timedelta(days=2)).replace(hour=20, minute=0, second=0, microsecond=0)
    world.booked(client, world.service(owner, minutes=30), start=start.isoformat())
    world.sweep()
    theirs, ours = (world.mails(world.email(who))[0]["text"] for who in (client, owner))
    for day, hours, text in ((start, "23:00–23:30 EAT", ours), (start + timedelta(days=1), "01:30–02:00 IST", theirs)):
        assert f"{day:%a} {day.day} {day:%b %Y}, {hours}" in text


def test_old_news_is_dropped_after_three_days(world: World) -> None:
    client = world.person()
    _tell(world, client)
    world.move(days=3, seconds=5)
    world.sweep()
    assert [notice.outcome for notice in world.all(Notification)] == ["stale"]
    [row] = world.all(Notification)
    assert row.created_at < clock.now() - timedelta(days=3)
