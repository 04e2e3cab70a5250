"""Payment intents and charges as the API shows them, and the calls capture and cancel."""

from sandbox.core.context import box
from sandbox.core.endpoints import Params
from sandbox.core.store import Doc
from sandbox.core.text import words
from sandbox.stripe import payments
from sandbox.stripe.wire import StripeError, endpoint, found, integer, known, listing

_CAPTURE = words("amount_details amount_to_capture final_capture metadata statement_descriptor")


@endpoint("/payment_intents/<intent_id>", "GET", "intent")
def retrieve_intent(_: Params, intent_id: str) -> Doc:
    """The intent as it is now."""
    return found("intent", intent_id, "payment_intent", "intent")


@endpoint("/payment_intents", "GET", "lists")
def list_intents(params: Params) -> Doc:
    """Newest first; `created` filters."""
    known(params, words("created customer customer_account ending_before limit starting_after"))
    return listing("/v1/payment_intents", box().store.all("intent"), params)


@endpoint("/payment_intents/<intent_id>/capture", "POST", "capture")
def capture(params: Params, intent_id: str) -> Doc:
    """Take reserved money, all of it or less."""
    known(params, _CAPTURE)
    intent = retrieve_intent(params, intent_id)
    _must_be(intent, "captured", "requires_capture")
    amount = integer(params.get("amount_to_capture", intent["amount"]), "amount_to_capture")
    if not 0 < amount <= intent["amount"]:
        text = "The amount to capture must be positive and at most the amount authorised."
        raise StripeError(400, text, code="amount_too_large", param="amount_to_capture")
    return payments.capture(box(), intent, amount)


@endpoint("/payment_intents/<intent_id>/cancel", "POST", "cancel")
def cancel(params: Params, intent_id: str) -> Doc:
    """Free reserved money. An intent of a session that is still open is ended by expiring the session instead."""
    known(params, words("cancellation_reason"))
    intent = retrieve_intent(params, intent_id)
    session = box().store.get("session", intent["_session"]) or {}
    if session.get("status") == "open":
        text = "You cannot cancel the PaymentIntent of a Checkout Session. Expire the Checkout Session instead."
        raise StripeError(400, text, code="payment_intent_unexpected_state")
    _must_be(intent, "canceled", "requires_capture")
    return payments.cancel(box(), intent, params.get("cancellation_reason"))


@endpoint("/charges/<charge_id>", "GET", "charge")
def retrieve_charge(_: Params, charge_id: str) -> Doc:
    """The charge as it is now."""
    return found("charge", charge_id, "charge")


@endpoint("/charges", "GET", "charge")
def list_charges(params: Params) -> Doc:
    """Newest first; `payment_intent` filters."""
    intent = params.get("payment_intent")
    rows = box().store.by_ref("charge", intent) if intent else box().store.all("charge")
    return listing("/v1/charges", rows, params)


def _must_be(intent: Doc, what: str, status: str) -> None:
    if intent["status"] != status:
        text = f"This PaymentIntent could not be {what} because it has a status of {intent['status']}."
        raise StripeError(400, f"{text} Only {status} may be.", code="payment_intent_unexpected_state")
