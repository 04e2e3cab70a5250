"""Accounts: made, found by who they are, changed. No answer tells a stranger who has one."""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain import languages
from app.extensions import db
from app.lib import clock
from app.models import Role, User
from app.services.accounts import passwords, phones
from app.services.core.errors import Invalid
from app.services.core.transaction import transaction
from app.services.notifications import notices

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
    password: str,
    name: str,
    *,
    phone: str = "",
    language: str = "en",
    zone: str = "UTC",
    role: Role = Role.CLIENT,
) -> User:
    """There is a new account, whose address is taken as proved: by an operator, or with KIKAO_PROOF=off.

    Raises Invalid beside the field; an address that somebody has is refused in general words and its owner is told, whatever
    the password (SEC-2).
    """
    email = clean_email(email)
    passwords.check(password, email, name)
    user = new(email, passwords.hashed(password), clean_profile(Profile(name, phone, language, zone)), role)
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            return user
    except IntegrityError:
        _warn_owner(email)
        raise Invalid("registration_refused", field="email") from None


def new(email: str, hashed: str, profile: Profile, role: Role = Role.CLIENT) -> User:
    """A person who is not stored yet, of what was checked before."""
    return User(
        email=email,
        password_hash=hashed,
        role=role,
        name=profile.name,
        phone=profile.phone or None,
        language=profile.language,
        zone=profile.zone,
        created_at=clock.now(),
    )


def by_address(email: str) -> User | None:
    """Whose proved address it is."""
    return db.session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()


def change_profile(user: User, profile: Profile) -> User:
    """The profile is stored. Raises Invalid beside the field."""
    profile = clean_profile(profile)
    with transaction():
        found = db.session.get_one(User, user.id)
        found.name = profile.name
        found.phone = profile.phone or None
        found.language = profile.language
        found.zone = profile.zone
        return found


def set_language(user: User, language: str) -> None:
    """The person's pages and mails are in `language`. Raises Invalid."""
    change_profile(user, Profile(user.name, user.phone or "", language, user.zone))


# ------------------------------------------------------------------------------------------------ checking what is typed


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


def clean_profile(profile: Profile) -> Profile:
    """The profile, tidy: phone in E.164, known language and zone. Raises Invalid beside the field."""
    name = clean_text(profile.name)
    if not 1 <= len(name) <= 120:
        raise Invalid("name_invalid", field="name")
    if profile.language not in languages.NAMES:
        raise Invalid("language_unknown", field="language")
    if profile.zone not in available_timezones():
        raise Invalid("zone_unknown", field="zone")
    return Profile(name, _clean_phone(profile.phone, profile.zone), profile.language, profile.zone)


def clean_text(text: str) -> str:
    """Return one line without control characters and direction overrides, which disguise names."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join("".join(c if unicodedata.category(c) != "Cc" else " " for c in visible).split())


def _clean_phone(text: str, zone: str) -> str:
    if not text.strip():
        return ""
    for region in dict.fromkeys((_REGIONS.get(zone), "KE", "IN", None)):
        with suppress(ValueError):
            return phones.normalise(text, region)
    raise Invalid("phone_invalid", field="phone")


def _warn_owner(email: str) -> None:
    with transaction():
        user = db.session.scalars(select(User).where(User.email == email)).one_or_none()
        if user is not None:
            notices.tell(user.id, "registration_attempt", cause=clock.now().date())
