"""Proofs of payments by other means: the file itself, and the word of who looks whether the money came."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Form

from app.blueprints.common.access import members_only, person
from app.blueprints.common.forms import EvidenceForm, ReasonForm
from app.blueprints.common.redirects import go_next
from app.blueprints.common.submissions import onto
from app.blueprints.common.uploads import to_save
from app.models import Checkout, Proof
from app.services import bookings
from app.services.core.errors import Conflict, Invalid
from app.services.ledger import checkouts
from app.services.payments import manual_payments

blueprint = Blueprint("proofs", __name__)


@blueprint.app_template_global("session_start")
def session_start(checkout: Checkout) -> datetime | None:
    """When what is paid for begins, booked already or not."""
    return checkouts.starts_at(checkout)


@blueprint.get("/proofs/<uuid:proof_id>")
@members_only
def show(proof_id: UUID) -> Response:
    """The file, to be saved."""
    proof = manual_payments.get(proof_id, person())
    return to_save(proof.file_name, proof.media_type, proof.content)


@blueprint.post("/proofs/<uuid:proof_id>/accept")
@members_only
def accept(proof_id: UUID) -> ResponseReturnValue:
    """The money came: the session is booked, or the money is the client's credit."""
    return _decide(proof_id, EvidenceForm(request.form), accept=True)


@blueprint.post("/proofs/<uuid:proof_id>/reject")
@members_only
def reject(proof_id: UUID) -> ResponseReturnValue:
    """The client reads why it is not enough, and may try again."""
    return _decide(proof_id, ReasonForm(request.form), accept=False)


def _decide(proof_id: UUID, form: EvidenceForm | ReasonForm, *, accept: bool) -> ResponseReturnValue:
    try:
        proof = manual_payments.decide(proof_id, person(), accept=accept, **_typed(form))
    except (Invalid, Conflict) as problem:
        status = onto(_named(form, proof_id), problem)
        known = manual_payments.get_to_decide(proof_id, person())
        shown = {"proof": known, "is_open": manual_payments.is_waiting(known)}
        return render_template("payments/manual_payment.html", form=form, **shown), status
    flash(_done(proof) if accept else _("Rejected. The client will see your reason and can try again."), "success")
    return _back(proof.attempt.checkout.booking_id)


def _done(proof: Proof) -> str:
    if manual_payments.went_back(proof) and manual_payments.is_in_hand(proof):
        return str(
            _(
                "Accepted. It came too late for this session. You have the money: our staff will arrange "
                "the refund with you."
            )
        )
    if manual_payments.went_back(proof):
        return str(_("Accepted. It came too late for this session, so the client now has the money as credit."))
    return str(_("Accepted. The payment is recorded, and the client has been told."))


@blueprint.post("/bookings/<uuid:booking_id>/received")
@members_only
def received(booking_id: UUID) -> ResponseReturnValue:
    """The money is there without any proof: cash in hand, or seen on the account."""
    form = EvidenceForm(request.form)
    try:
        manual_payments.verify_without_proof(booking_id, person(), form.evidence.data or "")
    except (Invalid, Conflict) as problem:
        status = onto(_named(form, booking_id), problem)
        booking = bookings.get(booking_id, person())
        return render_template("payments/manual_payment.html", form=form, booking=booking), status
    flash(_("Noted. The session is paid, and the client has been told."), "success")
    return _back(booking_id)


def _named(form: Form, key: UUID) -> Form:
    # Several of these forms stand on one page, so their fields are told apart by whom they are about.
    for field in form._fields.values():
        field.id = f"{field.name}-{key}"
    return form


def _typed(form: Form) -> dict[str, str]:
    return {name: field.data or "" for name, field in form._fields.items()}


def _back(booking_id: UUID | None) -> ResponseReturnValue:
    return go_next("booking.show", booking_id=booking_id) if booking_id else go_next("pages.home")
