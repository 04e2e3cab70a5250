"""What one booking's page shows to whoever opens it, as values: the page is chosen here, its templates only write it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for

from app import words
from app.blueprints.bookings import booking_story
from app.blueprints.bookings.booking_story import StoryLine
from app.blueprints.bookings.booking_summary import MoneySummary, other_side
from app.blueprints.common import web
from app.blueprints.common.times import clocks
from app.blueprints.sessions.rating_parts import AfterSession, Stars, client_stars
from app.domain import terms
from app.domain.lifecycle import Actor, BookingStatus
from app.domain.money import Money
from app.models import Attempt, AttendanceReview, Booking, Checkout, Refund, User
from app.services import bookings, practice
from app.services.backoffice.overview.money_page import label
from app.services.bookings import cancellation_policy, contests, intake_forms
from app.services.bookings.intake_forms import Asked
from app.services.core import batching, encryption
from app.services.core.errors import Unavailable
from app.services.ledger import attendance_reviews, checkouts, disputes, paid_amounts, refunds
from app.services.ledger.paid_amounts import Paid
from app.services.practice.slots import FreeSlot
from app.services.scheduling import reschedules
from app.services.workflows import booking_news, late_payment, unheard_payment
from app.words import booking_states
from app.words.booking_states import Said

_CHOOSING = ("refund_offered",)  # situations with times of their own to choose from
_STANDS = ("confirmed", "confirmed_paid", "confirmed_pay_later")  # situations that say when to be there
_UNDER_WAY = ("asked", "sent")  # words of refunds that are still to arrive
_AT_WALLET = ("credited",)  # situations whose button opens the wallet


@dataclass(frozen=True)
class NextStep:
    """Whose turn it is: the notice that says so, where its button leads, and what can be booked instead."""

    notice: Said | None
    link: str  # empty for those who have nothing to do there
    may_rebook: bool
    other_times: list[FreeSlot]

    @classmethod
    def of(cls, booking: Booking, user: User, part: str, contest: "Contest") -> "NextStep":
        """Return what the person who plays this part can do next; while who came is contested, it waits for staff."""
        situation = contest.word or _while_moving(booking, bookings.situation(booking, user), part)
        may_rebook = part == "client" and bookings.is_over(booking) and situation not in _CHOOSING
        return cls(
            notice=booking_states.of_booking(situation, part, _values(booking, part)),
            link=_link(situation, booking, user),
            may_rebook=may_rebook,
            other_times=late_payment.instead(booking) if may_rebook else [],
        )


def _while_moving(booking: Booking, situation: str, part: str) -> str:
    """The situation, unless a session that stands may be moved yet: then whose answer that waits for."""
    proposal = reschedules.open_of(booking) if situation in _STANDS else None
    if proposal is None:
        return situation
    return "move_to_answer" if reschedules.can_answer(proposal, Actor(part)) else "move_proposed"


@dataclass(frozen=True)
class CancellationTerms:
    """What cancelling now would bring by the terms booked with."""

    is_paid: bool  # whether there is anything that could come back
    cost: Money | None  # what would then be owed; None where nothing
    steps: list[terms.Step]
    counted_from: datetime

    @classmethod
    def of(cls, booking: Booking, user: User) -> "CancellationTerms":
        """Return the terms as the person sees them now."""
        outcome = bookings.if_cancelled(booking, user)
        return cls(
            is_paid=outcome.back is not None,
            cost=outcome.owed,
            steps=cancellation_policy.steps(booking),
            counted_from=cancellation_policy.counted_from(booking),
        )


@dataclass(frozen=True)
class Contest:
    """Who came, where one side's word stands against the other's."""

    review: AttendanceReview | None  # the last there was
    is_open: bool
    can: list[str]  # what the reader may say
    said: list[attendance_reviews.Said]  # what the two sides wrote, for staff; for a side what it added itself
    decisions: list[str]  # and decide, the most usual first

    @property
    def word(self) -> str:
        """The key of booking_states.BOOKINGS for what is said, while nobody has decided; else empty."""
        return f"contested_{self.review.claim}" if self.review and self.is_open else ""

    @classmethod
    def of(cls, booking: Booking, user: User) -> "Contest":
        """Return it as the person may see it."""
        may = bookings.actions(booking, user)
        review = attendance_reviews.last_of(booking)
        is_open = attendance_reviews.is_open(booking.id)
        return cls(
            review=review,
            is_open=is_open,
            said=_read_by(bookings.role_in(booking, user), attendance_reviews.said(review))
            if review and is_open
            else [],
            can=contests.actions(booking, user),
            decisions=[action for action in contests.DECISIONS if action in may],
        )


def _read_by(actor: Actor, said: list[attendance_reviews.Said]) -> list[attendance_reviews.Said]:
    return said if actor is Actor.STAFF else [each for each in said if each.actor is actor and not each.is_opening]


@dataclass(frozen=True)
class BookingPage:
    """Everything the page shows, for the reader who plays `part` in the booking."""

    booking: Booking
    part: str  # client, practitioner or staff
    who: str  # whom the reader meets
    their_zone: str
    status: BookingStatus
    actions: list[str]
    may_waive: bool
    next_step: NextStep
    cancellation: CancellationTerms
    money: MoneySummary
    unheard: UUID | None  # the checkout whose payment by phone may have been made, for who has paid it
    bill: Checkout | None  # what is still to be paid for it, whoever pays
    paid_with: str
    paid: Paid
    refunds: list[tuple[Refund, str]]  # each with a key of words.REFUND_STATES
    is_disputed: bool
    forms: list[Asked]
    missing_forms: list[Asked]
    own_notes: str
    contest: Contest
    after: AfterSession
    client_stars: Stars | None  # for who is to approve
    is_blocked: bool  # whether the practitioner takes nothing more from this client
    story: list[StoryLine]
    seen: str  # up to which news the page shows, where more may come while it is open; else empty

    @classmethod
    def of(cls, booking: Booking, user: User) -> "BookingPage":
        """Return the page as the person may see it."""
        with batching.batch([booking]):
            return cls._of(booking, user)

    @classmethod
    def _of(cls, booking: Booking, user: User) -> "BookingPage":
        seen = booking_news.version(booking.id)  # before all else: what happens meanwhile is news
        part = bookings.role_in(booking, user).value
        contest = Contest.of(booking, user)
        payments = bookings.paid_attempts(booking)
        back = [(refund, refunds.word_of(refund)) for refund in refunds.of_booking(booking.id)]
        return cls(
            booking=booking,
            part=part,
            who=other_side(booking, user),
            their_zone=booking.client.zone if part == "practitioner" else booking.practitioner.zone,
            status=bookings.status_now(booking),
            actions=bookings.actions(booking, user),
            may_waive=part != "client" and bookings.is_owed(booking),
            next_step=NextStep.of(booking, user, part, contest),
            cancellation=CancellationTerms.of(booking, user),
            money=MoneySummary.of(booking, user),
            unheard=unheard_payment.checkout_of(booking) if part == "client" else None,
            bill=checkouts.open_for(booking),
            paid_with=", ".join(_ways_of(payments)),
            paid=paid_amounts.for_booking(booking) if payments else Paid(),
            refunds=back,
            is_disputed=part != "client" and disputes.is_open_for(booking.id),
            forms=intake_forms.of_booking(booking),
            missing_forms=intake_forms.waiting(booking),
            own_notes=_own_notes(booking) if part == "practitioner" else "",
            contest=contest,
            after=AfterSession.of(booking, user),
            client_stars=client_stars(booking) if "approve" in bookings.actions(booking, user) else None,
            is_blocked=part == "practitioner" and practice.is_blocked(booking.practitioner_id, booking.client_id),
            story=booking_story.lines(booking, user, part),
            seen=seen if back or not bookings.is_over(booking) else "",
        )


def _values(booking: Booking, part: str) -> dict[str, object]:
    """What the sentences about a booking may name."""
    bill = checkouts.open_for(booking)
    return {
        "name": booking.client.name if part == "practitioner" else booking.practitioner.name,
        "until": web.when(booking.deadline_at or booking.starts_at),
        "when": clocks.session_time(booking.starts_at, booking),
        "price": web.money(booking.price),
        "back": web.money(_going_back(booking)),
        "owed": web.money(bill.money if bill else booking.price),
    }


def _going_back(booking: Booking) -> Money:
    """What is on its way back, of all its payments; before the refund is written, the price."""
    under_way = [refund for refund in refunds.of_booking(booking.id) if refunds.word_of(refund) in _UNDER_WAY]
    return sum((refund.money for refund in under_way[1:]), under_way[0].money) if under_way else booking.price


def _link(situation: str, booking: Booking, user: User) -> str:
    if user.id != booking.client_id:
        return ""
    if to_pay := bookings.to_pay(booking, user):
        return url_for("paying.show", checkout_id=to_pay.id)
    late = [refund for refund in refunds.of_booking(booking.id) if refunds.word_of(refund) == "offered"]
    if late:
        return url_for("paying.show", checkout_id=late[0].attempt.checkout_id)
    return url_for("wallet.show") if situation in _AT_WALLET else ""


def _ways_of(payments: list[Attempt]) -> list[str]:
    """The ways they were made, in the reader's language."""
    return sorted({words.method(label(attempt.gateway)) for attempt in payments})


def _own_notes(booking: Booking) -> str:
    """The practitioner's notes; without their key, a sentence that says so, and the rest of the page stands."""
    try:
        return encryption.read(booking, "session_notes")
    except Unavailable as problem:
        return words.problem(problem.code, {})
