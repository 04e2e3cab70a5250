"""Where a payment stands, what it has brought about and what comes back, by the word a service computed."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_Words = tuple[str, LazyString, LazyString | str]  # the notice's kind, its title, its text

# The payment page's title where the state alone does not say it: by "state:kind of checkout" or "state:word of the refund".
_PAY_TITLES: dict[str, LazyString] = {
    "choose:top_up": _l("Top up your wallet"),
    "choose:reserving": _l("Reserve the amount"),
    "resume:top_up": _l("Finish your top-up"),
    "choose:gift": _l("Pay for your gift"),
    "choose:package": _l("Pay for your package"),
    "returned:offered": _l("Choose what happens with your money"),
    "returned:credited": _l("Your money is in your wallet"),
    "returned:failed": _l("Your money has not gone back yet"),
    "returned:in_hand": _l("Your money has not gone back yet"),
    "returned:done": _l("Your money was sent back"),
    "returned:by_hand": _l("Your money was sent back"),
    "returned:handed_back": _l("The money was given back"),
    "reserved": _l("The amount is reserved"),
}

# What happens once a way to pay is pressed, by its mark; the rest by what the gateway can do.
_WAYS: dict[str, LazyString] = {
    "upi": _l("The payment window opens; approve it in your UPI app."),
    "card": _l("You type your card on the payment company's secure page, and come back here."),
}

# What a paid checkout has brought about, by its kind.
PAID: dict[str, LazyString] = {
    "booking": _l("Your session is booked."),
    "draft_booking": _l("Your session is booked."),
    "due": _l("Thank you. Nothing is owed for this session any more."),
    "fee": _l("Thank you. Nothing is owed for this session any more."),
    "difference": _l("Thank you. Nothing is owed for this session any more."),
    "lost_credit": _l("Thank you. Nothing is owed for this credit any more."),
    "top_up": _l("It is in your wallet and can be used at once."),
    "gift": _l("The code is ready: give it to whom you like."),
    "package": _l("Your package is ready. Book a session and pay for it with the package."),
    "lost": _l("Our staff look at this payment."),
}

# What is said instead once that has ended; a debt that was paid is paid, whatever it was for.
ENDED_SINCE: dict[str, LazyString] = {
    "booking": _l("The booking has ended since."),
    "draft_booking": _l("The booking has ended since."),
    "gift": _l("The gift was cancelled since."),
    "package": _l("The package was ended since."),
}

# Why nothing can be paid any more, by the checkout's status.
NOT_PAID: dict[str, LazyString] = {
    "cancelled": _l("It was cancelled before it was paid."),
    "expired": _l("The time to pay is over."),
}

# Why what is paid for cannot be had any more, by lost_drafts.why_lost.
LOST: dict[str, LazyString] = {
    "taken": _l("Somebody else has just taken this time"),
    "fewer": _l("There are not enough places left at this time"),
    "closed": _l("This time is not offered any more"),
    "begun": _l("This time has begun"),
    "question": _l("No new questions are taken just now"),
    "package": _l("This package is not sold any more"),
}

# What becomes of a payment that is being checked, once its checkout has ended, by the checkout's status.
IF_IT_STILL_COMES: dict[str, LazyString] = {
    "cancelled": _l("This booking has ended. If the payment still arrives, all of it goes back to you by itself."),
    "expired": _l(
        "The time to pay is over. If the payment arrives, you get the place if it is still free; "
        "if not, you choose another time or all of it goes back to you."
    ),
    "lost": _l(
        "It is too late for this payment. If it still arrives, you choose what happens with it, or it goes back."
    ),
}

# Money that goes back, on the payment page, by refunds.word_of.
RETURNED: dict[str, _Words] = {
    "offered": (
        "warning",
        _l("Your payment came after the place was gone"),
        _l("The money is safe. Choose what happens with it; if you choose nothing, it goes back by itself."),
    ),
    "asked": (
        "info",
        _l("You need not do anything"),
        _l("The money goes back the way it came. Banks take some days; M-Pesa is faster."),
    ),
    "sent": (
        "info",
        _l("You need not do anything"),
        _l("The money goes back the way it came. Banks take some days; M-Pesa is faster."),
    ),
    "done": (
        "success",
        _l("The money was sent back"),
        _l("It can take some days until your bank or phone shows it."),
    ),
    "by_hand": (
        "success",
        _l("The money was sent back"),
        _l("Our staff have sent it to you. It can take some days until your bank or phone shows it."),
    ),
    "session_back": (
        "success",
        _l("The session is in your package again"),
        _l("You can use it for another time."),
    ),
    "credited": (
        "success",
        _l("The money is credit in your wallet"),
        _l("It did not go back the way it was paid. Use it for another session."),
    ),
    "in_hand": (
        "warning",
        _l("The money comes back to you by hand"),
        _l("It was paid by hand, and comes back to you by hand. Our staff see to it."),
    ),
    "handed_back": (
        "success",
        _l("The money was given back"),
        _l("You have it by hand. Tell us if you do not."),
    ),
    "withheld": (
        "info",
        _l("The money waits until your bank has decided"),
        _l("Your bank challenges this payment, so nothing is sent back until it has decided. You do not lose it."),
    ),
    "by_bank": (
        "success",
        _l("Your bank has given the money back"),
        _l("You challenged this payment, and your bank decided for you."),
    ),
    "not_owed": (
        "info",
        _l("This refund has ended"),
        _l("Our staff found that no money is to be sent. Write to us if you think otherwise."),
    ),
    "failed": (
        "warning",
        _l("You need not do anything"),
        _l("Sending the money back did not work by itself. It is not lost: our staff are on it."),
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
    "refund_asked": _l("Top-up sent back"),
    "refund_done": _l("Money back, as credit"),
    "gift_redeem": _l("From a gift"),
    "credit_lost": _l("The bank took back what it was bought with"),
    "gift_cancel": _l("Rest of a cancelled gift"),
    "package_end": _l("Rest of an ended package"),
    "package_expire": _l("Rest of a package whose time is over"),
    "payout_asked": _l("Payout asked for"),
    "payout_refused": _l("Payout not possible: credit again"),
}

PAYOUTS: dict[str, LazyString] = {
    "asked": _l("Our staff will send it"),
    "done": _l("Sent"),
    "refused": _l("Not possible"),
}

# Why a receipt pays nothing here, for who showed it (receipt_checks.check_verdicts).
RECEIPTS: dict[str, LazyString] = {
    "receipt_unknown": _l("M-Pesa does not know this code. Please compare it with the message on the phone."),
    "receipt_not_paid": _l("M-Pesa says that this payment did not go through, or was taken back."),
    "receipt_elsewhere": _l("This code is of a payment to somebody else, not to us."),
    "receipt_too_old": _l("This payment was made before there was anything to pay here."),
    "receipt_used": _l("This code has paid for something already, or its money went back."),
    "staff": _l("Our staff have looked at it: this payment is not of what is to be paid here."),
}

# Why only a person can say, for staff.
DOUBTS: dict[str, LazyString] = {
    "payer": _l("The money is here, but not from the phone that was asked nor from a number the client has proved."),
    "claimed": _l("It is said to be of another payment too."),
    "unclear": _l("M-Pesa's answer does not say enough."),
    "no_access": _l("M-Pesa does not accept the initiator, so it could not be asked. It is asked again."),
    "silent": _l("M-Pesa has not answered. It is asked again."),
    "not_asked": _l("No initiator is set up, so M-Pesa cannot be asked. Look at the statement of the shortcode."),
}

RECEIPT_STATES: dict[str, LazyString] = {
    "open": _l("M-Pesa is asked"),
    "landed": _l("It was paid: the money is in the books"),
    "refused": _l("It pays nothing here"),
    "review": _l("A person must look"),
}

RECEIPT_SOURCES: dict[str, LazyString] = {
    "client": _l("the client sent the code"),
    "staff": _l("staff entered it"),
    "menu": _l("M-Pesa told us of it, unsigned, with our reference"),
    "callback": _l("unsigned news named it"),
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
        return str(_l("A request comes to the phone; you answer it with your PIN."))
    if by_hand:
        return str(_l("You read how to pay, and show us that you did."))
    return str(_WAYS.get(mark) or _l("You pay on the secure page of the payment company and come back here."))


def press(mark: str, values: dict[str, object], *, by_hand: bool = False, reserves: bool = False) -> str:
    """The button of a way to pay, which says what pressing it does; `values` are the amount and the method's name."""
    if by_hand:
        return str(_l("Pay %(amount)s by bank or cash")) % values
    if mark == "card":
        return str(_l("Reserve %(amount)s on your card") if reserves else _l("Pay %(amount)s by card")) % values
    text = _l("Reserve %(amount)s with %(method)s") if reserves else _l("Pay %(amount)s with %(method)s")
    return str(text) % values


def movement(kind: str) -> str:
    """A statement's line in words."""
    return str(MOVEMENTS.get(kind) or _l("Set right by our staff"))


def receipt(verdict: str) -> str:
    """Why it pays nothing, or why a person must look; empty where there is nothing to say."""
    return str(RECEIPTS.get(verdict) or DOUBTS.get(verdict) or "")
