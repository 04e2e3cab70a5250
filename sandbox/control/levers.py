"""The levers: faults, callbacks, and doing at once what a payer or a bank would do. For this machine only."""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from sandbox.control import acts
from sandbox.control import neighbour as shop
from sandbox.core import accounts, deliveries
from sandbox.core.clock import now
from sandbox.core.context import box
from sandbox.core.errors import Mistaken, Refused, Unknown
from sandbox.core.signing import headers_for
from sandbox.core.store import Doc
from sandbox.daraja import menu, statements
from sandbox.daraja.wire import expire_tokens

api = Blueprint("control", __name__, url_prefix="/control")


@api.before_request
def this_machine_only() -> Any:
    """Neither another machine, nor a web page from elsewhere in a browser on this one."""
    host = urlsplit(f"//{request.host}").hostname or ""
    origin = request.headers.get("Origin")
    stranger = origin is not None and origin != request.host_url.rstrip("/")
    if not is_loopback(request.remote_addr or "") or not is_loopback(host) or stranger:
        return jsonify(error="The controls answer this machine only."), 403
    return None


def is_loopback(host: str) -> bool:
    """True for 127.0.0.1 and its like."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@api.errorhandler(Mistaken)
@api.errorhandler(Refused)
@api.errorhandler(Unknown)
def explain(error: Exception) -> tuple[Response, int]:
    """Say what is wrong."""
    status = {Mistaken: 400, Unknown: 404}.get(type(error), 409)
    return jsonify(error=str(error)), status


# ------------------------------------------------------------------------------------------------ faults


@api.get("/faults")
def list_faults() -> Any:
    """What is still to happen."""
    return jsonify(faults=box().faults.listed())


@api.post("/faults")
def add_faults() -> Any:
    """One wish, or a list of them."""
    wishes = request.get_json(force=True, silent=True)
    for wish in wishes if isinstance(wishes, list) else [wishes]:
        if not isinstance(wish, dict):
            raise Mistaken("Send a JSON object such as {'gateway': 'stripe', 'route': 'create', 'fault': '500'}.")
        box().faults.add(wish)
    return list_faults()


@api.post("/faults/clear")
def clear_faults() -> Any:
    """Behave again."""
    box().faults.clear()
    return list_faults()


@api.post("/reset")
def reset() -> Any:
    """Forget everything; the money log is set aside, not destroyed."""
    here = box()
    here.faults.clear()
    here.courier.forget()
    here.store.clear()
    here.money.set_aside()
    return jsonify(reset=True)


@api.post("/app-url")
def app_url() -> Any:
    """Where Kikao is: {"url": "http://localhost:8000"}."""
    url = str(_wish().get("url", ""))
    if not url.startswith(("http://", "https://")):
        raise Mistaken("url must start with http:// or https://")
    box().courier.app_url = url.rstrip("/")
    return jsonify(url=box().courier.app_url)


# ------------------------------------------------------------------------------------------------ callbacks


@api.get("/callbacks")
def callbacks() -> Any:
    """The log of deliveries, newest first. `?wait=5` first waits until nothing is due or under way."""
    settled = box().courier.settle(_number("wait"))
    rows = box().courier.log()
    for name in ("gateway", "event", "status"):
        rows = [row for row in rows if request.args.get(name) in (None, row[name])]
    return jsonify(callbacks=deliveries.public(rows), settled=settled)


@api.get("/callbacks/<delivery_id>")
def callback(delivery_id: str) -> Any:
    """One delivery with its raw body and freshly signed headers, for a test to send, or to tamper with, itself."""
    row = box().store.get(deliveries.KIND, delivery_id)
    if row is None:
        raise Unknown(f"No delivery {delivery_id}.")
    headers = headers_for(row["gateway"], box().credentials, row["body"].encode(), row["event_id"], now())
    return jsonify(row | {"headers": headers})


@api.post("/callbacks/<delivery_id>/again")
def callback_again(delivery_id: str) -> Any:
    """Send one delivery once more."""
    row = box().courier.again(delivery_id)
    if row is None:
        raise Unknown(f"No delivery {delivery_id}.")
    return jsonify(deliveries.public([row])[0])


@api.post("/release")
def release() -> Any:
    """Deliver what was held; {"order": "sent" | "reverse" | "random"}. The hold ends unless {"keep": true}."""
    wish = _wish()
    gateway = wish.get("gateway")
    if not wish.get("keep"):
        box().faults.stop_holding(gateway)
    rows = box().courier.release(gateway, str(wish.get("event", "")), str(wish.get("order", "")))
    return jsonify(callbacks=deliveries.public(rows))


# ------------------------------------------------------------------------------------------------ acts


@api.get("/<gateway>/<things>")
def things(gateway: str, things: str) -> Any:
    """Everything of a kind, newest first: stripe/sessions, razorpay/orders, mpesa/prompts and so on."""
    kind = acts.KINDS.get((gateway, things))
    if kind is None:
        raise Unknown(f"List one of {', '.join('/'.join(pair) for pair in acts.KINDS)}.")
    return jsonify({things: box().store.all(kind)})


@api.post("/<gateway>/account")
def account(gateway: str) -> Any:
    """What is set in the account at the vendor, or which of its keys are still taken: sandbox/core/accounts.py."""
    return jsonify(accounts.change(box(), gateway, _wish()))


@api.post("/mpesa/expire-tokens")
def lose_tokens() -> Any:
    """Every access token handed out so far stops working."""
    expire_tokens()
    return jsonify(expired=True)


@api.get("/mpesa/statement")
def statement() -> Any:
    """The organisation statement: ?since=&until= in seconds since 1970; by default all of it."""
    since = float(request.args.get("since", statements.begun(box())))
    return Response(statements.statement(box(), since, float(request.args.get("until", now()))), mimetype="text/csv")


@api.post("/mpesa/menu")
def pay_from_menu() -> Any:
    """Somebody pays the pay bill from a phone's menu: {"phone", "account", "amount", "shortcode", "foreign"}."""
    try:
        return jsonify(menu.pay(box(), **_wish()))
    except TypeError as error:
        raise Mistaken(str(error)) from None


@api.post("/mpesa/forget-urls")
def forget_urls() -> Any:
    """The addresses for payments from the menu are deleted, as at Daraja's own site."""
    menu.forget(box())
    return jsonify(forgotten=True)


@api.post("/mpesa/<thing_id>/<act>")
def act_on_prompt(thing_id: str, act: str) -> Any:
    """Short for /control/mpesa/prompts/<id>/<act>."""
    return act_on("mpesa", "prompts", thing_id, act)


@api.post("/neighbour")
def neighbour() -> Any:
    """Another product on the account sells: {"gateway": "stripe", "times": 1, "then": ["refund", "dispute"]}."""
    wish = _wish()
    try:
        return jsonify(sales=shop.live(box(), **wish))
    except TypeError as error:
        raise Mistaken(str(error)) from None


@api.post("/<gateway>/<things>/<thing_id>/<act>")
def act_on(gateway: str, things: str, thing_id: str, act: str) -> Any:
    """What a payer or a bank does to one thing."""
    known: dict[str, Callable[..., Doc]] = acts.ACTS.get((gateway, things), {})
    if act not in known:
        raise Unknown(f"For {gateway}/{things} one of: {', '.join(known) or 'nothing'}.")
    try:
        done = known[act](box(), thing_id, **_wish())
    except TypeError as error:
        raise Mistaken(str(error)) from None
    return jsonify({key: value for key, value in done.items() if not key.startswith("_")})


def _wish() -> dict[str, Any]:
    wish = request.get_json(force=True, silent=True) if request.data else {}
    if not isinstance(wish, dict):
        raise Mistaken("Send a JSON object, or nothing.")
    return wish


def _number(name: str) -> float:
    try:
        return min(float(request.args.get(name, 0)), 30.0)
    except ValueError:
        raise Mistaken(f"{name} must be a number of seconds") from None
