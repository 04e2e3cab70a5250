"""What pages say about where a booking or a payment stands, by the word a service computed. Codes are stable, words are not.

The sentences of buttons, problems and messages are in words/; these here say whose move it is and what happens next.
"""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

_Words = tuple[str, LazyString, LazyString | str]  # the notice's kind, its title, its text

# A booking's page, by bookings.situation; "word:part" is for that part alone.
# %(name)s is the other side, %(until)s the deadline, %(when)s the session, %(price)s what it costs, %(owed)s
# what is still to be paid.
BOOKINGS: dict[str, _Words] = {
    "pay": ("warning", _l("Please pay to keep this place"), _l("The price is %(price)s.")),
    "go_on": (
        "warning",
        _l("A payment has begun"),
        _l("Go on with it, or see what became of it. Please do not start another one."),
    ),
    "pay_due": (
        "warning",
        _l("Please pay for this session"),
        _l("It took place, and %(owed)s is to be paid for it."),
    ),
    "pay_fee": (
        "warning",
        _l("Please pay for the session that was not kept"),
        _l("The terms you booked with say that %(owed)s is to be paid for it."),
    ),
    "pay_difference": (
        "warning",
        _l("Please pay the difference"),
        _l("The session was moved and costs more now: %(owed)s is still to be paid."),
    ),
    "owed": ("info", _l("Not paid yet"), _l("%(name)s has been asked to pay %(owed)s, and is reminded.")),
    "refund_offered": (
        "warning",
        _l("Choose what happens with your money"),
        _l("It came too late for this time. Take another one, keep it as credit, or have it sent back."),
    ),
    "refund_offered:practitioner": (
        "info",
        _l("A payment came too late"),
        _l("%(name)s may choose another of your times, or gets the money back. You need not do anything."),
    ),
    "refund_offered:staff": ("info", _l("A payment came too late"), _l("The client is choosing what happens with it.")),
    "refund_pending": (
        "info",
        _l("Money is on its way back"),
        _l("You need not do anything. Banks take some days; M-Pesa is faster."),
    ),
    "refund_pending:practitioner": (
        "info",
        _l("Money goes back to %(name)s"),
        _l("You need not do anything."),
    ),
    "refund_failed": (
        "warning",
        _l("The money has not gone back yet"),
        _l("Sending it did not work by itself. Our staff are on it and send it by hand; you need not do anything."),
    ),
    "in_hand": (
        "warning",
        _l("The money comes back to you by hand"),
        _l(
            "You paid %(name)s by hand, and they give it back to you. Our staff see to it; tell us if it does not come."
        ),
    ),
    "in_hand:practitioner": (
        "warning",
        _l("Please give the money back to %(name)s"),
        _l("It was paid to you by hand, so nobody else can send it. Tell our staff when you have done so."),
    ),
    "in_hand:staff": (
        "warning",
        _l("The practitioner gives the money back by hand"),
        _l("Ask both sides and note it with the payment, or make it the client's credit."),
    ),
    "refund_failed:practitioner": (
        "info",
        _l("Money goes back to %(name)s"),
        _l("It takes longer than usual and our staff are on it. You need not do anything."),
    ),
    "credited": (
        "success",
        _l("The money is in your wallet"),
        _l("Use it for another session, or ask us to pay it out."),
    ),
    "credited:practitioner": ("info", _l("%(name)s has the money as credit"), _l("You need not do anything.")),
    "credited:staff": ("info", _l("The client has the money as credit"), ""),
    "review": ("warning", _l("Our staff are looking at the payment"), _l("Please do not pay again.")),
    "review:practitioner": (
        "info",
        _l("Our staff are looking at the payment"),
        _l("The booking stands as it is. You need not do anything."),
    ),
    "asked": (
        "info",
        _l("%(name)s has your request"),
        _l(
            "You hear from us by mail as soon as there is an answer, at the latest %(until)s. "
            "The place is kept for you; you pay only after a yes."
        ),
    ),
    "asked_reserved": (
        "info",
        _l("%(name)s has your request"),
        _l(
            "%(price)s is reserved on your card. You hear from us by mail, at the latest %(until)s: "
            "after a yes it is charged, otherwise it is let go. Nothing is charged before."
        ),
    ),
    "to_answer": (
        "warning",
        _l("This request waits for an answer"),
        _l("Without an answer it ends by itself: %(until)s."),
    ),
    "to_answer_reserved": (
        "warning",
        _l("This request waits for an answer"),
        _l(
            "%(price)s is reserved on the client's card: it is charged when you approve, and let go when you decline. "
            "Without an answer it ends by itself: %(until)s."
        ),
    ),
    "checking": (
        "info",
        _l("The payment is being checked"),
        _l("Please do not pay again. This page and a mail tell as soon as it is clear."),
    ),
    "charging": (
        "info",
        _l("Approved: the reserved amount is being charged"),
        _l("This page and a mail tell as soon as it is done. Please do not pay again."),
    ),
    "waits_for_client": (
        "info",
        _l("The client has been asked to pay"),
        _l("The place is kept until %(until)s."),
    ),
    "confirmed_paid": ("success", _l("Confirmed and paid"), _l("Please be there on %(when)s.")),
    "confirmed_pay_later": (
        "success",
        _l("Confirmed"),
        _l("Please be there on %(when)s. You pay %(price)s after the session."),
    ),
    "confirmed_pay_later:practitioner": (
        "success",
        _l("Confirmed"),
        _l("Please be there on %(when)s. %(name)s pays %(price)s once you have completed the session."),
    ),
    "confirmed": ("success", _l("Confirmed"), _l("Please be there on %(when)s.")),
    "expired": (
        "info",
        _l("The time ran out"),
        _l(
            "The place is free again. If a payment should still arrive, the booking is taken up again or the money goes "
            "back by itself."
        ),
    ),
}

# The button of a situation: where it leads is the door's business.
BUTTONS: dict[str, LazyString] = {
    "pay": _l("Complete payment"),
    "go_on": _l("Complete payment"),
    "pay_due": _l("Pay %(owed)s"),
    "pay_fee": _l("Pay %(owed)s"),
    "pay_difference": _l("Pay %(owed)s"),
    "refund_offered": _l("Choose now"),
    "credited": _l("Open my wallet"),
}

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

# What a paid checkout has brought about, by its kind.
PAID: dict[str, LazyString] = {
    "booking": _l("Your session is booked."),
    "draft_booking": _l("Your session is booked."),
    "due": _l("Thank you. Nothing is owed for this session any more."),
    "fee": _l("Thank you. Nothing is owed for this session any more."),
    "difference": _l("Thank you. Nothing is owed for this session any more."),
    "top_up": _l("It is in your wallet and can be used at once."),
    "gift": _l("The code is ready: give it to whom you like."),
    "package": _l("Your package is ready. Book a session and pay for it with the package."),
}

# The same once that has ended; a debt that was paid is paid, whatever it was for.
ENDED_SINCE: dict[str, LazyString] = {
    "booking": _l("The booking has ended since."),
    "draft_booking": _l("The booking has ended since."),
    "gift": _l("The gift was cancelled since."),
    "package": _l("The package was ended since."),
}

# What becomes of a payment that is being checked, once its checkout has ended, by the checkout's status.
IF_IT_STILL_COMES: dict[str, LazyString] = {
    "cancelled": _l("This booking has ended. If the payment still arrives, all of it goes back to you by itself."),
    "expired": _l(
        "The time to pay is over. If the payment arrives, you get the place if it is still free; "
        "if not, you choose another time or all of it goes back to you."
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
        _l("It did not go back the way it was paid. Use it for another session, or ask us to pay it out."),
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
    "failed": (
        "warning",
        _l("You need not do anything"),
        _l("Sending the money back did not work by itself. It is not lost: our staff are on it."),
    ),
}
_PRESSING = (
    "offered", "failed", "in_hand", "asked", "sent", "credited", "session_back", "by_hand", "handed_back", "done",
)  # fmt: skip

# How asking for a service of a mode is called: the page's title, its button, what it costs now.
ASKING: dict[str, tuple[LazyString, LazyString, LazyString]] = {
    "hold_then_pay": (_l("Check and book"), _l("Book and pay"), _l("You choose how to pay on the next page.")),
    "pay_then_book": (_l("Check and book"), _l("Book and pay"), _l("You choose how to pay on the next page.")),
    "approve_then_pay": (_l("Check and send your request"), _l("Send my request"), _l("You pay nothing yet.")),
    "authorise_then_approve": (
        _l("Check and send your request"),
        _l("Go on to my card"),
        _l("The amount is only reserved. Nothing is charged before a yes."),
    ),
    "pay_after": (_l("Check and book"), _l("Book"), _l("You pay nothing now: you pay after the session.")),
}

# What approving does, said to the practitioner before (the button) and after (the message), by when the mode charges.
APPROVING: dict[str, tuple[LazyString, LazyString]] = {
    "after_approval": (
        _l("Approve"),
        _l("Approved. The client has been asked to pay; the place is kept meanwhile."),
    ),
    "on_approval": (_l("Approve and charge %(price)s"), _l("Approved. The reserved amount is being charged.")),
}

# A line of the wallet's statement, by the kind of the movement in the books.
MOVEMENTS: dict[str, LazyString] = {
    "capture": _l("Paid from the wallet"),
    "land": _l("Topped up"),
    "refund_asked": _l("Top-up sent back"),
    "refund_done": _l("Money back, as credit"),
    "gift_redeem": _l("From a gift"),
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


@dataclass(frozen=True)
class Said:
    """A notice, filled in, in the reader's language."""

    kind: str
    title: str
    text: str
    button: str = ""


def of_booking(word: str, part: str, values: dict[str, object]) -> Said | None:
    """What the booking's page says to somebody who plays this part; nothing where the facts say it all."""
    found = BOOKINGS.get(f"{word}:{part}") or BOOKINGS.get(word)
    if found is None:
        return None
    kind, title, text = found
    return Said(kind, str(title) % values, str(text) % values, str(BUTTONS.get(word, "")) % values)


def pressing(refund_words: list[str]) -> str:
    """Of several refunds' words the one that comes first; empty without refunds."""
    return min(refund_words, key=_PRESSING.index, default="")


def pay_title(state: str, kind: str, refund_word: str) -> str:
    """The payment page's title, where there is one of its own; else nothing."""
    for key in (f"{state}:{refund_word}", f"{state}:{kind}", state):
        if key in _PAY_TITLES:
            return str(_PAY_TITLES[key])
    return ""


def movement(kind: str) -> str:
    """A statement's line in words."""
    return str(MOVEMENTS.get(kind) or _l("Set right by our staff"))


def approving(charges: str, price: str) -> str:
    """The button that approves, which says what it does to the client's money."""
    return str(APPROVING.get(charges, APPROVING["after_approval"])[0]) % {"price": price}


def approved(charges: str) -> str:
    """What approving has done."""
    return str(APPROVING.get(charges, APPROVING["after_approval"])[1])
