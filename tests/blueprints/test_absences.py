"""Absences and fixed times on pages and over the API: what is said, and that nothing that was typed is lost."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from app.lib import clock
from app.models import Practitioner, Service, TimeOff
from tests.support.proofs import Pages
from tests.support.world import World

_OFF, _NOTICE, _HOLIDAYS = (f"/practice/schedule/{page}" for page in ("off", "notice", "holidays"))


@pytest.fixture(autouse=True)
def _now(world: World) -> None:
    """It is Sunday, 10 January 2027."""
    clock.use(lambda: datetime(2027, 1, 10, 12, tzinfo=UTC))


def test_whoever_enters_time_off_reads_which_sessions_stand_in_it_and_clients_never_its_name(world: World) -> None:
    owner, client = world.practitioner(), world.person(name="Zuhura Ally")
    service = world.service(owner)
    booking = world.booked(client, service, start="2027-01-12T09:00:00+03:00")
    pages = Pages(world, owner)
    assert pages.post(_OFF, {"first": "2027-01-12", "last": "2027-01-20", "name": "Surgery"}).status_code == 303
    page = pages.get(_OFF).text
    assert "1 session booked then: Tue 12 Jan 2027, Zuhura Ally." in page
    assert f"/bookings/{booking['id']}" in page
    assert "Surgery" in page
    assert "Surgery" in pages.get("/practice/schedule?week=2027-01-12").text
    slug = world.all(Practitioner)[0].slug
    for path in (f"/practitioners/{slug}", f"/services/{service}"):
        assert "Surgery" not in world.app.test_client().get(path).text
    assert world.booking(client, booking["id"])["status"] == "confirmed"


def test_everything_that_is_wrong_with_time_off_is_said_at_once_and_stays_typed(world: World) -> None:
    pages = Pages(world, world.practitioner())
    answer = pages.post(_OFF, {"first": "2027-01-20", "last": "2027-01-12", "name": "n" * 121})
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2
    for said in ("The end cannot be before the start.", "can have at most 120 characters."):
        assert said in answer.text
    for typed in ('value="2027-01-20"', 'value="2027-01-12"', "n" * 121):
        assert typed in answer.text
    assert world.all(TimeOff) == []


def test_a_notice_is_shown_as_text_on_its_days_alone(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    pages = Pages(world, owner)
    words = "Away <b>until</b> 14 January"
    assert pages.post(_NOTICE, {"text": words, "first": "2027-01-10", "last": "2027-01-14"}).status_code == 303
    slug = world.all(Practitioner)[0].slug
    anybody = world.app.test_client()
    for path in (f"/practitioners/{slug}", f"/services/{service}"):
        assert "Away &lt;b&gt;until&lt;/b&gt; 14 January" in anybody.get(path).text
    assert world.person().get(f"/practitioners/{slug}").json["absence"] == words
    clock.use(lambda: datetime(2027, 1, 15, 12, tzinfo=UTC))
    for path in (f"/practitioners/{slug}", f"/services/{service}"):
        assert "14 January" not in anybody.get(path).text


def test_a_notice_without_its_days_is_sent_back_whole(world: World) -> None:
    answer = Pages(world, world.practitioner()).post(_NOTICE, {"text": "Away", "last": "2027-01-09"})
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2
    assert ">Away</textarea>" in answer.text.replace("\r\n", "").replace("\n", "")


def test_a_country_is_chosen_and_a_holiday_is_worked_on_by_its_tick(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    pages = Pages(world, owner)
    assert pages.post(_HOLIDAYS, {"country": "KE"}).status_code == 303
    page = pages.get(_HOLIDAYS).text
    assert "Madaraka Day" in page
    assert not world.is_free(service, "2027-06-01T06:00:00Z")
    assert pages.post(f"{_HOLIDAYS}/worked", {"worked": "2027-06-01"}).status_code == 303
    assert 'value="2027-06-01" checked' in pages.get(_HOLIDAYS).text
    assert world.is_free(service, "2027-06-01T06:00:00Z")
    assert pages.post(f"{_HOLIDAYS}/worked", {"worked": "2027-06-02"}).status_code == 422
    assert pages.post(_HOLIDAYS, {"country": "XX"}).status_code == 422
    assert world.is_free(service, "2027-06-01T06:00:00Z")


def test_the_region_of_another_country_is_not_meant(world: World) -> None:
    pages = Pages(world, world.practitioner())
    pages.post(_HOLIDAYS, {"country": "DE"})
    assert 'value="DE-BY"' in pages.get(_HOLIDAYS).text
    pages.post(_HOLIDAYS, {"country": "DE", "region": "DE-BY"})
    pages.post(_HOLIDAYS, {"country": "KE", "region": "DE-BY"})
    assert [(row.holiday_country, row.holiday_region) for row in world.all(Practitioner)] == [("KE", "")]


def test_fixed_times_are_typed_row_by_row_and_every_wrong_one_is_said(world: World) -> None:
    owner = world.practitioner()
    group = world.service(owner, places=5)
    pages = Pages(world, owner)
    typed = {
        "title": "Yoga", "kind": "group", "minutes": "60", "places": "5", "price": "12", "currency": "EUR",
        "mode_code": "hold_then_pay", "meeting_kind": "generated", "active": "y",
    }  # fmt: skip
    times = {"class_day1": "1", "class_time1": "18:00", "class_day3": "1", "class_time3": "18:30"}
    answer = pages.post(f"/practice/services/{group}", typed | times)
    assert answer.status_code == 422
    assert "This class starts before another one ends" in answer.text
    answer = pages.post(f"/practice/services/{group}", typed | {"class_day1": "1", "class_time2": "09:00"})
    assert answer.text.count("Enter both a weekday and a time.") >= 2
    assert [service.class_times for service in world.all(Service)] == [[]]
    saved = pages.post(f"/practice/services/{group}", typed | times | {"class_time3": "19:00"})
    assert saved.status_code == 303, re.findall("class=.error.*", saved.text)
    assert [service.class_times for service in world.all(Service)] == [[[1, "18:00"], [1, "19:00"]]]
    slug = world.all(Practitioner)[0].slug
    for path in (f"/services/{group}", f"/practitioners/{slug}"):
        assert "Tuesday 18:00, Tuesday 19:00" in world.app.test_client().get(path).text


def test_a_class_inside_another_and_half_a_class_are_said_in_one_answer_each_beside_its_own_row(world: World) -> None:
    owner = world.practitioner()
    group = world.service(owner, places=5)
    typed = {
        "title": "", "kind": "group", "minutes": "60", "places": "5", "price": "12", "currency": "EUR",
        "mode_code": "hold_then_pay", "meeting_kind": "generated", "class_day1": "1", "class_time1": "18:00",
        "class_day3": "1", "class_time3": "18:30", "class_day4": "5", "class_time4": "",
    }  # fmt: skip
    page = Pages(world, owner).post(f"/practice/services/{group}", typed).text
    said = dict(re.findall(r'<a href="#(class_time\d+|title)">([^<]*)</a>', page))
    assert sorted(said) == ["class_time3", "class_time4", "title"], said
    assert "This class starts before another one ends" in said["class_time3"]
    assert "Enter both a weekday and a time." in said["class_time4"]
    for row, at in (("1", "18:00"), ("3", "18:30")):
        assert re.search(f'name="class_time{row}"[^>]*value="{at}', page), "typed again in its own row"


def test_programs_enter_time_off_and_take_it_back(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    booking = world.booked(client, world.service(owner), start="2027-01-12T09:00:00+03:00")
    body = {"first": "2027-01-12", "last": "2027-01-13", "first_time": "08:00:00", "name": "Leave"}
    made = owner.post("/practice/time-off", body)
    assert made.status_code == 201
    assert [each["booking_id"] for each in made.json["bookings"]] == [booking["id"]]
    crossed = owner.post("/practice/time-off", body | {"first": "2027-01-13"})
    assert (crossed.status_code, crossed.json["code"], crossed.json["field"]) == (422, "time_off_crossed", "first")
    assert owner.post(f"/practice/time-off/{made.json['id']}/remove").json == []
    assert owner.get("/practice/time-off").json == []


_WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("time-off", {"first": "2027-01-12", "last": "2027-01-11"}, "range_reversed"),
    ("time-off", {"first": "2027-01-12", "last": "3027-01-12"}, "time_off_too_long"),
    ("time-off", {"first": "12 January", "last": "2027-01-12"}, "date_invalid"),
    *(
        (
            "time-off",
            {"first": "2027-01-12", "last": "2027-01-12", "first_time": odd, "last_time": "12:00"},
            "time_invalid",
        )
        for odd in ("noon", "10:00+03:00", "10:00Z", "10:00:17", "1\u0660:00", "24:00")
    ),
    ("holidays", {"country": "XX"}, "country_unknown"),
    ("holidays", {"country": "KE", "region": "BY"}, "region_unknown"),
    ("holidays", {"country": "KE", "worked": ["2027-06-02"]}, "not_a_holiday"),
    ("notice", {"text": "Away", "first": "2027-01-12", "last": "2027-01-11"}, "range_reversed"),
    ("notice", {"text": "Away"}, "date_invalid"),
]


@pytest.mark.parametrize(("call", "body", "code"), _WRONG)
def test_programs_are_told_what_is_wrong_with_an_absence(
    world: World, call: str, body: dict[str, Any], code: str
) -> None:
    answer = world.practitioner().post(f"/practice/{call}", body)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert answer.content_type == "application/problem+json"


def test_programs_choose_holidays_and_fixed_times_and_say_that_somebody_is_away(world: World) -> None:
    owner = world.practitioner()
    group = world.service(owner, places=5)
    chosen = owner.post("/practice/holidays", {"country": "KE", "worked": ["2027-06-01"]}).json
    assert {"day": "2027-06-01", "name": "Madaraka Day", "worked": True} in chosen["holidays"]
    assert owner.get("/practice/holidays").json == chosen
    said = {"text": "Away", "first": "2027-01-12", "last": "2027-01-14"}
    assert owner.post("/practice/notice", said).json == owner.get("/practice/notice").json == said
    times = {"times": [{"weekday": 1, "starts": "18:00"}]}
    set_ = owner.post(f"/services/{group}/class-times", times)
    assert set_.json["class_times"] == times["times"]
    twice = owner.post(f"/services/{group}/class-times", {"times": times["times"] * 2})
    assert (twice.status_code, twice.json["code"]) == (422, "class_twice")
    late = owner.post(f"/services/{group}/class-times", {"times": [{"weekday": 1, "starts": "25:00"}]})
    assert (late.status_code, late.json["code"]) == (422, "time_invalid")
