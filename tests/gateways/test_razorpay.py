"""Razorpay, by the contract and by what only Razorpay does."""

import hmac
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways.base import (
    CallbackRejected,
    CheckoutRequest,
    Confirmed,
    Disputed,
    Failed,
    FailureCode,
    Gateway,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    Modal,
    Pending,
    Refunded,
    RefundFailed,
    RefundFailureCode,
)
from kikao.testing.contract import PAYER, REFERENCE, GatewayContract, News
from kikao.testing.wire import HASTY, PATIENT, SILENCES, Answer, Vendor

ORDER, PAYMENT, REFUND = "order_RKikao1", "pay_RKikao1", "rfnd_RKikao1"
ANSWER_BY = datetime(2026, 11, 28, 21, 6, 40, tzinfo=UTC)
INR = Money(150000, "INR")
KEY_SECRET, HOOK_SECRET = "KikaoKeySecret77", "KikaoHookSecret88"
FIND = "GET /v1/orders"
NOT_HERE = "unique_receipt is/are not required and should not be sent"


def error(description: str, status: int = 400, code: str = "BAD_REQUEST_ERROR") -> Answer:
    return Answer({"error": {"code": code, "description": description, "source": "NA", "metadata": {}}}, status)


def order(**changes: Any) -> dict[str, Any]:
    return {
        "id": ORDER,
        "entity": "order",
        "amount": 150000,
        "currency": "INR",
        "receipt": REFERENCE,
        "status": "created",
        "notes": [],
        "created_at": 1795167045,
    } | changes


def payment(status: str, **changes: Any) -> dict[str, Any]:
    plain = {"id": PAYMENT, "amount": 150000, "currency": "INR", "order_id": ORDER, "created_at": 1795167060}
    return plain | {"status": status, "error_reason": None} | changes


def items(*things: dict[str, Any]) -> Answer:
    return Answer({"entity": "collection", "count": len(things), "items": list(things)})


CANCELLED = {"error_reason": "payment_cancelled"}
LATER = {"id": "pay_RKikao0", "created_at": 1795167099}


def _begun(charge_ref: str, at: int = 1795167060) -> Confirmed:
    """Paid; when the payer began is all that Razorpay says of the time."""
    return Confirmed(INR, charge_ref, taken_at=datetime.fromtimestamp(at, UTC))


class TestRazorpayContract(GatewayContract):
    code = "razorpay"
    environ = {  # noqa: RUF012
        "RAZORPAY_KEY_ID": "rzp_test_Kikao1",
        "RAZORPAY_KEY_SECRET": KEY_SECRET,
        "RAZORPAY_WEBHOOK_SECRET": HOOK_SECRET,
    }
    public = ("KEY_ID",)
    money = INR
    monies = [Money(100, "INR"), INR, Money(1234567, "INR")]  # noqa: RUF012
    unfit = [Money(99, "INR"), Money(150000, "KES"), Money(0, "INR")]  # noqa: RUF012
    start_route = "POST /v1/orders"
    look_up_route = f"GET /v1/orders/{ORDER}/payments"
    refund_route = f"POST /v1/payments/{PAYMENT}/refund"
    provider_ref = ORDER
    charge_ref = PAYMENT
    key_refusal = (FIND, error("Authentication failed", 401))
    refusals = {  # noqa: RUF012
        "too small": error("Order amount less than minimum amount allowed"),
        "unknown field": error("unique_thing is/are not required and should not be sent"),
        "wrong key": error("Authentication failed", 401),
        "receipt of nobody": error("Order receipt should be unique."),
    }
    look_ups = {  # noqa: RUF012
        "untouched": (items(), Pending(in_flight=False)),
        "begun": (items(payment("created")), Pending()),
        "authorised": (items(payment("authorized")), Pending()),
        "of an unknown kind": (items(payment("thinking")), Pending()),
        "failed": (items(payment("failed", **CANCELLED)), Failed(FailureCode.CANCELLED_BY_PAYER, "payment_cancelled")),
        "failed for a new reason": (
            items(payment("failed", error_reason="brand_new")),
            Failed(FailureCode.DECLINED, "brand_new"),
        ),
        "failed, and being tried again": (items(payment("created", **LATER), payment("failed")), Pending()),
        "failed, then late on its way": (items(payment("authorized"), payment("failed", **LATER)), Pending()),
        "paid": (items(payment("captured")), _begun(PAYMENT)),
        "paid after failing": (
            items(payment("failed"), payment("captured", **LATER)),
            _begun(LATER["id"], LATER["created_at"]),
        ),
        "paid before failing": (items(payment("failed", **LATER), payment("captured")), _begun(PAYMENT)),
        "paid twice, newest first": (items(payment("captured", **LATER), payment("captured")), _begun(PAYMENT)),
        "paid, and another given back": (
            items(payment("captured", **LATER), payment("refunded")),
            _begun(LATER["id"], LATER["created_at"]),
        ),
    }
    news = {  # noqa: RUF012
        "payment_authorised": News(Pending(), None, ORDER),
        "payment_captured": News(_begun(PAYMENT), None, ORDER),
        "order_paid": News(_begun(PAYMENT), REFERENCE, ORDER),
        "payment_failed": News(Failed(FailureCode.CANCELLED_BY_PAYER, "payment_cancelled"), None, ORDER),
        "payment_failed_with_empty_words": News(Failed(FailureCode.DECLINED, ""), None, ORDER),
        "payment_without_order": News(None),
        "payment_with_notes_of_the_payer": News(_begun("pay_RKikao3"), None, ORDER),
        "refund_pending": News(None),
        "refund_done": News(Refunded(INR, REFUND, "rf_91b2kikaokey", PAYMENT, INR), None, ORDER),
        "refund_failed": News(RefundFailed("failed", REFUND, "rf_91b2kikaokey", PAYMENT), None, ORDER),
        "refund_by_dashboard": News(Refunded(Money(50000, "INR"), "rfnd_RByHand", None, PAYMENT, INR), None, ORDER),
        "refund_by_razorpay": News(Refunded(INR, "rfnd_RAuto", None, "pay_RKikao2", Money(0, "INR")), None, ORDER),
        "dispute_opened": News(Disputed(PAYMENT, INR, "created", "disp_RKikao1", respond_by=ANSWER_BY), None, ORDER),
        "dispute_lost": News(Disputed(PAYMENT, INR, "lost", "disp_RKikao1", respond_by=ANSWER_BY), None, ORDER),
    }

    def arrange(self, there: Vendor) -> None:
        there.on(FIND, items())
        there.on(f"GET /v1/payments/{PAYMENT}/refunds", items())

    def arrange_second_start(self, there: Vendor, request: CheckoutRequest) -> None:  # noqa: ARG002
        there.on(FIND, items(order(id="order_of_another", receipt=None), order()))

    def started(self, request: CheckoutRequest) -> dict[str, Any]:
        return order(amount=request.money.amount)

    def wrong_starts(self, request: CheckoutRequest) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        for key in ("id", "amount", "currency", "receipt"):
            yield {name: value for name, value in order().items() if name != key}
            yield order(**{key: None})
        yield from (order(amount=1500), order(amount="150000"), order(currency="USD"), order(receipt="KKSOMEBODY22"))

    def payments_started(self, there: Vendor) -> int:
        return len(there.sent(self.start_route))

    def amount_sent(self, there: Vendor) -> Money:
        sent = there.sent(self.start_route)[0].json
        return Money(sent["amount"], sent["currency"])

    def paid_news(self, money: Money) -> bytes:
        event = json.loads(self.sample("payment_captured"))
        event["payload"]["payment"]["entity"] |= {"amount": money.amount, "currency": money.currency}
        return json.dumps(event).encode()

    def sign(self, body: bytes) -> InboundCallback:
        return InboundCallback(body, {"x-razorpay-signature": mac(body)})

    def forgeries(self, body: bytes) -> Iterator[InboundCallback]:
        yield InboundCallback(body, {})
        for signature in ("", "x", mac(body + b" "), mac(body, KEY_SECRET), mac(body)[:-1], "é€\udcff"):
            yield InboundCallback(body, {"x-razorpay-signature": signature})

    def unknown_news(self) -> Iterator[bytes]:
        for kind in ("payment.downtime.started", "invoice.paid", "payment_link.paid", "qr_code.credited", "new.thing"):
            yield json.dumps(json.loads(self.sample("order_paid")) | {"event": kind}).encode()

    # ------------------------------------------------------------------------------------------------ only Razorpay

    def test_the_order_has_our_reference_as_its_receipt(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(order()))
        gateway.start(self.request())
        [sent] = there.sent(self.start_route)
        assert (sent.json["receipt"], sent.json["unique_receipt"]) == (REFERENCE, True)
        assert sent.json["payment"]["capture"] == "automatic"

    def test_order_and_refund_say_which_kikao_asks(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(order()))
        there.on(self.refund_route, Answer(refund("processed")))
        gateway.start(self.request(installation="KKQ2", checkout="c0ffee"))
        gateway.refund(self.refund_request(installation="KKQ2"))
        notes = [each.json["notes"] for each in there.seen if each.body]
        assert notes == [
            {"reference": REFERENCE, "installation": "KKQ2", "checkout": "c0ffee"},
            {"refund_key": "rf_91b2kikaokey", "installation": "KKQ2"},
        ]

    def test_what_was_begun_before_there_were_names_is_sent_as_it_was(self, gateway: Gateway, there: Vendor) -> None:
        """Razorpay refuses the same refund key with another body, and a call may be repeated after an upgrade."""
        there.on(self.start_route, Answer(order()))
        there.on(self.refund_route, Answer(refund("processed")))
        gateway.start(self.request())
        gateway.refund(self.refund_request())
        notes = [each.json["notes"] for each in there.seen if each.body]
        assert notes == [{"reference": REFERENCE}, {"refund_key": "rf_91b2kikaokey"}]

    def test_the_window_and_the_page_without_script_are_for_the_same_order(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(self.start_route, Answer(order()))
        step = gateway.start(self.request())
        assert isinstance(step, Modal)
        assert step.script_url == f"{there.url}/v1/checkout.js"
        assert step.form_action == f"{there.url}/v1/checkout/embedded"
        assert step.options["order_id"] == step.form_fields["order_id"] == ORDER
        assert step.options["key"] == step.form_fields["key_id"] == "rzp_test_Kikao1"
        assert (step.options["amount"], step.form_fields["amount"]) == (150000, "150000")
        assert step.form_fields["callback_url"] == self.request().return_url
        assert step.form_fields["cancel_url"] == self.request().cancel_url
        assert step.form_fields["prefill[email]"] == PAYER["email"]
        assert KEY_SECRET not in repr(step)

    def test_what_is_not_known_of_the_payer_is_left_out(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(order()))
        step = gateway.start(self.request(email="", phone="", name=""))
        assert isinstance(step, Modal)
        assert step.options["prefill"] == {}
        assert not [name for name in step.form_fields if name.startswith("prefill")]

    @pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/"])
    def test_the_address_may_be_written_with_or_without_a_version(self, there: Vendor, ending: str) -> None:
        there.on(self.start_route, Answer(order()))
        assert self.build(there, RAZORPAY_API_BASE=there.url + ending).start(self.request()).provider_ref == ORDER

    def test_the_live_script_and_hosts_are_razorpays(self) -> None:
        from app.gateways.razorpay import RazorpayGateway, RazorpaySettings

        settings = RazorpaySettings.from_environment(self.environ)
        assert settings.script == "https://checkout.razorpay.com/v1/checkout.js"
        assert RazorpayGateway(settings).hosts == ("https://checkout.razorpay.com", "https://api.razorpay.com")

    def test_an_order_that_was_made_before_is_taken(self, gateway: Gateway, there: Vendor) -> None:
        there.on(FIND, items(order(id="order_second", created_at=1795167046), order()))
        assert gateway.start(self.request()).provider_ref == ORDER
        assert there.sent(self.start_route) == []
        assert there.sent(FIND)[0].query == {"receipt": REFERENCE}

    def test_an_order_that_appeared_meanwhile_is_taken(self, gateway: Gateway, there: Vendor) -> None:
        there.on(FIND, items(), items(order()))
        there.on(self.start_route, error("Order receipt should be unique."))
        assert gateway.start(self.request()).provider_ref == ORDER

    def test_an_account_without_unique_receipts_is_asked_once_more_without(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(self.start_route, error(NOT_HERE), Answer(order()))
        assert gateway.start(self.request()).provider_ref == ORDER
        with_it, without_it = (each.json for each in there.sent(self.start_route))
        assert with_it == without_it | {"unique_receipt": True}
        assert len(there.sent(FIND)) == 2  # before each: only a search tells that there is none yet

    def test_an_order_made_meanwhile_is_taken_where_receipts_are_not_unique(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(FIND, items(), items(order()))
        there.on(self.start_route, error(NOT_HERE))
        assert gateway.start(self.request()).provider_ref == ORDER
        assert len(there.sent(self.start_route)) == 1

    def test_an_account_without_unique_receipts_that_may_not_search_gets_no_order(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(FIND, error("The requested URL was not found on the server."))
        there.on(self.start_route, error(NOT_HERE), Answer(order()))
        with pytest.raises(GatewayRefused):
            gateway.start(self.request())
        assert len(there.sent(self.start_route)) == 1

    def test_a_second_refusal_is_the_last(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, error(NOT_HERE))
        with pytest.raises(GatewayRefused):
            gateway.start(self.request())
        assert len(there.sent(self.start_route)) == 2

    def test_the_window_may_load_from_every_host_beside_the_scripts(self) -> None:
        from app.gateways.razorpay import RazorpayGateway, RazorpaySettings

        found = {
            script: RazorpayGateway(
                RazorpaySettings.from_environment(self.environ | {"RAZORPAY_CHECKOUT_JS": script})
            ).window_policy.hosts
            for script in (
                "",
                "http://checkout.localhost:8900/x.js",
                "http://127.0.0.1:8900/x.js",
                "https://pay.org/x.js",
            )
        }
        assert list(found.values()) == [("https://*.razorpay.com",), ("http://*.localhost:8900",), (), ()]

    @pytest.mark.parametrize("silence", sorted(SILENCES))
    def test_nothing_is_made_when_razorpay_does_not_say_what_there_is(self, there: Vendor, silence: str) -> None:
        there.on(FIND, SILENCES[silence])
        gateway = self.build(there, HASTY if silence == "timeout" else PATIENT)
        with pytest.raises(GatewayUnavailable):
            gateway.start(self.request())
        assert there.sent(self.start_route) == []

    @pytest.mark.parametrize("code", ["GATEWAY_ERROR", "SERVER_ERROR", "NEW_ERROR"])
    def test_an_error_that_is_not_about_our_request_leaves_the_start_unknown(
        self, gateway: Gateway, there: Vendor, code: str
    ) -> None:
        there.on(self.start_route, error("try again", code=code))
        with pytest.raises(GatewayUnavailable):
            gateway.start(self.request())

    def test_each_thread_has_a_client_of_its_own(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(order()))
        found: list[str] = []
        threads = [
            threading.Thread(target=lambda: found.append(gateway.start(self.request()).provider_ref)) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [ORDER] * 8

    # ------------------------------------------------------------------------------------------------ news

    def test_news_is_known_by_what_was_signed_and_not_by_the_id_in_a_header(self, gateway: Gateway) -> None:
        """Replays are sent exactly as generated (razorpay.com/docs/webhooks/replay-events); headers anybody can make up."""
        body = self.paid_news(INR)
        signed = {"x-razorpay-signature": mac(body)}
        named = ({"x-razorpay-event-id": "evt_R1"}, {"x-razorpay-event-id": "evt_made_up"}, {})
        events = [gateway.read_callback(InboundCallback(body, signed | each)) for each in named]
        assert len({event.event_key for event in events if event is not None}) == 1

    @pytest.mark.parametrize("receipt", ["आदेश", "x" * 400, 7, None])
    def test_what_others_in_the_account_call_their_orders_is_no_reference_of_ours(
        self, gateway: Gateway, receipt: object
    ) -> None:
        event = gateway.read_callback(self.sign(self._changed("order_paid", "order", receipt=receipt)))
        assert event is not None
        assert (event.reference, event.provider_ref) == (None, ORDER)

    @pytest.mark.parametrize("receipt", ["रिफंड", "Receipt No. 31", "RF_1", "x" * 400, 7, None])
    def test_a_refund_made_at_the_dashboard_has_no_key_of_ours_whatever_receipt_it_has(
        self, gateway: Gateway, receipt: object
    ) -> None:
        event = gateway.read_callback(self.sign(self._changed("refund_by_dashboard", "refund", receipt=receipt)))
        assert event is not None
        assert event.fact == self.news["refund_by_dashboard"].fact

    def test_money_we_could_not_have_asked_for_is_not_ours(self, gateway: Gateway) -> None:
        assert gateway.read_callback(self.sign(self._changed("refund_by_dashboard", "refund", currency="USDC"))) is None

    @pytest.mark.parametrize("odd", [None, [], {}, {"entity": None}])
    def test_a_payload_with_something_odd_beside_the_payment_is_read(self, gateway: Gateway, odd: object) -> None:
        event = json.loads(self.sample("payment_captured"))
        event["payload"]["order"] = odd
        read = gateway.read_callback(self.sign(json.dumps(event).encode()))
        assert read is not None
        assert read.fact == self.news["payment_captured"].fact

    def _changed(self, sample: str, thing: str, **changes: object) -> bytes:
        event = json.loads(self.sample(sample))
        event["payload"][thing]["entity"] |= changes
        return json.dumps(event).encode()

    def test_a_return_that_razorpay_signed_proves_a_visit_and_no_money(self, gateway: Gateway) -> None:
        form = {"razorpay_payment_id": PAYMENT, "razorpay_order_id": "order_posted", "razorpay_signature": visit(ORDER)}
        expected = GatewayEvent(f"return:{PAYMENT}", "checkout.return", Pending(), provider_ref=ORDER)
        assert gateway.read_return(ORDER, form) == expected

    @pytest.mark.parametrize(
        "change",
        [
            {"razorpay_signature": ""},
            {"razorpay_signature": "é"},
            {"razorpay_payment_id": "pay_of_another"},
            {"razorpay_payment_id": "pay_\udcff"},
            {"razorpay_signature": None},
        ],
    )
    def test_a_return_with_another_signature_is_rejected(self, gateway: Gateway, change: dict[str, Any]) -> None:
        form = {"razorpay_payment_id": PAYMENT, "razorpay_signature": visit(ORDER)} | change
        with pytest.raises(CallbackRejected):
            gateway.read_return(ORDER, {key: value for key, value in form.items() if value is not None})

    def test_a_signature_for_a_posted_order_does_nothing_for_ours(self, gateway: Gateway) -> None:
        cheap = "order_cheap"
        form = {"razorpay_payment_id": PAYMENT, "razorpay_order_id": cheap, "razorpay_signature": visit(cheap)}
        with pytest.raises(CallbackRejected):
            gateway.read_return(ORDER, form)

    def test_a_return_after_a_failure_is_no_news(self, gateway: Gateway) -> None:
        assert gateway.read_return(ORDER, {"error[code]": "BAD_REQUEST_ERROR", "error[reason]": "x"}) is None
        assert gateway.read_return(ORDER, {}) is None

    # ------------------------------------------------------------------------------------------------ asking

    @pytest.mark.parametrize(
        ("status", "expected"),
        [("paid", _begun(PAYMENT)), ("attempted", Failed(FailureCode.PROCESSING_ERROR, "not_captured"))],
    )
    def test_money_given_back_was_ours_only_if_the_order_was_paid(
        self, gateway: Gateway, there: Vendor, status: str, expected: object
    ) -> None:
        there.on(self.look_up_route, items(payment("refunded")))
        there.on(f"GET /v1/orders/{ORDER}", Answer(order(status=status)))
        assert gateway.look_up(ORDER) == expected

    def test_a_second_charge_on_one_order_is_told(
        self, gateway: Gateway, there: Vendor, caplog: pytest.LogCaptureFixture
    ) -> None:
        there.on(self.look_up_route, items(payment("captured", **LATER), payment("captured")))
        with caplog.at_level(logging.WARNING):
            gateway.look_up(ORDER)
        assert "2 times" in caplog.text

    def test_a_payment_of_another_order_is_not_believed(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.look_up_route, items(payment("captured", order_id="order_of_another")))
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(ORDER)

    def test_an_unknown_order_is_unknown(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.look_up_route, error("The id provided does not exist"))
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(ORDER)

    # ------------------------------------------------------------------------------------------------ refunds

    def test_a_refund_carries_its_key(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.refund_route, Answer(refund("processed")))
        assert gateway.refund(self.refund_request()) == Refunded(INR, REFUND, "rf_91b2kikaokey", PAYMENT)
        [sent] = there.sent(self.refund_route)
        assert sent.headers["x-refund-idempotency"] == sent.json["receipt"] == "rf_91b2kikaokey"
        assert sent.json["amount"] == 150000

    def test_a_refund_on_its_way_is_pending(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.refund_route, Answer(refund("pending")))
        assert gateway.refund(self.refund_request()) == Pending(refund_ref=REFUND)

    def test_a_refund_that_was_made_before_is_found_and_not_failed(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.refund_route, error("The payment has been fully refunded already"))
        there.on(f"GET /v1/payments/{PAYMENT}/refunds", items(refund("processed")))
        assert isinstance(gateway.refund(self.refund_request()), Refunded)

    @pytest.mark.parametrize(
        ("words", "code"),
        [
            ("The payment has been fully refunded already", RefundFailureCode.WENT_BACK_BEFORE),
            ("The total refund amount is greater than the refund payment amount", RefundFailureCode.WENT_BACK_BEFORE),
            (
                "Your account does not have enough balance to carry out the refund operation.",
                RefundFailureCode.NO_BALANCE,
            ),
        ],
    )
    def test_a_refund_that_is_refused_has_failed(
        self, gateway: Gateway, there: Vendor, words: str, code: RefundFailureCode
    ) -> None:
        there.on(self.refund_route, error(words))
        assert gateway.refund(self.refund_request()) == RefundFailed(words, None, "rf_91b2kikaokey", PAYMENT, code)

    def test_a_refund_is_unknown_while_our_keys_are_not_taken_or_it_is_under_way(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        for answer in (error("Authentication failed", 401), error("Request under process", 409)):
            there.on(self.refund_route, answer)
            with pytest.raises(GatewayUnavailable):
                gateway.refund(self.refund_request())

    def test_a_refund_is_asked_for_again_only_when_razorpay_does_not_know_it(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(self.refund_route, Answer(refund("pending")))
        assert gateway.look_up_refund(self.refund_request()) == Pending(refund_ref=REFUND)
        assert len(there.sent(self.refund_route)) == 1
        there.on(f"GET /v1/payments/{PAYMENT}/refunds", items(refund("processed", notes=[])))  # known by its receipt
        assert isinstance(gateway.look_up_refund(self.refund_request()), Refunded)
        assert len(there.sent(self.refund_route)) == 1

    def test_a_start_that_is_refused_says_so_in_our_words(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, error("Authentication failed", 401))
        with pytest.raises(GatewayRefused) as refused:
            gateway.start(self.request())
        assert refused.value.code is FailureCode.PROCESSING_ERROR


def refund(status: str, **changes: Any) -> dict[str, Any]:
    plain = {"id": REFUND, "amount": 150000, "currency": "INR", "payment_id": PAYMENT, "receipt": "rf_91b2kikaokey"}
    return plain | {"status": status, "notes": {"refund_key": "rf_91b2kikaokey"}} | changes


def mac(body: bytes, secret: str = HOOK_SECRET) -> str:
    return hmac.new(secret.encode(), body, "sha256").hexdigest()


def visit(order_id: str) -> str:
    return mac(f"{order_id}|{PAYMENT}".encode(), KEY_SECRET)
