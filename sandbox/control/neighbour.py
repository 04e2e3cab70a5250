"""Another product on the same Stripe and Razorpay accounts: a shop with customers, references and metadata of its own.

Vendors send each event of an account to each of its endpoints, so all that the shop does is told to Kikao too, signed as ours.
https://docs.stripe.com/webhooks, https://razorpay.com/docs/webhooks
"""

from collections.abc import Callable, Sequence

from sandbox.core.clock import new_id
from sandbox.core.context import NEIGHBOUR, Sandbox
from sandbox.core.errors import Mistaken
from sandbox.core.store import Doc
from sandbox.razorpay import disputes as razorpay_disputes
from sandbox.razorpay import orders
from sandbox.razorpay import payments as razorpay
from sandbox.razorpay import refunds as razorpay_refunds
from sandbox.stripe import disputes as stripe_disputes
from sandbox.stripe import objects, sessions
from sandbox.stripe import payments as stripe
from sandbox.stripe import refunds as stripe_refunds

SALE = "neighbour_sale"
_CUSTOMER = {"name": "Zainab Neighbour", "email": "zainab@neighbour.example", "contact": "+919811122333"}


def live(sandbox: Sandbox, gateway: str = "stripe", times: int = 1, then: Sequence[str] = ()) -> list[Doc]:
    """The shop sells so many times, and to each sale happens what `then` names, in that order. Raises Mistaken."""
    if gateway not in _SELLS or any(act not in _ACTS[gateway] for act in then):
        raise Mistaken(f"gateway is one of {', '.join(_SELLS)}; then names of {', '.join(_ACTS['stripe'])}.")
    return [_one(sandbox, gateway, then) for _ in range(min(times, 1000))]


def _one(sandbox: Sandbox, gateway: str, then: Sequence[str]) -> Doc:
    with sandbox.store.change():
        sale = _SELLS[gateway](sandbox, f"{NEIGHBOUR}{new_id('', 6)} {_CUSTOMER['email']}")
        for act in then:
            _ACTS[gateway][act](sandbox, sale["charge"])
        sale |= {"gateway": gateway, "customer": _CUSTOMER["name"], "then": list(then)}
        sandbox.store.put(SALE, sale["charge"], sale)
        return sale


def _sell_by_card(sandbox: Sandbox, reference: str) -> Doc:
    # Half of what stands on the account has no metadata at all.
    named = {"reference": reference} if len(sandbox.store.all(SALE)) % 2 else {}
    params = {
        "metadata": {"order": reference, **named},
        "payment_intent_data": {"metadata": named},
        "client_reference_id": reference,
        "customer_email": _CUSTOMER["email"],
    }
    session = objects.session(params, [objects.line_item("A kettle", "eur", 4_900, 1)], sandbox.base_url)
    sessions.save(sandbox, session)
    paid = stripe.pay(sandbox, session["id"])
    intent = sandbox.store.get("intent", paid["payment_intent"]) or {}
    return {"charge": intent["latest_charge"], "reference": reference, "amount": 4_900, "currency": "eur"}


def _sell_by_upi(sandbox: Sandbox, reference: str) -> Doc:
    order = orders.make(sandbox, 49_900, "INR", reference[:40], dict(_CUSTOMER))
    payment = razorpay.pay(sandbox, order["id"], "zainab@neighbour", _CUSTOMER["contact"])
    return {"charge": payment["id"], "reference": reference, "amount": 49_900, "currency": "INR"}


_SELLS: dict[str, Callable[[Sandbox, str], Doc]] = {"stripe": _sell_by_card, "razorpay": _sell_by_upi}
_ACTS: dict[str, dict[str, Callable[[Sandbox, str], Doc]]] = {
    "stripe": {"refund": stripe_refunds.by_hand, "dispute": stripe_disputes.dispute},
    "razorpay": {"refund": razorpay_refunds.by_hand, "dispute": razorpay_disputes.dispute},
}
