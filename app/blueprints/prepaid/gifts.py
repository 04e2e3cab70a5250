"""Gifts: buying credit for somebody else, its code, and cancelling it. Codes are redeemed in the wallet."""

from uuid import UUID

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from app import words
from app.blueprints.common import web
from app.blueprints.common.access import needs, person
from app.blueprints.common.forms import options
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import key_of, onto
from app.blueprints.prepaid.prepaid_forms import GiftForm
from app.domain.checkout_kinds import CheckoutKind
from app.domain.money import Money, MoneyError
from app.lib import chance
from app.models import Gift, Package, Role
from app.services.backoffice.overview import payment_ways
from app.services.core.errors import Conflict, Invalid, Unavailable
from app.services.ledger import checkouts
from app.services.prepaid import gifts

blueprint = Blueprint("gifts", __name__, url_prefix="/gifts")


@blueprint.before_request
@needs(Role.CLIENT)
def enter() -> None:
    """Only clients give and get credit."""


@blueprint.get("")
def mine() -> ResponseReturnValue:
    """What the client has bought, with the codes that can be redeemed, and a form for another."""
    return _page(GiftForm())


def _page(form: GiftForm, status: int = 200) -> ResponseReturnValue:
    names = get_locale().currencies
    form.currency.choices = options((code, f"{code} · {names.get(code, code)}") for code in payment_ways.currencies())
    form.request_key.data = form.request_key.data or chance.reference(20)
    found = gifts.bought_by(person())
    return render_template(
        "prepaid/gifts.html",
        form=form,
        gifts=[(gift, _code(gift), words.GIFTS[gift.status]) for gift in found],
        drafts=checkouts.open_drafts(person(), CheckoutKind.GIFT),
    ), status


@blueprint.app_template_global("going_back")
def going_back(bought: Gift | Package) -> str:
    """How what is left of it would go back now, in a sentence."""
    word, money = gifts.would_go_back(bought)
    return str(words.COMING_BACK[word]) % {"amount": web.money(money)}


def _code(gift: Gift) -> str:
    try:
        return gifts.code_of(gift)
    except Unavailable as problem:
        return words.problem(problem.code, {})


@blueprint.post("")
def buy() -> ResponseReturnValue:
    """Off to paying for it; the code is there once it is paid."""
    form = GiftForm(request.form)
    key = key_of(form.request_key.data)
    try:
        made = gifts.buy(person(), _typed(form), key)
    except (Invalid, Conflict) as problem:
        return _page(form, onto(form, problem))
    return go("paying.show", checkout_id=made.id)


def _typed(form: GiftForm) -> Money:
    try:
        return Money.parse(form.amount.data or "", form.currency.data or "")
    except MoneyError:
        raise Invalid("amount_invalid", field="amount") from None


@blueprint.post("/<uuid:gift_id>/cancel")
def cancel(gift_id: UUID) -> ResponseReturnValue:
    """The code is worth nothing, the money goes back; if somebody was faster, the page says so."""
    form = GiftForm()
    try:
        gifts.cancel(gift_id, person())
    except Conflict as problem:
        return _page(form, onto(form, problem))
    flash(_("The gift is cancelled, and its money is refunded to you."), "success")
    return go("gifts.mine")
