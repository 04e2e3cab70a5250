"""A practitioner's public profile, and finding one."""

import re
import unicodedata
from collections.abc import Collection
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from app.domain.money import Money
from app.extensions import db
from app.lib import chance, clock
from app.lib.calendars import zones
from app.models import Practitioner, Role, Service, User
from app.services.accounts.people import clean_text
from app.services.core.errors import Invalid, NotFound
from app.services.core.transaction import lock, transaction
from app.services.practice.price_checks import check_payable

LONGEST_HOURS = 720  # to answer a question in writing
LONGEST_DAYS = 90  # to go on writing after the answer
CREDENTIALS = 200  # characters


def of_user(user: User) -> Practitioner:
    """The person's own practice, while they are a practitioner. Raises NotFound."""
    found = db.session.scalars(select(Practitioner).where(Practitioner.id.in_(Practitioner.ids_of(user)))).one_or_none()
    if found is None:
        raise NotFound
    return found


def found_practice(
    user: User, *, name: str, headline: str = "", credentials: str = "", about: str = "", languages: str = "en"
) -> Practitioner:
    """The person, who is a practitioner, has a public profile with an address of its own."""
    with transaction() as session:
        practitioner = Practitioner(
            user_id=user.id,
            slug=_slug(name),
            name=clean_text(name)[:120],
            headline=headline,
            credentials=credentials,
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
    return _listed(_published(q, language, currency))


def published_page(
    size: int, page: int, q: str = "", language: str = "", currency: str = ""
) -> tuple[list[Practitioner], int]:
    """So many of `published` on this page, counted from 1, or on the last there is; and how many there are in all."""
    statement = _published(q, language, currency)
    total = int(db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0)
    last = max(1, -(-total // size))
    return _listed(statement.offset((min(max(1, page), last) - 1) * size).limit(size)), total


def _listed(statement: Select[Practitioner]) -> list[Practitioner]:
    ordered = statement.order_by(Practitioner.name, Practitioner.id)
    return list(db.session.scalars(ordered.options(selectinload(Practitioner.services))))


def _published(q: str, language: str, currency: str) -> Select[Practitioner]:
    statement = select(Practitioner).where(*_is_offered())
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
    return statement


def _is_offered() -> tuple[ColumnElement[bool], ...]:
    """SQL: as Practitioner.is_offered."""
    gives = Practitioner.user.has(and_(User.active.is_(True), User.role == Role.PRACTITIONER))
    return (Practitioner.published.is_(True), gives)


def lock_diary(practitioner_id: int) -> Practitioner | None:
    """The diary is locked, and what is sold in it, and by whom, is read after it, also where it was read before.

    Who edits a service or suspends its practitioner locks it too.
    """
    found = lock(Practitioner, practitioner_id)
    if found is not None:
        loaded = db.session().identity_map.values()
        _forget([row for row in loaded if isinstance(row, Service) or _is_owner(row, found)])
    return found


def _is_owner(row: object, practitioner: Practitioner) -> bool:
    return isinstance(row, User) and row.id == practitioner.user_id


def _forget(rows: Collection[object]) -> None:
    """They are read anew when somebody asks."""
    if any(row in db.session.dirty for row in rows):
        db.session.flush()  # what this transaction has changed itself is not read over
    for row in rows:
        db.session.expire(row)


def by_slug(slug: str) -> Practitioner:
    """The published practitioner at this address. Raises NotFound."""
    statement = select(Practitioner).where(Practitioner.slug == slug, *_is_offered())
    found = db.session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound
    return found


def change_profile(
    user: User,
    *,
    name: str,
    headline: str,
    about: str,
    languages: str,
    zone: str,
    published: bool,
    credentials: str = "",
    question_price: Money | None = None,
    question_hours: int | None = None,
    question_days: int = 7,
) -> Practitioner:
    """The public profile is stored; without a price no questions in writing are taken.

    Raises NotFound, Invalid.
    Questions are answered within `question_hours` (empty: the installation's); both write on for `question_days` after that.
    """
    name = clean_text(name)
    _check_words(name, zone, headline, about)
    if len(credentials) > CREDENTIALS:
        raise Invalid("too_long", field="credentials", most=CREDENTIALS)
    if question_price is not None:
        check_payable(question_price, amount_field="question_price", currency_field="question_currency")
    _check_terms(question_hours, question_days)
    with transaction():
        practitioner = of_user(user)
        practitioner.name = name
        practitioner.headline = clean_text(headline)
        practitioner.credentials = clean_text(credentials)
        practitioner.about = about.strip()
        practitioner.languages = languages[:80]
        practitioner.zone = zones.present(zone)
        practitioner.published = published
        practitioner.question_amount = question_price.amount if question_price else None
        practitioner.question_currency = question_price.currency if question_price else None
        practitioner.question_hours = question_hours
        practitioner.question_days = question_days
        return practitioner


def _check_words(name: str, zone: str, headline: str, about: str) -> None:
    if not 1 <= len(name) <= 120:
        raise Invalid("name_invalid", field="name")
    if zone not in available_timezones():
        raise Invalid("zone_unknown", field="zone")
    if len(headline) > 160:
        raise Invalid("too_long", field="headline", most=160)
    if len(about) > 5000:
        raise Invalid("too_long", field="about", most=5000)


def _check_terms(hours: int | None, days: int) -> None:
    if hours is not None and not 1 <= hours <= LONGEST_HOURS:
        raise Invalid("out_of_range", field="question_hours", least=1, most=LONGEST_HOURS)
    if not 0 <= days <= LONGEST_DAYS:
        raise Invalid("out_of_range", field="question_days", least=0, most=LONGEST_DAYS)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "practice"
    taken = db.session.scalars(select(Practitioner.slug).where(Practitioner.slug.startswith(base))).all()
    return base if base not in taken else f"{base}-{chance.reference(5).lower()}"
