"""Money: paid, owed, on its way back, paid ahead."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# How far money is on its way back, by the refund's status: a failed one is never called on its way.
REFUND_STATES: dict[str, LazyString] = {
    "asked": _l("On its way"),
    "sent": _l("On its way"),
    "done": _l("Sent back"),
    "failed": _l("It did not go back by itself; our staff send it to you by hand."),
    # finer than the status (refunds.word_of)
    "offered": _l("Waits for your choice"),
    "credited": _l("In your wallet"),
    "by_hand": _l("Sent to you by our staff"),
    "in_hand": _l("It was paid by hand, and comes back to you by hand. Our staff see to it."),
    "handed_back": _l("Given back by hand"),
    "session_back": _l("Back in your package"),
    "withheld": _l("It waits until your bank has decided"),
    "by_bank": _l("Your bank has given it back to you"),
    "not_owed": _l("Ended without a refund"),
}

REFUND_REASONS: dict[str, LazyString] = {
    "too_late": _l("the payment came too late"),
    "second_charge": _l("it was paid twice"),
    "cancelled": _l("the booking was cancelled"),
    "declined": _l("the request was declined"),
    "no_show": _l("the session was not kept"),
    "not_given": _l("the session did not take place as agreed"),
    "moved": _l("the session was moved and costs less"),
    "set_off": _l("your bank took this part back itself"),
    "not_asked": _l("your question was given up, or is no longer taken"),
    "question_declined": _l("your question was declined"),
    "question_unanswered": _l("your question was not answered in time"),
    "review": _l("our staff looked at it and decided so"),
    "overpaid": _l("it was more than the price"),
    "not_bought": _l("it was given up, or is not sold any more"),
    "not_owed": _l("it was not owed any more"),
    "unknown": _l("nobody knows what it was for"),
    "gift_cancelled": _l("the gift was cancelled"),
    "package_ended": _l("the package was ended"),
    "at_gateway": _l("it was sent back on the payment company's own site"),
}

# Ways to pay, by the label their adapter gives; a name that is not here is shown as it is.
METHODS: dict[str, LazyString] = {
    "Card": _l("Card"),
    "UPI": _l("UPI"),
    "M-Pesa": _l("M-Pesa"),
    "Bank or cash": _l("Bank or cash"),
    # No gateways: their code is their label.
    "package": _l("Package"),
    "Package": _l("Package"),
    "wallet": _l("Wallet"),
    "Wallet": _l("Wallet"),
}

# What comes back of a cancelled booking and how, by bookings.money_shown; for the mail.
COMES_BACK: dict[str, LazyString] = {
    "refund_pending": _l("It goes back to where it was paid from. You need not do anything; banks take some days."),
    "refund_failed": _l("Sending it did not go through yet. Our staff are on it; you need not do anything."),
    "in_hand": _l("It was paid by hand, and comes back to you by hand. Our staff see to it."),
    "refunded": _l("It was sent back to where it was paid from; your bank or phone may show it some days later."),
}

# What will come back and how, before it does, by money_back.Part.word; read by either side. %(amount)s is the part.
COMING_BACK: dict[str, LazyString] = {
    "gateway": _l("%(amount)s goes back the way it was paid. Banks take some days; M-Pesa is faster."),
    "wallet": _l("%(amount)s becomes credit in the wallet at once: it cannot be sent back the way it was paid."),
    "wallet_again": _l("%(amount)s is credit in the wallet again at once."),
    "by_hand": _l("%(amount)s comes back by hand, as it was paid by hand."),
    "package": _l("The session goes back into the package it was paid with."),
    "withheld": _l("%(amount)s comes back once the bank has decided about this payment."),
}

# What became of a gift and of a package (packages.Held.state), and the colour of it.
GIFTS: dict[str, tuple[LazyString, str, str]] = {
    "open": (_l("Not redeemed yet"), "info", "hourglass"),
    "redeemed": (_l("Redeemed"), "ok", "check"),
    "cancelled": (_l("Cancelled"), "", "stop"),
}

PACKAGES: dict[str, tuple[LazyString, str, str]] = {
    "open": (_l("Can be used"), "ok", "check"),
    "used_up": (_l("All used"), "", "double-check"),
    "expired": (_l("Its time is over"), "", "clock"),
    "ended": (_l("Ended: its money went back"), "", "back"),
}


def gift_title() -> str:
    """What a gift is called on a bill, in the reader's language."""
    return str(_l("Gift code"))


def package_title(sessions: int, title: str) -> str:
    """What a package is called on a bill, in the reader's language."""
    return f"{sessions} × {title}"


# What was paid for, by the checkout's kind, on receipts and statements: words that anybody may read.
PAID_FOR: dict[str, LazyString] = {
    "booking": _l("Session"),
    "draft_booking": _l("Session"),
    "due": _l("Session"),
    "fee": _l("Session that was not kept"),
    "difference": _l("Session that was moved: the difference"),
    "lost_credit": _l("Credit that was spent"),
    "consultation": _l("Question in writing"),
    "top_up": _l("Credit for the wallet"),
    "gift": _l("Gift"),
    "package": _l("Several sessions"),
    "lost": _l("Payment"),
}


def paid_for(kind: str) -> str:
    """What was paid for, in the reader's language."""
    return str(PAID_FOR.get(kind) or _l("Payment"))


def refund_reason(reason: str) -> str:
    """Why money goes back, as the end of a sentence; `reason` is the refund's own word."""
    return str(REFUND_REASONS.get(reason.partition(":")[0]) or _l("our staff decided so"))


# Why something is owed, by the kind of the debt.
OWED: dict[str, LazyString] = {
    "due": _l("The session with %(name)s took place and is to be paid."),
    "fee": _l("The session with %(name)s was not kept; by the terms you booked with this is to be paid."),
    "difference": _l("The session with %(name)s was moved and costs more now."),
    "lost_credit": _l("Your bank took back money for credit that was spent, so this is to be paid."),
}


def owed(kind: str, name: str) -> str:
    """Why something is owed to whom."""
    return str(OWED[kind]) % {"name": name}


def method(label: str) -> str:
    """The way to pay, in the reader's language."""
    return str(METHODS.get(label, label))


# What is wrong with a statement that staff took from a gateway's own site.
STATEMENT_PROBLEMS: dict[str, LazyString] = {
    "statement_missing": _l("Please choose the statement that you downloaded."),
    "statement_size": _l(
        "This file is too large: at most %(most)s MB. Pack it as a ZIP, or take a shorter time for each statement. "
        "Whoever runs this installation can give a larger one to the command “flask mpesa statement”."
    ),
    "statement_long": _l(
        "This statement has more than %(most)s lines, which is the most that this page takes. "
        "Take a shorter time for each statement. "
        "Whoever runs this installation can give a longer one to the command “flask mpesa statement”."
    ),
    "statement_format": _l(
        "This is not an organisation statement of M-Pesa as CSV, with its heads, time and balances. "
        "Please give it as it came from the portal."
    ),
    "statement_account": _l("It is the statement of another shortcode."),
    "statement_other_account": _l(
        "It is the statement of another account. Please take that of the account that customers pay into: "
        "the utility account of a pay bill, the merchant account of a till."
    ),
    "statement_future": _l(
        "The time of the statement is not over yet. Please take one that ends before now, "
        "or what is still to come would seem to be missing."
    ),
    "statement_cut": _l("The file is not whole: its lines do not lead from its opening to its closing balance."),
    "statement_line_cut": _l("Line %(line)s: the file is cut off here, or columns are missing."),
    "statement_line": _l("Line %(line)s: “%(column)s” cannot be read."),
    "statement_outside": _l("Line %(line)s: this is not in the time that the statement says it is of."),
    "statement_balance": _l("Line %(line)s: its balance does not follow from the line beside it."),
}
