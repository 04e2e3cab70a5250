"""The practitioner's forms: the list, writing one, its versions as clients see them."""

from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.bookings.intake_form_fields import PaperForm, fill_form
from app.blueprints.common.access import person
from app.blueprints.common.redirects import go
from app.blueprints.practice.dashboard import enter
from app.models import Paper, PaperKind
from app.services.bookings import intake_forms
from app.services.core.errors import Invalid

blueprint = Blueprint("practice_papers", __name__, url_prefix="/practice/forms")
blueprint.before_request(enter)


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Everything clients are asked to sign."""
    return render_template("bookings/intake_forms/list.html", papers=intake_forms.mine(person()))


@blueprint.route("/new/<any(intake, agreement):kind>", methods=["GET", "POST"])
def new(kind: str) -> ResponseReturnValue:
    """A new form."""
    return _edit(None, kind)


@blueprint.route("/<int:paper_id>", methods=["GET", "POST"])
def edit(paper_id: int) -> ResponseReturnValue:
    """One of the practitioner's forms; what was signed stays as it was signed."""
    paper = intake_forms.own(person(), paper_id)
    return _edit(paper, paper.kind)


@blueprint.get("/<int:paper_id>/versions/<int:number>")
def version(paper_id: int, number: int) -> ResponseReturnValue:
    """What the form said, as clients saw it."""
    found = intake_forms.version(person(), paper_id, number)
    return render_template("bookings/intake_forms/version.html", version=found, form=fill_form(found))


def _edit(paper: Paper | None, kind: str) -> ResponseReturnValue:
    is_sent = request.method == "POST"
    form = PaperForm(request.form if is_sent else None)
    form.prepare(g.practice.services)
    act = request.form.get("do", "save") if is_sent else ""
    if act == "save":
        return _save(paper, kind, form)
    if act == "add":
        form.add()
    elif is_sent:
        form.arrange(act)
    elif paper is not None:
        form.load(intake_forms.draft_of(paper))
    else:
        form.load(_blank(kind))
    return _page(paper, kind, form, act=act)


def _blank(kind: str) -> intake_forms.Draft:
    """An empty form for every service; one that asks begins with one question."""
    services = tuple(service.id for service in g.practice.services)
    asks = kind == PaperKind.INTAKE
    return intake_forms.Draft(kind=kind, title="", services=services, questions=(intake_forms.EMPTY,) if asks else ())


def _save(paper: Paper | None, kind: str, form: PaperForm) -> ResponseReturnValue:
    before = paper.current.number if paper else 0
    try:
        saved = intake_forms.save(person(), form.draft(kind), paper.id if paper else None)
    except Invalid as problem:
        return _page(paper, kind, form, status=_beside(form, problem))
    title = saved.current.title
    number = saved.current.number
    flash(
        _(
            "“%(title)s” is saved as version %(number)s. Clients will sign this version from now on.",
            title=title,
            number=number,
        )
        if number != before
        else _("“%(title)s” is saved.", title=title),
        "success",
    )
    return go("practice_papers.index")


def _beside(form: PaperForm, problem: Invalid) -> int:
    """Each sentence stands beside its field, and over the form too where a question is meant."""
    for each in (problem, *problem.also):
        _say(form, each)
    return problem.status


def _say(form: PaperForm, problem: Invalid) -> None:
    field = form.field_of(problem.field or "")
    sentence = words.about_field(problem.code, field.label.text if field is not None else "", problem.values)
    if field is None or field is form.questions:
        form.form_errors.append(sentence)
    else:
        field.errors = [*field.errors, sentence]
    if (problem.field or "").startswith("questions-"):
        number = int((problem.field or "").split("-")[1]) + 1
        form.form_errors.append(_("Question %(number)s: %(problem)s", number=number, problem=sentence))


def _page(paper: Paper | None, kind: str, form: PaperForm, *, act: str = "", status: int = 200) -> ResponseReturnValue:
    shown: dict[str, Any] = {"paper": paper, "kind": kind, "form": form, "act": act}
    return render_template("bookings/intake_forms/edit.html", most=intake_forms.QUESTIONS_LIMIT, **shown), status
