"""Time off, holidays, notices and fixed times: what can be booked, what is refused, and that what stands stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import Absence
from app.lib import clock
from app.models import Practitioner, Service, TimeOff, User
from app.services import practice
from app.services.core.errors import Invalid, NotFound
from app.services.practice import absence_notice, holidays, slots, time_off
from app.services.scheduling import instant, reschedules
from tests.support import practices
from tests.support.world import Caller, World

NAIROBI, LOS_ANGELES, LORD_HOWE = "Africa/Nairobi", "America/Los_Angeles", "Australia/Lord_Howe"


@pytest.fixture
def at(world: World) -> Any:
    """at("2027-03-20T12:00"): it is that moment (UTC) now."""
    return lambda text: clock.use(lambda: datetime.fromisoformat(text).replace(tzinfo=UTC))


@contextmanager
def _as(world: World, caller: Caller) -> Iterator[User]:
    with world.rows() as session:
        yield session.get_one(User, caller.user_id)


def _away(world: World, owner: Caller, first: str, last: str, *times: str | None) -> None:
    walls = [time.fromisoformat(each) if each else None for each in times] or [None, None]
    with _as(world, owner) as user:
        time_off.add(user, Absence(date.fromisoformat(first), date.fromisoformat(last), *walls), "Leave")


def _walls(world: World, service_id: int, first: str, last: str, zone: str = NAIROBI) -> list[str]:
    with world.rows() as session:
        service = session.get_one(Service, service_id)
        found = slots.free_slots(service, date.fromisoformat(first), date.fromisoformat(last))
    return [f"{slot.start.astimezone(ZoneInfo(zone)):%a %H:%M}" for slot in found]


def _from_nine_to_noon(world: World, zone: str = NAIROBI) -> Caller:
    owner = world.practitioner(zone=zone)
    practices.weekly(world, owner, [practice.Hours(day, time(9), time(12)) for day in range(7)])
    return owner


# ------------------------------------------------------------------------------------------------ time off


def test_time_off_is_left_out_and_the_times_around_it_stay_where_they_are(world: World, at: Any) -> None:
    """Times are counted from when the day opens, not from the end of the time off."""
    at("2027-01-10T00:00")
    owner = _from_nine_to_noon(world)
    service = world.service(owner)
    _away(world, owner, "2027-01-12", "2027-01-13", "10:00", "09:20")
    assert _walls(world, service, "2027-01-11", "2027-01-14") == [
        "Mon 09:00", "Mon 10:00", "Mon 11:00", "Tue 09:00", "Wed 10:00", "Wed 11:00", "Thu 09:00", "Thu 10:00", "Thu 11:00",
    ]  # fmt: skip
    answer = world.person().post("/bookings", {"service_id": service, "start": "2027-01-12T10:00:00+03:00"})
    assert (answer.status_code, answer.json["code"]) == (422, "slot_not_offered")


@pytest.mark.parametrize(
    ("zone", "day", "around"),
    [
        (LOS_ANGELES, "2027-03-14", ("2027-03-13", "2027-03-15")),
        (LORD_HOWE, "2027-04-04", ("2027-04-03", "2027-04-05")),
    ],
)
def test_a_day_off_on_which_the_clocks_change_is_off_from_midnight_to_midnight(
    world: World, at: Any, zone: str, day: str, around: tuple[str, str]
) -> None:
    at("2027-03-01T00:00")
    owner = world.practitioner(zone=zone)
    service = world.service(owner)
    _away(world, owner, day, day)
    walls = _walls(world, service, *around, zone)
    assert len(walls) == 48
    assert {wall[:3] for wall in walls} == {f"{date.fromisoformat(each):%a}" for each in around}


def test_time_off_keeps_what_was_booked_and_can_be_taken_back(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner, client = _from_nine_to_noon(world), world.person()
    service = world.service(owner)
    booking = world.booked(client, service, start="2027-01-12T09:00:00+03:00")
    _away(world, owner, "2027-01-11", "2027-01-16")
    assert world.booking(client, booking["id"])["status"] == "confirmed"
    assert _walls(world, service, "2027-01-11", "2027-01-16") == []
    with _as(world, owner) as user:
        [off] = time_off.coming(practice.of_user(user))
        time_off.remove(user, off.id)
    assert _walls(world, service, "2027-01-12", "2027-01-12") == ["Tue 10:00", "Tue 11:00"]


@pytest.mark.parametrize(
    ("absence", "code", "field"),
    [
        (Absence(date(2027, 1, 13), date(2027, 1, 12)), "range_reversed", "last"),
        (Absence(date(2027, 1, 13), date(2027, 1, 13), time(12), time(9)), "hours_reversed", "last_time"),
        (Absence(date(2027, 1, 2), date(2027, 1, 3)), "day_past", "last"),
        (Absence(date(2027, 1, 12), date(3027, 1, 12)), "time_off_too_long", "last"),
        (Absence(date(9999, 12, 31), date(9999, 12, 31)), "time_off_too_long", "last"),
        (Absence(date(2027, 1, 12), date(2029, 1, 13)), "time_off_too_long", "last"),
        (Absence(date(2027, 1, 21), date(2027, 1, 22), None, time(9)), "time_off_crossed", "first"),
    ],
)
def test_time_off_that_makes_no_sense_is_refused(
    world: World, at: Any, absence: Absence, code: str, field: str
) -> None:
    at("2027-01-10T00:00")
    owner = world.practitioner()
    _away(world, owner, "2027-01-20", "2027-01-22", "14:00", None)
    with _as(world, owner) as user, pytest.raises(Invalid) as refused:
        time_off.add(user, absence)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert len(world.all(TimeOff)) == 1


def test_two_times_off_may_touch_and_two_years_are_not_too_long(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner = world.practitioner()
    _away(world, owner, "2027-01-20", "2027-01-22", None, "14:00")
    _away(world, owner, "2027-01-22", "2029-01-22", "14:00", None)
    assert len(world.all(TimeOff)) == 2


def test_time_off_is_removed_by_its_owner_alone(world: World) -> None:
    owner, other = world.practitioner(), world.practitioner(name="Ravi Deshpande")
    _away(world, owner, "2030-01-01", "2030-01-02")
    [row] = world.all(TimeOff)
    with _as(world, other) as user, pytest.raises(NotFound):
        time_off.remove(user, row.id)
    with _as(world, owner) as user:
        time_off.remove(user, row.id)
    assert world.all(TimeOff) == []


def test_a_day_inside_time_off_gets_no_other_hours_until_it_is_taken_off(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner = world.practitioner()
    _away(world, owner, "2027-01-20", "2027-01-22")
    with _as(world, owner) as user, pytest.raises(Invalid) as refused:
        practice.add_exception(user, date(2027, 1, 22), time(9), time(10), last=date(2027, 1, 24))
    assert refused.value.code == "time_off_that_day"
    with _as(world, owner) as user:
        assert practice.exceptions_of(practice.of_user(user)) == [], "none of the days, or all"


def test_free_now_ends_where_time_off_begins_and_may_be_switched_on_in_it_knowingly(world: World, at: Any) -> None:
    at("2027-01-12T06:00")  # nine in Nairobi
    owner = world.practitioner()
    service = world.service(owner)
    with _as(world, owner) as user:
        instant.switch_on(user, 240)
    _away(world, owner, "2027-01-12", "2027-01-12", "10:00", "12:00")
    with _as(world, owner) as user:
        found = practice.of_user(user)
        assert found.available_until == datetime(2027, 1, 12, 7, tzinfo=UTC)
    at("2027-01-12T07:30")
    assert world.person().post("/bookings/instant", {"service_id": service}).json["code"] == "not_available_now"
    with _as(world, owner) as user:
        instant.switch_on(user, 60)
    assert world.person().post("/bookings/instant", {"service_id": service}).status_code == 201


def test_a_session_at_once_does_not_run_into_time_off_that_is_about_to_begin(world: World, at: Any) -> None:
    """Nor does who pays late for one have it again."""
    at("2027-01-12T06:00")  # nine in Nairobi
    owner = world.practitioner()
    service, short = world.service(owner), world.service(owner, minutes=30)
    practices.weekly(world, owner, [])
    with _as(world, owner) as user:
        instant.switch_on(user, 240)
    _away(world, owner, "2027-01-12", "2027-01-12", "09:40", "12:00")
    assert world.person().post("/bookings/instant", {"service_id": service}).json["code"] == "not_available_now"
    with world.rows() as session:
        assert not slots.may_be_taken(session.get_one(Service, service), _utc("2027-01-12T06:05"), 60)
        assert slots.may_be_taken(session.get_one(Service, short), _utc("2027-01-12T06:05"), 30)
    assert world.person().post("/bookings/instant", {"service_id": short}).status_code == 201


def test_a_client_moves_no_session_into_time_off_and_the_practice_only_knowingly(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner, client = _from_nine_to_noon(world), world.person()
    booking = world.booked(client, world.service(owner), start="2027-01-11T09:00:00+03:00")
    _away(world, owner, "2027-01-12", "2027-01-12")
    wish = {"start": "2027-01-12T09:00:00+03:00"}
    path = f"/bookings/{booking['id']}/reschedule"
    assert client.post(path, wish).json["code"] == "slot_not_offered"
    refused = owner.post(path, wish)
    assert (refused.status_code, refused.json["code"]) == (409, "time_off_then")
    assert owner.post(path, wish | {"in_time_off": True}).status_code == 200


def test_a_client_who_says_that_it_is_in_time_off_moves_nothing_there_either(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner, client = _from_nine_to_noon(world), world.person()
    booking = world.booked(client, world.service(owner), start="2027-01-11T09:00:00+03:00")
    _away(world, owner, "2027-01-12", "2027-01-12")
    with _as(world, client) as user, pytest.raises(Invalid):
        reschedules.propose(UUID(booking["id"]), user, _utc("2027-01-12T06:00"), in_time_off=True)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------------ holidays


def test_holidays_of_a_country_are_closed_but_those_that_are_worked_on(world: World, at: Any) -> None:
    """Kenya, 2027: Madaraka Day is 1 June; Good Friday 26 March, Easter Monday 29 March."""
    at("2027-01-10T00:00")
    owner = _from_nine_to_noon(world)
    service = world.service(owner, step_minutes=180)
    with _as(world, owner) as user:
        holidays.choose(user, "KE")
        holidays.work_on(user, [date(2027, 3, 29)])
        named = {each.day: (each.name, each.worked) for each in holidays.coming(practice.of_user(user), "sw")}
    assert named[date(2027, 6, 1)] == ("Siku ya Madaraka", False)
    assert named[date(2027, 3, 29)] == ("Jumatatu ya Pasaka", True)
    walls = _walls(world, service, "2027-03-25", "2027-03-30")
    assert walls == ["Thu 09:00", "Sat 09:00", "Sun 09:00", "Mon 09:00", "Tue 09:00"]
    with _as(world, owner) as user:
        holidays.choose(user, "")
    assert "Fri 09:00" in _walls(world, service, "2027-03-25", "2027-03-30")


def test_holidays_of_a_region_are_those_of_its_country_and_its_own(world: World, at: Any) -> None:
    """Corpus Christi, 27 May 2027, is a holiday in Bavaria and none in Berlin."""
    at("2027-01-10T00:00")
    owner = world.practitioner(zone="Europe/Berlin")
    service = world.service(owner)
    for region, free in (("BY", 0), ("BE", 24), ("", 24)):
        with _as(world, owner) as user:
            holidays.choose(user, "DE", region)
        assert len(_walls(world, service, "2027-05-27", "2027-05-27")) == free, region


def test_a_holiday_with_hours_of_its_own_is_open_then(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner = _from_nine_to_noon(world)
    service = world.service(owner)
    with _as(world, owner) as user:
        holidays.choose(user, "KE")
        practice.add_exception(user, date(2027, 6, 1), time(15), time(16))
    assert _walls(world, service, "2027-06-01", "2027-06-01") == ["Tue 15:00"]


@pytest.mark.parametrize(
    ("country", "region", "code", "field"),
    [
        ("XX", "", "country_unknown", "country"),
        ("ke", "", "country_unknown", "country"),
        ("KE", "BY", "region_unknown", "region"),
        ("", "BY", "region_unknown", "region"),
    ],
)
def test_holidays_of_a_country_nobody_has_are_refused(
    world: World, country: str, region: str, code: str, field: str
) -> None:
    with _as(world, world.practitioner()) as user, pytest.raises(Invalid) as refused:
        holidays.choose(user, country, region)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert [row.holiday_country for row in world.all(Practitioner)] == [""]


def test_a_day_that_is_no_holiday_cannot_be_ticked(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    with _as(world, world.practitioner()) as user, pytest.raises(Invalid) as refused:
        holidays.choose(user, "KE", worked=[date(2027, 6, 2)])
    assert refused.value.code == "not_a_holiday"


# ------------------------------------------------------------------------------------------------ the notice


def test_a_notice_is_read_on_its_days_by_the_practitioners_calendar(world: World, at: Any) -> None:
    at("2027-07-01T00:00")
    owner = world.practitioner(zone=LOS_ANGELES)
    with _as(world, owner) as user:
        absence_notice.show(user, " Away until 14 August ", date(2027, 8, 1), date(2027, 8, 14))
    # In Los Angeles 1 August begins at 07:00 UTC, and 15 August on the 15th at 07:00.
    moments = {"01T06:59": "", "01T07:00": "Away until 14 August", "15T06:59": "Away until 14 August", "15T07:00": ""}
    for moment, text in moments.items():
        at(f"2027-08-{moment}")
        with _as(world, owner) as user:
            assert absence_notice.in_force(practice.of_user(user)) == text, moment


def test_a_notice_stands_beside_the_empty_days_of_its_time_off_before_it_is_in_force(world: World, at: Any) -> None:
    at("2027-07-01T00:00")
    owner = world.practitioner()
    with _as(world, owner) as user:
        absence_notice.show(user, "Away", date(2027, 8, 1), date(2027, 8, 14))
        assert absence_notice.beside(practice.of_user(user), date(2027, 8, 1), date(2027, 8, 31)) == ""
    _away(world, owner, "2027-08-10", "2027-08-20")
    with _as(world, owner) as user:
        found = practice.of_user(user)
        assert absence_notice.beside(found, date(2027, 8, 1), date(2027, 8, 31)) == "Away"
        assert absence_notice.beside(found, date(2027, 7, 1), date(2027, 7, 31)) == ""
        assert absence_notice.beside(found, date(2027, 8, 15), date(2027, 8, 31)) == ""


def test_everything_that_is_wrong_with_a_notice_is_said_at_once(world: World, at: Any) -> None:
    at("2027-07-01T00:00")
    with _as(world, world.practitioner()) as user:
        found = absence_notice.problems(practice.of_user(user), "x" * 301, None, date(2027, 6, 1))
        assert [(each.code, each.field) for each in found] == [
            ("too_long", "text"),
            ("date_invalid", "first"),
            ("day_past", "last"),
        ]
        with pytest.raises(Invalid):
            absence_notice.show(user, "Away", date(2027, 8, 2), date(2027, 8, 1))
    assert [row.absence_text for row in world.all(Practitioner)] == [""]


# ------------------------------------------------------------------------------------------------ fixed times

SIX_ON_TUESDAYS = {"places": 5, "class_times": ((1, "18:00"), (5, "09:30"))}


def test_a_group_with_fixed_times_is_offered_then_alone_also_outside_the_hours(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner = _from_nine_to_noon(world)
    group = world.service(owner, **SIX_ON_TUESDAYS)
    assert _walls(world, group, "2027-01-11", "2027-01-24") == ["Tue 18:00", "Sat 09:30", "Tue 18:00", "Sat 09:30"]
    client = world.person()
    refused = client.post("/bookings", {"service_id": group, "start": "2027-01-12T09:00:00+03:00"})
    assert (refused.status_code, refused.json["code"]) == (422, "slot_not_offered")
    made = world.book(client, group, "2027-01-12T18:00:00+03:00")
    assert datetime.fromisoformat(made["booking"]["start"]) == _utc("2027-01-12T15:00")


def test_a_class_is_not_given_in_time_off_nor_on_a_holiday(world: World, at: Any) -> None:
    """1 June 2027, Madaraka Day, is a Tuesday."""
    at("2027-05-20T00:00")
    owner = _from_nine_to_noon(world)
    group = world.service(owner, **SIX_ON_TUESDAYS)
    _away(world, owner, "2027-06-05", "2027-06-08", None, "18:30")
    with _as(world, owner) as user:
        holidays.choose(user, "KE")
    assert _walls(world, group, "2027-05-31", "2027-06-13") == ["Sat 09:30"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"class_times": ((1, "18:00"), (1, "18:30"))}, "class_inside_another", "class_time2"),
        ({"class_times": ((1, "18:00"), (3, "09:00"), (1, "18:00"))}, "class_twice", "class_time3"),
        ({"class_times": ((1, "18:00"), (1, "19:00")), "buffer_after": 1}, "class_inside_another", "class_time2"),
        ({"class_times": ((1, "25:00"),)}, "time_invalid", "class_time1"),
        ({"class_times": ((7, "18:00"),)}, "time_invalid", "class_time1"),
        ({"class_times": ((1, "18:00"),), "kind": "individual", "places": 1}, "class_times_of_group", "class_time1"),
    ],
)
def test_fixed_times_that_make_no_sense_are_refused(
    world: World, changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        world.service(world.practitioner(), **{"places": 5} | changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert world.all(Service) == []


def test_a_longer_class_that_would_run_into_the_next_is_refused_and_the_shorter_stays(world: World) -> None:
    owner = world.practitioner()
    group = world.service(owner, places=5, class_times=((1, "18:00"), (1, "19:00")))
    with pytest.raises(Invalid):
        practices.edit(world, owner, group, minutes=61)
    assert [service.minutes for service in world.all(Service)] == [60]


def test_who_pays_late_has_the_class_again_and_not_once_it_meets_at_another_time(world: World, at: Any) -> None:
    at("2027-01-10T00:00")
    owner, client = _from_nine_to_noon(world), world.person()
    group = world.service(owner, **SIX_ON_TUESDAYS)
    start = _utc("2027-01-12T15:00")
    with world.rows() as session:
        assert slots.may_be_taken(session.get_one(Service, group), start, 60)
    practices.edit(world, owner, group, class_times=((2, "18:00"),))
    with world.rows() as session:
        assert not slots.may_be_taken(session.get_one(Service, group), start, 60)
    refused = client.post("/bookings", {"service_id": group, "start": start.isoformat()})
    assert refused.json["code"] == "slot_not_offered"


@pytest.mark.parametrize("kind", [SIX_ON_TUESDAYS, {"meeting_kind": "in_person", "meeting_where": "Ngong Road 5"}])
def test_free_now_seats_nobody_late_in_a_class_or_in_person(world: World, at: Any, kind: dict[str, Any]) -> None:
    """It is for sessions online, at once: what is closed on that day stays closed."""
    at("2027-01-12T14:00")  # five in Nairobi, on a Tuesday
    owner = _from_nine_to_noon(world)
    service = world.service(owner, **kind)
    _away(world, owner, "2027-01-12", "2027-01-12")
    with _as(world, owner) as user:
        instant.switch_on(user, 240)
    with world.rows() as session:
        assert not slots.may_be_taken(session.get_one(Service, service), _utc("2027-01-12T15:00"), 60)


def test_a_group_with_fixed_times_is_not_begun_at_once(world: World) -> None:
    owner = world.practitioner()
    group = world.service(owner, **SIX_ON_TUESDAYS)
    with _as(world, owner) as user:
        instant.switch_on(user, 60)
    assert world.person().post("/bookings/instant", {"service_id": group}).json["code"] == "not_available_now"
