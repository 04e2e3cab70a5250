"""Every sentence that code chooses by a word: problems, failures, labels. One place to read, one place to translate."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

# What a Problem's code says to a person; %(name)s comes from the problem's values.
PROBLEMS: dict[str, LazyString] = {
    "not_found": _l("We could not find that. It may have moved, or it belongs to somebody else."),
    "not_allowed": _l("That is not possible any more: things have changed since this page was opened."),
    "too_early": _l("It is too early for that."),
    "already_paid": _l("Your payment has just arrived, so the booking is confirmed. You can still cancel it."),
    "clients_only": _l("Only client accounts can book. Please log in as a client."),
    "slot_taken": _l("Somebody else has just taken this time. Please choose another."),
    "slot_past": _l("This time has passed. Please choose a later one."),
    "slot_not_offered": _l("This time is not offered. Please choose one from the list."),
    "range_reversed": _l("The end must not be before the beginning."),
    "range_too_long": _l("Please ask for at most %(days)s days."),
    "date_invalid": _l("Please give a date like 2026-11-21."),
    "places_out_of_range": _l("Please choose between 1 and %(most)s places."),
    "too_long": _l("That is too long: at most %(most)s characters."),
    "too_many": _l("That is too many: at most %(most)s."),
    "out_of_range": _l("Please give a number from %(least)s to %(most)s."),
    "no_method": _l("There is no way to pay in %(currency)s here yet."),
    "reason_missing": _l("Please give a reason: the other side will read it."),
    "unknown_tab": _l("There is no such list."),
    "unknown_gateway": _l("This way to pay cannot be used here. Please choose another."),
    "phone_invalid": _l("This phone number does not look right. Please check it, for example 0712 345 678."),
    "checkout_closed": _l("This can no longer be paid. Nothing was charged."),
    "under_review": _l(
        "We received a payment that does not match. A person is looking at it: please do not pay again."
    ),
    "attempt_unresolved": _l(
        "Your last payment is still being checked. Please wait a moment: paying again now could charge you twice."
    ),
    "payment_refused": _l("This way to pay did not start and nothing was charged. Please try again or choose another."),
    "login_refused": _l("E-mail and password do not match."),
    "login_needed": _l("Please log in first."),
    "registration_refused": _l(
        "We could not create an account with these details. If you already have one, log in or choose a new password."
    ),
    "email_invalid": _l("Please check the e-mail address."),
    "password_length": _l("Please use at least %(least)s characters."),
    "name_invalid": _l("Please give a name of at most 120 characters."),
    "language_unknown": _l("Please choose one of the languages."),
    "zone_unknown": _l("Please choose a time zone from the list."),
    "link_expired": _l("This link has expired or was used already. Please ask for a new one."),
    "hours_reversed": _l("The end must be after the beginning."),
    "hours_overlap": _l("Two of the times overlap."),
    "hours_incomplete": _l("Please give both times, or none to close the whole day."),
    "day_past": _l("This day has passed."),
    "title_invalid": _l("Please give a title of at most 120 characters."),
    "kind_unknown": _l("Please choose one of the kinds."),
    "individual_has_one_place": _l("A session for one person has one place."),
    "mode_unknown": _l("Please choose one of the ways to book."),
    "cannot_be_reserved": _l(
        "No way to pay in %(currency)s can reserve an amount first. Please choose another way to book, or another currency."
    ),
    "insufficient_balance": _l("There is not enough in your wallet. Top it up, or pay another way."),
    "balance_due": _l("Please pay for your last session first; then you can book the next."),
    "destination_missing": _l("Please say where the money should go, in at most %(most)s characters."),
    "evidence_missing": _l("Please say what you did and how it can be checked."),
    "offer_closed": _l("This can no longer be chosen: the money is already on its way."),
    "amount_too_large": _l("That is more than is left: at most %(most)s."),
    "price_invalid": _l("Please give a price above zero and a currency code such as KES."),
    "cannot_be_paid_currency": _l("Nobody could pay for this: no way to pay takes %(currency)s."),
    "cannot_be_paid_too_small": _l("Nobody could pay for this: the price is below what any way to pay takes."),
    "cannot_be_paid_too_large": _l("Nobody could pay for this: the price is above what any way to pay takes."),
    "cannot_be_paid_not_whole": _l("Nobody could pay for this: M-Pesa takes whole shillings only."),
    "idempotency_key_invalid": _l("An Idempotency-Key has 1 to 200 printable characters."),
    "idempotency_key_reused": _l("This Idempotency-Key was used for another request."),
    "request_in_progress": _l("The same request is still being worked on."),
    "busy": _l("Very many people are here just now. Please try again in a moment; nothing was changed."),
    "form_expired": _l("This form was open for too long. Please send it again: what you typed is still here."),
    "too_large": _l("That is too large to send."),
    "too_often": _l("That was too often. Please wait a minute and try again."),
    "method_not_allowed": _l("This address does not take that."),
    "bad_request": _l("We could not read that."),
    "invalid": _l("Please check what was sent."),
    "internal": _l("Something went wrong on our side. Nothing was lost; please try again."),
    "forbidden": _l("You may not do that."),
}

# Why a payment failed, in a sentence that says what to do (gateways/base.py FailureCode).
FAILURES: dict[str, LazyString] = {
    "declined": _l("The bank declined the payment. Nothing was charged. Try again, or use another card or way to pay."),
    "insufficient_funds": _l("There was not enough money in the account. Nothing was charged."),
    "cancelled_by_payer": _l("The payment was cancelled on the phone. Nothing was charged; you can try again."),
    "no_answer": _l("Nobody answered the request on the phone. Nothing was charged; you can try again."),
    "authentication_failed": _l("The PIN or code was not right. Nothing was charged; you can try again."),
    "invalid_account": _l("This number or account cannot be used to pay. Please check it."),
    "session_expired": _l("The payment page was closed without paying. Nothing was charged."),
    "processing_error": _l(
        "The payment could not be processed. Nothing was charged; please try again in a few minutes."
    ),
}

STATUSES: dict[str, LazyString] = {
    "pending_approval": _l("Waiting for approval"),
    "awaiting_payment": _l("Payment pending"),
    "confirmed": _l("Confirmed"),
    "in_progress": _l("In progress"),
    "completed": _l("Completed"),
    "no_show": _l("No-show"),
    "declined": _l("Declined"),
    "cancelled": _l("Cancelled"),
    "expired": _l("Expired"),
    # checkouts, attempts, refunds and reviews, for the timeline
    "open": _l("Opened"),
    "paid": _l("Paid"),
    "created": _l("Begun"),
    "processing": _l("Under way"),
    "authorised": _l("Reserved"),
    "failed": _l("Failed"),
    "abandoned": _l("Not pursued"),
    "asked": _l("Asked for"),
    "sent": _l("Sent"),
    "done": _l("Done"),
}

MONEY: dict[str, LazyString] = {
    "none": _l("Not paid"),
    "processing": _l("Checking payment"),
    "authorised": _l("Reserved on the card"),
    "paid": _l("Paid"),
    "refund_pending": _l("Refund on its way"),
    "refunded": _l("Refunded"),
    "partly_refunded": _l("Partly refunded"),
    "needs_review": _l("Being looked at"),
}

SUBJECTS: dict[str, LazyString] = {
    "booking": _l("Booking"),
    "checkout": _l("Bill"),
    "attempt": _l("Payment"),
    "refund": _l("Refund"),
    "review": _l("Check by staff"),
}

ACTORS: dict[str, LazyString] = {
    "client": _l("client"),
    "practitioner": _l("practitioner"),
    "staff": _l("staff"),
    "gateway": _l("payment provider"),
    "clock": _l("deadline"),
}

KINDS: dict[str, LazyString] = {
    "individual": _l("One person"),
    "couples": _l("Couples"),
    "family": _l("Family"),
    "group": _l("Group"),
}

MODES: dict[str, LazyString] = {
    "hold_then_pay": _l("Keep the place for some minutes, confirm when paid"),
    "pay_then_book": _l("Book only once paid; nothing is kept before"),
    "approve_then_pay": _l("I approve first, then the client pays"),
    "authorise_then_approve": _l("Reserve on the card, charge when I approve"),
    "pay_after": _l("The client pays after the session"),
}

TABS: dict[str, LazyString] = {
    "waiting": _l("To do"),
    "upcoming": _l("Upcoming"),
    "past": _l("Past"),
    "cancelled": _l("Cancelled"),
}

# How far money is on its way back, by the refund's status: a failed one is never called on its way.
REFUND_STATES: dict[str, LazyString] = {
    "asked": _l("On its way"),
    "sent": _l("On its way"),
    "done": _l("Sent back"),
    "failed": _l("It did not go back by itself; our staff send it to you by hand."),
}

REFUND_REASONS: dict[str, LazyString] = {
    "too_late": _l("the payment came after the place was gone"),
    "second_charge": _l("it was paid twice"),
    "cancelled": _l("the booking was cancelled"),
    "declined": _l("the request was declined"),
}


# A mode in the client's words; %(minutes)s, %(hours)s come from the service.
HOW_BOOKED: dict[str, LazyString] = {
    "hold_then_pay": _l("Your place is kept for %(minutes)s minutes while you pay."),
    "pay_then_book": _l("You pay first. The place is yours once the payment is in; nothing is kept before that."),
    "approve_then_pay": _l(
        "You send a request. The answer comes within %(hours)s hours, and you pay only after a yes."
    ),
    "authorise_then_approve": _l("The amount is reserved on your card and charged only after a yes."),
    "pay_after": _l("You pay after the session."),
}

# Ways to pay, by the label their adapter gives; a name that is not here is shown as it is.
METHODS: dict[str, LazyString] = {"Card": _l("Card"), "UPI": _l("UPI"), "M-Pesa": _l("M-Pesa")}

# A booking's timeline for those who take part: (subject, new status) to a sentence and a colour. What is not here
# (steps nobody needs to follow) is left out.
STORY: dict[tuple[str, str], tuple[LazyString, str]] = {
    ("booking", "pending_approval"): (_l("Request sent"), "info"),
    ("booking", "awaiting_payment"): (_l("Waiting for payment"), "warn"),
    ("booking", "confirmed"): (_l("Booking confirmed"), "ok"),
    ("booking", "in_progress"): (_l("Session started"), "ok"),
    ("booking", "completed"): (_l("Session completed"), "ok"),
    ("booking", "no_show"): (_l("Client did not come"), "bad"),
    ("booking", "declined"): (_l("Request declined"), "bad"),
    ("booking", "cancelled"): (_l("Booking cancelled"), "bad"),
    ("booking", "expired"): (_l("Time ran out: the place is free again"), "bad"),
    ("attempt", "created"): (_l("Payment begun"), ""),
    ("attempt", "authorised"): (_l("Amount reserved"), "info"),
    ("attempt", "paid"): (_l("Payment received"), "ok"),
    ("attempt", "failed"): (_l("Payment did not go through"), "warn"),
    ("attempt", "abandoned"): (_l("Payment not pursued"), ""),
    ("refund", "asked"): (_l("Money on its way back"), "warn"),
    ("refund", "done"): (_l("Money sent back"), "ok"),
    ("refund", "failed"): (_l("Sending the money back did not work yet; our staff are on it"), "bad"),
    ("review", "open"): (_l("Our staff are looking at a payment"), "warn"),
}

# A message in one sentence, for the list in the app; %(who)s is the other side, %(when)s the session's time.
NOTICES: dict[str, LazyString] = {
    "request_received": _l("%(who)s asks for a session on %(when)s."),
    "request_sent": _l("Your request to %(who)s for %(when)s was sent."),
    "request_approved": _l("%(who)s said yes to %(when)s. Please pay to keep the place."),
    "request_declined": _l("%(who)s cannot give the session on %(when)s."),
    "request_unanswered": _l("The request for %(when)s with %(who)s was not answered in time."),
    "booking_confirmed": _l("Your session with %(who)s on %(when)s is confirmed."),
    "booking_confirmed_practitioner": _l("%(who)s has paid: the session on %(when)s is confirmed."),
    "booking_cancelled": _l("The session with %(who)s on %(when)s was cancelled."),
    "booking_expired": _l("The session with %(who)s on %(when)s was not paid in time, so the place is free again."),
    "payment_returned": _l("%(amount)s is on its way back to you."),
    "payment_returned_practitioner": _l("A payment of %(amount)s for your session came too late and goes back."),
    "refund_done": _l("%(amount)s was sent back to you."),
    "refund_failed": _l("A refund of %(amount)s could not be made. Payment %(reference)s."),
    "review_opened": _l("A payment must be looked at: %(reference)s."),
    "password_reset": _l("A link to choose a new password was sent to your e-mail address."),
    "registration_attempt": _l("Somebody tried to open an account with your e-mail address."),
}


def notice(kind: str, values: dict[str, object]) -> str:
    """The sentence for a message of `kind`, filled in, in the reader's language."""
    sentence = NOTICES.get(kind)
    return str(sentence) % values if sentence else ""


def how_booked(mode_code: str, *, minutes: int, hours: int) -> str:
    """How a service of this mode is booked, in the client's words."""
    return str(HOW_BOOKED[mode_code]) % {"minutes": minutes, "hours": hours}


def method(label: str) -> str:
    """The way to pay, in the reader's language."""
    return str(METHODS.get(label, label))


def problem(code: str, values: dict[str, object]) -> str:
    """The sentence for a problem's code, filled in, in the reader's language."""
    if code == "payment_refused" and str(values.get("reason")) in FAILURES:
        return str(FAILURES[str(values["reason"])])
    sentence = str(PROBLEMS.get(code, PROBLEMS["invalid"]))
    return sentence % values if values and "%(" in sentence else sentence
