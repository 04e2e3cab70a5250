"""The desk all of it happens at: who comes in, and the pages as they are shown, also with a form that did not pass."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import Form

from app import words
from app.blueprints.backoffice.staff_forms import CodeForm, EvidenceForm, RefundForm, ReviewForm
from app.blueprints.common.access import needs, person
from app.lib.phones import numbers
from app.models import Refund, Review, Role
from app.services.backoffice import disputes, repair
from app.services.backoffice.overview import money_page, payment_story, queues
from app.services.payments import webhook_monitor

blueprint = Blueprint("staff", __name__, url_prefix="/staff")


@blueprint.before_request
@needs(Role.STAFF)
def enter() -> None:
    """Only staff come in."""


@blueprint.app_template_global("gateway_label")
def gateway_label(code: str) -> str:
    """What people call the gateway, in the reader's language."""
    return str(words.OWN_METHODS.get(code) or words.method(money_page.label(code)))


class Forms:
    """The forms of a page, each made when the page comes to it; `tried` is the one that was sent and did not pass."""

    def __init__(self, tried: Form | None = None, mark: str = "") -> None:
        self.tried = tried
        self._mark = mark
        if tried is not None and mark:  # now: the summary of what is wrong comes before the form
            _name(tried, mark)

    def review(self, review: Review) -> Form:
        """What becomes of the review."""
        return self._form(f"review-{review.id}", _l("How can this be checked?"), lambda: ReviewForm.of(review))

    def by_hand(self, refund: Refund) -> Form:
        """How the refund was sent by hand."""
        return self._form(f"by_hand-{refund.id}", _l("How did you send it?"), EvidenceForm)

    def waiver(self, refund: Refund, means: str) -> Form:
        """Why the refund is not owed."""
        return self._form(f"{means}-{refund.id}", _l("How can this be checked?"), EvidenceForm)

    def dispute(self, end: str, dispute_id: int) -> Form:
        """How the dispute ended at the gateway."""
        return self._form(f"{end}-{dispute_id}", _l("How can this be checked?"), EvidenceForm)

    def payout(self, act: str, payout_id: uuid.UUID) -> Form:
        """How the credit was sent, or why not."""
        label = _l("How did you send it?") if act == "settle" else _l("Why not?")
        return self._form(f"{act}-{payout_id}", label, EvidenceForm)

    def dismissal(self, entry_id: int) -> Form:
        """Why nobody need look at the news."""
        return self._form(f"dismiss-{entry_id}", _l("Why does nobody need to look at it?"), EvidenceForm)

    def refund(self, told: payment_story.Story) -> Form:
        """How much of the payment goes back."""
        return self._form("refund", _l("Why are you refunding it?"), lambda: RefundForm.of(told.left))

    @property
    def code(self) -> Form:
        """The code of the payment, with what was typed if it did not pass."""
        return self.tried if isinstance(self.tried, CodeForm) else CodeForm()

    def is_tried(self, form: Form) -> bool:
        """Whether this form is the one that came back: it stands open then."""
        return form is self.tried

    def _form(self, mark: str, label: LazyString, make: Callable[[], EvidenceForm]) -> Form:
        form = self.tried if self.tried is not None and mark == self._mark else make()
        form["evidence"].label.text = label
        return _name(form, mark)


def _name(form: Form, mark: str) -> Form:
    for name, field in form._fields.items():
        field.id = f"{name}-{mark}"
    return form


def payment_page(attempt_id: uuid.UUID, forms: Forms | None = None) -> str:
    """One payment's whole story, and what can be done about it."""
    told = payment_story.tell(attempt_id)
    return render_template(
        "backoffice/payment.html",
        story=told,
        forms=forms or Forms(),
        can_ask=repair.can_be_asked(told.attempt),
        takes_receipt=repair.takes_receipt(told.attempt),
        way_back=repair.way_back(told.attempt),
        decisions=repair.decisions_for,
        remedies=lambda refund: repair.remedies_for(refund, person()),
        hidden=lambda text: payment_story.number_hidden(told.attempt, text),
        pretty=_pretty,
    )


def queue_page(name: str, forms: Forms | None = None) -> str:
    """One queue, with everything that can be done about what stands in it."""
    return render_template(
        "backoffice/queue.html",
        name=name,
        names=queues.NAMES,
        rows=queues.rows(name),
        totals=queues.totals(),
        most=queues.SHOWN,
        forms=forms or Forms(),
        can_ask=repair.can_be_asked,
        decisions=repair.decisions_for,
        remedies=lambda refund: repair.remedies_for(refund, person()),
        holders_of=disputes.holders_of,
        hidden=numbers.masked_in,
        pretty=_pretty,
        shares=webhook_monitor.shares() if name == "events" else [],
    )


def _pretty(fact: dict[str, Any]) -> str:
    return json.dumps(fact, indent=2, sort_keys=True, ensure_ascii=False)
