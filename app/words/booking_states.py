"""Whose move it is with a booking, and what happens next, by the word a service computed."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.words.sessions import ATTENDANCE_CLAIMS

_Words = tuple[str, LazyString, LazyString | str]  # the notice's kind, its title, its text
_WHO_CAME = _l("Our staff are checking who came")

# A booking's page, by bookings.situation, or "contested_" and what is said of who came; "word:part" is for that part alone.
# %(name)s is the other side, %(until)s the deadline, %(when)s the session, %(price)s what it costs, %(owed)s
# what is still to be paid, %(back)s what goes back.
BOOKINGS: dict[str, _Words] = {
    "pay": ("warning", _l("Pay to keep this place"), _l("The price is %(price)s.")),
    "go_on": (
        "warning",
        _l("A payment has been started"),
        _l("Continue with it, or see what happened to it. Please do not start another one."),
    ),
    "pay_due": (
        "warning",
        _l("Pay for this session"),
        _l("It took place and you owe %(owed)s for it."),
    ),
    "pay_fee": (
        "warning",
        _l("Pay for the missed session"),
        _l("Under the terms you booked with, you owe %(owed)s for it."),
    ),
    "pay_difference": (
        "warning",
        _l("Pay the difference"),
        _l("The session was moved and now costs more: you still owe %(owed)s."),
    ),
    "owed": ("info", _l("Not paid yet"), _l("%(name)s has been asked to pay %(owed)s and gets reminders.")),
    "refund_offered": (
        "warning",
        _l("Choose what happens to your money"),
        _l("It came too late for this time. Choose another time, keep it as credit or get a refund."),
    ),
    "refund_offered:practitioner": (
        "info",
        _l("A payment came too late"),
        _l("%(name)s may choose another of your times or get the money back. You do not need to do anything."),
    ),
    "refund_offered:staff": ("info", _l("A payment came too late"), _l("The client is choosing what happens to it.")),
    "refund_pending": (
        "info",
        _l("%(back)s is on its way back"),
        _l("You do not need to do anything. Banks take a few days; M-Pesa is faster."),
    ),
    "refund_pending:practitioner": (
        "info",
        _l("%(name)s is getting the money back"),
        _l("You do not need to do anything."),
    ),
    "refund_failed": (
        "warning",
        _l("The money has not been refunded yet"),
        _l("The automatic refund failed. Our staff will send the money by hand. You do not need to do anything."),
    ),
    "in_hand": (
        "warning",
        _l("You will get the money back by hand"),
        _l(
            "You paid %(name)s by hand, so they will give it back to you. Our staff are following this up; "
            "tell us if it does not arrive."
        ),
    ),
    "in_hand:practitioner": (
        "warning",
        _l("Give the money back to %(name)s"),
        _l("You were paid by hand, so nobody else can send it. Tell our staff when you have given it back."),
    ),
    "in_hand:staff": (
        "warning",
        _l("The practitioner will give the money back by hand"),
        _l("Ask both sides and note it with the payment, or give it to the client as credit."),
    ),
    "refund_failed:practitioner": (
        "info",
        _l("%(name)s is getting the money back"),
        _l("It is taking longer than usual and our staff are dealing with it. You do not need to do anything."),
    ),
    "credited": (
        "success",
        _l("The money is in your wallet"),
        _l("Use it for another session."),
    ),
    "credited:practitioner": ("info", _l("%(name)s has the money as credit"), _l("You do not need to do anything.")),
    "credited:staff": ("info", _l("The client has the money as credit"), ""),
    "review": ("warning", _l("Our staff are checking the payment"), _l("Please do not pay again.")),
    "review:practitioner": (
        "info",
        _l("Our staff are checking the payment"),
        _l("The booking stays as it is. You do not need to do anything."),
    ),
    "asked": (
        "info",
        _l("%(name)s has your request"),
        _l(
            "We will tell you as soon as there is an answer, by %(until)s at the latest. The place is held "
            "for you and you pay only if it is approved."
        ),
    ),
    "asked_reserved": (
        "info",
        _l("%(name)s has your request"),
        _l(
            "%(price)s is authorised on your card. You will hear from us by %(until)s at the latest. If "
            "the request is approved, you are charged; otherwise the amount is released. Nothing is "
            "charged before then."
        ),
    ),
    "to_answer": (
        "warning",
        _l("This request is waiting for an answer"),
        _l("Without an answer, it ends by itself: %(until)s."),
    ),
    "to_answer_reserved": (
        "warning",
        _l("This request is waiting for an answer"),
        _l(
            "%(price)s is authorised on the client's card. It is charged if you approve and released if "
            "you decline. Without an answer, the request ends by itself: %(until)s."
        ),
    ),
    "checking": (
        "info",
        _l("The payment is being checked"),
        _l("Please do not pay again. This page will change and we will message you as soon as we know."),
    ),
    "charging": (
        "info",
        _l("Approved: the authorised amount is being charged"),
        _l("This page will change and we will message you as soon as it is done. Please do not pay again."),
    ),
    "waits_for_client": (
        "info",
        _l("The client has been asked to pay"),
        _l("The place is held until %(until)s."),
    ),
    "contested_nobody_came": (
        "warning",
        _WHO_CAME,
        _l(
            "You said that nobody came. The money stays where it is until our staff have decided. We will "
            "tell you both."
        ),
    ),
    "contested_nobody_came:practitioner": (
        "warning",
        _WHO_CAME,
        _l(
            "%(name)s says that nobody came. The money stays where it is until our staff have decided. We "
            "will tell you both."
        ),
    ),
    "contested_had_started": (
        "warning",
        _WHO_CAME,
        _l(
            "You were marked as absent, but you had started the session. The money stays where it is until "
            "our staff have decided. We will tell you both."
        ),
    ),
    "contested_had_started:practitioner": (
        "warning",
        _WHO_CAME,
        _l(
            "You marked %(name)s as absent, but they had started the session. The money stays where it is "
            "until our staff have decided. We will tell you both."
        ),
    ),
    "contested_was_there": (
        "warning",
        _WHO_CAME,
        _l(
            "You said that you were there. The money stays where it is until our staff have decided. We "
            "will tell you both."
        ),
    ),
    "contested_was_there:practitioner": (
        "warning",
        _WHO_CAME,
        _l(
            "You marked %(name)s as absent, but they say they were there. The money stays where it is "
            "until our staff have decided. We will tell you both."
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
        _l("Please be there on %(when)s. %(name)s pays %(price)s once you have marked the session as completed."),
    ),
    "confirmed": ("success", _l("Confirmed"), _l("Please be there on %(when)s.")),
    "move_proposed": (
        "info",
        _l("Another time has been proposed"),
        _l("Until %(name)s answers, the session stays on %(when)s."),
    ),
    "move_proposed:staff": (
        "info",
        _l("Another time has been proposed"),
        _l("Until there is an answer, the session stays on %(when)s."),
    ),
    "move_to_answer": (
        "info",
        _l("Another time has been proposed"),
        _l("Until you answer, the session stays on %(when)s."),
    ),
    "expired": (
        "info",
        _l("Time ran out"),
        _l(
            "The place is free again. If a payment still arrives, the booking is restored or the money is "
            "refunded automatically."
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
    "approve_then_pay": (_l("Check and send request"), _l("Send request"), _l("Nothing to pay yet.")),
    "authorise_then_approve": (
        _l("Check and send request"),
        _l("Continue to card"),
        _l("The amount is only authorised. Nothing is charged unless your request is approved."),
    ),
    "pay_after": (_l("Check and book"), _l("Book"), _l("Nothing to pay now: you pay after the session.")),
}

# What approving does, said to the practitioner before (the button) and after (the message), by when the mode charges.
APPROVING: dict[str, tuple[LazyString, LazyString]] = {
    "after_approval": (
        _l("Approve"),
        _l("Approved. The client has been asked to pay and the place is held meanwhile."),
    ),
    "on_approval": (_l("Approve and charge %(price)s"), _l("Approved. The authorised amount is being charged.")),
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
