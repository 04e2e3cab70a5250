"""The door to the mail server: one message, composed in the person's language."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale

from app.lib import clock
from app.lib.calendars.invitations import CANCEL, Invitation
from app.lib.network.mail_server import MailServer
from app.lib.text import masked_address
from app.models import Notification, User
from app.services import house
from app.services.notifications import calendar_feeds
from app.services.notifications.letters import Letter, Mail

_TIMEOUT = 10


class Undelivered(Exception):
    """The mail server was away or said no; try again later."""


def send(notice: Notification) -> str:
    """The mail server, if there is one (SMTP_URL), has accepted the message; where it went, masked. Raises Undelivered."""
    if not current_app.config["SMTP_URL"]:
        return ""
    reader = _reader(notice)
    mail = compose(reader, notice.kind, notice.data | {"booking": notice.booking, "notice": notice})
    post(reader, mail, notice.dedupe_key, calendar_feeds.attached(notice))
    return masked_address(reader.email)


def _reader(notice: Notification) -> User:
    """Who is written to: somebody who was just erased at the address that the message itself carries."""
    if "address" not in notice.data:
        return notice.user
    return User(
        name=notice.data["name"],
        email=notice.data["address"],
        language=notice.user.language,
        zone=notice.user.zone,
        switches={},
    )


def compose(user: User, kind: str, values: dict[str, Any]) -> Mail:
    """A message of `kind`, in the person's language and time zone."""
    return write(user, f"mail/{kind}.txt", values)


def write(user: User, template: str, values: dict[str, Any]) -> Mail:
    """A mail, in the person's language and time zone; the template's first line is the subject."""
    public_url = current_app.config["PUBLIC_URL"]
    letter = Letter(public_url)
    with force_locale(user.language):
        return letter.written(render_template(template, user=user, public_url=public_url, **letter.tools(), **values))


def post(user: User, mail: Mail, key: str, entry: Invitation | None = None) -> None:
    """The mail server has accepted the message. Raises Undelivered.

    `key` makes the Message-ID, so a repeated send can be told from a new mail.
    """
    name, sender = parseaddr(current_app.config["MAIL_FROM"])
    message = EmailMessage()
    message["From"] = Address(house.known().own_name or name, addr_spec=sender)
    message["To"] = Address(user.name.replace("\r", " ").replace("\n", " "), addr_spec=user.email)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:32]}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, "html")
    if entry:
        _invite(message, entry)
    try:
        _deliver(message)
    except OSError as error:  # smtplib's errors are OSErrors too
        raise Undelivered(type(error).__name__) from error


def _invite(message: EmailMessage, entry: Invitation) -> None:
    """The entry is another form of what the mail says, and a file beside it.

    Outlook, Exchange and Gmail act on the last part of a multipart/alternative, after the text and any HTML, whose type says the
    method (RFC 6047, 2.4); an attachment alone is a file to them. Programs that know no invitations offer the file.
    """
    params = {"method": entry.method, "charset": "utf-8"}
    message.add_alternative(entry.content, "text", "calendar", params=params)  # as bytes: lines end as RFC 5545 wants
    name = "cancelled.ics" if entry.method == CANCEL else "invitation.ics"
    message.add_attachment(entry.content, "application", "ics", filename=name)


def _deliver(message: EmailMessage) -> None:
    with MailServer.of(current_app.config["SMTP_URL"]).connect(_TIMEOUT) as server:
        server.send_message(message)
