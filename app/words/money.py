"""Money: paid, owed, on its way back, paid ahead."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# How far money is on its way back, by the refund's status: a failed one is never called on its way.
REFUND_STATES: dict[str, LazyString] = {
    "asked": _l("On its way"),
    "sent": _l("On its way"),
    "done": _l("Refund sent"),
    "failed": _l("The automatic refund failed; our staff will send it to you by hand."),
    # finer than the status (refunds.word_of)
    "offered": _l("Waiting for your choice"),
    "credited": _l("In your wallet"),
    "by_hand": _l("Sent to you by our staff"),
    "in_hand": _l("It was paid by hand and will be given back to you by hand. Our staff are following this up."),
    "handed_back": _l("Given back by hand"),
    "session_back": _l("Back in your package"),
    "withheld": _l("Waiting for your bank to decide"),
    "by_bank": _l("Refunded to you by your bank"),
    "not_owed": _l("Ended without a refund"),
}

REFUND_REASONS: dict[str, LazyString] = {
    "too_late": _l("the payment came too late"),
    "second_charge": _l("it was paid twice"),
    "cancelled": _l("the booking was cancelled"),
    "declined": _l("the request was declined"),
    "no_show": _l("the session was missed"),
    "not_given": _l("the session did not take place as agreed"),
    "moved": _l("the session was moved and costs less"),
    "set_off": _l("your bank took this part back itself"),
    "not_asked": _l("your question was given up, or is no longer taken"),
    "question_declined": _l("your question was declined"),
    "question_unanswered": _l("your question was not answered in time"),
    "review": _l("our staff reviewed it and decided this"),
    "overpaid": _l("it was more than the price"),
    "not_bought": _l("it was given up, or is no longer for sale"),
    "not_owed": _l("it was no longer owed"),
    "unknown": _l("nobody knows what it was for"),
    "gift_cancelled": _l("the gift was cancelled"),
    "package_ended": _l("the package was ended"),
    "at_gateway": _l("it was refunded on the payment provider's own site"),
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
    "refund_pending": _l(
        "It will be refunded to where it was paid from. You do not need to do anything; banks take a few days."
    ),
    "refund_failed": _l(
        "The refund has not gone through yet. Our staff are dealing with it; you do not need to do anything."
    ),
    "in_hand": _l("It was paid by hand and will be given back to you by hand. Our staff are following this up."),
    "refunded": _l(
        "It was refunded to where it was paid from; it may take a few days to show at your bank or on your phone."
    ),
}

# What will come back and how, before it does, by money_back.Part.word; read by either side. %(amount)s is the part.
COMING_BACK: dict[str, LazyString] = {
    "gateway": _l("%(amount)s will be refunded the way it was paid. Banks take a few days; M-Pesa is faster."),
    "wallet": _l("%(amount)s becomes wallet credit at once: it cannot be refunded the way it was paid."),
    "wallet_again": _l("%(amount)s returns to the wallet as credit at once."),
    "by_hand": _l("%(amount)s will be given back by hand, because it was paid by hand."),
    "package": _l("The session is returned to the package it was paid with."),
    "withheld": _l("%(amount)s will be refunded once the bank has decided about this payment."),
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
    "expired": (_l("No longer valid"), "", "clock"),
    "ended": (_l("Ended and refunded"), "", "back"),
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
    "fee": _l("Missed session"),
    "difference": _l("Difference for a moved session"),
    "lost_credit": _l("Credit that was spent"),
    "consultation": _l("Written question"),
    "top_up": _l("Wallet credit"),
    "gift": _l("Gift"),
    "package": _l("Several sessions"),
    "lost": _l("Payment"),
}


def paid_for(kind: str) -> str:
    """What was paid for, in the reader's language."""
    return str(PAID_FOR.get(kind) or _l("Payment"))


def refund_reason(reason: str) -> str:
    """Why money goes back, as the end of a sentence; `reason` is the refund's own word."""
    return str(REFUND_REASONS.get(reason.partition(":")[0]) or _l("our staff decided this"))


# Why something is owed, by the kind of the debt.
OWED: dict[str, LazyString] = {
    "due": _l("The session with %(name)s took place and payment is due."),
    "fee": _l("The session with %(name)s was missed; under the terms you booked with, this is due."),
    "difference": _l("The session with %(name)s was moved and now costs more."),
    "lost_credit": _l("Your bank took back money for credit that was spent, so this is due."),
}


def owed(kind: str, name: str) -> str:
    """Why something is owed to whom."""
    return str(OWED[kind]) % {"name": name}


def method(label: str) -> str:
    """The way to pay, in the reader's language."""
    return str(METHODS.get(label, label))


# What is wrong with a statement that staff took from a gateway's own site.
STATEMENT_PROBLEMS: dict[str, LazyString] = {
    "statement_missing": _l("Choose the statement you downloaded."),
    "statement_size": _l(
        "This file is too large: the limit is %(most)s MB. Compress it as a ZIP, or use a shorter period "
        "for each statement. Whoever runs this installation can pass a larger file to the command “flask "
        "mpesa statement”."
    ),
    "statement_long": _l(
        "This statement has more than %(most)s lines, the most this page accepts. Use a shorter period for "
        "each statement. Whoever runs this installation can pass a longer one to the command “flask mpesa "
        "statement”."
    ),
    "statement_format": _l(
        "This is not an M-Pesa organisation statement as CSV, with its headings, period and balances. "
        "Upload it exactly as you got it from the portal."
    ),
    "statement_account": _l("This is the statement of another shortcode."),
    "statement_other_account": _l(
        "This is the statement of another account. Use the statement of the account that customers pay "
        "into: the utility account of a pay bill, or the merchant account of a till."
    ),
    "statement_future": _l(
        "The statement period is not over yet. Use a statement that ends before now, or payments still to "
        "come would seem to be missing."
    ),
    "statement_cut": _l(
        "The file is incomplete: its lines do not lead from the opening balance to the closing balance."
    ),
    "statement_line_cut": _l("Line %(line)s: the file is cut off here, or columns are missing."),
    "statement_line": _l("Line %(line)s: “%(column)s” cannot be read."),
    "statement_outside": _l("Line %(line)s: this is outside the period that the statement says it covers."),
    "statement_balance": _l("Line %(line)s: the balance does not follow from the line next to it."),
}
