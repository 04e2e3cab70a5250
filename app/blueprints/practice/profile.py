"""The practitioner's public profile, and founding a practice with it."""

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.blueprints.common.access import person
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import done, is_sent, onto, typed
from app.blueprints.common.uploads import uploaded
from app.blueprints.practice.dashboard import blueprint
from app.blueprints.practice.profile_form import PhotoForm, ProfileForm
from app.services import practice
from app.services.core.errors import Invalid, Problem, check_all
from app.services.practice import photos


@blueprint.route("/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    """What clients see of the practitioner."""
    form = ProfileForm(typed())
    form.prepare(g.practice)
    if not is_sent():
        form.load(g.practice)
        return _profile_page(form)
    try:
        _change(form)
    except Problem as problem:
        return _profile_page(form, onto(form, problem))
    return done(_("Your profile is saved."), "practice.profile")


def _change(form: ProfileForm) -> None:
    check_all((form.plain, form.spoken, form.asked_price, form.terms))
    practice.change_profile(
        person(),
        **form.plain(),
        languages=form.spoken(),
        zone=form.zone.data or "",
        published=form.published.data,
        question_price=form.asked_price(),
        **form.terms(),
    )


def _profile_page(form: ProfileForm, status: int = 200, photo: PhotoForm | None = None) -> ResponseReturnValue:
    return render_template(
        "practice/profile.html",
        practice=g.practice,
        form=form,
        photo=photo or PhotoForm(),
        usual_hours=current_app.config["QUESTION_HOURS"],
    ), status


@blueprint.post("/profile/photo")
def change_photo() -> ResponseReturnValue:
    """Everybody sees the practitioner's face."""
    try:
        photos.change(person(), uploaded("photo", photos.LIMIT)[1])
    except Invalid as problem:
        photo = PhotoForm(request.form)
        form = ProfileForm()
        form.prepare(g.practice)
        form.load(g.practice)
        return _profile_page(form, onto(photo, problem), photo)
    return done(_("Your photo is saved."), "practice.profile")


@blueprint.post("/profile/photo/remove")
def remove_photo() -> ResponseReturnValue:
    """Initials stand in its place."""
    photos.remove(person())
    return done(_("Your photo is removed."), "practice.profile")


@blueprint.route("/found", methods=["GET", "POST"])
def found() -> ResponseReturnValue:
    """A practitioner who has no practice yet makes one."""
    if g.practice is not None:
        return go("practice.profile")
    form = ProfileForm(typed())
    if not is_sent():
        return render_template("practice/found.html", form=form)
    try:
        practice.found_practice(person(), languages=form.spoken(), **form.plain())
    except Problem as problem:
        status = onto(form, problem)
        return render_template("practice/found.html", form=form), status
    return done(_("Your practice is set up. Now set your opening hours."), "practice.hours")
