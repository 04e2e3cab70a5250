"""What a payer or a bank does to a Stripe session: pay, be declined, settle late; and capture and cancel."""

from sandbox.core.clock import now
from sandbox.core.context import Sandbox
from sandbox.core.errors import Refused, Unknown
from sandbox.core.money_log import Movement
from sandbox.core.store import Doc
from sandbox.stripe import methods, objects
from sandbox.stripe.events import tell
from sandbox.stripe.sessions import end, save

DECLINES = {
    "4000000000000002": "generic_decline",
    "4000000000009995": "insufficient_funds",
    "4000000000000069": "expired_card",
    "4000000000000119": "processing_error",
}
GOOD_CARD = "4242424242424242"
_ON_ITS_WAY = ("processing", "requires_action")  # the statuses of an intent that a slow way to pay has


def pay(sandbox: Sandbox, session_id: str, amount: int | None = None, currency: str = "", delayed: bool = False) -> Doc:
    """The payer pays. Another `amount` or `currency`: an authentic payment of wrong money. `delayed`: settled later, where
    the page offers a way that is.
    """
    with sandbox.store.change():
        session = _open(sandbox, session_id)
        slow = methods.slow_one(session) if delayed else None
        if delayed and slow is None:
            raise Refused("This page offers no way to pay that settles later.")
        session |= {"amount_total": amount or session["amount_total"], "currency": currency or session["currency"]}
        intent = _intent(sandbox, session)
        charge = objects.charge(intent)
        intent |= {"latest_charge": charge["id"], "last_payment_error": None, "payment_method": "pm_card_visa"}
        session |= {"status": "complete", "url": None, "payment_intent": intent["id"]}
        session["customer_details"] = {"email": session["customer_email"] or "payer@example.test"}
        if slow:
            _begin_delayed(sandbox, intent, charge, slow)
        elif intent["capture_method"] == "manual":
            _reserve(sandbox, intent, charge)
        else:
            _take(sandbox, session, intent, charge, intent["amount"])
        save(sandbox, session)
        tell(sandbox, "checkout.session.completed", session)
        return session


def decline(sandbox: Sandbox, session_id: str, reason: str = "generic_decline") -> Doc:
    """The card is refused; the session stays open and payable."""
    with sandbox.store.change():
        session = _open(sandbox, session_id)
        intent = _intent(sandbox, session)
        session["payment_intent"] = intent["id"]
        save(sandbox, session)
        _fail(sandbox, intent, reason)
        return session


def settle(sandbox: Sandbox, session_id: str, success: bool = True) -> Doc:
    """A delayed payment arrives, or does not."""
    with sandbox.store.change():
        session = _session(sandbox, session_id)
        intent = sandbox.store.get("intent", session["payment_intent"] or "")
        if session["payment_status"] == "paid" or intent is None or intent["status"] not in _ON_ITS_WAY:
            raise Refused("No delayed payment is under way in this session.")
        if success:
            _take(
                sandbox, session, intent, sandbox.store.get("charge", intent["latest_charge"]) or {}, intent["amount"]
            )
            save(sandbox, session)
            tell(sandbox, "checkout.session.async_payment_succeeded", session)
        else:
            _fail(sandbox, intent, "generic_decline")
            tell(sandbox, "checkout.session.async_payment_failed", session)
        return session


def run_out(sandbox: Sandbox, session_id: str) -> Doc:
    """The session's time is over, as if its expires_at had come."""
    with sandbox.store.change():
        return end(sandbox, _open(sandbox, session_id))


def capture(sandbox: Sandbox, intent: Doc, amount: int) -> Doc:
    """Reserved money is taken; what is not taken is free again."""
    charge = sandbox.store.get("charge", intent["latest_charge"]) or {}
    session = _session(sandbox, intent["_session"])
    _take(sandbox, session, intent, charge, amount)
    save(sandbox, session)
    tell(sandbox, "charge.captured", charge)
    return intent


def cancel(sandbox: Sandbox, intent: Doc, reason: str | None) -> Doc:
    """Reserved money is free again."""
    intent |= {"status": "canceled", "canceled_at": int(now()), "cancellation_reason": reason, "amount_capturable": 0}
    put(sandbox, "intent", intent)
    if charge := sandbox.store.get("charge", intent["latest_charge"] or ""):
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        put(sandbox, "charge", charge)
        tell(sandbox, "charge.refunded", charge)
    tell(sandbox, "payment_intent.canceled", intent)
    return intent


def lapse(sandbox: Sandbox, intent_id: str) -> Doc:
    """The reservation was not captured in time and ends by itself."""
    with sandbox.store.change():
        intent = sandbox.store.get("intent", intent_id)
        if intent is None:
            raise Unknown(f"No payment intent {intent_id}.")
        if intent["status"] != "requires_capture":
            raise Refused(f"This intent is {intent['status']}.")
        return cancel(sandbox, intent, "automatic")


def put(sandbox: Sandbox, kind: str, doc: Doc) -> None:
    """Remember an intent or a charge; charges are findable by their intent."""
    sandbox.store.put(kind, doc["id"], doc, ref=doc.get("payment_intent"))


# ------------------------------------------------------------------------------------------------ steps


def _session(sandbox: Sandbox, session_id: str) -> Doc:
    session = sandbox.store.get("session", session_id)
    if session is None:
        raise Unknown(f"No session {session_id}.")
    return session


def _open(sandbox: Sandbox, session_id: str) -> Doc:
    session = _session(sandbox, session_id)
    if session["status"] != "open" or session["expires_at"] <= now():
        raise Refused(f"This session is {session['status'] if session['status'] != 'open' else 'expired'}.")
    return session


def _intent(sandbox: Sandbox, session: Doc) -> Doc:
    intent = sandbox.store.get("intent", session["payment_intent"] or "")
    if intent is None:
        intent = objects.intent(session)
        tell(sandbox, "payment_intent.created", intent)
    return intent | {"amount": session["amount_total"], "currency": session["currency"]}


def _take(sandbox: Sandbox, session: Doc, intent: Doc, charge: Doc, amount: int) -> None:
    """The money is the merchant's."""
    was_reserved = intent["status"] == "requires_capture"
    charge |= {"captured": True, "amount_captured": amount, "paid": True, "status": "succeeded"}
    charge["amount_refunded"] = charge["amount"] - amount
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    session["payment_status"] = "paid"
    put(sandbox, "charge", charge)
    put(sandbox, "intent", intent)
    sandbox.moved(Movement("stripe", "capture", intent["id"], intent["_reference"], amount, intent["currency"]))
    if not was_reserved:
        tell(sandbox, "charge.succeeded", charge)
    tell(sandbox, "payment_intent.succeeded", intent)


def _reserve(sandbox: Sandbox, intent: Doc, charge: Doc) -> None:
    """The money is reserved; the session is complete but unpaid until the capture."""
    intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
    put(sandbox, "charge", charge)
    put(sandbox, "intent", intent)
    tell(sandbox, "charge.succeeded", charge)
    tell(sandbox, "payment_intent.amount_capturable_updated", intent)


def _begin_delayed(sandbox: Sandbox, intent: Doc, charge: Doc, method: str) -> None:
    """The bank is asked, which answers days later; or the payer has a voucher to pay at a counter."""
    intent |= {
        "status": "requires_action" if method in methods.VOUCHERS else "processing",
        "payment_method": f"pm_{method}",
    }
    charge |= {"status": "pending", "paid": False, "payment_method_details": {"type": method, method: {}}}
    put(sandbox, "charge", charge)
    put(sandbox, "intent", intent)
    tell(sandbox, f"payment_intent.{intent['status']}", intent)


def _fail(sandbox: Sandbox, intent: Doc, reason: str) -> None:
    text = "Your card has insufficient funds." if reason == "insufficient_funds" else "Your card was declined."
    charge = objects.charge(intent, "0002")
    charge |= {"status": "failed", "paid": False, "failure_code": "card_declined", "failure_message": text}
    error = {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": reason,
        "message": text,
        "charge": charge["id"],
    }
    intent |= {"status": "requires_payment_method", "last_payment_error": error, "latest_charge": charge["id"]}
    put(sandbox, "charge", charge)
    put(sandbox, "intent", intent)
    tell(sandbox, "charge.failed", charge)
    tell(sandbox, "payment_intent.payment_failed", intent)
