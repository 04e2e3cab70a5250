"""A booking's history in the reader's words."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import gettext as _

from app import words
from app.models import Booking, User
from app.services import bookings

_ICONS = {"attempt": "coins", "refund": "back", "review": "eye"}


@dataclass(frozen=True)
class StoryLine:
    """What happened, when, by whom, and why where those who take part may read it; for ui.timeline."""

    when: datetime
    text: LazyString | str
    by: str
    why: str
    kind: str
    icon: str | None


def lines(booking: Booking, user: User, part: str) -> list[StoryLine]:
    """Return what happened to the booking, oldest first, as the person who plays this part may read it."""
    told = [each for each in bookings.story(booking) if (each.subject, each.status) in words.STORY]
    return [_line(each, user, part) for each in told]


def _line(each: bookings.Happening, user: User, part: str) -> StoryLine:
    what = (each.subject, each.status)
    text, kind = words.STORY[what]
    may_read_why = part == "staff" or what in words.TOLD_WHY
    return StoryLine(
        when=each.at,
        text=text,
        by=_by(each, user, part),
        why=words.why(each.subject, each.status, each.why if may_read_why else ""),
        kind=kind,
        icon=_ICONS.get(each.subject),
    )


def _by(each: bookings.Happening, user: User, part: str) -> str:
    """Who did it: you, a name, or the part they played; of staff the others learn no names."""
    if each.actor_id == user.id:
        return str(_("you"))
    named = each.name if each.actor != "staff" or part == "staff" else ""
    return f"{named} ({words.ACTORS[each.actor]})" if named else str(words.ACTORS[each.actor])
