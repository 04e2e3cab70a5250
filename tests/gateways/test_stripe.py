"""Stripe, by the contract and by what only Stripe does."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways.base import (
    Authorised,
    CallbackRejected,
    CheckoutRequest,
    Confirmed,
    Disputed,
    DisputePhase,
    Failed,
    FailureCode,
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    Pending,
    Redirect,
    Refunded,
    RefundFailed,
    RefundFailureCode,
    RefundsChanged,
    SettingsMissing,
)
from app.gateways.stripe import StripeGateway, StripeSettings
from app.gateways.stripe.stripe_facts import decline, to_money, to_units
from app.lib import clock
from kikao.testing.contract import NOW, REFERENCE, GatewayContract, News
from kikao.testing.wire import SILENCES, Answer, Vendor

SESSIONS = "/v1/checkout/sessions"
SESSION = "cs_test_a1Kikao"
INTENT = "pi_3SKikao"
ANSWER_BY = datetime(2026, 11, 28, 21, 6, 40, tzinfo=UTC)
KES = Money(150000, "KES")
SECRET = "whsec_Kikao0123456789abcdef"
PAGE = {"Content-Type": "text/html"}


def error(status: int, **fields: str) -> Answer:
    return Answer({"error": {"type": "invalid_request_error", "message": "no", **fields}}, status)


def stored_failure() -> Answer:
    return replace(error(500, type="api_error"), headers={"Idempotent-Replayed": "true"})


def session(**changes: Any) -> dict[str, Any]:
    """A Checkout Session that was just made."""
    return {
        "id": SESSION,
        "object": "checkout.session",
        "amount_total": 150000,
        "currency": "kes",
        "client_reference_id": REFERENCE,
        "metadata": {"reference": REFERENCE},
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "url": f"https://checkout.stripe.com/c/pay/{SESSION}#fid",
    } | changes


def intent(status: str, **changes: Any) -> dict[str, Any]:
    """A PaymentIntent as it stands in an expanded session."""
    money = {"currency": "kes", "amount_received": 0, "amount_capturable": 0}
    return {"id": INTENT, "object": "payment_intent", "status": status, **money} | changes


def seen(status: str, payment_status: str, inside: object) -> Answer:
    return Answer(session(status=status, payment_status=payment_status, payment_intent=inside, url=None))


NOT_OURS = [None, "", "Bestellung für 1", "x" * 400, 7, ["KKAB23CDEF45"]]
DECLINED = {"code": "card_declined", "decline_code": "insufficient_funds"}
LAPSE = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
EXPIRES = datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
CHARGED = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)
CARD = {"id": "ch_1", "payment_method_details": {"card": {"capture_before": int(LAPSE.timestamp())}}}


MONIES = [
    KES,
    Money(7501, "KES"),
    Money(999_999_999, "EUR"),
    Money(9_999_999_999, "COP"),
    Money(100_000_000_000, "IDR"),
    Money(999_999_999_999, "NGN"),
    Money(1_000_000_000, "TZS"),
    Money(999_999_999, "INR"),
    Money(1200, "JPY"),
    Money(54321, "INR"),
]
UNFIT = [
    Money(49, "USD"),
    Money(1_000_000_000, "USD"),
    Money(10**10, "COP"),
    Money(10**12, "IDR"),
    Money(10**12, "TZS"),
    Money(10**9, "INR"),
    Money(10**9, "JPY"),
    Money(500, "UGX"),
    Money(500, "ISK"),
    Money(5_000, "KWD"),
    Money(500, "XXX"),
]


def charged(method: str) -> dict[str, Any]:
    return {"id": "ch_1", "created": int(CHARGED.timestamp()), "payment_method_details": {"type": method, method: {}}}


def asked_of(*methods: str) -> Answer:
    page = {"payment_method_types": list(methods), "expires_at": int(EXPIRES.timestamp())}
    return Answer(session(status="complete", payment_intent=intent("processing"), url=None, **page))


def told_at(seconds: int) -> Confirmed:
    return Confirmed(KES, INTENT, taken_at=datetime.fromtimestamp(seconds, UTC))


class TestStripeContract(GatewayContract):
    code = "stripe"
    environ = {"STRIPE_SECRET_KEY": "sk_test_51KikaoSecret", "STRIPE_WEBHOOK_SECRET": SECRET}  # noqa: RUF012
    money = KES
    monies = MONIES
    unfit = UNFIT
    start_route = f"POST {SESSIONS}"
    look_up_route = f"GET {SESSIONS}/{SESSION}"
    refund_route = "POST /v1/refunds"
    provider_ref = SESSION
    charge_ref = INTENT
    key_refusal = ("GET " + SESSIONS, error(401))
    refusals = {  # noqa: RUF012
        "unknown parameter": error(400, code="parameter_unknown", param="payment_method_types"),
        "too small": error(400, code="amount_too_small"),
        "wrong key": error(401),
        "not permitted": error(403),
        "card": error(402, type="card_error", code="card_declined", decline_code="fraudulent"),
    }
    look_ups = {  # noqa: RUF012
        "untouched": (seen("open", "unpaid", None), Pending(in_flight=False)),
        "being paid": (seen("open", "unpaid", intent("requires_action")), Pending()),
        "of an unknown kind": (seen("open", "unpaid", intent("thinking")), Pending()),
        "open with an intent not shown": (seen("open", "unpaid", INTENT), Pending()),
        "declined and still payable": (
            seen("open", "unpaid", intent("requires_payment_method", last_payment_error=DECLINED)),
            Pending(in_flight=False, hint=FailureCode.INSUFFICIENT_FUNDS),
        ),
        "not tried yet": (
            seen("open", "unpaid", intent("requires_payment_method", last_payment_error=None)),
            Pending(in_flight=False),
        ),
        "paid": (seen("complete", "paid", intent("succeeded", amount_received=150000)), Confirmed(KES, INTENT)),
        "paid by card": (
            seen("complete", "paid", intent("succeeded", amount_received=150000, latest_charge=charged("card"))),
            Confirmed(KES, INTENT, taken_at=CHARGED),
        ),
        "paid by a debit, of which the charge is older than the money": (
            seen("complete", "paid", intent("succeeded", amount_received=150000, latest_charge=charged("sepa_debit"))),
            Confirmed(KES, INTENT),
        ),
        "paid with an intent not shown": (seen("complete", "paid", INTENT), Confirmed(KES, INTENT)),
        "paid in part": (
            seen("complete", "paid", intent("succeeded", amount_received=90000)),
            Confirmed(Money(90000, "KES"), INTENT),
        ),
        "reserved": (
            seen("complete", "unpaid", intent("requires_capture", amount_capturable=150000, latest_charge=CARD)),
            Authorised(KES, INTENT, LAPSE),
        ),
        "on its way": (seen("complete", "unpaid", intent("processing")), Pending()),
        "complete and not shown": (seen("complete", "unpaid", INTENT), Pending()),
        "asked of a bank": (asked_of("card", "sepa_debit"), Pending(settles_by=EXPIRES + timedelta(days=14))),
        "to be paid at a counter": (asked_of("card", "oxxo"), Pending(settles_by=EXPIRES + timedelta(days=8))),
        "asked in a way that we never asked for": (
            asked_of("acss_debit"),
            Pending(settles_by=EXPIRES + timedelta(days=14)),
        ),
        "failed late": (
            seen("complete", "unpaid", intent("requires_payment_method", last_payment_error=None)),
            Failed(FailureCode.DECLINED),
        ),
        "voided": (
            seen("complete", "unpaid", intent("canceled", cancellation_reason="requested_by_customer")),
            Failed(FailureCode.CANCELLED_BY_PAYER, "requested_by_customer"),
        ),
        "expired": (seen("expired", "unpaid", None), Failed(FailureCode.SESSION_EXPIRED, "expired")),
    }
    news = {  # noqa: RUF012
        "session_paid": News(told_at(1795166001), REFERENCE, SESSION),
        "session_completed_unpaid": News(Pending(), REFERENCE, SESSION),
        "session_paid_late": News(told_at(1795166003), REFERENCE, SESSION),
        "session_payment_failed_late": News(Failed(FailureCode.DECLINED, "async_payment_failed"), REFERENCE, SESSION),
        "session_expired": News(Failed(FailureCode.SESSION_EXPIRED, "expired"), REFERENCE, SESSION),
        "intent_succeeded": News(told_at(1795166006), REFERENCE),
        "intent_processing": News(Pending(), REFERENCE),
        "intent_declined": News(Pending(in_flight=False, hint=FailureCode.INSUFFICIENT_FUNDS), REFERENCE),
        "intent_authorised": News(Authorised(KES, INTENT), REFERENCE),
        "intent_cancelled": News(Failed(FailureCode.SESSION_EXPIRED, "automatic"), REFERENCE),
        "intent_of_another_app": News(None),
        "charge_refunded": News(RefundsChanged(INTENT), REFERENCE),
        "charge_refunded_in_part_again": News(RefundsChanged(INTENT), REFERENCE),
        "refund_pending": News(None),
        "refund_done": News(Refunded(KES, "re_3SKikao", "rf_91b2kikaokey", INTENT)),
        "refund_failed": News(RefundFailed("expired_or_canceled_card", "re_3SKikao", "rf_91b2kikaokey", INTENT)),
        "refund_by_dashboard": News(Refunded(Money(50000, "KES"), "re_3SByHand", None, INTENT)),
        "dispute_opened": News(Disputed(INTENT, KES, "needs_response", "du_1SKikao", respond_by=ANSWER_BY)),
        "dispute_lost": News(
            Disputed(INTENT, KES, "lost", "du_1SKikao", respond_by=ANSWER_BY, deducted=KES, fee=Money(1500, "KES"))
        ),
        "dispute_enquiry": News(
            Disputed(INTENT, KES, "warning_needs_response", "du_2SKikao", DisputePhase.ENQUIRY, respond_by=ANSWER_BY)
        ),
    }

    def options(self) -> dict[str, Any]:
        return {"retries": 0}

    def arrange(self, there: Vendor) -> None:
        there.on(f"GET {SESSIONS}", Answer({"object": "list", "data": [], "has_more": False, "url": SESSIONS}))
        there.on("GET /v1/refunds", Answer({"object": "list", "data": [], "has_more": False, "url": "/v1/refunds"}))

    def started(self, request: CheckoutRequest) -> dict[str, Any]:
        return session(amount_total=to_units(request.money), currency=request.money.currency.lower())

    def wrong_starts(self, request: CheckoutRequest) -> Iterator[dict[str, Any]]:
        good = self.started(request)
        for key in ("id", "amount_total", "currency", "client_reference_id", "url"):
            yield {name: value for name, value in good.items() if name != key}
            yield good | {key: None}
        yield good | {"id": ""}
        yield good | {"amount_total": 1500}
        yield good | {"amount_total": "150000"}
        yield good | {"currency": "usd"}
        yield good | {"client_reference_id": "KKSOMEBODY22"}
        yield from (good | {"url": url} for url in ELSEWHERE)

    def payments_started(self, there: Vendor) -> int:
        return len({(each.headers["idempotency-key"], each.body) for each in there.sent(self.start_route)})

    def amount_sent(self, there: Vendor) -> Money:
        form = there.sent(self.start_route)[0].form
        price = "line_items[0][price_data]"
        return to_money(int(form[f"{price}[unit_amount]"]), form[f"{price}[currency]"])

    def paid_news(self, money: Money) -> bytes:
        event = json.loads(self.sample("session_paid"))
        event["data"]["object"] |= {"amount_total": to_units(money), "currency": money.currency.lower()}
        return json.dumps(event, indent=2).encode()

    def sign(self, body: bytes) -> InboundCallback:
        return signed(body, f"t={STAMP},v1={mac(STAMP, body)},v0=5257a869")

    def forgeries(self, body: bytes) -> Iterator[InboundCallback]:
        good, old, soon = mac(STAMP, body), STAMP - 301, STAMP + 5
        yield InboundCallback(body, {})
        yield signed(body + b" ", f"t={STAMP},v1={good}")
        yield signed(body, f"t={STAMP},v1={mac(STAMP, body, 'whsec_other')}")
        yield signed(body, f"t={STAMP},v0={good}")
        yield signed(body, f"t={soon},v1={good}")
        yield signed(body, f"t={old},v1={mac(old, body)}")
        yield from (
            signed(body, text) for text in ("", "t", f"v1={good}", f"t={STAMP}", "t=now,v1=x", "t=1,v1=é€\udcff")
        )

    def unknown_news(self) -> Iterator[bytes]:
        for kind in ("customer.created", "charge.succeeded", "payout.paid", "something.new"):
            yield json.dumps(json.loads(self.sample("session_paid")) | {"type": kind}).encode()
        for thin in ({"data": None}, {"data": {}}, {"data": {"object": None}}, {"related_object": {"id": "acct_1"}}):
            yield json.dumps(
                {"id": "evt_1", "object": "v2.core.event", "type": "v2.core.account.updated"} | thin
            ).encode()
        kept_card = {
            "mode": "setup",
            "amount_total": None,
            "payment_status": "no_payment_required",
            "payment_intent": None,
        }
        for kind, currency in (("completed", None), ("completed", "eur"), ("expired", None)):
            yield self._changed("session_paid", f"checkout.session.{kind}", **kept_card, currency=currency)
        yield self._changed("refund_by_dashboard", "refund.updated", currency="usdc")
        for reference in NOT_OURS:
            metadata = {"metadata": {"reference": reference}}
            yield self._changed("intent_succeeded", "payment_intent.succeeded", **metadata, currency="usdc")

    def _changed(self, sample: str, kind: str, **changes: Any) -> bytes:
        event = json.loads(self.sample(sample)) | {"type": kind}
        event["data"]["object"] |= changes
        return json.dumps(event).encode()

    @pytest.mark.parametrize("reference", NOT_OURS)
    def test_what_others_in_the_account_call_their_payments_is_no_reference_of_ours(
        self, gateway: Gateway, reference: object
    ) -> None:
        others = {"client_reference_id": reference, "metadata": {"reference": reference, "refund_key": reference}}
        for sample in ("session_paid", "charge_refunded", "refund_done"):
            kind = json.loads(self.sample(sample))["type"]
            event = gateway.read_callback(self.sign(self._changed(sample, kind, **others)))
            assert event is not None
            assert (event.reference, getattr(event.fact, "refund_key", None)) == (None, None)

    # ------------------------------------------------------------------------------------------------ only Stripe

    def test_a_start_is_refused_when_the_vendor_does_not_take_our_keys(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, error(401))
        with pytest.raises(GatewayRefused) as refused:
            gateway.start(self.request())
        assert refused.value.code is FailureCode.PROCESSING_ERROR

    def test_the_session_says_who_what_and_until_when(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(session()))
        step = gateway.start(self.request())
        assert isinstance(step, Redirect)
        assert step.url.startswith("https://checkout.stripe.com/")
        [sent] = there.sent(self.start_route)
        assert sent.headers["idempotency-key"] == self.request().idempotency_key
        assert sent.form["client_reference_id"] == REFERENCE
        assert sent.form["metadata[reference]"] == sent.form["payment_intent_data[metadata][reference]"] == REFERENCE
        assert sent.form["success_url"] == self.request().return_url
        assert not [name for name in sent.form if name.startswith(("payment_method_types", "ui_mode"))]

    def test_session_and_intent_say_which_kikao_asks_and_for_which_checkout(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(self.start_route, Answer(session()))
        gateway.start(self.request(installation="KKQ2", checkout="c0ffee"))
        [sent] = there.sent(self.start_route)
        for where in ("metadata", "payment_intent_data[metadata]"):
            assert sent.form[f"{where}[installation]"] == "KKQ2"
            assert sent.form[f"{where}[checkout]"] == "c0ffee"

    def test_what_was_begun_before_there_were_names_is_sent_as_it_was(self, gateway: Gateway, there: Vendor) -> None:
        """Stripe refuses the same key with other parameters, and a start may be repeated after an upgrade."""
        there.on(self.start_route, Answer(session()))
        there.on(self.refund_route, Answer(refund("succeeded")))
        gateway.start(self.request())
        gateway.refund(self.refund_request())
        kept = [name for each in there.seen for name in each.form if "metadata]" in name or name.startswith("metadata")]
        assert kept == ["metadata[reference]", "payment_intent_data[metadata][reference]", "metadata[refund_key]"]

    def test_a_refund_says_which_kikao_asked(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.refund_route, Answer(refund("succeeded")))
        gateway.refund(self.refund_request(installation="KKQ2"))
        [sent] = there.sent(self.refund_route)
        assert sent.form["metadata[installation]"] == "KKQ2"

    @pytest.mark.parametrize(
        ("ours", "stripes"),
        [(timedelta(minutes=5), 45 * 60), (timedelta(hours=2), 7200), (timedelta(days=3), 24 * 3600 - 300)],
    )
    def test_the_session_ends_with_our_hold_within_stripes_limits(
        self, gateway: Gateway, there: Vendor, ours: timedelta, stripes: int
    ) -> None:
        there.on(self.start_route, Answer(session()))
        gateway.start(self.request(expires_at=NOW + ours))
        assert int(there.sent(self.start_route)[0].form["expires_at"]) - int(NOW.timestamp()) == stripes

    def test_a_payment_to_approve_first_is_only_reserved(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, Answer(session()))
        gateway.start(self.request(manual_capture=True))
        assert there.sent(self.start_route)[0].form["payment_intent_data[capture_method]"] == "manual"

    def test_the_payer_may_be_sent_to_stripe_and_to_the_stand_in(self, gateway: Gateway, there: Vendor) -> None:
        for url in (f"{there.url}/pay/1", "https://checkout.stripe.com/c/1#x"):
            there.on(self.start_route, Answer(session(url=url)))
            step = gateway.start(self.request())
            assert isinstance(step, Redirect)
            assert step.url == url
        assert set(gateway.hosts) == {"https://checkout.stripe.com", there.url}

    def test_a_blip_is_tried_again_with_the_same_key(self, there: Vendor) -> None:
        there.on(self.start_route, error(503, type="api_error"), Answer(session()))
        settings = StripeSettings.from_environment(self.environ | {"STRIPE_API_BASE": there.url})
        StripeGateway(settings).start(self.request())
        assert [each.headers["idempotency-key"] for each in there.sent(self.start_route)] == ["attempt-7f3a-start"] * 2

    def test_the_page_is_asked_for_what_may_be_offered_and_that_is_the_card_unless_the_request_says_more(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        """PAY-6: a list of what may not be would let in whatever Stripe adds tomorrow."""
        there.on(self.start_route, Answer(session()))
        for slow in ((), ("sepa_debit", "oxxo")):
            gateway.start(self.request(slow_methods=slow))
        plain, more = (each.form for each in there.sent(self.start_route))
        asked = "allowed_payment_method_types"
        assert {key: value for key, value in plain.items() if "payment_method" in key} == {f"{asked}[0]": "card"}
        assert [more[f"{asked}[{n}]"] for n in range(3)] == ["card", "sepa_debit", "oxxo"]
        assert more["payment_method_options[oxxo][expires_after_days]"] == "3"

    def test_the_accounts_own_domain_is_let_in_once_it_is_named(self, there: Vendor) -> None:
        """PAY-15: with a custom domain every start was "another address"; others stay out."""
        own = f"https://pay.example.com/c/pay/{SESSION}"
        gateway = self.build(there, STRIPE_CHECKOUT_HOST="pay.example.com")
        assert set(gateway.hosts) == {"https://checkout.stripe.com", "https://pay.example.com", there.url}
        there.on(self.start_route, Answer(session(url=own)))
        assert gateway.start(self.request()).url == own  # type: ignore[union-attr]
        for url in (
            own.replace("https", "http"),
            own.replace("pay.", "x.pay."),
            own.replace(".com", ".com.evil.example"),
            own.replace(".com/", ".com:8443/"),
        ):
            there.on(self.start_route, Answer(session(url=url)))
            with pytest.raises(GatewayUnavailable):
                gateway.start(self.request())

    def test_while_the_accounts_domain_is_changed_pages_at_the_old_and_the_new_one_open(self, there: Vendor) -> None:
        gateway = self.build(there, STRIPE_CHECKOUT_HOST="pay.example.com, book.example.com")
        for host in ("pay.example.com", "book.example.com"):
            there.on(self.start_route, Answer(session(url=f"https://{host}/c/pay/{SESSION}")))
            assert isinstance(gateway.start(self.request()), Redirect)

    @pytest.mark.parametrize(
        ("setting", "words", "named"),
        [
            ("SLOW_METHODS", "sepa_debit, bacs_debit", "bacs_debit"),
            ("SLOW_METHODS", "card", "card"),
            ("CHECKOUT_HOST", "https://pay.example.com", "host name"),
            ("CHECKOUT_HOST", "pay.example.com/c", "host name"),
            ("CHECKOUT_HOST", "pay.example.com,", "host name"),
            ("CHECKOUT_HOST", "pay.example.com;script-src", "host name"),
        ],
    )
    def test_a_setting_nobody_can_mean_stops_the_start(self, setting: str, words: str, named: str) -> None:
        with pytest.raises(SettingsMissing, match=named):
            StripeSettings.from_environment(self.environ | {f"STRIPE_{setting}": words})

    def test_after_a_stored_failure_a_new_key_is_used_only_when_there_is_no_session(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(self.start_route, stored_failure(), Answer(session()))
        assert gateway.start(self.request()).provider_ref == SESSION
        keys = [each.headers["idempotency-key"] for each in there.sent(self.start_route)]
        assert keys == ["attempt-7f3a-start", "attempt-7f3a-start-2"]

    def test_after_a_stored_failure_the_session_that_exists_is_taken(self, gateway: Gateway, there: Vendor) -> None:
        others = session(id="cs_other", client_reference_id=None, metadata={})
        listed = {"object": "list", "data": [others, session()], "has_more": False, "url": SESSIONS}
        there.on(self.start_route, stored_failure())
        there.on(f"GET {SESSIONS}", Answer(listed))
        assert gateway.start(self.request()).provider_ref == SESSION
        assert len(there.sent(self.start_route)) == 1

    def test_a_stored_failure_is_unknown_when_nobody_can_look(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.start_route, stored_failure())
        there.on(f"GET {SESSIONS}", error(500, type="api_error"))
        with pytest.raises(GatewayUnavailable):
            gateway.start(self.request())
        assert len(there.sent(self.start_route)) == 1

    @pytest.mark.parametrize(
        "answer", [error(400, type="idempotency_error"), error(409, code="idempotency_key_in_use")]
    )
    def test_a_key_that_was_used_for_something_leaves_the_start_unknown(
        self, gateway: Gateway, there: Vendor, answer: Answer
    ) -> None:
        there.on(self.start_route, answer)
        with pytest.raises(GatewayUnavailable):
            gateway.start(self.request())

    def test_any_of_several_signatures_will_do_while_the_secret_is_rolled(self, gateway: Gateway) -> None:
        body = self.paid_news(KES)
        header = f"t={STAMP}, v1={mac(STAMP, body, 'whsec_old')}, v1={mac(STAMP, body)}"
        assert gateway.read_callback(signed(body, header)) is not None

    def test_a_clock_a_little_behind_stripes_does_not_lose_news(self, gateway: Gateway) -> None:
        body, later = self.paid_news(KES), STAMP + 290
        assert gateway.read_callback(signed(body, f"t={later},v1={mac(later, body)}")) is not None

    def test_an_unknown_session_is_unknown(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.look_up_route, error(404, code="resource_missing"))
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(SESSION)

    def test_an_expired_session_can_no_longer_be_paid(self, gateway: Gateway, there: Vendor) -> None:
        there.on(f"POST {SESSIONS}/{SESSION}/expire", seen("expired", "unpaid", None))
        assert gateway.expire(SESSION) == Failed(FailureCode.SESSION_EXPIRED, "expired")

    def test_expiring_a_session_that_was_just_paid_tells_so(self, gateway: Gateway, there: Vendor) -> None:
        there.on(f"POST {SESSIONS}/{SESSION}/expire", error(400))
        there.on(self.look_up_route, seen("complete", "paid", INTENT))
        assert gateway.expire(SESSION) == Confirmed(KES, INTENT)

    def test_capturing_twice_confirms_twice(self, gateway: Gateway, there: Vendor) -> None:
        done = Answer(intent("succeeded", amount_received=150000))
        there.on(f"POST /v1/payment_intents/{INTENT}/capture", done, error(400, code="payment_intent_unexpected_state"))
        there.on(f"GET /v1/payment_intents/{INTENT}", done)
        for _ in range(2):
            assert gateway.capture(SESSION, INTENT, KES) == Confirmed(KES, INTENT)
        assert there.sent(f"POST /v1/payment_intents/{INTENT}/capture")[0].form["amount_to_capture"] == "150000"

    def test_voiding_what_was_captured_tells_that_the_money_is_ours(self, gateway: Gateway, there: Vendor) -> None:
        there.on(f"POST /v1/payment_intents/{INTENT}/cancel", error(400, code="payment_intent_unexpected_state"))
        there.on(f"GET /v1/payment_intents/{INTENT}", Answer(intent("succeeded", amount_received=150000)))
        assert gateway.void(SESSION, INTENT) == Confirmed(KES, INTENT)

    def test_voiding_frees_the_money(self, gateway: Gateway, there: Vendor) -> None:
        there.on(f"POST /v1/payment_intents/{INTENT}/cancel", Answer(intent("canceled")))
        assert gateway.void(SESSION, INTENT) == Failed(FailureCode.SESSION_EXPIRED, "canceled")

    # ------------------------------------------------------------------------------------------------ refunds

    def test_a_refund_carries_its_key_twice(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.refund_route, Answer(refund("succeeded")))
        assert gateway.refund(self.refund_request()) == Refunded(KES, "re_1", "rf_91b2kikaokey", INTENT)
        [sent] = there.sent(self.refund_route)
        assert sent.headers["idempotency-key"] == sent.form["metadata[refund_key]"] == "rf_91b2kikaokey"
        assert (sent.form["payment_intent"], sent.form["amount"]) == (INTENT, "150000")

    @pytest.mark.parametrize("status", ["pending", "requires_action", "thinking"])
    def test_a_refund_on_its_way_is_pending(self, gateway: Gateway, there: Vendor, status: str) -> None:
        there.on(self.refund_route, Answer(refund(status)))
        assert gateway.refund(self.refund_request()) == Pending(refund_ref="re_1")

    def test_all_refunds_of_a_payment_that_have_ended_are_told(self, gateway: Gateway, there: Vendor) -> None:
        by_hand = refund("failed") | {"id": "re_2", "metadata": {}, "failure_reason": "lost_or_stolen_card"}
        listed = [refund("succeeded"), refund("pending") | {"id": "re_3"}, by_hand]
        there.on("GET /v1/refunds", Answer({"object": "list", "data": listed, "has_more": False}))
        assert gateway.look_up_refunds(INTENT) == [
            Refunded(KES, "re_1", "rf_91b2kikaokey", INTENT),
            RefundFailed("lost_or_stolen_card", "re_2", None, INTENT),
        ]
        there.on("GET /v1/refunds", SILENCES["500 page"])
        with pytest.raises(GatewayUnavailable):
            gateway.look_up_refunds(INTENT)

    def test_a_refund_that_was_made_before_is_found_and_not_failed(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.refund_route, error(400, code="charge_already_refunded"))
        there.on("GET /v1/refunds", Answer({"object": "list", "data": [refund("succeeded")], "has_more": False}))
        assert isinstance(gateway.refund(self.refund_request()), Refunded)

    def test_a_charge_that_others_refunded_fails_for_good(self, gateway: Gateway, there: Vendor) -> None:
        there.on(self.refund_route, error(400, code="charge_already_refunded"))
        outcome = gateway.refund(self.refund_request())
        assert outcome == RefundFailed(
            "charge_already_refunded", None, "rf_91b2kikaokey", INTENT, RefundFailureCode.WENT_BACK_BEFORE
        )

    def test_a_refund_is_asked_for_again_only_when_stripe_does_not_know_it(
        self, gateway: Gateway, there: Vendor
    ) -> None:
        there.on(self.refund_route, Answer(refund("pending")))
        assert gateway.look_up_refund(self.refund_request()) == Pending(refund_ref="re_1")
        assert len(there.sent(self.refund_route)) == 1
        there.on("GET /v1/refunds", Answer({"object": "list", "data": [refund("succeeded")], "has_more": False}))
        assert isinstance(gateway.look_up_refund(self.refund_request()), Refunded)
        assert len(there.sent(self.refund_route)) == 1


def refund(status: str) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 150000,
        "currency": "kes",
        "payment_intent": INTENT,
        "status": status,
        "metadata": {"refund_key": "rf_91b2kikaokey"},
    }


# Where a payer must never be sent, whatever Stripe is said to have answered.
ELSEWHERE = [
    "http://checkout.stripe.com/c/1",
    "https://checkout.stripe.com.evil.example/c/1",
    "https://evilstripe.com/c/1",
    "https://checkout.stripe.com@evil.example/c/1",
    "https://evil.example\\@checkout.stripe.com/c/1",
    "https://evil.example/\\.stripe.com",
    "https://checkout.stripe.com\n.evil.example/",
    "https://evil.stripe.com/c/1",  # the page's policy does not let a browser go there
    "https://checkout.stripe.com:8443/c/1",
    "//checkout.stripe.com/c/1",
    "javascript:alert(1)//checkout.stripe.com",
    "/c/pay/1",
    "",
    7,
    ["https://checkout.stripe.com/c/1"],
]

STAMP = int(NOW.timestamp())


def mac(stamp: int, body: bytes, secret: str = SECRET) -> str:
    import hmac

    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()


def signed(body: bytes, header: str) -> InboundCallback:
    return InboundCallback(body, {"stripe-signature": header, "content-type": "application/json"})


# ---------------------------------------------------------------------------------------------------- what is believed


def _event(**changes: Any) -> bytes:
    sample = Path(__file__).parent / "samples" / "stripe" / "dispute_opened.json"
    return json.dumps(json.loads(sample.read_text()) | changes).encode()


def _gateway(**settings: str) -> Gateway:
    environ = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": SECRET} | settings
    return StripeGateway(StripeSettings.from_environment(environ))


@pytest.mark.parametrize("stamp", [STAMP - 301, STAMP + 301, STAMP + 3600])
def test_a_stamp_is_neither_old_nor_ahead(at_noon: None, stamp: int) -> None:
    """SEC-22: one from the future could be replayed without bound."""
    body = _event()
    with pytest.raises(CallbackRejected):
        _gateway().read_callback(signed(body, f"t={stamp},v1={mac(stamp, body)}"))


@pytest.mark.parametrize("stamp", [f"+{STAMP}", f"{STAMP}.0", f"0x{STAMP:x}", "\u0661\u0667\u0669", ""])
def test_a_stamp_is_digits(at_noon: None, stamp: str) -> None:
    import hmac

    body = _event()
    proof = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest()
    with pytest.raises(CallbackRejected):
        _gateway().read_callback(signed(body, f"t={stamp},v1={proof}"))


@pytest.mark.parametrize(
    ("key", "livemode", "believed"),
    [
        ("sk_test_1", False, True),
        ("sk_test_1", True, False),
        ("rk_live_1", True, True),
        ("sk_live_1", False, False),
        ("another_shape", True, True),
    ],
)
def test_news_of_the_other_mode_than_our_key_is_refused(
    at_noon: None, key: str, livemode: bool, believed: bool
) -> None:
    """SEC-20: a well signed event with livemode true was believed by an installation with test keys."""
    body = _event(livemode=livemode)
    news = signed(body, f"t={STAMP},v1={mac(STAMP, body)}")
    if believed:
        assert _gateway(STRIPE_SECRET_KEY=key).read_callback(news) is not None
        return
    with pytest.raises(CallbackRejected, match="other mode"):
        _gateway(STRIPE_SECRET_KEY=key).read_callback(news)


def test_several_secrets_are_believed_while_one_is_rolled(at_noon: None) -> None:
    """Stripe and Razorpay sign with the old secret for a while: a comma list names both."""
    body = _event()
    rolled = _gateway(STRIPE_WEBHOOK_SECRET=f"whsec_new, {SECRET}")
    assert rolled.read_callback(signed(body, f"t={STAMP},v1={mac(STAMP, body)}")) is not None
    assert rolled.read_callback(signed(body, f"t={STAMP},v1={mac(STAMP, body, 'whsec_new')}")) is not None
    for wrong in ("whsec_other", ""):
        with pytest.raises(CallbackRejected):
            rolled.read_callback(signed(body, f"t={STAMP},v1={mac(STAMP, body, wrong)}"))


@pytest.fixture
def at_noon() -> Iterator[None]:
    clock.use(lambda: NOW)
    yield
    clock.use(None)


# ---------------------------------------------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    ("money", "units"),
    [
        (Money(150000, "KES"), 150000),
        (Money(1200, "JPY"), 1200),
        (Money(500, "ISK"), 50000),  # two decimals at Stripe, none by ISO
        (Money(500, "UGX"), 500),
        (Money(50000, "MGA"), 500),  # none at Stripe, two by ISO
        (Money(1230, "KWD"), 1230),
    ],
)
def test_stripe_counts_some_currencies_in_other_units_than_iso(money: Money, units: int) -> None:
    assert to_units(money) == units
    assert to_money(units, money.currency.lower()) == money


def test_an_amount_stripe_has_no_unit_for_is_an_error() -> None:
    with pytest.raises(ValueError, match="MGA"):
        to_units(Money(50050, "MGA"))


@pytest.mark.parametrize("amount", [None, "150000", 1500.0, True, -1])
def test_an_amount_that_is_no_count_is_an_error(amount: object) -> None:
    with pytest.raises(ValueError, match="minor units"):
        to_money(amount, "kes")


def test_the_banks_own_word_counts_before_stripes() -> None:
    assert decline({"code": "card_declined", "decline_code": "insufficient_funds"}) is FailureCode.INSUFFICIENT_FUNDS
    assert decline({"code": "expired_card"}) is FailureCode.INVALID_ACCOUNT
    assert decline({"code": "card_declined", "decline_code": "do_not_honor"}) is FailureCode.DECLINED
    assert decline({}) is FailureCode.DECLINED
