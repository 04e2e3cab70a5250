"""What must be so in the books of a backup before anybody works with them."""

from datetime import datetime

from sqlalchemy import delete, update

from app.extensions import db
from app.lib import clock
from app.models import Booking, CodePurpose, Login, MailedCode
from app.services.core import installation, payment_methods, restorations
from app.services.core.transaction import transaction
from app.services.notifications import notices


def settle_in(made_at: datetime, own_code: str) -> None:
    """The books know that they are those of a backup made then (UTC), and nothing that ended since is good again.

    They are those of the installation with this code, where that is known: a backup of before there were codes knows none, and
    what was begun since at the vendors carries that of the books it replaces.

    Nobody is logged in, because who was logged out, suspended or has a new password since would be again. Codes by mail are
    ended, because they may have been used; invitations stay, because whoever took one has no account any more. Entries in
    people's calendars get versions beyond those they were told. Staff will be told what nobody can find by itself.
    """
    with transaction():
        mark = restorations.note(made_at)
        if own_code:
            installation.adopt(own_code)
        db.session.execute(delete(Login))
        _end_codes()
        _raise_versions()
        data = {"since": made_at.isoformat(), "name": ", ".join(unlisted())}
        notices.tell_staff("books_restored", cause=mark, data=data)


def unlisted() -> list[str]:
    """The ways to pay whose vendor has no list that could be asked for, by their labels."""
    return [gateway.label for gateway in payment_methods.offered().values() if not gateway.capabilities.lists_money]


def _end_codes() -> None:
    open_ones = MailedCode.purpose != CodePurpose.INVITATION, MailedCode.expires_at > clock.now()
    db.session.execute(update(MailedCode).where(*open_ones).values(expires_at=clock.now()))


def _raise_versions() -> None:
    """A calendar takes no word of an entry that is older than what it was told (RFC 5545, 3.8.7.4)."""
    kept = Booking.confirmed_at.is_not(None), Booking.ends_at > clock.now()
    db.session.execute(update(Booking).where(*kept).values(version=restorations.high_number(clock.now())))
