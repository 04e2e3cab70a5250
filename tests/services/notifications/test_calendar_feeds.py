"""Sessions in people's own calendars: with the mails, and as a file."""

from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from app.lib import clock
from app.models import Booking, User
from tests.support.late import late_payment
from tests.support.visitor import Visitor
from tests.support.world import Caller, World


def _entries(world: World, who: Caller) -> list[tuple[str, Event]]:
    """Purpose and event of every calendar entry the person was mailed, oldest first."""
    found = []
    for mail in reversed(world.mails(world.email(who))):
        for each in mail["calendars"]:
            calendar = Calendar.from_ical(each["text"])
            [event] = calendar.walk("VEVENT")
            assert f'method="{calendar["METHOD"]}"' in each["type"]
            assert mail["attachments"] == ["cancelled.ics" if calendar["METHOD"] == "CANCEL" else "invitation.ics"]
            assert int(event["SEQUENCE"]) >= 1
            found.append((str(calendar["METHOD"]), event))
    return found


def _booked(world: World, client: Caller, owner: Caller, **more: Any) -> dict[str, Any]:
    booking = world.booked(client, world.service(owner, title="Grief counselling", **more))
    world.sweep()
    return booking


def test_both_sides_are_invited_and_uninvited_with_the_same_uid_and_a_higher_sequence(world: World) -> None:
    """Section 2, "Calendar out"; discreet: no service is named."""
    client, owner = world.person(), world.practitioner()
    booking = _booked(world, client, owner)
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    for who in (client, owner):
        (first, invited), (last, over) = _entries(world, who)
        assert (first, last) == ("REQUEST", "CANCEL")
        assert str(invited["UID"]) == str(over["UID"]) == booking["id"]
        assert int(over["SEQUENCE"]) > int(invited["SEQUENCE"])
        assert str(over["STATUS"]) == "CANCELLED"
        assert invited.start == datetime.fromisoformat(booking["start"])
        assert str(invited["ATTENDEE"]) == f"mailto:{world.email(who)}"
        assert "Grief" not in str(invited["SUMMARY"])
    assert str(_entries(world, client)[0][1]["SUMMARY"]) == "Session with Dr. Amina Otieno"


def test_who_was_never_invited_is_not_uninvited(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.book(client, world.service(owner, "approve_then_pay"))
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    world.sweep()
    assert world.mails(world.email(owner))
    assert _entries(world, client) == _entries(world, owner) == []


def test_a_late_payment_that_is_sent_back_brings_no_invitation(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner(), "pay_then_book")
    late_payment(world, client, service)
    world.sweep()
    assert _entries(world, client) == []


def test_the_title_stands_in_the_entry_and_the_mail_of_who_asked_for_it_and_of_nobody_else(world: World) -> None:
    """Section 2, "Discreet mode"."""
    client, owner = world.person(), world.practitioner()
    with world.rows() as session:
        session.get_one(User, client.user_id).switches = {"titles": True}
        session.commit()
    _booked(world, client, owner)
    assert str(_entries(world, client)[0][1]["SUMMARY"]) == "Grief counselling with Dr. Amina Otieno"
    assert "What: Grief counselling" in world.mails(world.email(client))[0]["text"]
    assert "Grief" not in str(_entries(world, owner)[0][1]["SUMMARY"]) + world.mails(world.email(owner))[0]["text"]


def test_an_entry_is_in_its_readers_language(world: World) -> None:
    """S4-29: the client's calendar is French, the practitioner's English."""
    client, owner = world.person(), world.practitioner()
    with world.rows() as session:
        session.get_one(User, client.user_id).language = "fr"
        session.commit()
    _booked(world, client, owner)
    assert str(_entries(world, client)[0][1]["SUMMARY"]) == "Séance avec Dr. Amina Otieno"
    assert str(_entries(world, owner)[0][1]["SUMMARY"]) == "Session with Wanjiku Kamau"


def test_the_file_is_for_those_who_take_part_and_for_nobody_else(world: World) -> None:
    client, owner, stranger = world.person(), world.practitioner(), world.person()
    booking = _booked(world, client, owner)
    path = f"/bookings/{booking['id']}/calendar.ics"
    for who in (client, owner):
        answer = Visitor(world, who).get(path)
        assert answer.mimetype == "text/calendar"
        calendar = Calendar.from_ical(answer.data)
        assert str(calendar["METHOD"]) == "PUBLISH"
        assert path in Visitor(world, who).get(f"/bookings/{booking['id']}").text
    assert Visitor(world, stranger).get(path).status_code == 404
    assert world.app.test_client().get(path).status_code == 302
    client.post(f"/bookings/{booking['id']}/cancel")
    assert "STATUS:CANCELLED" in Visitor(world, client).get(path).text
    assert path not in Visitor(world, client).get(f"/bookings/{booking['id']}").text


def test_there_is_no_file_before_the_booking_stands(world: World) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "approve_then_pay"))
    page = Visitor(world, client)
    assert page.get(f"/bookings/{made['booking']['id']}/calendar.ics").status_code == 404
    assert "calendar.ics" not in page.get(f"/bookings/{made['booking']['id']}").text


def test_a_session_that_was_moved_keeps_its_uid(world: World) -> None:
    """S2-20: the file says the new time with a later word."""
    client, owner = world.person(), world.practitioner()
    booking = _booked(world, client, owner)
    page = Visitor(world, client)
    path = f"/bookings/{booking['id']}/calendar.ics"
    [before] = Calendar.from_ical(page.get(path).data).walk("VEVENT")
    with world.rows() as session:
        row = session.query(Booking).one()
        row.starts_at, row.ends_at = row.starts_at + timedelta(days=1), row.ends_at + timedelta(days=1)
        row.version += 1
        session.commit()
    [after] = Calendar.from_ical(page.get(path).data).walk("VEVENT")
    assert str(before["UID"]) == str(after["UID"])
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(days=1)
    assert after["DTSTART"].dt > clock.now()
