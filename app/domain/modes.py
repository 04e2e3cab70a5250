"""Booking modes: a service's policy as a table. What differs between modes is a column here, never an if elsewhere."""

from dataclasses import dataclass

from app.domain.lifecycle import BookingStatus


@dataclass(frozen=True)
class BookingMode:
    """How a service is booked: what exists before payment, whether it keeps places, and when it charges."""

    code: str
    opening: BookingStatus | None  # None: nothing is booked before the money is there, only a checkout with a draft
    holds: bool
    charges: str  # now | after_approval | on_approval | after_completion
    deadline: str  # the service's setting that ends the opening status: hold | answer | none
    reserves: bool = False  # the amount is only reserved before approval: needs a gateway with manual capture

    @property
    def is_paid_after(self) -> bool:
        """Whether the session comes first and the money after it."""
        return self.charges == "after_completion"

    @property
    def needs_approval(self) -> bool:
        """Whether the practitioner says yes or no to each request."""
        return self.charges in ("after_approval", "on_approval")


MODES: dict[str, BookingMode] = {
    mode.code: mode
    for mode in (
        BookingMode("hold_then_pay", BookingStatus.AWAITING_PAYMENT, True, "now", "hold"),
        BookingMode("pay_then_book", None, False, "now", "hold"),
        BookingMode("approve_then_pay", BookingStatus.PENDING_APPROVAL, True, "after_approval", "answer"),
        BookingMode(
            "authorise_then_approve", BookingStatus.AWAITING_PAYMENT, True, "on_approval", "hold", reserves=True
        ),
        BookingMode("pay_after", BookingStatus.CONFIRMED, True, "after_completion", "none"),
    )
}

DEFAULT = "hold_then_pay"
