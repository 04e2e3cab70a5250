"""The front page and the money page."""

from typing import Any

from flask import Blueprint, jsonify, render_template

from sandbox.core.context import box
from sandbox.core.money_log import totals
from sandbox.credentials import environment
from sandbox.people.phone import DEMO
from sandbox.stripe.payments import DECLINES, GOOD_CARD

pages = Blueprint("pages", __name__)


@pages.get("/")
def index() -> str:
    """What this is and where everything is."""
    here = box()
    env = environment(here.base_url, here.smtp_port, here.credentials)
    cards = {GOOD_CARD: "pays", **{card: reason.replace("_", " ") for card, reason in DECLINES.items()}}
    return render_template("index.html", env=env, app_url=here.courier.app_url, cards=cards, demo=DEMO)


@pages.get("/money")
def money() -> str:
    """Everything taken and given back."""
    entries = box().money.entries()
    return render_template("money.html", entries=entries[::-1][:300], totals=totals(entries))


@pages.get("/money.json")
def money_json() -> Any:
    """Everything taken and given back, as JSON for tests, oldest first."""
    entries = box().money.entries()
    return jsonify(entries=entries, totals=totals(entries))
