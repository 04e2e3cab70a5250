"""M-Pesa, by the contract and by what only Daraja does."""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways.base import (
    TIMED_OUT,
    CheckoutRequest,
    Confirmed,
    Failed,
    FailureCode,
    Gateway,
    GatewayBusy,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    NothingSent,
    Pending,
    Refunded,
    RefundFailed,
    RefundFailureCode,
    WaitForPush,
)
from app.gateways.mpesa import mpesa_facts
from app.gateways.mpesa.mpesa_facts import FAILURES
from app.gateways.phones import normalise_phone
from app.lib import clock
from app.words import problems
from kikao.testing.contract import NOW, REFERENCE, GatewayContract, News
from kikao.testing.wire import HASTY, PATIENT, SILENCES, Answer, Vendor

TOKEN = "GET /oauth/v1/generate"
PUSH = "POST /mpesa/stkpush/v1/processrequest"
QUERY = "POST /mpesa/stkpushquery/v1/query"
REVERSAL = "POST /mpesa/reversal/v1/request"
CHECKOUT, MERCHANT, RECEIPT = "ws_CO_20112026123045708374149", "29115-34620561-1", "TKL7RT61SV"
PASSKEY = "bfb279f9aa9bdbcf158e97dd71a467cd"
KES = Money(150000, "KES")
WAY = {"MPESA_INITIATOR": "kikaoapi", "MPESA_SECURITY_CREDENTIAL": "Zm9vYmFyQ3JlZGVudGlhbA"}
TAKEN = datetime(2026, 11, 20, 9, 31, 2, tzinfo=UTC)
KNOWN = {"merchant_request_id": MERCHANT, "checkout_request_id": CHECKOUT, "phone": "254712345678"}
UNKNOWN_PHONE = {key: value for key, value in KNOWN.items() if key != "phone"}


def error(code: str, message: str, status: int = 500) -> Answer:
    return Answer({"requestId": "1-1", "errorCode": code, "errorMessage": message}, status)


def token(value: str = "KikaoToken1", seconds: str = "3599") -> Answer:
    return Answer({"access_token": value, "expires_in": seconds})


def queried(code: Any, **changes: Any) -> Answer:
    said = {"ResponseCode": "0", "MerchantRequestID": MERCHANT, "CheckoutRequestID": CHECKOUT, "ResultCode": code}
    return Answer(said | {"ResultDesc": "About it."} | changes)


def failed(code: str) -> Failed:
    return Failed(FAILURES[code], code)


MANY = "500.001.1001"
STILL = error(MANY, "The transaction is being processed")
ACCEPTED = {"OriginatorConversationID": "71840-1", "ConversationID": "AG_1", "ResponseCode": "0"}
BAD_TOKENS = [
    error("404.001.03", "Invalid Access Token", 404),
    error("401.003.01", "expired", 401),
    error("x", "", 401),
]

POLICY = {"faultstring": "Spike arrest", "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"}}
TURNED_AWAY = [
    error("500.003.02", "Error Occurred: Spike Arrest Violation"),
    error("500.003.03", "Error Occurred: Quota Violation"),
    Answer({"fault": POLICY}, 500),
    Answer({"fault": POLICY | {"detail": {"errorcode": "policies.ratelimit.QuotaViolation"}}}, 503),
    Answer({"fault": POLICY}, 429),
]
BUSY = [
    error("500.003.02", "System is busy. Please try again in few minutes."),
    error("500.001.1001", "System is busy"),
]

REFUND_KEY = "rf_91b2kikaokey"


class TestMpesaContract(GatewayContract):
    code = "mpesa"
    environ = {  # noqa: RUF012
        "MPESA_CONSUMER_KEY": "KikaoConsumerKey1",
        "MPESA_CONSUMER_SECRET": "KikaoConsumerSecret1",
        "MPESA_SHORTCODE": "174379",
        "MPESA_PASSKEY": PASSKEY,
        **WAY,
    }
    public = ("SHORTCODE", "INITIATOR")
    money = KES
    monies = [Money(100, "KES"), KES, Money(25_000_000, "KES")]  # noqa: RUF012
    unfit = [Money(150050, "KES"), Money(0, "KES"), Money(25_000_100, "KES"), Money(150000, "UGX")]  # noqa: RUF012
    start_route = PUSH
    look_up_route = QUERY
    refund_route = REVERSAL
    provider_ref = CHECKOUT
    charge_ref = RECEIPT
    key_refusal = (TOKEN, error("400.008.01", "Invalid Authentication passed", 400))
    refusals = {  # noqa: RUF012
        "bad phone": error("400.002.02", "Bad Request - Invalid PhoneNumber", 400),
        "bad address": error("400.002.02", "Bad Request - Invalid CallBackURL", 400),
        "wrong passkey": error(MANY, "[MerchantValidate] - Wrong credentials"),
        "unknown till": error(MANY, "Merchant does not exist"),
        "prompt already open": error(MANY, "Unable to lock subscriber, a transaction is already in process"),
        "not accepted": Answer({"MerchantRequestID": "1", "CheckoutRequestID": "ws_1", "ResponseCode": "1"}),
        "token never good": error("404.001.03", "Invalid Access Token", 404),
    }
    look_ups = {  # noqa: RUF012
        "paid": (queried("0"), Confirmed(None, None)),
        "paid, as a number": (queried(0), Confirmed(None, None)),
        "not finished, by error": (STILL, Pending()),
        "not finished, in other words": (error(MANY, "The transaction is still under processing"), Pending()),
        "not finished, by code": (queried("4999"), Pending()),
        "of an unknown kind": (queried("777"), Pending()),
        **{f"failed {code}": (queried(code), failed(code)) for code in FAILURES},
    }
    news = {  # noqa: RUF012
        "paid": News(Confirmed(KES, RECEIPT, verified=False, taken_at=TAKEN), REFERENCE, CHECKOUT, KNOWN),
        "paid_with_codes_as_text": News(
            Confirmed(KES, "TKL7RT61SW", verified=False, taken_at=TAKEN), REFERENCE, CHECKOUT, UNKNOWN_PHONE
        ),
        "paid_without_receipt": News(Pending(), REFERENCE, CHECKOUT, KNOWN),
        "paid_without_amount": News(Pending(), REFERENCE, CHECKOUT, KNOWN),
        "paid_without_metadata": News(Pending(), REFERENCE, CHECKOUT, UNKNOWN_PHONE),
        "no_money": News(failed("1"), REFERENCE, CHECKOUT),
        "rule_limit": News(failed("17"), REFERENCE, CHECKOUT),
        "busy": News(failed("26"), REFERENCE, CHECKOUT),
        "phone_busy": News(failed("1001"), REFERENCE, CHECKOUT),
        "expired": News(failed("1019"), REFERENCE, CHECKOUT),
        "not_sent": News(failed("1025"), REFERENCE, CHECKOUT),
        "cancelled_on_menu": News(failed("1031"), REFERENCE, CHECKOUT),
        "cancelled": News(failed("1032"), REFERENCE, CHECKOUT),
        "no_answer": News(failed("1037"), REFERENCE, CHECKOUT),
        "wrong_pin": News(failed("2001"), REFERENCE, CHECKOUT),
        "not_sent_either": News(failed("9999"), REFERENCE, CHECKOUT),
        "unknown_code": News(Pending(), REFERENCE, CHECKOUT),
        "still_processing": News(Pending(), REFERENCE, CHECKOUT),
        "reversed": News(Refunded(KES, "TKM8SU72TW", REFUND_KEY, RECEIPT)),
        "reversed_tersely": News(Refunded(None, "TKM8SU72TX", REFUND_KEY, RECEIPT)),
        "reversed_before": News(
            RefundFailed(
                "M-Pesa says it was reversed before",
                "TKM8SU72TY",
                REFUND_KEY,
                code=RefundFailureCode.WENT_BACK_BEFORE,
            )
        ),
        "reversal_not_permitted": News(
            RefundFailed(
                "M-Pesa does not accept the initiator", "TKM8SU72TZ", REFUND_KEY, code=RefundFailureCode.NO_ACCESS
            )
        ),
        "reversal_of_unknown_outcome": News(
            RefundFailed(
                "M-Pesa says 21, which we do not know", "TKM8SU72TW", REFUND_KEY, code=RefundFailureCode.UNCLEAR
            )
        ),
    }

    def arrange(self, there: Vendor) -> None:
        there.on(TOKEN, token())

    def started(self, request: CheckoutRequest) -> dict[str, Any]:  # noqa: ARG002
        return pushed()

    def wrong_starts(self, request: CheckoutRequest) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        for key in ("ResponseCode", "CheckoutRequestID", "MerchantRequestID"):
            yield {name: value for name, value in pushed().items() if name != key}
        yield from (pushed(CheckoutRequestID=wrong) for wrong in (None, "", 7, [], "x" * 300, "ws\x00"))

    def payments_started(self, there: Vendor) -> int:
        return len(there.sent(PUSH))

    def amount_sent(self, there: Vendor) -> Money:
        amount = there.sent(PUSH)[0].json["Amount"]
        assert type(amount) is int
        return Money.from_major(amount, "KES")

    def paid_news(self, money: Money) -> bytes:
        body = json.loads(self.sample("paid"))
        body["Body"]["stkCallback"]["CallbackMetadata"]["Item"][0]["Value"] = float(money.major)
        return json.dumps(body).encode()

    def sign(self, body: bytes) -> InboundCallback:
        address = REFUND_KEY if b'"Result"' in body else REFERENCE  # each payment and each refund has its own
        return InboundCallback(body, {"content-type": "application/json;charset=UTF-8"}, address)

    def forgeries(self, body: bytes) -> Iterator[InboundCallback]:
        yield InboundCallback(body, {})
        yield InboundCallback(body, {}, "")

    def unknown_news(self) -> Iterator[bytes]:
        yield from ()  # nothing M-Pesa tells at a signed address is of no kind

    # ------------------------------------------------------------------------------------------------ the push

    def test_the_push_says_what_daraja_wants_to_hear(self, gateway: Gateway, there: Vendor) -> None:
        there.on(PUSH, Answer(pushed()))
        step = gateway.start(self.request(phone="0712 345-678"))
        assert step == WaitForPush(CHECKOUT, 120, KNOWN)
        [sent] = there.sent(PUSH)
        assert sent.headers["authorization"] == "Bearer KikaoToken1"
        assert sent.json == {
            "BusinessShortCode": "174379",
            "Password": base64.b64encode(f"174379{PASSKEY}20261120123045".encode()).decode(),
            "Timestamp": "20261120123045",  # Nairobi, three hours ahead
            "TransactionType": "CustomerPayBillOnline",
            "Amount": 1500,
            "PartyA": "254712345678",
            "PartyB": "174379",
            "PhoneNumber": "254712345678",
            "CallBackURL": self.request().callback_url,
            "AccountReference": REFERENCE,
            "TransactionDesc": "Session with",
        }

    def test_a_till_is_paid_as_buy_goods(self, there: Vendor) -> None:
        there.on(PUSH, Answer(pushed()))
        self.build(there, MPESA_TILL="5551234").start(self.request())
        sent = there.sent(PUSH)[0].json
        assert (sent["TransactionType"], sent["PartyB"]) == ("CustomerBuyGoodsOnline", "5551234")
        assert sent["BusinessShortCode"] == "174379"

    @pytest.mark.parametrize(
        ("words", "sent"), [("Café & co: £5 — now!", "Cafe  co 5  n"), ("治療", "Payment"), ("", "Payment")]
    )
    def test_the_description_is_made_plain(self, gateway: Gateway, there: Vendor, words: str, sent: str) -> None:
        there.on(PUSH, Answer(pushed()))
        gateway.start(self.request(description=words))
        assert there.sent(PUSH)[0].json["TransactionDesc"] == sent

    @pytest.mark.parametrize("phone", ["", "+919876543210", "0812345678", "071234567", "wanjiru"])
    def test_a_phone_that_cannot_be_prompted_is_refused_without_telling_it(
        self, gateway: Gateway, there: Vendor, phone: str
    ) -> None:
        with pytest.raises(GatewayRefused) as refused:
            gateway.start(self.request(phone=phone))
        assert refused.value.code is FailureCode.INVALID_ACCOUNT
        assert not phone or phone not in str(refused.value)
        assert there.seen == []

    def test_a_phone_that_daraja_refuses_is_an_invalid_account(self, gateway: Gateway, there: Vendor) -> None:
        there.on(PUSH, self.refusals["bad phone"])
        with pytest.raises(GatewayRefused) as refused:
            gateway.start(self.request())
        assert refused.value.code is FailureCode.INVALID_ACCOUNT

    def test_a_push_without_answer_is_not_sent_again(self, there: Vendor) -> None:
        gateway = self.build(there, HASTY)
        for silence in ("timeout", "reset", "500 page", "429 object"):
            there.seen.clear()
            there.on(PUSH, SILENCES[silence])
            with pytest.raises(GatewayUnavailable):
                gateway.start(self.request())
            assert len(there.sent(PUSH)) == 1

    @pytest.mark.parametrize("answer", TURNED_AWAY)
    def test_who_is_turned_away_at_darajas_door_has_sent_nothing_for_certain(
        self, gateway: Gateway, there: Vendor, answer: Answer
    ) -> None:
        """PAY-16: also under HTTP 500, and also of the query and a reversal, which may then be made again."""
        for route, call in (
            (PUSH, lambda: gateway.start(self.request())),
            (QUERY, lambda: gateway.look_up(CHECKOUT)),
            (REVERSAL, lambda: gateway.refund(self.refund_request())),
        ):
            there.on(route, answer)
            with pytest.raises(NothingSent):
                call()
            assert len(there.sent(route)) == 1

    @pytest.mark.parametrize("answer", BUSY)
    def test_a_busy_daraja_has_most_likely_pushed_nothing_and_that_is_not_certain(
        self, gateway: Gateway, there: Vendor, answer: Answer
    ) -> None:
        there.on(PUSH, answer)
        with pytest.raises(GatewayBusy):
            gateway.start(self.request())
        there.on(QUERY, answer)
        with pytest.raises(GatewayUnavailable) as unclear:
            gateway.look_up(CHECKOUT)
        assert not isinstance(unclear.value, NothingSent)

    @pytest.mark.parametrize("answer", [error("500.003.02", "Something else"), error("500.003.03", "")])
    def test_the_code_of_a_door_without_its_words_is_no_certainty(
        self, gateway: Gateway, there: Vendor, answer: Answer
    ) -> None:
        there.on(PUSH, answer)
        with pytest.raises(GatewayUnavailable) as unclear:
            gateway.start(self.request())
        assert not isinstance(unclear.value, NothingSent | GatewayBusy)

    def test_a_slow_push_is_waited_for_longer_than_other_calls(self, there: Vendor) -> None:
        """PAY-23: without its answer a prompt has no id."""
        gateway = self.build(there, HASTY)
        there.on(PUSH, Answer(pushed(), fault="slow"))
        assert gateway.start(self.request()).provider_ref == CHECKOUT
        there.on(QUERY, replace(queried("0"), fault="slow"))
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(CHECKOUT)

    @pytest.mark.parametrize("answer", [error("500.003.1001", "Internal Server Error"), error(MANY, "Something else")])
    def test_an_error_of_unclear_meaning_leaves_the_push_unknown(
        self, gateway: Gateway, there: Vendor, answer: Answer
    ) -> None:
        there.on(PUSH, answer)
        with pytest.raises(GatewayUnavailable):
            gateway.start(self.request())

    # ------------------------------------------------------------------------------------------------ the token

    @pytest.mark.parametrize("silence", sorted(SILENCES))
    def test_nothing_is_pushed_without_a_token(self, there: Vendor, silence: str) -> None:
        there.on(TOKEN, SILENCES[silence])
        gateway = self.build(there, HASTY if silence == "timeout" else PATIENT)
        for call in (lambda: gateway.start(self.request()), lambda: gateway.refund(self.refund_request())):
            with pytest.raises(NothingSent):
                call()
        assert (there.sent(PUSH), there.sent(REVERSAL)) == ([], [])

    def test_threads_that_stand_in_line_for_a_token_of_a_host_that_hangs_wait_together_and_not_one_after_another(
        self, there: Vendor
    ) -> None:
        there.on(TOKEN, SILENCES["timeout"])
        gateway, gate, refused = self.build(there, HASTY), threading.Barrier(8), []

        def ask() -> None:
            gate.wait()
            with pytest.raises(NothingSent):
                gateway.look_up(CHECKOUT)
            refused.append(CHECKOUT)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(refused) == 8
        assert len(there.sent(TOKEN)) < 4  # one, unless somebody came late on a busy machine
        there.on(TOKEN, token())
        there.on(QUERY, STILL)
        assert gateway.look_up(CHECKOUT) == Pending()  # who comes after asks anew

    def test_a_reversal_for_which_our_keys_are_not_taken_was_not_sent(self, gateway: Gateway, there: Vendor) -> None:
        there.on(TOKEN, self.key_refusal[1])
        with pytest.raises(NothingSent):
            gateway.refund(self.refund_request())

    def test_a_token_serves_until_shortly_before_it_ends(self, gateway: Gateway, there: Vendor) -> None:
        there.on(TOKEN, token("first"), token("second"))
        there.on(QUERY, STILL)
        for seconds in (0, 3500, 3545):
            clock.use(lambda seconds=seconds: NOW + timedelta(seconds=seconds))
            gateway.look_up(CHECKOUT)
        used = [each.headers["authorization"] for each in there.sent(QUERY)]
        assert used == ["Bearer first", "Bearer first", "Bearer second"]
        assert there.sent(TOKEN)[0].query == {"grant_type": "client_credentials"}

    @pytest.mark.parametrize("bad", BAD_TOKENS)
    def test_a_token_that_ran_out_early_is_renewed_once_and_the_push_sent_once_more(
        self, gateway: Gateway, there: Vendor, bad: Answer
    ) -> None:
        there.on(TOKEN, token("first"), token("second"))
        there.on(PUSH, bad, Answer(pushed()))
        assert gateway.start(self.request()).provider_ref == CHECKOUT
        assert [each.headers["authorization"] for each in there.sent(PUSH)] == ["Bearer first", "Bearer second"]

    def test_a_token_that_is_never_good_is_tried_twice_only(self, gateway: Gateway, there: Vendor) -> None:
        there.on(PUSH, BAD_TOKENS[0])
        with pytest.raises(GatewayRefused):
            gateway.start(self.request())
        assert (len(there.sent(TOKEN)), len(there.sent(PUSH))) == (2, 2)

    def test_many_threads_fetch_one_token(self, gateway: Gateway, there: Vendor) -> None:
        there.on(QUERY, STILL)
        threads = [threading.Thread(target=gateway.look_up, args=(CHECKOUT,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(there.sent(TOKEN)), len(there.sent(QUERY))) == (1, 8)

    # ------------------------------------------------------------------------------------------------ news

    def test_a_callback_is_for_the_address_it_came_to(self, gateway: Gateway) -> None:
        events = [
            gateway.read_callback(InboundCallback(self.sample("paid"), {}, address)) for address in ("KKA2", "KKB2")
        ]
        assert [event and event.reference for event in events] == ["KKA2", "KKB2"]
        assert len({event.event_key for event in events if event}) == 2

    def test_a_reversals_result_at_the_address_of_a_payment_is_none_of_ours(self, gateway: Gateway) -> None:
        assert gateway.read_callback(InboundCallback(self.sample("reversed"), {}, REFERENCE)) is None

    @pytest.mark.parametrize("amount", [-1, 0, 1e20, "NaN", "Infinity", "1500.001", True, [], "lots"])
    def test_an_amount_that_cannot_be_is_rejected(self, gateway: Gateway, amount: object) -> None:
        with pytest.raises(Exception, match="not an M-Pesa callback"):
            gateway.read_callback(self.sign(self._paid(amount)))

    @pytest.mark.parametrize(("amount", "minor"), [(150, 15000), (150.0, 15000), ("150.00", 15000), (150.5, 15050)])
    def test_an_amount_is_read_to_the_cent(self, gateway: Gateway, amount: object, minor: int) -> None:
        event = gateway.read_callback(self.sign(self._paid(amount)))
        assert isinstance(event, GatewayEvent)
        assert event.fact == Confirmed(Money(minor, "KES"), RECEIPT, verified=False, taken_at=TAKEN)

    @pytest.mark.parametrize("told", [None, "soon", 0, 20261399000000, "00010101000000", [], {}])
    def test_a_time_that_cannot_be_read_does_not_lose_news_that_is_told_once(
        self, gateway: Gateway, told: object
    ) -> None:
        body = json.loads(self.sample("paid"))
        body["Body"]["stkCallback"]["CallbackMetadata"]["Item"][3]["Value"] = told
        event = gateway.read_callback(self.sign(json.dumps(body).encode()))
        assert event is not None
        assert event.fact == Confirmed(KES, RECEIPT, verified=False)

    def test_not_a_number_is_rejected(self, gateway: Gateway) -> None:
        for word in (b"NaN", b"Infinity", b"-Infinity", b"1e999999999"):
            with pytest.raises(Exception, match="not an M-Pesa callback"):
                gateway.read_callback(self.sign(self.sample("paid").replace(b"1500.0", word)))

    @pytest.mark.parametrize("odd", [None, 7, "x", [], {}, {"Value": 1}, {"Name": None}, {"name": "Amount"}])
    def test_an_item_that_cannot_be_read_does_not_lose_news_that_is_told_once(
        self, gateway: Gateway, odd: object
    ) -> None:
        body = json.loads(self.sample("paid"))
        body["Body"]["stkCallback"]["CallbackMetadata"]["Item"].insert(0, odd)
        event = gateway.read_callback(self.sign(json.dumps(body).encode()))
        assert event is not None
        assert event.fact == self.news["paid"].fact

    def _paid(self, amount: object) -> bytes:
        body = json.loads(self.sample("paid"))
        body["Body"]["stkCallback"]["CallbackMetadata"]["Item"][0]["Value"] = amount
        return json.dumps(body).encode()

    def test_the_reply_is_what_daraja_wants_to_hear(self, gateway: Gateway) -> None:
        assert json.loads(gateway.reply.body) == {"ResultCode": 0, "ResultDesc": "Accepted"}

    # ------------------------------------------------------------------------------------------------ asking

    @pytest.mark.parametrize(
        "answer",
        [
            error(MANY, "[MerchantValidate] - Wrong credentials"),
            error(MANY, "The transaction does not Exist"),
            error("400.002.02", "Bad Request - Invalid CheckoutRequestID", 400),
            queried("1032", ResponseCode="1"),
            queried("1032", CheckoutRequestID="ws_of_another"),
            queried(None),
            queried(1.5),
        ],
    )
    def test_an_answer_about_something_else_is_unknown_and_never_failed(
        self, gateway: Gateway, there: Vendor, answer: Answer
    ) -> None:
        there.on(QUERY, answer)
        with pytest.raises(GatewayUnavailable):
            gateway.look_up(CHECKOUT)

    # ------------------------------------------------------------------------------------------------ refunds

    def test_a_reversal_is_asked_for_and_its_result_comes_later(self, gateway: Gateway, there: Vendor) -> None:
        there.on(REVERSAL, Answer(ACCEPTED))
        assert gateway.refund(self.refund_request()) == Pending()
        sent = there.sent(REVERSAL)[0].json
        assert (sent["TransactionID"], sent["Amount"], sent["ReceiverParty"]) == (RECEIPT, 1500, "174379")
        assert sent["ResultURL"] == self.refund_request().callback_url

    def test_a_reversal_whose_queue_gave_up_is_still_under_way(self, gateway: Gateway, there: Vendor) -> None:
        """The code in it looks like "not enough money" and means nothing: the money may have gone back all the same."""
        there.on(REVERSAL, Answer(ACCEPTED))
        request = replace(self.refund_request(), timeout_url="https://kikao.test/given-up")
        gateway.refund(request)
        assert there.sent(REVERSAL)[0].json["QueueTimeOutURL"] == request.timeout_url
        body = json.dumps({"Result": {"ResultType": 0, "ResultCode": 1, "ResultDesc": "Queue timeout"}}).encode()
        assert gateway.read_callback(InboundCallback(body, {}, f"{request.refund_key}{TIMED_OUT}")) is None

    def test_a_reversal_is_never_asked_for_twice_by_looking_it_up(self, gateway: Gateway, there: Vendor) -> None:
        assert gateway.look_up_refund(self.refund_request()) == Pending()
        assert there.seen == []

    @pytest.mark.parametrize(
        "answer", [error("400.002.02", "Bad Request - Invalid Initiator", 400), Answer({"ResponseCode": "7"})]
    )
    def test_a_reversal_that_is_refused_has_failed(self, gateway: Gateway, there: Vendor, answer: Answer) -> None:
        there.on(REVERSAL, answer)
        outcome = gateway.refund(self.refund_request())
        assert isinstance(outcome, RefundFailed)
        assert (outcome.refund_key, outcome.code) == ("rf_91b2kikaokey", RefundFailureCode.OTHER)

    def test_without_an_initiator_a_person_must_pay_it_out(self, there: Vendor) -> None:
        gateway = self.build(there, **dict.fromkeys(WAY, ""))
        assert gateway.capabilities.refunds == "none"
        for outcome in (gateway.refund(self.refund_request()), gateway.look_up_refund(self.refund_request())):
            assert isinstance(outcome, RefundFailed)
            assert "by hand" in outcome.reason
        assert there.seen == []


def pushed(**changes: Any) -> dict[str, Any]:
    said = {"MerchantRequestID": MERCHANT, "CheckoutRequestID": CHECKOUT, "ResponseCode": "0"}
    return said | {"ResponseDescription": "Success.", "CustomerMessage": "Success."} | changes


@pytest.mark.parametrize(
    "text",
    [
        "0712345678",
        "712345678",
        "254712345678",
        "+254712345678",
        "00254712345678",
        "+254 712 345 678",
        "0712-345-678",
        "+254 (0) 712 345 678",
        " 0712.345.678 ",
        "0712\u00a0345\u2011678",
    ],
)
def test_a_kenyan_number_is_taken_however_it_is_written(text: str) -> None:
    assert normalise_phone(text) == "254712345678"


def test_numbers_on_01_are_kenyan_too() -> None:
    assert normalise_phone("0110 123 456") == "254110123456"


@pytest.mark.parametrize(
    "text", ["", "0", "07123456789", "0612345678", "+255712345678", "٠٧١٢٣٤٥٦٧٨", "0712345678x", "+0712345678"]
)
def test_any_other_number_is_an_error_that_does_not_tell_it(text: str) -> None:
    with pytest.raises(ValueError, match="not a Kenyan mobile number"):
        normalise_phone(text)


# Every result of a push that Daraja documents, and what the payer reads of it.
# https://developer.safaricom.co.ke/APIs/MpesaExpressSimulate
DOCUMENTED = {
    "There was not enough money in the account, or the payment is above its limit.": ("1", "3", "4"),
    "The bank declined the payment.": ("2",),
    "This number or account cannot be used to pay.": ("11", "13", "2006", "8006"),
    "The payment could not be processed.": (
        *("8", "12", "14", "15", "17", "20", "26", "1001", "1025", "2028", "9999"),
        "SFC_IC0003",
    ),
    "The payment page was closed without paying.": ("1019",),
    "The payment was cancelled on the phone.": ("1031", "1032"),
    "The request on the phone was not answered.": ("1037",),
    "The PIN or code was not correct.": ("2001",),
}


def test_every_documented_result_of_a_push_is_an_end_with_a_sentence_for_the_payer() -> None:
    read = {code: str(problems.FAILURES[mpesa_facts.FAILURES[code]]) for codes in DOCUMENTED.values() for code in codes}
    assert all(read[code].startswith(said) for said, codes in DOCUMENTED.items() for code in codes)
    assert set(read) == set(mpesa_facts.FAILURES)
    assert [mpesa_facts.outcome(code) for code in ("4999", "777")] == [Pending(), Pending()]
