"""Razorpay's manners: HTTP Basic, JSON both ways, every error a 400 in one shape (an unknown address too)."""

import hmac
import json
import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from sandbox.core import accounts
from sandbox.core.context import box
from sandbox.core.endpoints import Endpoints, Params, View, claimed
from sandbox.core.store import Doc

api = Blueprint("razorpay", __name__, url_prefix="/razorpay/v1")
_REFUND_KEY = re.compile(r"[A-Za-z0-9_-]{10,}")


class RazorpayError(Exception):
    """An error answer in Razorpay's shape."""

    def __init__(
        self, description: str, field: str = "", reason: str = "input_validation_failed", status: int = 400
    ) -> None:
        super().__init__(description)
        self.status = status
        self.body = error_body(description, field, reason)


def error_body(description: str, field: str = "", reason: str = "NA", code: str = "BAD_REQUEST_ERROR") -> Doc:
    """The JSON of an error."""
    error: Doc = {"code": code, "description": description, "source": "business", "step": "payment_initiation"}
    error |= {"reason": reason, "metadata": {}} | ({"field": field} if field else {})
    return {"error": error}


def _serve(view: View, ids: dict[str, str]) -> Response:
    try:
        _check_key()
        params = _params()
        key = request.headers.get("X-Refund-Idempotency", "")
        if key and request.path.endswith("/refund"):
            return _once(key, params, lambda: _answer(view, params, ids))
        return _answer(view, params, ids)
    except RazorpayError as error:
        return respond(error.body, error.status)


def _answer(view: View, params: Params, ids: dict[str, str]) -> Response:
    with box().store.change():
        body = view(params, **ids)
    return respond({key: value for key, value in body.items() if not key.startswith("_")})


def _check_key() -> None:
    keys = box().credentials
    given = request.authorization
    name, password = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
    right = hmac.compare_digest(
        f"{name}:{password}".encode(), f"{keys.razorpay_key_id}:{keys.razorpay_key_secret}".encode()
    )
    if not right or accounts.of(box(), "razorpay")["refuses_keys"]:
        raise RazorpayError("Authentication failed", reason="NA", status=401)


def _params() -> Params:
    if request.method == "GET":
        return dict(request.args)
    if not request.data:
        return {}
    try:
        params = json.loads(request.data)
    except ValueError:
        raise RazorpayError("The request body is not valid JSON.") from None
    if not isinstance(params, dict):
        raise RazorpayError("The request body must be an object.")
    return params


def respond(body: Doc, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body), status, mimetype="application/json")


def failure(kind: str, message: str) -> Response:
    """The answer of a fault."""
    if kind == "429":
        return respond(error_body("Request failed. Please try after sometime."), 429)
    if kind == "400":
        return respond(error_body(message or "Bad request"), 400)
    return respond(error_body(message or "We are facing some trouble.", code="SERVER_ERROR"), 500)


def _once(key: str, params: Params, work: Callable[[], Response]) -> Response:
    """One refund per X-Refund-Idempotency key."""
    if not _REFUND_KEY.fullmatch(key):
        raise RazorpayError(
            "The X-Refund-Idempotency header must be at least 10 letters, digits, hyphens or underscores."
        )
    busy = RazorpayError("Another request with this idempotency key is in progress.", status=409)
    differs = RazorpayError("Different request body sent for the same idempotency key.")
    with claimed("rzp_key", key, params, busy=busy, differs=differs) as claim:
        if claim.kept is not None:
            return respond(box().store.get("rzp_refund", claim.kept["refund"]) or {})
        response = work()
        if response.status_code == 200 and response.is_json:
            claim.keep({"refund": response.get_json()["id"]})
        return response


def found(kind: str, id_: str) -> Doc:
    """The stored object; an unknown id is a 400, not a 404."""
    doc = box().store.get(kind, id_)
    if doc is None:
        raise RazorpayError("The id provided does not exist")
    return doc


def known(params: Params, allowed: frozenset[str]) -> None:
    """Refuse a field Razorpay does not know."""
    extra = [name for name in params if name not in allowed]
    if extra:
        text = f"{', '.join(extra)} is/are not required and should not be sent"
        raise RazorpayError(text, extra[0], "extra_field_sent")


def notes(params: Params) -> Any:
    """The notes within limits; an empty list when there are none, as the real one has it."""
    given = params.get("notes") or {}
    if not isinstance(given, dict) or len(given) > 15:
        raise RazorpayError("The notes may have at most 15 key-value pairs.", "notes")
    if any(len(str(value)) > 256 for value in given.values()):
        raise RazorpayError("The notes may not be greater than 256 characters.", "notes")
    return given or []


_TIMES = (946684800, 4765046400)  # what Razorpay takes for an instant


def collection(rows: list[Doc], params: Params) -> Doc:
    """A page of a list: of ten, or up to a hundred after those that are skipped; `from` and `to` filter by when it was made."""
    count = _number(params, "count", 10)
    skip = _number(params, "skip", 0)
    if count > 100:
        raise RazorpayError("The count may not be greater than 100.", "count")
    first = _time(params, "from", 0)
    last = _time(params, "to", _TIMES[1])
    rows = [row for row in rows if first <= row["created_at"] <= last]
    shown = [{k: v for k, v in row.items() if not k.startswith("_")} for row in rows[skip : skip + count]]
    return {"entity": "collection", "count": len(shown), "items": shown}


def _number(params: Params, name: str, default: int) -> int:
    try:
        return int(params.get(name, default))
    except ValueError:
        raise RazorpayError(f"The {name} must be an integer.", name) from None


def _time(params: Params, name: str, default: int) -> int:
    moment = _number(params, name, default)
    if name in params and not _TIMES[0] <= moment <= _TIMES[1]:
        raise RazorpayError(f"{name} must be between {_TIMES[0]} and {_TIMES[1]}", name)
    return moment


def unknown_address(**_: str) -> Response:
    """An unknown address is a 400 too."""
    return respond(error_body("The requested URL was not found on the server."), 400)


endpoint = Endpoints("razorpay", api, failure, _serve)
api.add_url_rule("/<path:_>", view_func=unknown_address, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
