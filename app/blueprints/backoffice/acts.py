"""Acting: every door here is a POST that does one thing of services/backoffice/repair and goes back to where it was pressed.

What cannot be is said on the same page: beside its field with everything typed kept, or, where things have moved on
meanwhile, over the page as it is now (409).
"""

import uuid
from collections.abc import Callable
from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import Form

from app import words
from app.blueprints.backoffice.desk import Forms, blueprint, payment_page, queue_page
from app.blueprints.backoffice.staff_forms import CodeForm, EvidenceForm, RefundForm, ReviewForm
from app.blueprints.common import web
from app.blueprints.common.access import person
from app.blueprints.common.fresh_proof import freshly_proved
from app.blueprints.common.redirects import go
from app.blueprints.common.submissions import onto
from app.domain.lifecycle import RefundMeans
from app.extensions import db
from app.models import Dispute, InboxEntry, Refund, Review
from app.services.backoffice import reconciliation, repair
from app.services.backoffice.overview import payment_story
from app.services.core.errors import Conflict, Invalid, NotFound, Problem, check_all

_ID = "int(max=2147483647)"


def _act(
    work: Callable[[], object], attempt_id: uuid.UUID | None, queue: str, form: Form | None = None, mark: str = ""
) -> ResponseReturnValue:
    """The work is done and its sentence said, on the page where it was asked for: the queue, else the payment's."""
    at_queue = request.form.get("queue") == queue or attempt_id is None
    try:
        flash(str(work()), "success")
    except Invalid as problem:
        return _again(problem, attempt_id, queue if at_queue else "", form, mark)
    except Conflict as problem:
        db.session.rollback()
        flash(words.problem(problem.code, problem.values), "error")
        return _page(attempt_id, queue if at_queue else "", Forms()), problem.status
    return go("staff.queue", name=queue) if at_queue else go("staff.payment", attempt_id=attempt_id)


def _again(
    problem: Problem, attempt_id: uuid.UUID | None, queue: str, form: Form | None, mark: str
) -> ResponseReturnValue:
    if form is None:
        raise problem
    status = onto(form, problem)
    return _page(attempt_id, queue, Forms(form, mark)), status


def _page(attempt_id: uuid.UUID | None, queue: str, forms: Forms) -> str:
    return payment_page(attempt_id, forms) if attempt_id and not queue else queue_page(queue, forms)


# ------------------------------------------------------------------------------------------------ the whole house


@blueprint.post("/audit")
def run_audit() -> ResponseReturnValue:
    """The books are looked over now."""
    found = reconciliation.run()
    wrong = len(found.breaches)
    if wrong:
        flash(ngettext("%(num)s rule is broken: see below.", "%(num)s rules are broken: see below.", wrong), "error")
    else:
        flash(_("The books are in order: %(checks)s rules were checked.", checks=found.checks), "success")
    return go("staff.money")


# ------------------------------------------------------------------------------------------------ a payment


@blueprint.post("/payments/<uuid:attempt_id>/ask")
def ask(attempt_id: uuid.UUID) -> ResponseReturnValue:
    """The gateway is asked now; whatever it says goes the way of all news."""

    def work() -> object:
        repair.ask_gateway(attempt_id, person())
        status = words.STATUSES[payment_story.attempt(attempt_id).status]
        return _("We asked the gateway. Payment status: %(status)s.", status=status)

    return _act(work, attempt_id, "waiting")


@blueprint.post("/payments/<uuid:attempt_id>/receipt")
@freshly_proved  # it may confirm a booking
def enter_receipt(attempt_id: uuid.UUID) -> ResponseReturnValue:
    """The gateway is asked about the code; what it says lands, is refused or stands among the reviews."""
    form = CodeForm(request.form)

    def work() -> object:
        check = repair.enter_receipt(attempt_id, form.receipt.data or "", person())
        return _("%(code)s: %(state)s.", code=check.receipt, state=words.RECEIPT_STATES[check.status])

    return _act(work, attempt_id, "", form, "receipt")


@blueprint.post("/payments/<uuid:attempt_id>/refund")
@freshly_proved
def refund(attempt_id: uuid.UUID) -> ResponseReturnValue:
    """So much of the payment goes back."""
    form = RefundForm(request.form)
    currency = payment_story.attempt(attempt_id).currency

    def work() -> object:
        why = form.evidence.data or ""
        check_all((lambda: form.money(currency), lambda: repair.checked_evidence(why, "why_missing")))
        made = repair.refund(attempt_id, form.money(currency), why, person(), seen=form.seen(currency))
        amount = web.money(made.money)
        return _("Refund of %(amount)s started: %(how)s.", amount=amount, how=words.MEANS[made.means])

    return _act(work, attempt_id, "", form, "refund")


@blueprint.post(f"/events/<{_ID}:entry_id>/replay")
def replay(entry_id: int) -> ResponseReturnValue:
    """The event is believed once more."""
    entry = db.session.get(InboxEntry, entry_id)
    if entry is None:
        raise NotFound

    def work() -> object:
        state = words.NEWS[repair.replay(entry_id, person())]
        return _("The event was processed again: %(state)s.", state=state)

    return _act(work, entry.attempt_id, "events")


@blueprint.post(f"/events/<{_ID}:entry_id>/dismiss")
def dismiss(entry_id: int) -> ResponseReturnValue:
    """The event stands in the queue no more."""
    form = EvidenceForm(request.form)

    def work() -> object:
        repair.dismiss(entry_id, form.said, person())
        return _("Dismissed. It will still be processed if we learn of its payment.")

    return _act(work, None, "events", form, f"dismiss-{entry_id}")


@blueprint.post(f"/reviews/<{_ID}:review_id>/resolve")
@freshly_proved  # most decisions send money
def resolve(review_id: int) -> ResponseReturnValue:
    """The review is closed with a decision."""
    review = db.session.get(Review, review_id)
    if review is None:
        raise NotFound
    attempt_id = review.attempt_id
    form = ReviewForm(request.form)
    form.prepare(review)

    def work() -> object:
        decided = repair.resolve(review_id, form.decision.data or "", form.evidence.data or "", person())
        return words.RESOLVED[repair.outcome(decided)]

    return _act(work, attempt_id, "reviews", form, f"review-{review_id}")


# ------------------------------------------------------------------------------------------------ refunds and payouts

_REMEDIES: dict[str, Callable[[uuid.UUID, str, Any], Refund]] = {
    "retry": lambda key, _evidence, staff: repair.retry_refund(key, staff),
    "chase": lambda key, _evidence, staff: repair.chase_refund(key, staff),
    "credit": lambda key, _evidence, staff: repair.credit_refund(key, staff),
    "by_hand": repair.settle_refund,
    "before": lambda key, evidence, staff: repair.propose_waiver(key, RefundMeans.BEFORE, evidence, staff),
    "not_owed": lambda key, evidence, staff: repair.propose_waiver(key, RefundMeans.NOT_OWED, evidence, staff),
    "agree": lambda key, _evidence, staff: repair.agree_waiver(key, staff),
    "withdraw": lambda key, _evidence, staff: repair.withdraw_waiver(key, staff),
}


@blueprint.post(
    "/refunds/<uuid:refund_id>/<any(retry, chase, credit, by_hand, before, not_owed, agree, withdraw):remedy>"
)
@freshly_proved
def mend_refund(refund_id: uuid.UUID, remedy: str) -> ResponseReturnValue:
    """A refund that does not get through is tried again, or ends another way."""
    found = db.session.get(Refund, refund_id)
    if found is None:
        raise NotFound
    form = EvidenceForm(request.form)

    def work() -> object:
        _REMEDIES[remedy](refund_id, form.said, person())
        return words.REMEDIES[remedy][1]

    return _act(work, found.attempt_id, "refunds", form, f"{remedy}-{refund_id}")


@blueprint.post(f"/disputes/<{_ID}:dispute_id>/<any(won, lost):end>")
def end_dispute(dispute_id: int, end: str) -> ResponseReturnValue:
    """A dispute has ended at the gateway, and staff say how."""
    found = db.session.get(Dispute, dispute_id)
    if found is None:
        raise NotFound
    form = EvidenceForm(request.form)

    def work() -> object:
        repair.end_dispute(dispute_id, end, form.said, person())
        return words.dispute(end, "")

    return _act(work, found.attempt_id, "disputes", form, f"{end}-{dispute_id}")


@blueprint.post("/payouts/<uuid:payout_id>/<any(settle, refuse):act>")
@freshly_proved
def answer_payout(payout_id: uuid.UUID, act: str) -> ResponseReturnValue:
    """The credit was sent by hand, or is in the wallet again."""
    form = EvidenceForm(request.form)

    def work() -> object:
        evidence = form.evidence.data or ""
        if act == "settle":
            repair.settle_payout(payout_id, evidence, person())
            return _("Noted: you sent the money by hand. The client will be told.")
        repair.refuse_payout(payout_id, evidence, person())
        return _("The money is back in the client's wallet. The client will be told why.")

    return _act(work, None, "payouts", form, f"{act}-{payout_id}")


@blueprint.post(f"/messages/<{_ID}:delivery_id>/mail")
def send_again(delivery_id: int) -> ResponseReturnValue:
    """A message that has not gone out is sent now."""

    def work() -> object:
        if repair.try_send_again(delivery_id, person()):
            return _("The message has been sent, or is no longer needed.")
        return _("The message was not accepted. We will try again automatically.")

    return _act(work, None, "messages")
