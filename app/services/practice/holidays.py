"""Public holidays: those of the country a practitioner has chosen are closed, but for the days they work on all the same."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from app.lib import clock
from app.lib.calendars import public_holidays
from app.models import Practitioner, User
from app.services.core.errors import Invalid
from app.services.core.transaction import transaction
from app.services.practice.public_profile.profiles import lock_diary, of_user

SHOWN = timedelta(days=400)  # a year and what comes soon after it


@dataclass(frozen=True)
class Holiday:
    """A holiday that comes, and whether the practitioner works then."""

    day: date
    name: str
    worked: bool


def coming(practitioner: Practitioner, language: str = "") -> list[Holiday]:
    """The holidays of the next thirteen months by the practitioner's calendar, named in `language` where it is known."""
    today = clock.today(practitioner.zone)
    return between(practitioner, today, today + SHOWN, language)


def between(practitioner: Practitioner, first: date, last: date, language: str = "") -> list[Holiday]:
    """The holidays on these local dates, in order."""
    named = _between(practitioner, first, last, language)
    return [Holiday(day, named[day], day.isoformat() in practitioner.worked_holidays) for day in sorted(named)]


def closed(practitioner: Practitioner, first: date, last: date) -> set[date]:
    """The local dates that are closed because of a holiday."""
    days = _between(practitioner, first, last) if practitioner.holiday_country else ()
    return {day for day in days if day.isoformat() not in practitioner.worked_holidays}


def choose(user: User, country: str, region: str = "", worked: Collection[date] | None = None) -> None:
    """The holidays of this country and region are closed, but for those `worked` on; with an empty country none are.

    Without `worked` the ticks stay, for dates that stay holidays. Codes as ISO 3166 has them.
    Raises NotFound, Invalid (country_unknown, region_unknown, not_a_holiday).
    """
    if country and country not in public_holidays.countries():
        raise Invalid("country_unknown", field="country")
    if region and region not in public_holidays.regions(country):
        raise Invalid("region_unknown", field="region")
    with transaction():
        practitioner = _locked(user)
        practitioner.holiday_country = country
        practitioner.holiday_region = region
        if worked is not None:
            _tick(practitioner, worked)


def work_on(user: User, days: Collection[date]) -> None:
    """Of the holidays that are shown just these are open. Raises NotFound, Invalid (not_a_holiday)."""
    with transaction():
        _tick(_locked(user), days)


def _tick(practitioner: Practitioner, days: Collection[date]) -> None:
    known = {holiday.day for holiday in coming(practitioner)}
    if not known >= set(days):
        raise no_holiday()
    practitioner.worked_holidays = sorted(day.isoformat() for day in set(days))


def no_holiday() -> Invalid:
    """What is answered to a day that is none of those that are shown."""
    return Invalid("not_a_holiday", field="worked")


def _locked(user: User) -> Practitioner:
    practitioner = of_user(user)
    lock_diary(practitioner.id)
    return practitioner


def _between(practitioner: Practitioner, first: date, last: date, language: str = "") -> dict[date, str]:
    if not practitioner.holiday_country:
        return {}
    where = (practitioner.holiday_country, practitioner.holiday_region)
    years = (public_holidays.of_year(*where, year, language) for year in range(first.year, last.year + 1))
    return {day: name for year in years for day, name in year.items() if first <= day <= last}
