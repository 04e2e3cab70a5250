"""Where others' rows name somebody erased: the trail, messages, kept answers; and sealed forms. In the caller's transaction."""

import json
from typing import Any

from sqlalchemy import String, and_, cast, delete, or_, select, update

from app.domain.lifecycle import Actor
from app.extensions import db
from app.models import Change, ConsultationMessage, IdempotentRequest, Notification, SignedPaper
from app.services.backoffice.erasure.ownership import Theirs
from app.services.backoffice.erasure.scrub import GONE
from app.services.core import encryption

_AT_ONCE = 500  # values in one statement
# Of these subjects `why` is what a person wrote; of others it is a word of ours that the pages read.
_TYPED = (
    *("act", "attendance", "booking", "checkout", "consultation", "payout"),
    *("person", "proof", "rating", "reschedule", "review", "side"),
)
_PEOPLE = (Actor.CLIENT, Actor.PRACTITIONER, Actor.STAFF)
_NAMES = frozenset({"who", "name"})  # where a message names somebody


def cover(their: Theirs, pseudonym: str) -> None:
    """Nobody else's rows say the name any more, nor what was written about them."""
    _trail(their)
    _messages(their, pseudonym)
    _answers(their)
    _signed(their, pseudonym)
    _written(their)


def _trail(their: Theirs) -> None:
    said = and_(Change.why.not_in(("", GONE)), Change.subject.in_(_TYPED))
    # Of a refund only staff write why; "credit" is how its page knows what it became.
    by_hand = and_(Change.subject == "refund", Change.from_status != "", Change.why.not_in(("", GONE, "credit")))
    mine = or_(said, and_(by_hand, Change.actor.in_(_PEOPLE)))
    _forget_why(and_(mine, Change.booking_id.in_(their.bookings)))
    # Why staff took their second factor off; it stands under a number, which is also another thing's under another subject.
    _forget_why(and_(Change.subject == "second_factor", Change.subject_id == str(their.user_id), Change.why != ""))
    for subject, keys in their.subjects.items():
        also = ("act", subject)  # what staff did to it
        for first in range(0, len(keys), _AT_ONCE):
            _forget_why(and_(mine, Change.subject.in_(also), Change.subject_id.in_(keys[first : first + _AT_ONCE])))


def _forget_why(condition: Any) -> None:
    db.session.execute(
        update(Change).where(condition).values(why=GONE), execution_options={"synchronize_session": False}
    )


def _messages(their: Theirs, pseudonym: str) -> None:
    """What others were told of what is theirs says the pseudonym, whatever the name was then."""
    names_somebody = and_(Notification.booking_id.is_(None), cast(Notification.data, String).like('%"who"%'))
    about = or_(Notification.booking_id.in_(their.bookings), names_somebody)
    for notice in db.session.scalars(select(Notification).where(Notification.user_id != their.user_id, about)):
        named = {notice.dedupe_key[-36:], *map(str, notice.data.values())}
        if _NAMES & notice.data.keys() and (notice.booking_id is not None or their.names & named):
            notice.data = notice.data | dict.fromkeys(_NAMES & notice.data.keys(), pseudonym)
    db.session.flush()


def _answers(their: Theirs) -> None:
    """Kept answers to programs are let go: their own, and others' that tell of something of theirs."""
    db.session.execute(delete(IdempotentRequest).where(IdempotentRequest.caller == str(their.user_id)))
    for row in db.session.scalars(select(IdempotentRequest)):
        if any(key in row.body for key in their.names):
            db.session.delete(row)
    db.session.flush()


def _signed(their: Theirs, pseudonym: str) -> None:
    """Which text was signed and when stays; by whom and with which answers goes."""
    nothing = json.dumps({"name": pseudonym, "answers": {}})
    for signed in db.session.scalars(select(SignedPaper).where(SignedPaper.user_id == their.user_id)):
        encryption.write(signed, "content", nothing)
    db.session.flush()


def _written(their: Theirs) -> None:
    """That something was written in their conversations and when stays; what, by either side, goes."""
    mine = select(ConsultationMessage).where(ConsultationMessage.id.in_(their.written), ConsultationMessage.text != "")
    for message in db.session.scalars(mine):
        encryption.write(message, "text", GONE)
    db.session.flush()
