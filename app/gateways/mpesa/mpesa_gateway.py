"""M-Pesa by Safaricom's Daraja: a prompt on the payer's phone (STK push), news by an unsigned callback, and a query.

https://developer.safaricom.co.ke/APIs/MpesaExpressSimulate. A payment is a CheckoutRequestID (our provider_ref) and,
once paid, a receipt (our charge_ref). Daraja has no idempotency: the same push twice is two prompts, so nothing here is
ever sent again unless Daraja said that the first was not taken. What codes mean stands in mpesa_facts.py, the wire in
daraja.py.
"""

import base64
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from app.gateways import http
from app.gateways.base import (
    CallbackRejected,
    Capabilities,
    CheckoutRequest,
    FailureCode,
    Gateway,
    GatewayBusy,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    KeysRefused,
    PaymentOutcome,
    Pending,
    RefundFailed,
    RefundOutcome,
    RefundRequest,
    RefundSupport,
    Remark,
    Reply,
    Sight,
    Statement,
    WaitForPush,
)
from app.gateways.mpesa import mpesa_account, mpesa_facts, mpesa_statement
from app.gateways.mpesa.daraja import PATIENCE, Answer, Daraja
from app.gateways.mpesa.mpesa_receipts import REFUSED_WORDS, Merchant, MpesaReceipts
from app.gateways.phones import normalise_phone
from app.gateways.settings import GatewaySettings
from app.gateways.sources import read_networks
from app.lib import clock
from app.lib.refusals import Refusals

LIVE = "https://api.safaricom.co.ke"

PUSH = "/mpesa/stkpush/v1/processrequest"
QUERY = "/mpesa/stkpushquery/v1/query"
REVERSAL = "/mpesa/reversal/v1/request"

MANY_MEANINGS = "500.001.1001"  # an errorCode for refusals, for "not finished yet" and for unknown ids: the words tell
PUSH_REFUSALS = ("wrong credentials", "merchant does not exist", "unable to lock subscriber")
NOT_FINISHED = ("being processed", "under process")


@dataclass(frozen=True)
class MpesaSettings(GatewaySettings):
    """MPESA_CONSUMER_KEY, _CONSUMER_SECRET, _SHORTCODE, _PASSKEY; _TILL for Buy Goods; an initiator for reversals."""

    prefix = "MPESA"
    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    shortcode: str
    passkey: str = field(repr=False)
    api_base: str = LIVE
    till: str = ""  # with it, `shortcode` is the store number
    initiator: str = ""
    security_credential: str = field(default="", repr=False)
    callback_from: str = ""  # comma list of addresses and networks; empty: any
    initiator_expires: str = ""  # the last day of the initiator's password
    certificate: str = ""  # a file: Safaricom's certificate, with which that password was encrypted

    @property
    def may_reverse(self) -> bool:
        """Whether there is an initiator: who may send money back by a call, and ask about a receipt."""
        return bool(self.initiator and self.security_credential)


class MpesaGateway(Gateway):
    """M-Pesa STK push."""

    code = "mpesa"
    label = "M-Pesa"
    mark = "mpesa"
    Settings = MpesaSettings
    refusals = Refusals(
        live_hosts=("api.safaricom.co.ke",),
        test_hosts=("sandbox.safaricom.co.ke",),
        test_keys=("174379",),  # the one shortcode of Daraja's own sandbox
    )
    reply = Reply(b'{"ResultCode":0,"ResultDesc":"Accepted"}')
    address_word = "m"
    refused_words = REFUSED_WORDS
    capabilities = Capabilities(
        currencies=frozenset({"KES"}),
        countries=frozenset({"KE"}),
        minimum={"KES": 100},
        maximum={"KES": 25_000_000},
        whole_units_only=True,
        needs_phone=True,
        phone_region="KE",
        reads_statements=True,
        prompt_seconds=120,
    )

    def __init__(self, settings: MpesaSettings, *, timeout: http.Timeout = http.TIMEOUT) -> None:
        self._settings = settings
        self.account = "/".join(filter(None, (settings.shortcode, settings.till)))
        self.callback_sources = read_networks(settings.callback_from, "MPESA_CALLBACK_FROM")
        self._password_ends = mpesa_account.read_day(settings.initiator_expires)
        self._certificate_ends = mpesa_account.read_end(settings.certificate)
        self._daraja = Daraja(settings.base, settings.consumer_key, settings.consumer_secret, timeout)
        who = Merchant(settings.shortcode, settings.till, settings.initiator, settings.security_credential)
        self.receipts = MpesaReceipts(who, self._daraja)
        # A reversal takes back the whole transaction; Daraja documents no other.
        if settings.may_reverse:
            self.capabilities = replace(self.capabilities, refunds=RefundSupport.FULL_ONLY)

    # ------------------------------------------------------------------------------------------------ payments

    def start(self, request: CheckoutRequest) -> WaitForPush:
        """A prompt is on its way to the phone; called twice, two are. Amounts are whole shillings on the wire."""
        http.must_fit(self.capabilities, request.money)
        try:
            phone = normalise_phone(request.phone)
        except ValueError as error:
            raise GatewayRefused(str(error), FailureCode.INVALID_ACCOUNT) from None
        answer = self._daraja.post(PUSH, self._push(request, phone), patience=PATIENCE)
        if answer.status != 200:
            raise _push_error(answer)
        return _step(answer.body, phone)

    def read_callback(self, callback: InboundCallback) -> GatewayEvent | None:
        """The callback as news, believed for the signed address it came to and for nothing in it."""
        if not callback.address:
            raise CallbackRejected("M-Pesa's news comes to a signed address only")
        with http.expecting(CallbackRejected, "not an M-Pesa callback"):
            return mpesa_facts.read_callback(http.read_object(callback.body), callback.address)

    def look_up(self, provider_ref: str) -> PaymentOutcome:
        """What the STK query says now; it states neither amount nor receipt."""
        answer = self._call(QUERY, {**self._signature(), "CheckoutRequestID": provider_ref})
        if answer.error == MANY_MEANINGS and any(words in answer.message for words in NOT_FINISHED):
            return Pending()
        if answer.status != 200:
            raise GatewayUnavailable(str(answer))
        with http.expecting(GatewayUnavailable, "Daraja answered something else than was asked for"):
            if answer.body.get("CheckoutRequestID", provider_ref) != provider_ref:
                raise ValueError("another payment")
            return mpesa_facts.query_outcome(answer.body)

    # ------------------------------------------------------------------------------------------------ refunds

    def refund(self, request: RefundRequest) -> RefundOutcome:
        """The reversal is asked for; its result comes to request.callback_url. Without an initiator a person must pay.

        Daraja has no key that makes asking twice one reversal, so NothingSent matters: only after it may it be asked again.
        https://developer.safaricom.co.ke/APIs/Reversal
        """
        if not self._settings.may_reverse:
            return self._failed(request, "M-Pesa reversals are not set up: it must be paid out by hand")
        answer = self._call(REVERSAL, self._reversal(request))
        if answer.is_refusal:
            return self._failed(request, str(answer))
        if answer.status != 200 or "ResponseCode" not in answer.body:
            raise GatewayUnavailable(str(answer))
        if str(answer.body["ResponseCode"]) != "0":
            return self._failed(request, "M-Pesa did not take the reversal")
        return Pending()

    def look_up_refund(self, request: RefundRequest) -> RefundOutcome:
        """Pending: the result comes by callback, Daraja cannot be asked for it, and asking again would be a second."""
        return Pending() if self._settings.may_reverse else self.refund(request)

    def read_statement(self, file: BinaryIO, most: int | None = None) -> Statement:
        """The organisation statement of our shortcode or till, as M-Pesa's portal gives it."""
        return mpesa_statement.read(file, {self._settings.shortcode, self._settings.till} - {""}, most)

    def check(self) -> list[str]:
        """Whether Daraja can be reached and takes our keys."""
        return [remark.words for remark in self._about_keys()]

    def examine(self, callback_url: str) -> list[Remark]:  # noqa: ARG002
        """Keys, and what ends by itself; each payment has a callback address of its own, so none can be missing."""
        today = clock.now().astimezone(mpesa_facts.NAIROBI).date()
        ends = (
            mpesa_account.of_password(self._password_ends, today),
            mpesa_account.of_certificate(self._certificate_ends, today),
        )
        return [*self._about_keys(), *(remark for found in ends for remark in found)]

    def _about_keys(self) -> list[Remark]:
        try:
            self._daraja.renew()
        except GatewayRefused:
            words = (
                "Daraja does not accept MPESA_CONSUMER_KEY and MPESA_CONSUMER_SECRET: set those of its app and restart."
            )
            return [Remark("keys", words)]
        except GatewayUnavailable as error:  # also for wrong keys, which the sandbox answers with an empty body
            return [Remark("keys", f"Daraja at {self._settings.origin} gives no token: {error}.", Sight.SILENT)]
        return []

    # ------------------------------------------------------------------------------------------------ inside

    def _call(self, path: str, body: dict[str, Any]) -> Answer:
        # For calls about a payment that exists already, keys that are not taken leave it as it was.
        try:
            return self._daraja.post(path, body)
        except GatewayRefused as error:
            raise KeysRefused(str(error)) from None

    def _push(self, request: CheckoutRequest, phone: str) -> dict[str, Any]:
        till = self._settings.till
        return {
            **self._signature(),
            "TransactionType": "CustomerBuyGoodsOnline" if till else "CustomerPayBillOnline",
            "Amount": int(request.money.major),
            "PartyA": phone,
            "PartyB": till or self._settings.shortcode,
            "PhoneNumber": phone,
            "CallBackURL": request.callback_url,
            "AccountReference": request.reference[:12],
            "TransactionDesc": _plain(request.description),
        }

    def _signature(self) -> dict[str, str]:
        code = self._settings.shortcode
        now = clock.now().astimezone(mpesa_facts.NAIROBI).strftime("%Y%m%d%H%M%S")
        password = base64.b64encode(f"{code}{self._settings.passkey}{now}".encode()).decode()
        return {"BusinessShortCode": code, "Password": password, "Timestamp": now}

    def _reversal(self, request: RefundRequest) -> dict[str, Any]:
        return {
            "Initiator": self._settings.initiator,
            "SecurityCredential": self._settings.security_credential,
            "CommandID": "TransactionReversal",
            "TransactionID": request.charge_ref,
            "Amount": int(request.money.major),
            "ReceiverParty": self._settings.shortcode,
            "RecieverIdentifierType": "11",  # their spelling
            "ResultURL": request.callback_url,
            "QueueTimeOutURL": request.timeout_url or request.callback_url,
            "Remarks": "Refund",
            "Occasion": request.refund_key[:100],
        }

    def _failed(self, request: RefundRequest, reason: str) -> RefundFailed:
        return RefundFailed(reason, None, request.refund_key, request.charge_ref)


def _step(body: http.Json, phone: str) -> WaitForPush:
    with http.expecting(GatewayUnavailable, "Daraja answered something else than was asked for"):
        if str(body["ResponseCode"]) != "0":
            raise GatewayRefused("Daraja did not take the push")
        checkout = http.checked_id(body["CheckoutRequestID"])
        details = {
            "merchant_request_id": http.checked_id(body["MerchantRequestID"]),
            "checkout_request_id": checkout,
            "phone": phone,
        }
        return WaitForPush(checkout, MpesaGateway.capabilities.prompt_seconds, details)


def _push_error(answer: Answer) -> GatewayRefused | GatewayUnavailable:
    if answer.is_refusal:
        about_phone = "phonenumber" in answer.message or "partya" in answer.message
        return GatewayRefused(str(answer), FailureCode.INVALID_ACCOUNT if about_phone else None)
    if answer.error == MANY_MEANINGS and any(words in answer.message for words in PUSH_REFUSALS):
        return GatewayRefused(str(answer))
    return GatewayBusy(str(answer)) if answer.says_busy else GatewayUnavailable(str(answer))


def _plain(text: str) -> str:
    # Up to thirteen ASCII letters, digits and spaces: with more the prompt is not sent (result 1025).
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(each for each in ascii_text if each.isalnum() or each == " ")[:13].strip() or "Payment"
