"""Razorpay: UPI (and what else the account enables) by Razorpay's Checkout, as a pop-up or, without script, as a page.

https://razorpay.com/docs/payments/payment-gateway/web-integration. A payment is an order (our provider_ref) with any
number of tries in it, each a payment (our charge_ref). An order never ends and cannot be cancelled: money may still
come. What the objects mean stands in razorpay_facts.py; here are the calls and their failures.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import razorpay
from razorpay.errors import BadRequestError

from app.gateways import http
from app.gateways.base import (
    CallbackRejected,
    Capabilities,
    CheckoutRequest,
    Gateway,
    GatewayEvent,
    GatewayRefused,
    InboundCallback,
    Listed,
    Modal,
    PaymentOutcome,
    Pending,
    RefundFailed,
    RefundFailureCode,
    RefundOutcome,
    RefundRequest,
    RefundSupport,
    Remark,
)
from app.gateways.razorpay.razorpay_account import RazorpayAccount
from app.gateways.razorpay.razorpay_answers import clear_answer, is_about_keys, items, words_of
from app.gateways.razorpay.razorpay_events import read_event
from app.gateways.razorpay.razorpay_facts import (
    WINDOW,
    captured,
    key_of,
    lacks_unique_receipt,
    order_outcome,
    policy_for,
    refund_outcome,
)
from app.gateways.razorpay.razorpay_lists import Lists
from app.gateways.settings import GatewaySettings
from app.lib.refusals import Refusals

LIVE = "https://api.razorpay.com"
LIVE_SCRIPT = "https://checkout.razorpay.com/v1/checkout.js"

# Everything authorised within five days is captured (minutes; the longest there is). Shorter would have Razorpay give
# late money back by itself; this way it comes, and the late-payer rule decides.
CAPTURE = {
    "capture": "automatic",
    "capture_options": {"automatic_expiry_period": 7200, "manual_expiry_period": 7200, "refund_speed": "normal"},
}

# What a word in the refusal of a refund means; Razorpay has no codes for it. https://razorpay.com/docs/errors/refunds
REFUND_REFUSALS: dict[str, RefundFailureCode] = {
    "fully refunded": RefundFailureCode.WENT_BACK_BEFORE,
    "greater than": RefundFailureCode.WENT_BACK_BEFORE,  # than what is left of the payment
    "enough balance": RefundFailureCode.NO_BALANCE,
    "dispute": RefundFailureCode.DISPUTED,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RazorpaySettings(GatewaySettings):
    """RAZORPAY_KEY_ID, _KEY_SECRET, _WEBHOOK_SECRET and, to try things out, _API_BASE and _CHECKOUT_JS."""

    prefix = "RAZORPAY"
    key_id: str
    key_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_base: str = LIVE
    checkout_js: str = ""
    merchant_name: str = "Kikao"  # the heading of the payment window

    @property
    def script(self) -> str:
        """Where Checkout.js is loaded from."""
        return self.checkout_js or (LIVE_SCRIPT if self.base == LIVE else f"{self.base}/v1/checkout.js")


class RazorpayGateway(Gateway):
    """UPI by Razorpay Checkout."""

    code = "razorpay"
    label = "UPI"
    mark = "upi"
    Settings = RazorpaySettings
    refusals = Refusals(
        live_hosts=("api.razorpay.com", "checkout.razorpay.com"),
        test_keys=("rzp_test_*",),
        addresses=("API_BASE", "CHECKOUT_JS"),
    )
    capabilities = Capabilities(
        currencies=frozenset({"INR"}),
        countries=frozenset({"IN"}),
        minimum={"INR": 100},
        repeatable_start=True,
        retryable_step=True,
        refunds=RefundSupport.PARTIAL,
        lists_money=True,
        retries_callbacks=True,
        signs_callbacks=True,
    )

    def __init__(self, settings: RazorpaySettings, *, timeout: http.Timeout = http.TIMEOUT) -> None:
        self._settings = settings
        script = urlsplit(settings.script)
        ours = ("https://checkout.razorpay.com", LIVE, settings.origin, f"{script.scheme}://{script.netloc}")
        self.hosts = tuple(dict.fromkeys(ours))
        self.window_policy = policy_for(script)
        self._clients = http.PerThread(lambda: _client(settings, timeout))
        self._account = RazorpayAccount(self._clients.get, settings.origin)

    # ------------------------------------------------------------------------------------------------ payments

    def start(self, request: CheckoutRequest) -> Modal:
        """An order with our reference as its receipt exists, the same one however often it is asked for.

        https://razorpay.com/docs/api/orders/create
        """
        http.must_fit(self.capabilities, request.money)
        with clear_answer():
            try:
                order = self._find_order(request) or self._create_order(request)
            except BadRequestError as error:
                raise GatewayRefused(words_of(error)) from None
            stated = (order["amount"], order["currency"], order["receipt"])
            if stated != (request.money.amount, request.money.currency, request.reference):
                raise ValueError("another order than was asked for")
            return self._modal(http.checked_id(order["id"]), request)

    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:
        """The webhook, signed with the webhook secret, as news. https://razorpay.com/docs/webhooks/validate-test"""
        with http.expecting(CallbackRejected, "not a Razorpay event"):
            signature = callback.headers["x-razorpay-signature"]
            if not http.is_signed(self._settings.webhook_secret, callback.body, signature):
                raise CallbackRejected("not signed by Razorpay")
            # Its id stands in a header that nobody signs: whoever has one body could have it stored for ever. A repeat is
            # sent exactly as it was first made. https://razorpay.com/docs/webhooks/replay-events
            return read_event(http.read_object(callback.body), http.digest(callback.body))

    def read_return(self, provider_ref: str, form: Mapping[str, str]) -> GatewayEvent | None:
        """News that a browser paid our order, signed with the key secret, no amount stated; None for other visits."""
        payment_id = form.get("razorpay_payment_id")
        if not payment_id:
            return None
        with http.expecting(CallbackRejected, "not a return from Razorpay"):
            # Our own order id, never the posted one: else a signature for a cheap order would do for any.
            message = f"{provider_ref}|{http.checked_id(payment_id)}".encode()
            if not http.is_signed(self._settings.key_secret, message, form["razorpay_signature"]):
                raise CallbackRejected("not signed by Razorpay")
            return GatewayEvent(f"return:{payment_id}", "checkout.return", Pending(), provider_ref=provider_ref)

    def look_up(self, provider_ref: str) -> PaymentOutcome:
        """What all tries to pay the order say now. https://razorpay.com/docs/api/orders/fetch-payments"""
        with clear_answer():
            payments = items(self._api.order.payments(provider_ref))
            if any(each["order_id"] != provider_ref for each in payments):
                raise ValueError("a payment of another order")
            if captured(payments) > 1:  # one fact is all an answer holds; the webhooks of the other bring it in
                log.warning("Razorpay took money %d times for %s", captured(payments), provider_ref)
            return order_outcome(payments, lambda: bool(self._api.order.fetch(provider_ref)["status"] == "paid"))

    # ------------------------------------------------------------------------------------------------ refunds

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """The refund exists, once per refund_key. https://razorpay.com/docs/api/refunds/create-normal"""
        body = {
            "amount": request.money.amount,
            "receipt": request.refund_key,
            "notes": http.named({"refund_key": request.refund_key}, installation=request.installation),
        }
        with clear_answer():
            try:
                headers = {"X-Refund-Idempotency": request.refund_key}
                return refund_outcome(self._api.payment.refund(request.charge_ref, body, headers=headers))
            except BadRequestError as error:
                return self._refused_refund(request, error)

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """What became of the refund; it is asked for again only when Razorpay does not know its key."""
        with clear_answer():
            found = self._find_refund(request)
            return refund_outcome(found) if found else self.refund(request)

    def listed(self, since: datetime, until: datetime) -> Iterator[Listed]:
        """What Razorpay's lists hold of the stretch. https://razorpay.com/docs/api/payments/fetch-all-payments"""
        return Lists(self._api, since, until).all()

    def check(self) -> list[str]:
        """Whether Razorpay can be reached and takes our keys."""
        return [remark.words for remark in self._account.about_keys()]

    def examine(self, callback_url: str) -> list[Remark]:
        """Keys, the webhook with its events, and whether money is captured."""
        return self._account.examine(callback_url)

    # ------------------------------------------------------------------------------------------------ inside

    @property
    def _api(self) -> Any:
        return self._clients.get()

    def _find_order(self, request: CheckoutRequest) -> http.Json | None:
        # Before every create, for we cannot know whether it is the first: not every account honours unique_receipt.
        try:
            return self._search(request)
        except BadRequestError as error:
            if is_about_keys(error):
                raise
            return None  # an account that may not search still has unique_receipt

    def _search(self, request: CheckoutRequest) -> http.Json | None:
        orders = items(self._api.order.all({"receipt": request.reference}))
        mine = [each for each in orders if each.get("receipt") == request.reference]
        return min(mine, key=lambda each: (http.unix_seconds(each["created_at"]), each["id"]), default=None)

    def _create_order(self, request: CheckoutRequest) -> http.Json:
        body = {
            "amount": request.money.amount,
            "currency": request.money.currency,
            "receipt": request.reference,
            "notes": http.named(
                {"reference": request.reference}, installation=request.installation, checkout=request.checkout
            ),
            "payment": CAPTURE,
        }
        try:
            return http.dict_of(self._api.order.create(body | {"unique_receipt": True}))
        except BadRequestError as error:
            # Without unique_receipt only a search tells that there is no order yet: who may do neither makes none.
            is_unknown = lacks_unique_receipt(str(error))
            find = self._search if is_unknown else self._find_order
            found = find(request) if "receipt" in str(error).lower() else None
            if found is None and not is_unknown:
                raise
        return found or http.dict_of(self._api.order.create(body))

    def _modal(self, order_id: str, request: CheckoutRequest) -> Modal:
        prefill = {"name": request.name, "email": request.email, "contact": request.phone}
        prefill = {key: value for key, value in prefill.items() if value}
        common = {
            "order_id": order_id,
            "amount": str(request.money.amount),
            "currency": request.money.currency,
            "name": self._settings.merchant_name,
            "description": request.description,
            "callback_url": request.return_url,
        }
        fields = {**common, "key_id": self._settings.key_id, "cancel_url": request.cancel_url}
        return Modal(
            script_url=self._settings.script,
            options={**common, "key": self._settings.key_id, "amount": request.money.amount, "prefill": prefill},
            form_action=f"{self._settings.base}/v1/checkout/embedded",
            form_fields=fields | {f"prefill[{key}]": value for key, value in prefill.items()},
            provider_ref=order_id,
            window=WINDOW,
        )

    def _find_refund(self, request: RefundRequest) -> http.Json | None:
        refunds = items(self._api.payment.fetch_multiple_refund(request.charge_ref, {"count": 100}))
        return next((each for each in refunds if key_of(each) == request.refund_key), None)

    def _refused_refund(self, request: RefundRequest, error: Exception) -> RefundOutcome:
        if is_about_keys(error):
            raise error
        # "Fully refunded already" may mean by us, with an answer that was lost.
        if found := self._find_refund(request):
            return refund_outcome(found)
        said = str(error).lower()
        code = next((code for word, code in REFUND_REFUSALS.items() if word in said), RefundFailureCode.OTHER)
        return RefundFailed(http.redacted(error), None, request.refund_key, request.charge_ref, code)


def _client(settings: RazorpaySettings, timeout: http.Timeout) -> Any:
    # Our session gives the SDK its timeout, and raises before the SDK can print to standard output what went wrong.
    session = http.JsonSession("Razorpay", timeout)
    return razorpay.Client(session=session, auth=(settings.key_id, settings.key_secret), base_url=settings.base)
