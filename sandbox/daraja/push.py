"""STK push and its query."""

import re

from sandbox.core.context import box
from sandbox.core.endpoints import Params
from sandbox.core.store import Doc
from sandbox.daraja import prompts
from sandbox.daraja.wire import busy, check_password, check_url, endpoint, invalid

_TYPES = ("CustomerPayBillOnline", "CustomerBuyGoodsOnline")
_PHONE = re.compile(r"254[17]\d{8}")
_LARGEST = 250_000


@endpoint("/mpesa/stkpush/v1/processrequest", "push")
def push(params: Params) -> Doc:
    """Put a prompt on a phone. Not idempotent: the same request twice is two prompts."""
    check_password(params)
    phone, amount = _checked(params)
    if prompts.alive(box(), phone):
        raise busy("Unable to lock subscriber, a transaction is already in process for the current subscriber")
    callback_url = check_url(params, "CallBackURL")
    prompt = prompts.open_prompt(box(), phone, amount, str(params["AccountReference"]), callback_url)
    return {
        "MerchantRequestID": prompt["merchant_request"],
        "CheckoutRequestID": prompt["id"],
        "ResponseCode": "0",
        "ResponseDescription": "Success. Request accepted for processing",
        "CustomerMessage": "Success. Request accepted for processing",
    }


@endpoint("/mpesa/stkpushquery/v1/query", "query")
def query(params: Params) -> Doc:
    """How a push ended: codes as strings, no amount and no receipt. Pending is an error answer, as documented."""
    check_password(params)
    prompt = box().store.get("prompt", str(params.get("CheckoutRequestID", "")))
    if prompt is None:
        raise busy("The transaction does not exist")
    fault = box().faults.take("mpesa", "query", ("pending_200", "contradict"))
    if fault and fault.fault == "contradict":
        return _answer(prompt, 1032 if prompt["result"] == prompts.PAID else prompts.PAID)
    if fault:
        return _answer(prompt, 4999)
    if prompt["result"] == prompts.OPEN:
        raise busy("The transaction is being processed")
    return _answer(prompt, prompt["result"])


def _answer(prompt: Doc, result: int) -> Doc:
    return {
        "ResponseCode": "0",
        "ResponseDescription": "The service request has been accepted successsfully",  # their typo
        "MerchantRequestID": prompt["merchant_request"],
        "CheckoutRequestID": prompt["id"],
        "ResultCode": str(result),
        "ResultDesc": prompts.RESULTS.get(result, "The transaction is still under processing"),
    }


def _checked(params: Params) -> tuple[str, int]:
    if params.get("TransactionType") not in _TYPES:
        raise invalid("TransactionType")
    if not re.fullmatch(r"[1-9]\d{0,5}", str(params.get("Amount", ""))) or int(params["Amount"]) > _LARGEST:
        raise invalid("Amount")
    for field in ("PartyA", "PhoneNumber"):
        if not _PHONE.fullmatch(str(params.get(field, ""))):
            raise invalid(field)
    if not re.fullmatch(r"\d{5,7}", str(params.get("PartyB", ""))):
        raise invalid("PartyB")
    if not 1 <= len(str(params.get("AccountReference", ""))) <= 12:
        raise invalid("AccountReference")
    if not 1 <= len(str(params.get("TransactionDesc", ""))) <= 13:
        raise invalid("TransactionDesc")
    return str(params["PhoneNumber"]), int(params["Amount"])
