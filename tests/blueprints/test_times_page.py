"""The page where a client chooses a time: what stands first, by which clock, and what is said where nothing is free."""

import re
import subprocess
import sys
from datetime import UTC, date, datetime, time

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale

from app.blueprints.common.answers import clock_face
from app.domain import languages
from app.domain.agenda import Hours
from app.lib import clock
from app.models import TimeOff, User
from tests.support.visitor import Visitor, token_in, words
from tests.support.world import Caller, World

_OFFICE = tuple(Hours(day, time(9), time(12)) for day in range(7))


def _at(text: str) -> None:
    clock.use(lambda: datetime.fromisoformat(text).replace(tzinfo=UTC))


def _off(world: World, owner: Caller, first: str, last: str) -> None:
    """Nothing is given from the first day to the last."""
    with world.rows() as session:
        session.add(TimeOff(practitioner_id=1, first=date.fromisoformat(first), last=date.fromisoformat(last)))
        session.commit()


def _strip(page: str) -> list[str]:
    found = re.search(r'<ol class="strip.*?</ol>', page, re.DOTALL)
    return re.findall(r"day=([\d-]+)#times", found[0]) if found else []


def _grid(page: str) -> list[str]:
    found = re.search(r'<table class="month".*?</table>', page, re.DOTALL)
    assert found
    return re.findall(r'class="day[^"]*"[^>]*>(\d+)<', found[0])


def _sent(client: FlaskClient, path: str, **fields: str) -> None:
    token = token_in(client.get("/practitioners").text)
    assert client.post(path, data={"csrf_token": token, **fields}).status_code == 303


# ------------------------------------------------------------------------------------------------ days


def test_the_next_seven_days_with_times_stand_first_also_over_the_months_end(world: World) -> None:
    """On the 29th of a month with one day left the rest of the strip is of the next."""
    _at("2027-01-29T12:00")
    owner = world.practitioner()
    service = world.service(owner, own_hours=_OFFICE)
    _off(world, owner, "2027-02-03", "2027-02-03")
    page = world.app.test_client().get(f"/services/{service}").text
    nearest = ["2027-01-30", "2027-01-31", *(f"2027-02-0{day}" for day in (1, 2, 4, 5, 6))]
    assert _strip(page) == nearest
    assert "Saturday 30 January" in page
    assert page.index('class="strip') < page.index('class="slots"') < page.index('class="month"')
    later = world.app.test_client().get(f"/services/{service}?day=2027-02-02").text
    assert _strip(later) == nearest, "it stays where it is while one looks at its days"
    assert "February 2027" in later


def test_days_that_are_over_are_not_shown(world: World) -> None:
    _at("2027-01-20T12:00")  # a Wednesday
    service = world.service(world.practitioner(), own_hours=_OFFICE)
    page = world.app.test_client().get(f"/services/{service}").text
    assert _grid(page) == [str(day) for day in range(20, 32)]
    assert _grid(world.app.test_client().get(f"/services/{service}?month=2027-02").text)[0] == "1"


def test_a_month_without_times_leads_to_the_next_that_has_some(world: World) -> None:
    _at("2027-01-20T12:00")
    owner = world.practitioner()
    service = world.service(owner, own_hours=_OFFICE)
    _off(world, owner, "2027-01-01", "2027-04-04")
    client = world.app.test_client()
    asked = client.get(f"/services/{service}?month=2027-02")
    assert "Nothing free in February. Next: Mon 5 Apr" in words(asked)
    assert f'href="/services/{service}?day=2027-04-05#times"' in asked.text
    without_a_wish = client.get(f"/services/{service}")
    assert "April 2027" in words(without_a_wish)
    assert "Monday 5 April" in words(without_a_wish)


def test_where_nothing_is_free_any_more_that_is_said(world: World) -> None:
    _at("2027-01-20T12:00")
    owner = world.practitioner()
    service = world.service(owner, own_hours=_OFFICE)
    _off(world, owner, "2027-01-01", "2028-12-31")
    said = words(world.app.test_client().get(f"/services/{service}"))
    assert "Nothing free in January. Nothing is free after that either." in said


def test_the_marks_under_the_days_are_explained(world: World) -> None:
    _at("2027-01-20T12:00")
    service = world.service(world.practitioner(), own_hours=_OFFICE)
    said = words(world.app.test_client().get(f"/services/{service}"))
    assert "Free times" in said
    assert "5 or more free times" not in said, "only what is there"
    assert "5 or more free times" in words(
        world.app.test_client().get(f"/services/{world.service(world.practitioner())}")
    )


@pytest.mark.parametrize("language", languages.NAMES)
def test_the_heads_of_the_week_fit_a_phone(world: World, language: str) -> None:
    """Finding 23: in Swahili the short names of CLDR are the full ones, and broke inside words."""
    with world.app.test_request_context(headers={"Accept-Language": language}):
        heads, shorts, full = clock_face.weekday_heads(), clock_face.weekday_shorts(), clock_face.weekday_names()
    assert max(map(len, heads)) <= 3, heads
    assert max(map(len, shorts)) <= 6, shorts
    assert [len(set(names)) for names in (shorts, full)] == [7, 7]


_FIRST_SWAHILI = """
from babel import Locale
dict(Locale("sw").days["stand-alone"]["wide"])
from flask import Flask
from flask_babel import Babel, force_locale
from app.blueprints.common.answers import clock_face
app = Flask("names")
Babel(app)
with app.app_context(), force_locale("fr"):
    print(*clock_face.weekday_names(), clock_face.weekday_heads()[0])
"""


def test_weekdays_keep_their_language_whatever_was_asked_for_before() -> None:
    """Babel 2.18 gives the names for use alone of the language that a process was asked for first."""
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_SWAHILI], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "lu"]


# ------------------------------------------------------------------------------------------------ clocks


@pytest.fixture
def lessons(world: World) -> int:
    """Three lessons of 50 minutes a day from nine in the morning in Nairobi."""
    _at("2027-01-20T12:00")
    return world.service(world.practitioner(), minutes=50, own_hours=_OFFICE)


def _chips(page: str) -> list[str]:
    found = re.findall(r'<a class="slot" href=[^>]*><bdi class="num">([^<]+)<span class="until">([^<]+)</span>', page)
    return ["".join(parts).replace("&#8288;", "").replace("\xa0", " ") for parts in found]


def test_every_time_says_when_it_ends(world: World, lessons: int) -> None:
    page = world.app.test_client().get(f"/services/{lessons}").text
    assert _chips(page) == ["09:00–09:50", "09:50–10:40", "10:40–11:30"]


def test_another_zone_and_twelve_hours_are_chosen_beside_the_times_without_script(world: World, lessons: int) -> None:
    client = world.app.test_client()
    page = client.get(f"/services/{lessons}").text
    assert "Times in Nairobi" in page
    assert 'action="/zone"' in page
    assert 'action="/hours"' in page
    _sent(client, "/zone", zone="Asia/Calcutta", next=f"/services/{lessons}")
    _sent(client, "/hours", hours="12", next=f"/services/{lessons}")
    page = client.get(f"/services/{lessons}").text
    assert "Times in Kolkata" in page, "by its name of today"
    assert _chips(page) == ["11:30 AM–12:20 PM", "12:20–1:10 PM", "1:10–2:00 PM"]
    booked = words(client.get(f"/services/{lessons}/book?start=2027-01-21T06:50:00%2B00:00"))
    assert "Thu 21 Jan 2027, 12:20–1:10 PM IST" in booked
    _sent(client, "/hours", hours="24")
    assert _chips(client.get(f"/services/{lessons}").text)[0] == "11:30–12:20"


def test_nonsense_changes_no_clock(world: World, lessons: int) -> None:
    client = world.app.test_client()
    _sent(client, "/zone", zone="Mars/Olympus", next=f"/services/{lessons}")
    _sent(client, "/hours", hours="13")
    page = client.get(f"/services/{lessons}").text
    assert "Times in Nairobi" in page
    assert _chips(page)[0] == "09:00–09:50"


def test_a_member_keeps_the_zone_in_the_profile(world: World, lessons: int) -> None:
    caller = world.person(zone="Africa/Nairobi")
    pages = Visitor(world, caller)
    assert pages.post("/zone", zone="Europe/Paris", next=f"/services/{lessons}").status_code == 303
    assert "Times in Paris" in pages.main(f"/services/{lessons}")
    with world.rows() as session:
        assert session.get_one(User, caller.user_id).zone == "Europe/Paris"


def test_what_a_script_tells_of_a_browser_changes_nobodys_profile(world: World) -> None:
    """A page that was loaded before the log-in may still send it after."""
    caller = world.person(zone="Africa/Nairobi")
    pages = Visitor(world, caller)
    token = token_in(pages.get("/profile").text)
    headers = {"HX-Request": "true"}
    pages.http.post("/zone", data={"csrf_token": token, "zone": "Europe/Paris"}, headers=headers)
    with world.rows() as session:
        assert session.get_one(User, caller.user_id).zone == "Africa/Nairobi"


@pytest.mark.parametrize(
    ("browser", "first"),
    [
        ("en-US,en;q=0.9", "9:00–9:50 AM"),
        ("en-GB,en;q=0.9", "09:00–09:50"),
        ("en-KE", "09:00–09:50"),
        ("en", "09:00–09:50"),  # English without a country is anybody's
        ("sw", "09:00–09:50"),
        ("fr-FR", "09:00–09:50"),
        ("hi-IN", "9:00–9:50 am"),
        ("xx-nonsense-, en-IN", "9:00–9:50 AM"),
    ],
)
def test_the_browsers_language_says_how_many_hours_a_clock_has(
    world: World, lessons: int, browser: str, first: str
) -> None:
    page = world.app.test_client().get(f"/services/{lessons}", headers={"Accept-Language": browser}).text
    assert _chips(page)[0] == first


def test_a_mail_counts_24_hours_whoever_has_it_written(world: World) -> None:
    """What a request writes for somebody else is read in another browser, or on paper."""
    with world.app.test_request_context(headers={"Accept-Language": "en-US"}):
        assert clock_face.shown(time(15)) == "3:00\xa0PM"
        with force_locale("en"):
            assert clock_face.shown(time(15)) == "15:00"


def test_looking_at_times_changes_nothing(world: World, lessons: int) -> None:
    """The clock is chosen by a form; addresses that name one do nothing."""
    client = world.app.test_client()
    page = client.get(f"/services/{lessons}?zone=Europe/Paris&hours=12").text
    assert _chips(page)[0] == "09:00–09:50"
