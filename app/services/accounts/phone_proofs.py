"""That a number is somebody's, shown by a code sent to it by SMS; a family may share one, and each of them proves it."""

import uuid

from sqlalchemy import select

from app.extensions import db
from app.lib import clock
from app.models import CodePurpose, MailedCode, User
from app.services.accounts import guessing, mailed_codes
from app.services.accounts.mailed_codes import Wish
from app.services.core.errors import Conflict, Invalid
from app.services.core.transaction import lock, transaction
from app.services.notifications import sms


def send_code(user: User, network: str) -> None:
    """A code is on its way to the person's number, and is the one that counts; it was counted before.

    Raises Invalid (phone_missing), Conflict (phone_proved, phone_not_texted), TooMany (codes_too_often).
    """
    number = user.phone or ""
    if not number:
        raise Invalid("phone_missing", field="phone")
    if user.proved_phone:
        raise Conflict("phone_proved")
    if not sms.takes(number):
        raise Conflict("phone_not_texted")
    guessing.before_text(user, number, network)
    mailed_codes.ask(Wish(CodePurpose.PHONE, number, user.language, user.id))


def is_asked(user: User) -> bool:
    """Whether a code for the person's number was sent lately."""
    return bool(user.phone) and not user.proved_phone and _newest(user) is not None


def prove(user: User, digits: str) -> User:
    """The number is the person's. Raises Invalid (code_wrong, code_expired)."""
    code_id = _newest(user)
    if code_id is None:
        raise Invalid("code_expired", field="code")
    row = mailed_codes.read(code_id, digits, CodePurpose.PHONE)
    with transaction():
        mailed_codes.use_up(row)
        found = lock(User, user.id)
        if found is None or found.phone != row.address:  # it was changed in this very moment
            raise Invalid("code_expired", field="code")
        found.phone_proved_at = clock.now()
        return found


def _newest(user: User) -> uuid.UUID | None:
    mine = (MailedCode.user_id == user.id, MailedCode.purpose == CodePurpose.PHONE, MailedCode.address == user.phone)
    found = select(MailedCode.id).where(*mine, MailedCode.expires_at > clock.now())
    return db.session.scalars(found.order_by(MailedCode.created_at.desc()).limit(1)).first()
