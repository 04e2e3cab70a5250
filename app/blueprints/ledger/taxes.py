"""The practitioner's tax: what receipts say that prices include."""

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField

from app.blueprints.common import printing
from app.blueprints.common.access import moves_money, needs, person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import again
from app.models import Role
from app.services.backoffice.overview import diary
from app.services.core.errors import Invalid, check_all
from app.services.ledger import receipts

blueprint = Blueprint("taxes", __name__, url_prefix="/practice/tax")


class TaxForm(Form):
    """What the tax is called, how much of a hundred it is, and the practitioner's number with the tax office."""

    name = StringField(_l("Name of the tax"))
    percent = StringField(_l("Percentage"))
    number = StringField(_l("Your tax number"))


@blueprint.route("", methods=["GET", "POST"])
@needs(Role.PRACTITIONER)
@moves_money
def edit() -> ResponseReturnValue:
    """The tax as it stands, and changing it."""
    own = diary.practice_of(person())
    if own is None:
        return go("practice.found")
    if request.method == "POST":
        return _save(TaxForm(request.form))
    tax = receipts.of_practitioner(own.id)
    shown = {"name": tax.name, "percent": _plain(tax.rate), "number": tax.number} if tax else {}
    return render_template("ledger/tax.html", form=TaxForm(data=shown))


def _plain(rate: int) -> str:
    return f"{rate / 100:g}" if rate else ""


def _save(form: TaxForm) -> ResponseReturnValue:
    try:
        number = form.number.data or ""
        percent = form.percent.data or ""
        check_all((lambda: receipts.parse_rate(percent), lambda: receipts.check_words(form.name.data or "", number)))
        rate = receipts.parse_rate(percent)
        saved = receipts.save_tax(person(), form.name.data or "", rate, number)
    except Invalid as problem:
        return again("ledger/tax.html", form, problem)
    if saved.rate:
        flash(
            _("Saved. Receipts will now say that the price includes %(rate)s.", rate=printing.percent(rate)), "success"
        )
    else:
        flash(_("Saved. Receipts will no longer show tax."), "success")
    return go("taxes.edit")
