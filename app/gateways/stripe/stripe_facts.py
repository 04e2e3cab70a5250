"""What Stripe's objects say about money, as facts: pure translation of plain dicts, no calls.

Events: https://docs.stripe.com/api/events/types; amounts: https://docs.stripe.com/currencies. A field that is missing
raises (see http.WRONG_SHAPE); the caller says what that means where it stands.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from app.domain.money import Money, exponent
from app.gateways.base import (
    Authorised,
    Confirmed,
    Failed,
    FailureCode,
    PaymentOutcome,
    Pending,
    Refunded,
    RefundFailed,
    RefundOutcome,
)
from app.gateways.http import Json, checked_id, maybe_id, maybe_ours, minor_units, short_text, unix_seconds
from app.gateways.stripe.stripe_codes import CANCELLATIONS, DECLINES, longest_of, refund_failure

# Whose amounts Stripe counts in whole units. It differs from ISO 4217 (money.py): MGA is here, ISK is not.
_ZERO_DECIMAL = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF"
ZERO_DECIMAL = frozenset(_ZERO_DECIMAL.split())

# ---------------------------------------------------------------------------------------------------- money


def to_units(money: Money) -> int:
    """The amount as Stripe counts it. Raises ValueError when Stripe has no unit as small."""
    amount = money.major.scaleb(_decimals(money.currency))
    if amount != int(amount):
        raise ValueError(f"Stripe cannot express this amount of {money.currency}")
    return int(amount)


def to_money(amount: object, currency: str) -> Money:
    """Money from an amount as Stripe counts it and its lower-case code. Raises ValueError."""
    code = currency.upper()
    return Money.from_major(Decimal(minor_units(amount)).scaleb(-_decimals(code)), code)


def _decimals(code: str) -> int:
    return 0 if code in ZERO_DECIMAL else max(2, exponent(code))


# ---------------------------------------------------------------------------------------------------- payments


def session_outcome(session: Json) -> PaymentOutcome:
    """What a Checkout Session says of its payment; an expanded intent inside it knows more than the session."""
    outcome = _session_outcome(session)
    if isinstance(outcome, Pending) and outcome.in_flight and session["status"] == "complete":
        return replace(outcome, settles_by=_settles_by(session))
    return outcome


def _session_outcome(session: Json) -> PaymentOutcome:
    intent = session.get("payment_intent")
    inside = intent if isinstance(intent, dict) else {}
    if inside.get("status") in ("succeeded", "requires_capture"):
        return intent_outcome(inside)
    if session["payment_status"] in ("paid", "no_payment_required"):
        return Confirmed(to_money(session["amount_total"], session["currency"]), id_of(intent))
    if session["status"] == "expired":
        return Failed(FailureCode.SESSION_EXPIRED, "expired")
    if inside:
        return _inside(intent_outcome(inside), payable=session["status"] == "open")
    # Complete and unpaid is a delayed method on its way; an intent we cannot see into may be anything.
    return Pending(in_flight=intent is not None or session["status"] != "open")


def _settles_by(session: Json) -> datetime | None:
    """The latest that the payer's bank may take; the payer was on the page before it would have expired."""
    takes = longest_of(session.get("payment_method_types") or [])
    until = session.get("expires_at")
    return instant(until) + takes if takes and until is not None else None


def instant(seconds: object) -> datetime:
    """Aware UTC from Stripe's seconds. Raises ValueError."""
    return datetime.fromtimestamp(unix_seconds(seconds), UTC)


def intent_outcome(intent: Json) -> PaymentOutcome:
    """What a PaymentIntent says of its payment; a declined one is Pending, for its page may be paid again."""
    read = _BY_STATUS.get(intent["status"])
    return read(intent) if read else Pending()


def _inside(outcome: PaymentOutcome, payable: bool) -> PaymentOutcome:
    # A declined intent ends the payment only when its page is closed; a cancelled one says nothing while it is open.
    if not payable and isinstance(outcome, Pending) and not outcome.in_flight:
        return Failed(outcome.hint or FailureCode.DECLINED)
    if payable and isinstance(outcome, Failed):
        return Pending(in_flight=False, hint=outcome.code)
    return outcome


def _succeeded(intent: Json) -> Confirmed:
    money = to_money(intent["amount_received"], intent["currency"])
    return Confirmed(money, checked_id(intent["id"]), taken_at=_charged_at(intent))


def _charged_at(intent: Json) -> datetime | None:
    # Of what settles later, the charge is made when the payer's bank is only asked.
    charge = intent.get("latest_charge")
    if not isinstance(charge, dict) or (charge.get("payment_method_details") or {}).get("type") != "card":
        return None
    return instant(charge["created"])


def _authorised(intent: Json) -> Authorised:
    money = to_money(intent["amount_capturable"], intent["currency"])
    return Authorised(money, checked_id(intent["id"]), _capture_before(intent))


def declined_intent(intent: Json) -> Pending:
    """A decline leaves the session open and payable, so it is a hint and no end."""
    error = intent.get("last_payment_error")
    return Pending(in_flight=False, hint=decline(error) if error else None)


def _cancelled(intent: Json) -> Failed:
    reason = short_text(intent.get("cancellation_reason") or "canceled")
    return Failed(CANCELLATIONS.get(reason, FailureCode.SESSION_EXPIRED), reason)


def decline(error: Json) -> FailureCode:
    """Our word for Stripe's error object: the bank's own code first, then Stripe's."""
    known = (DECLINES.get(str(error.get(key))) for key in ("decline_code", "code"))
    return next(filter(None, known), FailureCode.DECLINED)


def _capture_before(intent: Json) -> datetime | None:
    charge = intent.get("latest_charge")
    details = (charge.get("payment_method_details") or {}) if isinstance(charge, dict) else {}
    until = (details.get("card") or {}).get("capture_before")
    return instant(until) if until is not None else None


def id_of(thing: object) -> str | None:
    """The id, which Stripe gives alone or, where it was expanded, in its object."""
    return maybe_id(thing.get("id") if isinstance(thing, dict) else thing)


_BY_STATUS: dict[str, Callable[[Json], PaymentOutcome]] = {
    "succeeded": _succeeded,
    "requires_capture": _authorised,
    "requires_payment_method": declined_intent,
    "canceled": _cancelled,
}

# ---------------------------------------------------------------------------------------------------- refunds


def refund_outcome(refund: Json) -> RefundOutcome:
    """What a Refund says; one that Stripe has not finished is Pending."""
    status = refund["status"]
    ref = checked_id(refund["id"])
    key = key_of(refund)
    charge = id_of(refund.get("payment_intent")) or id_of(refund.get("charge"))
    if status == "succeeded":
        return Refunded(to_money(refund["amount"], refund["currency"]), ref, key, charge)
    if status in ("failed", "canceled"):
        reason = short_text(refund.get("failure_reason") or status)
        return RefundFailed(reason, ref, key, charge, refund_failure(reason))
    return Pending(refund_ref=ref)


def reference_of(thing: Json) -> str | None:
    """Our reference on a session, an intent or a charge of ours."""
    return maybe_ours(thing.get("client_reference_id")) or word_of(thing, "reference")


def key_of(refund: Json) -> str | None:
    """Our own key on a refund, if we made it."""
    return word_of(refund, "refund_key")


def installation_of(thing: Json) -> str | None:
    """Which Kikao of the account the object is of, if it says so."""
    return word_of(thing, "installation")


def word_of(thing: Json, key: str) -> str | None:
    """What we, or others, keep under this name with the object."""
    metadata = thing.get("metadata")
    return maybe_ours(metadata.get(key)) if isinstance(metadata, dict) else None
