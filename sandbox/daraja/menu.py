"""Paying a pay bill from the phone's own menu (C2B): nobody asked, so the payer types the account number by hand.

Who has registered addresses is told of each payment to the shortcode, also of those by a prompt and of those of strangers:
unsigned, once, to one address for all.
"""

import json
import re

from sandbox.core.clock import nairobi, new_id, now
from sandbox.core.context import Sandbox, box
from sandbox.core.endpoints import Params
from sandbox.core.errors import Mistaken
from sandbox.core.money_log import Movement
from sandbox.core.store import Doc
from sandbox.daraja import statements
from sandbox.daraja.wire import DarajaError, check_url, endpoint, invalid

KIND = "menu"
_URLS = "c2b_urls"
_DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_REFUSED = re.compile(r"m-?pesa|safaricom|exe|cmd|sql|query", re.IGNORECASE)
_LARGEST = 250_000
_ACCOUNT = 20  # characters M-Pesa passes on


@endpoint("/mpesa/c2b/v2/registerurl", "register")
def register(params: Params) -> Doc:
    """Take the addresses, once: in production whoever wants others deletes them at Daraja's site first."""
    if str(params.get("ShortCode")) != box().credentials.mpesa_shortcode:
        raise invalid("ShortCode")
    if params.get("ResponseType") not in ("Completed", "Cancelled"):
        raise invalid("ResponseType")
    urls = {field: check_url(params, field) for field in ("ConfirmationURL", "ValidationURL")}
    for field, url in urls.items():
        if _REFUSED.search(url):
            raise DarajaError(400, "400.002.02", f"Bad Request - Invalid {field}")
    if registered(box()):
        raise DarajaError(500, "500.003.1001", "Urls are already registered.")
    box().store.put(_URLS, "1", urls)
    return {
        "OriginatorCoversationID": f"{new_id('', 4, '0123456789')}-{new_id('', 8, '0123456789')}-1",  # their typo
        "ResponseCode": "0",
        "ResponseDescription": "Success",
    }


def registered(sandbox: Sandbox) -> Doc | None:
    """The addresses, if there are any."""
    return sandbox.store.get(_URLS, "1")


def forget(sandbox: Sandbox) -> None:
    """Somebody has deleted the addresses at Daraja's site."""
    sandbox.store.put(_URLS, "1", {})


def pay(
    sandbox: Sandbox,
    *,
    phone: str,
    account: str,
    amount: int,
    shortcode: str = "",
    foreign: bool = False,
    status: str = "Completed",
) -> Doc:
    """Somebody pays from the menu. `foreign`: a customer of another product on the same shortcode, whose money is not ours."""
    if not 0 < amount <= _LARGEST:
        raise Mistaken(f"amount must be 1 to {_LARGEST} shillings")
    with sandbox.store.change():
        payment: Doc = {
            "receipt": new_receipt(),
            "phone": phone,
            "amount": amount,
            "reference": account[:_ACCOUNT],
            "shortcode": shortcode or sandbox.credentials.mpesa_shortcode,
            "answered": now(),
            "reversed": 0,
            "status": status,
        }
        save(sandbox, payment)
        ours = payment["shortcode"] == sandbox.credentials.mpesa_shortcode and status == "Completed"
        if ours and not foreign:
            movement = Movement("mpesa", "capture", payment["receipt"], payment["reference"], amount * 100, "KES")
            sandbox.moved(movement)
        if ours:
            statements.enter_payment(sandbox, payment["receipt"], amount, phone, payment["reference"], "Pay Utility")
            confirm(sandbox, payment)
        return payment


def sent_back(sandbox: Sandbox, payment: Doc, amount: int, transaction: str) -> Doc:
    """The reversal of a payment is a transaction too, with a receipt of its own: from us to the phone."""
    return {
        "receipt": transaction,
        "phone": sandbox.credentials.mpesa_shortcode,
        "amount": amount,
        "reference": "",
        "shortcode": payment["phone"],
        "answered": now(),
        "reversed": amount,
    }


def save(sandbox: Sandbox, payment: Doc) -> None:
    """Remember it, also by the phone that paid."""
    sandbox.store.put(KIND, payment["receipt"], payment, ref=payment["phone"])


def confirm(sandbox: Sandbox, payment: Doc) -> None:
    """Tell whoever has registered, as documented: amounts as text, the number masked, nothing signed."""
    urls = registered(sandbox)
    if not urls:
        return
    told = {
        "TransactionType": "Pay Bill",
        "TransID": payment["receipt"],
        "TransTime": nairobi(payment["answered"]),
        "TransAmount": f"{payment['amount']:.2f}",
        "BusinessShortCode": sandbox.credentials.mpesa_shortcode,
        "BillRefNumber": payment["reference"],
        "InvoiceNumber": "",
        "OrgAccountBalance": "49197.00",
        "ThirdPartyTransID": "",
        "MSISDN": masked(payment["phone"]),
        "FirstName": "WANJIKU",
        "MiddleName": "",
        "LastName": "",
    }
    url = urls["ConfirmationURL"]
    sandbox.courier.send("mpesa", "c2b", payment["receipt"], json.dumps(told).encode(), url)


def masked(phone: str) -> str:
    """A number as Daraja shows it since 2022."""
    return f"{phone[:4]} ***** {phone[-3:]}"


def new_receipt() -> str:
    """Ten characters, as on a phone: letters and digits."""
    while True:
        receipt = new_id("", 10, _DIGITS)
        if not receipt.isdigit() and not receipt.isalpha():
            return receipt
