"""A practitioner's public page, and what the list says of them."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from app.domain.agenda import Hours
from app.lib import clock
from app.models import Practitioner, Service
from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World

_MORNING = datetime(2027, 3, 1, 3, tzinfo=UTC)  # six o'clock of a Monday in Nairobi
_OFFICE = tuple(Hours(day, time(9), time(12)) for day in range(7))


@pytest.fixture
def owner(world: World) -> Caller:
    """A practitioner, before their first session of the day."""
    clock.use(lambda: _MORNING)
    return world.practitioner()


def _page(world: World) -> Any:
    [found] = world.all(Practitioner)
    answer = world.app.test_client().get(f"/practitioners/{found.slug}")
    assert answer.status_code == 200
    return answer


def test_a_profile_says_who_it_is_and_what_it_costs_at_least(world: World, owner: Caller) -> None:
    world.service(owner, price_amount=9_000)
    world.service(owner, title="Short call", price_amount=4_550)
    world.service(owner, "approve_then_pay", "KES", title="In shillings", price_amount=44_00)
    pages = Visitor(world, owner)
    typed = {"name": "Dr. Amina Otieno", "headline": "Counsellor", "credentials": "MSc, registered", "languages": "en"}
    answer = pages.post("/practice/profile", **typed, zone="Africa/Nairobi", published="y", about="Calm.")
    assert answer.status_code == 303, answer.text
    said = words(_page(world))
    assert "Dr. Amina Otieno Counsellor MSc, registered" in said
    assert "From €45.50" in said, "amounts of two currencies are not compared"
    view = world.app.test_client().get("/api/v1/practitioners").json
    assert view[0]["credentials"] == "MSc, registered"


def test_credentials_that_are_too_long_are_said_beside_their_field(world: World, owner: Caller) -> None:
    typed = {"name": "A", "credentials": "x" * 201, "languages": "en", "zone": "Africa/Nairobi"}
    answer = Visitor(world, owner).post("/practice/profile", **typed)
    assert answer.status_code == 422
    assert 'id="credentials-error"' in answer.text


def test_the_first_consultation_stands_first_everywhere(world: World, owner: Caller) -> None:
    world.service(owner, title="Single session")
    first = world.service(owner, title="First consultation", introductory=True)
    titles = re.findall(r'class="link-cover" href="/services/\d+">\s*<bdi>([^<]+)', _page(world).text)
    assert titles == ["First consultation", "Single session"]
    [view] = world.app.test_client().get("/api/v1/practitioners").json
    assert [(each["title"], each["introductory"]) for each in view["services"]] == [
        ("First consultation", True),
        ("Single session", False),
    ]
    assert f"/services/{first}/book?start=" in _page(world).text, "the next times are those of who is new"


def test_a_practitioner_says_which_service_is_a_first_consultation(world: World, owner: Caller) -> None:
    service = world.service(owner)
    pages = Visitor(world, owner)
    form = pages.get(f"/practice/services/{service}").text
    assert 'name="introductory"' in form
    typed = {"title": "First talk", "kind": "individual", "minutes": "50", "price": "90", "currency": "EUR"}
    more = {"mode_code": "hold_then_pay", "meeting_kind": "generated", "introductory": "y", "active": "y"}
    assert pages.post(f"/practice/services/{service}", **typed, **more).status_code == 303
    with world.rows() as session:
        assert session.get_one(Service, service).introductory


def test_the_next_three_free_times_lead_to_confirming(world: World, owner: Caller) -> None:
    service = world.service(owner, own_hours=_OFFICE)
    client = world.person()
    world.book(client, service, "2027-03-01T07:00:00+00:00")
    page = _page(world)
    links = re.findall(r'<a class="slot slot--wide" href="([^"]+)"', page.text)
    assert [unquote(link).rpartition("start=")[2] for link in links] == [
        "2027-03-01T06:00:00+00:00",
        "2027-03-01T08:00:00+00:00",
        "2027-03-02T06:00:00+00:00",
    ]
    said = words(page)
    assert "Today 09:00 –10:00 Today 11:00 –12:00 Tomorrow 09:00 –10:00" in said.replace("&#8288;", "")
    assert "Check and book" in words(world.app.test_client().get(links[0]))


def test_what_comes_back_is_said_once_where_it_is_alike(world: World, owner: Caller) -> None:
    for title in ("One", "Two", "Three"):
        world.service(owner, title=title)
    rule = "If you cancel, you get a full refund until 24 hours before the session."
    assert words(_page(world)).count(rule) == 1
    world.service(owner, title="Four", free_cancel_hours=48, later_tiers=((24, 50),))
    said = words(_page(world))
    assert said.count(rule) == 1
    assert "One, Two, Three : If you cancel" in said
    assert (
        "Four : If you cancel, you get a full refund until 48 hours before the session. 50% is refunded until 24"
        in said
    )


def test_free_now_is_seen_in_the_list_and_on_the_profile_while_it_is_so(world: World, owner: Caller) -> None:
    clock.use(lambda: _MORNING)
    service = world.service(owner, own_hours=_OFFICE)
    assert "Free now" not in words(_page(world))
    assert Visitor(world, owner).post("/practice/now", minutes="120").status_code == 303
    page = _page(world)
    assert "Free now Begin at 06:05 EAT" in words(page)
    assert f'href="/services/{service}#now"' in page.text
    listed = world.app.test_client().get("/practitioners")
    assert "Free now" in words(listed)
    assert "Begin at 06:05 EAT" in words(world.app.test_client().get(f"/services/{service}"))
    clock.use(lambda: _MORNING + timedelta(hours=3))
    assert "Free now" not in words(_page(world)) + words(world.app.test_client().get("/practitioners"))


def test_who_has_somebody_there_is_not_free_now(world: World, owner: Caller) -> None:
    """The switch alone says nothing: the diary decides, in the list too."""
    service = world.service(owner)
    assert Visitor(world, owner).post("/practice/now", minutes="120").status_code == 303
    world.book(world.person(), service, (_MORNING + timedelta(hours=1)).isoformat())
    shown = (_page(world), world.app.test_client().get("/practitioners"))
    assert ["Free now" in words(page) for page in shown] == [False, False], (
        "from 06:05 an hour would run into seven o'clock"
    )
