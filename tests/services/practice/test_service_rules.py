"""What a service asks of the time it is booked for: what is shown is what is taken, and what is wrong is said at once."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.agenda import Hours
from app.lib import clock
from app.models import Booking, Service
from tests.support import practices
from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World

_NAIROBI = ZoneInfo("Africa/Nairobi")
NONE = {"lead_hours": 0, "days_ahead": None, "most_per_day": None, "most_per_week": None, "own_hours": []}
LESSONS = [{"weekday": day, "opens": "16:00", "closes": "19:00"} for day in (1, 3)]
TYPED = {
    "title": "Lesson", "kind": "individual", "minutes": "60", "places": "1", "price": "60", "currency": "EUR",
    "mode_code": "hold_then_pay", "meeting_kind": "generated", "free_cancel_hours": "24", "active": "y",
}  # fmt: skip


def _hours(rows: list[dict[str, Any]]) -> tuple[Hours, ...]:
    return tuple(
        Hours(row["weekday"], time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])) for row in rows
    )


def _ask(client: Caller, service: int, start: datetime | str, **more: Any) -> tuple[int, str | None]:
    at = start if isinstance(start, str) else start.isoformat()
    answer = client.post("/bookings", {"service_id": service, "start": at, **more})
    return answer.status_code, answer.json.get("code")


def _local(days: int, hour: int) -> datetime:
    """So many days from the practitioner's today, at that hour of theirs."""
    return datetime.combine(clock.today("Africa/Nairobi") + timedelta(days=days), time(hour), _NAIROBI)


def _shown(world: World, service: int, days: int = 60) -> list[datetime]:
    first = clock.today("Africa/Nairobi")
    query = {"from": first.isoformat(), "to": (first + timedelta(days=days)).isoformat()}
    answer = world.app.test_client().get(f"/api/v1/services/{service}/slots", query_string=query)
    return [datetime.fromisoformat(slot["start"]) for slot in answer.json or []]


def _monday() -> int:
    """Days until a Monday that is more than a day away."""
    return 7 - clock.today("Africa/Nairobi").weekday() + 7


# ------------------------------------------------------------------------------------------------ asking


def test_a_notice_hides_what_is_too_near_and_refuses_it(world: World) -> None:
    service = world.service(world.practitioner(), lead_hours=12)
    first = min(_shown(world, service, 2))
    assert clock.now() + timedelta(hours=12) <= first <= clock.now() + timedelta(hours=13)
    client = world.person()
    assert _ask(client, service, first - timedelta(hours=1)) == (422, "too_soon")
    assert _ask(client, service, first) == (201, None)


def test_how_far_ahead_hides_what_is_too_far_and_refuses_it(world: World) -> None:
    service = world.service(world.practitioner(), days_ahead=3)
    last = max(_shown(world, service))
    assert last == _local(3, 23)
    client = world.person()
    assert _ask(client, service, _local(4, 0)) == (422, "too_far_ahead")
    assert _ask(client, service, last) == (201, None)


@pytest.mark.parametrize(
    ("rule", "code", "same", "other"), [("most_per_day", "day_full", 0, 1), ("most_per_week", "week_full", 6, 7)]
)
def test_no_more_sessions_are_taken_than_are_given(world: World, rule: str, code: str, same: int, other: int) -> None:
    service = world.service(world.practitioner(), **{rule: 2})
    client, monday = world.person(), _monday()
    for hour in (9, 11):
        assert _ask(client, service, _local(monday, hour)) == (201, None)
    assert _ask(client, service, _local(monday + same, 14)) == (409, code)
    assert _local(monday + same, 14) not in _shown(world, service)
    assert _local(monday + other, 14) in _shown(world, service)
    assert _ask(client, service, _local(monday + other, 14)) == (201, None)
    assert _ask(client, service, _local(monday - 1, 14)) == (201, None), "the week before"


def test_what_is_let_go_makes_room_and_what_another_service_takes_does_not_count(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service, other = (world.service(owner, most_per_day=1) for _ in range(2))
    day = _monday()
    world.book(client, other, _local(day, 8).isoformat())
    booking = world.book(client, service, _local(day, 10).isoformat())["booking"]
    assert _ask(client, service, _local(day, 12)) == (409, "day_full")
    client.post(f"/bookings/{booking['id']}/cancel", {"reason": "Ill"})
    assert _ask(client, service, _local(day, 12)) == (201, None)
    world.move(minutes=20)  # nobody paid: by the clock, and no sweep has run
    assert _ask(client, service, _local(day, 15)) == (201, None)


def test_a_group_is_one_session_however_many_come(world: World) -> None:
    service = world.service(world.practitioner(), places=3, most_per_day=1)
    start = _local(_monday(), 10)
    for _ in range(3):
        assert _ask(world.person(), service, start) == (201, None)
    assert _ask(world.person(), service, start) == (409, "slot_taken")
    assert _ask(world.person(), service, start + timedelta(hours=2)) == (409, "day_full")


def test_own_hours_are_kept_inside_those_of_the_practitioner(world: World) -> None:
    """Tuesdays and Thursdays from 16:00 to 19:00, of somebody who is open until 18:00."""
    owner = world.practitioner()
    service, other = world.service(owner, own_hours=_hours(LESSONS)), world.service(owner)
    practices.weekly(world, owner, [Hours(day, time(9), time(18)) for day in range(7)])
    monday = _monday()
    found = [start for start in _shown(world, service) if _local(monday, 0) <= start < _local(monday + 7, 0)]
    assert found == [_local(monday + day, hour) for day in (1, 3) for hour in (16, 17)]
    client = world.person()
    assert _ask(client, service, _local(monday + 1, 15)) == (422, "slot_not_offered")
    assert _ask(client, service, _local(monday + 2, 16)) == (422, "slot_not_offered")
    assert _ask(client, service, _local(monday + 1, 17)) == (201, None)
    assert _ask(client, other, _local(monday + 2, 16)) == (201, None)


def test_own_hours_go_on_over_midnight(world: World) -> None:
    late = [{"weekday": 4, "opens": "22:00", "closes": "00:00"}, {"weekday": 5, "opens": "00:00", "closes": "02:00"}]
    service = world.service(world.practitioner(), own_hours=_hours(late), step_minutes=30)
    friday = _monday() + 4
    found = [start for start in _shown(world, service) if _local(friday, 0) <= start < _local(friday + 2, 0)]
    assert found[0] == _local(friday, 22)
    assert _local(friday, 23) + timedelta(minutes=30) in found
    assert found[-1] == _local(friday + 1, 1)


# ------------------------------------------------------------------------------------------------ what was agreed stands


def test_a_booking_made_stands_whatever_the_rules_are_by_then(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    made = world.book(client, service, _local(_monday(), 10).isoformat())
    practices.edit(world, owner, service, lead_hours=2000, most_per_day=1, own_hours=_hours(LESSONS))
    assert _ask(client, service, _local(_monday(), 10)) == (201, None), "asked again it is the same"
    world.act(world.begin(client, made["checkout"]["id"]))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


@pytest.mark.parametrize(
    "rules", [{"lead_hours": 2000}, {"days_ahead": 1}, {"most_per_day": 1}, {"own_hours": _hours(LESSONS)}]
)
@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_who_pays_late_keeps_the_place_whatever_may_be_asked_for_by_then(
    world: World, mode: str, rules: dict[str, Any]
) -> None:
    """Money that was taken: the rules bind who asks, and they had asked."""
    owner, client, other = world.practitioner(), world.person(), world.person()
    service = world.service(owner, mode, "INR")
    start = _local(_monday(), 10)
    made = world.book(client, service, start.isoformat())
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.move(minutes=20)
    world.sweep()
    world.booked(
        other, service, "razorpay", start=_local(_monday(), 12).isoformat()
    ) if mode == "hold_then_pay" else None
    practices.edit(world, owner, service, **rules)
    world.act(begun)
    [mine] = client.get("/bookings").json
    assert (mine["status"], datetime.fromisoformat(mine["start"])) == ("confirmed", start)


# ------------------------------------------------------------------------------------------------ setting them


def test_the_rules_are_read_and_set_by_their_practitioner_alone(world: World) -> None:
    owner, other = world.practitioner(), world.practitioner(name="Ravi Deshpande")
    service = world.service(owner)
    assert owner.get(f"/services/{service}/rules").json == NONE
    wanted = {"lead_hours": 12, "days_ahead": 60, "most_per_day": 4, "most_per_week": 10, "own_hours": LESSONS}
    assert owner.post(f"/services/{service}/rules", wanted).json == wanted
    assert owner.get(f"/services/{service}/rules").json == wanted
    for stranger in (other, world.person()):
        assert stranger.get(f"/services/{service}/rules").status_code == 404
        assert stranger.post(f"/services/{service}/rules", NONE).status_code == 404
    [shown] = [p for p in world.person().get("/practitioners").json if p["services"]]
    assert shown["services"][0]["rules"] == wanted
    assert owner.post(f"/services/{service}/rules", {}).json == NONE


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"lead_hours": 2161}, "out_of_range", "lead_hours"),
        ({"days_ahead": 0}, "out_of_range", "days_ahead"),
        ({"most_per_day": 0}, "out_of_range", "most_per_day"),
        ({"most_per_week": 501}, "out_of_range", "most_per_week"),
        ({"lead_hours": 49, "days_ahead": 2}, "lead_beyond_horizon", "lead_hours"),
        ({"own_hours": [{"weekday": 1, "opens": "19:00", "closes": "16:00"}]}, "hours_reversed", "own_hours"),
        (
            {"own_hours": [{"weekday": 1, "opens": "1\u0660:00", "closes": "16:00"}]},
            "time_invalid",
            "own_hours-0-opens",
        ),
        ({"own_hours": [*LESSONS, {"weekday": 1, "opens": "18:00", "closes": "20:00"}]}, "hours_overlap", "own_hours"),
        ({"own_hours": [{"weekday": 1, "opens": "05:00", "closes": "09:00"}]}, "own_hours_outside", "own_hours"),
        ({"own_hours": [{"weekday": 6, "opens": "09:00", "closes": "18:00"}]}, "own_hours_outside", "own_hours"),
        (
            {"own_hours": [{"weekday": 1, "opens": f"{h}:00", "closes": f"{h}:30"} for h in (10, 12, 14, 16)]},
            "too_many",
            "own_hours",
        ),
    ],
)
def test_rules_that_make_no_sense_are_refused_and_the_old_ones_stay(
    world: World, wrong: dict[str, Any], code: str, field: str
) -> None:
    owner = world.practitioner()
    service = world.service(owner, lead_hours=5)
    practices.weekly(world, owner, [Hours(day, time(9), time(18)) for day in range(5)])
    answer = owner.post(f"/services/{service}/rules", wrong)
    assert answer.content_type == "application/problem+json"
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, code, field)
    assert owner.get(f"/services/{service}/rules").json == NONE | {"lead_hours": 5}


def test_all_that_is_wrong_is_said_at_once_to_programs(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    practices.weekly(world, owner, [Hours(0, time(9), time(18))])
    wrong = {"lead_hours": 49, "days_ahead": 2, "own_hours": LESSONS}
    answer = owner.post(f"/services/{service}/rules", wrong).json
    found = [answer, *answer["also"]]
    assert [each["code"] for each in found] == ["lead_beyond_horizon", "own_hours_outside", "own_hours_outside"]
    assert all(each["detail"] and each["field"] for each in found)


def test_hours_of_a_single_date_are_inside_as_well(world: World) -> None:
    """A workshop on Saturdays that are opened one by one."""
    owner = world.practitioner()
    service = world.service(owner)
    practices.weekly(world, owner, [Hours(day, time(9), time(18)) for day in range(5)])
    saturday = [{"weekday": 5, "opens": "10:00", "closes": "16:00"}]
    assert owner.post(f"/services/{service}/rules", {"own_hours": saturday}).status_code == 422
    practices.open_day(world, owner, _local(_monday() + 5, 0).date(), time(12), time(20))
    assert owner.post(f"/services/{service}/rules", {"own_hours": saturday}).status_code == 200
    assert _shown(world, service) == [_local(_monday() + 5, hour) for hour in (12, 13, 14, 15)]


def test_own_hours_may_come_before_there_are_any_of_the_practitioner(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    practices.weekly(world, owner, [])
    assert owner.post(f"/services/{service}/rules", {"own_hours": LESSONS}).status_code == 200
    assert _shown(world, service) == []


# ------------------------------------------------------------------------------------------------ pages


def test_the_form_shows_what_is_asked_and_saves_it(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner, lead_hours=12, own_hours=_hours(LESSONS))
    pages = Visitor(world, owner)
    seen = pages.get(f"/practice/services/{service}").text
    assert 'name="lead_hours" type="number" value="12"' in seen
    assert seen.count('value="16:00"') == 2
    typed = {"days_ahead": "60", "most_per_day": "4", "from_2_0": "09:00", "to_2_0": "12:00"}
    assert pages.post(f"/practice/services/{service}", **TYPED, **typed).status_code == 303
    [row] = world.all(Service)
    assert (row.lead_hours, row.days_ahead, row.most_per_day, row.most_per_week) == (0, 60, 4, None)
    assert row.own_hours == (Hours(2, time(9), time(12)),)


def test_all_that_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    practices.weekly(world, owner, [Hours(day, time(9), time(18)) for day in range(5)])
    typed = {
        "title": "", "lead_hours": "49", "days_ahead": "2", "most_per_day": "many", "price": "sixty",
        "from_1_0": "19:00", "to_1_0": "16:00", "description": "For beginners",
    }  # fmt: skip
    answer = Visitor(world, owner).post(f"/practice/services/{service}", **TYPED | typed)
    assert answer.status_code == 422
    for name in ("title", "lead_hours", "most_per_day", "price", "to_1_0"):
        assert f'id="{name}-error"' in answer.text, name
    assert answer.text.count('-error"><') == 5
    for value in ("49", "2", "many", "sixty", "19:00", "16:00"):
        assert f'value="{value}"' in answer.text, value
    assert "For beginners" in answer.text
    assert world.all(Service)[0].title == "Single session"


def test_hours_outside_those_of_the_practitioner_are_said_beside_themselves(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    practices.weekly(world, owner, [Hours(day, time(9), time(18)) for day in range(5)])
    # The first pair is left empty, and the two are not in order: the page shows them as they were understood.
    typed = {
        "from_1_1": "19:00",
        "to_1_1": "20:00",
        "from_1_2": "10:00",
        "to_1_2": "11:00",
        "from_6_0": "10:00",
        "to_6_0": "12:00",
    }
    answer = Visitor(world, owner).post(f"/practice/services/{service}", **TYPED | typed)
    assert answer.status_code == 422
    names = ("from_1_0", "from_1_1", "from_1_2", "from_6_0")
    assert [name for name in names if f'id="{name}-error"' in answer.text] == ["from_1_1", "from_6_0"]
    assert 'name="from_1_1" type="time" value="19:00"' in answer.text


def test_who_closes_the_only_hours_of_a_service_is_told(world: World) -> None:
    owner = world.practitioner()
    world.service(owner, title="Lesson", own_hours=_hours(LESSONS))
    pages = Visitor(world, owner)
    for ends, told in (("17:00", False), ("16:00", True)):
        assert pages.post("/practice/schedule/hours", from_1_0="09:00", to_1_0=ends).status_code == 303
        said = pages.get("/practice/schedule/hours").text
        assert ("“Lesson” now has no times: its own hours are outside your opening hours." in said) is told


def test_a_month_beyond_says_how_far_ahead_can_be_booked(world: World) -> None:
    service = world.service(world.practitioner(), days_ahead=10, lead_hours=12)
    client = Visitor(world, world.person())
    far = (clock.today("Africa/Nairobi") + timedelta(days=70)).replace(day=1)
    page = client.get(f"/services/{service}?month={far:%Y-%m}")
    assert f"Nothing free in {far:%B}. Can be booked up to 10 days ahead." in words(page)
    assert f"month={_after(far):%Y-%m}" not in page.text, "there is no next month to look at"
    near = client.main(f"/services/{service}")
    assert "Can be booked up to 12 hours before." in near
    assert "Can be booked up to 10 days ahead." in near


def test_the_last_day_that_can_be_booked_may_be_in_the_readers_next_month(world: World) -> None:
    """31 May in Los Angeles is 1 June in Kolkata."""
    clock.use(lambda: datetime(2027, 5, 20, 12, tzinfo=UTC))
    service = world.service(world.practitioner(zone="America/Los_Angeles"), days_ahead=11)
    client = Visitor(world, world.person(zone="Asia/Kolkata"))
    assert "month=2027-06" in client.get(f"/services/{service}?month=2027-05").text
    june = client.get(f"/services/{service}?month=2027-06")
    assert "Tuesday 1 June, free times: 12" in june.text  # from 00:30 to 11:30
    assert "Wednesday 2 June" not in june.text
    assert "month=2027-07" not in june.text


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


_SAID = {
    "lead_hours": "It is too late to book this time. Choose a later one. Can be booked up to 1 hour before.",
    "days_ahead": "This time is too far ahead. Choose an earlier one. Can be booked up to 1 day ahead.",
    "most_per_day": "Nothing more can be booked on this day. Choose another day. Up to 1 session a day.",
    "most_per_week": "Nothing more can be booked this week. Choose another week. Up to 1 session a week.",
}


@pytest.mark.parametrize("rule", _SAID)
def test_a_refused_request_says_which_rule_it_breaks(world: World, rule: str) -> None:
    owner, person = world.practitioner(), world.person()
    service = world.service(owner, step_minutes=5, minutes=5)
    soon = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if rule.startswith("most"):
        world.book(world.person(), service, _local(_monday(), 10).isoformat())
    practices.edit(world, owner, service, **{rule: 1})
    start = {"lead_hours": soon, "days_ahead": soon + timedelta(days=2)}.get(rule, _local(_monday(), 12))
    client = Visitor(world, person)
    sent = client.post(f"/services/{service}/book", start=start.isoformat(), places="1", request_key="k")
    for page in (client.get(f"/services/{service}/book?start={start.isoformat().replace('+', '%2B')}"), sent):
        assert _SAID[rule] in words(page)
    assert [each for each in world.all(Booking) if each.client_id == person.user_id] == []
