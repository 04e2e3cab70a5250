"""The neighbour's page: another product on the same accounts, whose customers Kikao must know nothing of."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from sandbox.control import neighbour
from sandbox.core.context import box
from sandbox.core.errors import Mistaken

pages = Blueprint("shop", __name__)


@pages.get("/neighbour")
def shop() -> str:
    """What the shop has sold, newest first."""
    return render_template("neighbour.html", sales=box().store.all(neighbour.SALE, 50))


@pages.post("/neighbour")
def sell() -> Any:
    """The shop sells once, and refunds it or has it disputed if that was pressed."""
    then = request.form.get("then", "")
    with suppress(Mistaken):
        neighbour.live(box(), request.form.get("gateway", ""), 1, [then] if then else [])
        return redirect(url_for("shop.shop"), 303)
    return abort(400)
