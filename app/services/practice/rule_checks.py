"""What a practitioner asks of the time a service is booked for: when it can be kept by anybody at all."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from app.domain.agenda import Hours
from app.domain.booking_rules import LIMITS, BookingRules
from app.models import Practitioner, Service
from app.services.core.errors import Invalid
from app.services.practice.hours import STRETCHES, check_hours, exceptions_of, hours_of


@dataclass(frozen=True, kw_only=True)
class RulesForm:
    """What is asked of the time: see domain/booking_rules; and hours of the service inside those of its practitioner."""

    lead_hours: int = 0
    days_ahead: int | None = None  # None, as in the next two: without limit
    most_per_day: int | None = None
    most_per_week: int | None = None
    own_hours: tuple[Hours, ...] = ()  # none: whenever the practitioner is open

    @property
    def rules(self) -> BookingRules:
        """What of it is arithmetic."""
        return BookingRules(**{rule: getattr(self, rule) for rule in LIMITS})


def checks(form: RulesForm, practitioner: Practitioner) -> Iterator[Callable[[], None]]:
    """Each raises Invalid (out_of_range, lead_beyond_horizon, hours_reversed, hours_overlap, too_many, own_hours_outside)."""
    for rule, (least, most) in LIMITS.items():
        yield partial(check_range, form, rule, least, most)
    yield partial(_check_can_be_met, form)
    yield partial(check_hours, form.own_hours, "own_hours")
    yield partial(_check_few, form.own_hours)
    opened = _opened(practitioner)
    nth: Counter[int] = Counter()
    for hours in form.own_hours if opened else ():
        yield partial(_check_inside, hours, nth[hours.weekday], opened)
        nth[hours.weekday] += 1


def never_given(practitioner: Practitioner) -> list[Service]:
    """The services that clients can book by their settings, and at no time: their own hours lie outside all that is open."""
    opened = _opened(practitioner)
    limited = [service for service in practitioner.services if service.active and service.own_hours]
    return [one for one in limited if not any(hours.meets(each) for hours in one.own_hours for each in opened)]


def check_range(form: object, field: str, least: int, most: int) -> None:
    """The number is left out, or between the two. Raises Invalid (out_of_range)."""
    value = getattr(form, field)
    if value != getattr(type(form), field, None) and not least <= value <= most:
        raise Invalid("out_of_range", field=field, least=least, most=most)


def _check_can_be_met(form: RulesForm) -> None:
    if not form.rules.can_be_met:
        raise Invalid("lead_beyond_horizon", field="lead_hours")


def _check_few(own_hours: tuple[Hours, ...]) -> None:
    if max(Counter(each.weekday for each in own_hours).values(), default=0) > STRETCHES:
        raise Invalid("too_many", field="own_hours", most=STRETCHES)


def _check_inside(hours: Hours, nth: int, opened: list[Hours]) -> None:
    if not any(hours.meets(each) for each in opened):
        raise Invalid("own_hours_outside", field="own_hours", weekday=hours.weekday, nth=nth)


def _opened(practitioner: Practitioner) -> list[Hours]:
    """When the practitioner is open in any week, or on a date to come; none while that is not said yet."""
    usual = [Hours(each.weekday, each.starts, each.ends) for each in hours_of(practitioner)]
    once = [
        Hours(each.day.weekday(), each.starts, each.ends)
        for each in exceptions_of(practitioner)
        if each.starts is not None and each.ends is not None
    ]
    return usual + once
