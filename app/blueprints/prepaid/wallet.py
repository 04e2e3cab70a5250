"""The client's wallet: what is in it, putting money in, asking for it to be paid out."""

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from app.blueprints.common.access import needs, person
from app.blueprints.common.forms import PayoutForm, TopUpForm, options
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import key_of, onto
from app.blueprints.common.web import money as shown
from app.blueprints.prepaid.prepaid_forms import RedeemForm
from app.domain.money import Money, MoneyError
from app.lib import chance
from app.models import Role
from app.services.backoffice import disputes
from app.services.backoffice.overview import payment_ways
from app.services.core.errors import Conflict, Invalid, Problem, check_all
from app.services.prepaid import gifts, wallet

blueprint = Blueprint("wallet", __name__, url_prefix="/wallet")


@blueprint.before_request
@needs(Role.CLIENT)
def enter() -> None:
    """Only clients have one."""


@blueprint.get("")
def show() -> ResponseReturnValue:
    """What is in it, and what came and went."""
    return _page()


def _page(
    top_up_form: TopUpForm | None = None,
    payout_form: PayoutForm | None = None,
    status: int = 200,
    *,
    redeem_form: RedeemForm | None = None,
) -> ResponseReturnValue:
    balances = wallet.balances(person())
    top_up_form = top_up_form or TopUpForm()
    payout_form = payout_form or PayoutForm()
    _prepare(top_up_form, payment_ways.currencies(), balances)
    payable = wallet.each(person(), balances, wallet.payable)
    _prepare(payout_form, [part.currency for part in payable], payable)
    values = {
        "balances": balances,
        "payable": payable,
        "held": [part for balance in balances for part in disputes.held_credit(person(), balance.currency)],
        "movements": wallet.statement(person()),
        "payouts": [(each, bool(disputes.holders_of(each))) for each in wallet.payouts_of(person())],
        "top_up_form": top_up_form,
        "payout_form": payout_form,
        "redeem_form": redeem_form or RedeemForm(),
    }
    return render_template("prepaid/wallet.html", **values), status


def _prepare(form: TopUpForm | PayoutForm, codes: list[str], balances: list[Money]) -> None:
    """The currencies to choose from, the one there is credit in first; a key that makes a repeated press the same."""
    mine = [balance.currency for balance in balances if balance.currency in codes]
    names = get_locale().currencies
    found = dict.fromkeys([*mine, *codes])
    form.currency.choices = options((code, f"{code} · {names.get(code, code)}") for code in found)
    if isinstance(form, TopUpForm):
        form.request_key.data = form.request_key.data or chance.reference(20)


@blueprint.post("/top-ups")
def top_up() -> ResponseReturnValue:
    """A bill that becomes credit once it is paid; off to its payment page."""
    form = TopUpForm(request.form)
    key = key_of(form.request_key.data)
    try:
        money = _typed(form)
        made = wallet.top_up(person(), money, _("Wallet top-up"), then=form.intent(), request_key=key)
    except (Invalid, Conflict) as problem:
        return _page(top_up_form=form, status=onto(form, problem))
    return go("paying.show", checkout_id=made.id)


@blueprint.post("/gifts")
def redeem() -> ResponseReturnValue:
    """What the code is worth is in the wallet; what is wrong with it stands beside it."""
    form = RedeemForm(request.form)
    try:
        gift = gifts.redeem(person(), (form.code.data or "")[:80])
    except (Invalid, Conflict) as problem:
        return _page(redeem_form=form, status=onto(form, problem))
    flash(_("A gift of %(amount)s has been added to your wallet.", amount=shown(gift.money)), "success")
    return go("wallet.show")


@blueprint.post("/payouts")
@freshly_proved
def ask_payout() -> ResponseReturnValue:
    """Credit is set aside for staff to send."""
    form = PayoutForm(request.form)
    try:
        where = form.destination.data or ""
        check_all((lambda: _typed(form), lambda: wallet.clean_destination(where)))
        asked = wallet.ask_payout(person(), _typed(form), where)
    except (Invalid, Conflict) as problem:
        return _page(payout_form=form, status=onto(form, _about_balance(problem, form)))
    text = _(
        "You have asked for %(amount)s. Our staff will send it, and you will get an email.", amount=shown(asked.money)
    )
    flash(text, "success")
    return go("wallet.show")


def _typed(form: TopUpForm | PayoutForm) -> Money:
    try:
        return Money.parse(form.amount.data or "", form.currency.data or "")
    except MoneyError:
        raise Invalid("amount_invalid", field="amount") from None


def _about_balance(problem: Problem, form: PayoutForm) -> Problem:
    if problem.code not in ("insufficient_balance", "credit_not_payable"):
        return problem
    most = wallet.payable(person(), form.currency.data or "")
    return Invalid("payout_too_large", field="amount", most=shown(most))
