"""What phones received: shown on each phone, in a list of its own, and as JSON for tests."""

import re
from typing import Any

from flask import Blueprint, jsonify, render_template, request

from sandbox.core.clock import iso, new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.store import Doc
from sandbox.people.mailbox import linked

pages = Blueprint("sms", __name__)


def keep(sandbox: Sandbox, carrier: str, sender: str, to: str, text: str) -> Doc:
    """One SMS is on the phone."""
    sms: Doc = {"id": new_id("sms_"), "at": iso(now()), "carrier": carrier, "from": sender, "to": to, "text": text}
    sandbox.store.put("sms", sms["id"], sms, ref=digits(to))
    return sms


def digits(number: str) -> str:
    """The number without plus and spaces."""
    return re.sub(r"\D", "", number)


def of_phone(number: str) -> list[Doc]:
    """What this phone received, newest first."""
    return box().store.by_ref("sms", number)[:20]


@pages.get("/sms")
def listed() -> str:
    """Newest first."""
    return render_template(
        "sms.html", messages=_messages(200), to=request.args.get("to", ""), linked=linked, digits=digits
    )


@pages.get("/sms.json")
def as_json() -> Any:
    """Every SMS, newest first; `?to=` filters."""
    return jsonify(_messages(-1))


def _messages(limit: int) -> list[Doc]:
    to = digits(request.args.get("to", ""))
    return box().store.by_ref("sms", to) if to else box().store.all("sms", limit)
