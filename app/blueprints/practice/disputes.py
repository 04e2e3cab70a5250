"""Payments of the practitioner's that a bank challenges, and what they add to the answer."""

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Form, TextAreaField

from app.blueprints.common.access import person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.blueprints.practice.dashboard import blueprint
from app.models import ConsultationMessage, DisputeAddition
from app.services import consultations
from app.services.backoffice import disputes
from app.services.core.errors import Invalid, NotFound, Unavailable

_ID = "int(max=2147483647)"


class SayForm(Form):
    """What the practitioner says about the challenge."""

    text = TextAreaField(_l("Your own words"))


@blueprint.get("/disputes")
def disputes_of_mine() -> ResponseReturnValue:
    """What is challenged now, the most urgent first."""
    return render_template("practice/disputes.html", found=disputes.for_practitioner(person()))


@blueprint.get(f"/disputes/<{_ID}:dispute_id>")
def dispute(dispute_id: int) -> ResponseReturnValue:
    """One of them, what was added, and what could be."""
    return _page(dispute_id, SayForm())


@blueprint.post(f"/disputes/<{_ID}:dispute_id>/words")
def add_words(dispute_id: int) -> ResponseReturnValue:
    """The practitioner's own words stand with the evidence."""
    form = SayForm(request.form)
    try:
        disputes.say(dispute_id, person(), form.text.data or "")
    except Invalid as problem:
        return _page(dispute_id, form, onto(form, problem))
    flash(_("Added. It will go to the bank with the answer."), "success")
    return go("practice.dispute", dispute_id=dispute_id)


@blueprint.post(f"/disputes/<{_ID}:dispute_id>/messages")
def add_messages(dispute_id: int) -> ResponseReturnValue:
    """The chosen messages stand with the evidence."""
    form = SayForm()
    try:
        count = disputes.choose(dispute_id, person(), map(_named, request.form.getlist("message")))
    except Invalid as problem:
        return _page(dispute_id, form, onto(form, problem))
    if count:
        flash(_("Added. It will go to the bank with the answer."), "success")
    else:
        flash(_("Tick the messages you want to add."), "warning")
    return go("practice.dispute", dispute_id=dispute_id)


@blueprint.post(f"/disputes/<{_ID}:dispute_id>/take-back")
def take_back(dispute_id: int) -> ResponseReturnValue:
    """An addition is gone."""
    disputes.take_back(dispute_id, person(), request.form.get("addition", type=UUID) or UUID(int=0))
    flash(_("Removed. Evidence PDFs created from now on will not include it."), "success")
    return go("practice.dispute", dispute_id=dispute_id)


def _page(dispute_id: int, form: SayForm, status: int = 200) -> ResponseReturnValue:
    found = disputes.of(dispute_id, person())
    return render_template("practice/dispute.html", found=found, form=form, words_of=_words, most=disputes.MOST), status


def _words(said: ConsultationMessage | DisputeAddition) -> str:
    """What it says, for the one of the two who may add it; a sentence instead where it cannot be opened."""
    try:
        return disputes.words_of(said) if isinstance(said, DisputeAddition) else consultations.text_of(said)
    except Unavailable:
        return str(_("This cannot be opened right now."))


def _named(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
