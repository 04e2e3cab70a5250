"""Africa's Talking: one address, which answers 201 whatever became of the message, with a code for each recipient."""

import hmac
import re
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.core import accounts, faults
from sandbox.core.clock import new_id
from sandbox.core.context import box
from sandbox.sms import inbox

api = Blueprint("africastalking", __name__, url_prefix="/africastalking")
_SENT = (101, "Success")
_INVALID = (403, "InvalidPhoneNumber")
_BLACKLISTED = (406, "UserInBlacklist")
BLACKLISTED = "+254700000406"


@api.post("/version1/messaging")
def send() -> Response:
    """The message is on the phone, or the answer says why not."""
    return faults.guard("africastalking", "send", _failure, _send)


@api.get("/version1/user")
def account() -> Response:
    """What the account has left: a call that only checks the key."""
    return faults.guard("africastalking", "account", _failure, _account)


def _account() -> Response:
    return _refused(request.args.get("username", "")) or jsonify(UserData={"balance": "KES 1250.0000"})


def _refused(username: str) -> Response | None:
    keys = box().credentials
    given = request.headers.get("apiKey", "").encode()
    right = (
        hmac.compare_digest(given, keys.africastalking_api_key.encode()) and username == keys.africastalking_username
    )
    if right and not accounts.of(box(), "africastalking")["refuses_keys"]:
        return None
    return Response("The supplied authentication is invalid", 401, mimetype="text/plain")


def _send() -> Response:
    form = request.form
    if refused := _refused(form.get("username", "")):
        return refused
    to = form.get("to", "")
    text = form.get("message", "")
    if not to or not text:
        return Response("Must have to and message in your request", 400, mimetype="text/plain")
    code, status = _verdict(to)
    if code == _SENT[0]:
        inbox.keep(box(), "africastalking", form.get("from") or "AFRICASTKNG", to, text)
    return _answer(to, code, status)


def _verdict(to: str) -> tuple[int, str]:
    if to == BLACKLISTED:
        return _BLACKLISTED
    return _SENT if re.fullmatch(r"\+[1-9]\d{7,14}", to) else _INVALID


def _answer(to: str, code: int, status: str) -> Response:
    recipient: dict[str, Any] = {
        "statusCode": code,
        "number": to,
        "status": status,
        "cost": "KES 0.8000" if code == _SENT[0] else "0",
        "messageId": new_id("ATXid_") if code == _SENT[0] else "None",
    }
    message = f"Sent to {int(code == _SENT[0])}/1 Total Cost: {recipient['cost']}"
    response = jsonify(SMSMessageData={"Message": message, "Recipients": [recipient]})
    response.status_code = 201
    return response


def _failure(kind: str, message: str) -> Response:
    return Response(message or "Something went wrong", int(kind), mimetype="text/plain")
