"""The door to the SMS carrier: one short line in the person's language, which names nobody and no subject."""

from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale

from app.domain.quotas import Rule
from app.lib import gsm
from app.messengers import number_plans
from app.messengers.base import Messenger
from app.models import Channel, Notification, Role, User
from app.services.core import quotas
from app.services.core.errors import TooMany
from app.services.notifications import preferences


def messenger() -> Messenger | None:
    """Who carries SMS here; None when nobody does."""
    found: Messenger | None = current_app.extensions["messenger"]
    return found


def is_wanted(user: User, kind: str) -> bool:
    """Whether a message of this kind goes to the person's phone."""
    return messenger() is not None and preferences.wants(user, kind, Channel.SMS) and reaches(user.phone)


def reaches(phone: str | None) -> bool:
    """Whether SMS are sent to this number's country (KIKAO_SMS_COUNTRIES): some cost a hundred times what others do."""
    return bool(phone) and number_plans.country_of(phone or "") in current_app.config["SMS_COUNTRIES"]


def try_count(user: User) -> bool:
    """One more SMS to the person and to their number is counted; False, and nothing counted, where it is one too many."""
    # A number need not be its owner's: whoever typed a stranger's does not reach it often.
    keys: dict[Rule, object] = {Rule.SMS_TO_PERSON: user.id, Rule.SMS_TO_NUMBER: user.phone}
    try:
        quotas.spend(keys, user_id=user.id, trusted=user.role is not Role.CLIENT)
    except TooMany:
        return False
    return True


def send(notice: Notification) -> None:
    """The carrier has taken it. Raises messengers.base.Undelivered, Refused."""
    carrier = messenger()
    if carrier is None or not notice.user.phone:
        raise RuntimeError("an SMS that cannot be sent")
    text = compose(notice.user, notice.kind, notice.data | {"booking": notice.booking, "notice": notice})
    carrier.send(notice.user.phone, text)


def compose(user: User, kind: str, values: dict[str, Any]) -> str:
    """The line as it is sent, in the person's language and time zone."""
    with force_locale(user.language):
        text = render_template(f"sms/{kind}.txt", user=user, public_url=current_app.config["PUBLIC_URL"], **values)
    return gsm.plain(text)
