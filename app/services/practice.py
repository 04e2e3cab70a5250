"""A practitioner's own affairs: public profile, opening hours, exceptions, services."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, time
from zoneinfo import available_timezones

from sqlalchemy import delete, or_, select

from app import chance, clock, words
from app.extensions import db
from app.models import DayException, Practitioner, Role, Service, ServiceKind, User, WeeklyHours
from app.modes import MODES
from app.money import Money, MoneyError
from app.services import checkouts
from app.services.errors import Invalid, NotFound
from app.services.people import clean_text
from app.services.transaction import transaction


@dataclass(frozen=True)
class Hours:
    """One opening on a weekday (0 Monday), in local time; `ends` 00:00 is midnight."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True)
class ServiceForm:
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
    active: bool = True


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
}
_HOURS_LIMIT = 60
_LARGEST_ID = 2**31  # what an address may name and a database's integer cannot


def of_user(user: User) -> Practitioner:
    """The person's own practice. Raises NotFound."""
    found = db.session.scalars(select(Practitioner).where(Practitioner.user_id == user.id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def found_practice(
    user: User, *, name: str, headline: str = "", about: str = "", languages: str = "en"
) -> Practitioner:
    """The person, who is a practitioner, has a public profile with an address of its own."""
    with transaction() as session:
        practitioner = Practitioner(
            user_id=user.id,
            slug=_slug(name),
            name=clean_text(name)[:120],
            headline=headline,
            about=about,
            languages=languages,
            zone=user.zone,
            created_at=clock.now(),
        )
        session.add(practitioner)
        session.flush()
        return practitioner


def found_once(user: User, name: str) -> None:
    """The person has a public profile, as before if there was one."""
    if db.session.scalar(select(Practitioner.id).where(Practitioner.user_id == user.id)) is None:
        found_practice(user, name=name)


def published(q: str = "", language: str = "", currency: str = "") -> list[Practitioner]:
    """Practitioners anybody may see who have a service to book, by name."""
    statement = select(Practitioner).where(Practitioner.published.is_(True))
    statement = statement.where(Practitioner.services.any(Service.active.is_(True)))
    if q.strip():
        like = f"%{q.strip().replace('%', '').replace('_', '')[:80]}%"
        titles = Practitioner.services.any(Service.title.ilike(like))
        statement = statement.where(
            or_(
                Practitioner.name.ilike(like), Practitioner.headline.ilike(like), Practitioner.about.ilike(like), titles
            )
        )
    if language:
        statement = statement.where(("," + Practitioner.languages + ",").contains(f",{language},"))
    if currency:
        statement = statement.where(Practitioner.services.any(Service.currency == currency))
    return list(db.session.scalars(statement.order_by(Practitioner.name, Practitioner.id)))


def offered(practitioner: Practitioner) -> list[Service]:
    """The practitioner's services that anybody may book now."""
    return [service for service in practitioner.services if service.active and service.mode.offered]


def currencies() -> list[str]:
    """The currencies services are priced in."""
    return sorted(db.session.scalars(select(Service.currency).where(Service.active.is_(True)).distinct()))


def by_slug(slug: str) -> Practitioner:
    """The published practitioner at this address. Raises NotFound."""
    statement = select(Practitioner).where(Practitioner.slug == slug, Practitioner.published.is_(True))
    found = db.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def bookable(service_id: int) -> Service:
    """A service anybody may book now. Raises NotFound."""
    service = db.session.get(Service, service_id) if service_id < _LARGEST_ID else None
    if service is None or not service.active or not service.practitioner.published or not service.mode.offered:
        raise NotFound
    return service


# ------------------------------------------------------------------------------------------------ profile and hours


def change_profile(
    user: User, *, name: str, headline: str, about: str, languages: str, zone: str, published: bool
) -> Practitioner:
    """The public profile is stored. Raises NotFound, Invalid."""
    name = clean_text(name)
    if not 1 <= len(name) <= 120:
        raise Invalid("name_invalid", field="name")
    if zone not in available_timezones():
        raise Invalid("zone_unknown", field="zone")
    if len(headline) > 160:
        raise Invalid("too_long", field="headline", most=160)
    if len(about) > 5000:
        raise Invalid("too_long", field="about", most=5000)
    with transaction():
        practitioner = of_user(user)
        practitioner.name, practitioner.headline, practitioner.about = name, clean_text(headline), about.strip()
        practitioner.languages, practitioner.zone, practitioner.published = languages[:80], zone, published
        return practitioner


def hours_of(practitioner: Practitioner) -> list[WeeklyHours]:
    """The weekly hours, by weekday and time."""
    statement = select(WeeklyHours).where(WeeklyHours.practitioner_id == practitioner.id)
    return list(db.session.scalars(statement.order_by(WeeklyHours.weekday, WeeklyHours.starts)))


def set_hours(user: User, hours: Sequence[Hours]) -> None:
    """The weekly hours are exactly these. Raises NotFound, Invalid (hours_reversed, hours_overlap, too_many)."""
    _check_hours(hours)
    with transaction() as session:
        practitioner = of_user(user)
        session.execute(delete(WeeklyHours).where(WeeklyHours.practitioner_id == practitioner.id))
        session.add_all(WeeklyHours(practitioner_id=practitioner.id, **asdict(opening)) for opening in hours)


def exceptions_of(practitioner: Practitioner) -> list[DayException]:
    """Dates from today on that differ from the week."""
    statement = select(DayException).where(DayException.practitioner_id == practitioner.id)
    statement = statement.where(DayException.day >= clock.now().date())
    return list(db.session.scalars(statement.order_by(DayException.day, DayException.starts)))


def add_exception(user: User, day: date, starts: time | None, ends: time | None, note: str = "") -> None:
    """`day` is closed, or open just from `starts` to `ends`. Raises NotFound, Invalid."""
    if (starts is None) != (ends is None):
        raise Invalid("hours_incomplete", field="ends")
    if starts is not None and ends is not None and ends != time(0) and ends <= starts:
        raise Invalid("hours_reversed", field="ends")
    if day < clock.now().date():
        raise Invalid("day_past", field="day")
    with transaction() as session:
        practitioner = of_user(user)
        day_rules = delete(DayException).where(DayException.practitioner_id == practitioner.id, DayException.day == day)
        session.execute(day_rules.where(DayException.starts.is_(None)) if starts else day_rules)
        session.add(
            DayException(
                practitioner_id=practitioner.id, day=day, starts=starts, ends=ends, note=clean_text(note)[:120]
            )
        )


def remove_exception(user: User, exception_id: int) -> None:
    """The date is like any other again. Raises NotFound."""
    with transaction() as session:
        practitioner = of_user(user)
        exception = session.get(DayException, exception_id)
        if exception is None or exception.practitioner_id != practitioner.id:
            raise NotFound
        session.delete(exception)


# ------------------------------------------------------------------------------------------------ services


def own_service(user: User, service_id: int) -> Service:
    """One of the person's own services, active or not. Raises NotFound."""
    service = db.session.get(Service, service_id)
    if service is None or service.practitioner_id != of_user(user).id:
        raise NotFound
    return service


def save_service(user: User, form: ServiceForm, service_id: int | None = None) -> Service:
    """The service can be booked as described; bookings made before keep their price and policy.

    Raises NotFound, Invalid beside the field: also when nobody could pay for it, with the reason.
    """
    form = _checked(form)
    with transaction() as session:
        practitioner = of_user(user)
        service = (
            own_service(user, service_id)
            if service_id
            else Service(practitioner_id=practitioner.id, created_at=clock.now())
        )
        for name, value in asdict(form).items():
            setattr(service, name, ServiceKind(value) if name == "kind" else value)
        session.add(service)
        session.flush()
        return service


def unpayable_reasons(price: Money) -> dict[str, str]:
    """Why each gateway cannot take `price`: code to a word; empty for those that can."""
    return {g.code: why for g in checkouts.gateways().values() if (why := g.capabilities.why_not(price))}


def _checked(form: ServiceForm) -> ServiceForm:
    title = clean_text(form.title)
    if not 1 <= len(title) <= 120:
        raise Invalid("title_invalid", field="title")
    if form.kind not in {kind.value for kind in ServiceKind}:
        raise Invalid("kind_unknown", field="kind")
    if not form.step_minutes:
        form = _with(form, step_minutes=form.minutes + form.buffer_before + form.buffer_after)
    for field, (least, most) in _LIMITS.items():
        if not least <= getattr(form, field) <= most:
            raise Invalid("out_of_range", field=field, least=least, most=most)
    if form.kind == ServiceKind.INDIVIDUAL and form.places != 1:
        raise Invalid("individual_has_one_place", field="places")
    _check_mode(form.mode_code)
    _check_price(form)
    return _with(form, title=title, description=form.description.strip()[:5000])


def _check_mode(code: str) -> None:
    mode = MODES.get(code)
    if mode is None:
        raise Invalid("mode_unknown", field="mode_code")
    if not mode.offered:
        raise Invalid("mode_not_offered", field="mode_code", why=str(words.NOT_OFFERED[code]))


def _check_price(form: ServiceForm) -> None:
    try:
        price = Money(form.price_amount, form.currency)
    except MoneyError:
        raise Invalid("price_invalid", field="currency") from None
    if price.amount <= 0:
        raise Invalid("price_invalid", field="price")
    if not checkouts.methods(price):
        reasons = unpayable_reasons(price)
        word = next((why for why in reasons.values() if why != "currency"), "currency")
        raise Invalid(
            f"cannot_be_paid_{word}", field="currency" if word == "currency" else "price", currency=form.currency
        )


def _with(form: ServiceForm, **changes: object) -> ServiceForm:
    return ServiceForm(**(asdict(form) | changes))


def _check_hours(hours: Sequence[Hours]) -> None:
    if len(hours) > _HOURS_LIMIT:
        raise Invalid("too_many", field="hours", most=_HOURS_LIMIT)
    last: dict[int, time] = {}
    for opening in sorted(hours, key=lambda h: (h.weekday, h.starts)):
        if opening.ends != time(0) and opening.ends <= opening.starts:
            raise Invalid("hours_reversed", field="hours")
        previous = last.get(opening.weekday)
        if previous is not None and (previous == time(0) or opening.starts < previous):
            raise Invalid("hours_overlap", field="hours")
        last[opening.weekday] = opening.ends


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "practice"
    taken = db.session.scalars(select(Practitioner.slug).where(Practitioner.slug.startswith(base))).all()
    return base if base not in taken else f"{base}-{chance.reference(5).lower()}"


def is_practitioner(user: User) -> bool:
    """Whether the person gives sessions."""
    return user.role is Role.PRACTITIONER
