"""The door to the SMS carrier: one short line in the person's language, which names nobody and no subject.

An SMS costs us money and its reader peace, so it goes only to a number whose owner has typed a code sent to it, only to some
countries, and only so many go to one person in a day. What is not sent by SMS is mailed.
"""

from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale

from app.domain.quotas import Rule
from app.lib.phones import gsm, numbers
from app.messengers.base import Messenger
from app.models import Channel, Notification, Role, User
from app.services.core import payment_methods, quotas
from app.services.core.errors import TooMany
from app.services.notifications import message_kinds, preferences


def messenger() -> Messenger | None:
    """Who carries SMS here; None when nobody does."""
    found: Messenger | None = current_app.extensions["messenger"]
    return found


def countries() -> frozenset[str]:
    """The ISO countries to whose numbers SMS go: those set (KIKAO_SMS_COUNTRIES), else those the gateways offered are for."""
    chosen = frozenset(current_app.config["SMS_COUNTRIES"])
    gateways = payment_methods.offered().values()
    return chosen or frozenset(country for each in gateways for country in each.capabilities.countries)


def takes(number: str) -> bool:
    """Whether SMS can go to this number, whoever has it."""
    return messenger() is not None and numbers.country_of(number) in countries()


def is_wanted(user: User, kind: str) -> bool:
    """Whether a message of this kind goes to the person's phone."""
    return preferences.wants(user, kind, Channel.SMS) and _reaches(user)


def is_missing(user: User, kind: str) -> bool:
    """Whether the person wants messages of this kind by SMS, and none can be sent to the number they gave."""
    return bool(messenger() and user.email) and preferences.wants(user, kind, Channel.SMS) and not _reaches(user)


def send(notice: Notification) -> str:
    """The carrier has taken it; the number it went to, masked. Raises messengers.base.Undelivered, Refused.

    Somebody who was just erased, or has another address, is told at the number that the message itself carries.
    """
    text = compose(notice.user, notice.kind, notice.data | {"booking": notice.booking, "notice": notice})
    number = notice.data.get("address") or notice.user.proved_phone
    post(number, text)
    return numbers.masked(number)


def try_count(user: User) -> bool:
    """One more SMS to the person and to their number is counted; False, and nothing counted, where it is one too many."""
    keys: dict[Rule, object] = {Rule.SMS_TO_PERSON: user.id, Rule.SMS_TO_NUMBER: user.phone}
    try:
        quotas.spend(keys, user_id=user.id, trusted=user.role is not Role.CLIENT or not user.email)
    except TooMany:
        return False
    return True


def post(number: str, text: str) -> None:
    """The carrier has taken a line that was counted before. Raises messengers.base.Undelivered, Refused."""
    carrier = messenger()
    if carrier is None or not number:
        raise RuntimeError("an SMS that cannot be sent")
    carrier.send(number, text)


def compose(user: User, kind: str, values: dict[str, Any]) -> str:
    """The line of a message as it is sent, in the person's language and time zone.

    What others get by mail alone is named, and is read on the page it leads to.
    """
    return write(user, f"sms/{kind if message_kinds.of(kind).texted else '_other'}.txt", values | {"kind": kind})


def write(user: User, template: str, values: dict[str, Any]) -> str:
    """The line of a template as it is sent, in the person's language and time zone."""
    with force_locale(user.language):
        text = render_template(template, user=user, public_url=current_app.config["PUBLIC_URL"], **values)
    return gsm.plain(text)


def _reaches(user: User) -> bool:
    return bool(user.proved_phone) and takes(user.proved_phone)
