"""What time brings: reminders of sessions that stop on change, and one nudge for a bill that is left unpaid."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import config
from app.lib import clock
from app.models import Attempt, Booking, Channel, Checkout, Notification, Slot
from tests.support.world import Caller, World

TIMELY = ("session_reminder", "session_soon", "payment_nudge")


def _far(world: World, client: Caller, owner: Caller, **more: Any) -> datetime:
    """A confirmed session three days ahead: its start."""
    service = world.service(owner, **more)
    booking = world.booked(client, service, start=world.slots(service, 4)[-1]["start"])
    return datetime.fromisoformat(booking["start"])


def _to(world: World, moment: datetime) -> None:
    world.move(seconds=(moment - clock.now()).total_seconds())
    world.sweep()


def _told(world: World, caller: Caller) -> list[str]:
    return [kind for kind in world.notices(caller) if kind in TIMELY]


def _outcomes(world: World, kind: str) -> set[str]:
    return {each.outcome for notice in world.all(Notification) if notice.kind == kind for each in notice.deliveries}


def test_a_client_is_reminded_a_day_an_hour_and_ten_minutes_before_each_once(world: World) -> None:
    """S2-11."""
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(hours=24, seconds=20))
    assert _told(world, client) == []
    _to(world, start - timedelta(hours=24) + timedelta(seconds=20))
    world.sweep()
    assert (_told(world, client), _told(world, owner)) == (["session_reminder"], [])
    _to(world, start - timedelta(minutes=59))
    world.sweep()
    assert _told(world, client) == ["session_reminder"] * 2
    assert _told(world, owner) == ["session_reminder"]
    _to(world, start - timedelta(minutes=9))
    world.sweep()
    assert _told(world, client) == ["session_reminder", "session_reminder", "session_soon"]
    assert _told(world, owner) == ["session_reminder", "session_soon"]
    assert _outcomes(world, "session_soon") == {"sent"}
    soon = world.mails(world.email(client))[0]
    assert "/bookings/" in soon["text"], "the page, not the link of the meeting"
    assert len(world.texts()) == 3, "and an SMS each, which is how reminders come"
    _to(world, start + timedelta(minutes=1))
    assert len(_told(world, client)) == 3


def test_who_gives_a_group_hears_of_it_once_however_many_come(world: World) -> None:
    """One session, one message to the practitioner for each stage; every client has their own."""
    owner = world.practitioner()
    service = world.service(owner, places=6)
    start = world.slots(service, 4)[-1]["start"]
    clients = [world.person() for _ in range(4)]
    for client in clients:
        world.booked(client, service, start=start)
    for before in (timedelta(minutes=50), timedelta(minutes=9)):
        _to(world, datetime.fromisoformat(start) - before)
        world.sweep()
    assert _told(world, owner) == ["session_reminder", "session_soon"]
    assert [_told(world, client) for client in clients] == [["session_reminder", "session_soon"]] * 4


def test_a_session_moved_nearer_than_a_day_is_not_reminded_of_at_once(world: World) -> None:
    """The news of the move has said when it is; the next stage comes in its time."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, free_moves=1, free_move_hours=1)
    booking = world.booked(client, service, start=world.slots(service, 6)[-1]["start"])
    world.move(hours=40)
    times = (datetime.fromisoformat(slot["start"]) for slot in world.slots(service))
    near = next(each for each in times if each > clock.now() + timedelta(hours=13))
    assert near < clock.now() + timedelta(hours=24)
    moved = client.post(f"/bookings/{booking['id']}/reschedule", {"start": near.isoformat()})
    assert datetime.fromisoformat(moved.json["start"]) == near
    world.sweep()
    assert _told(world, client) == []
    _to(world, near - timedelta(minutes=50))
    assert _told(world, client) == ["session_reminder"]


def test_a_session_that_was_cancelled_is_not_reminded_of(world: World) -> None:
    """Complaint 23: cal.com#17785."""
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(hours=30))
    client.post(f"/bookings/{world.all(Booking)[0].id}/cancel")
    for before in (timedelta(hours=23), timedelta(minutes=50), timedelta(minutes=5)):
        _to(world, start - before)
    assert _told(world, client) == _told(world, owner) == []


def test_a_reminder_written_before_the_change_is_dropped_when_it_is_sent(world: World, deaf: None) -> None:
    """Complaint 23: re-read at the moment of sending."""
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(hours=23))
    assert _outcomes(world, "session_reminder") == {""}
    client.post(f"/bookings/{world.all(Booking)[0].id}/cancel")
    world.move(minutes=2)
    _mend(world)
    world.sweep()
    assert _outcomes(world, "session_reminder") == {"stale"}


def test_a_session_that_was_moved_is_reminded_of_at_its_new_time_only(world: World, deaf: None) -> None:
    """Complaint 23, S2-20: what was written for the old time is dropped, by mail and by SMS."""
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(hours=23))
    _shift(world, timedelta(hours=48))
    world.move(minutes=2)
    _mend(world)
    world.sweep()
    assert _outcomes(world, "session_reminder") == {"stale"}
    _to(world, start + timedelta(hours=25))
    assert _told(world, client) == ["session_reminder"] * 2
    newest = world.mails(world.email(client))[0]
    assert f"{start + timedelta(hours=48, minutes=0):%-d %b %Y}" in newest["text"]


def test_a_session_moved_into_the_next_hours_is_not_reminded_of_for_the_day_before(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(hours=30))
    _shift(world, timedelta(hours=-26))
    world.sweep()
    assert _told(world, client) == []
    _to(world, start - timedelta(hours=26, minutes=59))
    assert _told(world, client) == ["session_reminder"]


def test_a_reminder_nobody_could_send_in_time_is_not_sent_after_the_start(world: World, deaf: None) -> None:
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(minutes=9))
    _mend(world)
    _to(world, start + timedelta(seconds=30))
    assert _outcomes(world, "session_soon") == {"stale"}


def test_who_books_at_short_notice_gets_only_what_lies_ahead(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    slot = datetime.fromisoformat(world.slots(service, 2)[0]["start"])
    _to(world, slot - timedelta(minutes=40))
    booking = world.booked(client, service, start=slot.isoformat())
    assert booking["status"] == "confirmed"
    world.sweep()
    assert _told(world, client) == []
    _to(world, slot - timedelta(minutes=10))
    assert _told(world, client) == ["session_soon"]


def test_after_an_outage_there_is_one_reminder_and_not_all_at_once(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(minutes=45))
    assert _told(world, client) == ["session_reminder"]


def test_a_status_change_does_not_repeat_a_reminder(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start - timedelta(hours=23))
    with world.rows() as session:
        session.query(Booking).one().version += 2
        session.commit()
    world.sweep()
    assert _told(world, client) == ["session_reminder"]


@pytest.mark.parametrize("change", [datetime(2027, 3, 28, 12, tzinfo=UTC), datetime(2027, 10, 31, 12, tzinfo=UTC)])
def test_on_a_day_the_clocks_change_it_is_still_a_day_of_24_hours(world: World, change: datetime) -> None:
    """Complaint 25: both directions, with the wall times of both sides."""
    world.move(seconds=(change - timedelta(days=2) - clock.now()).total_seconds())
    client, owner = world.person(zone="Europe/Paris"), world.practitioner(zone="America/New_York")
    service = world.service(owner)
    start = next(s["start"] for s in world.slots(service, 3) if s["start"].startswith(f"{change:%Y-%m-%d}T12"))
    world.booked(client, service, start=start)
    _to(world, change - timedelta(hours=24, minutes=1))
    assert _told(world, client) == []
    _to(world, change - timedelta(hours=23, minutes=59))
    assert _told(world, client) == ["session_reminder"]
    paris = "14:00 CEST" if change.month == 3 else "13:00 CET"
    assert paris in world.mails(world.email(client))[0]["text"]
    assert paris in world.texts()[0]["text"]


def test_reminders_can_be_set_and_switched_off_for_the_whole_house(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    before = world.app.config["REMINDERS"]
    try:
        world.app.config["REMINDERS"] = ()
        _to(world, start - timedelta(hours=2))
        assert _told(world, client) == []
    finally:
        world.app.config["REMINDERS"] = before


def test_the_setting_is_hours_and_minutes_and_anything_else_stops_the_start() -> None:
    read = {
        text: config.from_environment({"KIKAO_REMINDERS": text})["REMINDERS"] for text in ("1,24", "10m, 2h", "off")
    }
    assert read["1,24"] == (timedelta(hours=24), timedelta(hours=1))
    assert read["10m, 2h"] == (timedelta(hours=2), timedelta(minutes=10))
    assert read["off"] == ()
    for wrong in ("soon", "0", "1,,2", "-1", "m"):
        with pytest.raises(config.ConfigError, match="KIKAO_REMINDERS"):
            config.from_environment({"KIKAO_REMINDERS": wrong})


# ------------------------------------------------------------------------------------------------ bills


def test_who_leaves_a_bill_unpaid_is_nudged_once_after_ten_minutes(world: World) -> None:
    """Complaint 23, for the shortest hold of a quarter of an hour."""
    client = world.person()
    world.book(client, world.service(world.practitioner()))
    world.move(minutes=9, seconds=30)
    world.sweep()
    assert _told(world, client) == []
    world.move(minutes=1)
    world.sweep()
    world.sweep()
    assert _told(world, client) == ["payment_nudge"]
    [mail] = world.mails(world.email(client))
    assert f"/checkouts/{world.all(Checkout)[0].id}" in mail["text"]
    assert len(world.texts()) == 1


def test_who_has_paid_or_cancelled_is_not_nudged(world: World) -> None:
    """Complaint 23: cal.com#11272."""
    paid, cancelled, service = world.person(), world.person(), world.service(world.practitioner())
    world.booked(paid, service)
    made = world.book(cancelled, service, world.start(service, 3))
    cancelled.post(f"/bookings/{made['booking']['id']}/cancel")
    world.move(minutes=10, seconds=30)
    world.sweep()
    assert _told(world, paid) == _told(world, cancelled) == []


def test_who_pays_after_the_nudge_was_written_gets_it_no_more(world: World, deaf: None) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    world.move(minutes=10, seconds=20)
    world.sweep()
    assert _outcomes(world, "payment_nudge") == {""}
    world.act(world.begin(client, made["checkout"]["id"]))
    _mend(world)
    world.move(minutes=2)
    world.sweep()
    assert _outcomes(world, "payment_nudge") == {"stale"}


def test_while_a_payment_is_under_way_nobody_is_nudged(world: World, deaf: None) -> None:
    client, other = world.person(), world.person()
    service = world.service(world.practitioner())
    begun = world.book(client, service)
    world.begin(client, begun["checkout"]["id"])
    late = world.book(other, service, world.start(service, 3))
    world.move(minutes=10, seconds=20)
    world.sweep()
    assert (_told(world, client), _told(world, other)) == ([], ["payment_nudge"])
    world.begin(other, late["checkout"]["id"])
    assert {a.status for a in world.all(Attempt)} == {"processing"}
    _mend(world)
    world.move(seconds=40)
    world.sweep()
    assert _outcomes(world, "payment_nudge") == {"stale"}


def test_when_there_is_no_time_left_to_pay_nobody_is_hurried(world: World) -> None:
    client, hasty = world.person(), world.person()
    owner = world.practitioner()
    world.book(client, world.service(owner))
    short = world.service(owner, hold_minutes=10, title="Short")
    world.book(hasty, short, world.start(short, 3))
    world.move(minutes=9, seconds=55)
    world.sweep()
    world.move(minutes=3)
    world.sweep()
    assert _told(world, client) == _told(world, hasty) == []


def test_after_an_approval_the_nudge_waits_for_half_of_the_time(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay")
    made = world.book(client, service, world.slots(service, 4)[-1]["start"])
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    checkout = world.all(Checkout)[0]
    half = (checkout.expires_at - checkout.created_at) / 2
    assert half > timedelta(hours=1)
    _to(world, checkout.created_at + timedelta(hours=1))
    assert _told(world, client) == []
    _to(world, checkout.created_at + half + timedelta(minutes=1))
    assert _told(world, client) == ["payment_nudge"]


# ------------------------------------------------------------------------------------------------ the session's own steps


def test_each_side_hears_what_the_other_did_with_the_session(world: World) -> None:
    """S2-10, S2-13, S3-18: started, completed; and whoever did it is not told their own deed."""
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    path = f"/bookings/{world.all(Booking)[0].id}"
    _to(world, start)
    assert owner.post(f"{path}/start").status_code == 200
    world.sweep()
    assert "session_started" in world.notices(client)
    assert "session_started" not in world.notices(owner)
    assert "/bookings/" in world.mails(world.email(client))[0]["text"]
    assert owner.post(f"{path}/complete", {"notes": ""}).status_code == 200
    world.sweep()
    assert world.notices(client)[-1] == "session_completed"
    assert "Thank you" in world.mails(world.email(client))[0]["text"]


def test_who_did_not_come_is_told_kindly(world: World) -> None:
    """S2-13: a text of its own."""
    client, owner = world.person(), world.practitioner()
    start = _far(world, client, owner)
    _to(world, start + timedelta(minutes=11))
    assert owner.post(f"/bookings/{world.all(Booking)[0].id}/no-show", {"reason": "waited"}).status_code == 200
    world.sweep()
    assert world.notices(client)[-1] == "session_no_show"
    mail = world.mails(world.email(client))[0]
    assert mail["subject"].startswith("We missed you")
    assert "waited for you" in mail["text"]


def test_a_session_paid_afterwards_is_told_of_by_its_bill_alone(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "pay_after")
    made = world.book(client, service)
    path = f"/bookings/{made['booking']['id']}"
    _to(world, datetime.fromisoformat(made["booking"]["start"]))
    owner.post(f"{path}/start")
    owner.post(f"{path}/complete", {"notes": ""})
    assert world.notices(client)[-1] == "payment_due"


def test_a_practitioner_who_said_yes_hears_that_it_was_not_paid(world: World) -> None:
    """S3-33: whoever must know."""
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "approve_then_pay"))
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    world.move(days=2)
    world.sweep()
    assert world.notices(client)[-1] == "booking_expired"
    assert world.notices(owner)[-1] == "booking_expired_practitioner"


# ------------------------------------------------------------------------------------------------ help


@pytest.fixture
def deaf(world: World) -> Iterator[None]:
    """Neither mails nor SMS go out until _mend."""
    smtp, carrier = world.app.config["SMTP_URL"], world.app.extensions["messenger"]
    world.app.config["SMTP_URL"] = "smtp://127.0.0.1:9"
    world.faults(gateway=carrier.code, route="send", fault="500", times=99)
    yield
    world.app.config["SMTP_URL"] = smtp


def _mend(world: World) -> None:
    world.app.config["SMTP_URL"] = f"smtp://127.0.0.1:{world.sandbox.smtp_port}"
    world.sandbox.sandbox.faults.clear()


def _shift(world: World, by: timedelta) -> None:
    """The session is at another time now, as after a move both sides agreed to."""
    with world.rows() as session:
        booking, slot = session.query(Booking).one(), session.query(Slot).one()
        booking.version += 1
        for row, names in ((booking, ("starts_at", "ends_at")), (slot, ("busy_from", "busy_until"))):
            for name in names:
                setattr(row, name, getattr(row, name) + by)
        slot.starts_at, slot.ends_at = slot.starts_at + by, slot.ends_at + by
        session.commit()


def test_both_copies_of_a_message_go_out_once_and_each_is_tried_again_by_itself(world: World) -> None:
    """S3-33: the carrier is away, the mail is not held up by it; then the SMS goes out and no second mail."""
    client = world.person()
    world.book(client, world.service(world.practitioner()))
    world.faults(gateway="africastalking", route="send", fault="500")
    world.move(minutes=10, seconds=20)
    world.sweep()
    [notice] = [each for each in world.all(Notification) if each.kind == "payment_nudge"]
    assert {each.channel: each.outcome for each in notice.deliveries} == {Channel.MAIL: "sent", Channel.SMS: ""}
    world.move(seconds=35)
    world.sweep()
    world.sweep()
    assert (len(world.mails(world.email(client))), len(world.texts())) == (1, 1)
