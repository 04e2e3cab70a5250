"""A booking and what belongs to it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app import words
from app.blueprints.api.base import Instant, Moment, Shape, Taken, one_of
from app.blueprints.api.shapes.common import Amount
from app.blueprints.api.shapes.meetings import CallView, MeetingView
from app.blueprints.api.shapes.practice import RatingSummary
from app.domain.lifecycle import WIRE, Actor, BookingStatus, RefundMeans, RefundStatus
from app.domain.modes import MODES
from app.models import Attendee, Booking, Refund, User
from app.services import bookings
from app.services.bookings import attendees, contests
from app.services.core import batching
from app.services.ledger import checkouts, disputes, paid_amounts, refunds
from app.services.ledger.paid_amounts import Paid
from app.services.practice import external_calendars, time_off
from app.services.scheduling import reschedules
from app.services.sessions import notes, ratings

# Said as they stand in the row.
_SAME = (
    "id", "title", "service_id", "places", "notes", "reason", "late", "deadline_at", "created_at", "confirmed_at", "cancelled_at",
)  # fmt: skip


_Name = Annotated[str, Field(max_length=attendees.NAME_LIMIT)]
MoneyWord = Annotated[str, one_of(words.MONEY_WORDS)]


class BookingRequest(
    Taken,
    json_schema_extra={"examples": [{"service_id": 1, "start": "2030-01-07T09:00:00Z", "notes": "My first time."}]},
):
    """What to book; the price is the service's."""

    service_id: int = Field(gt=0, lt=2**31)
    start: Moment = Field(description="one of the slots offered")
    places: int = Field(1, ge=1, le=500)
    notes: str = Field("", max_length=2000)
    attendees: list[_Name] = Field(
        default_factory=list, max_length=500, description="who comes, if not just the caller"
    )


class Completion(Taken, json_schema_extra={"examples": [{"notes": "Slept better."}]}):
    """The practitioner's own notes, and in a form also a picture (PNG, JPEG, WebP) or PDF of at most 5 MB as proof."""

    notes: str = Field("", max_length=10000)
    file: bytes = Field(b"", description="a picture (PNG, JPEG, WebP) or PDF of at most 5 MB")


class RefundView(Shape):
    """Money back: its status, in `state` a finer word for how far it is, the way it goes, and a word why."""

    amount: Amount
    status: RefundStatus
    state: Annotated[str, one_of(words.REFUND_STATES)]
    means: RefundMeans
    reason: str

    @classmethod
    def of(cls, refund: Refund) -> "RefundView":
        """The client's view."""
        return cls(
            amount=Amount.of(refund.money),
            status=refund.status,
            state=refunds.word_of(refund),
            means=refund.means,
            reason=refund.reason,
        )


class AttendeeView(Shape):
    """Somebody who comes; the link of their seat is for who booked."""

    name: str
    comes: bool
    link: str | None

    @classmethod
    def of(cls, attendee: Attendee, booking: Booking, user: User) -> "AttendeeView":
        """As the person may see it."""
        mine = user.id == booking.client_id
        link = attendees.link_of(attendee) if mine else None
        return cls(name=attendee.name, comes=attendee.away_at is None, link=link)


class Proposal(Shape):
    """A proposal to move a session that can still be answered."""

    id: UUID
    by: Actor
    start: Instant
    end: Instant
    price: Amount
    reason: str
    expires_at: Instant
    busy_elsewhere: bool = Field(
        description="the caller may accept it, and another calendar of the practitioner is busy then by now"
    )

    @classmethod
    def of(cls, booking: Booking, user: User) -> "Proposal | None":
        """The booking's open proposal, by the clock, as the person may answer it."""
        row = reschedules.open_of(booking)
        if row is None:
            return None
        return cls(
            id=row.id,
            by=row.proposed_by,
            start=row.starts_at,
            end=row.ends_at,
            price=Amount.of(row.price),
            reason=row.reason,
            expires_at=row.expires_at,
            busy_elsewhere=reschedules.is_elsewhere(row, booking, bookings.role_in(booking, user)),
        )


class WayBack(Shape):
    """So much comes back this way."""

    means: RefundMeans = Field(
        description="gateway: the way it was paid; wallet: as credit; by_hand: from who was paid by hand; package"
    )
    amount: Amount


class IfCancelled(Shape):
    """What would happen to the money if the caller cancelled now: what comes back and how, or what would be owed."""

    back: Amount | None = Field(description="in all; null where nothing was paid")
    owed: Amount | None
    released: Amount | None = Field(description="reserved on a card, and let go")
    not_due_any_more: Amount | None = Field(
        description="a difference that was open, and would not be asked for any more"
    )
    means: list[WayBack] = Field(description="of `back`: how much of it goes which way")

    @classmethod
    def of(cls, booking: Booking, user: User) -> "IfCancelled":
        """As the policy frozen on the booking says; nothing where it cannot be cancelled."""
        if "cancel" not in bookings.actions(booking, user):
            return cls(back=None, owed=None, released=None, not_due_any_more=None, means=[])
        found = bookings.if_cancelled(booking, user)
        return cls(
            back=Amount.of(found.back) if found.back else None,
            owed=Amount.of(found.owed) if found.owed else None,
            released=Amount.of(found.released) if found.released else None,
            not_due_any_more=Amount.of(found.dropped) if found.dropped else None,
            means=[WayBack(means=means, amount=Amount.of(money)) for means, money in found.means.items()],
        )


class BookingView(Shape):
    """A booking: `code` and `label` are stable wire words, `status` the exact state, `money` the word about its money."""

    id: UUID
    status: BookingStatus
    code: int = Field(ge=0, le=4, description="0 pending, 1 confirmed, 2 completed, 3 cancelled, 4 no-show")
    label: str
    money: MoneyWord = Field(description="where the money is; due: owed and not paid")
    title: str
    practitioner: str
    client: str
    service_id: int
    session_id: int
    start: Instant
    end: Instant
    places: int
    price: Amount
    fee: Amount
    paid_with: list[str] = Field(description="gateways, wallet, package")
    paid: Amount | None = Field(description="what was really paid, whatever went back since; null while nothing was")
    forgiven: Amount | None = Field(description="what staff did not ask for any more when they accepted less")
    refunds: list[RefundView]
    disputed: bool
    mode: Annotated[str, one_of(MODES)]
    notes: str
    reason: str
    deadline_at: Instant | None
    created_at: Instant
    confirmed_at: Instant | None
    cancelled_at: Instant | None
    checkout_id: UUID | None
    ready: bool = Field(description="confirmed, and about to begin")
    meeting: MeetingView
    call: CallView
    attendees: list["AttendeeView"]
    reschedule: "Proposal | None"
    late: bool
    if_cancelled: "IfCancelled"
    busy_elsewhere: bool = Field(
        description="the caller may approve it, and another calendar of the practitioner is busy then by now"
    )
    client_rating: RatingSummary | None = Field(
        description="what practitioners' ratings of the client come to, for who is to approve; null for everybody else"
    )
    in_time_off: bool = Field(description="the caller may approve it, and the practitioner has time off then")
    allowed_actions: list[str]

    @classmethod
    def of(cls, booking: Booking, user: User) -> "BookingView":
        """The booking as `user` may see it, by the clock."""
        with batching.batch([booking]):
            return cls._of(booking, user)

    @classmethod
    def _of(cls, booking: Booking, user: User) -> "BookingView":
        status = bookings.status_now(booking)
        code, label = WIRE[status]
        checkout = checkouts.open_for(booking)
        payments = bookings.paid_attempts(booking)
        acts = _actions(booking, user)
        paid = paid_amounts.for_booking(booking) if payments else Paid()
        return cls(
            **{name: getattr(booking, name) for name in _SAME},
            status=status,
            code=code,
            label=label,
            money=bookings.money_of(booking),
            practitioner=booking.practitioner.name,
            client=booking.client.name,
            session_id=booking.slot_id,
            start=booking.starts_at,
            end=booking.ends_at,
            price=Amount.of(booking.price),
            fee=Amount.of(booking.fee),
            paid_with=sorted({attempt.gateway for attempt in payments}),
            paid=Amount.of(paid.money) if paid.money else None,
            forgiven=Amount.of(paid.forgiven) if paid.forgiven else None,
            refunds=[RefundView.of(refund) for refund in refunds.of_booking(booking.id)],
            disputed=disputes.is_open_for(booking.id),
            mode=booking.mode_code,
            checkout_id=checkout.id if checkout else None,
            ready=bookings.is_ready(booking),
            meeting=MeetingView.of(booking, user),
            call=CallView.of(booking),
            attendees=[AttendeeView.of(attendee, booking, user) for attendee in attendees.of(booking)],
            reschedule=Proposal.of(booking, user),
            if_cancelled=IfCancelled.of(booking, user),
            busy_elsewhere="approve" in acts and external_calendars.is_elsewhere(booking),
            client_rating=RatingSummary.of(ratings.summary_of_client(booking)) if "approve" in acts else None,
            in_time_off="approve" in acts and time_off.is_then(booking),
            allowed_actions=acts,
        )


def _actions(booking: Booking, user: User) -> list[str]:
    """What the person may do with it now, paying first."""
    pay = ["pay"] if bookings.to_pay(booking, user) else []
    more = ratings.actions(booking, user) + notes.actions(booking, user) + reschedules.actions(booking, user)
    return pay + bookings.actions(booking, user) + contests.actions(booking, user) + more
