"""Where a payment stands, what it has brought about and what comes back, by the word a service computed."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_Words = tuple[str, LazyString, LazyString | str]  # the notice's kind, its title, its text

# The payment page's title where the state alone does not say it: by "state:kind of checkout" or "state:word of the refund".
_PAY_TITLES: dict[str, LazyString] = {
    "choose:top_up": _l("Top up your wallet"),
    "choose:reserving": _l("Authorise the amount"),
    "resume:top_up": _l("Finish your top-up"),
    "choose:gift": _l("Pay for your gift"),
    "choose:package": _l("Pay for your package"),
    "returned:offered": _l("Choose what happens to your money"),
    "returned:credited": _l("Your money is in your wallet"),
    "returned:failed": _l("Your money has not been refunded yet"),
    "returned:in_hand": _l("Your money has not been refunded yet"),
    "returned:done": _l("Your money was refunded"),
    "returned:by_hand": _l("Your money was refunded"),
    "returned:handed_back": _l("The money was given back"),
    "reserved": _l("The amount is authorised"),
}

# What happens once a way to pay is pressed, by its mark; the rest by what the gateway can do.
_WAYS: dict[str, LazyString] = {
    "upi": _l("The payment window opens; approve it in your UPI app."),
    "card": _l("You enter your card details on the payment provider's secure page, then come back here."),
}

# What a paid checkout has brought about, by its kind.
PAID: dict[str, LazyString] = {
    "booking": _l("Your session is booked."),
    "draft_booking": _l("Your session is booked."),
    "due": _l("Thank you. Nothing more is owed for this session."),
    "fee": _l("Thank you. Nothing more is owed for this session."),
    "difference": _l("Thank you. Nothing more is owed for this session."),
    "lost_credit": _l("Thank you. Nothing more is owed for this credit."),
    "top_up": _l("It is in your wallet and ready to use."),
    "gift": _l("The code is ready: give it to anyone you like."),
    "package": _l("Your package is ready. Book a session and pay for it with the package."),
    "lost": _l("Our staff are checking this payment."),
}

# What is said instead once that has ended; a debt that was paid is paid, whatever it was for.
ENDED_SINCE: dict[str, LazyString] = {
    "booking": _l("The booking has since ended."),
    "draft_booking": _l("The booking has since ended."),
    "gift": _l("The gift has since been cancelled."),
    "package": _l("The package has since ended."),
}

# Why nothing can be paid any more, by the checkout's status.
NOT_PAID: dict[str, LazyString] = {
    "cancelled": _l("It was cancelled before it was paid."),
    "expired": _l("The time to pay is over."),
}

# Why what is paid for cannot be had any more, by lost_drafts.why_lost.
LOST: dict[str, LazyString] = {
    "taken": _l("Someone else has just taken this time"),
    "fewer": _l("There are not enough places left at this time"),
    "closed": _l("This time is no longer offered"),
    "begun": _l("This time has started"),
    "question": _l("No new questions accepted at the moment"),
    "package": _l("This package is no longer for sale"),
}

# What becomes of a payment that is being checked, once its checkout has ended, by the checkout's status.
IF_IT_STILL_COMES: dict[str, LazyString] = {
    "cancelled": _l("This booking has ended. If the payment still arrives, you automatically get a full refund."),
    "expired": _l(
        "The time to pay is over. If the payment arrives, you get the place if it is still free. If not, "
        "you choose another time or get a full refund."
    ),
    "lost": _l(
        "It is too late for this payment. If it still arrives, you can choose what happens to it, or it is refunded."
    ),
}

# Money that goes back, on the payment page, by refunds.word_of.
RETURNED: dict[str, _Words] = {
    "offered": (
        "warning",
        _l("Your payment came after the place had gone"),
        _l("The money is safe. Choose what happens to it; if you do not choose, it is refunded automatically."),
    ),
    "asked": (
        "info",
        _l("You do not need to do anything"),
        _l("You will get the money back the way you paid. Banks take a few days; M-Pesa is faster."),
    ),
    "sent": (
        "info",
        _l("You do not need to do anything"),
        _l("You will get the money back the way you paid. Banks take a few days; M-Pesa is faster."),
    ),
    "done": (
        "success",
        _l("The money was refunded"),
        _l("It can take a few days for your bank or phone to show it."),
    ),
    "by_hand": (
        "success",
        _l("The money was refunded"),
        _l("Our staff have sent it to you. It can take a few days to show at your bank or on your phone."),
    ),
    "session_back": (
        "success",
        _l("The session is back in your package"),
        _l("You can use it for another time."),
    ),
    "credited": (
        "success",
        _l("The money is in your wallet as credit"),
        _l("It was not refunded the way it was paid. Use it for another session."),
    ),
    "in_hand": (
        "warning",
        _l("You will get the money back by hand"),
        _l("It was paid by hand and will be given back to you by hand. Our staff are following this up."),
    ),
    "handed_back": (
        "success",
        _l("The money was given back"),
        _l("You got it back by hand. Tell us if you did not."),
    ),
    "withheld": (
        "info",
        _l("The money is on hold until your bank has decided"),
        _l(
            "Your bank disputes this payment, so nothing is refunded until it has decided. You will not lose the money."
        ),
    ),
    "by_bank": (
        "success",
        _l("Your bank has refunded the money"),
        _l("You disputed this payment and your bank decided in your favour."),
    ),
    "not_owed": (
        "info",
        _l("This refund has ended"),
        _l("Our staff found that no refund is due. Write to us if you disagree."),
    ),
    "failed": (
        "warning",
        _l("You do not need to do anything"),
        _l("The automatic refund failed. Your money is not lost: our staff are dealing with it."),
    ),
}
_PRESSING = (
    "offered", "failed", "in_hand", "withheld", "asked", "sent", "credited", "session_back", "by_hand", "handed_back",
    "by_bank", "done", "not_owed",
)  # fmt: skip

# A line of the wallet's statement, by the kind of the movement in the books.
MOVEMENTS: dict[str, LazyString] = {
    "capture": _l("Paid from the wallet"),
    "land": _l("Topped up"),
    "refund_asked": _l("Top-up refunded"),
    "refund_done": _l("Refund as credit"),
    "gift_redeem": _l("From a gift"),
    "credit_lost": _l("The bank took back the money it was bought with"),
    "gift_cancel": _l("Rest of a cancelled gift"),
    "package_end": _l("Rest of an ended package"),
    "package_expire": _l("Rest of an expired package"),
    "payout_asked": _l("Payout requested"),
    "payout_refused": _l("Payout not possible: returned as credit"),
}

PAYOUTS: dict[str, LazyString] = {
    "asked": _l("Our staff will send it"),
    "done": _l("Sent"),
    "refused": _l("Not possible"),
}

# Why a receipt pays nothing here, for who showed it (receipt_checks.check_verdicts).
RECEIPTS: dict[str, LazyString] = {
    "receipt_unknown": _l("M-Pesa does not recognise this code. Compare it with the message on the phone."),
    "receipt_not_paid": _l("M-Pesa says that this payment failed or was reversed."),
    "receipt_elsewhere": _l("This code is for a payment to someone else, not to us."),
    "receipt_too_old": _l("This payment was made before anything was due here."),
    "receipt_used": _l("This code has already paid for something, or its money was refunded."),
    "staff": _l("Our staff have checked: this payment is not for what is due here."),
}

# Why only a person can say, for staff.
DOUBTS: dict[str, LazyString] = {
    "payer": _l("The money is here, but not from the phone that was asked or a number the client has confirmed."),
    "claimed": _l("It is also claimed for another payment."),
    "unclear": _l("M-Pesa's answer is not clear enough."),
    "no_access": _l("M-Pesa does not accept the initiator, so we could not ask. We will ask again."),
    "silent": _l("M-Pesa has not answered. We will ask again."),
    "not_asked": _l("No initiator is set up, so we cannot ask M-Pesa. Check the statement of the shortcode."),
}

RECEIPT_STATES: dict[str, LazyString] = {
    "open": _l("Asking M-Pesa"),
    "landed": _l("Paid: the money is in the books"),
    "refused": _l("It does not pay for anything here"),
    "review": _l("Needs a person to check"),
}

RECEIPT_SOURCES: dict[str, LazyString] = {
    "client": _l("the client sent the code"),
    "staff": _l("staff entered it"),
    "menu": _l("M-Pesa told us, unsigned, with our reference"),
    "callback": _l("an unsigned event named it"),
}


def pressing(refund_words: list[str]) -> str:
    """Of several refunds' words the one that comes first; empty without refunds."""
    return min(refund_words, key=_PRESSING.index, default="")


def pay_title(state: str, kind: str, refund_word: str) -> str:
    """The payment page's title, where there is one of its own; else nothing."""
    for key in (f"{state}:{refund_word}", f"{state}:{kind}", state):
        if key in _PAY_TITLES:
            return str(_PAY_TITLES[key])
    return ""


def way(mark: str, *, needs_phone: bool, by_hand: bool) -> str:
    """What happens to who chooses this way to pay."""
    if needs_phone:
        return str(_l("You get a request on your phone and approve it with your PIN."))
    if by_hand:
        return str(_l("We show you how to pay, and you send us proof of payment."))
    return str(_WAYS.get(mark) or _l("You pay on the payment provider's secure page, then come back here."))


def press(mark: str, values: dict[str, object], *, by_hand: bool = False, reserves: bool = False) -> str:
    """The button of a way to pay, which says what pressing it does; `values` are the amount and the method's name."""
    if by_hand:
        return str(_l("Pay %(amount)s by bank or cash")) % values
    if mark == "card":
        return str(_l("Authorise %(amount)s on your card") if reserves else _l("Pay %(amount)s by card")) % values
    text = _l("Authorise %(amount)s with %(method)s") if reserves else _l("Pay %(amount)s with %(method)s")
    return str(text) % values


def movement(kind: str) -> str:
    """A statement's line in words."""
    return str(MOVEMENTS.get(kind) or _l("Corrected by our staff"))


def receipt(verdict: str) -> str:
    """Why it pays nothing, or why a person must look; empty where there is nothing to say."""
    return str(RECEIPTS.get(verdict) or DOUBTS.get(verdict) or "")
