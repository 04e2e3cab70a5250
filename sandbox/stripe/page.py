"""The hosted checkout page: card, Pay, Decline, Leave."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug import Response

from sandbox.core.clock import now
from sandbox.core.context import box
from sandbox.core.errors import Refused, Unknown
from sandbox.core.store import Doc
from sandbox.stripe import methods, payments

pages = Blueprint("checkout", __name__)


@pages.get("/c/pay/<session_id>")
def show(session_id: str) -> Any:
    """The page as the payer sees it."""
    return _page(_session(session_id))


@pages.post("/c/pay/<session_id>")
def act(session_id: str) -> Any:
    """Pay, or be declined; the number decides as with Stripe's test cards, the Decline button always."""
    card = "".join(filter(str.isdigit, request.form.get("card", "")))
    reason = payments.DECLINES.get(card)
    try:
        if request.form.get("act") == "decline" or reason:
            payments.decline(box(), session_id, reason or "generic_decline")
            return _page(_session(session_id), "Your card was declined. Nothing was taken. You can try again.", 402)
        payments.pay(box(), session_id, delayed=request.form.get("act") == "slow")
    except Unknown:
        abort(404)
    except Refused:
        if _session(session_id)["status"] != "complete":
            return _page(_session(session_id), status=409)
    return _success(_session(session_id))


def _success(session: Doc) -> Response:
    return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), 303)


def _session(session_id: str) -> Doc:
    session = box().store.get("session", session_id)
    if session is None:
        abort(404)
    return session


def _page(session: Doc, message: str = "", status: int = 200) -> Any:
    ended = session["status"] != "open" or session["expires_at"] <= now()
    slow = methods.slow_one(session)
    page = render_template(
        "stripe.html", session=session, ended=ended, message=message, card=payments.GOOD_CARD, slow=slow
    )
    return page, status
