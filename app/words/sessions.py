"""Bookings, how they are booked, held and rated."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

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
    "waiting": _l("Waiting"),
    "accepted": _l("Accepted"),
    "rejected": _l("Rejected"),
    "answered": _l("Answered"),
    "closed": _l("Closed"),
}

SUBJECTS: dict[str, LazyString] = {
    "booking": _l("Booking"),
    "checkout": _l("Bill"),
    "attempt": _l("Payment"),
    "refund": _l("Refund"),
    "review": _l("Check by staff"),
    "proof": _l("Proof of payment"),
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

# A booking's timeline for those who take part: (subject, new status) to a sentence and a colour. What is not here
# (steps nobody needs to follow) is left out.
STORY: dict[tuple[str, str], tuple[LazyString, str]] = {
    ("booking", "pending_approval"): (_l("Request sent"), "info"),
    ("booking", "awaiting_payment"): (_l("Waiting for payment"), "warn"),
    ("booking", "approved"): (_l("Request approved, to be paid"), "ok"),  # awaiting payment, on the practitioner's word
    ("booking", "confirmed"): (_l("Booking confirmed"), "ok"),
    ("booking", "in_progress"): (_l("Session started"), "ok"),
    ("call", "started"): (_l("Call started"), ""),
    ("call", "ended"): (_l("Call ended"), ""),
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
    ("refund", "asked"): (_l("Money is to go back"), "warn"),
    ("refund", "credited"): (_l("Money put into the wallet"), "ok"),
    ("refund", "done"): (_l("Money sent back"), "ok"),
    ("refund", "failed"): (_l("The payment company did not send the money back"), "bad"),
    ("proof", "waiting"): (_l("Proof of payment sent"), "info"),
    ("proof", "accepted"): (_l("Payment verified by hand"), "ok"),
    ("proof", "rejected"): (_l("Proof of payment not accepted"), "warn"),
    ("reschedule", "open"): (_l("Another time proposed"), "info"),
    ("reschedule", "accepted"): (_l("Moved to another time"), "ok"),
    ("reschedule", "rejected"): (_l("Stays at its time"), ""),
    ("reschedule", "withdrawn"): (_l("Proposal taken back"), ""),
    ("reschedule", "expired"): (_l("Proposal not answered"), ""),
    ("paper", "signed"): (_l("Form signed"), "ok"),
    ("review", "open"): (_l("Our staff are looking at a payment"), "warn"),
}

# The steps whose reason was written for the other side: it stands in the timeline of all who take part.
TOLD_WHY = frozenset(
    {("booking", status) for status in ("declined", "cancelled", "no_show")}
    | {("reschedule", status) for status in ("open", "rejected", "withdrawn")}
    | {("proof", "rejected")}
)

# What a number of stars means; for those who cannot see how many are bright.
STARS: dict[int, LazyString] = {
    1: _l("1 star: poor"),
    2: _l("2 stars: not so good"),
    3: _l("3 stars: all right"),
    4: _l("4 stars: good"),
    5: _l("5 stars: very good"),
}

# What people may say of a session with one tap; the keys are stored (Rating.tags).
RATING_TAGS: dict[str, LazyString] = {
    "listens": _l("Listens well"),
    "clear": _l("Explains clearly"),
    "helpful": _l("It helped me"),
    "warm": _l("Warm and respectful"),
    "on_time": _l("On time"),
    "late": _l("Began late"),
    "hurried": _l("Felt hurried"),
    "connection": _l("Trouble with the connection"),
}

# How people meet, by the service's kind of meeting: in the practitioner's form, and in a word for everybody.
MEETINGS: dict[str, LazyString] = {
    "generated": _l("Online, in a new room for every session"),
    "fixed": _l("Online, always by the same link of mine"),
    "typed": _l("Online, by a link I give for each session"),
    "in_person": _l("In person"),
}


def how_booked(mode_code: str, *, minutes: int, hours: int) -> str:
    """How a service of this mode is booked, in the client's words."""
    return str(HOW_BOOKED[mode_code]) % {"minutes": minutes, "hours": hours}
