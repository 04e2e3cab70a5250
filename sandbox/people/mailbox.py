"""A mailbox: an SMTP server that keeps every mail, pages to read them, JSON for tests."""

import email
import re
from email.message import EmailMessage, MIMEPart
from email.policy import default
from html.parser import HTMLParser
from typing import Any

from aiosmtpd.controller import Controller
from flask import Blueprint, Response, abort, jsonify, render_template, request
from markupsafe import Markup, escape

from sandbox.core.clock import iso, new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.store import Doc, StoreClosed

pages = Blueprint("mailbox", __name__)
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


class _Keeper:
    """What aiosmtpd calls for each mail."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002 (aiosmtpd's names)
        """Keep the mail."""
        try:
            keep(self._sandbox, envelope.mail_from, envelope.rcpt_tos, envelope.content)
        except StoreClosed:
            return "421 The sandbox is stopping"
        return "250 Kept, not sent"


class Postbox(Controller):
    """The SMTP server, on a port of its own; 0 takes a free one."""

    def __init__(self, sandbox: Sandbox, host: str, port: int) -> None:
        super().__init__(_Keeper(sandbox), hostname=host, port=port)

    def _trigger_server(self) -> None:
        # The controller connects to itself to see that it works, for which it must know the port it was given.
        if self.server is not None:
            self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def keep(sandbox: Sandbox, sender: str, recipients: list[str], content: bytes) -> None:
    """Store one mail as it came; most are never read."""
    raw = content.decode("utf-8", "surrogateescape")
    mail: Doc = {"id": new_id("mail_"), "at": iso(now()), "from": sender, "to": recipients, "raw": raw}
    sandbox.store.put("mail", mail["id"], mail)


def _opened(mail: Doc) -> Doc:
    """The mail as people and tests want to see it."""
    if "raw" not in mail:  # an earlier version kept it opened
        return mail
    message = email.message_from_bytes(mail.pop("raw").encode("utf-8", "surrogateescape"), policy=default)
    text = _part(message, "plain")
    html = _part(message, "html")
    return mail | {
        "subject": str(message["subject"] or ""),
        "headers": [[name, str(value)] for name, value in message.items()],
        "text": text or _as_text(html),
        "html": html,
        "types": [part.get_content_type() for part in message.walk()],
        "calendars": [_calendar(part) for part in _invitations(message)],
        "attachments": [part.get_filename() or part.get_content_type() for part in message.iter_attachments()],
    }


@pages.get("/mailbox")
def inbox() -> str:
    """Newest first."""
    return render_template("mailbox.html", mails=_mails(200), to=request.args.get("to", ""))


@pages.get("/mailbox/<mail_id>")
def one(mail_id: str) -> str:
    """One mail: headers and the text part, links made live, nothing else of the sender's markup."""
    mail = box().store.get("mail", mail_id)
    if mail is None:
        abort(404)
    mail = _opened(mail)
    return render_template("mail.html", mail=mail, text=linked(mail["text"]))


@pages.get("/mailbox/<mail_id>/html")
def as_html(mail_id: str) -> Response:
    """The mail's HTML as a careful program shows it: nothing is run, nothing is loaded, links open elsewhere."""
    mail = box().store.get("mail", mail_id)
    if mail is None or not (html := _opened(mail)["html"]):
        abort(404)
    windows = "sandbox allow-popups allow-popups-to-escape-sandbox"
    policy = f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; {windows}"
    html = html.replace("<head>", '<head><base target="_blank">', 1)
    return Response(html, headers={"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"})


@pages.get("/mailbox.json")
def as_json() -> Any:
    """Every mail, newest first; `?to=` filters."""
    return jsonify(_mails(-1))


def linked(text: str) -> Markup:
    """Plain text as HTML with its web addresses made links."""
    parts = []
    end = 0
    for match in _LINK.finditer(text):
        link = Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(match[0])
        parts += [escape(text[end : match.start()]), link]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _mails(limit: int) -> list[Doc]:
    to = request.args.get("to", "").strip().lower()
    mails = [m for m in box().store.all("mail", limit) if not to or to in [a.lower() for a in m["to"]]]
    return [_opened(mail) for mail in mails]


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    if body is None:
        return ""
    try:
        return str(body.get_content())
    except LookupError:  # a charset nobody knows
        return str(body.get_payload())


def _invitations(message: EmailMessage) -> list[MIMEPart]:
    """What Outlook and Gmail act on: the last of the forms of the text, if its type is a calendar's and says the method."""
    forms = [list(part.iter_parts()) for part in message.walk() if part.get_content_type() == "multipart/alternative"]
    last = [parts[-1] for parts in forms if parts]
    return [part for part in last if part.get_content_type() == "text/calendar" and part.get_param("method")]


def _calendar(part: MIMEPart) -> Doc:
    return {"type": str(part["Content-Type"]), "text": str(part.get_content())}


class _Stripper(HTMLParser):
    """Text out of HTML, for mails that have nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("style", "script")
        if tag == "a":
            self.words += [f"{value} " for name, value in attrs if name == "href" and value]
        if tag in ("p", "br", "div", "tr", "li", "h1", "h2", "h3"):
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _as_text(html: str) -> str:
    stripper = _Stripper()
    stripper.feed(html)
    return "".join(stripper.words).strip()
