"""Making the document a movement in the books calls for: last of all in the transaction that moves the money."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select

from app.extensions import db
from app.lib import clock, database
from app.lib.chance import new_id
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.lib.tables.unit_of_work import table_of
from app.models import (
    Attempt,
    Booking,
    LedgerTransaction,
    Practitioner,
    Receipt,
    ReceiptKind,
    ReceiptSeries,
    Refund,
)
from app.services import house
from app.services.core import payment_methods, restorations
from app.services.core.transaction import append, at_the_end, transaction
from app.services.ledger.receipts.taxes import included, of_practitioner
from app.services.notifications import preferences

HOUSE = "K"  # the series of what is paid to nobody in particular: credit
_ON_THE_WAY = ("received", "refunds")  # accounts whose money has not paid for anything
LATELY = timedelta(days=2)  # the audit of the night between looks at everything
_NEVER_KEPT = ("second_charge", "overpaid")  # reasons of refunds that nobody had a receipt for


@dataclass(frozen=True)
class _Cause:
    """A movement that calls for a document: a payment that was kept, or money that went back from whoever had it."""

    attempt_id: uuid.UUID
    refund_id: uuid.UUID | None
    practitioner_id: int | None
    amount: int

    @property
    def issuer(self) -> str:
        """Whose numbers the document is counted with."""
        return f"P{self.practitioner_id}" if self.practitioner_id else HOUSE


def on(posted: LedgerTransaction) -> None:
    """The document that the movement calls for is made before the open transaction ends; most call for none."""
    cause = _cause(posted)
    if cause is not None:
        at_the_end(f"receipt:{cause.issuer}", lambda: _issue(cause))


def _without_receipt_lately() -> Select[int]:
    return _without_receipt().where(LedgerTransaction.at >= moments.ago(LATELY))


def _without_note_lately() -> Select[uuid.UUID]:
    return _without_note().where(Refund.asked_at >= moments.ago(LATELY))


@found_by(_without_receipt_lately, _without_note_lately)
def catch_up(since: datetime | None = None) -> int:
    """How many documents were made for money that moved without one (`since` then): payments first, the oldest first."""
    done = 0
    for find in (_unreceipted, _uncredited):
        for posted_id in find(since):
            with transaction():
                posted = db.session.get_one(LedgerTransaction, posted_id)
                if not _has_receipt(posted):  # which another, at the same work, may have made
                    on(posted)
            done += 1
    return done


def _cause(posted: LedgerTransaction) -> _Cause | None:
    kept = [entry for entry in posted.entries if entry.account not in _ON_THE_WAY]
    if posted.kind not in ("land", "refund_asked") or not kept or posted.attempt_id is None:
        return None
    refund = next((uuid.UUID(entry.owner) for entry in posted.entries if entry.account == "refunds"), None)
    owner = next((int(entry.owner) for entry in kept if entry.account == "practitioner"), None)
    return _Cause(posted.attempt_id, refund, owner, abs(sum(entry.amount for entry in kept)))


def _has_receipt(posted: LedgerTransaction) -> bool:
    return posted.kind == "land" and posted.attempt_id is not None and _of_attempt(posted.attempt_id) is not None


def _without_receipt() -> Select[int]:
    has = select(Receipt.id).where(
        Receipt.attempt_id == LedgerTransaction.attempt_id, Receipt.kind == ReceiptKind.RECEIPT
    )
    return select(LedgerTransaction.id).where(LedgerTransaction.kind == "land", ~has.exists())


def _without_note() -> Select[uuid.UUID]:
    noted = select(Receipt.id).where(Receipt.refund_id == Refund.id)
    kept = select(Receipt.id).where(Receipt.attempt_id == Refund.attempt_id)
    return select(Refund.id).where(~noted.exists(), kept.exists(), Refund.reason.not_in(_NEVER_KEPT))


def _unreceipted(since: datetime | None) -> list[int]:
    statement = _without_receipt()
    lately = statement if since is None else statement.where(LedgerTransaction.at >= since)
    return list(db.session.scalars(lately.order_by(LedgerTransaction.id)))


def _uncredited(since: datetime | None) -> list[int]:
    statement = _without_note()
    lately = statement if since is None else statement.where(Refund.asked_at >= since)
    keys = [f"refund_asked:{refund_id}" for refund_id in db.session.scalars(lately)]
    # One that was split off another has no movement of its own: the other's note says all of it.
    found = (db.session.scalars(select(LedgerTransaction).where(LedgerTransaction.key == key)).first() for key in keys)
    return sorted(posted.id for posted in found if posted is not None and _cause(posted))


# ------------------------------------------------------------------------------------------------ one document


def _issue(cause: _Cause) -> None:
    row = _receipt(cause) if cause.refund_id is None else _credit_note(cause)
    if row is not None:
        series, nth = _next(cause.issuer)
        append(Receipt, row | {"series": series, "nth": nth, "number": f"{series}-{nth:06d}"})


def _receipt(cause: _Cause) -> dict[str, Any]:
    # There is none yet: the movement that calls for it has just come into the books, where its key happens once.
    attempt = db.session.get_one(Attempt, cause.attempt_id)
    checkout = attempt.checkout
    booking = db.session.get(Booking, checkout.booking_id) if checkout.booking_id else None
    issuer = db.session.get(Practitioner, cause.practitioner_id) if cause.practitioner_id else None
    tax = of_practitioner(issuer.id) if issuer else None
    rate = tax.rate if tax else 0
    return {
        "id": new_id(),
        "kind": ReceiptKind.RECEIPT,
        "attempt_id": attempt.id,
        "booking_id": checkout.booking_id,
        "client_id": checkout.client_id,
        "practitioner_id": cause.practitioner_id,
        "client_name": checkout.client.name,
        "issuer_name": issuer.name if issuer else _own_name(),
        "about": checkout.kind.value,
        "title": checkout.title if preferences.names_sessions(checkout.client) else "",
        "starts_at": booking.starts_at if booking else None,
        "zone": checkout.client.zone,
        "amount": cause.amount,
        "currency": attempt.currency,
        "method": _label(attempt.gateway),
        "charge_ref": attempt.charge_ref or "",
        "reference": attempt.reference,
        "reason": "",
        "tax_name": tax.name if tax else "",
        "tax_rate": rate,
        "tax_number": tax.number if tax else "",
        "tax_amount": included(cause.amount, rate),
        "issued_at": clock.now(),
    }


def _own_name() -> str:
    """Who issues what no practitioner does: the house."""
    return house.known().own_name or parseaddr(current_app.config["MAIL_FROM"])[0] or house.known().name


def _label(code: str) -> str:
    gateway = payment_methods.offered().get(code)
    return gateway.label if gateway else code


# What a credit note says as its receipt did; not the series, which may have ended with a going back to a backup.
_SAME = (
    *("attempt_id", "booking_id", "client_id", "practitioner_id", "client_name", "issuer_name", "about"),
    *("title", "starts_at", "zone", "currency", "method", "charge_ref", "reference"),
    *("tax_name", "tax_rate", "tax_number"),
)


def _credit_note(cause: _Cause) -> dict[str, Any] | None:
    receipt = _of_attempt(cause.attempt_id)
    refund = db.session.get_one(Refund, cause.refund_id)
    if receipt is None or db.session.scalar(select(Receipt.id).where(Receipt.refund_id == refund.id)):
        return None
    before = select(func.coalesce(func.sum(Receipt.amount), 0)).where(Receipt.corrects_id == receipt.id)
    credited = int(db.session.scalar(before) or 0)
    # Several parts of a payment give back just the tax that was in all of it.
    tax = included(credited + cause.amount, receipt.tax_rate) - included(credited, receipt.tax_rate)
    return dict(
        id=new_id(),
        kind=ReceiptKind.CREDIT_NOTE,
        refund_id=refund.id,
        corrects_id=receipt.id,
        amount=cause.amount,
        reason=refund.reason,
        tax_amount=tax,
        issued_at=clock.now(),
        **{name: getattr(receipt, name) for name in _SAME},
    )


def _of_attempt(attempt_id: uuid.UUID) -> Receipt | None:
    statement = select(Receipt).where(Receipt.attempt_id == attempt_id, Receipt.kind == ReceiptKind.RECEIPT)
    return db.session.scalars(statement).one_or_none()


def _next(issuer: str) -> tuple[str, int]:
    """The issuer's series and the number after its last; others who want one wait until this transaction has ended, either way."""
    first = database.insert(db.engine, table_of(ReceiptSeries)).values(code=restorations.series(issuer), last=1)
    after = first.on_conflict_do_update(index_elements=["code"], set_={"last": ReceiptSeries.last + 1})
    code, last = db.session.execute(after.returning(ReceiptSeries.code, ReceiptSeries.last)).one()
    return code, last
