"""The door to the SMS carrier: one short line in the person's language, which names nobody and no subject."""

from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale

from app.lib import gsm
from app.messengers.base import Messenger
from app.models import Channel, Notification, User
from app.services.notifications import preferences


def messenger() -> Messenger | None:
    """Who carries SMS here; None when nobody does."""
    found: Messenger | None = current_app.extensions["messenger"]
    return found


def is_wanted(user: User, kind: str) -> bool:
    """Whether a message of this kind goes to the person's phone."""
    return messenger() is not None and preferences.wants(user, kind, Channel.SMS)


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
