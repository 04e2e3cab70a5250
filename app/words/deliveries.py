"""How messages go out: what people switch together, by which way, and what became of each copy."""

from typing import NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Wording(NamedTuple):
    """What a kind of message says."""

    name: LazyString  # as staff call it
    sentence: LazyString  # in the list in the app; %(who)s is the other side, %(when)s the session's time


# Messages about the installation itself, by their kind (words/notices has the others).
OF_THE_HOUSE: dict[str, Wording] = {
    "callbacks_silent": Wording(
        _l("no callbacks from a gateway"),
        _l("Callbacks of %(gateway)s do not arrive: the last %(count)s payments came without one."),
    ),
    "account_trouble": Wording(
        _l("an account of ours needs you"),
        _l("Keys or settings at a payment company, carrier or mail server have ended or will: %(sentence)s"),
    ),
    "webhooks_lost": Wording(
        _l("webhooks of a gateway are lost"),
        _l(
            "Webhooks of %(gateway)s are lost: its own list holds %(count)s payments, refunds or disputes that none told."
        ),
    ),
    "books_restored": Wording(
        _l("the books went back to a backup"),
        _l("The books went back to the backup of %(since)s. What was done by hand since must be entered again."),
    ),
    "audit_breach": Wording(
        _l("the books are not in order"), _l("The books are not in order. The rule: %(sentence)s.")
    ),
}

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
