"""M-Pesa's own site for the organisation: its statement, and what its people do there. No script."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from sandbox.core.clock import nairobi, now
from sandbox.core.context import box
from sandbox.daraja import menu, statements

pages = Blueprint("portal", __name__)
_DAYS = {"1": 1, "7": 7, "30": 30}


@pages.get("/mpesa")
def account() -> Any:
    """What moved on the account, newest first, and its statements."""
    lines = [line | {"when": nairobi(line["at"], "%d.%m. %H:%M:%S")} for line in box().store.all(statements.KIND, 100)]
    return render_template("portal.html", lines=lines, days=_DAYS, shortcode=box().credentials.mpesa_shortcode)


@pages.get("/mpesa/statement.csv")
def statement() -> Response:
    """The statement of the last days."""
    days = _DAYS.get(request.args.get("days", ""), 1)
    text = statements.statement(box(), now() - days * 86_400, now())
    name = f"ORG_{box().credentials.mpesa_shortcode}_Utility_Account.csv"
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"})


@pages.post("/mpesa/stranger")
def stranger() -> Any:
    """Somebody pays for another product of the same shortcode."""
    menu.pay(box(), phone="254722000111", account="OTHER-SHOP 12", amount=250, foreign=True)
    return redirect(url_for("portal.account"), 303)
