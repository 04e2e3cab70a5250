"""Razorpay in the browser: checkout.js with what it asks of us, and the hosted page for browsers without script."""

import hmac
import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from sandbox.core.context import box
from sandbox.core.errors import Refused
from sandbox.core.signing import checkout_signature
from sandbox.core.store import Doc
from sandbox.razorpay import payments

pages = Blueprint("razorpay_checkout", __name__)

# https://github.com/razorpay/razorpay-php/issues/210
_UNKNOWN_SITE = "Payment blocked as website does not match registered website(s)"
_FRAME_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors *"


@pages.get("/v1/checkout.js")
@pages.get("/razorpay/v1/checkout.js")
def script() -> Response:
    """The script a merchant's page loads."""
    return current_app.send_static_file("checkout.js")


@pages.get("/razorpay/static/risk.js")
def risk() -> Response:
    """The script that checkout.js loads from another host, without which it opens nothing."""
    return current_app.send_static_file("risk.js")


@pages.post("/razorpay/v1/track")
def track() -> Response:
    """Where checkout.js sends its beacons."""
    return _cors(Response(status=204))


@pages.get("/razorpay/v1/checkout/public")
def apps() -> Response:
    """The frame in checkout.js's window: its button navigates it to a UPI app's own scheme."""
    order = _order_of_site(request.args.get("order_id", ""), request.args.get("key", ""))
    address = f"upi://pay?pa=kikao@sandbox&tr={order['id']}&am={order['amount'] / 100:.2f}&cu={order['currency']}"
    response = Response(render_template("razorpay_apps.html", address=address))
    response.headers["Content-Security-Policy"] = _FRAME_POLICY
    return response


@pages.get("/razorpay/v1/bank")
def bank() -> Response:
    """A bank's page, which checkout.js opens in a pop-up and which tells it through `opener` that the payer has agreed."""
    key = request.args.get("key", "")
    order = _order_of_site(request.args.get("order_id", ""), key)
    response = Response(render_template("razorpay_bank.html", order=order, key=key))
    response.headers["Content-Security-Policy"] = f"{_FRAME_POLICY}; connect-src 'self'"
    return response


@pages.post("/razorpay/v1/bank")
def agree_at_bank() -> Response:
    """The payer has agreed at the bank, which asks nobody which site sent them."""
    order = _order(request.form.get("order_id", ""), request.form.get("key", ""))
    return jsonify(_act(order["id"], "pay", "success@razorpay"))


@pages.route("/razorpay/checkout/<order_id>", methods=["GET", "POST", "OPTIONS"])
def from_script(order_id: str) -> Response:
    """What checkout.js asks: GET the order, POST {"act": "pay" | "fail", "key": ..., "vpa": ...}."""
    if request.method == "OPTIONS":
        return _cors(Response(status=204))
    if request.method == "GET":
        order = _order_of_site(order_id, request.args.get("key", ""))
        stated = {name: order[name] for name in ("amount", "currency", "status")}
        return _cors(jsonify(stated | {"proof": _proof_of(order_id)}))
    wish = request.get_json(force=True, silent=True) or {}
    _order_of_site(order_id, str(wish.get("key", "")))
    try:
        return _cors(jsonify(_act(order_id, str(wish.get("act")), str(wish.get("vpa", "")))))
    except Refused as error:
        return _cors(Response(json.dumps({"refused": str(error)}), 409, mimetype="application/json"))


@pages.post("/v1/checkout/embedded")
@pages.post("/razorpay/v1/checkout/embedded")
def hosted() -> str:
    """The hosted page: a merchant's form POSTs the browser here."""
    order = _order_of_site(request.form.get("order_id", ""), request.form.get("key_id", ""))
    return _page(order)


@pages.post("/razorpay/hosted/<order_id>")
def hosted_act(order_id: str) -> Any:
    """Pay or fail on the hosted page; the next page takes the browser back to the merchant with a POST."""
    order = _order(order_id, request.form.get("key_id", ""))
    try:
        result = _act(order_id, request.form.get("act", ""), request.form.get("vpa", ""))
    except Refused as error:
        return _page(order, str(error)), 409
    fields = result.get("success") or _error_fields(result["error"])
    return render_template(
        "razorpay_return.html", fields=fields, target=request.form["callback_url"], paid="success" in result
    )


def _act(order_id: str, act: str, vpa: str) -> Doc:
    if act == "pay":
        return {"success": _proof(order_id, payments.pay(box(), order_id, vpa)["id"])}
    payment = payments.fail(box(), order_id, vpa)
    error = {name: payment[f"error_{name}"] for name in ("code", "description", "source", "step", "reason")}
    return {"error": error | {"metadata": {"payment_id": payment["id"], "order_id": order_id}}}


def _proof(order_id: str, payment_id: str) -> dict[str, str]:
    signature = checkout_signature(box().credentials, order_id, payment_id)
    names = ("razorpay_payment_id", "razorpay_order_id", "razorpay_signature")
    return dict(zip(names, (payment_id, order_id, signature), strict=True))


def _proof_of(order_id: str) -> dict[str, str] | None:
    taken = [each["id"] for each in box().store.by_ref("payment", order_id) if each["status"] == "captured"]
    return _proof(order_id, taken[-1]) if taken else None


def _error_fields(error: Doc) -> dict[str, str]:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in error.items()}
    return {f"error[{name}]": text for name, text in texts.items()}


def _order(order_id: str, key: str) -> Doc:
    order = box().store.get("order", order_id)
    right = hmac.compare_digest(key.encode(), box().credentials.razorpay_key_id.encode())
    if order is None or not right:
        abort(_cors(Response("No such order for this key.", 400, mimetype="text/plain")))
    return order


def _order_of_site(order_id: str, key: str) -> Doc:
    if not request.referrer:  # the real one compares it with the sites that the account has registered
        abort(_cors(Response(_UNKNOWN_SITE, 400, mimetype="text/plain")))
    return _order(order_id, key)


def _page(order: Doc, message: str = "") -> str:
    return render_template("razorpay.html", order=order, message=message, form=request.form)


def _cors(response: Response) -> Response:
    """The script runs in the merchant's page, so its calls come from another origin."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    return response
