"""A statement of a gateway's account, downloaded at its own site: compared with the books, and not kept."""

from typing import BinaryIO, cast

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l
from wtforms import FileField, Form, RadioField

from app.blueprints.backoffice.desk import blueprint, gateway_label
from app.blueprints.common.forms import options
from app.blueprints.common.submissions import onto
from app.services.backoffice.pull import gateway_statements
from app.services.core.errors import Invalid

_MOST = gateway_statements.LIMIT // 1024**2  # megabytes


class StatementForm(Form):
    """The file, and whose it is."""

    gateway = RadioField(_l("Payment method"), validate_choice=False)
    file = FileField(_l("Statement (CSV, or a ZIP containing one)"))

    def prepare(self) -> None:
        """The gateways to choose from; the first is chosen already."""
        codes = gateway_statements.gateways_with_statements()
        self.gateway.choices = options((code, gateway_label(code)) for code in codes)
        self.gateway.data = self.gateway.data or next(iter(codes), None)


@blueprint.route("/statement", methods=["GET", "POST"], endpoint="gateway_statement")
def show_statement() -> ResponseReturnValue:
    """A statement is asked for, or what comparing it has found is said. The same file again changes nothing."""
    form = StatementForm(request.form if request.method == "POST" else None)
    form.prepare()
    if request.method == "GET":
        return _page(form)
    try:
        found = gateway_statements.compare_statement(form.gateway.data or "", _sent(), gateway_statements.LINES)
        return _page(form, found=found)
    except Invalid as problem:
        if problem.field == "file" and not problem.also:  # one sentence fits beside it
            status = onto(form, problem)
            return _page(form), status
        return _page(form, faults=(problem, *problem.also)), problem.status


def _page(form: StatementForm, **found: object) -> str:
    return render_template(
        "backoffice/gateway_statement.html",
        form=form,
        most=_MOST,
        lines=format_decimal(gateway_statements.LINES),
        **found,
    )


def _sent() -> BinaryIO:
    """The file as it came: in memory or, where it is large, in a temporary one that is gone with the request."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("statement_missing", field="file")
    size = sent.stream.seek(0, 2)
    if size > gateway_statements.LIMIT:
        raise Invalid("statement_size", field="file", most=_MOST)
    return cast(BinaryIO, sent.stream)
