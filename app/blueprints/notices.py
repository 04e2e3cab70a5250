"""The list of messages in the app."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app import words
from app.blueprints import web
from app.blueprints.doors import go, members_only, person
from app.models import Notification, User
from app.money import Money
from app.services import notices

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
@members_only
def index() -> ResponseReturnValue:
    """The person's messages, newest first."""
    items = [(notice, _sentence(notice, person())) for notice in notices.for_user(person())]
    return render_template("notices/index.html", items=[(n, text) for n, text in items if text])


@blueprint.post("/read")
@members_only
def mark_read() -> ResponseReturnValue:
    """All messages are seen."""
    notices.mark_read(person())
    return go("notices.index")


def _sentence(notice: Notification, user: User) -> str:
    values = {"who": "", "when": "", "amount": "", "reference": "", **notice.data}
    if booking := notice.booking:
        is_client = user.id == booking.client_id
        values["who"] = booking.practitioner.name if is_client else booking.client.name
        values["when"] = web.when(booking.starts_at)
    if "currency" in notice.data:
        values["amount"] = web.money(Money(notice.data["amount"], notice.data["currency"]))
    return words.notice(notice.kind, values)
