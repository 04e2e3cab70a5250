"""What is to be paid, the tries to pay it, and how to go on."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app import words
from app.blueprints.api.base import Code, Instant, Shape, Taken, one_of
from app.blueprints.api.shapes.bookings import BookingView, MoneyWord, RefundView
from app.blueprints.api.shapes.common import Amount
from app.blueprints.api.shapes.practice import SlotView
from app.domain.checkout_kinds import CheckoutKind
from app.domain.lifecycle import AttemptStatus, CheckoutStatus, ProofStatus, ReceiptCheckStatus
from app.gateways.base import CheckoutStep, Instructions, Modal, Redirect, WaitForPush
from app.lib.phones import numbers
from app.models import Attempt, Checkout, ReceiptCheck
from app.services import consultations
from app.services.core import fact_json
from app.services.ledger import checkouts, money_words, paid_amounts, refunds
from app.services.payments import attempts, lost_drafts, receipt_checks
from app.services.prepaid import packages
from app.services.workflows import credit_choices, late_payment
from app.services.workflows.late_payment import Offer


class AttemptRequest(Taken, json_schema_extra={"examples": [{"gateway": "mpesa", "phone": "0712 345 678"}]}):
    """How to pay; `phone` for gateways that ask a phone (default: the profile's), `package_id` for the gateway "package"
    (default: the one that ends first)."""

    gateway: Annotated[str, Code("unknown_gateway")] = Field(
        max_length=20, pattern="^[a-z][a-z0-9_]*$", description="one of the checkout's methods"
    )
    phone: str = Field("", max_length=40)
    package_id: UUID | None = None


class ProofRequest(Taken, json_schema_extra={"examples": [{"file": "%PDF-1.4 ...", "note": "Sent on Monday."}]}):
    """What shows that money was sent by other means: a picture (PNG, JPEG, WebP) or PDF of at most 5 MB, and a note."""

    file: Annotated[bytes, Code("proof_missing")] = Field(min_length=1)
    note: str = Field("", max_length=500)


class Verification(
    Taken, json_schema_extra={"examples": [{"accept": True, "evidence": "In my bank statement of today"}]}
):
    """Whether the money came: `evidence` how that is known (needed without a proof), `reason` why not (then needed)."""

    accept: bool
    reason: str = Field("", max_length=500)
    evidence: str = Field("", max_length=500)


class ReceiptRequest(Taken, json_schema_extra={"examples": [{"receipt": "QK12AB34CD"}]}):
    """The gateway's receipt of a payment that has not arrived: an M-Pesa code, alone or with the message around it."""

    receipt: Annotated[str, Code("receipt_invalid")] = Field(min_length=1, max_length=500)


class ShownReceipt(Shape):
    """A receipt that was shown. open: the gateway is asked; landed: it was paid; refused: it pays nothing here, and
    `problem` says why; review: our staff look at it."""

    id: UUID
    receipt: str
    status: ReceiptCheckStatus
    problem: Annotated[str, one_of(["", *words.RECEIPTS])] = Field(description="why it was refused; empty otherwise")
    message: str = Field(description="the problem's sentence")

    @classmethod
    def of(cls, check: ReceiptCheck) -> "ShownReceipt":
        """Return what the payer may know of it."""
        problem = check.verdict if check.status is ReceiptCheckStatus.REFUSED else ""
        return cls(
            id=check.id, receipt=check.receipt, status=check.status, problem=problem, message=words.receipt(problem)
        )


class ProofView(Shape):
    """A proof of payment: waiting, accepted or rejected."""

    id: UUID
    status: ProofStatus


class Method(Shape):
    """A way to pay."""

    gateway: str
    label: str
    needs_phone: bool


class AttemptView(Shape):
    """One try to pay; `failure` is a word, `message` its sentence; `settles_by` is how long the payer's bank may take."""

    id: UUID
    gateway: str
    status: AttemptStatus
    reference: str
    failure: Annotated[str, one_of(["", *words.FAILURES])]
    message: str
    created_at: Instant
    settles_by: Instant | None

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptView":
        """The payer's view."""
        return cls(
            id=attempt.id,
            gateway=attempt.gateway,
            status=attempt.status,
            reference=attempt.reference,
            failure=attempt.failure,
            message=words.failure(attempt.failure, attempt.vendor_code),
            created_at=attempt.created_at,
            settles_by=attempt.settles_by,
        )


class OfferView(Shape):
    """What a late payer may choose until `until`: one of `near`, credit, or the money back."""

    until: Instant
    near: list[SlotView]

    @classmethod
    def of(cls, offer: Offer) -> "OfferView":
        """Return what a late payer may choose from, and until when."""
        return cls(until=offer.until, near=[SlotView.of(slot) for slot in offer.near])


def _methods(checkout: Checkout) -> list[Method]:
    """The ways to pay the checkout now; the wallet where it holds enough, a package where it has a session for it."""
    if not attempts.may_be_paid(checkout):
        return []
    ways = checkouts.ways(checkout)
    found = [Method(gateway=w.code, label=w.label, needs_phone=w.capabilities.needs_phone) for w in ways]
    credit = credit_choices.credit_for(checkout)
    if credit is not None and credit.is_enough:
        found.append(Method(gateway="wallet", label="Wallet", needs_phone=False))
    if packages.usable(checkout):
        found.append(Method(gateway="package", label="Package", needs_phone=False))
    return found


class Breakdown(Shape):
    """Who gets what of a session that is paid for afterwards: the fee is in the price, so the total is the subtotal."""

    subtotal: Amount
    fee: Amount
    total: Amount
    net: Amount = Field(description="the practitioner's")

    @classmethod
    def of(cls, checkout: Checkout) -> "Breakdown | None":
        """Return the sums that the payment page shows; None where nothing is paid for afterwards."""
        if not checkout.rules.shows_split or checkout.booking is None:
            return None
        total = Amount.of(checkout.money)
        fee = checkout.booking.fee
        return cls(subtotal=total, fee=Amount.of(fee), total=total, net=Amount.of(checkout.money - fee))


class CheckoutView(Shape):
    """Something to be paid."""

    id: UUID
    kind: CheckoutKind
    status: CheckoutStatus
    title: str
    amount: Amount
    money: MoneyWord = Field(
        description="where the money is. due: owed and not paid; refund_offered: the payer may choose; in_hand: it comes "
        "back by hand; credited: in the wallet instead; session_back: in its package again"
    )
    paid: Amount | None = Field(description="what was really paid, whatever went back since; null while it is not paid")
    forgiven: Amount | None = Field(description="what staff did not ask for any more when they accepted less")
    refunds: list[RefundView]
    breakdown: Breakdown | None
    expires_at: Instant
    methods: list[Method] = Field(
        description="none while nothing can be paid: it is closed, looked at, or its place is gone"
    )
    place_left: bool = Field(
        description="false once what is not booked yet cannot be had any more: a payment would be too late"
    )
    booking_id: UUID | None
    consultation_id: UUID | None = Field(description="the question this asked, once it is paid")
    attempts: list[AttemptView]
    receipts: list[ShownReceipt] = Field(description="receipts that were shown for it, the last first")
    offer: OfferView | None

    @classmethod
    def of(cls, checkout: Checkout) -> "CheckoutView":
        """The payer's view, by the clock."""
        offer = late_payment.of(checkout)
        asked = consultations.asked_by(checkout)
        tries = attempts.all_of(checkout)
        back = refunds.of_attempts([attempt.id for attempt in tries]) if tries else []
        paid = paid_amounts.for_checkout(checkout)
        forgiven = paid_amounts.forgiven_of(checkout, paid)
        return cls(
            id=checkout.id,
            kind=checkout.kind,
            status=checkouts.status_now(checkout),
            title=checkout.title,
            amount=Amount.of(checkout.money),
            money=money_words.of_checkout(checkout, tries, back),
            paid=Amount.of(paid) if paid else None,
            forgiven=Amount.of(forgiven) if forgiven else None,
            refunds=[RefundView.of(refund) for refund in back],
            breakdown=Breakdown.of(checkout),
            expires_at=checkout.expires_at,
            methods=_methods(checkout),
            place_left=not lost_drafts.why_lost(checkout),
            booking_id=checkout.booking_id,
            consultation_id=asked.consultation.id if asked and asked.consultation else None,
            attempts=[AttemptView.of(attempt) for attempt in tries],
            receipts=[ShownReceipt.of(check) for check in receipt_checks.shown_for(checkout, tries)],
            offer=OfferView.of(offer) if offer else None,
        )


class Requested(Shape):
    """What asking for a session brought about; a draft has no booking yet, a request for approval no checkout yet."""

    booking: BookingView | None
    checkout: CheckoutView | None


class NextStep(Shape):
    """How the payer goes on, with what the step needs.

    redirect: url; modal: script_url, options, window, form_action, form_fields; wait_for_push: seconds, phone;
    instructions: text; done: nothing; checking: ask again.
    """

    model_config = ConfigDict(extra="allow")

    kind: Literal["redirect", "modal", "wait_for_push", "instructions", "done", "checking"]


class Begun(Shape):
    """The attempt, and how to go on."""

    attempt: AttemptView
    next: NextStep


# What the API calls each step.
_NEXT_KINDS = {
    Redirect.type_code: "redirect",
    Modal.type_code: "modal",
    WaitForPush.type_code: "wait_for_push",
    Instructions.type_code: "instructions",
}


def next_step(attempt: Attempt, step: CheckoutStep | None) -> NextStep:
    """How the payer goes on."""
    if step is None:
        return NextStep(kind="done" if attempt.is_paid else "checking")
    shown: dict[str, Any] = {
        name: value for name, value in fact_json.to_json(step).items() if name not in ("type", "details")
    }
    shown["kind"] = _NEXT_KINDS[step.type_code]
    if attempt.phone:
        shown["phone"] = numbers.masked(attempt.phone)
    return NextStep(**shown)
