"""Booking modes: a service's policy as a table. What differs between modes is a column here, never an if elsewhere."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.lifecycle import BookingStatus


class Charging(StrEnum):
    """When the client is charged."""

    NOW = "now"  # before anything stands
    AFTER_APPROVAL = "after_approval"  # the client pays once the practitioner has said yes
    ON_APPROVAL = "on_approval"  # the amount is reserved before, and taken when the practitioner says yes
    AFTER_COMPLETION = "after_completion"  # the session comes first


class OpeningLimit(StrEnum):
    """Which of the service's settings ends the status a booking begins with."""

    HOLD = "hold"  # the minutes a place is kept for who has not paid
    ANSWER = "answer"  # the hours the practitioner has to answer
    NONE = "none"  # nothing ends it


@dataclass(frozen=True)
class BookingMode:
    """How a service is booked: what exists before payment, whether it keeps places, and when it charges."""

    code: str
    opening: BookingStatus | None  # None: nothing is booked before the money is there, only a checkout with a draft
    holds: bool
    charges: Charging
    deadline: OpeningLimit
    reserves: bool = False  # the amount is only reserved before approval: needs a gateway with manual capture

    @property
    def is_paid_after(self) -> bool:
        """Whether the session comes first and the money after it."""
        return self.charges is Charging.AFTER_COMPLETION

    @property
    def needs_approval(self) -> bool:
        """Whether the practitioner says yes or no to each request."""
        return self.charges in (Charging.AFTER_APPROVAL, Charging.ON_APPROVAL)


MODES: dict[str, BookingMode] = {
    mode.code: mode
    for mode in (
        BookingMode("hold_then_pay", BookingStatus.AWAITING_PAYMENT, True, Charging.NOW, OpeningLimit.HOLD),
        BookingMode("pay_then_book", None, False, Charging.NOW, OpeningLimit.HOLD),
        BookingMode(
            "approve_then_pay", BookingStatus.PENDING_APPROVAL, True, Charging.AFTER_APPROVAL, OpeningLimit.ANSWER
        ),
        BookingMode(
            "authorise_then_approve",
            BookingStatus.AWAITING_PAYMENT,
            True,
            Charging.ON_APPROVAL,
            OpeningLimit.HOLD,
            reserves=True,
        ),
        BookingMode("pay_after", BookingStatus.CONFIRMED, True, Charging.AFTER_COMPLETION, OpeningLimit.NONE),
    )
}

DEFAULT = "hold_then_pay"


class FirstTime(StrEnum):
    """What is asked of a client who has not yet paid the practitioner for a session that took place."""

    ALIKE = "alike"  # no more than of everybody
    APPROVE = "approve"  # each request is looked at
    PAY_FIRST = "pay_first"  # the money comes before the session
    ONE = "one"  # one session at a time


# The mode instead of the service's own, for who comes for the first time.
_INSTEAD: dict[FirstTime, dict[str, str]] = {
    FirstTime.APPROVE: {code: "approve_then_pay" for code, mode in MODES.items() if not mode.needs_approval},
    FirstTime.PAY_FIRST: {code: DEFAULT for code, mode in MODES.items() if mode.is_paid_after},
}


def for_first_time(asked: FirstTime, code: str) -> str:
    """The mode by which a service of the mode `code` is booked by who comes for the first time."""
    return _INSTEAD.get(asked, {}).get(code, code)
