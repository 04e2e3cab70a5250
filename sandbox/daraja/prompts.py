"""STK prompts on phones: open, answered by a person or by time, told to Kikao once."""

import json

from sandbox.core.clock import nairobi, new_id, now
from sandbox.core.context import Sandbox
from sandbox.core.errors import Refused, Unknown
from sandbox.core.money_log import Movement
from sandbox.core.store import Doc
from sandbox.daraja import menu, statements

PAID = 0
OPEN = -1
RESULTS = {
    PAID: "The service request is processed successfully.",
    1: "The balance is insufficient for the transaction.",
    17: "Rule limited.",
    26: "System busy. The service request is rejected.",
    1001: "Unable to lock subscriber, a transaction is already in process for the current subscriber",
    1019: "Transaction expired. No MO has been received",
    1025: "An error occurred while sending a push request",
    1032: "Request cancelled by user",
    1037: "DS timeout user cannot be reached",
    2001: "The initiator information is invalid.",
    9999: "An error occurred while sending a push request",
}
WORDS = {  # for people and for /control
    "pay": PAID,
    "insufficient": 1,
    "limited": 17,
    "system_busy": 26,
    "subscriber_busy": 1001,
    "expired": 1019,
    "not_sent": 1025,
    "cancel": 1032,
    "timeout": 1037,
    "wrong_pin": 2001,
}
RIGHT_PIN = "1234"


def open_prompt(sandbox: Sandbox, phone: str, amount: int, reference: str, callback_url: str) -> Doc:
    """Put a prompt on a phone."""
    moment = now()
    digits = "0123456789"
    prompt = {
        "id": _fresh_id(sandbox, moment, phone),
        "merchant_request": f"{new_id('', 5, digits)}-{new_id('', 8, digits)}-1",
        "phone": phone,
        "amount": amount,
        "reference": reference,
        "callback_url": callback_url,
        "at": moment,
        "until": moment + sandbox.prompt_seconds,
        "result": OPEN,
        "receipt": "",
        "reversed": 0,
    }
    _save(sandbox, prompt)
    return prompt


def _fresh_id(sandbox: Sandbox, moment: float, phone: str) -> str:
    """An id no prompt has: four random digits are few where a test's clock stands still."""
    while True:
        prompt_id = f"ws_CO_{nairobi(moment, '%d%m%Y%H%M%S')}{new_id('', 4, '0123456789')}{phone[-9:]}"
        if sandbox.store.get("prompt", prompt_id) is None:
            return prompt_id


def alive(sandbox: Sandbox, phone: str) -> Doc | None:
    """The prompt a phone shows now, if any."""
    open_ones = [p for p in sandbox.store.by_ref("prompt", phone) if p["result"] == OPEN and p["until"] > now()]
    return open_ones[0] if open_ones else None


def answer(sandbox: Sandbox, prompt_id: str, result: int, amount: int | None = None, anyway: bool = False) -> Doc:
    """End a prompt and call back. `anyway` pays one that ended otherwise: the late or contradicting success."""
    with sandbox.store.change():
        prompt = sandbox.store.get("prompt", prompt_id)
        if prompt is None:
            raise Unknown(f"No prompt {prompt_id}.")
        if prompt["result"] != OPEN and not (anyway and prompt["result"] != PAID):
            raise Refused("This prompt has ended.")
        prompt |= {"result": result, "answered": now()}
        if result == PAID:
            _take(sandbox, prompt, amount or prompt["amount"])
        _save(sandbox, prompt)
        _call_back(sandbox, prompt)
        if result == PAID:
            menu.confirm(sandbox, prompt)  # a prompt to a pay bill is a payment like any other
        return prompt


def time_out_overdue(sandbox: Sandbox) -> None:
    """End every prompt that nobody answered."""
    for overdue in sandbox.store.due("prompt", now()):
        try:
            answer(sandbox, overdue["id"], 1037)
        except (Refused, Unknown):
            continue  # answered, or forgotten by a reset, in this very moment


def by_receipt(sandbox: Sandbox, receipt: str) -> Doc | None:
    """The payment with this receipt, by a prompt or from the menu."""
    known = sandbox.store.get("receipt", receipt)
    return sandbox.store.get("prompt", known["prompt"]) if known else sandbox.store.get(menu.KIND, receipt)


def add_back(sandbox: Sandbox, prompt: Doc, amount: int, transaction: str) -> None:
    """Money of a payment went back to the phone."""
    prompt["reversed"] += amount
    (_save if "callback_url" in prompt else menu.save)(sandbox, prompt)
    menu.save(sandbox, menu.sent_back(sandbox, prompt, amount, transaction))
    statements.enter_reversal(sandbox, transaction, amount, prompt["phone"], prompt["receipt"])
    sandbox.moved(Movement("mpesa", "refund", prompt["receipt"], prompt["reference"], amount * 100, "KES", transaction))


def reverse_at_portal(sandbox: Sandbox, prompt_id: str) -> Doc:
    """Somebody of the organisation reverses a payment at M-Pesa's own site: nobody is told."""
    with sandbox.store.change():
        prompt = sandbox.store.get("prompt", prompt_id)
        if prompt is None:
            raise Unknown(f"No prompt {prompt_id}.")
        if not prompt["receipt"] or prompt["reversed"]:
            raise Refused("Nothing of this prompt can be reversed.")
        add_back(sandbox, prompt, prompt["amount"], menu.new_receipt())
        return prompt


def _take(sandbox: Sandbox, prompt: Doc, amount: int) -> None:
    prompt |= {"receipt": menu.new_receipt(), "amount": amount}
    sandbox.store.put("receipt", prompt["receipt"], {"prompt": prompt["id"]})
    reason = "Pay Utility with OD via STK"
    statements.enter_payment(sandbox, prompt["receipt"], amount, prompt["phone"], prompt["reference"], reason)
    sandbox.moved(Movement("mpesa", "capture", prompt["receipt"], prompt["reference"], amount * 100, "KES"))


def _save(sandbox: Sandbox, prompt: Doc) -> None:
    due = prompt["until"] if prompt["result"] == OPEN else None
    sandbox.store.put("prompt", prompt["id"], prompt, ref=prompt["phone"], due=due)


def _call_back(sandbox: Sandbox, prompt: Doc) -> None:
    """The callback, exactly as documented: nothing the merchant chose is echoed, Balance has no Value."""
    told: Doc = {
        "MerchantRequestID": prompt["merchant_request"],
        "CheckoutRequestID": prompt["id"],
        "ResultCode": prompt["result"],
        "ResultDesc": RESULTS[prompt["result"]],
    }
    if prompt["result"] == PAID:
        items = [
            {"Name": "Amount", "Value": float(prompt["amount"])},
            {"Name": "MpesaReceiptNumber", "Value": prompt["receipt"]},
            {"Name": "Balance"},
            {"Name": "TransactionDate", "Value": int(nairobi(prompt["answered"]))},
            {"Name": "PhoneNumber", "Value": int(prompt["phone"])},
        ]
        told["CallbackMetadata"] = {"Item": items}
    event = f"stk.{prompt['result']}"
    body = json.dumps({"Body": {"stkCallback": told}}).encode()
    sandbox.courier.send("mpesa", event, prompt["id"], body, prompt["callback_url"])
