"""How messages go out: what people switch together, by which way, and what became of each copy."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# What people switch together (services/notifications/preferences): the name, and what is in it. The last is not theirs to switch.
MESSAGE_GROUPS: dict[str, tuple[LazyString, LazyString]] = {
    "bookings": (
        _l("Bookings"),
        _l("Requests, answers and sessions. A confirmation or a cancellation reaches you in any case."),
    ),
    "reminders": (
        _l("Reminders"),
        _l("Before a session, and when a booking is not paid yet while your place is kept."),
    ),
    "money": (_l("Money"), _l("Bills, payments, money back and your wallet.")),
    "practice": (_l("My practice"), _l("Requests, bookings, proofs and questions of clients.")),
    "always": (_l("Accounts and staff"), _l("Mailed in any case, never by SMS.")),
}

# How a message goes out, and what became of that copy (models/notices.py).
CHANNELS: dict[str, LazyString] = {"mail": _l("E-mail"), "sms": _l("SMS")}

DELIVERIES: dict[str, LazyString] = {
    "": _l("not sent yet"),
    "sent": _l("sent"),
    "stale": _l("not sent: no longer true"),
    "off": _l("not sent: switched off"),
    "refused": _l("not sent: this number takes none"),
    "limited": _l("not sent by SMS: too many in a day, so by mail"),
}


def delivery(outcome: str) -> str:
    """What became of a copy of a message, in the reader's language."""
    return str(DELIVERIES.get(outcome, outcome))
