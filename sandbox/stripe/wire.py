"""Stripe's manners: key check, bracketed forms, error answers, idempotency keys, expansion."""

import json
import operator
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, g, request

from sandbox.core import faults
from sandbox.core.clock import new_id
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Endpoints, Params, View, claimed
from sandbox.core.store import Doc
from sandbox.stripe import account

api = Blueprint("stripe", __name__, url_prefix="/stripe/v1")
API_VERSION = "2026-10-28.endive"


class StripeError(Exception):
    """An error answer in Stripe's shape."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
    ) -> None:
        super().__init__(message)
        given = {"code": code, "param": param}
        self.status = status
        self.body: Doc = {"error": {"message": message, "type": kind, **{k: v for k, v in given.items() if v}}}


def missing(kind: str, id_: str, param: str = "id") -> StripeError:
    """404 for an object that does not exist."""
    return StripeError(404, f"No such {kind}: '{id_}'", code="resource_missing", param=param)


def found(kind: str, id_: str, word: str, param: str = "id") -> Doc:
    """The stored object, or Stripe's 404."""
    doc = box().store.get(kind, id_)
    if doc is None:
        raise missing(word, id_, param)
    return doc


def _serve(view: View, ids: dict[str, str]) -> Response:
    try:
        _check_key()
        params = parse(request.get_data(as_text=True) if request.method == "POST" else request.query_string.decode())
        key = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and key:
            return _once(key, params, lambda: _answer(view, params, ids))
        return _answer(view, params, ids)
    except StripeError as error:
        return respond(error.status, error.body)


def _check_key() -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not given:
        raise StripeError(401, "You did not provide an API key.")
    path = request.path.partition("/v1")[2]
    if refused := account.why_refused(given, path):
        status, code, sentence = refused
        raise StripeError(status, sentence, code=code)


def _answer(view: View, params: Params, ids: dict[str, str]) -> Response:
    try:
        wanted = params.pop("expand", [])
        with box().store.change():
            body = view(params, **ids)
            return respond(200, expand(box(), public(body), wanted))
    except StripeError as error:
        return respond(error.status, error.body)


def respond(status: int, body: Doc, extra: dict[str, str] | None = None) -> Response:
    """A JSON answer with Stripe's headers."""
    response = Response(json.dumps(body, indent=2), status, mimetype="application/json")
    response.headers["Request-Id"] = new_id("req_")
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if key := request.headers.get("Idempotency-Key"):
        response.headers["Idempotency-Key"] = key
    response.headers.update(extra or {})
    return response


def failure(kind: str, message: str) -> Response:
    """The answer of a fault."""
    if kind == "429":
        return respond(
            429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests"}}
        )
    if kind == "400":
        return respond(400, {"error": {"type": "invalid_request_error", "message": message or "Bad request"}})
    return respond(500, {"error": {"type": "api_error", "message": message or "An unknown error occurred"}})


# ------------------------------------------------------------------------------------------------ idempotency


# "Keys are pruned after they're at least 24 hours old" (https://docs.stripe.com/api/idempotent_requests): as soon as they may be.
_KEYS_KEPT = 24 * 3600


def _once(key: str, params: Params, work: Callable[[], Response]) -> Response:
    """The first answer to this key, for a day. Refusals of the parameters are not kept, as documented."""
    if len(key) > 255:
        raise StripeError(400, "Idempotency keys may be at most 255 characters.", "idempotency_error")
    busy = f"There is currently another in-progress request using this Stripe-Idempotency-Key: {key}"
    differs = (
        "Keys for idempotent requests can only be used with the parameters and endpoint they were first used with."
    )
    with claimed(
        "stripe_key",
        key,
        params,
        busy=StripeError(409, busy, "idempotency_error", "idempotency_key_in_use"),
        differs=StripeError(400, f"{differs} Try using a key other than '{key}'.", "idempotency_error"),
        seconds=_KEYS_KEPT,
    ) as claim:
        if claim.kept is not None:
            return respond(claim.kept["status"], claim.kept["body"], {"Idempotent-Replayed": "true"})
        response = _work_or_stored_fault(work)
        if response.status_code not in (400, 401, 404, 409, 429) and response.is_json:
            claim.keep({"status": response.status_code, "body": response.get_json()})
        return response


def _work_or_stored_fault(work: Callable[[], Response]) -> Response:
    fault = g.pop("stored_fault", None)
    return faults.play(fault, failure, work) if fault else work()


# ------------------------------------------------------------------------------------------------ forms


def parse(text: str) -> Params:
    """`a[b][0]=c` as nested objects and lists; `a[]=b` appends."""
    tree: Params = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = re.split(r"\]?\[", name.rstrip("]"))
        _plant(tree, [head, *rest], value)
    return {key: _lists(value) for key, value in tree.items()}


def _plant(tree: Params, path: list[str], value: str) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise StripeError(400, "Invalid request: a parameter is both a value and an object.")
    tree[path[-1] or str(len(tree))] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(item) for key, item in value.items()}


def known(params: Params, allowed: frozenset[str], prefix: str = "") -> None:
    """Refuse a parameter Stripe does not know."""
    for name in params:
        if name not in allowed:
            full = f"{prefix}[{name}]" if prefix else name
            raise StripeError(400, f"Received unknown parameter: {full}", code="parameter_unknown", param=full)


def required(params: Params, name: str, prefix: str = "") -> Any:
    """The value of a parameter that must be there."""
    if params.get(name) in (None, ""):
        full = f"{prefix}[{name}]" if prefix else name
        raise StripeError(400, f"Missing required param: {full}.", code="parameter_missing", param=full)
    return params[name]


def integer(value: Any, param: str) -> int:
    """A whole number, or Stripe's refusal."""
    if not re.fullmatch(r"-?\d{1,18}", str(value)):
        raise StripeError(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
    return int(value)


def metadata(params: Params, prefix: str = "metadata") -> dict[str, str]:
    """The metadata, within Stripe's limits."""
    given = params.get("metadata") or {}
    if not isinstance(given, dict) or len(given) > 50:
        raise StripeError(400, "Metadata must be an object of at most 50 keys.", param=prefix)
    for key, value in given.items():
        if len(key) > 40 or len(str(value)) > 500:
            text = "Metadata keys can be at most 40 and values at most 500 characters long."
            raise StripeError(400, text, param=f"{prefix}[{key}]")
    return {key: str(value) for key, value in given.items()}


# ------------------------------------------------------------------------------------------------ answers

_EXPANDABLE = {"payment_intent": "intent", "latest_charge": "charge", "charge": "charge"}


def public(doc: Doc) -> Doc:
    """An object without what only the sandbox knows of it."""
    return {key: value for key, value in doc.items() if not key.startswith("_") or key == "_line_items"}


def expand(sandbox: Sandbox, body: Doc, paths: Any) -> Doc:
    """The answer with ids replaced by objects along `paths`."""
    for path in paths if isinstance(paths, list) else [paths]:
        _expand(sandbox, body, str(path).split("."))
    shown: Doc = _drop_private(body)
    return shown


def _expand(sandbox: Sandbox, body: Doc, path: list[str]) -> None:
    head = path[0]
    rest = path[1:]
    if head == "data" and isinstance(body.get("data"), list):
        for item in body["data"]:
            _expand(sandbox, item, rest)
        return
    if head == "line_items" and "_line_items" in body:
        body["line_items"] = listing("/v1/checkout/sessions/line_items", body["_line_items"])
        return
    if head not in body or head not in _EXPANDABLE:
        text = f"This property cannot be expanded ({head})."
        raise StripeError(400, text, code="property_cannot_be_expanded", param="expand")
    if isinstance(body[head], str):
        body[head] = public(sandbox.store.get(_EXPANDABLE[head], body[head]) or {})
    if rest and body[head]:
        _expand(sandbox, body[head], rest)


def _drop_private(value: Any) -> Any:
    if isinstance(value, list):
        return [_drop_private(item) for item in value]
    if isinstance(value, dict):
        return {key: _drop_private(item) for key, item in value.items() if not str(key).startswith("_")}
    return value


def listing(url: str, rows: list[Doc], params: Params | None = None) -> Doc:
    """A page of a list, newest first: of ten, or up to a hundred; `created` filters, and `starting_after` is where it begins."""
    params = params or {}
    limit = integer(params.get("limit", 10), "limit")
    if not 1 <= limit <= 100:
        text = f"This value must be between 1 and 100 (it currently is '{limit}')."
        raise StripeError(400, text, code="parameter_invalid_integer", param="limit")
    rows = [row for row in rows if _is_within(row, params.get("created"))]
    if after := params.get("starting_after"):
        ids = [row["id"] for row in rows]
        if after not in ids:
            raise missing("object", after, "starting_after")
        rows = rows[ids.index(after) + 1 :]
    return {"object": "list", "url": url, "has_more": len(rows) > limit, "data": rows[:limit]}


_BOUNDS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def _is_within(row: Doc, created: Any) -> bool:
    """Whether the object was made when the filter says: at an instant, or between bounds."""
    if created is None:
        return True
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    known(bounds, frozenset(_BOUNDS), "created")
    made = row.get("created", 0)
    return all(_BOUNDS[word](made, integer(value, f"created[{word}]")) for word, value in bounds.items())


def unknown_address(**_: str) -> Response:
    """404 for an address that does not exist."""
    text = f"Unrecognized request URL ({request.method}: {request.path.removeprefix('/stripe')})."
    return respond(404, StripeError(404, text).body)


endpoint = Endpoints("stripe", api, failure, _serve)
api.add_url_rule("/<path:_>", view_func=unknown_address, methods=["GET", "POST", "DELETE"])
