"""Comparing the books with a list of what a gateway really took and gave back, such as the sandbox's own."""

import uuid
from collections import Counter
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import Attempt, LedgerEntry, LedgerTransaction, Refund
from app.services.backoffice.reconciliation.audit_runs import Breach
from app.services.core import payment_methods

_SIGN = {"capture": 1, "refund": -1, "refund_failed": 1}


def compare(entries: list[dict[str, Any]]) -> list[Breach]:
    """Where the books and the list differ; an entry names gateway, kind, charge_ref, amount and currency (minor units)."""
    found = (_unknown_charges(entries), _payments(entries), _sums(entries))
    return [breach for breach in found if breach is not None]


def _unknown_charges(entries: list[dict[str, Any]]) -> Breach | None:
    taken = {(e["gateway"], e["charge_ref"], e["reference"]) for e in entries if e["kind"] == "capture"}
    known = set(map(tuple, db.session.execute(select(Attempt.gateway, Attempt.charge_ref))))
    known |= set(map(tuple, db.session.execute(select(Attempt.gateway, Refund.charge_ref).join(Refund))))
    # Confirmed by a query that names no receipt (M-Pesa, with the callback lost): known by our own reference.
    nameless = select(Attempt.gateway, Attempt.reference).where(Attempt.charge_ref.is_(None), Attempt.status == "paid")
    by_reference = set(map(tuple, db.session.execute(nameless)))
    missing = [
        f"{gateway} {charge}"
        for gateway, charge, reference in sorted(taken)
        if (gateway, charge) not in known and (gateway, reference) not in by_reference
    ]
    return Breach("unknown_charge", "every charge the gateway made is known", missing) if missing else None


def _payments(entries: list[dict[str, Any]]) -> Breach | None:
    """Two mistakes that cancel each other out in the sum are two here: what is right of each payment."""
    attempt_of = _attempts()
    theirs: Counter[uuid.UUID] = Counter()
    for entry in entries:
        keys = ((entry["gateway"], entry[name]) for name in ("charge_ref", "reference"))
        if attempt_id := next(filter(None, map(attempt_of.get, keys)), None):
            theirs[attempt_id] += _SIGN[entry["kind"]] * int(entry["amount"])
    ours = _kept_there()
    wrong = [
        f"payment {each}: the books say {ours.get(each, 0)}, the gateway {theirs[each]}"
        for each in sorted({*theirs, *ours})
        if ours.get(each, 0) != theirs[each]
    ]
    return Breach("other_payment", "of every payment the books say what the gateway has", wrong) if wrong else None


def _attempts() -> dict[tuple[str, str], uuid.UUID]:
    """Whose each charge is, and each reference of ours."""
    by_reference = select(Attempt.gateway, Attempt.reference, Attempt.id)
    by_charge = select(Attempt.gateway, Attempt.charge_ref, Attempt.id)
    others = select(Attempt.gateway, Refund.charge_ref, Attempt.id).join(Refund)
    statements = (by_reference, others, by_charge)
    return {(gateway, ref): of for each in statements for gateway, ref, of in db.session.execute(each) if ref}


def _kept_there() -> dict[uuid.UUID, int]:
    statement = (
        select(LedgerTransaction.attempt_id, LedgerEntry.owner, func.sum(LedgerEntry.amount))
        .join(LedgerEntry.transaction)
        .where(LedgerEntry.account == "gateway", LedgerTransaction.kind != "dispute_lost")
        .group_by(LedgerTransaction.attempt_id, LedgerEntry.owner)
    )
    unlisted = payment_methods.codes_by_hand()  # no vendor has a list of these
    rows = db.session.execute(statement)
    return {of: -int(amount) for of, owner, amount in rows if of and owner.partition(":")[0] not in unlisted}


def _sums(entries: list[dict[str, Any]]) -> Breach | None:
    theirs: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        theirs[entry["gateway"], entry["currency"]] += _SIGN[entry["kind"]] * int(entry["amount"])
    ours = _balances()
    wrong = [
        f"{gateway} {currency}: the books say {ours.get((gateway, currency), 0)}, the gateway {theirs[gateway, currency]}"
        for gateway, currency in sorted({*theirs, *ours})
        if ours.get((gateway, currency), 0) != theirs[gateway, currency]
    ]
    return Breach("other_sum", "the books say what the gateway holds", wrong) if wrong else None


def _balances() -> dict[tuple[str, str], int]:
    statement = (
        select(LedgerEntry.owner, LedgerEntry.currency, func.sum(LedgerEntry.amount))
        .join(LedgerTransaction)
        .where(LedgerEntry.account == "gateway", LedgerTransaction.kind != "dispute_lost")
        .group_by(LedgerEntry.owner, LedgerEntry.currency)
    )
    rows = db.session.execute(statement)
    unlisted = payment_methods.codes_by_hand()  # no vendor has a list of these
    return {
        (owner, currency): -int(amount) for owner, currency, amount in rows if owner.partition(":")[0] not in unlisted
    }
