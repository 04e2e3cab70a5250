"""Signing up: an account to be has no rights, until a code or a link proves that the address is theirs (SEC-4, SEC-17)."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.lib import chance, clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.lib.text import is_mail
from app.models import CodePurpose, MailedCode, SignUp, User
from app.services.accounts import mailed_codes, passwords, people
from app.services.accounts.logins import digest_of
from app.services.accounts.mailed_codes import Wish
from app.services.accounts.people import Profile
from app.services.core.errors import Invalid, Refused
from app.services.core.transaction import set_actor, transaction

_LIFE = timedelta(days=1)


def begin(email: str, password: str, profile: Profile) -> str:
    """There is an account to be, whoever has the address already, and a code is on its way; its secret is answered.

    `password` may be empty. Raises Invalid beside the field, Unavailable (log_in_busy).
    """
    email = people.clean_email(email)
    if password:
        passwords.check(password, email, profile.name)
    profile = people.clean_profile(profile)
    hashed = passwords.hashed(password)
    with transaction():
        return _begin(email, hashed, profile)


def begin_within(address: str, profile: Profile, wish: dict[str, Any]) -> str:
    """As `begin`, without a password, with something that is asked for, and maybe a number as the address.

    In the caller's transaction.
    """
    address = people.clean_address(address, profile.zone)
    if not is_mail(address):
        profile = replace(profile, phone=address)
    return _begin(address, "", people.clean_profile(profile), wish)


def _begin(address: str, hashed: str, profile: Profile, wish: dict[str, Any] | None = None) -> str:
    secret = chance.token()
    until = clock.now() + _LIFE
    row = SignUp(
        digest=digest_of(secret), address=address, password_hash=hashed, wish=wish, expires_at=until, **vars(profile)
    )
    db.session.add(row)
    db.session.flush()
    _ask_code(row)
    return secret


def of_secret(secret: str) -> SignUp | None:
    """Return the account to be that a browser or program began; None once it is made or given up."""
    if not secret:
        return None
    statement = select(SignUp).where(SignUp.digest == digest_of(secret), SignUp.expires_at > clock.now())
    return db.session.scalars(statement).one_or_none()


def send_again(sign_up: SignUp) -> None:
    """Another code is on its way, and is the one that counts."""
    with transaction():
        _ask_code(sign_up)


def prove(sign_up: SignUp, digits: str) -> User:
    """The person of the address: new, or who had proved it before, whatever the sign-up says then.

    Raises Invalid (code_wrong, code_expired), Refused (login_refused) where the account is suspended.
    """
    return settle(right_code(sign_up, digits), sign_up)


def right_code(sign_up: SignUp, digits: str) -> MailedCode:
    """Return the newest code that was mailed, right and not used up yet. Raises Invalid (code_wrong, code_expired)."""
    return mailed_codes.read(_newest(sign_up), digits, CodePurpose.SIGN_UP)


def settle(row: MailedCode, sign_up: SignUp) -> User:
    """The person of the address, by a code that was right. Raises NotFound (link_expired), Refused (login_refused)."""
    return _settle(row, sign_up, keeps_password=True)


def follow(row: MailedCode, began_here: SignUp | None) -> User:
    """The person of the address, new or who had proved it before, after they opened the mailed link in some browser.

    Where that is another than the one that signed up, that one keeps no right, and its password is not taken: a stranger may
    have begun it with somebody else's address. Raises NotFound (link_expired).
    """
    if row.sign_up is None:
        raise Invalid("code_expired", field="code")
    is_same = began_here is not None and began_here.id == row.sign_up_id
    return _settle(row, row.sign_up, keeps_password=is_same)


def _expired() -> Select[int]:
    return select(SignUp.id).where(SignUp.expires_at <= moments.now())


@found_by(_expired)
def forget_old() -> int:
    """How many accounts to be that nobody proved within a day are gone."""
    found = list(db.session.scalars(_expired().limit(1000)))
    if not found:
        return 0
    with transaction():
        _drop(found)
    return len(found)


def forget_of(address: str) -> None:
    """Nobody else's account to be names the address any more: it is proved. In the caller's transaction."""
    _drop(list(db.session.scalars(select(SignUp.id).where(SignUp.address == address))))


def _ask_code(sign_up: SignUp) -> None:
    mailed_codes.ask_within(Wish(CodePurpose.SIGN_UP, sign_up.address, sign_up.language, sign_up_id=sign_up.id))


def _newest(sign_up: SignUp) -> uuid.UUID:
    mine = select(MailedCode.id).where(MailedCode.sign_up_id == sign_up.id).order_by(MailedCode.created_at.desc())
    found = db.session.scalars(mine.limit(1)).first()
    if found is None:
        raise Invalid("code_expired", field="code")
    return found


def _settle(row: MailedCode, sign_up: SignUp, *, keeps_password: bool) -> User:
    try:
        return _account(row, sign_up, keeps_password=keeps_password)
    except IntegrityError:  # the address was proved by another sign-up in this very moment: that one is the account
        return _account(row, sign_up, keeps_password=keeps_password)


def _account(row: MailedCode, sign_up: SignUp, *, keeps_password: bool) -> User:
    with transaction():
        mailed_codes.use_up(row)
        user = people.by_address(row.address) or _made_of(sign_up, keeps_password=keeps_password)
        db.session.flush()
        if not user.active:
            raise Refused("login_refused", field="code")
        forget_of(row.address)
        set_actor(user)
        return user


def _made_of(sign_up: SignUp, *, keeps_password: bool) -> User:
    profile = Profile(sign_up.name, sign_up.phone or "", sign_up.language, sign_up.zone)
    user = people.new(sign_up.address, sign_up.password_hash if keeps_password else "", profile)
    db.session.add(user)
    return user


def _drop(sign_up_ids: list[int]) -> None:
    db.session.execute(delete(MailedCode).where(MailedCode.sign_up_id.in_(sign_up_ids)))
    db.session.execute(delete(SignUp).where(SignUp.id.in_(sign_up_ids)))
