"""Daraja's manners: tokens, its several error shapes, the password of a request."""

import base64
import hmac
import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from sandbox.core import accounts, faults
from sandbox.core.clock import new_id, now
from sandbox.core.context import box
from sandbox.core.endpoints import Endpoints, Params, View
from sandbox.core.store import Doc

api = Blueprint("daraja", __name__, url_prefix="/daraja")
TOKEN_SECONDS = 3599


class DarajaError(Exception):
    """An error answer in Daraja's usual shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def invalid(field: str) -> DarajaError:
    """400 for one bad field."""
    return DarajaError(400, "400.002.02", f"Bad Request - Invalid {field}")


def busy(message: str) -> DarajaError:
    """The code that means four different things; only the message tells them apart."""
    return DarajaError(500, "500.001.1001", message)


def endpoint(rule: str, route: str) -> Callable[[View], View]:
    """Register a POST view of params -> answer, behind a token. `route` is its name for faults."""
    return _endpoints(rule, "POST", route)


def _serve(view: View, ids: dict[str, str]) -> Response:
    try:
        _check_token()
        params = request.get_json(force=True, silent=True)
        if not isinstance(params, dict):
            raise DarajaError(400, "400.002.05", "Invalid Request Payload")
        with box().store.change():
            return respond(view(params, **ids))
    except DarajaError as error:
        return _error(error.status, error.code, str(error))


@api.get("/oauth/v1/generate")
def generate() -> Response:
    """A token for the consumer's key and secret; `expires_in` is a string."""
    return faults.guard("mpesa", "token", failure, _generate)


def _generate() -> Response:
    keys = box().credentials
    given = request.authorization
    pair = f"{given.username}:{given.password}" if given and given.type == "basic" else ""
    right = hmac.compare_digest(pair.encode(), f"{keys.mpesa_consumer_key}:{keys.mpesa_consumer_secret}".encode())
    if not right or accounts.of(box(), "mpesa")["refuses_keys"]:
        return _error(400, "400.008.01", "Invalid Authentication passed")
    if request.args.get("grant_type") != "client_credentials":
        return _error(400, "400.008.02", "Invalid grant type passed")
    token = new_id("", 28)
    box().store.put("token", token, {"id": token, "until": now() + TOKEN_SECONDS})
    return respond({"access_token": token, "expires_in": str(TOKEN_SECONDS)})


def _check_token() -> None:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = box().store.get("token", token)
    if known is None or known["until"] < now():
        raise DarajaError(404, "404.001.03", "Invalid Access Token")


def expire_tokens() -> None:
    """Every token handed out so far is worthless, as after a restart of theirs."""
    with box().store.change():
        for token in box().store.all("token"):
            box().store.put("token", token["id"], token | {"until": 0})


def respond(body: Doc, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body), status, mimetype="application/json")


def _error(status: int, code: str, message: str) -> Response:
    return respond({"requestId": new_id("", 20), "errorCode": code, "errorMessage": message}, status)


# What Daraja says in its own words instead of doing anything; "busy" alone leaves open whether it did.
_SAID = {
    "400": (400, "400.002.02", "Bad Request"),
    "500": (500, "500.003.1001", "Internal Server Error"),
    "spike_arrest": (500, "500.003.02", "Error Occurred: Spike Arrest Violation"),
    "quota": (500, "500.003.03", "Error Occurred: Quota Violation"),
    "busy": (500, "500.003.02", "System is busy. Please try again in few minutes."),
}
_POLICY = {"429": 429, "policy": 500}  # the rate limit of the gateway before Daraja has a shape of its own


def failure(kind: str, message: str) -> Response:
    """The answer of a fault."""
    if kind in _POLICY:
        text = "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5, periodInMicroseconds=1000000}"
        detail = {"errorcode": "policies.ratelimit.SpikeArrestViolation"}
        return respond({"fault": {"faultstring": text, "detail": detail}}, _POLICY[kind])
    status, code, words = _SAID[kind]
    return _error(status, code, message or words)


# ------------------------------------------------------------------------------------------------ checks


def check_password(params: Params) -> None:
    """Shortcode, timestamp and the password made of both and the passkey."""
    keys = box().credentials
    stamp = str(params.get("Timestamp", ""))
    if not re.fullmatch(r"20\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])([01]\d|2[0-3])[0-5]\d[0-5]\d", stamp):
        raise invalid("Timestamp")
    if not re.fullmatch(r"\d{5,7}", str(params.get("BusinessShortCode", ""))):
        raise invalid("BusinessShortCode")
    if str(params["BusinessShortCode"]) != keys.mpesa_shortcode:
        raise busy("Merchant does not exist")
    right = base64.b64encode(f"{keys.mpesa_shortcode}{keys.mpesa_passkey}{stamp}".encode())
    if not hmac.compare_digest(str(params.get("Password", "")).encode(), right):
        raise busy("[MerchantValidate] - Wrong credentials")


def check_url(params: Params, field: str) -> str:
    """An address for a callback. The real one wants public https; here http is allowed to this machine only."""
    url = str(params.get(field, ""))
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not (local or parts.scheme == "https") or not parts.hostname:
        raise invalid(field)
    return url


_endpoints = Endpoints("mpesa", api, failure, _serve)
