"""Calendar entries, read back by the same library calendars are read with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar

from app.lib.calendars import invitations
from app.lib.calendars.invitations import Person, Session

SESSION = Session(
    uid="00000000-0000-0000-0000-000000000007@kikao.example",
    sequence=3,
    starts_at=datetime(2027, 3, 28, 14, tzinfo=ZoneInfo("Europe/Paris")),
    ends_at=datetime(2027, 3, 28, 15, tzinfo=ZoneInfo("Europe/Paris")),
    summary="Session; with, Wanjiku\nKamau",
    url="https://kikao.example/bookings/7",
    stamp=datetime(2027, 3, 1, tzinfo=UTC),
)
ORGANISER = Person("Kikao", "no-reply@kikao.example")
GUEST = Person('Zoë "Zo" Mwangi; Otieno, ' + "ł" * 80, "zoe@people.test")


def test_an_invitation_names_who_when_and_which_word_it_is() -> None:
    """Section 2, "Calendar out": METHOD, UID, SEQUENCE, times in UTC across a change of the clocks."""
    invitation = invitations.invitation(SESSION, ORGANISER, GUEST)
    content = invitation.content
    calendar = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    assert (invitation.method, str(calendar["METHOD"]), str(event["STATUS"])) == ("REQUEST", "REQUEST", "CONFIRMED")
    assert str(event["UID"]) == "00000000-0000-0000-0000-000000000007@kikao.example"
    assert int(event["SEQUENCE"]) == 3
    assert b"DTSTART:20270328T120000Z" in content
    assert b"DTEND:20270328T130000Z" in content
    assert b"DTSTAMP:20270301T000000Z" in content
    assert str(event["ORGANIZER"]) == "mailto:no-reply@kikao.example"
    assert str(event["ATTENDEE"]) == "mailto:zoe@people.test"
    assert event["ATTENDEE"].params["CN"].startswith("Zoë 'Zo' Mwangi")
    assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
    assert str(event["SUMMARY"]) == SESSION.summary


def test_a_cancellation_is_the_same_entry_with_a_later_word() -> None:
    over = replace(SESSION, sequence=4, cancelled=True)
    invitation = invitations.invitation(over, ORGANISER, GUEST)
    calendar = Calendar.from_ical(invitation.content)
    [event] = calendar.walk("VEVENT")
    [before] = Calendar.from_ical(invitations.invitation(SESSION, ORGANISER, GUEST).content).walk("VEVENT")
    assert (invitation.method, str(calendar["METHOD"]), str(event["STATUS"])) == ("CANCEL", "CANCEL", "CANCELLED")
    assert str(event["UID"]) == str(before["UID"])
    assert int(event["SEQUENCE"]) > int(before["SEQUENCE"])


def test_a_file_to_keep_invites_nobody() -> None:
    content = invitations.file(replace(SESSION, ends_at=SESSION.starts_at + timedelta(minutes=50)))
    calendar = Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event


def test_a_name_adds_no_line_and_lines_are_short_as_calendars_want_them() -> None:
    eve = replace(GUEST, name="Eve\r\nATTENDEE:mailto:x@x.test")
    content = invitations.invitation(SESSION, ORGANISER, eve).content
    assert content.count(b"\nATTENDEE") == 1
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
