"""Whose clock a time is shown by: two zones are told apart by what their clocks show, and a place keeps its own."""

import re
from datetime import UTC, datetime, time, timedelta
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from app.blueprints.common.times import clocks
from app.domain.agenda import Hours
from app.lib import clock
from app.lib.calendars import zones
from app.models import Practitioner, User
from app.services.accounts import people
from app.services.accounts.people import Profile
from tests.support.proofs import Pages
from tests.support.visitor import words
from tests.support.world import Caller, World


def _visitor(world: World, zone: str) -> FlaskClient:
    """Somebody without an account whose browser has told this zone."""
    client = world.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/practitioners").text)
    assert token is not None
    assert client.post("/zone", data={"zone": zone, "csrf_token": token[1]}).status_code in (302, 303)
    return client


@pytest.fixture
def kolkata(world: World) -> int:
    """A service of a practitioner in India."""
    return world.service(world.practitioner(zone="Asia/Kolkata"))


def test_two_names_of_one_clock_show_every_time_once(world: World, kolkata: int) -> None:
    """Chrome in India says Asia/Calcutta; Colombo has the same clock under another name."""
    for zone in ("Asia/Calcutta", "Asia/Colombo"):
        page = words(_visitor(world, zone).get(f"/services/{kolkata}"))
        assert "Times in" in page
        assert "Below each: the time in" not in page, zone
    assert "Below each: the time in" in words(_visitor(world, "Africa/Nairobi").get(f"/services/{kolkata}"))


def test_a_second_clock_names_its_day_where_that_is_another_one(world: World) -> None:
    """Nine in the morning in India is the evening before in Los Angeles; the whole working day is the same day in Dubai."""
    by_day = tuple(Hours(weekday, time(9), time(17)) for weekday in range(7))
    kolkata = world.service(world.practitioner(zone="Asia/Kolkata"), own_hours=by_day)
    dated = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d\d:\d\d IST")
    shown = {
        zone: words(_visitor(world, zone).get(f"/services/{kolkata}")) for zone in ("America/Los_Angeles", "Asia/Dubai")
    }
    assert {zone: bool(dated.search(page.partition("Below each")[2])) for zone, page in shown.items()} == {
        "America/Los_Angeles": True,
        "Asia/Dubai": False,
    }


def test_clocks_are_compared_at_the_instants_that_are_shown() -> None:
    winter, summer = datetime(2027, 1, 12, 12, tzinfo=UTC), datetime(2027, 7, 12, 12, tzinfo=UTC)
    assert not clocks.differ("Europe/London", "Africa/Accra", winter)
    assert clocks.differ("Europe/London", "Africa/Accra", winter, summer)
    assert clocks.differ("Australia/Lord_Howe", "Australia/Sydney", summer)
    assert not clocks.differ("Australia/Lord_Howe", "Australia/Sydney", winter), "half an hour less in summer"


@pytest.mark.parametrize(
    ("zone", "day", "night"),
    [
        (
            "Australia/Lord_Howe",  # back by half an hour at 15:00 UTC
            "2027-04-04",
            {
                "2027-04-03T14:30": "01:30 Lord Howe Island, UTC+1100",
                "2027-04-03T15:00": "01:30 Lord Howe Island, UTC+1030",
                "2027-04-03T15:30": "02:00",
            },
        ),
        (
            "America/Los_Angeles",  # back by an hour at 9:00 UTC
            "2027-11-07",
            {"2027-11-07T08:30": "01:30 PDT", "2027-11-07T09:30": "01:30 PST", "2027-11-07T10:00": "02:00"},
        ),
    ],
)
def test_a_time_that_the_clock_shows_twice_says_which_it_is(
    world: World, zone: str, day: str, night: dict[str, str]
) -> None:
    """Two times to choose from never read the same; and what is booked is told with its offset."""
    clock.use(lambda: datetime.fromisoformat(f"{day}T00:00Z") - timedelta(days=3))
    service = world.service(world.practitioner(zone=zone), minutes=30)
    page = Pages(world, world.person(zone=zone)).get(f"/services/{service}?month={day[:7]}&day={day}").text
    chips = re.findall(r'<a class="slot" href="[^"]*start=([^"]+)"><bdi class="num">([^<]+)', page)
    shown = {unquote(start)[:16]: text for start, text in chips}
    assert {start: shown[start] for start in night} == night


def test_a_zone_is_listed_once_and_kept_under_its_name_of_today(world: World) -> None:
    """Aliases do not stand beside their new names; who has an old one sees the new one chosen."""
    client = world.person(zone="Asia/Calcutta")  # as it was kept before
    text = Pages(world, client).get("/profile").text
    assert 'value="Asia/Calcutta"' not in text
    assert '<option data-also="Asia/Calcutta" selected value="Asia/Kolkata">Kolkata</option>' in text
    with world.rows() as session:
        user = session.get_one(User, client.user_id)
        people.change_profile(user, Profile(user.name, "", "en", "Asia/Calcutta"))
        assert session.get_one(User, client.user_id, populate_existing=True).zone == "Asia/Kolkata"
    for old, new in (("US/Pacific", "America/Los_Angeles"), ("Africa/Asmera", "Africa/Asmara"), ("UTC", "UTC")):
        assert zones.present(old) == new


def test_every_zone_that_people_have_had_leads_to_one_that_is_listed() -> None:
    for new, old in zones.former().items():
        assert old == [each for each in old if each not in zones.names()]
        assert new in zones.names() or old == [new]
        assert {zones.present(each) for each in old} == {new}


def _athens_to_paris(world: World, **service: str) -> tuple[Caller, Caller]:
    """A session at 07:00 of the clock in Paris, and a client whose clock is Athens'."""
    clock.use(lambda: datetime(2027, 1, 11, tzinfo=UTC))
    owner, client = world.practitioner(zone="Europe/Paris"), world.person(zone="Europe/Athens")
    world.booked(client, world.service(owner, **service), start="2027-01-12T06:00:00+00:00")
    world.sweep()
    return owner, client


def test_mails_of_a_session_in_person_say_the_clock_of_the_place_and_the_readers_beside_it(world: World) -> None:
    """Finding 22: a session in Paris at 07:00 of a client whose zone is Athens."""
    owner, client = _athens_to_paris(world, meeting_kind="in_person", meeting_where="Rue de la Paix 1")
    text = world.mails(world.email(client))[0]["text"]
    assert "When: Tue 12 Jan 2027, 07:00–08:00 CET (08:00 EET)" in text
    assert "Where: Rue de la Paix 1" in text
    assert "When: Tue 12 Jan 2027, 07:00–08:00 CET" in world.mails(world.email(owner))[0]["text"].splitlines()
    assert "07:00 CET (08:00 EET)" in words(Pages(world, client).get("/notices"))


def test_mails_of_a_session_by_a_link_say_the_readers_clock(world: World) -> None:
    _, client = _athens_to_paris(world)
    text = world.mails(world.email(client))[0]["text"]
    assert "When: Tue 12 Jan 2027, 08:00–09:00 EET" in text.splitlines()
    assert "Where: online, from the booking page" in text


def test_a_clock_on_another_day_is_shown_with_its_day(world: World) -> None:
    with world.app.test_request_context():
        shown = clocks.both(datetime(2027, 1, 12, 22, 30, tzinfo=UTC), "Europe/Paris", "Asia/Kolkata")
    assert shown == "Tue 12 Jan 2027, 23:30 CET (Wed 13 Jan 2027, 04:00 IST)"


def test_the_way_back_leads_to_the_day_that_the_readers_calendar_shows(world: World) -> None:
    """A start in the first hours of a day in Greenwich is on the day before in Los Angeles."""
    clock.use(lambda: datetime(2027, 1, 20, tzinfo=UTC))
    service = world.service(world.practitioner(zone="America/Los_Angeles"))
    pages = Pages(world, world.person(zone="America/Los_Angeles"))
    assert "day=2027-01-31#times" in pages.get(f"/services/{service}/book?start=2027-02-01T00:00:00%2B00:00").text


@pytest.mark.parametrize(
    ("kind", "place", "said"),
    [("in_person", "Rue de la Paix 1", "Rue de la Paix 1"), ("generated", "", "Online, from the booking page")],
)
def test_how_and_where_is_known_before_and_after_paying_on_every_page(
    world: World, kind: str, place: str, said: str
) -> None:
    """Point 11: what is asked for, what is paid, what is booked; also before the practitioner's answer."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "approve_then_pay", meeting_kind=kind, meeting_where=place)
    start = world.start(service)
    visitor = world.app.test_client()
    [practitioner] = world.all(Practitioner)
    pages = Pages(world, client)
    quoted = start.replace("+", "%2B")
    assert said.partition(",")[0] in words(visitor.get(f"/practitioners/{practitioner.slug}"))
    for path in (
        f"/services/{service}",
        f"/services/{service}/book?start={quoted}",
    ):
        assert said in words(visitor.get(path)), path
    made = world.book(client, service, start)
    booking = f"/bookings/{made['booking']['id']}"
    for who in (client, owner):
        assert said in words(Pages(world, who).get(booking)), "before the answer"
        if kind == "in_person":
            assert world.booking(who, made["booking"]["id"])["meeting"]["place"] == place
    assert owner.post(f"{booking}/approve").status_code == 200
    checkout = world.booking(client, made["booking"]["id"])["checkout_id"]
    assert said in words(pages.get(f"/checkouts/{checkout}")), "before paying"
    world.act(world.begin(client, checkout))
    for path in (f"/checkouts/{checkout}", booking, f"{booking}/room", f"{booking}/cancel"):
        assert said in words(pages.get(path)), path


def test_what_is_paid_for_first_says_where_as_it_was_agreed(world: World) -> None:
    """A draft keeps the place that was read, whatever the service says by now."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "pay_then_book", meeting_kind="in_person", meeting_where="Rue de la Paix 1")
    made = world.book(client, service)
    assert "Rue de la Paix 1" in words(Pages(world, client).get(f"/checkouts/{made['checkout']['id']}"))
