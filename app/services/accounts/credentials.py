"""Who somebody is: by password, or by a code or link that is mailed; and how both are changed.

No answer, and no answer's time, tells a stranger who has an account.
"""

import uuid

from sqlalchemy.exc import IntegrityError

from app.models import CodePurpose, MailedCode, User
from app.services.accounts import logins, mailed_codes, passwords, people
from app.services.accounts.mailed_codes import Wish
from app.services.core.errors import Conflict, Invalid, Refused
from app.services.core.transaction import lock, set_actor, transaction
from app.services.notifications import notices


def authenticate(email: str, password: str) -> User:
    """Return the person behind address and password.

    Raises Refused (login_refused), as slow and in the same words for any wrong pair, or (account_closed), which who knows the
    password may read; Unavailable (log_in_busy).
    """
    user = people.by_address(email)
    if not passwords.is_right(user, password) or user is None:
        raise Refused("login_refused", field="email")
    if not user.active:
        raise Refused("account_closed", field="email")
    set_actor(user)  # as they were before the hash, which takes its time: a new password may have come since
    return user


# ------------------------------------------------------------------------------------------------ with a code by mail


def send_login_code(address: str, language: str, zone: str = "") -> uuid.UUID:
    """A code to log in with is on its way if somebody has this address, which nobody learns.

    Raises what `people.clean_address` does.
    """
    return mailed_codes.ask(Wish(CodePurpose.LOG_IN, people.clean_address(address, zone), language))


def by_code(code_id: uuid.UUID, digits: str, email: str) -> User:
    """Return the person with this address, to whom the code was mailed. Raises Invalid (code_wrong, code_expired)."""
    return by_link(right_code(code_id, digits, email))


def right_code(code_id: uuid.UUID, digits: str, email: str) -> MailedCode:
    """Return the code that was mailed to this address, right and not used up yet. Raises Invalid (code_wrong, code_expired)."""
    # Before it is looked at: the door has counted a guess at the address that was named, and must have counted at this one.
    if mailed_codes.address_of(code_id) != people.as_kept(email):
        raise Invalid("code_expired", field="code")
    row = mailed_codes.read(code_id, digits, CodePurpose.LOG_IN)
    if mailed_codes.account_of(row.address) is None:
        raise Invalid("code_expired", field="code")
    return row


def by_link(row: MailedCode) -> User:
    """Return the person to whom the link was mailed. Raises NotFound (link_expired), Invalid (code_expired)."""
    return _reads_mail_of(row)


def send_reset_link(email: str, language: str = "en") -> None:
    """A link to choose a new password is on its way if somebody has this address, which nobody learns.

    Raises Invalid (email_invalid).
    """
    mailed_codes.ask(Wish(CodePurpose.NEW_PASSWORD, people.clean_email(email), language))


def reset_password(token: str, password: str) -> User:
    """The new password is set, and every login and older link is ended.

    Raises NotFound (link_expired), Invalid, Unavailable (log_in_busy).
    """
    row = mailed_codes.of_link(token, CodePurpose.NEW_PASSWORD)
    user = mailed_codes.account_of(row.address)
    if user is None:
        raise Invalid("code_expired", field="password")
    passwords.check(password, user.address, user.name)
    return _set_password(user, passwords.hashed(password), row=row)


def _reads_mail_of(row: MailedCode) -> User:
    with transaction():
        mailed_codes.use_up(row)
        user = mailed_codes.account_of(row.address)
        if user is None:
            raise Invalid("code_expired", field="code")
        set_actor(user)
        return user


# ------------------------------------------------------------------------------------------------ once more


def check_own_password(user: User, password: str) -> None:
    """It is the person at the keyboard, not just their open page.

    Raises Refused (password_wrong) beside the field, Unavailable (log_in_busy).
    """
    if not passwords.is_right(user, password):
        raise Refused("password_wrong", field="password")


def check_own_code(user: User, code_id: uuid.UUID, digits: str) -> None:
    """It is who reads the person's mail. Raises Invalid (code_wrong, code_expired)."""
    row = mailed_codes.read(code_id, digits, CodePurpose.CONFIRM)
    if row.user_id != user.id or row.address != user.address:
        raise Invalid("code_expired", field="code")
    with transaction():
        mailed_codes.use_up(row)


# ------------------------------------------------------------------------------------------------ what people change


def change_password(user: User, password: str) -> User:
    """The new password is set, every login is ended (the door begins another), and the person is told.

    The door has asked for a fresh proof. Raises Invalid, Unavailable (log_in_busy).
    """
    passwords.check(password, user.address, user.name)
    return _set_password(user, passwords.hashed(password))


def _set_password(user: User, hashed: str, *, row: MailedCode | None = None) -> User:
    with transaction():
        if row is not None:
            mailed_codes.use_up(row)
        found = lock(User, user.id)
        if found is None or not found.active:
            raise Refused("login_refused")
        found.password_hash = hashed
        logins.end_within(found)
        notices.tell(found.id, "password_changed", cause=found.session_version)
        set_actor(found)
        return found


def ask_new_address(user: User, email: str) -> uuid.UUID:
    """A code is on its way to the address that the person wants to have from now on. Raises Invalid (email_invalid, email_same)."""
    email = people.clean_email(email)
    if email == user.address:
        raise Invalid("email_same", field="email")
    return mailed_codes.ask(Wish(CodePurpose.NEW_ADDRESS, email, user.language, user_id=user.id))


def change_address(user: User, code_id: uuid.UUID, digits: str) -> User:
    """The person has the new address, every login is ended (the door begins another), and the old address is told.

    Raises Invalid (code_wrong, code_expired), Conflict (address_taken), which only who reads that address's mail can learn.
    """
    row = mailed_codes.read(code_id, digits, CodePurpose.NEW_ADDRESS)
    if row.user_id != user.id:
        raise Invalid("code_expired", field="code")
    try:
        return _move_to(user, row)
    except IntegrityError:
        raise Conflict("address_taken", field="code") from None


def _move_to(user: User, row: MailedCode) -> User:
    with transaction():
        mailed_codes.use_up(row)
        found = lock(User, user.id)
        if found is None or not found.active:
            raise Refused("login_refused")
        old = {"address": found.address, "name": found.name}
        found.address = row.address
        logins.end_within(found)
        notices.tell(found.id, "address_changed", cause=found.session_version, data=old)
        return found
