"""Codes and links sent by mail, or a code by SMS: who has one reads what is sent to that address or number.

Neither is stored, so a copied table opens nothing.
"""

import hmac
import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, Select, delete, or_, select, update

from app.extensions import db
from app.lib import chance, clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.lib.text import is_mail
from app.messengers.base import Refused, Undelivered
from app.models import CodePurpose, Invitation, MailedCode, User
from app.services.core import outbox, signed_urls
from app.services.core.errors import Invalid, NotFound
from app.services.core.transaction import lock, transaction
from app.services.notifications import mail, sms

log = logging.getLogger(__name__)
LIFE = timedelta(minutes=15)
_LINK_LIVES = {  # of links without a code beside them
    CodePurpose.NEW_PASSWORD: timedelta(hours=1),
    CodePurpose.INVITATION: timedelta(days=7),
}
_SAYS_WHETHER = (CodePurpose.SIGN_UP, CodePurpose.INVITATION)  # the reader has an account already
_TRIES = 5  # of a million codes, before the code is worthless
_CLAIM = timedelta(minutes=1)  # after which another worker takes the sending over
_KEPT = timedelta(hours=1)  # after its end, so that who comes late reads that it has expired


@dataclass(frozen=True)
class Wish:
    """For whom a code is asked, and in which language one to nobody we know would be."""

    purpose: CodePurpose
    address: str
    language: str = "en"
    user_id: int | None = None
    sign_up_id: int | None = None


def ask(wish: Wish) -> uuid.UUID:
    """A code is on its way to the address. Whether anybody has it is looked up later, so that no answer's time tells."""
    with transaction():
        return ask_within(wish)


def ask_within(wish: Wish) -> uuid.UUID:
    """The code goes out with the caller's transaction."""
    now = clock.now()
    row = MailedCode(id=chance.new_id(), created_at=now, expires_at=now + life_of(wish.purpose), tries=0, **vars(wish))
    db.session.add(row)
    db.session.flush()
    outbox.after_commit("app.jobs.accounts.mail_code", str(row.id))
    return row.id


def life_of(purpose: CodePurpose) -> timedelta:
    """How long a code or link of this kind is good."""
    return _LINK_LIVES.get(purpose, LIFE)


def read(code_id: uuid.UUID, digits: str, purpose: CodePurpose) -> MailedCode:
    """The code's row, once the digits are right; each look costs one of five tries, however many look at once.

    Raises Invalid (code_wrong, code_expired) beside the field `code`.
    """
    with transaction():
        row = lock(MailedCode, code_id)
        if row is None or row.purpose is not purpose or not _is_alive(row) or row.tries >= _TRIES:
            raise Invalid("code_expired", field="code")
        row.tries += 1
    typed = _only_digits(digits).encode()
    if not any(hmac.compare_digest(each.encode(), typed) for each in _digits(row.id)):
        raise Invalid("code_wrong", field="code")
    return row


def address_of(code_id: uuid.UUID) -> str:
    """Where the code was sent; empty where there is none."""
    row = db.session.get(MailedCode, code_id)
    return row.address if row else ""


def of_link(token: str, *purposes: CodePurpose) -> MailedCode:
    """The row of a link that was mailed. Raises NotFound (link_expired)."""
    try:
        code_id = uuid.UUID(_links().loads(token))
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise NotFound("link_expired") from None
    row = db.session.get(MailedCode, code_id)
    if row is None or row.purpose not in purposes or not _is_alive(row):
        raise NotFound("link_expired")
    return row


def use_up(row: MailedCode) -> None:
    """Within the caller's transaction the code is spent, and with it all others sent there for the same person's same wish.

    Raises NotFound (link_expired) where somebody was quicker.
    """
    found = lock(MailedCode, row.id)
    if found is None or not _is_alive(found):
        raise NotFound("link_expired")
    alike = (MailedCode.address == row.address, MailedCode.purpose == row.purpose, MailedCode.used_at.is_(None))
    theirs = MailedCode.user_id.is_not_distinct_from(
        row.user_id
    )  # two people of one number each have a code of their own
    db.session.execute(update(MailedCode).where(*alike, theirs).values(used_at=clock.now()))


def digits_of(code_id: uuid.UUID) -> str:
    """The six digits of a code."""
    return _digits(code_id)[0]


def link_of(code_id: uuid.UUID) -> str:
    """What the mailed address ends with."""
    return str(_links().dumps(code_id.hex))


# ------------------------------------------------------------------------------------------------ sending


def _waiting() -> Select[uuid.UUID]:
    lives = (MailedCode.mailed_at.is_(None), MailedCode.expires_at > moments.now())
    return select(MailedCode.id).where(*lives, _is_unclaimed())


@found_by(_waiting)
def due() -> list[uuid.UUID]:
    """Codes that are alive and have not gone out."""
    return list(db.session.scalars(_waiting().limit(500)))


def send(code_id: uuid.UUID) -> bool:
    """The code has gone out, or there is nobody to send it to; False where somebody else is at it.

    Raises mail.Undelivered: the sweep tries again while the code lives.
    """
    with transaction():
        waits = (MailedCode.id == code_id, MailedCode.mailed_at.is_(None), _is_unclaimed())
        claimed = update(MailedCode).where(*waits).values(claimed_at=clock.now()).returning(MailedCode.id)
        if db.session.scalar(claimed) is None:
            return False
    row = db.session.get_one(MailedCode, code_id)
    _mail(row) if is_mail(row.address) else _text(row)
    with transaction():
        db.session.execute(update(MailedCode).where(MailedCode.id == code_id).values(mailed_at=clock.now()))
    return True


def _is_old() -> ColumnElement[bool]:
    return MailedCode.expires_at <= moments.ago(_KEPT)


def _old() -> Select[uuid.UUID]:
    return select(MailedCode.id).where(_is_old())


@found_by(_old)
def forget_old() -> int:
    """How many codes that ended an hour ago are gone."""
    if db.session.scalar(_old().limit(1)) is None:
        return 0
    with transaction():
        return len(db.session.scalars(delete(MailedCode).where(_is_old()).returning(MailedCode.id)).all())


def _mail(row: MailedCode) -> None:
    reader = _reader(row)
    if reader is None or not current_app.config["SMTP_URL"]:
        return
    has_account = row.purpose in _SAYS_WHETHER and account_of(row.address) is not None
    values = {"code": digits_of(row.id), "link": link_of(row.id), "has_account": has_account, "role": _role_of(row)}
    mail.post(reader, mail.write(reader, f"accounts/mail/{row.purpose}.txt", values), f"code:{row.id}")


def _role_of(row: MailedCode) -> str:
    """As what the reader is invited; empty where this is no invitation."""
    role = db.session.scalar(select(Invitation.role).where(Invitation.code_id == row.id))
    return role.value if role else ""


def _text(row: MailedCode) -> None:
    """Once, whatever the carrier says: it takes no key to tell a repeated call by, and who waits asks for another."""
    reader = _owner(row) if row.purpose is CodePurpose.PHONE else _reader(row)
    if reader is None or not sms.takes(row.address):
        return
    try:
        sms.post(row.address, sms.write(reader, "accounts/identity/phone_sms.txt", {"code": digits_of(row.id)}))
    except (Refused, Undelivered) as error:
        log.warning("code.not_texted code=%s error=%s", row.id, error)


def _owner(row: MailedCode) -> User | None:
    """Whose number it is, as they have typed in their profile."""
    found = db.session.get(User, row.user_id)
    return found if found is not None and found.active and found.phone == row.address else None


def _reader(row: MailedCode) -> User | None:
    """Who is written to at the row's address: nobody where the code could open nothing."""
    found = db.session.get(User, row.user_id) if row.user_id else account_of(row.address)
    if found is None and row.sign_up is None and row.purpose is not CodePurpose.INVITATION:
        return None
    if found is None or row.address != found.address:  # by no name: it would be a letter of the stranger who typed one
        return User(name="", address=row.address, language=row.language, zone="UTC", switches={})
    return User(name=found.name, address=row.address, language=found.language, zone=found.zone, switches={})


def account_of(address: str) -> User | None:
    """Who has proved that the address is theirs, and may log in."""
    return db.session.scalars(select(User).where(User.address == address, User.active.is_(True))).one_or_none()


def _is_alive(row: MailedCode) -> bool:
    return row.used_at is None and clock.now() < row.expires_at


def _is_unclaimed() -> ColumnElement[bool]:
    return or_(MailedCode.claimed_at.is_(None), MailedCode.claimed_at < moments.ago(_CLAIM))


def _only_digits(typed: str) -> str:
    """What was typed, without the blanks and dashes people put between; digits of any script are digits."""
    return "".join(str(int(c)) for c in typed if c.isdecimal())


def _digits(code_id: uuid.UUID) -> list[str]:
    """The code by today's key, and by the older ones that are still on its list."""
    numbers = [hmac.new(key, b"mailed-code:" + code_id.bytes, sha256).digest() for key in signed_urls.keys(current_app)]
    return [f"{int.from_bytes(number) % 1_000_000:06d}" for number in numbers]


def _links() -> URLSafeSerializer:
    return signed_urls.signer(current_app, "mailed-code")
