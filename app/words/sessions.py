"""Bookings, how they are booked, held and rated."""

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l

from app.domain.booking_rules import BookingRules

SUBJECTS: dict[str, LazyString] = {
    "booking": _l("Booking"),
    "checkout": _l("Bill"),
    "attempt": _l("Payment"),
    "refund": _l("Refund"),
    "review": _l("Staff check"),
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
    "hold_then_pay": _l("Hold the place for a few minutes, confirm when paid"),
    "pay_then_book": _l("Book only once paid; nothing is held before that"),
    "approve_then_pay": _l("I approve first, then the client pays"),
    "authorise_then_approve": _l("Authorise the card, charge when I approve"),
    "pay_after": _l("The client pays after the session"),
}

# What a practitioner asks of who comes for the first time (modes.FirstTime).
FIRST_TIMES: dict[str, LazyString] = {
    "alike": _l("Same as for everyone"),
    "approve": _l("Only once I have approved"),
    "pay_first": _l("Pay before the session"),
    "one": _l("One session at a time"),
}

# And as the client reads it, before asking.
FIRST_TIME_NOTES: dict[str, LazyString] = {
    "approve": _l("The practitioner approves it before you pay"),
    "pay_first": _l("You pay before the session"),
    "one": _l("One session at a time, until the first has taken place and is paid"),
}

# What somebody says about who came (domain: AttendanceClaim).
ATTENDANCE_CLAIMS: dict[str, LazyString] = {
    "nobody_came": _l("The client says that nobody came."),
    "had_started": _l("The client was marked as absent, but had started the session."),
    "was_there": _l("The client was marked as absent, but says they were there."),
}

# How it is decided (a booking's moves that only a review allows): the button, and what it brings about.
ATTENDANCE_DECISIONS: dict[str, tuple[LazyString, LazyString]] = {
    "give-back": (
        _l("Refund in full"),
        _l("The session counts as cancelled. Everything paid is refunded and nothing is owed."),
    ),
    "took-place": (_l("It took place"), _l("The session counts as completed. It stays paid, or payment is due.")),
    "absent": (_l("The client did not attend"), _l("The session counts as missed. The terms say what is refunded.")),
}

TABS: dict[str, LazyString] = {
    "waiting": _l("To do"),
    "upcoming": _l("Upcoming"),
    "past": _l("Past"),
    "cancelled": _l("Cancelled"),
}

# A mode in the client's words; %(minutes)s, %(hours)s come from the service.
HOW_BOOKED: dict[str, LazyString] = {
    "hold_then_pay": _l("Your place is held for %(minutes)s minutes while you pay."),
    "pay_then_book": _l("You pay first. The place is yours once the payment arrives; nothing is held before that."),
    "approve_then_pay": _l(
        "You send a request. You get an answer within %(hours)s hours and pay only if it is approved."
    ),
    "authorise_then_approve": _l("The amount is authorised on your card and charged only if your request is approved."),
    "pay_after": _l("You pay after the session."),
}

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
    "late": _l("Started late"),
    "hurried": _l("Felt rushed"),
    "connection": _l("Connection problems"),
}

# How people meet, by the service's kind of meeting: in the practitioner's form, and in a word for everybody.
MEETINGS: dict[str, LazyString] = {
    "generated": _l("Online, in a new room for every session"),
    "fixed": _l("Online, always with my own link"),
    "typed": _l("Online, with a link I add for each session"),
    "in_person": _l("In person"),
}


def how_booked(mode_code: str, *, minutes: int, hours: int) -> str:
    """How a service of this mode is booked, in the client's words."""
    return str(HOW_BOOKED[mode_code]) % {"minutes": minutes, "hours": hours}


def lead(hours: int) -> str:
    """How long before it has to be booked."""
    return str(ngettext("Can be booked up to %(num)s hour before.", "Can be booked up to %(num)s hours before.", hours))


def ahead(days: int) -> str:
    """How far ahead it can be booked."""
    return str(ngettext("Can be booked up to %(num)s day ahead.", "Can be booked up to %(num)s days ahead.", days))


def per_day(most: int) -> str:
    """How many are given on a day."""
    return str(ngettext("Up to %(num)s session a day.", "Up to %(num)s sessions a day.", most))


def per_week(most: int) -> str:
    """How many are given in a week."""
    return str(ngettext("Up to %(num)s session a week.", "Up to %(num)s sessions a week.", most))


def when_to_book(rules: BookingRules) -> list[str]:
    """What a client should know before looking for a time; how many there are a day shows in what is free."""
    found = [lead(rules.lead_hours)] if rules.lead_hours else []
    return found if rules.days_ahead is None else [*found, ahead(rules.days_ahead)]


# The rule behind a problem of the time (domain/booking_rules), from the problem's values.
BEHIND = {
    "too_soon": ("hours", lead),
    "too_far_ahead": ("days", ahead),
    "day_full": ("most", per_day),
    "week_full": ("most", per_week),
}

# What is wrong with what a practitioner says of their time.
TIME_PROBLEMS: dict[str, LazyString] = {
    "hours_missing": _l("Enter both times. To be closed all day, add time off."),
    "time_off_that_day": _l("You have time off then. Remove it first, or choose another day."),
    "time_off_crossed": _l("You already have time off then. Remove it first, or choose other days."),
    "time_off_too_long": _l("Time off can be at most %(days)s days long and must be within the next ten years."),
    "time_off_then": _l("You have time off then. Confirm that you will still give this session."),
    "country_unknown": _l("We do not have the holidays of this country. Choose a country from the list."),
    "region_unknown": _l("We do not know this region of the country. Choose a region from the list."),
    "not_a_holiday": _l("One of these days is not an upcoming holiday. Choose from the list."),
    "class_times_of_group": _l("Only a group has fixed times. Choose a group, or leave these empty."),
    "class_incomplete": _l("Enter both a weekday and a time."),
    "class_twice": _l("This time is entered twice."),
    "class_inside_another": _l(
        "This class starts before another one ends: with its free minutes, it takes %(minutes)s minutes."
    ),
    "time_invalid": _l("Enter a time like 09:30."),
}
