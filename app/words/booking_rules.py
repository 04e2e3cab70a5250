"""What is asked of the time a service is booked for, as clients read it (domain/booking_rules)."""

from flask_babel import ngettext

from app.domain.booking_rules import BookingRules


def lead(hours: int) -> str:
    """How long before it has to be booked."""
    return str(ngettext("Can be booked until %(num)s hour before.", "Can be booked until %(num)s hours before.", hours))


def ahead(days: int) -> str:
    """How far ahead it can be booked."""
    return str(ngettext("Can be booked up to %(num)s day ahead.", "Can be booked up to %(num)s days ahead.", days))


def per_day(most: int) -> str:
    """How many are given on a day."""
    return str(ngettext("At most %(num)s session a day.", "At most %(num)s sessions a day.", most))


def per_week(most: int) -> str:
    """How many are given in a week."""
    return str(ngettext("At most %(num)s session a week.", "At most %(num)s sessions a week.", most))


def when_to_book(rules: BookingRules) -> list[str]:
    """What a client should know before looking for a time; how many there are a day shows in what is free."""
    found = [lead(rules.lead_hours)] if rules.lead_hours else []
    return found if rules.days_ahead is None else [*found, ahead(rules.days_ahead)]


# The rule behind a problem, from the problem's values.
BEHIND = {
    "too_soon": ("hours", lead),
    "too_far_ahead": ("days", ahead),
    "day_full": ("most", per_day),
    "week_full": ("most", per_week),
}
