"""Paying: one page that says what is true now, and the doors to the gateways. Nothing here believes a browser about money."""

from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app.blueprints.bookings.meeting_facts import agreed_of
from app.blueprints.common.access import members_only, person
from app.blueprints.common.answers import front_door
from app.blueprints.common.forms import OfferForm, PayForm, ProofForm, ReceiptForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import instant, key_of, onto
from app.blueprints.common.times import clocks
from app.blueprints.payments import booked
from app.extensions import csrf
from app.gateways.base import Gateway, Modal, Redirect
from app.lib import chance, clock
from app.lib.phones import numbers
from app.models import Checkout
from app.services import consultations
from app.services.core.errors import Conflict, Invalid
from app.services.ledger import checkouts
from app.services.payments import attempts, manual_payments
from app.services.workflows import checkout_news, checkout_page, credit_choices, decisions, late_payment, payment_start
from app.services.workflows.checkout_page import PayPage, PayState
from app.words import payment_states

blueprint = Blueprint("paying", __name__, url_prefix="/checkouts/<uuid:checkout_id>")
# States that end by themselves.
_OPEN = (PayState.RESUME, PayState.WAIT, PayState.CHECKING, PayState.INSTRUCTIONS)
# States in which nothing more can happen that the page would show.
_STILL = (PayState.PAID, PayState.CLOSED)
# States of a payment that has begun on a gateway's own page, from which a visitor may come back.
_AWAY = (PayState.RESUME, PayState.GONE)


# ------------------------------------------------------------------------------------------------ the page


@blueprint.get("")
@members_only
def show(checkout_id: UUID) -> ResponseReturnValue:
    """What is to be paid, and whose move it is."""
    return page_of(checkouts.get(checkout_id, person()))


def page_of(
    checkout: Checkout, tried: PayForm | OfferForm | ProofForm | ReceiptForm | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page, with what was typed in the form that was tried."""
    page = checkout_page.of(checkout)
    service = checkouts.service_of(checkout)
    held = agreed_of(checkout, service)
    gateway = attempts.gateway_of(page.attempt) if page.attempt else None
    if page.kind == "modal" and gateway:
        g.window_of = gateway  # the client chose it: its script may be loaded on this page
    values = {
        "page": page,
        "checkout": checkout,
        "gateway": gateway,
        "state": _shown_state(page),
        "mark": _mark(page),
        "asks_on": page.may_come or page.state not in _STILL,
        "first_wait": 0 if front_door.may_hold() else 1 if "checking" in request.args else 3,
        "payable": checkouts.is_payable(checkout),
        "owed": checkouts.is_owed(checkout),
        "is_mine": checkout.client_id == person().id,
        "start": checkouts.starts_at(checkout),
        "service": service,
        "held": held,
        "place_zone": clocks.of_place(held, service.practitioner if service else None),
        **_more(page),
        "ways": [(way, _form(way, checkout, tried)) for way in page.methods],
        "ends": attempts.prompt_ends(page.attempt) if page.attempt else None,
        "tried": tried,
        "proof_form": tried if isinstance(tried, ProofForm) else ProofForm(),
        "receipt_form": tried if isinstance(tried, ReceiptForm) else _receipt_form(page),
        "checker": manual_payments.checker_of(checkout),
        "asked": consultations.asked_by(checkout),
        "booked": booked.of(page, person()),
        "terms": booked.terms_of(checkout, held, checkouts.starts_at(checkout)),
    }
    return render_template("payments/checkout/page.html", **values), status


def _receipt_form(page: PayPage) -> ReceiptForm:
    """A code that was refused stands there still: it was misread by a letter, say."""
    unheard = page.unheard
    return ReceiptForm(
        data={"receipt": unheard.last.receipt if unheard and unheard.last and unheard.is_refused else ""}
    )


def _more(page: PayPage) -> dict[str, Any]:
    """What the page says and offers besides the gateways."""
    checkout = page.checkout
    found = credit_choices.of(page)
    pressing = payment_states.pressing(found.words)
    status = checkouts.status_now(checkout)
    kind = "reserving" if checkout.manual_capture else checkout.kind
    return {
        "choices": found,
        "pressing": pressing,
        "title": payment_states.pay_title(_shown_state(page), kind, pressing),
        "kept_until": checkouts.kept_until(found.then or checkout),
        "if_it_comes": payment_states.IF_IT_STILL_COMES.get("lost" if page.lost else status.value, ""),
        "ended": status.value,
        "request_key": chance.reference(20),
    }


def _shown_state(page: PayPage) -> PayState:
    """A visitor who comes back from a gateway's page has done their part: we ask, they wait."""
    away = page.state in _AWAY and page.attempt is not None and page.attempt.is_live
    came_back = away and "checking" in request.args
    return PayState.CHECKING if came_back else page.state


def _form(way: Gateway, checkout: Checkout, tried: Form | None) -> PayForm:
    """The form of one way to pay, with what was typed if it was this one that was tried."""
    if isinstance(tried, PayForm) and tried.gateway.data == way.code:
        form = tried
    else:
        form = PayForm(data={"gateway": way.code, "phone": _known_phone(way, checkout)})
    form.request_key.data = chance.reference(20)
    form.phone.id = f"phone-{way.code}"
    return form


def _known_phone(way: Gateway, checkout: Checkout) -> str:
    """The number tried last, else the profile's, if this way to pay can ask it."""
    tried = [attempt.phone for attempt in attempts.all_of(checkout) if attempt.gateway == way.code and attempt.phone]
    try:
        return numbers.normalise([person().phone or "", *tried][-1], way.capabilities.phone_region)
    except ValueError:
        return ""


# ------------------------------------------------------------------------------------------------ paying


@blueprint.post("/pay")
@members_only
def pay(checkout_id: UUID) -> ResponseReturnValue:
    """The payment is under way: off to the gateway's page, or back to ours, which says what to do."""
    form = PayForm(request.form)
    try:
        begun = payment_start.begin(
            checkout_id,
            person(),
            form.gateway.data or "",
            phone=form.phone.data or "",
            package_id=form.package(),
            request_key=_wish(form),
        )
    except (Invalid, Conflict) as problem:
        status = onto(form, problem)
        return page_of(checkouts.get(checkout_id, person()), form, status)
    if isinstance(begun.step, Redirect):
        return redirect(begun.step.url, 303)
    # Who has chosen a window need not press the same again to open it.
    at_once = {"_anchor": "now"} if isinstance(begun.step, Modal) else {}
    return go("paying.show", checkout_id=checkout_id, **at_once)


def _wish(form: PayForm) -> str | None:
    """What tells the same press from another wish: the form's key, and what was chosen and typed in it."""
    key = form.request_key.data
    chosen = (form.gateway.data, form.phone.data)
    return key_of(":".join((key, *(each or "" for each in chosen)))) if key else None


@blueprint.post("/offer")
@members_only
def choose(checkout_id: UUID) -> ResponseReturnValue:
    """The late payer has chosen; what is chosen twice, or too late, is said on the page and changes nothing."""
    form = OfferForm(request.form)
    try:
        return _chosen(checkout_id, form.choice.data or "", instant(form.start.data or ""))
    except (Invalid, Conflict) as problem:
        status = onto(form, problem)
        return page_of(checkouts.get(checkout_id, person()), form, status)


def _chosen(checkout_id: UUID, choice: str, start: datetime | None) -> ResponseReturnValue:
    if choice == "slot" and start is not None:
        booking = late_payment.take_time(checkout_id, person(), start)
        flash(_("Done. Here is your new time."), "success")
        return go("booking.show", booking_id=booking.id) if booking else go("paying.show", checkout_id=checkout_id)
    take = {"credit": late_payment.take_credit, "refund": late_payment.take_money}.get(choice)
    if take is None:
        raise Invalid("invalid")
    take(checkout_id, person())
    return go("paying.show", checkout_id=checkout_id)


@blueprint.post("/check")
@members_only
def check(checkout_id: UUID) -> ResponseReturnValue:
    """The gateway is asked; script gets the next question or a fresh page, everybody else the page."""
    # Before anything is loaded: what happens from here on ends the wait.
    version = checkout_news.version(checkout_id) if front_door.may_hold() else ""
    attempts.check(checkouts.get(checkout_id, person()))
    page = checkout_page.of(checkouts.get(checkout_id, person()))
    if "HX-Request" not in request.headers:
        if page.state in _OPEN:
            flash(_("We have just checked: no answer yet."), "info")
        return go("paying.show", checkout_id=checkout_id, **_kept_wish())
    seen = request.form.get("mark", "")
    if _is_news(page, seen):
        return Response(status=200, headers={"HX-Refresh": "true"})
    asked = max(0, request.form.get("asked", 0, type=int)) + 1
    if version:
        return front_door.hold(
            _next_question(page, seen, asked, 0), _patience(page.checkout, asked), f"checkout:{checkout_id}", version
        )
    return _next_question(page, seen, asked, front_door.pause(asked))


def _next_question(page: PayPage, seen: str, asked: int, wait: int) -> str:
    """The page's form for asking again, which sends itself after `wait` seconds."""
    return render_template("payments/checkout/_poll.html", checkout=page.checkout, mark=seen, asked=asked, wait=wait)


def _patience(checkout: Checkout, asked: int) -> int:
    """Seconds the answer may be held back: until the deadline at most, which is news that nobody tells."""
    longest = front_door.patience(asked)
    left = (checkout.expires_at - clock.now()).total_seconds()
    return ceil(left) if 0 < left < longest else longest


def _kept_wish() -> dict[str, Any]:
    return {"checking": 1} if request.form.get("checking") else {}


def _mark(page: PayPage) -> str:
    """What the page shows, in a word that changes when the page should."""
    if page.kind == "modal":
        return "modal"
    shown = page.unheard.last if page.unheard else None
    attempt = page.attempt.id if page.attempt else ""
    told = (page.state, attempt, bool(page.methods), page.failure, shown.status if shown else "")
    return ":".join(str(part) for part in (*told, *(back.status for back in page.refunds)))


def _is_news(page: PayPage, seen: str) -> bool:
    """Whether the page should be loaded again. Not for a failed try inside an open window, where the payer may be trying
    again: loading would close the window under their fingers."""
    return page.state not in (PayState.RESUME, PayState.CHOOSE) if seen == "modal" else _mark(page) != seen


@blueprint.post("/cancel")
@members_only
def cancel(checkout_id: UUID) -> ResponseReturnValue:
    """Paying is given up and the place is free; unless the money has just come in, which the page then says."""
    try:
        decisions.cancel_checkout(checkout_id, person())
    except Conflict as problem:
        form = PayForm()
        return page_of(checkouts.get(checkout_id, person()), form, onto(form, problem))
    if checkout_page.of(checkouts.get(checkout_id, person())).state is PayState.CLOSED:
        # Else the page says more: that a prompt is still on a phone, say, and what becomes of it.
        flash(_("Cancelled. Nothing more can be paid here."), "success")
    return go("paying.show", checkout_id=checkout_id)


# ------------------------------------------------------------------------------------------------ coming back


@blueprint.post("/return")
def came_back(checkout_id: UUID) -> ResponseReturnValue:
    """A gateway's page sends the browser back with a POST from its own site, so without our cookies and our token.

    Nothing is shown and the session is left alone (writing it would log the person out): only a signature counts.
    """
    signed = attempts.read_return(checkout_id, request.form.to_dict())
    return go("paying.show", checkout_id=checkout_id, **({"checking": 1} if signed else {}))


csrf.exempt(came_back)


@blueprint.get("/return")
def back_from_page(checkout_id: UUID) -> ResponseReturnValue:
    """Back from a gateway's page: a visit proves nothing, so nothing changes; the page asks."""
    return redirect(url_for("paying.show", checkout_id=checkout_id, checking=1), 303)


@blueprint.get("/back")
def left_page(checkout_id: UUID) -> ResponseReturnValue:
    """Back without paying."""
    return redirect(url_for("paying.show", checkout_id=checkout_id, back=1), 303)
