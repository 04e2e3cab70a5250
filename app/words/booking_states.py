"""Whose move it is with a booking, and what happens next, by the word a service computed."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.words.sessions import ATTENDANCE_CLAIMS

_Words = tuple[str, LazyString, LazyString | str]  # the notice's kind, its title, its text
_WHO_CAME = _l("Our staff look at who came")

# A booking's page, by bookings.situation, or "contested_" and what is said of who came; "word:part" is for that part alone.
# %(name)s is the other side, %(until)s the deadline, %(when)s the session, %(price)s what it costs, %(owed)s
# what is still to be paid, %(back)s what goes back.
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
        _l("%(back)s is on its way back"),
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
        _l("Use it for another session."),
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
            "You hear from us as soon as there is an answer, at the latest %(until)s. "
            "The place is kept for you; you pay only after a yes."
        ),
    ),
    "asked_reserved": (
        "info",
        _l("%(name)s has your request"),
        _l(
            "%(price)s is reserved on your card. You hear from us, at the latest %(until)s: "
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
        _l("Please do not pay again. This page and a message tell as soon as it is clear."),
    ),
    "charging": (
        "info",
        _l("Approved: the reserved amount is being charged"),
        _l("This page and a message tell as soon as it is done. Please do not pay again."),
    ),
    "waits_for_client": (
        "info",
        _l("The client has been asked to pay"),
        _l("The place is kept until %(until)s."),
    ),
    "contested_nobody_came": (
        "warning",
        _WHO_CAME,
        _l("You said that nobody came. Until our staff have decided, the money stays where it is. You are both told."),
    ),
    "contested_nobody_came:practitioner": (
        "warning",
        _WHO_CAME,
        _l(
            "%(name)s says that nobody came. Until our staff have decided, the money stays where it is. You are both told."
        ),
    ),
    "contested_had_started": (
        "warning",
        _WHO_CAME,
        _l(
            "You were noted as absent, and had started the session. Until our staff have decided, the money stays where it is. "
            "You are both told."
        ),
    ),
    "contested_had_started:practitioner": (
        "warning",
        _WHO_CAME,
        _l(
            "You noted %(name)s as absent, and they had started the session. Until our staff have decided, the money stays "
            "where it is. You are both told."
        ),
    ),
    "contested_was_there": (
        "warning",
        _WHO_CAME,
        _l(
            "You said that you were there. Until our staff have decided, the money stays where it is. You are both told."
        ),
    ),
    "contested_was_there:practitioner": (
        "warning",
        _WHO_CAME,
        _l(
            "You noted %(name)s as absent, and they say that they were there. Until our staff have decided, the money stays "
            "where it is. You are both told."
        ),
    ),
    **{f"contested_{claim}:staff": ("warning", _WHO_CAME, said) for claim, said in ATTENDANCE_CLAIMS.items()},
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
    "move_proposed": (
        "info",
        _l("Another time has been proposed"),
        _l("Until %(name)s has answered, the session stays on %(when)s."),
    ),
    "move_proposed:staff": (
        "info",
        _l("Another time has been proposed"),
        _l("Until there is an answer, the session stays on %(when)s."),
    ),
    "move_to_answer": (
        "info",
        _l("Another time has been proposed"),
        _l("Until you have answered, the session stays on %(when)s."),
    ),
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


def approving(charges: str, price: str) -> str:
    """The button that approves, which says what it does to the client's money."""
    return str(APPROVING.get(charges, APPROVING["after_approval"])[0]) % {"price": price}


def approved(charges: str) -> str:
    """What approving has done."""
    return str(APPROVING.get(charges, APPROVING["after_approval"])[1])
