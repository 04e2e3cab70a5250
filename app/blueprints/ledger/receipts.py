"""Receipts: the client's own, the practitioner's of their clients, all for staff; one of them, on the page and as a PDF."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.blueprints.common import printing
from app.blueprints.common.access import members_only, person
from app.blueprints.common.throttle import per_reader, per_search
from app.services.ledger import receipts, refunds

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")


@blueprint.get("")
@members_only
@per_search
def index() -> ResponseReturnValue:
    """All of the person's, the newest first."""
    q = request.args.get("q", "")[:32]
    found = receipts.find(person(), q, request.args.get("page", 1, type=int))
    return render_template("ledger/receipts.html", found=found, q=q, title_of=printing.title_of)


@blueprint.get("/<uuid:receipt_id>")
@members_only
def show(receipt_id: UUID) -> ResponseReturnValue:
    """One of them."""
    receipt = receipts.get(receipt_id, person())
    return render_template(
        "ledger/receipt.html",
        receipt=receipt,
        title_of=printing.title_of,
        issuer=printing.issuer_of(receipt),
        facts_=printing.facts_of(receipt),
        total=printing.total_of(receipt),
        back=refunds.word_of(receipt.refund) if receipt.refund else "",
    )


@blueprint.get("/<uuid:receipt_id>.pdf")
@members_only
@per_reader
def pdf(receipt_id: UUID) -> ResponseReturnValue:
    """The receipt as a PDF to keep."""
    return printing.receipt_pdf(receipts.get(receipt_id, person()))
