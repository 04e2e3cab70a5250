"""When a practitioner is away, and when their groups meet: time off, public holidays, the notice, fixed times."""

from datetime import date, time
from typing import Annotated

from pydantic import Field

from app.blueprints.api.base import Code, Shape, Taken, WallTime
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Instant, Nothing, ServiceView
from app.domain.agenda import Absence
from app.models import Booking, Practitioner, TimeOff
from app.services import practice
from app.services.backoffice.overview import diary
from app.services.practice import absence_notice, class_times, holidays, time_off

_Day = Annotated[date, Code("date_invalid")]
_Time = Annotated[WallTime | None, Code("time_invalid")]


class NewTimeOff(Taken, json_schema_extra={"examples": [{"first": "2030-08-01", "last": "2030-08-14"}]}):
    """Local days of the practitioner, both included; from a time on the first, until a time on the last."""

    first: _Day
    last: _Day
    first_time: _Time = Field(None, description="from this local time on the first day; null: all of it")
    last_time: _Time = Field(None, description="until this local time on the last day; null: all of it")
    name: str = Field("", max_length=time_off.NAME_LIMIT, description="for the practitioner alone")


class Standing(Shape):
    """A booking that stands in time off."""

    booking_id: str
    start: Instant
    client: str

    @classmethod
    def of(cls, booking: Booking) -> "Standing":
        """As its practitioner sees it."""
        return cls(booking_id=str(booking.id), start=booking.starts_at, client=booking.client.name)


class TimeOffView(Shape):
    """Time off that is not over, and the bookings that stand in it all the same."""

    id: int
    first: date
    last: date
    first_time: time | None
    last_time: time | None
    name: str
    bookings: list[Standing]


class HolidayView(Shape):
    """A public holiday that comes."""

    day: date
    name: str
    worked: bool = Field(description="the practitioner works then all the same")


class HolidaysView(Shape):
    """Whose public holidays are closed, and those of the next thirteen months."""

    country: str
    region: str
    holidays: list[HolidayView]


class Holidays(Taken, json_schema_extra={"examples": [{"country": "KE", "worked": ["2030-06-01"]}]}):
    """A country whose public holidays are closed, and on which of them the practitioner works."""

    country: str = Field("", max_length=2, description="ISO 3166; empty: no holidays")
    region: str = Field("", max_length=20, description="ISO 3166-2 without its country; empty: the whole country")
    worked: Annotated[list[date], Code("not_a_holiday")] = Field([], max_length=100)


class Notice(Taken, json_schema_extra={"examples": [{"text": "Away.", "first": "2030-08-01", "last": "2030-08-14"}]}):
    """What everybody reads on these local days of the practitioner; an empty text: nothing."""

    text: str = Field("", max_length=absence_notice.TEXT_LIMIT)
    first: Annotated[date | None, Code("date_invalid")] = None
    last: Annotated[date | None, Code("date_invalid")] = None


class NoticeView(Shape):
    """What everybody reads from the one day to the other."""

    text: str
    first: date | None
    last: date | None


class WeeklyTime(Taken, json_schema_extra={"examples": [{"weekday": 1, "starts": "18:00"}]}):
    """A weekday (0 Monday) and a local time."""

    weekday: int = Field(ge=0, le=6)
    starts: WallTime


class WeeklyTimes(Taken, json_schema_extra={"examples": [{"times": [{"weekday": 1, "starts": "18:00"}]}]}):
    """When a group meets every week; none: it may be asked for at any open time."""

    times: list[WeeklyTime] = Field(max_length=class_times.MOST)


def _all_time_off(practitioner: Practitioner) -> list[TimeOffView]:
    coming = time_off.coming(practitioner)
    return [
        _time_off(each, booked) for each, booked in zip(coming, diary.standing_in(practitioner, coming), strict=True)
    ]


def _time_off(each: TimeOff, booked: list[Booking]) -> TimeOffView:
    same = {name: getattr(each, name) for name in ("id", "first", "last", "name")}
    return TimeOffView(
        **same, first_time=each.starts, last_time=each.ends, bookings=[Standing.of(booking) for booking in booked]
    )


def _holidays(practitioner: Practitioner) -> HolidaysView:
    coming = holidays.coming(practitioner, caller().language)
    shown = [HolidayView(day=each.day, name=each.name, worked=each.worked) for each in coming]
    return HolidaysView(country=practitioner.holiday_country, region=practitioner.holiday_region, holidays=shown)


def _notice(practitioner: Practitioner) -> NoticeView:
    return NoticeView(text=practitioner.absence_text, first=practitioner.absence_from, last=practitioner.absence_until)


@call("GET /practice/time-off", "My time off", name="list_time_off", gives=list[TimeOffView], fails=("404 not_found",))
def list_time_off() -> list[TimeOffView]:
    """What is not over, in order."""
    return _all_time_off(practice.of_user(caller()))


@call(
    "POST /practice/time-off",
    "Enter time off",
    name="add_time_off",
    takes=NewTimeOff,
    gives=TimeOffView,
    status=201,
    fails=("404 not_found", "422 day_past hours_reversed range_reversed time_off_crossed time_off_too_long"),
)
def add_time_off(body: NewTimeOff) -> TimeOffView:
    """Nothing can be booked then; `bookings` are those that stand in it and stay."""
    made = time_off.add(caller(), Absence(body.first, body.last, body.first_time, body.last_time), body.name)
    [booked] = diary.standing_in(practice.of_user(caller()), [made])
    return _time_off(made, booked)


@call(
    "POST /practice/time-off/{time_off_id}/remove",
    "Take time off back",
    name="remove_time_off",
    takes=Nothing,
    gives=list[TimeOffView],
)
def remove_time_off(_body: Nothing, time_off_id: int) -> list[TimeOffView]:
    """The days are like any others again; what is left of the time off."""
    time_off.remove(caller(), time_off_id)
    return _all_time_off(practice.of_user(caller()))


@call("GET /practice/holidays", "My holidays", name="show_holidays", gives=HolidaysView, fails=("404 not_found",))
def show_holidays() -> HolidaysView:
    """Those of the next thirteen months, named in the caller's language where it is known."""
    return _holidays(practice.of_user(caller()))


@call(
    "POST /practice/holidays",
    "Choose whose holidays are closed",
    name="set_holidays",
    takes=Holidays,
    gives=HolidaysView,
    fails=("404 not_found", "422 country_unknown not_a_holiday region_unknown"),
)
def set_holidays(body: Holidays) -> HolidaysView:
    """They are closed but for those that are worked on. What is booked stays."""
    holidays.choose(caller(), body.country, body.region, body.worked)
    return _holidays(practice.of_user(caller()))


@call("GET /practice/notice", "My notice of absence", name="show_notice", gives=NoticeView, fails=("404 not_found",))
def show_notice() -> NoticeView:
    """Also while it is not in force."""
    return _notice(practice.of_user(caller()))


@call(
    "POST /practice/notice",
    "Say that I am away",
    name="set_notice",
    takes=Notice,
    gives=NoticeView,
    fails=("404 not_found", "422 date_invalid day_past range_reversed"),
)
def set_notice(body: Notice) -> NoticeView:
    """Everybody reads it on these days, on the practitioner's page and beside free times."""
    absence_notice.show(caller(), body.text, body.first, body.last)
    return _notice(practice.of_user(caller()))


@call(
    "POST /services/{service_id}/class-times",
    "Set when a group meets",
    name="set_class_times",
    takes=WeeklyTimes,
    gives=ServiceView,
    fails=("422 class_inside_another class_times_of_group class_twice",),
)
def set_class_times(body: WeeklyTimes, service_id: int) -> ServiceView:
    """It can be booked at these times alone. What is booked stays."""
    times = [(each.weekday, f"{each.starts:%H:%M}") for each in body.times]
    return ServiceView.of(practice.set_class_times(caller(), service_id, times))
