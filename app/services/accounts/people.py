"""Accounts: made, found by who they are, changed. No answer tells a stranger who has one."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain import languages
from app.extensions import db
from app.lib import clock
from app.lib.calendars import zones
from app.lib.phones import numbers
from app.lib.text import is_mail
from app.models import Role, User
from app.services import house
from app.services.accounts import passwords
from app.services.core.errors import Invalid, Refused
from app.services.core.transaction import lock, transaction
from app.services.notifications import notices, sms

# Where a number typed without its country is first taken to be from, by time zone.
_REGIONS = {"Africa/Nairobi": "KE", "Asia/Kolkata": "IN", "Asia/Calcutta": "IN", "Europe/Paris": "FR"}
_INVISIBLE = re.compile(r"[\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True)
class Profile:
    """What a person may change about themselves."""

    name: str
    phone: str
    language: str
    zone: str


def register(
    email: str,
    password: str | None,
    name: str,
    *,
    phone: str = "",
    language: str = "en",
    zone: str = "UTC",
    role: Role = Role.CLIENT,
) -> User:
    """There is a new account, whose address is taken as proved: by an operator, or with KIKAO_PROOF=off.

    Without a password (None) a code by mail logs in.
    Raises Invalid beside the field; an address that somebody has is refused in general words and its owner is told, whatever
    the password (SEC-2).
    """
    email = clean_email(email)
    if password is not None:
        passwords.check(password, email, name)
    user = new(email, passwords.hashed(password or ""), clean_profile(Profile(name, phone, language, zone)), role)
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            return user
    except IntegrityError:
        _warn_owner(email)
        raise Invalid("registration_refused", field="email") from None


def new(address: str, hashed: str, profile: Profile, role: Role = Role.CLIENT) -> User:
    """A person who is not stored yet, of what was checked before, and whose address is proved."""
    return User(
        address=address,
        password_hash=hashed,
        role=role,
        name=profile.name,
        phone=profile.phone or None,
        phone_proved_at=clock.now() if profile.phone == address else _taken_as_proved(profile.phone),
        language=profile.language,
        zone=profile.zone,
        created_at=clock.now(),
    )


def by_address(address: str) -> User | None:
    """Whose proved address it is."""
    kept = address.strip().lower() if is_mail(address) else as_kept(address)
    return db.session.scalars(select(User).where(User.address == kept)).one_or_none()


def change_profile(user: User, profile: Profile) -> User:
    """The profile is stored; another number has to be proved anew.

    Raises Invalid beside the field, and for the number that is the address (phone_is_address); Refused (login_refused).
    """
    profile = clean_profile(profile)
    with transaction():
        found = lock(User, user.id)
        if found is None:
            raise Refused("login_refused")
        found.name = profile.name
        if profile.phone != (found.phone or ""):
            if not found.email:
                raise Invalid("phone_is_address", field="phone")
            found.phone = profile.phone or None
            found.phone_proved_at = _taken_as_proved(profile.phone)
        found.language = profile.language
        found.zone = profile.zone
        return found


def _taken_as_proved(number: str) -> datetime | None:
    """When the number was proved without a code: now with KIKAO_PROOF=off, else not yet."""
    return None if current_app.config["PROOF"] or not number else clock.now()


def set_language(user: User, language: str) -> None:
    """The person's pages and mails are in `language`. Raises Invalid."""
    change_profile(user, Profile(user.name, user.phone or "", language, user.zone))


# ------------------------------------------------------------------------------------------------ checking what is typed


def set_zone(user: User, zone: str) -> None:
    """The person's zone is another. Raises Invalid for one that does not exist."""
    change_profile(user, Profile(user.name, user.phone or "", user.language, zone))


def clean_email(email: str) -> str:
    """The address in lower case. Raises Invalid (email_invalid)."""
    import email_validator  # noqa: PLC0415  (its tables of names are for those who type one)

    # A clinic's own network may use names such as clinic.local.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    try:
        found = email_validator.validate_email(
            email.strip(), check_deliverability=False, allow_smtputf8=False, globally_deliverable=False
        )
    except email_validator.EmailNotValidError:
        raise Invalid("email_invalid", field="email") from None
    return found.normalized.lower()


def takes_numbers() -> bool:
    """Whether a phone number may be somebody's address here: where SMS go out."""
    return sms.messenger() is not None and bool(sms.countries())


def clean_address(text: str, zone: str = "") -> str:
    """An e-mail address in lower case, or where SMS go out a number in E.164, first taken for one of the zone's country.

    Raises Invalid (email_invalid, address_invalid, phone_invalid, number_not_texted) beside the field `email`.
    """
    if is_mail(text) or not takes_numbers():
        return clean_email(text)
    if not any(each.isdecimal() for each in text):
        raise Invalid("address_invalid", field="email")
    number = _clean_phone(text, zone, field="email")
    if not sms.takes(number):
        raise Invalid("number_not_texted", field="email")
    return number


def as_kept(address: str, zone: str = "") -> str:
    """The address in the one way it is kept, however it was spelled; what is none as it is."""
    with suppress(Invalid):
        return clean_email(address) if is_mail(address) else _clean_phone(address, zone) or address
    return address.strip().lower()


def clean_profile(profile: Profile) -> Profile:
    """The profile, tidy: phone in E.164, known language and zone. Raises Invalid beside the field."""
    name = clean_name(profile.name)
    if profile.language not in languages.NAMES:
        raise Invalid("language_unknown", field="language")
    if profile.zone not in available_timezones():
        raise Invalid("zone_unknown", field="zone")
    zone = zones.present(profile.zone)
    return Profile(name, _clean_phone(profile.phone, zone), profile.language, zone)


def clean_name(name: str) -> str:
    """The name, without what disguises it. Raises Invalid (name_invalid)."""
    found = clean_text(name)
    if not 1 <= len(found) <= 120:
        raise Invalid("name_invalid", field="name")
    return found


def clean_text(text: str) -> str:
    """Return one line without control characters and direction overrides, which disguise names."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join("".join(c if unicodedata.category(c) != "Cc" else " " for c in visible).split())


def _clean_phone(text: str, zone: str, *, field: str = "phone") -> str:
    if not text.strip():
        return ""
    for region in dict.fromkeys((_REGIONS.get(zone), house.known().country or None, "KE", "IN", None)):
        with suppress(ValueError):
            return numbers.normalise(text, region)
    raise Invalid("phone_invalid", field=field)


def _warn_owner(email: str) -> None:
    with transaction():
        user = db.session.scalars(select(User).where(User.address == email)).one_or_none()
        if user is not None:
            notices.tell(user.id, "registration_attempt", cause=clock.now().date())
