"""What a payer or a bank can do, by the names /control uses."""

from collections.abc import Callable
from functools import partial

from sandbox.core.context import Sandbox
from sandbox.core.store import Doc
from sandbox.daraja import prompts
from sandbox.razorpay import disputes as razorpay_disputes
from sandbox.razorpay import payments as razorpay
from sandbox.razorpay import refunds as razorpay_refunds
from sandbox.razorpay import returns as razorpay_returns
from sandbox.stripe import disputes as stripe_disputes
from sandbox.stripe import payments as stripe
from sandbox.stripe import refunds as stripe_refunds

KINDS = {
    ("stripe", "sessions"): "session",
    ("stripe", "intents"): "intent",
    ("stripe", "charges"): "charge",
    ("stripe", "refunds"): "refund",
    ("stripe", "disputes"): "dispute",
    ("razorpay", "orders"): "order",
    ("razorpay", "payments"): "payment",
    ("razorpay", "refunds"): "rzp_refund",
    ("razorpay", "disputes"): "rzp_dispute",
    ("mpesa", "prompts"): "prompt",
    ("mpesa", "menu"): "menu",
}


def _answer(sandbox: Sandbox, prompt_id: str, *, result: int, amount: int | None = None, anyway: bool = False) -> Doc:
    return prompts.answer(sandbox, prompt_id, result, amount, anyway)


def _end_with(act: str) -> Callable[..., Doc]:
    return partial(_answer, result=prompts.WORDS[act])


ACTS: dict[tuple[str, str], dict[str, Callable[..., Doc]]] = {
    ("stripe", "sessions"): {
        "pay": stripe.pay,  # {"amount": minor, "currency": "eur", "delayed": true}
        "decline": stripe.decline,  # {"reason": "insufficient_funds"}
        "settle": stripe.settle,  # {"success": false}; after a delayed pay
        "expire": stripe.run_out,
    },
    ("stripe", "intents"): {"lapse": stripe.lapse},
    ("stripe", "charges"): {
        "refund": stripe_refunds.by_hand,  # {"amount": minor}; at the dashboard
        "dispute": stripe_disputes.dispute,  # {"amount": minor, "enquiry": true}
    },
    ("stripe", "disputes"): {
        "escalate": stripe_disputes.escalate,
        "win": stripe_disputes.win,
        "lose": stripe_disputes.lose,
    },
    ("stripe", "refunds"): {
        "succeed": partial(stripe_refunds.finish, success=True),
        "fail": partial(stripe_refunds.finish, success=False),
    },
    ("razorpay", "orders"): {
        "pay": razorpay.pay,  # {"amount": paise, "vpa": ...}
        "fail": razorpay.fail,
        "pay-again": razorpay_returns.pay_again,  # on a paid order: Razorpay sends it back by itself
    },
    ("razorpay", "payments"): {
        "arrive-late": razorpay_returns.arrive_late,
        "refund": razorpay_refunds.by_hand,  # {"amount": paise}; at the dashboard
        "dispute": razorpay_disputes.dispute,  # {"amount": paise, "phase": "pre_arbitration"}
    },
    ("razorpay", "disputes"): {
        "review": razorpay_disputes.review,
        "win": razorpay_disputes.win,
        "lose": razorpay_disputes.lose,
    },
    ("razorpay", "refunds"): {
        "succeed": partial(razorpay_refunds.finish, success=True),
        "fail": partial(razorpay_refunds.finish, success=False),
    },
    ("mpesa", "prompts"): {
        **{act: _end_with(act) for act in prompts.WORDS},  # pay: {"amount": shillings, "anyway": true}
        "reverse": prompts.reverse_at_portal,
    },
}
