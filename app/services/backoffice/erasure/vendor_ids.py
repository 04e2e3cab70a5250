"""Phone numbers inside gateways' own ids: M-Pesa's name of a request ends with the digits of the phone that was asked.

Inside the caller's transaction.
"""

import json
import re
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Attempt, InboxEntry, User
from app.services.backoffice.erasure.ownership import Theirs

_DIGITS = 9  # a number without its country
_AT_THE_END = re.compile(rf"[0-9]{{{_DIGITS}}}$")
_COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Attempt: ("provider_ref", "details"),
    InboxEntry: ("event_key", "provider_ref", "echo", "fact"),
}


def hide(their: Theirs, user: User, mark: str) -> None:
    """No id says their number, nor that of a relative who was asked to pay; `mark` stands for it.

    News that still comes under the old id is put before a person. Before the numbers themselves are overwritten.
    """
    asked = db.session.scalars(select(Attempt.phone).where(Attempt.id.in_(their.attempts), Attempt.phone.is_not(None)))
    numbers = {phone[-_DIGITS:] for phone in (user.phone, *asked) if phone}
    mine = {Attempt: Attempt.id.in_(their.attempts), InboxEntry: InboxEntry.attempt_id.in_(their.attempts)}
    for model, columns in _COLUMNS.items():
        for row in db.session.scalars(select(model).where(mine[model])):
            for column in columns:
                _replace(row, column, numbers, mark)
    db.session.flush()


def hide_late(their: Theirs, mark: str) -> None:
    """No id in news that came after the erasure says their number, nor what a payment has learned from that news.

    We have forgotten the number, so it is read from the news itself: what the payer's phone is said to be, and the
    digits that a name of a request ends with.
    """
    for entry in db.session.scalars(select(InboxEntry).where(InboxEntry.attempt_id.in_(their.attempts))):
        said = (entry.echo.get("phone"), entry.provider_ref)
        numbers = {found[0] for text in said if text and (found := _AT_THE_END.search(text))}
        attempt = db.session.get(Attempt, entry.attempt_id)
        for row in (entry, attempt) if numbers else ():
            for column in _COLUMNS[type(row)]:
                _replace(row, column, numbers, mark)
    db.session.flush()


def _replace(row: Any, column: str, numbers: set[str], mark: str) -> None:
    known = getattr(row, column)
    plain = known if isinstance(known, str) else json.dumps(known)
    changed = plain
    for number in numbers:
        changed = changed.replace(number, mark)
    if changed != plain:
        setattr(row, column, changed if isinstance(known, str) else json.loads(changed))
