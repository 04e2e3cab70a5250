"""Other calendars: what is busy there cannot be booked here, and one's own sessions at a private address."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar, Event

from app.lib import clock
from app.models import BusyFeed, BusyTime, Change, User
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


def _given(world: World, owner: Caller, other: Elsewhere) -> Pages:
    """The practitioner has given the address, and it was read."""
    pages = Pages(world, owner)
    answer = pages.post(PAGE, {"url": other.url})
    assert answer.status_code == 303, answer.text
    world.sweep()
    return pages


def _read_again(world: World) -> None:
    world.move(minutes=16)
    world.sweep()


def _starts(world: World, service: int) -> list[str]:
    # From today on: as the clock is moved, what was tomorrow may have become today.
    today = clock.now().date()
    query = {"from": today.isoformat(), "to": (today + timedelta(days=2)).isoformat()}
    found = world.app.test_client().get(f"/api/v1/services/{service}/slots", query_string=query)
    return [slot["start"] for slot in found.json]


# ------------------------------------------------------------------------------------------------ busy in


def test_what_is_busy_elsewhere_cannot_be_booked_and_nobody_else_loses_a_time(world: World, other: Elsewhere) -> None:
    """Complaint 25: external calendar busy not seen."""
    owner, neighbour, client = world.practitioner(), world.practitioner(name="Dr. Otieno"), world.person()
    mine, theirs = world.service(owner), world.service(neighbour)
    busy = world.slots(mine)[5]
    other.content = calendar(entry(busy["start"], busy["end"]))
    page = words(_given(world, owner, other).get(PAGE))
    assert "Last read:" in page
    assert "could not be read" not in page
    assert busy["start"] not in _starts(world, mine)
    assert busy["start"] in _starts(world, theirs)
    assert len(_starts(world, mine)) == len(_starts(world, theirs)) - 1, "an hour and not its neighbours"
    answer = client.post("/bookings", {"service_id": mine, "start": busy["start"]})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    refused = Pages(world, client).get(f"/services/{mine}/book?start={busy['start'].replace('+', '%2B')}")
    assert refused.status_code == 409
    assert "See other times" in words(refused)
    assert "Dentist" not in refused.text
    world.book(client, theirs, busy["start"])
    assert "Dentist" not in str([vars(row) for row in world.all(BusyTime)]), "when is kept, what is not"


def test_what_is_free_again_elsewhere_can_be_booked_again(world: World, other: Elsewhere) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    busy = world.slots(service)[5]
    other.content = calendar(entry(busy["start"], busy["end"]))
    pages = _given(world, owner, other)
    assert busy["start"] not in _starts(world, service)
    other.content = calendar(entry(busy["start"], busy["end"], "TRANSP:TRANSPARENT\r\n"))
    _read_again(world)
    assert busy["start"] in _starts(world, service)
    other.content = calendar(entry(busy["start"], busy["end"]))
    _read_again(world)
    [feed] = world.all(BusyFeed)
    assert pages.post(f"{PAGE}/{feed.id}/remove").status_code == 303
    assert busy["start"] in _starts(world, service)
    assert world.all(BusyTime) == []
    assert pages.post(f"{PAGE}/{feed.id}/remove").status_code == 404, "once is enough"
    before = len(other.asked)
    _read_again(world)
    assert len(other.asked) == before


def test_buffers_count_and_what_is_booked_stays(world: World, other: Elsewhere) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, buffer_before=15, buffer_after=0)
    booking = world.booked(client, service, start=world.start(service, 3))
    world.move(minutes=1)
    later = datetime.fromisoformat(booking["end"])
    other.content = calendar(
        entry(booking["start"], booking["end"]),
        entry((later + timedelta(hours=2)).isoformat(), (later + timedelta(hours=2, minutes=10)).isoformat()),
    )
    _given(world, owner, other)
    assert world.booking(client, booking["id"])["status"] == "confirmed"
    free = {datetime.fromisoformat(start) for start in _starts(world, service)}
    assert free, "the rest of the day"
    first, last = later + timedelta(minutes=60), later + timedelta(minutes=145)
    assert not {start for start in free if first < start < last}, "an hour before it, and the quarter after it"


def test_a_groups_own_invitation_does_not_fill_the_group(world: World, other: Elsewhere) -> None:
    """The invitation we mail stands in that calendar afterwards: it is ours, and leaves the other places free."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, places=3)
    booking = world.booked(client, service)
    world.sweep()
    [mail] = [mail for mail in world.mails(world.email(owner)) if mail["calendars"]]
    other.content = mail["calendars"][0]["text"].encode()
    _given(world, owner, other)
    assert next(slot for slot in world.slots(service) if slot["start"] == booking["start"])["places_left"] == 2
    other.content = calendar(entry(booking["start"], booking["end"]))
    _read_again(world)
    assert booking["start"] not in _starts(world, service)


@pytest.mark.parametrize("is_busy", [True, False])
def test_who_was_too_late_is_not_put_into_a_time_that_is_busy_by_now(
    world: World, other: Elsewhere, is_busy: bool
) -> None:
    """A hold that lapsed is a new one when the money comes: the time has gone elsewhere meanwhile."""
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, currency="INR"))
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(minutes=20)
    world.sweep()
    assert world.booking(client, made["booking"]["id"])["status"] == "expired"
    if is_busy:
        other.content = calendar(entry(made["booking"]["start"], made["booking"]["end"]))
    _given(world, owner, other)
    world.act(begun)
    assert world.booking(client, made["booking"]["id"])["status"] == ("expired" if is_busy else "confirmed")
    assert world.live_places() == (0 if is_busy else 1)


@pytest.mark.parametrize("is_busy", [True, False])
def test_a_draft_whose_time_is_busy_by_now_is_not_booked(world: World, other: Elsewhere, is_busy: bool) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book")
    start = world.slots(service)[0]
    made = world.book(client, service, start["start"])
    begun = world.begin(client, made["checkout"]["id"])
    other.content = calendar(entry(start["start"], start["end"])) if is_busy else calendar()
    _given(world, owner, other)
    world.act(begun)
    assert world.live_places() == (0 if is_busy else 1)
    again = client.post(f"/checkouts/{made['checkout']['id']}/attempts", {"gateway": "stripe"})
    assert again.status_code == 409


def test_nobody_who_waits_is_offered_a_time_that_is_busy(world: World, other: Elsewhere) -> None:
    owner, first, second = world.practitioner(), world.person(), world.person(name="Baraka Njoroge")
    service = world.service(owner)
    booking = world.booked(first, service)
    answer = Pages(world, second).post(f"/services/{service}/wait", {"start": booking["start"], "places": "1"})
    assert answer.status_code == 303, answer.text
    other.content = calendar(entry(booking["start"], booking["end"]))
    _given(world, owner, other)
    first.post(f"/bookings/{booking['id']}/cancel")
    world.sweep()
    assert "place_offered" not in world.notices(second)
    other.content = calendar()
    _read_again(world)
    world.sweep()
    assert "place_offered" in world.notices(second)


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_nothing_begins_at_once_while_the_practitioner_is_busy_elsewhere(
    world: World, other: Elsewhere, mode: str
) -> None:
    """S3-8: what is offered now can be paid now."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, mode)
    owner.post("/practice/available", {"minutes": 60})
    assert client.get(f"/services/{service}/instant").json["start"]
    now = clock.now()
    other.content = calendar(entry((now - timedelta(hours=1)).isoformat(), (now + timedelta(hours=2)).isoformat()))
    _given(world, owner, other)
    assert client.get(f"/services/{service}/instant").json["start"] is None
    refused = client.post("/bookings/instant", {"service_id": service})
    assert (refused.status_code, refused.json["code"]) == (409, "not_available_now")


def _huge(other: Elsewhere) -> None:
    other.content = b"x" * (17 * 1024 * 1024)


def _slow(other: Elsewhere) -> None:
    other.content, other.pause = calendar(), 0.5


def _inward(other: Elsewhere) -> None:
    other.status, other.location = 302, "https://169.254.169.254/latest/meta-data"


def _away(other: Elsewhere) -> None:
    other.status = 503


def _a_page(other: Elsewhere) -> None:
    other.content = b"<!doctype html><title>Log in</title>"


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (_huge, "The calendar is too large."),
        (_slow, "It took too long."),
        (_inward, "This address is inside a private network and cannot be read."),
        (_away, "There was no answer, or none with a calendar."),
        (_a_page, "There is no calendar at this address."),
    ],
)
def test_a_feed_that_is_huge_slow_internal_or_gone_says_so_and_what_it_said_last_still_counts(
    world: World, other: Elsewhere, trouble: Any, sentence: str
) -> None:
    """The issue's bad input "a busy feed that is huge, slow or internal"."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    busy = world.slots(service)[5]
    other.content = calendar(entry(busy["start"], busy["end"]))
    pages = _given(world, owner, other)
    trouble(other)
    booking = world.book(client, service)["booking"]
    _read_again(world)
    page = words(pages.get(PAGE))
    assert sentence in page
    assert "What it last said still counts" in page
    assert busy["start"] not in _starts(world, service)
    assert world.booking(client, booking["id"])["status"] == "expired", "the rest of the sweep went on"
    assert "Other calendars 1" in words(pages.get("/practice/schedule")), "a mark on the tab"
    world.move(days=2)
    assert "Its busy times are from" in words(pages.get(PAGE))
    other.status, other.location, other.pause, other.content = 200, "", 0, calendar()
    _read_again(world)
    page = words(pages.get(PAGE))
    assert sentence not in page
    assert "Other calendars 1" not in page


@pytest.mark.in_turn
@pytest.mark.parametrize(
    "url",
    ["", "calendar", "http://example.org/x.ics", "file:///etc/passwd", "https://u:p@example.org/x.ics", "https://[::1",
     "https://exa mple.org/x", "javascript:alert(1)", "https://example.org/" + "a" * 600, "ftp://example.org/x.ics"],
)  # fmt: skip
def test_what_is_no_address_is_told_beside_its_field_and_kept(world: World, url: str) -> None:
    pages = Pages(world, world.practitioner())
    answer = pages.post(PAGE, {"url": url})
    assert answer.status_code == 422, answer.status_code
    assert "Enter the full address of the calendar" in answer.text
    assert f'value="{url}"'.replace("'", "&#39;") in answer.text
    assert world.all(BusyFeed) == []


@pytest.mark.parametrize("url", ["https://127.0.0.1/x.ics", "https://[::1]/x.ics", "https://10.1.2.3/x.ics"])
def test_an_address_inside_is_refused_at_once(world: World, url: str) -> None:
    answer = Pages(world, world.practitioner()).post(PAGE, {"url": url})
    assert answer.status_code == 422
    assert "inside a private network" in answer.text


def test_an_address_is_given_once_and_so_are_at_most_five(world: World, other: Elsewhere) -> None:
    pages = Pages(world, world.practitioner())
    for number in (1, 1, 2, 3, 4, 5):
        assert pages.post(PAGE, {"url": f"{other.url}?{number}"}).status_code == 303
    assert len(world.all(BusyFeed)) == 5
    answer = pages.post(PAGE, {"url": f"{other.url}?6"})
    assert answer.status_code == 409
    assert "at most 5 other calendars" in answer.text
    webcal = Pages(world, world.practitioner())
    assert webcal.post(PAGE, {"url": "WEBCAL://Example.org/x.ics"}).status_code == 303
    assert world.all(BusyFeed)[-1].url == "https://Example.org/x.ics"


def test_a_practitioners_calendars_are_nobody_elses(world: World, other: Elsewhere) -> None:
    owner, neighbour, client = world.practitioner(), world.practitioner(), world.person()
    _given(world, owner, other)
    [feed] = world.all(BusyFeed)
    stranger = Pages(world, neighbour)
    assert "secret-4711" not in stranger.get(PAGE).text
    assert stranger.post(f"{PAGE}/{feed.id}/remove").status_code == 404
    assert Pages(world, client).get(PAGE).status_code == 404
    assert Pages(world, client).post(f"{PAGE}/{feed.id}/remove").status_code == 404
    assert world.app.test_client().get(PAGE).status_code == 302
    assert len(world.all(BusyFeed)) == 1


def test_two_sweeps_at_once_ask_once(world: World, other: Elsewhere) -> None:
    _given(world, world.practitioner(), other)
    world.sweep()
    assert len(other.asked) == 1
    _read_again(world)
    assert len(other.asked) == 2


def test_giving_and_taking_away_stands_in_the_trail_without_the_address(world: World, other: Elsewhere) -> None:
    """S3-34."""
    pages = _given(world, world.practitioner(), other)
    [feed] = world.all(BusyFeed)
    pages.post(f"{PAGE}/{feed.id}/remove")
    rows = [row for row in world.all(Change) if row.subject == "calendar"]
    assert [(row.to_status, row.why) for row in rows] == [("given", ""), ("removed", "")]
    # Another one may have the number of the one that is gone: the audit, which looks at every test, is not alarmed by it.
    pages.post(PAGE, {"url": other.url})
    assert [row.to_status for row in world.all(Change) if row.subject == "calendar"] == ["given", "removed", "given"]


# ------------------------------------------------------------------------------------------------ calendar out


def _address(world: World, caller: Caller) -> str:
    with world.rows() as session:
        key = session.get_one(User, caller.user_id, populate_existing=True).feed_key
        return f"/calendar/{key}.ics" if key else ""


def _events(world: World, path: str) -> list[Event]:
    answer = world.app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar"), answer.text
    assert "private" in answer.headers["Cache-Control"]
    read = Calendar.from_ical(answer.data)
    assert str(read["METHOD"]) == "PUBLISH"
    return list(read.walk("VEVENT"))


def test_everybody_has_their_sessions_at_an_address_of_their_own(world: World) -> None:
    """Section 2, "Calendar out": private feed out per person; discreet: no service is named."""
    client, owner, stranger = world.person(), world.practitioner(), world.person(name="Somebody Else")
    booking = world.booked(client, world.service(owner, title="Grief counselling"))
    for who, other in ((client, "Dr. Amina Otieno"), (owner, "Wanjiku Kamau")):
        pages = Pages(world, who)
        assert "Create an address" in pages.get("/profile").text
        assert pages.post("/profile/calendar", {"seen": ""}).status_code == 303
        assert f"{world.app.config['PUBLIC_URL']}{_address(world, who)}" in pages.get("/profile").text
        [event] = _events(world, _address(world, who))
        assert str(event["SUMMARY"]) == f"Session with {other}"
        assert event.start == datetime.fromisoformat(booking["start"])
        assert (str(event["STATUS"]), str(event["CLASS"])) == ("CONFIRMED", "PRIVATE")
        assert str(event["UID"]).startswith(booking["id"])
        assert "Grief" not in event.to_ical().decode()
        assert "ATTENDEE" not in event
    Pages(world, stranger).post("/profile/calendar", {"seen": ""})
    assert _events(world, _address(world, stranger)) == []


def test_the_feed_names_sessions_for_who_asked_for_it(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner, title="Grief counselling"))
    pages = Pages(world, client)
    pages.post("/profile/calendar", {"seen": ""})
    pages.post("/profile/messages", {"titles": "on"})
    assert str(_events(world, _address(world, client))[0]["SUMMARY"]) == "Grief counselling with Dr. Amina Otieno"


def test_what_is_moved_moves_and_what_is_cancelled_or_not_agreed_yet_is_not_there(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    Pages(world, client).post("/profile/calendar", {"seen": ""})
    path = _address(world, client)
    world.book(client, world.service(owner, "approve_then_pay"), world.start(service, 9))
    assert _events(world, path) == []
    booking = world.booked(client, service)
    [before] = _events(world, path)
    to = world.start(service, 4)
    assert owner.post(f"/bookings/{booking['id']}/reschedule", {"start": to, "reason": "I am away"}).status_code < 300
    proposal = client.post(f"/bookings/{booking['id']}/reschedule/accept", {})
    assert proposal.status_code == 200, proposal.text
    [after] = _events(world, path)
    assert str(after["UID"]) == str(before["UID"])
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after.start == datetime.fromisoformat(to)
    client.post(f"/bookings/{booking['id']}/cancel")
    assert _events(world, path) == []


def test_a_new_address_kills_the_old_one_and_two_presses_make_one(world: World) -> None:
    client = world.person()
    pages = Pages(world, client)
    pages.post("/profile/calendar", {"seen": ""})
    first = _address(world, client)
    pages.post("/profile/calendar", {"seen": ""})
    assert _address(world, client) == first, "the second press of the same button"
    seen = f"{world.app.config['PUBLIC_URL']}{first}"
    for _ in range(2):
        assert pages.post("/profile/calendar", {"seen": seen}).status_code == 303
    second = _address(world, client)
    assert second not in ("", first)
    assert world.app.test_client().get(first).status_code == 404
    assert len(_events(world, second)) == 0
    pages.post("/profile/calendar", {"do": "stop"})
    assert world.app.test_client().get(second).status_code == 404
    steps = [(row.from_status, row.to_status) for row in world.all(Change) if row.subject == "feed"]
    assert steps == [("", "given"), ("given", "given"), ("given", "removed")]
    assert all(first[10:40] not in row.subject_id + row.why for row in world.all(Change))


@pytest.mark.parametrize("key", ["x", "None", "0" * 64, "%00", "a" * 3000, "..%2f..", "'", "%F0%9F%98%80"])
def test_an_unknown_address_is_not_there(world: World, key: str) -> None:
    world.person()
    assert world.app.test_client().get(f"/calendar/{key}.ics").status_code in (400, 404)


def test_the_feed_of_who_may_not_log_in_any_more_is_not_there(world: World) -> None:
    client = world.person()
    Pages(world, client).post("/profile/calendar", {"seen": ""})
    path = _address(world, client)
    with world.rows() as session:
        session.get_one(User, client.user_id).active = False
        session.commit()
    assert world.app.test_client().get(path).status_code == 404


def test_looking_at_a_feed_changes_nothing_and_giving_needs_a_person_and_a_token(world: World) -> None:
    """Invariant 7."""
    client = world.person()
    pages = Pages(world, client)
    assert pages.get("/profile/calendar").status_code == 405
    assert pages.http.post("/profile/calendar").status_code == 400
    assert world.app.test_client().post("/profile/calendar").status_code in (302, 400)
    assert _address(world, client) == ""
