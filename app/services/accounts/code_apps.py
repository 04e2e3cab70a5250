"""Codes of an authenticator app (TOTP, RFC 6238): six digits, another each half minute, each good once."""

import hmac
import re
from base64 import b32encode
from datetime import timedelta

from sqlalchemy import delete, select

from app.extensions import db
from app.lib import chance, clock
from app.models import CodeApp, User
from app.services import house
from app.services.core import encryption
from app.services.core.errors import Conflict
from app.services.core.transaction import lock, transaction

SET_UP_WITHIN = timedelta(minutes=15)  # of a secret that no code was typed for yet
_SECONDS = 30  # that a code is shown for
_DRIFT = 1  # codes before and after the present one that count, as phones' clocks are wrong (RFC 6238, 5.2)
_SECRET_BYTES = 20
_DIGITS = re.compile(r"\d{6}")


def of(user: User) -> CodeApp | None:
    """The person's app, once a first code has shown that it works."""
    found = _row(user)
    return found if found and found.confirmed_at else None


def waiting(user: User) -> CodeApp | None:
    """The app that the person is setting up; None where that was not begun, is done or took too long."""
    found = _row(user)
    return found if found and not found.confirmed_at and clock.now() < found.created_at + SET_UP_WITHIN else None


def begin(user: User) -> None:
    """A new secret waits for its first code; one that was begun before is worthless. Raises Conflict (code_app_there)."""
    with transaction():
        lock(User, user.id)
        if of(user):
            raise Conflict("code_app_there")
        forget_within(user)
        row = CodeApp(user_id=user.id, secret="", last_step=0, created_at=clock.now())
        db.session.add(row)
        db.session.flush()
        encryption.write(row, "secret", b32encode(bytes.fromhex(chance.token())[:_SECRET_BYTES]).decode())


def secret_of(app: CodeApp) -> str:
    """What the app makes its codes of, to be typed into it. Raises Unavailable (sealed_away)."""
    return encryption.read(app, "secret")


def address_of(app: CodeApp, user: User) -> str:
    """What the app reads from a picture: the secret, and whose it is and where."""
    import pyotp  # noqa: PLC0415  (for who sets an app up, or uses one)

    return pyotp.TOTP(secret_of(app)).provisioning_uri(name=user.address, issuer_name=house.known().name)


def is_code(typed: str) -> bool:
    """Whether it may be such a code."""
    return bool(_DIGITS.fullmatch(_digits(typed)))


def try_use_within(app: CodeApp, typed: str) -> bool:
    """Whether it is a code of now that was not used before; it is used with the caller's transaction.

    No code from before the last used one counts either. Raises Unavailable (sealed_away).
    """
    found = lock(CodeApp, app.id)
    step = _step_of(found, _digits(typed)) if found else None
    if found is None or step is None or step <= found.last_step:
        return False
    found.last_step = step
    found.used_at = clock.now()
    return True


def forget_within(user: User) -> None:
    """The person has no app, once the caller's transaction is over."""
    db.session.execute(delete(CodeApp).where(CodeApp.user_id == user.id))


def _row(user: User) -> CodeApp | None:
    return db.session.scalars(select(CodeApp).where(CodeApp.user_id == user.id)).one_or_none()


def _step_of(app: CodeApp, digits: str) -> int | None:
    """The half minute since 1970 whose code it is, of those that count now."""
    import pyotp  # noqa: PLC0415

    codes = pyotp.TOTP(secret_of(app))
    now = int(clock.now().timestamp()) // _SECONDS
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if hmac.compare_digest(codes.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def _digits(typed: str) -> str:
    """What was typed, without the blanks people put between; digits of any script are digits."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in typed if not c.isspace())
