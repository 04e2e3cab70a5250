"""The disputes' desk: what banks challenge, by when they are to be answered, the evidence as a paper, and what was sent."""

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from app.blueprints.backoffice import evidence_paper
from app.blueprints.backoffice.desk import blueprint
from app.blueprints.backoffice.staff_forms import AnswerForm, PaperForm
from app.blueprints.common.access import person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.blueprints.common.throttle import per_reader
from app.services.backoffice import disputes
from app.services.core.errors import Conflict, Invalid

_ID = "int(max=2147483647)"


@blueprint.get("/disputes")
def disputes_desk() -> ResponseReturnValue:
    """What is challenged now, the most urgent first, and how the last ones ended."""
    return render_template(
        "backoffice/disputes/disputes.html", open_cases=disputes.open_cases(), closed=disputes.closed()
    )


@blueprint.get(f"/disputes/<{_ID}:dispute_id>")
def dispute(dispute_id: int) -> ResponseReturnValue:
    """One of them."""
    return _page(dispute_id)


@blueprint.post(f"/disputes/<{_ID}:dispute_id>/paper")
@per_reader
def dispute_paper(dispute_id: int) -> ResponseReturnValue:
    """The evidence as a PDF; that it was made stands in the trail."""
    form = PaperForm(request.form)
    evidence = disputes.make_paper(dispute_id, person(), names_service=bool(form.names_service.data))
    with force_locale(form.spoken):
        return evidence_paper.pdf(evidence)


@blueprint.post(f"/disputes/<{_ID}:dispute_id>/answer")
def answer_dispute(dispute_id: int) -> ResponseReturnValue:
    """Staff have answered at the vendor's own site."""
    form = AnswerForm(request.form)
    try:
        disputes.answer(dispute_id, form.day, form.said, person())
    except (Invalid, Conflict) as problem:
        return _page(dispute_id, form, onto(form, problem))
    flash(_("Noted. You will no longer be reminded of this deadline."), "success")
    return go("staff.dispute", dispute_id=dispute_id)


def _page(dispute_id: int, form: AnswerForm | None = None, status: int = 200) -> ResponseReturnValue:
    found = disputes.case(dispute_id)
    language = str(get_locale() or "en").split("_", maxsplit=1)[0]
    paper = PaperForm.in_language(language)
    return render_template(
        "backoffice/disputes/dispute.html", case=found, form=form or AnswerForm(), paper=paper
    ), status
