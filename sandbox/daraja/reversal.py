"""Reversal and transaction status: acknowledged now, the result follows to the ResultURL."""

import json

from sandbox.core.clock import nairobi, new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.store import Doc
from sandbox.daraja import menu, prompts
from sandbox.daraja.wire import check_url, endpoint, invalid

_ACCEPTED = "Accept the service request successfully."
_DONE = "The service request is processed successfully."
_DISTRUST = (2001, "The initiator information is invalid.")
# What a query about a receipt may be answered with, besides the truth in full.
STATUS_WORDS = ("queue_timeout", "result_busy", "result_unclear", "masked", "pending", "no_payee")
_NO_TRANSACTION = "0000000000"  # what a status result has in place of a transaction of its own


@endpoint("/mpesa/reversal/v1/request", "refund")
def reverse(params: Params) -> Doc:
    """Ask for a paid push to be sent back."""
    _check(params, "TransactionReversal")
    if str(params.get("RecieverIdentifierType")) != "11":  # their spelling
        raise invalid("RecieverIdentifierType")
    if not str(params.get("Amount", "")).isdigit() or int(params["Amount"]) < 1:
        raise invalid("Amount")
    acknowledged = _acknowledge()
    transaction = menu.new_receipt()
    fault = box().faults.take("mpesa", "refund", ("refund_failed", "queue_timeout"))
    if fault and fault.fault == "queue_timeout":  # not a failure: the money may have gone back all the same
        if fault.when == "after":
            _send_back(box(), params, transaction)
        _tell(box(), params["QueueTimeOutURL"], "timeout", _result(acknowledged, 1, "Queue timeout", ""))
        return acknowledged
    trusted = fault is None and _knows_initiator(params)
    code, text = _send_back(box(), params, transaction) if trusted else _DISTRUST
    result = _result(acknowledged, code, text, transaction)
    if code == 0:
        result["ResultParameters"] = _reversal_facts(params)
    _tell(box(), params["ResultURL"], "reversal", result)
    return acknowledged


@endpoint("/mpesa/transactionstatus/v1/query", "status")
def status(params: Params) -> Doc:
    """Ask what became of a receipt: the only server-side look at an amount."""
    _check(params, "TransactionStatusQuery")
    if str(params.get("PartyA")) != box().credentials.mpesa_shortcode:
        raise invalid("PartyA")
    if str(params.get("IdentifierType")) != "4":
        raise invalid("IdentifierType")
    acknowledged = _acknowledge()
    fault = box().faults.take("mpesa", "status", STATUS_WORDS)
    how = fault.fault if fault else ""
    payment = prompts.by_receipt(box(), str(params["TransactionID"]))
    if how == "queue_timeout":
        _tell(box(), params["QueueTimeOutURL"], "timeout", _result(acknowledged, 1, "Queue timeout", ""))
        return acknowledged
    if how == "result_busy":
        result = _result(acknowledged, 26, prompts.RESULTS[26], _NO_TRANSACTION)
    elif how == "result_unclear":
        result = _result(acknowledged, 21, "The initiator is not allowed to initiate this request.", _NO_TRANSACTION)
    elif not _knows_initiator(params):
        result = _result(acknowledged, *_DISTRUST, _NO_TRANSACTION)
    elif payment is None:
        result = _result(acknowledged, 2032, "The transaction does not exist.", _NO_TRANSACTION)
    else:
        result = _result(acknowledged, 0, _DONE, _NO_TRANSACTION) | {"ResultParameters": _status_facts(payment, how)}
    _tell(box(), params["ResultURL"], "status", result)
    return acknowledged


def _check(params: Params, command: str) -> None:
    if params.get("CommandID") != command:
        raise invalid("CommandID")
    for field in ("Initiator", "SecurityCredential", "TransactionID"):
        if not params.get(field):
            raise invalid(field)
    for field in ("ResultURL", "QueueTimeOutURL"):
        check_url(params, field)


def _send_back(sandbox: Sandbox, params: Params, transaction: str) -> tuple[int | str, str]:
    prompt = prompts.by_receipt(sandbox, str(params["TransactionID"]))
    if prompt is None:
        return "R000002", "The OriginalTransactionID is invalid."
    amount = int(params["Amount"])
    if prompt["reversed"] >= prompt["amount"]:
        return "R000001", "The transaction has already been reversed."
    if amount > prompt["amount"] - prompt["reversed"]:
        return 2006, "The amount is more than what is left of the transaction."
    prompts.add_back(sandbox, prompt, amount, transaction)
    return 0, _DONE


def _knows_initiator(params: Params) -> bool:
    keys = box().credentials
    given = (params["Initiator"], params["SecurityCredential"])
    return given == (keys.mpesa_initiator, keys.mpesa_security_credential)


def _acknowledge() -> Doc:
    return {
        "OriginatorConversationID": f"{new_id('', 5, '0123456789')}-{new_id('', 8, '0123456789')}-1",
        "ConversationID": f"AG_{nairobi(now(), '%Y%m%d')}_{new_id('', 20, '0123456789abcdef')}",
        "ResponseCode": "0",
        "ResponseDescription": _ACCEPTED,
    }


def _result(acknowledged: Doc, code: int | str, text: str, transaction: str) -> Doc:
    ids = {name: acknowledged[name] for name in ("OriginatorConversationID", "ConversationID")}
    return {"ResultType": 0, "ResultCode": code, "ResultDesc": text, **ids, "TransactionID": transaction}


def _reversal_facts(params: Params) -> Doc:
    facts = {"Amount": float(params["Amount"]), "OriginalTransactionID": params["TransactionID"]}
    facts |= {"TransCompletedTime": int(nairobi(now())), "Charge": 0.0}
    return {"ResultParameter": [{"Key": key, "Value": value} for key, value in facts.items()]}


def _status_facts(payment: Doc, how: str) -> Doc:
    """What is said of a payment: nothing of what the payer typed, and who it was only as far as `how` lets it."""
    payer = menu.masked(payment["phone"]) if how == "masked" else payment["phone"]
    payee = payment.get("shortcode", box().credentials.mpesa_shortcode)
    moment = nairobi(payment["answered"])
    facts: Doc = {
        "DebitPartyName": f"{payer} - Sandbox Payer",
        "CreditPartyName": f"{payee} - Sandbox Shop",
        "OriginatorConversationID": f"{new_id('', 4, '0123456789')}-{new_id('', 6, '0123456789')}-3",
        "InitiatedTime": int(moment),
        "DebitAccountType": "MMF Account For Consumer",
        "DebitPartyCharges": "",
        "TransactionReason": None,
        "ReasonType": "Pay Utility",
        "TransactionStatus": "Pending" if how == "pending" else payment.get("status", "Completed"),
        "FinalisedTime": int(moment),
        "Amount": float(payment["amount"]),
        "ConversationID": f"AG_{moment[:8]}_{new_id('', 20, '0123456789abcdef')}",
        "ReceiptNo": payment["receipt"],
    }
    if how == "no_payee":
        del facts["CreditPartyName"]
    items = [{"Key": key} if value is None else {"Key": key, "Value": value} for key, value in facts.items()]
    return {"ResultParameter": items}


def _tell(sandbox: Sandbox, url: str, what: str, result: Doc) -> None:
    sandbox.courier.send("mpesa", what, result["ConversationID"], json.dumps({"Result": result}).encode(), url)
