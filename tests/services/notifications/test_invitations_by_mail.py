"""What Outlook, Gmail and Apple are sent: read as the source of the mail, against RFC 5545, 5546 and 6047."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

from icalendar import Calendar, Event

from app.models import User
from tests.support.proofs import Pages
from tests.support.visitor import Visitor
from tests.support.world import Caller, World


def _sources(world: World, who: Caller) -> list[EmailMessage]:
    """The mails with a calendar entry as they came over the wire, oldest first."""
    mails = [doc for doc in world.sandbox.sandbox.store.all("mail", -1) if world.email(who) in doc["to"]]
    raw = [doc["raw"].encode("utf-8", "surrogateescape") for doc in reversed(mails)]
    found = [email.message_from_bytes(content, policy=default) for content in raw]
    return [message for message in found if message.get_content_type() == "multipart/mixed"]


def _invitation(message: EmailMessage) -> tuple[Calendar, Event]:
    """The entry, from the form of the mail that calendar programs act on; what they hold against it fails here."""
    assert message.get_content_type() == "multipart/mixed"
    forms, attached = message.iter_parts()
    assert [part.get_content_type() for part in forms.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    part = list(forms.iter_parts())[-1]
    content = part.get_payload(decode=True)
    calendar = Calendar.from_ical(content)
    assert part["Content-Disposition"] is None, "a file is no invitation to Outlook"
    assert part.get_param("charset") == "utf-8"
    assert part.get_param("method") == str(calendar["METHOD"]), "RFC 6047, 2.4: the same word twice"
    assert b"\n" not in content.replace(b"\r\n", b""), "RFC 5545, 3.1"
    assert all(len(line) <= 75 for line in content.split(b"\r\n")), "RFC 5545, 3.1"
    assert (attached.get_content_type(), attached.get_payload(decode=True)) == ("application/ics", content)
    [event] = calendar.walk("VEVENT")
    assert event.errors == []
    for name in (
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SEQUENCE",
        "ORGANIZER",
        "ATTENDEE",
        "SUMMARY",
    ):  # RFC 5546, 3.2.2
        assert name in event, name
    return calendar, event


def _moved(world: World, client: Caller, owner: Caller, booking: dict[str, Any], to: str) -> None:
    proposed = owner.post(f"/bookings/{booking['id']}/reschedule", {"start": to, "reason": "I am away"})
    assert proposed.status_code < 300, proposed.text
    assert client.post(f"/bookings/{booking['id']}/reschedule/accept", {}).status_code == 200
    world.sweep()


def test_an_invitation_its_move_and_its_cancellation_are_forms_of_the_mail_that_calendars_act_on(world: World) -> None:
    """Findings 10 and 23, for both sides: one UID, later words, where and until when."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, meeting_kind="in_person", meeting_where="Kenyatta Avenue 1, Nairobi")
    booking = world.booked(client, service)
    world.sweep()
    to = world.start(service, 5)
    _moved(world, client, owner, booking, to)
    client.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    for who in (client, owner):
        found = [_invitation(message) for message in _sources(world, who)]
        assert [str(calendar["METHOD"]) for calendar, _ in found] == ["REQUEST", "REQUEST", "CANCEL"]
        events = [event for _, event in found]
        assert len({str(event["UID"]) for event in events}) == 1
        words = [int(event["SEQUENCE"]) for event in events]
        assert words == sorted(set(words)), "each is later than the one before"
        starts = [event["DTSTART"].dt for event in events]
        assert starts == [datetime.fromisoformat(start) for start in (booking["start"], to, to)]
        assert events[0]["DTEND"].dt == datetime.fromisoformat(booking["end"])
        assert {str(event["LOCATION"]) for event in events} == {"Kenyatta Avenue 1, Nairobi"}
        assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert {str(event["ATTENDEE"]) for event in events} == {f"mailto:{world.email(who)}"}
        assert len({str(event["ORGANIZER"]) for event in events}) == 1


def test_a_session_by_a_link_leads_to_its_room_and_never_names_the_link_itself(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    booking = world.booked(client, world.service(owner, title="Grief counselling"))
    world.sweep()
    [message] = _sources(world, client)
    _, event = _invitation(message)
    assert str(event["LOCATION"]) == f"{world.app.config['PUBLIC_URL']}/bookings/{booking['id']}/room"
    assert "meet.jit.si" not in message.as_string() + event.to_ical().decode()
    assert "Grief" not in event.to_ical().decode()


def test_the_host_of_a_group_has_one_entry_whoever_comes_and_goes(world: World) -> None:
    """Finding 19: in mail and in the private feed; the members have one each and know nothing of each other."""
    owner, first, second = world.practitioner(), world.person(), world.person(name="Baraka Njoroge")
    service = world.service(owner, places=3, title="Grief circle")
    start = world.start(service)
    bookings = [world.booked(client, service, start=start) for client in (first, second)]
    world.sweep()
    mine = [_invitation(message)[1] for message in _sources(world, owner)]
    assert len(mine) == 2
    assert len({str(event["UID"]) for event in mine}) == 1
    assert {str(event["SUMMARY"]) for event in mine} == {"Group session"}
    Pages(world, owner).post("/profile/calendar", {"seen": ""})
    [entry] = _feed(world, owner)
    assert str(entry["UID"]) == str(mine[0]["UID"])
    theirs = [_invitation(message)[1] for client in (first, second) for message in _sources(world, client)]
    assert len({str(event["UID"]) for event in (*theirs, *mine)}) == 3
    assert "Baraka" not in theirs[0].to_ical().decode()
    world.move(seconds=5)
    first.post(f"/bookings/{bookings[0]['id']}/cancel")
    world.sweep()
    assert str(_invitation(_sources(world, owner)[-1])[0]["METHOD"]) == "REQUEST", "one still comes"
    world.move(seconds=5)
    second.post(f"/bookings/{bookings[1]['id']}/cancel")
    world.sweep()
    calendar, over = _invitation(_sources(world, owner)[-1])
    assert (str(calendar["METHOD"]), str(over["UID"])) == ("CANCEL", str(mine[0]["UID"]))
    assert int(over["SEQUENCE"]) > int(mine[0]["SEQUENCE"])
    assert _feed(world, owner) == []


def test_a_group_that_its_last_member_leaves_for_another_time_leaves_its_hosts_calendar(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, places=3)
    booking = world.booked(client, service)
    world.sweep()
    to = world.start(service, 5)
    world.move(seconds=5)
    _moved(world, client, owner, booking, to)
    found = [_invitation(message) for message in _sources(world, owner)]
    said = {(str(calendar["METHOD"]), event["DTSTART"].dt) for calendar, event in found[1:]}
    was, new = (datetime.fromisoformat(each) for each in (booking["start"], to))
    assert said == {("CANCEL", was), ("REQUEST", new)}
    assert len({str(event["UID"]) for _, event in found}) == 2
    assert "group_emptied" in world.notices(owner)
    assert "group_emptied" not in world.notices(client)


def test_links_put_a_session_into_googles_and_microsofts_calendars_and_ask_nobody(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, meeting_kind="in_person", meeting_where="Kenyatta Avenue 1")
    booking = world.booked(client, service)
    world.sweep()
    page = Visitor(world, client).get(f"/bookings/{booking['id']}").text
    text = next(mail["text"] for mail in world.mails(world.email(client)) if mail["subject"].startswith("Confirmed"))
    start, end = (datetime.fromisoformat(booking[key]).astimezone(UTC) for key in ("start", "end"))
    google = f"dates={start:%Y%m%dT%H%M%SZ}%2F{end:%Y%m%dT%H%M%SZ}&location=Kenyatta%20Avenue%201"
    outlook = (
        f"startdt={start:%Y-%m-%dT%H}%3A{start:%M}%3A00Z&enddt={end:%Y-%m-%dT%H}%3A{end:%M}%3A00Z&location=Kenyatta"
    )
    for where in (page.replace("&amp;", "&"), text):
        assert "https://calendar.google.com/calendar/render?action=TEMPLATE&text=Session%20with" in where
        assert google in where
        for host in ("https://outlook.live.com", "https://outlook.office.com"):
            assert f"{host}/calendar/0/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose&rru=addevent" in where
        assert outlook in where
        assert f"/bookings/{booking['id']}/calendar.ics" in where
    assert 'src="https://' not in page


def test_the_place_of_a_session_stands_where_the_subject_is_hidden(world: World) -> None:
    """Finding 23: discreet mode hides the subject, not the place."""
    client, owner = world.person(), world.practitioner()
    with world.rows() as session:
        session.get_one(User, owner.user_id).switches = {"titles": False}
        session.commit()
    service = world.service(owner, title="Grief", meeting_kind="in_person", meeting_where="Kenyatta Avenue 1")
    booking = world.booked(client, service)
    for who in (client, owner):
        content = Visitor(world, who).get(f"/bookings/{booking['id']}/calendar.ics").text
        assert "LOCATION:Kenyatta Avenue 1" in content
        assert "Grief" not in content


def _feed(world: World, who: Caller) -> list[Event]:
    with world.rows() as session:
        key = session.get_one(User, who.user_id, populate_existing=True).feed_key
    return list(Calendar.from_ical(world.app.test_client().get(f"/calendar/{key}.ics").data).walk("VEVENT"))
