"""Receipts: find, read, take as a PDF; and the tax that a practitioner's receipts show."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import Field, WithJsonSchema

from app.blueprints.api.base import Code, Shape, prose
from app.blueprints.api.calls import call, caller
from app.blueprints.api.shapes import Amount, Instant, Pages, Taken
from app.blueprints.common import printing
from app.blueprints.common.throttle import per_reader, per_search
from app.models import PracticeTax, Receipt, ReceiptKind
from app.services import practice
from app.services.accounts import second_factors
from app.services.ledger import receipts


class TaxInReceipt(Shape):
    """The tax in the amount, as it was that day."""

    name: str
    percent: float
    number: str
    amount: Amount


class ReceiptView(Shape):
    """A numbered document that never changes: kind receipt, or credit_note for money that went back."""

    id: UUID
    number: str
    kind: ReceiptKind
    amount: Amount
    tax: TaxInReceipt | None
    issuer: str
    client: str
    about: str = Field(description="what was paid for: booking, due, fee, difference, consultation, top_up, ...")
    title: str = Field(description="empty unless the client asked for sessions to be named")
    start: Instant | None
    booking_id: UUID | None
    method: str
    payment_reference: str
    reference: str
    corrects: UUID | None = Field(description="of a credit note: the receipt")
    refund_id: UUID | None
    reason: str
    issued_at: Instant

    @classmethod
    def of(cls, receipt: Receipt) -> "ReceiptView":
        """Return the receipt as everybody it concerns may read it."""
        return cls(
            id=receipt.id,
            number=receipt.number,
            kind=receipt.kind,
            amount=Amount.of(receipt.money),
            tax=_tax(receipt),
            issuer=receipt.issuer_name,
            client=receipt.client_name,
            about=receipt.about,
            title=receipt.title,
            start=receipt.starts_at,
            booking_id=receipt.booking_id,
            method=receipt.method,
            payment_reference=receipt.charge_ref,
            reference=receipt.reference,
            corrects=receipt.corrects_id,
            refund_id=receipt.refund_id,
            reason=receipt.reason,
            issued_at=receipt.issued_at,
        )


_Percent = Annotated[
    Decimal,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 50},
                {"type": "string", "maxLength": 5, "pattern": r"^[0-9]{1,2}(\.[0-9]{1,2})?$"},
            ]
        }
    ),
]


class TaxRequest(Taken, json_schema_extra={"examples": [{"name": "VAT", "percent": 16, "number": "P051234567X"}]}):
    """What receipts say from now on; a percentage needs a name."""

    name: Annotated[str, prose(receipts.WORD_LIMIT)] = ""
    percent: Annotated[_Percent, Code("tax_rate_invalid")] = Field(
        Decimal(0), ge=0, le=50, decimal_places=2, allow_inf_nan=False, description="at most two decimals"
    )
    number: Annotated[str, prose(receipts.WORD_LIMIT)] = ""


class ReceiptSearch(Pages):
    """Which receipts."""

    q: str = Field("", description="a part of the number")


class TaxView(Shape):
    """What receipts say from now on."""

    name: str
    percent: float
    number: str

    @classmethod
    def of(cls, tax: PracticeTax | None) -> "TaxView":
        """The practitioner's view."""
        return (
            cls(name=tax.name, percent=tax.rate / 100, number=tax.number) if tax else cls(name="", percent=0, number="")
        )


def _tax(receipt: Receipt) -> TaxInReceipt | None:
    if not receipt.tax_rate:
        return None
    return TaxInReceipt(
        name=receipt.tax_name,
        percent=receipt.tax_rate / 100,
        number=receipt.tax_number,
        amount=Amount.of(receipt.tax),
    )


@call(
    "GET /receipts",
    "Receipts that concern me, the newest first",
    name="list_receipts",
    query=ReceiptSearch,
    gives=list[ReceiptView],
    counts=("X-Total-Count", "X-Pages"),
)
@per_search
def find(asked: ReceiptSearch) -> tuple[list[ReceiptView], int, dict[str, str]]:
    """One page of the caller's receipts."""
    found = receipts.find(caller(), asked.q, asked.page)
    return (
        [ReceiptView.of(r) for r in found.items],
        200,
        {"X-Total-Count": str(found.total), "X-Pages": str(found.pages)},
    )


@call("GET /receipts/{receipt_id}", "One receipt", name="show_receipt", gives=ReceiptView)
def show(receipt_id: UUID) -> ReceiptView:
    """The receipt, if it concerns the caller."""
    return ReceiptView.of(receipts.get(receipt_id, caller()))


@call(
    "GET /receipts/{receipt_id}.pdf",
    "One receipt as a PDF",
    name="download_receipt",
    gives=bytes,
    media="application/pdf",
)
@per_reader
def pdf(receipt_id: UUID) -> Response:
    """The receipt as a PDF."""
    return printing.receipt_pdf(receipts.get(receipt_id, caller()))


@call(
    "GET /tax",
    "The tax that my receipts show, as a practitioner",
    name="show_tax",
    gives=TaxView,
    fails=("404 not_found",),
)
def tax() -> TaxView:
    """As it stands."""
    return TaxView.of(receipts.of_practitioner(practice.of_user(caller()).id))


@call(
    "POST /tax",
    "Set the tax that my receipts show",
    name="save_tax",
    takes=TaxRequest,
    gives=TaxView,
    fails=(
        "404 not_found",
        "422 tax_name_missing",
    ),
)
def save_tax(body: TaxRequest) -> TaxView:
    """Receipts say so from now on."""
    second_factors.check_set_up(caller(), for_money=True)
    return TaxView.of(receipts.save_tax(caller(), body.name, int(body.percent * 100), body.number))
