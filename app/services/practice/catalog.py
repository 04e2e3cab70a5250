"""What a practitioner offers: services, checked so that what is set up can be booked and paid for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select

from app.domain import terms
from app.domain.meetings import PROVIDERS, BadPlace, MeetingKind
from app.domain.modes import MODES, FirstTime
from app.domain.money import Money, MoneyError
from app.extensions import db
from app.lib import clock
from app.models import Practitioner, Service, ServiceKind, User
from app.services.accounts.people import clean_text
from app.services.core import payment_methods
from app.services.core.errors import Invalid, NotFound, check_all
from app.services.core.transaction import transaction
from app.services.practice import class_times, rule_checks
from app.services.practice.class_times import Wall
from app.services.practice.price_checks import check_payable
from app.services.practice.public_profile.profiles import lock_diary, of_user
from app.services.practice.rule_checks import RulesForm

# field -> (least, most); beside each field the same sentence names both.
_LIMITS = {
    "minutes": (5, 720),
    "step_minutes": (5, 1440),
    "buffer_before": (0, 240),
    "buffer_after": (0, 240),
    "places": (1, 500),
    "hold_minutes": (3, 120),
    "answer_hours": (1, 168),
    "pay_hours": (1, 168),
    "free_cancel_hours": (0, 720),
    "no_show_percent": (0, 100),
    "free_moves": (0, 10),
    "free_move_hours": (0, 720),
}
_STORED: dict[str, Callable[[Any], Any]] = {
    "kind": ServiceKind,
    "meeting_kind": MeetingKind,
    "first_time": FirstTime,
    "later_tiers": lambda tiers: [list(one) for one in tiers],
    "class_times": lambda times: [list(one) for one in sorted(times)],
}
_LARGEST_ID = 2**31  # what an address may name and a database's integer cannot


@dataclass(frozen=True)
class ServiceForm(RulesForm):
    """What a practitioner says about a service; the price in minor units."""

    title: str
    kind: str
    minutes: int
    price_amount: int
    currency: str
    mode_code: str
    description: str = ""
    step_minutes: int = 0  # 0: as long as the session with its buffers
    buffer_before: int = 0
    buffer_after: int = 0
    places: int = 1
    hold_minutes: int = 15
    answer_hours: int = 24
    pay_hours: int = 24
    free_cancel_hours: int = 24
    later_tiers: tuple[tuple[int, int], ...] = ()  # (hours before, percent back), ever later and ever less
    no_show_percent: int = 0
    free_moves: int = 0
    free_move_hours: int = 24
    class_times: tuple[Wall, ...] = ()  # of a group that meets at fixed times
    active: bool = True
    introductory: bool = False
    meeting_kind: str = MeetingKind.GENERATED.value
    meeting_where: str = ""  # a fixed link, or the place
    first_time: str = FirstTime.ALIKE.value  # what is asked of who comes for the first time


def bookable_services(practitioner: Practitioner) -> list[Service]:
    """The practitioner's services that anybody may book now, those for who is new first."""
    return sorted((each for each in practitioner.services if each.active), key=lambda each: not each.introductory)


def currencies() -> list[str]:
    """The currencies services are priced in."""
    return sorted(db.session.scalars(select(Service.currency).where(Service.active.is_(True)).distinct()))


def bookable(service_id: int) -> Service:
    """A service anybody may book now. Raises NotFound."""
    service = db.session.get(Service, service_id) if service_id < _LARGEST_ID else None
    if service is None or not service.is_sold:
        raise NotFound
    return service


def lock_bookable(service_id: int) -> Service:
    """A service anybody may book now, as it is once its diary is locked in the caller's transaction. Raises NotFound."""
    diary = select(Service.practitioner_id).where(Service.id == service_id)
    practitioner_id = db.session.scalar(diary) if service_id < _LARGEST_ID else None
    if practitioner_id is None:
        raise NotFound
    lock_diary(practitioner_id)
    # Read only now: it may have been edited, or its practitioner suspended, in this very moment.
    return bookable(service_id)


def own_service(user: User, service_id: int) -> Service:
    """One of the person's own services, active or not. Raises NotFound."""
    service = db.session.get(Service, service_id)
    if service is None or service.practitioner_id != of_user(user).id:
        raise NotFound
    return service


def save_service(user: User, form: ServiceForm, service_id: int | None = None) -> Service:
    """The service can be booked as described; the price and policy of earlier bookings stay.

    Raises NotFound, Invalid beside the field: also when nobody could pay for it, with the reason.
    """
    form = _checked(form, of_user(user))
    with transaction() as session:
        practitioner = of_user(user)
        service = (
            _own_locked(user, service_id)
            if service_id
            else Service(practitioner_id=practitioner.id, created_at=clock.now())
        )
        for name, value in vars(form).items():
            setattr(service, name, _STORED.get(name, _same)(value))
        session.add(service)
        session.flush()
        return service


def check_service(user: User, form: ServiceForm) -> None:
    """The service could be saved so. Raises NotFound, Invalid beside the field."""
    _checked(form, of_user(user))


def save_rules(user: User, form: RulesForm, service_id: int) -> Service:
    """The service is asked for only at times that are as described; what was booked before stays.

    Raises NotFound, Invalid beside the field.
    """
    check_all(rule_checks.checks(form, of_user(user)))
    with transaction():
        service = _own_locked(user, service_id)
        for name, value in vars(form).items():
            setattr(service, name, value)
        return service


def set_class_times(user: User, service_id: int, times: Sequence[Wall]) -> Service:
    """The group meets at just these times of the week; with none it may be asked for whenever its practitioner is open.

    Raises NotFound, Invalid (what class_times.problems names).
    """
    with transaction():
        service = _own_locked(user, service_id)
        minutes = service.buffer_before + service.minutes + service.buffer_after
        check_all(_class_checks(service.kind, minutes, times))
        service.class_times = _STORED["class_times"](times)
        return service


def _own_locked(user: User, service_id: int) -> Service:
    """One of the person's own services, read once their diary is locked: who has it books by what the service was."""
    lock_diary(of_user(user).id)
    return own_service(user, service_id)


def _class_checks(kind: str, minutes: int, times: Sequence[Wall]) -> Iterator[Callable[[], object]]:
    yield from (partial(_refuse, problem) for problem in class_times.problems(kind, minutes, times))


def _refuse(problem: Invalid) -> None:
    raise problem


def _checked(form: ServiceForm, practitioner: Practitioner) -> ServiceForm:
    form = replace(form, title=clean_text(form.title), description=(form.description or "").strip()[:5000])
    check_all(_checks(form, practitioner))
    steps = form.step_minutes or form.minutes + form.buffer_before + form.buffer_after
    return replace(form, step_minutes=steps, meeting_where=_meeting_where(form))


def _checks(form: ServiceForm, practitioner: Practitioner) -> Iterator[Callable[[], object]]:
    yield from (partial(check, form) for check in (_check_title, _check_kind))
    for field, (least, most) in _LIMITS.items():
        yield partial(rule_checks.check_range, form, field, least, most)
    rest = (_check_places, _check_tiers, _check_mode, _check_first_time, _check_price, _meeting_where)
    yield from (partial(check, form) for check in rest)
    yield from _class_checks(form.kind, form.buffer_before + form.minutes + form.buffer_after, form.class_times)
    yield from rule_checks.checks(form, practitioner)


def _check_title(form: ServiceForm) -> None:
    if not 1 <= len(form.title) <= 120:
        raise Invalid("title_invalid", field="title")


def _check_kind(form: ServiceForm) -> None:
    if form.kind not in {kind.value for kind in ServiceKind}:
        raise Invalid("kind_unknown", field="kind")


def _check_places(form: ServiceForm) -> None:
    if form.kind == ServiceKind.INDIVIDUAL and form.places != 1:
        raise Invalid("individual_has_one_place", field="places")


def _check_tiers(form: ServiceForm) -> None:
    if (number := terms.wrong_tier(form.free_cancel_hours, form.later_tiers)) is not None:
        raise Invalid("tier_invalid", field=f"tier{number + 1}_hours")


def _meeting_where(form: ServiceForm) -> str:
    if form.meeting_kind not in {kind.value for kind in MeetingKind}:
        raise Invalid("meeting_unknown", field="meeting_kind")
    try:
        return PROVIDERS[MeetingKind(form.meeting_kind)].check(form.meeting_where or "")
    except BadPlace as bad:
        raise Invalid(bad.code, field="meeting_where", **bad.values) from None


def _check_mode(form: ServiceForm) -> None:
    if form.mode_code not in MODES:
        raise Invalid("mode_unknown", field="mode_code")


def _check_first_time(form: ServiceForm) -> None:
    if form.first_time not in {each.value for each in FirstTime}:
        raise Invalid("first_time_unknown", field="first_time")


def _check_price(form: ServiceForm) -> None:
    try:
        price = Money(form.price_amount, form.currency)
    except MoneyError:
        raise Invalid("price_invalid", field="currency") from None
    mode = MODES.get(form.mode_code)
    if (
        mode is not None
        and mode.reserves
        and payment_methods.accepting(price)
        and not payment_methods.accepting(price, reserving=True)
    ):
        raise Invalid("cannot_be_reserved", field="mode_code", currency=form.currency)
    check_payable(price)


def _same(value: object) -> object:
    return value
