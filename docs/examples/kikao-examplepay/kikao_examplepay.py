"""ExamplePay: cards on ExamplePay's own page, with signed webhooks.

A payment (our provider_ref) has a charge (our charge_ref) once it is paid. ExamplePay keeps Idempotency-Key for good,
so a start or a refund may be asked for again.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from kikao import http
from kikao.base import (
    CallbackRejected,
    Capabilities,
    CheckoutRequest,
    Confirmed,
    Failed,
    FailureCode,
    Gateway,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    PaymentOutcome,
    Pending,
    Redirect,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundRequest,
    RefundSupport,
    Refusals,
)
from kikao.money import Money
from kikao.settings import GatewaySettings

LIVE = "https://api.examplepay.example"
PAGES = "https://pay.examplepay.example"

FAILURES = {
    "declined": FailureCode.DECLINED,
    "no_funds": FailureCode.INSUFFICIENT_FUNDS,
    "left": FailureCode.CANCELLED_BY_PAYER,
    "expired": FailureCode.SESSION_EXPIRED,
}
OURS, NO = 200, (400, 402, 422)  # done as asked; understood and not done


@dataclass(frozen=True)
class ExamplePaySettings(GatewaySettings):
    """EXAMPLEPAY_API_KEY, EXAMPLEPAY_WEBHOOK_SECRET and, to try things out, EXAMPLEPAY_API_BASE."""

    prefix = "EXAMPLEPAY"
    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_base: str = LIVE


class ExamplePay(Gateway):
    """Cards by ExamplePay."""

    code = "examplepay"
    label = "ExamplePay"
    Settings = ExamplePaySettings
    refusals = Refusals(live_hosts=("api.examplepay.example",), test_keys=("ep_test_*",))
    capabilities = Capabilities(
        currencies=frozenset({"EUR"}),
        minimum={"EUR": 50},
        repeatable_start=True,
        refunds=RefundSupport.PARTIAL,
        retries_callbacks=True,
        signs_callbacks=True,
    )

    def __init__(self, settings: ExamplePaySettings, *, timeout: http.Timeout = http.TIMEOUT) -> None:
        self._settings = settings
        self.hosts = (PAGES, settings.origin)
        self._sessions = http.PerThread(lambda: http.JsonSession("ExamplePay", timeout))

    def start(self, request: CheckoutRequest) -> Redirect:
        """A payment exists for the request, the same one however often it is asked for."""
        http.must_fit(self.capabilities, request.money)
        body = {
            **_amount(request.money),
            "reference": request.reference,
            "description": request.description,
            "expires_at": int(request.expires_at.timestamp()),
            "return_url": request.return_url,
            "cancel_url": request.cancel_url,
        }
        answer = self._ask("POST", "/v1/payments", body, request.idempotency_key)
        if answer.status_code != OURS:
            raise GatewayRefused(f"ExamplePay answered {answer.status_code}")
        with http.expecting(GatewayUnavailable, "ExamplePay answered something else than was asked for"):
            payment = answer.json()
            if (payment["reference"], _money(payment)) != (request.reference, request.money):
                raise ValueError("another payment than was asked for")
            return Redirect(self._page(payment["page"]), http.checked_id(payment["id"]))

    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:
        """The webhook, signed with its secret over the raw body, as news."""
        with http.expecting(CallbackRejected, "not an ExamplePay event"):
            signature = callback.headers["x-examplepay-signature"]
            if not http.is_signed(self._settings.webhook_secret, callback.body, signature):
                raise CallbackRejected("not signed by ExamplePay")
            event = http.read_object(callback.body)
            key, kind = http.checked_id(event["id"]), http.checked_id(event["type"])
            if kind in ("payment.paid", "payment.failed"):
                payment = http.dict_of(event["payment"])
                found = http.maybe_ours(payment["reference"]), http.checked_id(payment["id"])
                return GatewayEvent(key, kind, _outcome(payment), *found)
            if kind in ("refund.done", "refund.failed"):
                return GatewayEvent(key, kind, _refund_outcome(http.dict_of(event["refund"])))
            return None

    def look_up(self, provider_ref: str) -> PaymentOutcome:
        """What ExamplePay says of the payment now."""
        answer = self._ask("GET", f"/v1/payments/{provider_ref}")
        with http.expecting(GatewayUnavailable, f"ExamplePay answered {answer.status_code} about a payment"):
            if answer.status_code != OURS or answer.json()["id"] != provider_ref:
                raise ValueError("not this payment")
            return _outcome(answer.json())

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """The refund exists, once per refund_key."""
        body = {**_amount(request.money), "charge": request.charge_ref, "reference": request.refund_key}
        answer = self._ask("POST", "/v1/refunds", body, request.refund_key)
        if answer.status_code in NO:
            why = f"ExamplePay answered {answer.status_code}"
            return RefundFailed(why, refund_key=request.refund_key, charge_ref=request.charge_ref)
        with http.expecting(GatewayUnavailable, f"ExamplePay answered {answer.status_code} about a refund"):
            if answer.status_code != OURS or answer.json()["reference"] != request.refund_key:
                raise ValueError("not this refund")
            return _refund_outcome(answer.json())

    def check(self) -> list[str]:
        """Whether ExamplePay can be reached and takes our key."""
        try:
            answer = self._ask("GET", "/v1/account")
        except GatewayUnavailable as error:
            return [f"ExamplePay at {self._settings.origin}: {error}."]
        return [] if answer.status_code == OURS else [f"ExamplePay does not take our key ({answer.status_code})."]

    def _ask(self, method: str, path: str, body: http.Json | None = None, key: str = "") -> requests.Response:
        headers = {"Authorization": f"Bearer {self._settings.api_key}"} | ({"Idempotency-Key": key} if key else {})
        return self._sessions.get().request(method, self._settings.base + path, json=body, headers=headers)

    def _page(self, url: str) -> str:
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" not in self.hosts:
            raise ValueError("a page of somebody else")
        return url


def _amount(money: Money) -> dict[str, object]:
    return {"amount": money.amount, "currency": money.currency}


def _money(thing: http.Json) -> Money:
    return Money(http.minor_units(thing["amount"]), thing["currency"])


def _outcome(payment: http.Json) -> PaymentOutcome:
    if payment["status"] == "paid":
        return Confirmed(_money(payment), http.checked_id(payment["charge"]))
    if payment["status"] == "failed":
        return Failed(FAILURES.get(payment["failure"], FailureCode.DECLINED), http.short_text(payment["failure"]))
    return Pending(in_flight=payment["status"] != "open")


def _refund_outcome(refund: http.Json) -> RefundOutcome:
    known = http.checked_id(refund["id"]), http.maybe_ours(refund["reference"]), http.checked_id(refund["charge"])
    if refund["status"] == "done":
        return Refunded(_money(refund), *known)
    if refund["status"] == "failed":
        return RefundFailed("the bank sent it back", *known)
    return Pending()
