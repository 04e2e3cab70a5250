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
        _l("Callbacks from %(gateway)s are not arriving: the last %(count)s payments came without one."),
    ),
    "account_trouble": Wording(
        _l("one of our accounts needs attention"),
        _l("Keys or settings at a payment provider, carrier or mail server have expired or will expire: %(sentence)s"),
    ),
    "webhooks_lost": Wording(
        _l("webhooks from a gateway are being lost"),
        _l(
            "Webhooks from %(gateway)s are being lost: its own list has %(count)s payments, refunds or "
            "disputes that no webhook reported."
        ),
    ),
    "books_restored": Wording(
        _l("the books were restored from a backup"),
        _l(
            "The books were restored from the backup of %(since)s. Anything done by hand since then must be "
            "entered again."
        ),
    ),
    "audit_breach": Wording(
        _l("the books are not in order"), _l("The books are not in order. The rule: %(sentence)s.")
    ),
}

# What people switch together (services/notifications/preferences): the name, and what is in it. The last is not theirs to switch.
MESSAGE_GROUPS: dict[str, tuple[LazyString, LazyString]] = {
    "bookings": (
        _l("Bookings"),
        _l("Requests, answers and sessions. You always get confirmations and cancellations."),
    ),
    "reminders": (
        _l("Reminders"),
        _l("Before a session, and when a booking is unpaid while your place is held."),
    ),
    "money": (_l("Money"), _l("Payments due, payments made, refunds and your wallet.")),
    "practice": (_l("My practice"), _l("Clients' requests, bookings, proofs of payment and questions.")),
    "always": (_l("Accounts and staff"), _l("Always emailed, never sent by SMS.")),
}

# How a message goes out, and what became of that copy (models/notices.py).
CHANNELS: dict[str, LazyString] = {"mail": _l("E-mail"), "sms": _l("SMS")}

DELIVERIES: dict[str, LazyString] = {
    "": _l("not sent yet"),
    "sent": _l("sent"),
    "stale": _l("not sent: no longer true"),
    "off": _l("not sent: switched off"),
    "refused": _l("not sent: this number does not accept SMS"),
    "limited": _l("not sent by SMS: too many in a day, so emailed"),
}


def delivery(outcome: str) -> str:
    """What became of a copy of a message, in the reader's language."""
    return str(DELIVERIES.get(outcome, outcome))
