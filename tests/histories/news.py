"""What happens at the gateways and on the wire: payers, banks, bad answers, lost, forged and lying callbacks."""

import json
from dataclasses import replace
from typing import Any

from app.domain.lifecycle import AttemptStatus, RefundStatus
from app.extensions import db
from app.models import Checkout
from app.services.core.errors import Problem
from app.services.workflows import late_payment
from sandbox.control.acts import KINDS
from sandbox.core.faults import ROUTES as SANDBOX_ROUTES
from sandbox.core.faults import SPOKEN
from sandbox.core.store import Doc
from sandbox.daraja import menu
from tests.histories.books import Books
from tests.histories.letters import Letter, marks_of
from tests.histories.stage import Stage
from tests.support.gateways import BY_CODE

# The calls Kikao makes.
ROUTES = {
    "stripe": ("create", "retrieve", "expire", "refund", "list", "intent", "capture", "cancel"),
    "razorpay": ("order", "retrieve", "payments", "refund"),
    "mpesa": ("push", "query", "refund", "token"),
}
assert all(set(routes) <= set(SANDBOX_ROUTES[code]) for code, routes in ROUTES.items())

# What a payer does, as each gateway's sandbox calls it: (kind of thing, act, wish).
PAYER_ACTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "pay": {"stripe": ("pay", {}), "razorpay": ("pay", {}), "mpesa": ("pay", {})},
    "fail": {"stripe": ("decline", {}), "razorpay": ("fail", {}), "mpesa": ("wrong_pin", {})},
    "leave": {"stripe": ("expire", {}), "razorpay": ("fail", {}), "mpesa": ("cancel", {})},
    "pay after all": {
        "stripe": ("settle", {}),
        "razorpay": ("arrive-late", {}),
        "mpesa": ("pay", {"anyway": True}),
    },
    "pay slowly": {
        "stripe": ("pay", {"delayed": True}),
        "razorpay": ("fail", {}),
        "mpesa": ("timeout", {}),
    },
    "fail after all": {
        "stripe": ("settle", {"success": False}),
        "razorpay": ("fail", {}),
        "mpesa": ("insufficient", {}),
    },
    "pay too little": {
        "stripe": ("pay", {"amount": 5_000}),
        "razorpay": ("pay", {"amount": 80_000}),
        "mpesa": ("pay", {"amount": 1_000}),
    },
    "lapse": {"stripe": ("lapse", {}), "razorpay": ("arrive-late", {}), "mpesa": ("expired", {})},
    "pay other money": {"stripe": ("pay", {"currency": "usd"}), "razorpay": ("fail", {}), "mpesa": ("limited", {})},
}


def payer_does(stage: Stage, gateway: str, thing: Doc, act: str) -> bool:
    """Whether the gateway let the payer do it."""
    name, wish = PAYER_ACTS[act][gateway]
    kind, thing_id = BY_CODE[gateway].things, thing["id"]
    if name == "arrive-late":
        tries = stage.sandbox.store.by_ref("payment", thing["id"])
        kind, thing_id = "payments", tries[0]["id"] if tries else ""
    if name == "lapse":
        kind, thing_id = "intents", thing.get("payment_intent") or ""
    return stage.act(gateway, kind, thing_id, name, **wish)


def refund_ends(stage: Stage, which: int, success: bool) -> str:
    """What became of one refund at its bank."""
    found = [("stripe", doc) for doc in stage.sandbox.store.all("refund")]
    found += [("razorpay", doc) for doc in stage.sandbox.store.all("rzp_refund")]
    if not found:
        return "no refund"
    gateway, doc = found[which % len(found)]
    done = stage.act(gateway, "refunds", doc["id"], "succeed" if success else "fail")
    return f"{gateway} {doc['id']} {'succeeds' if success else 'fails'}: {done}"


def dispute(stage: Stage, which: int, amount: int | None) -> str:
    """One charge is challenged, or so much of it."""
    return _to_a_charge(stage, which, "dispute", **({"amount": amount} if amount else {}))


# How a dispute goes on, as each gateway's sandbox calls it: (things, act, wish).
_GOES_ON: dict[str, dict[str, tuple[str, str, dict[str, Any]]]] = {
    "ask": {
        "stripe": ("charges", "dispute", {"enquiry": True}),
        "razorpay": ("payments", "dispute", {"phase": "fraud"}),
    },
    "escalate": {"stripe": ("disputes", "escalate", {}), "razorpay": ("payments", "dispute", {})},
    "look at": {"stripe": ("disputes", "escalate", {}), "razorpay": ("disputes", "review", {})},
    "take further": {
        "stripe": ("charges", "dispute", {}),
        "razorpay": ("payments", "dispute", {"phase": "pre_arbitration"}),
    },
}


def dispute_goes_on(stage: Stage, which: int, what: str) -> str:
    """A bank asks about one charge, or what it has begun goes to its next phase."""
    gateway = ("stripe", "razorpay")[which % 2]
    things, act, wish = _GOES_ON[what][gateway]
    found = [doc for doc in stage.sandbox.store.all(KINDS[gateway, things]) if doc.get("captured", True)]
    if not found:
        return "nothing to go on with"
    doc = found[which // 2 % len(found)]
    return f"{gateway} {doc['id']} {act}: {stage.act(gateway, things, doc['id'], act, **wish)}"


def dispute_ends(stage: Stage, which: int, act: str) -> str:
    """What one payer's bank decided."""
    found = [("stripe", doc) for doc in stage.sandbox.store.all("dispute")]
    found += [("razorpay", doc) for doc in stage.sandbox.store.all("rzp_dispute")]
    if not found:
        return "no dispute"
    gateway, doc = found[which % len(found)]
    return f"{gateway} {doc['id']} {act}: {stage.act(gateway, 'disputes', doc['id'], act)}"


def sent_back_there(stage: Stage, which: int, amount: int | None) -> str:
    """A colleague sends money of one charge back at the vendor's own site: so much, or all that is left."""
    return _to_a_charge(stage, which, "refund", **({"amount": amount} if amount else {}))


def _to_a_charge(stage: Stage, which: int, act: str, **wish: Any) -> str:
    found = [("stripe", "charges", doc) for doc in stage.sandbox.store.all("charge") if doc["captured"]]
    found += [("razorpay", "payments", doc) for doc in stage.sandbox.store.all("payment") if doc["captured"]]
    if not found:
        return "no charge"
    gateway, kind, doc = found[which % len(found)]
    return f"{gateway} {doc['id']} {act}: {stage.act(gateway, kind, doc['id'], act, **wish)}"


def reversed_there(stage: Stage, which: int) -> str:
    """A colleague reverses an M-Pesa payment at its own site; nobody is told."""
    paid = [doc for doc in stage.sandbox.store.all("prompt") if doc["receipt"]]
    if not paid:
        return "no receipt"
    doc = paid[which % len(paid)]
    return f"{doc['receipt']} reversed: {stage.act('mpesa', 'prompts', doc['id'], 'reverse')}"


def paid_from_menu(stage: Stage, attempt: Any, shillings: int | None) -> str:
    """Somebody pays the price, or so much, from the phone's own menu; the reference is typed as people type."""
    typed = f"{attempt.reference[:6]} {attempt.reference[6:].lower()}"
    paid = menu.pay(stage.sandbox, phone="254712000009", account=typed, amount=shillings or attempt.amount // 100)
    return f"{paid['receipt']} for {typed}"


def paid_again(stage: Stage, which: int) -> str:
    """A second payment comes to a paid order of Razorpay's, which sends it back by itself."""
    orders = [doc for doc in stage.sandbox.store.all("order") if doc["status"] == "paid"]
    if not orders:
        return "no paid order"
    order = orders[which % len(orders)]
    return f"{order['id']} again: {stage.act('razorpay', 'orders', order['id'], 'pay-again')}"


def misbehave(stage: Stage, gateway: str, route: int, fault: str, *, after: bool, times: int) -> dict[str, Any]:
    """The next `times` answers to a call are bad ones."""
    name = ROUTES[gateway][route % len(ROUTES[gateway])]
    spoken = [word for word in SPOKEN.get((gateway, name), ()) if word != "contradict"]
    if fault == "spoken":
        fault = spoken[times % len(spoken)] if spoken else "500"
    # A vendor that refuses has done nothing; one whose words are twisted has done the work.
    when = "after" if after and fault != "400" else "before"
    wish = {"gateway": gateway, "route": name, "fault": fault, "when": when, "times": times}
    if gateway == "stripe" and fault == "500" and times == 2:
        wish |= {"stored": True, "times": 1}
    stage.sandbox.faults.add(dict(wish))
    return wish


# ------------------------------------------------------------------------------------------------ callbacks


def chosen(letters: list[Letter], order: str) -> list[Letter]:
    """Which letters arrive now, in which order."""
    match order:
        case "newest":
            return letters[-1:]
        case "oldest":
            return letters[:1]
        case "middle":
            return letters[len(letters) // 2 :][:1]
        case "reversed":
            return letters[::-1]
        case _:
            return letters


def may_be_lost(books: Books, letter: Letter, stage: Stage) -> bool:
    """Whether what the callback says can still be learnt by asking: else no program could know it."""
    if "dispute" in letter.event:
        return True
    attempt = next((row for row in books.attempts if letter.mentions(*marks_of(row))), None)
    if attempt is None or attempt.provider_ref is None:
        return False
    if "refund" in letter.event and b"rf_" not in letter.body:
        return False  # a colleague's at the vendor's own site: nobody else speaks of it
    if "refund" in letter.event or letter.event in ("reversal", "timeout"):
        rows = books.refunds_of[attempt.id]
        open_ones = all(row.status in (RefundStatus.ASKED, RefundStatus.SENT) for row in rows)
        return bool(rows) and open_ones and letter.gateway != "mpesa"
    if attempt.next_look_up_at is None or attempt.status is AttemptStatus.PAID:
        return False
    prompt = stage.sandbox.store.get("prompt", attempt.provider_ref) if letter.gateway == "mpesa" else None
    # M-Pesa's query tells no amount: only the callback knows of a wrong one.
    return prompt is None or prompt["amount"] * 100 == attempt.amount


def forge(stage: Stage, letter: Letter, how: str) -> int:
    """The status a made-up callback was answered with."""
    keys = stage.sandbox.credentials
    if how == "signature":
        keys = replace(keys, stripe_webhook_secret="whsec_guessed", razorpay_webhook_secret="guessed")
    headers = letter.headers(keys, stage.time.now().timestamp())
    body = letter.body.replace(b"0", b"1") if how == "body" else letter.body
    path = f"{letter.path}x" if how == "address" or letter.gateway == "mpesa" else letter.path
    return stage.http.post(path, data=body, headers=headers).status_code


def lie(stage: Stage, which: int, shillings: int) -> str:
    """An M-Pesa payment's own address was told of another amount, under a receipt that does not exist."""
    found = stage.sandbox.store.all("prompt")
    if not found:
        return "no prompt"
    prompt = found[which % len(found)]
    told = {
        "MerchantRequestID": prompt["merchant_request"],
        "CheckoutRequestID": prompt["id"],
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {
            "Item": [
                {"Name": "Amount", "Value": shillings},
                {"Name": "MpesaReceiptNumber", "Value": f"LIE{shillings:07d}"},
                {"Name": "PhoneNumber", "Value": int(prompt["phone"])},
            ]
        },
    }
    path = prompt["callback_url"].removeprefix("https://kikao.test")
    body = json.dumps({"Body": {"stkCallback": told}}).encode()
    return f"{prompt['id']}: {stage.http.post(path, data=body, content_type='application/json').status_code}"


# ------------------------------------------------------------------------------------------------ late payers


def choose(stage: Stage, books: Books, what: str) -> str:
    """What came of a late payer's choice, the newest offer first."""
    refund = next(row for row in reversed(books.refunds) if row.offer_until)
    checkout_id = books.checkout[next(row for row in books.attempts if row.id == refund.attempt_id).checkout_id].id
    with stage.app.app_context():
        checkout = db.session.get_one(Checkout, checkout_id)
        client, near = checkout.client, late_payment.near(checkout)
        try:
            if what == "time" and near:
                return f"took {late_payment.take_time(checkout_id, client, near[0].start)}"
            (late_payment.take_money if what == "money" else late_payment.take_credit)(checkout_id, client)
        except Problem as problem:
            return f"{what}: {problem.code}"
    return f"took {what}"
