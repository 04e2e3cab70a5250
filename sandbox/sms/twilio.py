"""Twilio: messages of one account, with errors as numbers of their own."""

import hmac
import re

from flask import Blueprint, Response, jsonify, request

from sandbox.core import accounts, faults
from sandbox.core.clock import new_id
from sandbox.core.context import box
from sandbox.sms import inbox

api = Blueprint("twilio", __name__, url_prefix="/twilio")
UNSUBSCRIBED = "+15005550009"
_ABOUT = "https://www.twilio.com/docs/errors/"


@api.post("/2010-04-01/Accounts/<account>/Messages.json")
def send(account: str) -> Response:
    """The message is on the phone, or the answer says why not."""
    return faults.guard("twilio", "send", _failure, lambda: _send(account))


@api.get("/2010-04-01/Accounts/<account>.json")
def whose(account: str) -> Response:
    """The account and its state."""
    return faults.guard("twilio", "account", _failure, lambda: _refused(account) or _shown(account))


def _shown(account: str) -> Response:
    return jsonify(sid=account, status=accounts.of(box(), "twilio")["status"], type="Full")


def _refused(account: str) -> Response | None:
    keys = box().credentials
    given = request.authorization
    pair = f"{given.username}:{given.password}" if given and given.type == "basic" else ""
    right = hmac.compare_digest(pair.encode(), f"{keys.twilio_account_sid}:{keys.twilio_auth_token}".encode())
    if not right or accounts.of(box(), "twilio")["refuses_keys"]:
        return _error(401, 20003, "Authenticate")
    return None if account == keys.twilio_account_sid else _error(404, 20404, "The requested resource was not found")


def _send(account: str) -> Response:
    return _refused(account) or _keep(request.form.get("To", ""), request.form.get("Body", ""), account)


def _keep(to: str, text: str, account: str) -> Response:
    sender = request.form.get("From") or request.form.get("MessagingServiceSid", "")
    wrong = {
        21603: not sender and "A 'From' phone number is required",
        21602: not text and "Message body is required",
        21211: not re.fullmatch(r"\+[1-9]\d{7,14}", to) and "Invalid 'To' Phone Number",
        21610: to == UNSUBSCRIBED and "Attempt to send to unsubscribed recipient",
    }
    for code, sentence in wrong.items():
        if sentence:
            return _error(400, code, sentence)
    inbox.keep(box(), "twilio", sender, to, text)
    response = jsonify(sid=new_id("SM"), status="queued", to=to, account_sid=account, error_code=None)
    response.status_code = 201
    return response


def _failure(kind: str, message: str) -> Response:
    return _error(int(kind), {"429": 20429, "500": 20500}.get(kind, 21608), message or "Something went wrong")


def _error(status: int, code: int, message: str) -> Response:
    response = jsonify(code=code, message=message, more_info=f"{_ABOUT}{code}", status=status)
    response.status_code = status
    return response
