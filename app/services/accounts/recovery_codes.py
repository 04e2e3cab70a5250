"""Recovery codes: for who has lost the phone. Ten, each good once; of each only the digest is kept."""

from sqlalchemy import delete, func, select

from app.extensions import db
from app.lib import chance
from app.models import RecoveryCode, User
from app.services.accounts.logins import digest_of

COUNT = 10
_LETTERS = 24  # of 30, 117 bits: so many that a plain digest keeps them (ASVS 6.5.2)
_GROUP = 4


def renew_within(user: User) -> list[str]:
    """New codes, to be shown this once; all older ones are worthless with the caller's transaction."""
    forget_within(user)
    codes = [chance.reference(_LETTERS) for _ in range(COUNT)]
    db.session.add_all(RecoveryCode(user_id=user.id, digest=digest_of(code)) for code in codes)
    return [_written(code) for code in codes]


def left(user: User) -> int:
    """How many the person has not used."""
    mine = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(mine) or 0


def try_use_within(user: User, typed: str) -> bool:
    """Whether it was one of the person's; it is used up with the caller's transaction."""
    is_it = (RecoveryCode.user_id == user.id, RecoveryCode.digest == digest_of(_plain(typed)))
    return db.session.scalar(delete(RecoveryCode).where(*is_it).returning(RecoveryCode.id)) is not None


def forget_within(user: User) -> None:
    """The person has none, once the caller's transaction is over."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _written(code: str) -> str:
    return "-".join(code[first : first + _GROUP] for first in range(0, _LETTERS, _GROUP))


def _plain(typed: str) -> str:
    return "".join(c for c in typed.upper() if c.isalnum())
