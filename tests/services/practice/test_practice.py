"""A practitioner's own affairs: what is accepted, what is refused beside its field, and that nobody touches another's."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from typing import Any

import pytest

from app.domain.modes import MODES
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import DayException, Practitioner, Service, User, WeeklyHours
from app.services import practice
from app.services.core.errors import Invalid, NotFound, Problem
from app.services.core.transaction import transaction
from app.services.practice import Hours, ServiceForm
from tests.support.proofs import Pages
from tests.support.world import Caller, World

GOOD: dict[str, Any] = {
    "title": "Single session",
    "kind": "individual",
    "minutes": 50,
    "price_amount": 6_000,
    "currency": "EUR",
    "mode_code": "hold_then_pay",
}


@contextmanager
def _as(world: World, caller: Caller) -> Iterator[User]:
    with world.rows() as session:
        yield session.get_one(User, caller.user_id)


def _refused(code: str, field: str | None, function: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(Problem) as caught:
        function(*args, **kwargs)
    assert (caught.value.code, caught.value.field) == (code, field)


# ------------------------------------------------------------------------------------------------ services


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": " \u200b "}, "title_invalid", "title"),
        ({"title": "x" * 121}, "title_invalid", "title"),
        ({"kind": "crowd"}, "kind_unknown", "kind"),
        ({"minutes": 4}, "out_of_range", "minutes"),
        ({"minutes": 721}, "out_of_range", "minutes"),
        ({"minutes": -60, "step_minutes": 60}, "out_of_range", "minutes"),
        ({"step_minutes": 4}, "out_of_range", "step_minutes"),
        ({"step_minutes": -5}, "out_of_range", "step_minutes"),
        ({"buffer_before": -1, "step_minutes": 60}, "out_of_range", "buffer_before"),
        ({"buffer_after": 241}, "out_of_range", "buffer_after"),
        ({"kind": "group", "places": 0}, "out_of_range", "places"),
        ({"kind": "group", "places": 501}, "out_of_range", "places"),
        ({"places": 2}, "individual_has_one_place", "places"),
        ({"hold_minutes": 2}, "out_of_range", "hold_minutes"),
        ({"answer_hours": 0}, "out_of_range", "answer_hours"),
        ({"pay_hours": 169}, "out_of_range", "pay_hours"),
        ({"free_cancel_hours": -1}, "out_of_range", "free_cancel_hours"),
        ({"mode_code": "for_free"}, "mode_unknown", "mode_code"),
        (
            {"mode_code": "authorise_then_approve", "currency": "KES", "price_amount": 2_000},
            "cannot_be_reserved",
            "mode_code",
        ),
        ({"price_amount": 0}, "price_invalid", "price"),
        ({"price_amount": -1}, "price_invalid", "price"),
        ({"currency": "XXX"}, "cannot_be_paid_currency", "currency"),
        ({"currency": "eur"}, "price_invalid", "currency"),
    ],
)
def test_what_is_wrong_in_a_service_stands_beside_its_field(
    world: World, changes: dict[str, Any], code: str, field: str
) -> None:
    """S0-9, S2-24."""
    with _as(world, world.practitioner()) as user:
        _refused(code, field, practice.save_service, user, ServiceForm(**GOOD | changes))
    assert world.all(Service) == []


@pytest.mark.parametrize(
    ("price", "currency", "field"),
    [(1, "EUR", "price"), (99_999_999_999, "EUR", "price"), (150_050, "KES", None), (100, "XXX", "currency")],
)
def test_a_service_nobody_could_pay_for_is_refused_with_the_reason(
    world: World, price: int, currency: str, field: str | None
) -> None:
    """Architecture: refused when it is set up. Half a shilling is no trouble while cards can still pay it."""
    form = ServiceForm(**GOOD | {"price_amount": price, "currency": currency})
    with _as(world, world.practitioner()) as user:
        if field is None:
            assert practice.save_service(user, form).price == Money(price, currency)
            return
        with pytest.raises(Invalid) as caught:
            practice.save_service(user, form)
        assert caught.value.field == field
        assert caught.value.code.startswith(("cannot_be_paid_", "price_invalid"))


def test_every_mode_can_be_set_up(world: World) -> None:
    with _as(world, world.practitioner()) as user:
        for mode in MODES.values():
            assert practice.save_service(user, ServiceForm(**GOOD | {"mode_code": mode.code})).mode is mode


def test_a_service_may_be_edited_by_its_owner_alone(world: World) -> None:
    """Invariant 7: another person's service is no service."""
    owner, other = world.practitioner(), world.practitioner(name="Ravi Deshpande")
    service = world.service(owner)
    with _as(world, other) as user:
        _refused("not_found", None, practice.save_service, user, ServiceForm(**GOOD), service)
        _refused("not_found", None, practice.own_service, user, service)
    with _as(world, owner) as user:
        practice.save_service(user, ServiceForm(**GOOD | {"title": "Longer", "minutes": 90}), service)
        _refused("not_found", None, practice.save_service, user, ServiceForm(**GOOD), service + 99)
    [kept] = world.all(Service)
    assert (kept.title, kept.minutes) == ("Longer", 90)


def test_a_client_has_no_practice(world: World) -> None:
    with _as(world, world.person()) as user:
        for call in (
            lambda: practice.of_user(user),
            lambda: practice.save_service(user, ServiceForm(**GOOD)),
            lambda: practice.set_hours(user, []),
            lambda: practice.add_exception(user, clock.now().date(), time(9), time(10)),
        ):
            with pytest.raises(NotFound):
                call()


def test_a_service_that_is_put_away_cannot_be_booked_but_is_still_its_owners(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    start = world.start(service)
    with _as(world, owner) as user:
        practice.save_service(user, ServiceForm(**GOOD | {"active": False}), service)
        assert practice.own_service(user, service).active is False
        _refused("not_found", None, practice.bookable, service)
        assert practice.published() == []
    assert world.person().post("/bookings", {"service_id": service, "start": start}).status_code == 404


# ------------------------------------------------------------------------------------------------ hours, exceptions


@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ([("09:00", "09:00")], "hours_reversed"),
        ([("12:00", "09:00")], "hours_reversed"),
        ([("09:00", "12:00"), ("11:59", "13:00")], "hours_overlap"),
        ([("09:00", "00:00"), ("22:00", "23:00")], "hours_overlap"),
        ([("09:00", "12:00")] * 2, "hours_overlap"),
        ([("00:00", "00:00"), ("08:00", "09:00")], "hours_overlap"),
        ([(f"{n // 4:02}:{n % 4 * 15:02}", f"{n // 4:02}:{n % 4 * 15 + 5:02}") for n in range(61)], "too_many"),
    ],
)
def test_hours_that_make_no_sense_are_refused_and_the_old_ones_stay(
    world: World, hours: list[tuple[str, str]], code: str
) -> None:
    with _as(world, world.practitioner()) as user:
        wished = [Hours(0, time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in hours]
        _refused(code, "hours", practice.set_hours, user, wished)
    assert len(world.all(WeeklyHours)) == 7


def test_hours_are_exactly_what_was_set_and_may_touch(world: World) -> None:
    with _as(world, world.practitioner()) as user:
        practice.set_hours(
            user, [Hours(2, time(13), time(17)), Hours(2, time(9), time(13)), Hours(0, time(20), time(0))]
        )
        found = [(h.weekday, h.starts, h.ends) for h in practice.hours_of(practice.of_user(user))]
    assert found == [(0, time(20), time(0)), (2, time(9), time(13)), (2, time(13), time(17))]


def test_a_day_may_have_several_hours_of_its_own(world: World) -> None:
    day = clock.now().date() + timedelta(days=3)
    with _as(world, world.practitioner()) as user:
        practice.add_exception(user, day, time(9), time(10))
        practice.add_exception(user, day, time(11), time(12))
        found = practice.exceptions_of(practice.of_user(user))
        assert [(each.starts, each.ends) for each in found] == [(time(9), time(10)), (time(11), time(12))]


@pytest.mark.parametrize(
    ("starts", "ends", "days", "code", "field"),
    [
        (time(9), None, 1, "hours_missing", "ends"),
        (None, time(9), 1, "hours_missing", "starts"),
        (time(9), time(9), 1, "hours_reversed", "ends"),
        (time(12), time(9), 1, "hours_reversed", "ends"),
        (time(9), time(12), -2, "day_past", "day"),
    ],
)
def test_an_exception_that_makes_no_sense_is_refused(
    world: World, starts: time | None, ends: time | None, days: int, code: str, field: str
) -> None:
    with _as(world, world.practitioner()) as user:
        day = clock.now().date() + timedelta(days=days)
        _refused(code, field, practice.add_exception, user, day, starts, ends)
    assert world.all(DayException) == []


@pytest.mark.parametrize("zone", ["Africa/Nairobi", "America/New_York"])
def test_the_last_day_of_the_calendar_can_have_hours_and_the_page_still_opens(world: World, zone: str) -> None:
    """A slip of the keyboard: the day after it is in no calendar."""
    owner = world.practitioner(zone=zone)
    world.booked(world.person(), world.service(owner))
    pages = Pages(world, owner)
    hours = {"starts": "09:00", "ends": "10:00"}
    for day in ("9999-12-31", (clock.now() + timedelta(days=1)).date().isoformat()):
        assert pages.post("/practice/schedule/days", {"day": day} | hours).status_code == 303
        assert pages.get("/practice/schedule/days").status_code == 200
    assert pages.post("/practice/schedule/days", {"day": "0001-01-01"} | hours).status_code == 422
    assert max(row.day for row in world.all(DayException)) == date(9999, 12, 31)


def test_hours_of_a_date_that_are_saved_twice_are_there_once_and_a_thousand_are_enough(world: World) -> None:
    owner = world.practitioner()
    day = clock.today("Africa/Nairobi") + timedelta(days=3)
    with world.rows() as session:
        user = session.get_one(User, owner.user_id)
        for _ in range(2):
            practice.add_exception(user, day, time(9), time(10), last=day + timedelta(days=1))
        assert [each.day for each in practice.exceptions_of(practice.of_user(user))] == [day, day + timedelta(days=1)]
        with pytest.raises(Invalid, match="too_many"):
            practice.add_exception(user, day, time(11), time(12), last=day + timedelta(days=998))
        assert len(practice.exceptions_of(practice.of_user(user))) == 2


def test_overlapping_openings_of_one_day_offer_no_time_twice(world: World) -> None:
    """Invariant 1: two openings that overlap must not show two overlapping sessions."""
    owner = world.practitioner()
    service = world.service(owner)
    day = clock.now().date() + timedelta(days=2)
    with _as(world, owner) as user:
        for begin, end in ((9, 11), (10, 12)):
            with contextlib.suppress(Invalid):  # refusing it is as good
                practice.add_exception(user, day, time(begin), time(end))
    answer = world.person().get(f"/services/{service}/slots", **{"from": day.isoformat(), "to": day.isoformat()})
    starts = [slot["start"] for slot in answer.json]
    assert len(starts) == len(set(starts))


def test_an_exception_is_removed_by_its_owner_alone(world: World) -> None:
    owner, other = world.practitioner(), world.practitioner(name="Ravi Deshpande")
    with _as(world, owner) as user:
        practice.add_exception(user, clock.now().date() + timedelta(days=1), time(9), time(10))
    [row] = world.all(DayException)
    with _as(world, other) as user:
        _refused("not_found", None, practice.remove_exception, user, row.id)
    with _as(world, owner) as user:
        practice.remove_exception(user, row.id)
        _refused("not_found", None, practice.remove_exception, user, row.id)


# ------------------------------------------------------------------------------------------------ profile


def _profile(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Dr. Amina Otieno", "headline": "Counsellor", "about": "Calm.", "languages": "en,sw",
        "zone": "Africa/Nairobi", "published": True,
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": ""}, "name_invalid", "name"),
        ({"name": "x" * 121}, "name_invalid", "name"),
        ({"zone": "Mars/Olympus"}, "zone_unknown", "zone"),
        ({"headline": "x" * 161}, "too_long", "headline"),
        ({"about": "x" * 5001}, "too_long", "about"),
    ],
)
def test_what_is_wrong_in_a_profile_stands_beside_its_field(
    world: World, changes: dict[str, Any], code: str, field: str
) -> None:
    with _as(world, world.practitioner()) as user:
        _refused(code, field, practice.change_profile, user, **_profile(**changes))


def test_an_unpublished_practice_is_found_by_nobody(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    with _as(world, owner) as user:
        slug = practice.of_user(user).slug
        assert practice.by_slug(slug)
        practice.change_profile(user, **_profile(published=False))
        _refused("not_found", None, practice.by_slug, slug)
        _refused("not_found", None, practice.bookable, service)
        assert practice.published() == []
        assert practice.of_user(user)
    assert (
        world.person().get(f"/services/{service}/slots", **{"from": "2027-01-01", "to": "2027-01-02"}).status_code
        == 404
    )


def test_two_people_of_one_name_have_two_addresses(world: World) -> None:
    for name in ("Amina Otieno", "Amina Otieno", "Ámina  Otieno!", "李娜", "李娜"):
        world.practitioner(name=name)
    slugs = [practitioner.slug for practitioner in world.all(Practitioner)]
    assert len(set(slugs)) == 5
    assert slugs[0] == "amina-otieno"
    assert all(slug.isascii() and "/" not in slug for slug in slugs)


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({}, ["Amina", "Ravi"]),
        ({"q": "aMI"}, ["Amina"]),
        ({"q": "algebra"}, ["Ravi"]),
        ({"q": "%"}, ["Amina", "Ravi"]),
        ({"q": "'; DROP TABLE users; --"}, []),
        ({"currency": "INR"}, ["Ravi"]),
        ({"currency": "KES"}, []),
        ({"language": "en"}, ["Amina", "Ravi"]),
    ],
)
def test_practitioners_are_found_by_name_title_currency_and_language(
    world: World, wish: dict[str, str], found: list[str]
) -> None:
    world.service(world.practitioner(name="Amina"))
    world.service(world.practitioner(name="Ravi"), currency="INR", title="Algebra")
    world.practitioner(name="Nobody has set up anything")
    with world.rows():
        assert [practitioner.name for practitioner in practice.published(**wish)] == found


def test_the_currencies_shown_are_those_of_services_that_can_be_booked(world: World) -> None:
    owner = world.practitioner()
    for currency in ("EUR", "KES", "KES"):
        world.service(owner, currency=currency)
    world.service(owner, currency="INR", active=False)
    with world.rows():
        assert practice.currencies() == ["EUR", "KES"]


def test_what_a_transaction_has_changed_of_a_service_stays_where_it_locks_the_diary_again(world: World) -> None:
    owner = world.practitioner()
    service_id = world.service(owner)
    with world.app.app_context():
        with transaction():
            service = db.session.get_one(Service, service_id)
            diary = service.practitioner_id
            practice.lock_diary(diary)
            service.title = "Another one"
            practice.lock_diary(diary)
        assert db.session.get_one(Service, service_id).title == "Another one"
