"""Packages: what a client has bought and buys; what a practitioner offers and has sold."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app import words
from app.blueprints.common import prices
from app.blueprints.common.access import moves_money, needs, person
from app.blueprints.common.forms import options
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.blueprints.common.web import money as shown
from app.blueprints.prepaid.prepaid_forms import PackageForm
from app.domain.checkout_kinds import CheckoutKind
from app.models import Role, Service
from app.services import practice
from app.services.core.errors import Conflict, Invalid, check_all
from app.services.ledger import checkouts
from app.services.prepaid import packages
from app.services.prepaid.packages import Wish

blueprint = Blueprint("packages", __name__)


@blueprint.get("/packages")
@needs(Role.CLIENT)
def mine() -> ResponseReturnValue:
    """What is left of each package, until when, and what it has paid for."""
    found = packages.for_client(person())
    return render_template(
        "prepaid/packages.html",
        cards=[(held, words.PACKAGES[held.state]) for held in found],
        drafts=checkouts.open_drafts(person(), CheckoutKind.PACKAGE),
    )


@blueprint.post("/packages/offers/<int(max=2147483647):offer_id>/buy")
@needs(Role.CLIENT)
def buy(offer_id: int) -> ResponseReturnValue:
    """Off to paying for it, once however often it is pressed."""
    return go("paying.show", checkout_id=packages.buy(person(), offer_id).id)


@blueprint.post("/packages/<uuid:package_id>/refund")
@needs(Role.CLIENT)
def give_up(package_id: UUID) -> ResponseReturnValue:
    """The rest of a package that cannot be used any more goes back."""
    packages.refund(package_id, person())
    flash(_("You will be refunded for the sessions that were left."), "success")
    return go("packages.mine")


# ------------------------------------------------------------------------------------------------ the practitioner's


@blueprint.get("/practice/packages")
@needs(Role.PRACTITIONER)
def offers() -> ResponseReturnValue:
    """What is offered and what was sold, with a form for another."""
    return _page(PackageForm())


def _page(form: Form, status: int = 200) -> ResponseReturnValue:
    able = [service for service in practice.of_user(person()).services if service.active and not service.mode.reserves]
    if isinstance(form, PackageForm):
        form.service_id.choices = options((str(each.id), f"{each.title} · {shown(each.price)}") for each in able)
    values: dict[str, Any] = {
        "form": form,
        "has_services": bool(able),
        "offers": packages.own_offers(person()),
        "sold": [(held, words.PACKAGES[held.state]) for held in packages.for_practitioner(person())],
    }
    return render_template("prepaid/package_offers.html", **values), status


@blueprint.post("/practice/packages")
@needs(Role.PRACTITIONER)
def offer() -> ResponseReturnValue:
    """The package is for sale; what is wrong stands beside its field, with what was typed."""
    form = PackageForm(request.form)
    try:
        packages.offer(person(), _wish(form))
    except Invalid as problem:
        return _page(form, onto(form, problem))
    flash(_("The package is now on your public page."), "success")
    return go("packages.offers")


def _wish(form: PackageForm) -> Wish:
    check_all(
        (
            lambda: _service(form),
            lambda: packages.check_numbers(form.sessions.data or 0, _days(form)),
            lambda: prices.parse(form.price.data or "", "KES"),  # its own currency is known with the service
        )
    )
    service = _service(form)
    price = prices.parse(form.price.data or "", service.currency)
    return Wish(service.id, form.sessions.data or 0, price.amount, _days(form))


def _service(form: PackageForm) -> Service:
    chosen = form.service_id.data
    if chosen is None or not 0 < chosen < 2**31:
        raise Invalid("service_missing", field="service_id")
    return practice.own_service(person(), chosen)


def _days(form: PackageForm) -> int | None:
    """How many days were typed; none for ever; 0 for what is no number, which no package can have."""
    typed = "".join(form.valid_days.raw_data or []).strip()
    return (form.valid_days.data or 0) if typed else None


@blueprint.post("/practice/packages/offers/<int(max=2147483647):offer_id>/withdraw")
@needs(Role.PRACTITIONER)
def withdraw(offer_id: int) -> ResponseReturnValue:
    """It is not sold any more; what was bought stays."""
    packages.withdraw(offer_id, person())
    flash(_("No longer for sale. Packages already bought stay as they are."), "success")
    return go("packages.offers")


@blueprint.post("/practice/packages/<uuid:package_id>/refund")
@needs(Role.PRACTITIONER)
@moves_money
@freshly_proved
def refund(package_id: UUID) -> ResponseReturnValue:
    """The rest goes back to the client, and the package is over."""
    form = PackageForm()
    try:
        packages.refund(package_id, person())
    except Conflict as problem:
        return _page(form, onto(form, problem))
    flash(_("The client will be refunded for the sessions that were left."), "success")
    return go("packages.offers")
