"""Free times: local hours as the wall clock has them, over every clock change; taken times by the clock, not by a worker."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import Absence
from app.extensions import db
from app.lib import clock
from app.models import Service, Slot, User
from app.services import practice
from app.services.core.errors import Invalid
from app.services.practice import Hours, slots
from app.services.scheduling import kept_times
from tests.support.world import Caller, World

PARIS, NEW_YORK, NAIROBI = "Europe/Paris", "America/New_York", "Africa/Nairobi"


@pytest.fixture
def at(world: World) -> Any:
    """at("2027-03-20T12:00"): it is that moment (UTC) now."""
    return lambda text: clock.use(lambda: datetime.fromisoformat(text).replace(tzinfo=UTC))


def _practice(world: World, zone: str, *hours: tuple[int, str, str]) -> Caller:
    owner = world.practitioner(zone=zone)
    with world.rows() as session:
        user = session.get_one(User, owner.user_id)
        opened = [Hours(day, time.fromisoformat(begin), time.fromisoformat(end)) for day, begin, end in hours]
        practice.set_hours(user, opened)
    return owner


def _free(world: World, service_id: int, first: str, last: str | None = None) -> list[slots.FreeSlot]:
    with world.rows() as session:
        service = session.get_one(Service, service_id)
        return slots.free_slots(service, date.fromisoformat(first), date.fromisoformat(last or first))


def _walls(found: list[slots.FreeSlot], zone: str) -> list[str]:
    return [f"{slot.start.astimezone(ZoneInfo(zone)):%a %H:%M}" for slot in found]


DAILY = [(day, "09:00", "12:00") for day in range(7)]
# zone, the day before, the day of the change, and both days' nine o'clock in UTC
CHANGES = [
    (PARIS, "2027-03-27", "2027-03-28", "08:00", "07:00"),
    (PARIS, "2027-10-30", "2027-10-31", "07:00", "08:00"),
    (NEW_YORK, "2027-03-13", "2027-03-14", "14:00", "13:00"),
    (NEW_YORK, "2027-11-06", "2027-11-07", "13:00", "14:00"),
]


@pytest.mark.parametrize(("zone", "before", "change", "utc_before", "utc_after"), CHANGES)
def test_nine_oclock_is_nine_oclock_on_both_sides_of_a_clock_change(
    world: World, at: Any, zone: str, before: str, change: str, utc_before: str, utc_after: str
) -> None:
    """Complaint: sessions an hour off after the change."""
    at(f"{before[:7]}-01T00:00")
    service = world.service(_practice(world, zone, *DAILY))
    found = _free(world, service, before, change)
    assert [wall[-5:] for wall in _walls(found, zone)] == ["09:00", "10:00", "11:00"] * 2
    assert [f"{found[n].start:%H:%M}" for n in (0, 3)] == [utc_before, utc_after]
    assert all(slot.end - slot.start == timedelta(hours=1) for slot in found)


@pytest.mark.parametrize(("zone", "before", "change", "utc_before", "utc_after"), CHANGES)
def test_a_time_booked_across_a_clock_change_is_the_time_that_was_shown(
    world: World, at: Any, zone: str, before: str, change: str, utc_before: str, utc_after: str
) -> None:
    """Booked before the change for after it, and taken at exactly that time when the day has come."""
    at(f"{before}T00:00")
    service = world.service(_practice(world, zone, *DAILY))
    start = _free(world, service, change)[1].start
    world.booked(world.person(), service, start=start.isoformat())
    at(f"{change}T00:01")
    assert [wall[-5:] for wall in _walls(_free(world, service, change), zone)] == ["09:00", "11:00"]


@pytest.mark.parametrize(
    ("zone", "change", "hours", "count"),
    [
        (PARIS, "2027-03-28", ("00:00", "06:00"), 5),  # 02:00 to 03:00 does not exist
        (PARIS, "2027-10-31", ("00:00", "06:00"), 7),  # 02:00 to 03:00 happens twice
        (NEW_YORK, "2027-03-14", ("00:00", "06:00"), 5),
        (NEW_YORK, "2027-11-07", ("00:00", "06:00"), 7),
        (PARIS, "2027-03-28", ("00:00", "00:00"), 23),
        (PARIS, "2027-10-31", ("00:00", "00:00"), 25),
        (NAIROBI, "2027-03-28", ("00:00", "00:00"), 24),
    ],
)
def test_hours_that_hold_the_change_have_their_real_length(
    world: World, at: Any, zone: str, change: str, hours: tuple[str, str], count: int
) -> None:
    """No session in an hour that does not exist, none lost in one that happens twice; none overlaps another."""
    at("2027-03-01T00:00" if "-03-" in change else "2027-10-15T00:00")
    service = world.service(_practice(world, zone, (6, *hours)))
    found = _free(world, service, change)
    assert len(found) == count
    assert all(one.end == two.start for one, two in pairwise(found))


def test_a_day_is_the_practitioners_day_and_not_the_readers(world: World, at: Any) -> None:
    """S3-29: Monday in Auckland begins on Sunday in UTC."""
    at("2027-01-05T00:00")
    service = world.service(_practice(world, "Pacific/Auckland", (0, "08:00", "10:00")))
    found = _free(world, service, "2027-01-11")
    assert [slot.start for slot in found] == [datetime(2027, 1, 10, hour, tzinfo=UTC) for hour in (19, 20)]


def test_what_has_begun_is_never_offered(world: World, at: Any) -> None:
    service = world.service(_practice(world, NAIROBI, *DAILY))
    at("2027-01-12T07:00")  # ten in Nairobi, to the second
    assert _walls(_free(world, service, "2027-01-12"), NAIROBI) == ["Tue 11:00"]
    assert _free(world, service, "2027-01-01", "2027-01-11") == []
    answer = world.person().post("/bookings", {"service_id": service, "start": "2027-01-12T10:00:00+03:00"})
    assert (answer.status_code, answer.json["code"]) == (422, "slot_past")


EVENINGS = [(day, *hours) for day in range(7) for hours in (("22:00", "00:00"), ("00:00", "02:00"))]


def test_hours_that_touch_at_midnight_are_one_stretch(world: World, at: Any) -> None:
    """Finding 13: 23:30 of 60 minutes is offered, and booked as it is offered."""
    at("2027-01-11T00:00")
    service = world.service(_practice(world, NAIROBI, *EVENINGS), step_minutes=30)
    walls = _walls(_free(world, service, "2027-01-12"), NAIROBI)
    assert walls == ["Tue 00:00", "Tue 00:30", "Tue 01:00", "Tue 22:00", "Tue 22:30", "Tue 23:00", "Tue 23:30"]
    late = _free(world, service, "2027-01-12")[-1].start
    world.booked(world.person(), service, start=late.isoformat())
    walls = _walls(_free(world, service, "2027-01-12", "2027-01-13"), NAIROBI)
    assert walls[3:7] == ["Tue 22:00", "Tue 22:30", "Wed 00:30", "Wed 01:00"]


def test_a_day_has_the_same_times_whichever_days_are_asked_for_with_it(world: World, at: Any) -> None:
    """Open day and night with sessions of 50 minutes: counted from each midnight, not from the first day of the question."""
    at("2027-01-10T00:00")
    service = world.service(_practice(world, NAIROBI, *[(day, "00:00", "00:00") for day in range(7)]), minutes=50)
    alone = _free(world, service, "2027-01-14")
    assert alone == [slot for slot in _free(world, service, "2027-01-12", "2027-01-15") if slot in alone]
    days = [
        slot.start.astimezone(ZoneInfo(NAIROBI)).date() for slot in _free(world, service, "2027-01-12", "2027-01-15")
    ]
    assert days.count(date(2027, 1, 14)) == len(alone)


def test_no_session_runs_into_a_night_that_is_closed(world: World, at: Any) -> None:
    at("2027-01-11T00:00")
    service = world.service(_practice(world, NAIROBI, (1, "22:00", "00:00"), (3, "00:00", "02:00")), step_minutes=30)
    walls = _walls(_free(world, service, "2027-01-12", "2027-01-13"), NAIROBI)
    assert walls == ["Tue 22:00", "Tue 22:30", "Tue 23:00"]


def test_a_lapsed_hold_is_ignored_to_the_second_and_no_worker_runs(world: World, at: Any) -> None:
    """S1-1, S1-2, S1-4, complaint 1."""
    at("2027-01-11T00:00")
    service = world.service(_practice(world, NAIROBI, *DAILY))
    start = _free(world, service, "2027-01-12")[0].start
    made = world.book(world.person(), service, start.isoformat())
    ends = datetime.fromisoformat(made["checkout"]["expires_at"])
    for moment, free in ((-1, 2), (0, 3), (1, 3)):
        clock.use(lambda moment=moment: ends + timedelta(seconds=moment))
        assert len(_free(world, service, "2027-01-12")) == free, moment


def test_a_confirmed_booking_never_lapses(world: World, at: Any) -> None:
    at("2027-01-11T00:00")
    service = world.service(_practice(world, NAIROBI, *DAILY))
    world.booked(world.person(), service, start=_free(world, service, "2027-01-20")[0].start.isoformat())
    at("2027-01-19T00:00")
    assert _walls(_free(world, service, "2027-01-20"), NAIROBI) == ["Wed 10:00", "Wed 11:00"]


def test_a_group_shows_how_many_places_are_left(world: World, at: Any) -> None:
    """S1-8, S1-17."""
    at("2027-01-11T00:00")
    service = world.service(_practice(world, NAIROBI, *DAILY), places=3)
    start = _free(world, service, "2027-01-12")[0].start.isoformat()
    left = [_free(world, service, "2027-01-12")[0].places_left]
    for places in (1, 1):
        world.book(world.person(), service, start, places=places)
        left.append(_free(world, service, "2027-01-12")[0].places_left)
    assert left == [3, 2, 1]
    answer = world.person().post("/bookings", {"service_id": service, "start": start, "places": 2})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    world.book(world.person(), service, start)
    assert _walls(_free(world, service, "2027-01-12"), NAIROBI) == ["Tue 10:00", "Tue 11:00"]


def test_buffers_keep_a_distance_on_both_sides(world: World, at: Any) -> None:
    at("2027-01-11T00:00")
    owner = _practice(world, NAIROBI, *[(day, "08:00", "14:00") for day in range(7)])
    service = world.service(owner, buffer_before=10, buffer_after=20, step_minutes=30)
    world.book(world.person(), service, "2027-01-12T11:00:00+03:00")
    assert _walls(_free(world, service, "2027-01-12"), NAIROBI) == [
        "Tue 08:00", "Tue 08:30", "Tue 09:00", "Tue 09:30", "Tue 12:30", "Tue 13:00",
    ]  # fmt: skip


def test_a_service_with_buffers_is_spaced_by_them_unless_it_says_otherwise(world: World, at: Any) -> None:
    at("2027-01-11T00:00")
    owner = _practice(world, NAIROBI, *[(day, "08:00", "12:00") for day in range(7)])
    spaced = world.service(owner, minutes=50, buffer_after=10)
    assert _walls(_free(world, spaced, "2027-01-12"), NAIROBI) == ["Tue 08:00", "Tue 09:00", "Tue 10:00", "Tue 11:00"]


def test_another_service_of_the_same_practitioner_stands_in_the_way(world: World, at: Any) -> None:
    """Invariant 1: one person is in one place."""
    at("2027-01-11T00:00")
    owner = _practice(world, NAIROBI, *DAILY)
    single, long = world.service(owner), world.service(owner, title="Long", minutes=120, step_minutes=60)
    world.book(world.person(), single, "2027-01-12T11:00:00+03:00")
    assert _walls(_free(world, long, "2027-01-12"), NAIROBI) == ["Tue 09:00"]
    colleague = world.service(_practice(world, NAIROBI, *DAILY))
    assert len(_free(world, colleague, "2027-01-12")) == 3


def test_an_exception_replaces_the_week_on_its_day_alone(world: World, at: Any) -> None:
    at("2027-01-11T00:00")
    owner = _practice(world, NAIROBI, *DAILY)
    service = world.service(owner)
    with world.rows() as session:
        user = session.get_one(User, owner.user_id)
        practice.time_off.add(user, Absence(date(2027, 1, 12), date(2027, 1, 12)), "holiday")
        practice.add_exception(user, date(2027, 1, 13), time(15), time(17))
        practice.add_exception(user, date(2027, 1, 13), time(20), time(0))
    found = _free(world, service, "2027-01-11", "2027-01-14")
    assert _walls(found, NAIROBI) == [
        "Mon 09:00", "Mon 10:00", "Mon 11:00",
        "Wed 15:00", "Wed 16:00", "Wed 20:00", "Wed 21:00", "Wed 22:00", "Wed 23:00",
        "Thu 09:00", "Thu 10:00", "Thu 11:00",
    ]  # fmt: skip
    answer = world.person().post("/bookings", {"service_id": service, "start": "2027-01-12T09:00:00+03:00"})
    assert (answer.status_code, answer.json["code"]) == (422, "slot_not_offered")


def test_a_closed_day_keeps_what_was_booked_before(world: World, at: Any) -> None:
    """A booking is kept for ever; closing a day is no cancellation."""
    at("2027-01-11T00:00")
    owner, client = _practice(world, NAIROBI, *DAILY), world.person()
    service = world.service(owner)
    booking = world.booked(client, service, start="2027-01-12T09:00:00+03:00")
    with world.rows() as session:
        practice.time_off.add(session.get_one(User, owner.user_id), Absence(date(2027, 1, 12), date(2027, 1, 12)))
    assert world.booking(client, booking["id"])["status"] == "confirmed"
    assert _free(world, service, "2027-01-12") == []


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [("2027-01-12", "2027-01-11", "range_reversed"), ("2027-01-12", "2027-03-15", "range_too_long")],
)
def test_a_range_that_makes_no_sense_is_refused(world: World, at: Any, first: str, last: str, code: str) -> None:
    at("2027-01-11T00:00")
    service = world.service(world.practitioner())
    with pytest.raises(Invalid) as caught:
        _free(world, service, first, last)
    assert (caught.value.code, caught.value.field) == (code, "to")


def test_sixty_two_days_may_be_asked_for_at_once(world: World, at: Any) -> None:
    at("2027-01-11T00:00")
    service = world.service(_practice(world, NAIROBI, *DAILY))
    assert len(_free(world, service, "2027-01-12", "2027-03-14")) == 62 * 3


def test_the_end_of_the_calendar_is_no_error(world: World) -> None:
    service = world.service(world.practitioner())
    assert _free(world, service, "9999-12-30", "9999-12-31") == []
    assert _free(world, service, "0001-01-01", "0001-01-02") == []


def test_a_time_between_the_offered_ones_is_refused(world: World, at: Any) -> None:
    """S0-9, S1-6: the browser does not make up times."""
    at("2027-01-11T00:00")
    service = world.service(_practice(world, NAIROBI, *DAILY))
    for wrong in ("09:30", "08:00", "12:00", "11:01"):
        answer = world.person().post("/bookings", {"service_id": service, "start": f"2027-01-12T{wrong}:00+03:00"})
        assert (answer.status_code, answer.json["code"]) == (422, "slot_not_offered"), wrong


def test_the_next_free_time_is_the_first_that_is_left(world: World, at: Any) -> None:
    at("2027-01-11T20:00")
    service = world.service(_practice(world, NAIROBI, *DAILY))
    world.book(world.person(), service, "2027-01-12T09:00:00+03:00")
    with world.rows() as session:
        found = kept_times.next_free([session.get_one(Service, service)])[service]
    assert found is not None
    assert _walls([found], NAIROBI) == ["Tue 10:00"]


def test_an_edited_service_keeps_the_length_of_what_is_already_booked(world: World, at: Any) -> None:
    """The frozen booking keeps its two hours; the new shape is offered around it."""
    at("2027-01-11T00:00")
    owner = _practice(world, NAIROBI, *DAILY)
    service = world.service(owner, minutes=120, step_minutes=60)
    world.book(world.person(), service, "2027-01-12T09:00:00+03:00")
    with world.rows() as session:
        session.get_one(Service, service).minutes = 60
        session.commit()
    assert _walls(_free(world, service, "2027-01-12"), NAIROBI) == ["Tue 11:00"]


def test_an_emptied_time_is_offered_in_any_shape_again(world: World, at: Any) -> None:
    """A slot nobody holds any more is closed when another needs its time."""
    at("2027-01-11T00:00")
    owner, client = _practice(world, NAIROBI, *DAILY), world.person()
    single, long = world.service(owner), world.service(owner, title="Long", minutes=180)
    made = world.book(client, single, "2027-01-12T10:00:00+03:00")
    client.post(f"/bookings/{made['booking']['id']}/cancel")
    world.book(world.person(), long, "2027-01-12T09:00:00+03:00")
    assert [bool(slot.closed_at) for slot in sorted(world.all(Slot), key=lambda s: s.id)] == [True, False]
    assert _free(world, single, "2027-01-12") == []


def test_a_service_without_hours_offers_nothing(world: World) -> None:
    service = world.service(_practice(world, NAIROBI))
    today = clock.now().date()
    assert _free(world, service, today.isoformat(), (today + timedelta(days=30)).isoformat()) == []
    with world.app.app_context():
        assert kept_times.next_free([db.session.get_one(Service, service)]) == {service: None}
