"""The practitioner's months: the list, one of them, its table and its PDF. Staff see anybody's, by ?practitioner=."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.blueprints.common import printing
from app.blueprints.common.access import needs, person
from app.blueprints.common.redirects import go
from app.blueprints.common.throttle import per_reader
from app.lib.papers import csvs
from app.lib.text import discreet
from app.models import Role
from app.services.backoffice import disputes
from app.services.backoffice.overview import diary
from app.services.ledger import statements
from app.services.ledger.statements import Statement

blueprint = Blueprint("statements", __name__, url_prefix="/practice/statements")
_ASKED = "practitioner"


@blueprint.before_request
@needs(Role.PRACTITIONER, Role.STAFF)
def enter() -> ResponseReturnValue | None:
    """Only practitioners and staff come in; a practitioner without a practice founds it first."""
    is_new = person().role is Role.PRACTITIONER and diary.practice_of(person()) is None
    return go("practice.found") if is_new else None


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Every month in which anything moved; for staff, first whose."""
    if person().role is Role.STAFF and not _slug():
        return render_template("ledger/statement_people.html", people=statements.everybody())
    owner = statements.whose(person(), _slug())
    return render_template(
        "ledger/statements.html",
        owner=owner,
        months=statements.months(owner),
        month_name=printing.month_name,
        asked=_link(),
    )


@blueprint.get("/<month>")
def show(month: str) -> ResponseReturnValue:
    """One month."""
    found = _found(month)
    return render_template(
        "ledger/statement.html",
        statement=found,
        month=printing.month_name(found.month),
        heads=printing.heads(),
        what=printing.what,
        discreet=discreet,
        columns=statements.columns,
        challenged=disputes.of_practitioner(found.practitioner),
        asked=_link(),
    )


@blueprint.get("/<month>.csv")
def table(month: str) -> ResponseReturnValue:
    """The month for a spreadsheet."""
    found = _found(month)
    heads, rows = printing.statement_rows(found)
    return printing.download(csvs.table(heads, rows), printing.file_name(found, "csv"), "text/csv; charset=utf-8")


@blueprint.get("/<month>.pdf")
@per_reader
def pdf(month: str) -> ResponseReturnValue:
    """The month on paper."""
    owner = statements.whose(person(), _slug())
    challenged = [each.money for each in disputes.of_practitioner(owner)]
    return printing.statement_pdf(statements.on_paper(owner, statements.parse_month(month)), challenged)


def _found(month: str) -> Statement:
    return statements.of_month(statements.whose(person(), _slug()), statements.parse_month(month))


def _slug() -> str:
    return request.args.get(_ASKED, "")[:80]


def _link() -> dict[str, Any]:
    """What the links of a page keep, so that staff stay with the practitioner they asked for."""
    return {_ASKED: _slug()} if person().role is Role.STAFF else {}
