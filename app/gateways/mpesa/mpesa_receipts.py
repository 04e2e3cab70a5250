"""What Daraja says of one receipt, and of who paid from the phone's own menu.

https://developer.safaricom.co.ke/APIs/TransactionStatus and https://developer.safaricom.co.ke/APIs/CustomerToBusiness
(C2B). A receipt is ten letters and digits and stands at the beginning of the SMS that M-Pesa sends to the payer.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from app.gateways import http
from app.gateways.base import (
    CallbackRejected,
    GatewayRefused,
    GatewayUnavailable,
    InboundCallback,
    NothingSent,
)
from app.gateways.http import Json, checked_id, dict_of
from app.gateways.mpesa.daraja import Daraja
from app.gateways.mpesa.mpesa_facts import PAID, by_name, code_of, instant, shillings
from app.gateways.receipts import HIDDEN, MenuPayment, ReceiptAnswer, ReceiptDesk, ReceiptQuestion, ReceiptState

STATUS = "/mpesa/transactionstatus/v1/query"
REGISTER = "/mpesa/c2b/v2/registerurl"

# Words that Daraja refuses in addresses that it is to call, whatever their case.
REFUSED_WORDS = ("m-pesa", "mpesa", "safaricom", "exe", "cmd", "sql", "query")

# What the answer to a question comes to by its result code; a code that is in no table is for a person.
_ANSWERS: dict[str, ReceiptState] = {
    "17": ReceiptState.PENDING,  # M-Pesa's own failure
    "26": ReceiptState.PENDING,  # system busy
    "20": ReceiptState.NO_ACCESS,  # who asks is not known
    "2001": ReceiptState.NO_ACCESS,
    "2032": ReceiptState.UNKNOWN,
    "8006": ReceiptState.NO_ACCESS,  # the initiator's credential is locked
    "SFC_IC0003": ReceiptState.NO_ACCESS,  # no such operator
}
# What became of the transaction itself, in M-Pesa's words in small letters.
_STATUSES: dict[str, ReceiptState] = {
    "completed": ReceiptState.PAID,
    "authorized": ReceiptState.PENDING,
    "initiated": ReceiptState.PENDING,
    "pending": ReceiptState.PENDING,
    "cancelled": ReceiptState.NOT_PAID,
    "declined": ReceiptState.NOT_PAID,
    "expired": ReceiptState.NOT_PAID,
    "failed": ReceiptState.NOT_PAID,
    "reversed": ReceiptState.NOT_PAID,
}
_RECEIPT = re.compile(r"(?<![A-Z0-9])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{10}(?![A-Z0-9])")
_SHORT = 24  # characters: a code alone, typed with blanks or dashes in it
_REFERENCE = 12
# References have no U, which is what some people write for V.
_MISREAD = str.maketrans({"U": "V"})
_PARTY = re.compile(r"\s*(\+?[0-9][0-9 *]*)")  # "174379 - Kikao Ltd", "254708374149 - John Doe", "2547 ***** 126 - ..."
_PHONE_DIGITS = 12


@dataclass(frozen=True)
class Merchant:
    """Who we are at Daraja, and who asks for us; without an initiator nobody does."""

    shortcode: str
    till: str
    initiator: str
    security_credential: str = field(repr=False)


class MpesaReceipts(ReceiptDesk):
    """Transaction Status and C2B, both only with an initiator: what C2B tells is nothing without the other."""

    def __init__(self, merchant: Merchant, daraja: Daraja) -> None:
        self._merchant = merchant
        self._daraja = daraja
        self._own = frozenset(filter(None, (merchant.shortcode, merchant.till)))

    @property
    def can_ask(self) -> bool:
        """Whether there is an initiator."""
        return bool(self._merchant.initiator and self._merchant.security_credential)

    @property
    def payee(self) -> str:
        """The pay bill; a till takes no account number, so nobody could tell whose payment it was."""
        return self._merchant.shortcode if self.can_ask and not self._merchant.till else ""

    def read_receipt(self, typed: str) -> str:
        """The receipt, alone or with the SMS around it. Raises ValueError."""
        return read_receipt(typed)

    def ask(self, question: ReceiptQuestion) -> str:
        """Daraja has taken the question. It moves no money, so asking again is asking again."""
        try:
            answer = self._daraja.post(STATUS, self._question(question))
        except GatewayRefused as error:
            raise NothingSent(str(error)) from None
        if answer.status != 200 or str(answer.body.get("ResponseCode")) != "0":
            raise GatewayUnavailable(str(answer))
        with http.expecting(GatewayUnavailable, "Daraja answered something else than was asked for"):
            return checked_id(answer.body["ConversationID"])

    def read_answer(self, callback: InboundCallback) -> ReceiptAnswer:
        """The result of a Transaction Status query."""
        with http.expecting(CallbackRejected, "not an answer about a receipt"):
            return read_answer(http.read_object(callback.body), self._own)

    def read_menu_payment(self, callback: InboundCallback) -> MenuPayment:
        """A C2B confirmation."""
        with http.expecting(CallbackRejected, "not a payment from the menu"):
            return read_menu_payment(http.read_object(callback.body))

    def register(self, paid_url: str, asked_url: str) -> None:
        """The addresses are M-Pesa's from now on: in production once, until somebody deletes them at Daraja's site."""
        if not self.can_ask:
            raise GatewayRefused("set MPESA_INITIATOR and MPESA_SECURITY_CREDENTIAL first: payments are asked about")
        for url in (paid_url, asked_url):
            if word := next((word for word in REFUSED_WORDS if word in url.lower()), ""):
                raise GatewayRefused(f"M-Pesa takes no address with “{word}” in it: {url}")
        answer = self._daraja.post(REGISTER, self._addresses(paid_url, asked_url))
        if answer.status == 200 and str(answer.body.get("ResponseCode")) == "0":
            return
        if answer.is_refusal or "registered" in answer.message:
            raise GatewayRefused(str(answer))
        raise GatewayUnavailable(str(answer))

    def _question(self, question: ReceiptQuestion) -> dict[str, Any]:
        return {
            "Initiator": self._merchant.initiator,
            "SecurityCredential": self._merchant.security_credential,
            "CommandID": "TransactionStatusQuery",
            "TransactionID": question.receipt,
            "PartyA": self._merchant.shortcode,
            "IdentifierType": "4",
            "ResultURL": question.callback_url,
            "QueueTimeOutURL": question.timeout_url,
            "Remarks": "Payment",
            "Occasion": "",
        }

    def _addresses(self, paid_url: str, asked_url: str) -> dict[str, str]:
        return {
            "ShortCode": self._merchant.till or self._merchant.shortcode,
            "ResponseType": "Completed",  # who cannot reach us pays all the same: we are told, or find it later
            "ConfirmationURL": paid_url,
            "ValidationURL": asked_url,
        }


def read_receipt(text: str) -> str:
    """The receipt in what a person typed or pasted: alone, or with the SMS around it. Raises ValueError."""
    text = text.upper().strip()
    if len(text) <= _SHORT and (found := _RECEIPT.fullmatch(_plain(text))):
        return found[0]
    if found := _RECEIPT.search(text):
        return found[0]
    raise ValueError("no M-Pesa receipt in it")


def read_answer(body: Json, own: frozenset[str]) -> ReceiptAnswer:
    """What the result says; `own` are our shortcode and till. Raises one of http.WRONG_SHAPE."""
    result = dict_of(body["Result"])
    conversation = checked_id(result["ConversationID"])
    code = code_of(result["ResultCode"])
    if code != PAID:
        return ReceiptAnswer(conversation, _ANSWERS.get(code, ReceiptState.UNCLEAR), code)
    return _told(conversation, by_name(result.get("ResultParameters"), "ResultParameter", "Key"), own)


def _told(conversation: str, said: dict[str, Any], own: frozenset[str]) -> ReceiptAnswer:
    status = str(said.get("TransactionStatus") or "")
    payer = _party(said.get("DebitPartyName"))
    payee = _party(said.get("CreditPartyName"))
    amount = said.get("Amount")
    return ReceiptAnswer(
        conversation=conversation,
        state=_STATUSES.get(status.lower(), ReceiptState.UNCLEAR),
        vendor_code=status[:20],
        receipt=str(said.get("ReceiptNo") or ""),
        money=None if amount is None else shillings(amount),
        to_us=False if payer in own else payee in own if payee else None,
        phone=_phone(payer),
        taken_at=instant(said.get("FinalisedTime")),
    )


def read_menu_payment(body: Json) -> MenuPayment:
    """The confirmation that somebody paid from the menu, without anything about who. Raises one of http.WRONG_SHAPE."""
    receipt = read_receipt(str(body["TransID"]))
    return MenuPayment(receipt, read_reference(str(body.get("BillRefNumber") or "")))


def read_account(typed: str) -> str:
    """What a person typed as the account number, as we write references where it can be one; else without its spaces."""
    return read_reference(typed) or "".join(typed.upper().split())


def read_reference(typed: str) -> str:
    """What a person typed as the account number, as we write references; empty if it cannot be one of ours."""
    found = _plain(typed.upper()).translate(_MISREAD)
    return found if len(found) == _REFERENCE else ""


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text)


def _party(name: object) -> str:
    found = _PARTY.match(str(name or ""))
    return re.sub(r"[ +]", "", found[1]) if found else ""


def _phone(party: str) -> str:
    digits = party.replace("*", HIDDEN)
    return f"+{digits}" if len(digits) == _PHONE_DIGITS and digits.startswith("254") else ""
