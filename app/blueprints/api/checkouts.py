"""Paying."""

from uuid import UUID

from flask import request

from app.blueprints.api.calls import call, caller, request_key
from app.blueprints.api.shapes import (
    AttemptRequest,
    AttemptView,
    Begun,
    CheckoutView,
    Nothing,
    ProofRequest,
    ProofView,
    ReceiptRequest,
    ShownReceipt,
    next_step,
)
from app.services.ledger import checkouts
from app.services.payments import manual_payments, receipt_checks
from app.services.workflows import decisions, payment_start


@call("GET /checkouts/{checkout_id}", "Something to be paid", name="show_checkout", gives=CheckoutView)
def show(checkout_id: UUID) -> CheckoutView:
    """The checkout and the tries to pay it."""
    return CheckoutView.of(checkouts.get(checkout_id, caller()))


@call(
    "POST /checkouts/{checkout_id}/cancel",
    "Give up paying",
    name="cancel_checkout",
    takes=Nothing,
    gives=CheckoutView,
    fails=("409 already_paid cannot_be_cancelled not_allowed",),
)
def cancel(_body: Nothing, checkout_id: UUID) -> CheckoutView:
    """The place is free at once."""
    return CheckoutView.of(decisions.cancel_checkout(checkout_id, caller()))


@call(
    "POST /checkouts/{checkout_id}/attempts",
    "Pay",
    name="pay",
    takes=AttemptRequest,
    gives=Begun,
    status=201,
    also=202,
    fails=(
        "409 attempt_unresolved checkout_closed payment_refused slot_taken under_review",
        "409 credit_held insufficient_balance",  # from the wallet
        "409 no_package package_held package_other package_over package_used_up",
        "422 phone_invalid unknown_gateway",
        "429 too_many_payments too_many_prompts",
    ),
)
def begin(body: AttemptRequest, checkout_id: UUID) -> tuple[Begun, int]:
    """A try to pay is under way; 202 while the gateway has not answered clearly (ask again with the same key)."""
    started = payment_start.begin(
        checkout_id,
        caller(),
        body.gateway,
        phone=body.phone,
        package_id=body.package_id,
        request_key=request_key(),
    )
    begun = Begun(attempt=AttemptView.of(started.attempt), next=next_step(started.attempt, started.step))
    return begun, 202 if begun.next.kind == "checking" else 201


@call(
    "POST /checkouts/{checkout_id}/proof",
    "Show that it was paid by other means",
    name="send_proof",
    takes=ProofRequest,
    gives=ProofView,
    status=201,
    upload=True,
    fails=(
        "409 attempt_unresolved checkout_closed proof_waiting slot_taken under_review",
        "422 proof_missing proof_size proof_type unknown_gateway",
        "429 too_many_payments too_many_proofs",
    ),
)
def show_proof(body: ProofRequest, checkout_id: UUID) -> ProofView:
    """The proof waits for the practitioner or staff to look at it."""
    sent = request.files.get("file")
    proof = manual_payments.submit(checkout_id, caller(), (sent.filename or "") if sent else "", body.file, body.note)
    return ProofView(id=proof.id, status=proof.status)


@call(
    "POST /checkouts/{checkout_id}/receipt",
    "Show the receipt of a payment",
    name="send_receipt",
    takes=ReceiptRequest,
    gives=ShownReceipt,
    status=202,
    fails=(
        "409 receipt_known receipt_not_expected",
        "422 receipt_invalid",
        "429 too_many_receipts",
    ),
)
def show_receipt(body: ReceiptRequest, checkout_id: UUID) -> ShownReceipt:
    """The gateway is asked about the receipt; what it answers comes in some seconds and stands in the checkout."""
    return ShownReceipt.of(receipt_checks.show(checkout_id, caller(), body.receipt))
