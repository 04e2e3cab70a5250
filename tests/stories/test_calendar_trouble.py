"""Other calendars that fail, grow, or hold our own sessions: the practitioner is told, and no time is booked twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from app.lib import clock
from app.models import Booking, BusyFeed, BusyTime
from tests.support.calendars import Elsewhere, calendar, elsewhere, entry
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import Caller, World

PAGE = "/practice/calendars"


@pytest.fixture
def other(world: World) -> Iterator[Elsewhere]:
    """Another calendar of the practitioner's."""
    with elsewhere(world) as told:
        yield told


def _given(world: World, owner: Caller, other: Elsewhere, path: str = "") -> Pages:
    pages = Pages(world, owner)
    assert pages.post(PAGE, {"url": path or other.url}).status_code == 303
    world.sweep()
    return pages


def _read_again(world: World) -> None:
    world.move(minutes=16)
    world.sweep()


def _told(world: World, owner: Caller) -> list[Any]:
    return [mail for mail in world.mails(world.email(owner)) if "cannot be read" in mail["subject"]]


def _busy(slot: dict[str, Any], more: str = "") -> str:
    return entry(slot["start"], slot["end"], more)


# ------------------------------------------------------------------------------------------------ trouble is told


def test_who_is_not_read_for_a_day_is_told_once_and_again_when_it_happens_again(world: World, other: Elsewhere) -> None:
    """Finding 2: an address that was reset said nothing for ever, and what came meanwhile was booked over."""
    owner = world.practitioner()
    service = world.service(owner)
    other.content = calendar(_busy(world.slots(service)[5]))
    pages = _given(world, owner, other)
    [read_at] = [feed.fetched_at for feed in world.all(BusyFeed)]
    other.status = 404
    for _ in range(3):
        _read_again(world)
    assert _told(world, owner) == [], "a quarter of an hour is no news"
    assert "not being read" not in words(pages.get("/practice"))
    world.move(hours=23, minutes=30)
    world.sweep()
    for _ in range(3):
        _read_again(world)
    [mail] = _told(world, owner)
    assert "127.0.0.1" in mail["subject"]
    assert "secret-4711" not in mail["text"]
    assert f"{read_at.astimezone(clock.now().tzinfo):%Y}" in mail["text"]
    assert "/practice/calendars" in mail["text"]
    assert world.notices(owner).count("calendar_unread") == 1
    for page in ("/practice", PAGE):
        assert "Anything added there since can be booked over" in words(pages.get(page)), page
    other.status = 200
    _read_again(world)
    for page in ("/practice", PAGE):
        assert "can be booked over" not in words(pages.get(page)), page
    other.status = 404
    world.move(hours=25)
    world.sweep()
    _read_again(world)
    assert len(_told(world, owner)) == 2


def test_who_was_never_read_is_told_that_none_of_it_counts(world: World, other: Elsewhere) -> None:
    owner = world.practitioner()
    other.status = 404
    pages = _given(world, owner, other)
    world.move(hours=25)
    world.sweep()
    _read_again(world)
    [mail] = _told(world, owner)
    assert "None of its busy times count here yet" in mail["text"]
    assert "none of its times count" in words(pages.get("/practice"))


def test_a_mail_that_would_come_too_late_is_not_sent(world: World, other: Elsewhere) -> None:
    """Read again before the mail went out: it is not true any more."""
    owner = world.practitioner()
    other.status = 404
    _given(world, owner, other)
    world.move(hours=25)
    with world.app.app_context():
        from app.services.practice import external_calendars

        [feed_id] = external_calendars.due()
        external_calendars.read(feed_id)
        other.status = 200
        world.move(minutes=16)
        external_calendars.read(feed_id)
    world.sweep()
    assert _told(world, owner) == []


def test_three_busy_years_are_read_and_the_new_appointment_blocks_its_time(world: World, other: Elsewhere) -> None:
    """Finding 2: 4,991 entries were read; at 5,002, nearly all of them over, the next appointment was booked over."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    busy = world.slots(service)[5]
    link = "DESCRIPTION:" + "Join it at https://meet.example/abc-defg. " * 18 + "\r\n"
    over = clock.now() - timedelta(days=1200)
    past = [
        entry((over + timedelta(hours=4 * n)).isoformat(), (over + timedelta(hours=4 * n + 1)).isoformat(), link)
        for n in range(5_100)
    ]
    other.content = calendar(*past, _busy(busy))
    assert len(other.content) > 4_000_000
    _given(world, owner, other)
    [feed] = world.all(BusyFeed)
    assert feed.problem == ""
    answer = client.post("/bookings", {"service_id": service, "start": busy["start"]})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")


def test_a_feed_that_outgrows_its_limit_is_told_at_once(world: World, other: Elsewhere) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    busy = world.slots(service)[5]
    other.content = calendar(_busy(busy))
    pages = _given(world, owner, other)
    other.content = calendar(*[_busy(busy)] * 5_001)
    _read_again(world)
    _read_again(world)
    [mail] = _told(world, owner)
    assert "The calendar has too many entries" in mail["text"]
    assert "Anything added there since can be booked over" in words(pages.get("/practice"))
    assert not world.is_free(service, busy["start"]), "what it said last counts"


@pytest.mark.in_turn
@pytest.mark.parametrize("is_ahead", [True, False])
def test_a_feed_that_grows_while_it_is_read_is_given_up_and_what_it_said_last_counts(
    world: World, other: Elsewhere, is_ahead: bool
) -> None:
    """Bad input: it never ends, and neither memory nor time is spent on it for ever."""
    owner = world.practitioner()
    service = world.service(owner)
    busy = world.slots(service)[5]
    other.content = calendar(_busy(busy))
    _given(world, owner, other)
    more = _busy(busy) if is_ahead else entry("2020-01-01T09:00:00Z", "2020-01-01T10:00:00Z")
    other.content = calendar().removesuffix(b"END:VCALENDAR\r\n")
    other.endless = more.encode() * 200
    _read_again(world)
    [feed] = world.all(BusyFeed)
    assert feed.problem in ("too_large", "too_slow")
    assert len(world.all(BusyTime)) == 1
    assert not world.is_free(service, busy["start"])


def test_what_repeats_beyond_measure_is_named_and_all_else_is_read(world: World, other: Elsewhere) -> None:
    """Finding 2: one such entry, and the whole calendar did not count."""
    owner = world.practitioner()
    service = world.service(owner)
    busy = world.slots(service)[5]
    often = entry("2026-01-01T09:00:00Z", "2026-01-01T09:00:01Z", "RRULE:FREQ=SECONDLY\r\n")
    other.content = calendar(often.replace("Dentist", "Look at the oven"), _busy(busy))
    pages = _given(world, owner, other)
    assert not world.is_free(service, busy["start"])
    for page in ("/practice", PAGE):
        assert "can be booked over: Look at the oven" in words(pages.get(page)), page
    other.content = calendar(_busy(busy))
    _read_again(world)
    assert "Look at the oven" not in words(pages.get(PAGE))


# ------------------------------------------------------------------------------------------------ whose entry it is


def test_what_its_owner_declined_can_be_booked(world: World, other: Elsewhere) -> None:
    """By the address they log in with, or the one that the feed's own address names."""
    owner = world.practitioner()
    service = world.service(owner)
    first, second, third = world.slots(service)[3:6]
    other.content = calendar(
        _busy(first, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{world.email(owner)}\r\n"),
        _busy(second, "ATTENDEE;PARTSTAT=DECLINED:mailto:amina@home.example\r\n"),
        _busy(third, "ATTENDEE;PARTSTAT=DECLINED:mailto:somebody@else.example\r\n"),
    )
    _given(world, owner, other, f"http://{other.place}/ical/Amina%40home.example/private-1/basic.ics")
    assert [world.is_free(service, slot["start"]) for slot in (first, second, third)] == [True, True, False]


def _invitation_of(world: World, who: Caller) -> bytes:
    [mail] = [mail for mail in world.mails(world.email(who)) if mail["calendars"]]
    return str(mail["calendars"][0]["text"]).encode()


def test_a_session_with_another_practitioner_takes_time(world: World, other: Elsewhere) -> None:
    """Finding 9 (a): the invitation has our own domain, and the stretch was booked over."""
    owner, neighbour, client = world.practitioner(), world.practitioner(name="Dr. Otieno"), world.person()
    service = world.service(owner)
    booking = world.booked(client, world.service(neighbour))
    world.sweep()
    assert world.is_free(service, booking["start"])
    other.content = _invitation_of(world, client)
    _given(world, owner, other)
    assert not world.is_free(service, booking["start"])


@pytest.mark.parametrize("host", ["", "old.example"])
def test_a_session_keeps_its_name_when_kikao_gets_another_address(world: World, other: Elsewhere, host: str) -> None:
    """Finding 9 (b): every old invitation was a stranger's, and later mails named another entry."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, places=3)
    booking = world.booked(client, service)
    with world.rows() as session:
        session.get_one(Booking, UUID(booking["id"])).uid_host = host  # as the migration leaves what was there
        session.commit()
    world.sweep()
    invitation = _invitation_of(world, owner)
    other.content = invitation
    before = world.app.config["PUBLIC_URL"]
    world.app.config["PUBLIC_URL"] = "https://new.example"
    try:
        _given(world, owner, other)
        assert next(s for s in world.slots(service) if s["start"] == booking["start"])["places_left"] == 2
        client.post(f"/bookings/{booking['id']}/cancel")
        world.sweep()
    finally:
        world.app.config["PUBLIC_URL"] = before
    sent = [mail["calendars"][0]["text"] for mail in world.mails(world.email(client)) if mail["calendars"]]
    names = {str(Calendar.from_ical(text).walk("VEVENT")[0]["UID"]) for text in sent}
    assert len(sent) == 2
    assert names == {f"{booking['id']}@{host}" if host else booking["id"]}


# ------------------------------------------------------------------------------------------------ approving


def test_approving_over_what_another_calendar_took_since_says_so_first_and_stays_possible(
    world: World, other: Elsewhere
) -> None:
    """Finding 17."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "approve_then_pay", buffer_before=15)
    slots = world.slots(service)
    made = world.book(client, service, slots[5]["start"])["booking"]
    free = world.book(client, service, slots[0]["start"])["booking"]
    pages = _given(world, owner, other)
    said = "busy then"
    assert not world.booking(owner, made["id"])["busy_elsewhere"]
    assert said not in words(pages.get("/practice"))
    start = datetime.fromisoformat(made["start"])
    other.content = calendar(entry((start - timedelta(minutes=10)).isoformat(), start.isoformat()))  # in the buffer
    _read_again(world)
    assert world.booking(owner, made["id"])["busy_elsewhere"] is True
    assert world.booking(owner, free["id"])["busy_elsewhere"] is False
    assert world.booking(client, made["id"])["busy_elsewhere"] is False, "not the client's affair"
    assert [each["busy_elsewhere"] for each in owner.get("/bookings").json].count(True) == 1
    today = words(pages.get("/practice"))
    assert today.count("You are busy then in another calendar") == 1
    assert today.count("you are busy then in another calendar") == 1, "beside its tick"
    assert said in words(pages.get(f"/bookings/{made['id']}"))
    assert said not in words(pages.get(f"/bookings/{free['id']}"))
    assert said not in words(Pages(world, client).get(f"/bookings/{made['id']}"))
    assert owner.post(f"/bookings/{made['id']}/approve").json["status"] == "awaiting_payment"
    assert world.booking(owner, made["id"])["busy_elsewhere"] is False


def test_accepting_another_time_that_another_calendar_took_since_says_so_first(world: World, other: Elsewhere) -> None:
    """Finding 17, wherever the practice says yes to a time that was looked at before."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    booking = world.booked(client, service)
    slot = world.slots(service)[5]
    asked = client.post(
        f"/bookings/{booking['id']}/reschedule", {"start": slot["start"], "reason": "I am at work then"}
    )
    assert asked.status_code < 300, asked.text
    pages = _given(world, owner, other)
    assert world.booking(owner, booking["id"])["reschedule"]["busy_elsewhere"] is False
    other.content = calendar(_busy(slot))
    _read_again(world)
    assert world.booking(owner, booking["id"])["reschedule"]["busy_elsewhere"] is True
    assert world.booking(client, booking["id"])["reschedule"]["busy_elsewhere"] is False
    assert "busy then" in words(pages.get(f"/bookings/{booking['id']}"))
    assert "busy then" not in words(Pages(world, client).get(f"/bookings/{booking['id']}"))
    assert owner.post(f"/bookings/{booking['id']}/reschedule/accept").status_code == 200
