"""Passkeys (WebAuthn, level 2): a key pair on somebody's device, which asks for a finger, a face or a PIN before it signs.

So one passkey is two factors, and may be the whole log-in. What is signed is a challenge of ours, for our address alone: a
page that only looks like ours gets nothing. See https://www.w3.org/TR/webauthn-2/, 7.1 and 7.2, for what is checked.
"""

import json
import logging
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import delete, select

from app.extensions import db
from app.lib import chance, clock
from app.models import Passkey, User
from app.services import house
from app.services.core.errors import Conflict, Invalid, NotFound, Refused
from app.services.core.transaction import lock, set_actor, transaction

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor
    from webauthn.registration.verify_registration_response import VerifiedRegistration

log = logging.getLogger(__name__)

_LIFE = timedelta(minutes=5)
_MOST = 10
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,1400}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Purpose(StrEnum):
    """What an answer to a challenge may be used for; for nothing else."""

    ADD = "add"
    LOG_IN = "log_in"
    SECOND = "second"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Challenge:
    """What a device is asked to sign; the browser that asked for it keeps it, signed by us, until it comes with an answer."""

    value: str  # in base64url
    purpose: Purpose
    made_at: datetime
    user_id: int | None = None  # whose device must sign; None where anybody may log in
    handle: str = ""  # of a new passkey: by which devices know whose it is


def are_possible() -> bool:
    """Whether browsers make passkeys for our address: a name over https, or localhost; never an IP address."""
    parts = urlsplit(current_app.config["PUBLIC_URL"])
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    return False


def of(user: User) -> list[Passkey]:
    """The person's, the oldest first."""
    return list(db.session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)))


# ------------------------------------------------------------------------------------------------ asking


def challenge(purpose: Purpose, user: User | None = None) -> Challenge:
    """A new one. Raises Conflict (passkeys_many) where the person has as many as one may have."""
    value = _base64url(bytes.fromhex(chance.token()))
    if purpose is not Purpose.ADD or user is None:
        return Challenge(value, purpose, clock.now(), user.id if user else None)
    mine = of(user)
    if len(mine) >= _MOST:
        raise Conflict("passkeys_many")
    # One handle for all of a person's: a device that has one of ours replaces it and does not keep two.
    handle = mine[0].handle if mine else _base64url(bytes.fromhex(chance.token()))
    return Challenge(value, purpose, clock.now(), user.id, handle)


def options_to_add(asked: Challenge, user: User) -> str:
    """What the browser is told to make a passkey, as JSON: one that finds its person by itself, and asks who is there."""
    import webauthn  # noqa: PLC0415  (a quarter of a second, for who uses a passkey)
    from webauthn.helpers import structs  # noqa: PLC0415

    made = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=house.known().name,
        user_id=_bytes(asked.handle),
        user_name=user.address,
        user_display_name=user.name,
        challenge=_bytes(asked.value),
        timeout=_milliseconds(),
        attestation=structs.AttestationConveyancePreference.NONE,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(user),
    )
    return webauthn.options_to_json(made)


def options_to_use(asked: Challenge, user: User | None = None) -> str:
    """What the browser is told to have a passkey sign, as JSON; without a person it offers those that it has for us."""
    import webauthn  # noqa: PLC0415
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415

    made = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=_bytes(asked.value),
        timeout=_milliseconds(),
        allow_credentials=_named(user) if user else [],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(made)


# ------------------------------------------------------------------------------------------------ answers


def read_new(answer: str, asked: Challenge | None, user: User) -> "VerifiedRegistration":
    """What a device made for the person at our request. Raises Invalid (passkey_refused)."""
    import webauthn  # noqa: PLC0415

    good = _check(asked, Purpose.ADD, user)
    try:
        return webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_bytes(good.value),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except Exception as error:  # strangers' bytes are taken apart there, and its errors are no closed set
        raise _refused(error) from None


def add_within(user: User, made: "VerifiedRegistration", handle: str, name: str) -> Passkey:
    """The person has one more passkey, with the caller's transaction. Raises IntegrityError where somebody has it already."""
    now = clock.now()
    row = Passkey(
        user_id=user.id,
        handle=handle,
        credential_id=_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
        created_at=now,
        used_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def use(answer: str, asked: Challenge | None, purpose: Purpose, user: User | None = None) -> User:
    """Return whose passkey signed the challenge: the person's, or for a log-in anybody's who may log in.

    An answer is good once: a challenge from before the passkey's last use was answered then.
    Raises Invalid (passkey_refused), Refused (login_refused).
    """
    good = _check(asked, purpose, user)
    with transaction():
        row = _signer(answer)
        if user is not None and row.user_id != user.id:
            raise _refused("another person's")
        if good.made_at <= row.used_at:
            raise _refused("repeated")
        row.sign_count = _verified(answer, good, row).new_sign_count
        row.used_at = clock.now()
        owner = db.session.get_one(User, row.user_id)
        if not owner.active:
            raise Refused("login_refused")
        set_actor(owner)
        return owner


def remove_within(user: User, passkey_id: int) -> str:
    """The passkey opens nothing any more, with the caller's transaction; return what it was called. Raises NotFound."""
    mine = delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id)
    name: str | None = db.session.scalar(mine.returning(Passkey.name))
    if name is None:
        raise NotFound
    return name


def forget_within(user: User) -> None:
    """The person has none, once the caller's transaction is over."""
    db.session.execute(delete(Passkey).where(Passkey.user_id == user.id))


def _check(asked: Challenge | None, purpose: Purpose, user: User | None) -> Challenge:
    """The challenge, which this browser was given a moment ago, for this and for this person."""
    if asked is None or asked.purpose is not purpose or asked.user_id != (user.id if user else None):
        raise _refused("another challenge")
    if not asked.made_at <= clock.now() < asked.made_at + _LIFE:
        raise _refused("too late")
    return asked


def _signer(answer: str) -> Passkey:
    """The passkey that the answer names, locked."""
    said = _parsed(answer)
    name = said.get("id")
    if not isinstance(name, str) or not _BASE64URL.fullmatch(name):  # no database could even look for some of the rest
        raise _refused("no name")
    row = lock(Passkey, db.session.scalar(select(Passkey.id).where(Passkey.credential_id == name)))
    if row is None:
        raise Invalid("passkey_unknown")
    response = said.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    if handle and handle != row.handle:
        raise _refused("another handle")
    return row


def _verified(answer: str, good: Challenge, row: Passkey) -> "VerifiedAuthentication":
    import webauthn  # noqa: PLC0415

    try:
        return webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_bytes(good.value),
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except Exception as error:  # as above
        raise _refused(error) from None


def _parsed(answer: str) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _refused("no answer")
    return said


def _refused(why: object) -> Invalid:
    log.warning("passkey.refused why=%s", type(why).__name__ if isinstance(why, Exception) else why)
    return Invalid("passkey_refused")


# ------------------------------------------------------------------------------------------------ our address


def _host() -> str:
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or ""


def _origin() -> str:
    """Our address as browsers write it where a page comes from."""
    parts = urlsplit(current_app.config["PUBLIC_URL"])
    port = "" if parts.port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _named(user: User) -> "list[PublicKeyCredentialDescriptor]":
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor  # noqa: PLC0415

    return [PublicKeyCredentialDescriptor(id=_bytes(each.credential_id)) for each in of(user)]


def _milliseconds() -> int:
    return int(_LIFE.total_seconds() * 1000)


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415

    return base64url_to_bytes(text)
