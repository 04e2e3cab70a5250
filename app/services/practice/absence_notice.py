"""What everybody reads while a practitioner is away: a text with its first and its last day."""

from collections.abc import Iterator
from datetime import date

from app.lib import clock
from app.models import Practitioner, User
from app.services.core.errors import Invalid
from app.services.core.transaction import lock, transaction
from app.services.practice import time_off
from app.services.practice.public_profile.profiles import of_user

TEXT_LIMIT = 300


def in_force(practitioner: Practitioner) -> str:
    """The text, on the days it is for by the practitioner's own calendar; empty on others."""
    today = clock.today(practitioner.zone)
    return practitioner.absence_text if _meets(practitioner, today, today) else ""


def beside(practitioner: Practitioner, first: date, last: date) -> str:
    """The text where these dates have days of it that are time off: what is said where nothing is free; else as `in_force`."""
    since = practitioner.absence_from
    until = practitioner.absence_until
    if since and until and _meets(practitioner, first, last):
        away = time_off.between(practitioner.id, max(first, since), min(last, until))
        return practitioner.absence_text if away else in_force(practitioner)
    return in_force(practitioner)


def problems(practitioner: Practitioner, text: str, since: date | None, until: date | None) -> list[Invalid]:
    """Everything that is wrong with it, beside its fields (text, first, last); nothing where it can be shown."""
    return list(_problems(practitioner, text.strip(), since, until))


def show(user: User, text: str, since: date | None, until: date | None) -> None:
    """The text is shown from the one day to the other, both included; an empty one never. Raises NotFound, Invalid."""
    with transaction():
        found = of_user(user)
        practitioner = lock(Practitioner, found.id) or found
        for problem in problems(practitioner, text, since, until):
            raise problem
        practitioner.absence_text = text.strip()
        practitioner.absence_from = since if text.strip() else None
        practitioner.absence_until = until if text.strip() else None


def _meets(practitioner: Practitioner, first: date, last: date) -> bool:
    since = practitioner.absence_from
    until = practitioner.absence_until
    return since is not None and until is not None and since <= last and first <= until


def _problems(practitioner: Practitioner, text: str, since: date | None, until: date | None) -> Iterator[Invalid]:
    if len(text) > TEXT_LIMIT:
        yield Invalid("too_long", field="text", most=TEXT_LIMIT)
    if not text:
        return
    for field, day in (("first", since), ("last", until)):
        if day is None:
            yield Invalid("date_invalid", field=field)
    if since and until and until < since:
        yield Invalid("range_reversed", field="last")
    elif until and until < clock.today(practitioner.zone):
        yield Invalid("day_past", field="last")
