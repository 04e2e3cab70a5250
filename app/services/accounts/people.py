"""Accounts: made, proven, changed. No answer tells a stranger who has one."""

import logging
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from zoneinfo import available_timezones

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain import languages
from app.extensions import db
from app.lib import chance, clock
from app.models import AccessToken, Role, User
from app.services.accounts import phones
from app.services.core import signed_urls
from app.services.core.errors import Invalid, NotFound, Refused
from app.services.core.transaction import set_actor, transaction
from app.services.notifications import notices

log = logging.getLogger("app.services.people")  # a name that operators filter by

# Where a number typed without its country is first taken to be from, by time zone.
_REGIONS = {"Africa/Nairobi": "KE", "Asia/Kolkata": "IN", "Asia/Calcutta": "IN", "Europe/Paris": "FR"}
_hasher = PasswordHasher()
# Checked when nobody has the address, so that an unknown one takes as long as a wrong password.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$R5QH6N3vGkxkMZ6d3bDS0DpjNZ4cUJmWlhc5VnUvNfY"
_TOKEN_LIFE = timedelta(days=30)
_RESET_SECONDS = 3600
_SHORTEST = 8  # letters of a password
_LONGEST = 200
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
    """There is an account: a new one, or the person's own when address and password are theirs already.

    Raises Invalid beside the field; an address that somebody has is refused in general words and its owner is told.
    """
    email = clean_email(email)
    check_password(password)
    profile = clean_profile(Profile(name, phone, language, zone))
    user = _new(email, _hasher.hash(password), profile, role)
    try:
        with transaction() as session:
            session.add(user)
            session.flush()
            return user
    except IntegrityError:
        return _own_account(email, password)


def _new(email: str, hashed: str, profile: Profile, role: Role) -> User:
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


def authenticate(email: str, password: str) -> User:
    """Return the person behind address and password.

    Raises Refused (login_refused), as slow and in the same words for any wrong pair.
    """
    user = db.session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
    right = _verify(user.password_hash if user else _NOBODY, password)
    if user is None or not right or not user.active:
        raise Refused("login_refused", field="email")
    return user


def check_own_password(user: User, password: str) -> None:
    """It is the person at the keyboard, not just their open page. Raises Refused (password_wrong)."""
    if not _verify(user.password_hash, password):
        raise Refused("password_wrong", field="password")


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


def person_of_session(session_id: str) -> User | None:
    """Return the person a session belongs to; None once a new password has ended it."""
    user_id, _, version = session_id.partition(".")
    user = db.session.get(User, int(user_id)) if user_id.isdecimal() else None
    if user is None or not user.active or str(user.session_version) != version:
        return None
    set_actor(user)
    return user


# ------------------------------------------------------------------------------------------------ tokens


def issue_token(user: User) -> str:
    """A bearer token for the JSON API, good for thirty days; only its digest is kept."""
    with transaction():
        return new_token(user)


def new_token(user: User) -> str:
    """A bearer token is stored in the caller's transaction."""
    token = chance.token()
    now = clock.now()
    row = AccessToken(user_id=user.id, digest=_digest(token), created_at=now, expires_at=now + _TOKEN_LIFE)
    db.session.add(row)
    return token


def person_of_token(token: str) -> User | None:
    """Return the person a bearer token of the API belongs to; None where it has expired or is none."""
    statement = select(AccessToken).where(AccessToken.digest == _digest(token), AccessToken.expires_at > clock.now())
    row = db.session.scalars(statement).one_or_none()
    if row is None or not row.user.active:
        return None
    set_actor(row.user)
    return row.user


def send_reset_link(email: str) -> None:
    """A link to choose a new password is on its way if somebody has this address, which nobody learns."""
    user = db.session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
    if user is not None and user.active:
        with transaction():
            link = _reset_links().dumps([user.id, user.session_version, int(clock.now().timestamp())])
            notices.tell(user.id, "password_reset", cause=chance.reference(), data={"token": link})


def reset_password(token: str, password: str) -> User:
    """The new password is set, and every session and older link is ended.

    Raises NotFound (link_expired), Invalid.
    """
    check_password(password)
    try:
        user_id, version, made = _reset_links().loads(token)
    except (BadSignature, ValueError, TypeError):
        raise NotFound("link_expired") from None
    if clock.now().timestamp() - made > _RESET_SECONDS:
        raise NotFound("link_expired")
    hashed = _hasher.hash(password)
    with transaction():
        user = db.session.get_one(User, user_id)
        if user.session_version != version:
            raise NotFound("link_expired")
        user.password_hash = hashed
        user.session_version += 1
        return user


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


def check_password(password: str) -> None:
    """The password is neither too short nor too long. Raises Invalid (password_length)."""
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise Invalid("password_length", field="password", least=_SHORTEST)


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


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _reset_links() -> URLSafeSerializer:
    return signed_urls.signer(current_app, "password-reset")


def _own_account(email: str, password: str) -> User:
    try:
        return authenticate(email, password)
    except Refused:
        _warn_owner(email)
        raise Invalid("registration_refused", field="email") from None


def _warn_owner(email: str) -> None:
    with transaction():
        user = db.session.scalars(select(User).where(User.email == email)).one_or_none()
        if user is not None:
            notices.tell(user.id, "registration_attempt", cause=clock.now().date())
