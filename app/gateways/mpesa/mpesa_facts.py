"""What M-Pesa's result codes and callbacks say about money, as facts: pure translation of plain dicts, no calls.

https://developer.safaricom.co.ke/APIs/MpesaExpressSimulate. Only codes are read: the sentence beside a code changes
with channel and day. A code that is in no table is not a failure; the payment stays pending and somebody asks again.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.money import Money
from app.gateways.base import (
    REFUND_KEYS,
    TIMED_OUT,
    Confirmed,
    Failed,
    FailureCode,
    GatewayEvent,
    PaymentOutcome,
    Pending,
    Refunded,
    RefundFailed,
    RefundFailureCode,
)
from app.gateways.http import Json, checked_id, dict_of, digest, maybe_id

PAID = "0"
NAIROBI = ZoneInfo("Africa/Nairobi")

# Certain ends: nothing was charged. What a code means is Daraja's; of what is in no table (4999, "still under processing",
# among them) nobody knows yet.
FAILURES: dict[str, FailureCode] = {
    "1": FailureCode.INSUFFICIENT_FUNDS,
    "2": FailureCode.DECLINED,  # below the least amount
    "3": FailureCode.INSUFFICIENT_FUNDS,  # above the greatest amount
    "4": FailureCode.INSUFFICIENT_FUNDS,  # above what the payer may send in a day
    "8": FailureCode.PROCESSING_ERROR,  # the till or pay bill would hold too much
    "11": FailureCode.INVALID_ACCOUNT,  # the payer's account is not in order
    "12": FailureCode.PROCESSING_ERROR,  # ours is not
    "13": FailureCode.INVALID_ACCOUNT,  # the payer's is not found
    "14": FailureCode.PROCESSING_ERROR,  # ours is not found
    "15": FailureCode.PROCESSING_ERROR,  # taken for a duplicate
    "17": FailureCode.PROCESSING_ERROR,  # M-Pesa's own failure, or one of its rules
    "20": FailureCode.PROCESSING_ERROR,  # who asks is not known
    "26": FailureCode.PROCESSING_ERROR,  # system busy
    "1001": FailureCode.PROCESSING_ERROR,  # another prompt is open on the phone
    "1019": FailureCode.SESSION_EXPIRED,
    "1025": FailureCode.PROCESSING_ERROR,  # the prompt could not be sent
    "9999": FailureCode.PROCESSING_ERROR,  # the same
    "1031": FailureCode.CANCELLED_BY_PAYER,
    "1032": FailureCode.CANCELLED_BY_PAYER,
    "1037": FailureCode.NO_ANSWER,  # phone off, out of reach, or nobody looked
    "2001": FailureCode.AUTHENTICATION_FAILED,  # wrong PIN
    "2006": FailureCode.INVALID_ACCOUNT,  # the state of the payer's account does not allow it
    "2028": FailureCode.PROCESSING_ERROR,  # a till asked as a pay bill, or the other way round
    "8006": FailureCode.INVALID_ACCOUNT,  # the payer's PIN is locked
    "SFC_IC0003": FailureCode.PROCESSING_ERROR,  # the number that is to be paid does not exist
}

# Why a reversal failed, for staff, and what that decides.
REVERSAL_FAILURES: dict[str, tuple[str, RefundFailureCode]] = {
    "1": ("not enough money in the till", RefundFailureCode.NO_BALANCE),
    "17": ("M-Pesa failed", RefundFailureCode.OTHER),
    "26": ("M-Pesa was busy", RefundFailureCode.OTHER),
    "2001": ("M-Pesa does not accept the initiator", RefundFailureCode.NO_ACCESS),
    "8006": ("M-Pesa has locked the initiator's credential", RefundFailureCode.NO_ACCESS),
    "R000001": ("M-Pesa says it was reversed before", RefundFailureCode.WENT_BACK_BEFORE),
    "R000002": ("M-Pesa does not know the receipt", RefundFailureCode.OTHER),
}


def outcome(result_code: str) -> PaymentOutcome | None:
    """What a result code other than "paid" says; None for PAID, which needs more than a code."""
    if result_code == PAID:
        return None
    known = FAILURES.get(result_code)
    return Failed(known, result_code) if known else Pending()


def query_outcome(answer: Json) -> PaymentOutcome:
    """What the answer to an STK query says of the payment; it never states amount or receipt. Raises WRONG_SHAPE."""
    if code_of(answer["ResponseCode"]) != "0":  # about the query, not the payment
        raise ValueError("the query was not answered")
    return outcome(code_of(answer["ResultCode"])) or Confirmed(money=None, charge_ref=None)


def read_callback(body: Json, address: str) -> GatewayEvent | None:
    """The callback to the address that was signed for `address`, as news. Raises one of http.WRONG_SHAPE."""
    if address.endswith(TIMED_OUT):
        return None  # the queue gave up: the money may have gone back all the same
    if "Result" in body:
        return _reversal(dict_of(body["Result"]), address)
    return _payment(dict_of(body["Body"]["stkCallback"]), address)


def _payment(callback: Json, address: str) -> GatewayEvent:
    items = by_name(callback.get("CallbackMetadata"), "Item", "Name")
    code = code_of(callback["ResultCode"])
    checkout = checked_id(callback["CheckoutRequestID"])
    fact = outcome(code) or _paid(items)
    # All that is compared with what we asked for: a lie about one of them must not pass for the true news later.
    told = (items.get(name) for name in ("MpesaReceiptNumber", "Amount", "PhoneNumber", "TransactionDate"))
    key = digest(checkout, code, *told, callback.get("MerchantRequestID"), address)
    return GatewayEvent(key, "stkCallback", fact, address, checkout, _echo(callback, items))


def _paid(items: Json) -> PaymentOutcome:
    amount = items.get("Amount")
    receipt = maybe_id(items.get("MpesaReceiptNumber"))
    if amount is None or receipt is None:
        return Pending()  # a success that proves nothing: the query knows
    return Confirmed(shillings(amount), receipt, verified=False, taken_at=instant(items.get("TransactionDate")))


def instant(value: object) -> datetime | None:
    """A time of M-Pesa's in UTC; None where it cannot be read."""
    # 20191219102115, in Nairobi; news that is told once is not refused for a time we cannot read.
    try:
        return datetime.strptime(f"{value}", "%Y%m%d%H%M%S").replace(tzinfo=NAIROBI).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _echo(callback: Json, items: Json) -> Mapping[str, str]:
    # What the push's answer said too. A masked phone is left out: it can neither match nor contradict.
    phone = str(items.get("PhoneNumber") or "")
    said = {
        "merchant_request_id": maybe_id(callback.get("MerchantRequestID")),
        "checkout_request_id": checked_id(callback["CheckoutRequestID"]),
        "phone": phone if re.fullmatch(r"254[0-9]{9}", phone) else None,
    }
    return {key: value for key, value in said.items() if value}


def _reversal(result: Json, address: str) -> GatewayEvent | None:
    if not address.startswith(REFUND_KEYS):
        return None  # to the address of a payment: no reversal was asked for there
    items = by_name(result.get("ResultParameters"), "ResultParameter", "Key")
    code = code_of(result["ResultCode"])
    ref = maybe_id(result.get("TransactionID"))
    charge = maybe_id(items.get("OriginalTransactionID"))
    fact: Refunded | RefundFailed
    if code == PAID:
        amount = items.get("Amount")
        fact = Refunded(None if amount is None else shillings(amount), ref, address, charge)
    elif code in REVERSAL_FAILURES:
        reason, why = REVERSAL_FAILURES[code]
        fact = RefundFailed(reason, ref, address, charge, why)
    else:  # still under way, for all we know
        words = f"M-Pesa says {code}, which we do not know"
        fact = RefundFailed(words, ref, address, charge, RefundFailureCode.UNCLEAR)
    key = digest(result.get("ConversationID"), code, ref, address)
    return GatewayEvent(key, "reversal", fact)


def by_name(holder: Any, list_name: str, name: str) -> dict[str, Any]:
    """The values of a list of pairs, by their names; nothing is raised for what cannot be read."""
    # [{"Name": "Amount", "Value": 1}, {"Name": "Balance"}], in any order; a single one may stand without its list. News
    # that is told once is not refused for an item we cannot read and may not need.
    found = dict_of(holder).get(list_name) if holder else []
    items = found if isinstance(found, list) else [found]
    return {str(item.get(name)): item.get("Value") for item in items if isinstance(item, dict)}


def code_of(value: object) -> str:
    """A result code as text. Raises ValueError."""
    # An integer in callbacks, a string in answers, sometimes the other way round.
    if isinstance(value, str) or type(value) is int:
        return checked_id(str(value).strip())
    raise ValueError("not a result code")


def shillings(value: object) -> Money:
    """An amount of whole or decimal shillings. Raises ValueError."""
    # 150, 150.00 and "150.00" are all seen on the wire.
    if not isinstance(value, int | str | Decimal) or isinstance(value, bool):
        raise ValueError("not an amount")
    amount = Decimal(value)
    if not (amount.is_finite() and 0 < amount < 10**9):
        raise ValueError("not an amount")
    return Money.from_major(amount, "KES")
