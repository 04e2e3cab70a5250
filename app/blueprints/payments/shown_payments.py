"""What a payer shows of a payment that is not known of: a proof of one by other means, the code of one by M-Pesa."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from app.blueprints.common.access import members_only, person
from app.blueprints.common.forms import ProofForm, ReceiptForm
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.blueprints.common.uploads import uploaded
from app.blueprints.payments.checkout_page import blueprint, page_of
from app.services.core.errors import Conflict, Invalid
from app.services.ledger import checkouts
from app.services.payments import manual_payments, receipt_checks


@blueprint.post("/proof")
@members_only
def show_proof(checkout_id: UUID) -> ResponseReturnValue:
    """The proof of a payment by other means is with whoever looks at it."""
    form = ProofForm(request.form)
    name, content = uploaded("file", manual_payments.LIMIT)
    try:
        manual_payments.submit(checkout_id, person(), name, content, form.note.data or "")
    except (Invalid, Conflict) as problem:
        status = onto(form, problem)
        return page_of(checkouts.get(checkout_id, person()), form, status)
    return go("paying.show", checkout_id=checkout_id)


@blueprint.post("/receipt")
@members_only
def show_receipt(checkout_id: UUID) -> ResponseReturnValue:
    """The gateway is asked about the code; the page waits for what it says."""
    form = ReceiptForm(request.form)
    try:
        receipt_checks.show(checkout_id, person(), form.receipt.data or "")
    except (Invalid, Conflict) as problem:
        status = onto(form, problem)
        return page_of(checkouts.get(checkout_id, person()), form, status)
    return go("paying.show", checkout_id=checkout_id, _anchor="pay-state")
