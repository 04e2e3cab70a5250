"""ExamplePay by the contract that every gateway keeps."""

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from kikao.base import (
    CheckoutRequest,
    Confirmed,
    Failed,
    FailureCode,
    Gateway,
    InboundCallback,
    Pending,
    Redirect,
    Refunded,
    RefundFailed,
)
from kikao.money import Money
from kikao.testing import REFERENCE, Answer, GatewayContract, News, Vendor

EUR = Money(6000, "EUR")
PAYMENT, CHARGE, REFUND, REFUND_KEY = "pay_7Kikao1", "ch_7Kikao1", "re_7Kikao1", "rf_91b2kikaokey"
SECRET = "ExampleHookSecret44"
NO = Answer({"error": "validation"}, 422)


def payment(status: str = "open", **changes: Any) -> dict[str, Any]:
    page = f"https://pay.examplepay.example/p/{PAYMENT}"
    plain = {"id": PAYMENT, "reference": REFERENCE, "amount": 6000, "currency": "EUR", "page": page}
    return plain | {"status": status, "charge": None, "failure": None} | changes


def refund(status: str, **changes: Any) -> dict[str, Any]:
    plain = {"id": REFUND, "charge": CHARGE, "reference": REFUND_KEY, "amount": 6000, "currency": "EUR"}
    return plain | {"status": status} | changes


class TestExamplePayContract(GatewayContract):
    code = "examplepay"
    environ = {"EXAMPLEPAY_API_KEY": "ep_live_Kikao1Secret", "EXAMPLEPAY_WEBHOOK_SECRET": SECRET}
    money = EUR
    monies = [Money(50, "EUR"), EUR, Money(1_234_567, "EUR")]
    unfit = [Money(49, "EUR"), Money(6000, "KES"), Money(0, "EUR")]
    start_route = "POST /v1/payments"
    look_up_route = f"GET /v1/payments/{PAYMENT}"
    refund_route = "POST /v1/refunds"
    provider_ref = PAYMENT
    charge_ref = CHARGE
    key_refusal = ("GET /v1/account", Answer({"error": "key"}, 401))
    refusals = {"what it cannot take": NO, "our key": Answer({"error": "key"}, 401)}
    look_ups = {
        "untouched": (Answer(payment()), Pending(in_flight=False)),
        "being paid": (Answer(payment("working")), Pending()),
        "paid": (Answer(payment("paid", charge=CHARGE)), Confirmed(EUR, CHARGE)),
        "declined": (Answer(payment("failed", failure="declined")), Failed(FailureCode.DECLINED, "declined")),
        "expired": (Answer(payment("failed", failure="expired")), Failed(FailureCode.SESSION_EXPIRED, "expired")),
    }
    news = {
        "payment_paid": News(Confirmed(EUR, CHARGE), REFERENCE, PAYMENT),
        "payment_declined": News(Failed(FailureCode.INSUFFICIENT_FUNDS, "no_funds"), REFERENCE, PAYMENT),
        "payment_failed_for_a_new_reason": News(Failed(FailureCode.DECLINED, "moon_phase"), REFERENCE, PAYMENT),
        "payment_of_another_shop_of_the_account": News(Confirmed(EUR, "ch_7Other"), None, "pay_7Other"),
        "refund_done": News(Refunded(EUR, REFUND, REFUND_KEY, CHARGE)),
        "refund_failed": News(RefundFailed("the bank sent it back", REFUND, REFUND_KEY, CHARGE)),
    }

    def arrange(self, there: Vendor) -> None:
        there.on("GET /v1/account", Answer({"account": "acc_1"}))
        there.on(self.look_up_route, Answer(payment()))

    def started(self, request: CheckoutRequest) -> dict[str, Any]:
        return payment(amount=request.money.amount, currency=request.money.currency, reference=request.reference)

    def wrong_starts(self, request: CheckoutRequest) -> Iterator[dict[str, Any]]:
        yield payment(amount=request.money.amount - 1)
        yield payment(reference="KKSOMEBODY45")
        yield payment(page="https://examplepay.example.net/p/1")
        yield {"id": PAYMENT}

    def payments_started(self, there: Vendor) -> int:
        return len({each.headers["idempotency-key"] for each in there.sent(self.start_route)})

    def amount_sent(self, there: Vendor) -> Money:
        sent = there.sent(self.start_route)[-1].json
        return Money(sent["amount"], sent["currency"])

    def paid_news(self, money: Money) -> bytes:
        event = json.loads(self.sample("payment_paid"))
        event["payment"] |= {"amount": money.amount, "currency": money.currency}
        return json.dumps(event).encode()

    def sign(self, body: bytes, secret: str = SECRET) -> InboundCallback:
        return InboundCallback(body, {"x-examplepay-signature": hmac.new(secret.encode(), body, sha256).hexdigest()})

    def forgeries(self, body: bytes) -> Iterator[InboundCallback]:
        yield self.sign(body, "another secret")
        yield InboundCallback(body, {})
        yield InboundCallback(body.replace(b"6000", b"9000"), self.sign(body).headers)

    def unknown_news(self) -> Iterator[bytes]:
        yield json.dumps({"id": "ev_9", "type": "payout.sent", "payout": {}}).encode()

    # ------------------------------------------------------------------------------------------------ its own

    def test_the_payer_goes_to_the_page_and_comes_back_to_ours(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(payment()))
        step = gateway.start(self.request())
        assert isinstance(step, Redirect)
        assert step.url == f"https://pay.examplepay.example/p/{PAYMENT}"
        sent = there.sent(self.start_route)[0]
        assert (sent.json["reference"], sent.json["return_url"]) == (REFERENCE, self.request().return_url)
        assert sent.headers["authorization"] == "Bearer ep_live_Kikao1Secret"

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            (Answer(refund("pending")), Pending()),
            (Answer(refund("done")), Refunded(EUR, REFUND, REFUND_KEY, CHARGE)),
            (
                NO,
                RefundFailed("ExamplePay answered 422", refund_key=REFUND_KEY, charge_ref=CHARGE),
            ),
        ],
        ids=["pending", "done", "refused"],
    )
    def test_a_refund_is_asked_for_with_our_key(
        self, gateway: Gateway, there: Vendor, answer: Answer, outcome: object
    ) -> None:
        there.on(self.refund_route, answer)
        assert gateway.refund(self.refund_request()) == outcome
        [sent] = there.sent(self.refund_route)
        assert (sent.headers["idempotency-key"], sent.json["amount"]) == (REFUND_KEY, 6000)
