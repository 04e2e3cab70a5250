"""House settings: what is set and what is missing, each part changed by itself, and whether gateways and mail work."""

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import words
from app.blueprints.backoffice.desk import blueprint, gateway_label
from app.blueprints.backoffice.house_forms import ContactForm, JoiningForm, LogoForm, LookForm, TextForm
from app.blueprints.common.access import person
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import done, onto
from app.blueprints.common.throttle import per_person
from app.blueprints.common.uploads import uploaded
from app.domain.lifecycle import Actor
from app.models import HouseText, Joining
from app.services import house
from app.services.accounts import second_factors
from app.services.backoffice.overview import connections
from app.services.core.errors import Invalid, NotFound, Problem
from app.services.core.transaction import Who

_TEXTS = "privacy, terms, imprint"


def _who() -> Who:
    return Who(Actor.STAFF, person().id)


@blueprint.get("/house", endpoint="house")
def show_house() -> ResponseReturnValue:
    """What has been said of the house, and what has not."""
    stands_on = [each for each in connections.all_of() if each.is_set]
    return render_template(
        "backoffice/house/show.html",
        now_here=house.refresh(),
        has_second=second_factors.has_any(person()),
        names=[_called(each) for each in stands_on],
        texts=HouseText,
    )


@blueprint.app_template_global("connection_label")
def _called(link: connections.Link) -> str:
    """What people call it, in the reader's language."""
    if link.source == "mail":
        return str(_("Mail"))
    return gateway_label(link.gateway) if link.gateway else link.label


# ------------------------------------------------------------------------------------------------ its look


@blueprint.get("/house/look", endpoint="house_look")
def show_look() -> ResponseReturnValue:
    """Name, line of the footer, colour, logo."""
    return _look_page(LookForm.of(house.refresh()))


@blueprint.post("/house/look", endpoint="change_house_look")
def change_look() -> ResponseReturnValue:
    """Everybody sees it at once."""
    form = LookForm(request.form)
    try:
        house.change_look(form.look(), _who())
    except Problem as problem:
        status = onto(form, problem)
        return _look_page(form), status
    return done(_("Saved."), "staff.house")


@blueprint.post("/house/logo", endpoint="house_logo")
def change_logo() -> ResponseReturnValue:
    """It stands in the head of every page."""
    try:
        house.logos.change(uploaded("logo", house.logos.LIMIT)[1], _who())
    except Invalid as problem:
        form = LogoForm()
        status = onto(form, problem)
        return _look_page(LookForm.of(house.refresh()), form), status
    return done(_("Saved."), "staff.house_look")


@blueprint.post("/house/logo/remove", endpoint="remove_house_logo")
def remove_logo() -> ResponseReturnValue:
    """Kikao's own stands in its place."""
    house.logos.remove(_who())
    return done(_("Saved."), "staff.house_look")


def _look_page(form: LookForm, logo: LogoForm | None = None) -> str:
    return render_template("backoffice/house/look.html", form=form, logo=logo or LogoForm())


# ------------------------------------------------------------------------------------------------ how it is reached


@blueprint.get("/house/contact", endpoint="house_contact")
def show_contact() -> ResponseReturnValue:
    """Addresses, country, currency, languages."""
    return _contact_page(ContactForm.of(house.refresh()))


@blueprint.post("/house/contact", endpoint="change_house_contact")
def change_contact() -> ResponseReturnValue:
    """Everybody sees it at once."""
    form = ContactForm(request.form)
    try:
        house.change_contact(form.contact(), _who())
    except Problem as problem:
        status = onto(form, problem)
        return _contact_page(form), status
    return done(_("Saved."), "staff.house")


def _contact_page(form: ContactForm) -> str:
    return render_template("backoffice/house/contact.html", form=form.prepare(house.known()))


# ------------------------------------------------------------------------------------------------ what law and rights ask for


@blueprint.get(f"/house/<any({_TEXTS}):kind>", endpoint="house_text")
def show_text(kind: str) -> ResponseReturnValue:
    """The text as it was written."""
    try:
        text = house.text_of(HouseText(kind))
    except NotFound:
        text = ""
    return _text_page(kind, TextForm(data={"text": text}))


@blueprint.post(f"/house/<any({_TEXTS}):kind>", endpoint="change_house_text")
@freshly_proved
def change_text(kind: str) -> ResponseReturnValue:
    """It has a page, which every page leads to."""
    form = TextForm(request.form)
    try:
        house.change_text(HouseText(kind), form.text.data or "", _who())
    except Problem as problem:
        status = onto(form, problem)
        return _text_page(kind, form), status
    return done(_("Saved."), "staff.house")


def _text_page(kind: str, form: TextForm) -> str:
    return render_template("backoffice/house/text.html", kind=kind, form=form)


@blueprint.get("/house/joining", endpoint="house_joining")
def show_joining() -> ResponseReturnValue:
    """Who may become a practitioner."""
    return _joining_page(JoiningForm(data={"joining": house.refresh().joining.value}))


@blueprint.post("/house/joining", endpoint="change_house_joining")
@freshly_proved
def change_joining() -> ResponseReturnValue:
    """From now on these may."""
    form = JoiningForm(request.form)
    chosen = form.joining.data or ""
    if chosen not in words.JOINING:
        status = onto(form, Invalid("choice_missing", field="joining"))
        return _joining_page(form), status
    house.change_joining(Joining(chosen), _who())
    return done(_("Saved."), "staff.house")


def _joining_page(form: JoiningForm) -> str:
    return render_template("backoffice/house/joining.html", form=form)


# ------------------------------------------------------------------------------------------------ what it stands on


@blueprint.route("/house/connections", methods=["GET", "POST"], endpoint="house_connections")
def show_connections() -> ResponseReturnValue:
    """Which ways to pay and to write are set up; a POST also asks them, which takes some seconds."""
    whole = request.method == "POST"
    found = connections.examined() if whole else connections.all_of()
    return render_template("backoffice/house/connections.html", connections=found, whole=whole)


@blueprint.post("/house/letter", endpoint="house_letter")
@per_person
def send_letter() -> ResponseReturnValue:
    """A letter to try the mail with is on its way to whoever asks."""
    wrong = connections.send_letter(person())
    if wrong:
        flash(_("The letter did not go out: %(why)s", why=wrong), "error")
        return go("staff.house_connections")
    return done(_("A letter is on its way to %(email)s.", email=person().email), "staff.house_connections")
