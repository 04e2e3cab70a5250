"""What the API takes and gives; every field is described once, here, for callers and for OpenAPI."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from app import words
from app.blueprints.api.meetings import CallView, MeetingView
from app.gateways.base import CheckoutStep
from app.lifecycle import WIRE
from app.models import Attempt, Attendee, Booking, Checkout, Practitioner, Refund, Service, User
from app.money import Money
from app.services import (
    attempts,
    attendees,
    bookings,
    checkouts,
    choices,
    consultations,
    disputes,
    facts,
    notes,
    offers,
    packages,
    phones,
    ratings,
    refunds,
    reschedules,
)
from app.services.offers import Offer
from app.services.slots import FreeSlot

Instant = Annotated[
    datetime, PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str, when_used="json")
]


# As it was typed: blanks at its ends are part of it, here as on the pages.
Password = Annotated[str, StringConstraints(strip_whitespace=False, max_length=200)]


class Taken(BaseModel):
    """A body. Fields nobody asked for are ignored."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class Registration(Taken):
    """A new account."""

    email: str = Field(max_length=254)
    password: Password
    name: str = Field(max_length=200)
    phone: str = Field("", max_length=40)
    language: str = Field("en", max_length=8)
    zone: str = Field("UTC", max_length=64)


class Credentials(Taken):
    """Address and password."""

    email: str = Field(max_length=254)
    password: Password


class BookingRequest(Taken):
    """What to book; the price is the service's."""

    service_id: int = Field(gt=0, lt=2**31)
    start: datetime = Field(description="RFC 3339, one of the slots offered")
    places: int = Field(1, ge=1, le=500)
    notes: str = Field("", max_length=2000)
    attendees: list[str] = Field(default_factory=list, max_length=500, description="who comes, if not just the caller")


class Reason(Taken):
    """Why; the other side reads it."""

    reason: str = Field("", max_length=500)


class Completion(Taken):
    """The practitioner's own notes, and in a form also a picture (PNG, JPEG, WebP) or PDF of at most 5 MB as proof."""

    notes: str = Field("", max_length=10000)
    file: bytes = b""


class Answer(Taken):
    """The practitioner's answer."""

    text: str = Field(description="1 to 2000 characters")


class Nothing(Taken):
    """No body is needed."""


class AttemptRequest(Taken):
    """How to pay; `phone` for gateways that ask a phone (default: the profile's), `package_id` for the gateway "package"
    (default: the one that ends first)."""

    gateway: str = Field(max_length=20)
    phone: str = Field("", max_length=40)
    package_id: UUID | None = None


class ProofRequest(Taken):
    """What shows that money was sent by other means: a picture (PNG, JPEG, WebP) or PDF of at most 5 MB, and a note."""

    file: bytes = b""
    note: str = Field("", max_length=500)


class Verification(Taken):
    """Whether the money came: `evidence` how that is known (needed without a proof), `reason` why not (then needed)."""

    accept: bool
    reason: str = Field("", max_length=500)
    evidence: str = Field("", max_length=500)


class ProofView(BaseModel):
    """A proof of payment: waiting, accepted or rejected."""

    id: UUID
    status: str


class Amount(BaseModel):
    """Minor units and an ISO 4217 code."""

    amount: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> "Amount":
        """The same amount."""
        return cls(amount=money.amount, currency=money.currency)


class Person(BaseModel):
    """An account, as its owner sees it."""

    id: int
    email: str
    name: str
    role: str
    phone: str | None
    language: str
    zone: str

    @classmethod
    def of(cls, user: User) -> "Person":
        """The person's own view."""
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role.value,
            phone=user.phone,
            language=user.language,
            zone=user.zone,
        )


class Session(BaseModel):
    """A bearer token and whose it is."""

    token: str
    user: Person


class ServiceView(BaseModel):
    """What can be booked."""

    id: int
    title: str
    description: str
    kind: str
    mode: str
    price: Amount
    places: int
    minutes: int
    methods: list[str]

    @classmethod
    def of(cls, service: Service) -> "ServiceView":
        """Anybody's view."""
        return cls(
            id=service.id,
            title=service.title,
            description=service.description,
            kind=service.kind.value,
            mode=service.mode_code,
            price=Amount.of(service.price),
            places=service.places,
            minutes=service.minutes,
            methods=[g.code for g in checkouts.methods(service.price, reserving=service.mode.reserves)],
        )


class RatingSummary(BaseModel):
    """What public ratings come to: the average with one decimal, null where there is none, and how many there are."""

    average: float | None
    count: int

    @classmethod
    def of(cls, summary: ratings.Summary) -> "RatingSummary":
        """The same in plain numbers."""
        return cls(average=None if summary.average is None else float(summary.average), count=summary.count)


class PractitionerView(BaseModel):
    """A practitioner's public side."""

    slug: str
    name: str
    headline: str
    about: str
    zone: str
    languages: list[str]
    services: list[ServiceView]
    question_price: Amount | None = Field(description="of a question in writing; null where none are taken")
    question_hours: int = Field(description="within which a question is answered, or the money goes back")
    question_days: int = Field(description="for which both may go on writing after the answer")
    rating: RatingSummary

    @classmethod
    def of(cls, practitioner: Practitioner, rating: ratings.Summary) -> "PractitionerView":
        """Anybody's view: active services that can be booked."""
        terms = consultations.terms_of(practitioner)
        return cls(
            slug=practitioner.slug,
            name=practitioner.name,
            headline=practitioner.headline,
            about=practitioner.about,
            zone=practitioner.zone,
            languages=[code for code in practitioner.languages.split(",") if code],
            services=[ServiceView.of(service) for service in practitioner.services if service.active],
            question_price=Amount.of(practitioner.question_price) if practitioner.question_price else None,
            question_hours=terms.hours,
            question_days=terms.days,
            rating=RatingSummary.of(rating),
        )


class SlotView(BaseModel):
    """A time that can be booked now."""

    start: Instant
    end: Instant
    places_left: int

    @classmethod
    def of(cls, slot: FreeSlot) -> "SlotView":
        """The same slot."""
        return cls(start=slot.start, end=slot.end, places_left=slot.places_left)


class RefundView(BaseModel):
    """Money back: its state, the way it goes (gateway, wallet, by_hand), and a word why."""

    amount: Amount
    status: str
    means: str
    reason: str

    @classmethod
    def of(cls, refund: Refund) -> "RefundView":
        """The client's view."""
        return cls(
            amount=Amount.of(refund.money), status=refund.status.value, means=refund.means.value, reason=refund.reason
        )


class AttendeeView(BaseModel):
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


class Proposal(BaseModel):
    """A proposal to move a session that can still be answered."""

    id: UUID
    by: str
    start: Instant
    end: Instant
    price: Amount
    reason: str
    expires_at: Instant

    @classmethod
    def of(cls, booking: Booking) -> "Proposal | None":
        """The booking's open proposal, by the clock."""
        row = reschedules.open_of(booking)
        if row is None:
            return None
        return cls(
            id=row.id,
            by=row.proposed_by.value,
            start=row.starts_at,
            end=row.ends_at,
            price=Amount.of(row.price),
            reason=row.reason,
            expires_at=row.expires_at,
        )


class IfCancelled(BaseModel):
    """What would happen to the money if the caller cancelled now: what comes back, or what would be owed."""

    back: Amount | None
    owed: Amount | None

    @classmethod
    def of(cls, booking: Booking, user: User) -> "IfCancelled":
        """As the policy frozen on the booking says; nothing where it cannot be cancelled."""
        can = "cancel" in bookings.actions(booking, user)
        back, owed = (
            (bookings.would_come_back(booking, user), bookings.would_cost(booking, user)) if can else (None, None)
        )
        return cls(back=Amount.of(back) if back else None, owed=Amount.of(owed) if owed else None)


class BookingView(BaseModel):
    """A booking: `code` and `label` are stable wire words, `status` the exact state, `money` the word about its money."""

    id: UUID
    status: str
    code: int
    label: str
    money: str
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
    refunds: list[RefundView]
    disputed: bool
    mode: str
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
    allowed_actions: list[str]

    @classmethod
    def of(cls, booking: Booking, user: User) -> "BookingView":
        """The booking as `user` may see it, by the clock."""
        status = bookings.status_now(booking)
        code, label = WIRE[status]
        checkout = checkouts.open_for(booking)
        actions = bookings.actions(booking, user)
        if bookings.to_pay(booking, user):
            actions.insert(0, "pay")
        actions += ratings.actions(booking, user) + notes.actions(booking, user)
        actions += reschedules.actions(booking, user)
        return cls(
            id=booking.id,
            status=status.value,
            code=code,
            label=label,
            money=bookings.money_of(booking),
            title=booking.title,
            practitioner=booking.practitioner.name,
            client=booking.client.name,
            service_id=booking.service_id,
            session_id=booking.slot_id,
            start=booking.starts_at,
            end=booking.ends_at,
            places=booking.places,
            price=Amount.of(booking.price),
            fee=Amount.of(booking.fee),
            paid_with=sorted({attempt.gateway for attempt in bookings.paid_attempts(booking)}),
            refunds=[RefundView.of(refund) for refund in refunds.of_booking(booking.id)],
            disputed=disputes.is_open_for(booking.id),
            mode=booking.mode_code,
            notes=booking.notes,
            reason=booking.reason,
            deadline_at=booking.deadline_at,
            created_at=booking.created_at,
            confirmed_at=booking.confirmed_at,
            cancelled_at=booking.cancelled_at,
            checkout_id=checkout.id if checkout else None,
            ready=bookings.is_ready(booking),
            meeting=MeetingView.of(booking, user),
            call=CallView.of(booking),
            attendees=[AttendeeView.of(attendee, booking, user) for attendee in attendees.of(booking)],
            reschedule=Proposal.of(booking),
            late=booking.late,
            if_cancelled=IfCancelled.of(booking, user),
            allowed_actions=actions,
        )


class Method(BaseModel):
    """A way to pay."""

    gateway: str
    label: str
    needs_phone: bool


class AttemptView(BaseModel):
    """One try to pay; `failure` is a word, `message` its sentence."""

    id: UUID
    gateway: str
    status: str
    reference: str
    failure: str
    message: str
    created_at: Instant

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptView":
        """The payer's view."""
        return cls(
            id=attempt.id,
            gateway=attempt.gateway,
            status=attempt.status.value,
            reference=attempt.reference,
            failure=attempt.failure,
            message=words.failure(attempt.failure, attempt.vendor_code),
            created_at=attempt.created_at,
        )


class OfferView(BaseModel):
    """What a late payer may choose until `until`: one of `near`, credit, or the money back."""

    until: Instant
    near: list[SlotView]

    @classmethod
    def of(cls, offer: Offer) -> "OfferView":
        """The same offer."""
        return cls(until=offer.until, near=[SlotView.of(slot) for slot in offer.near])


def _methods(checkout: Checkout) -> list[Method]:
    """The ways to pay the checkout now; the wallet where it holds enough, a package where it has a session for it."""
    ways = checkouts.ways(checkout) if checkouts.is_payable(checkout) else []
    found = [Method(gateway=w.code, label=w.label, needs_phone=w.capabilities.needs_phone) for w in ways]
    credit = choices.credit_for(checkout)
    if credit is not None and credit.is_enough:
        found.append(Method(gateway="wallet", label="Wallet", needs_phone=False))
    if packages.usable(checkout):
        found.append(Method(gateway="package", label="Package", needs_phone=False))
    return found


class Breakdown(BaseModel):
    """Who gets what of a session that is paid for afterwards: the fee is in the price, so the total is the subtotal."""

    subtotal: Amount
    fee: Amount
    total: Amount
    net: Amount = Field(description="the practitioner's")

    @classmethod
    def of(cls, checkout: Checkout) -> "Breakdown | None":
        """The same sums as on the page; None where nothing is paid for afterwards."""
        if checkout.kind != "due" or checkout.booking is None:
            return None
        total, fee = Amount.of(checkout.money), checkout.booking.fee
        return cls(subtotal=total, fee=Amount.of(fee), total=total, net=Amount.of(checkout.money - fee))


class CheckoutView(BaseModel):
    """Something to be paid."""

    id: UUID
    kind: str
    status: str
    title: str
    amount: Amount
    breakdown: Breakdown | None
    expires_at: Instant
    methods: list[Method]
    booking_id: UUID | None
    consultation_id: UUID | None = Field(description="the question this asked, once it is paid")
    attempts: list[AttemptView]
    offer: OfferView | None

    @classmethod
    def of(cls, checkout: Checkout) -> "CheckoutView":
        """The payer's view, by the clock."""
        offer, asked = offers.of(checkout), consultations.asked_by(checkout)
        return cls(
            id=checkout.id,
            kind=checkout.kind,
            status=checkouts.status_now(checkout).value,
            title=checkout.title,
            amount=Amount.of(checkout.money),
            breakdown=Breakdown.of(checkout),
            expires_at=checkout.expires_at,
            methods=_methods(checkout),
            booking_id=checkout.booking_id,
            consultation_id=asked.consultation.id if asked and asked.consultation else None,
            attempts=[AttemptView.of(attempt) for attempt in attempts.all_of(checkout)],
            offer=OfferView.of(offer) if offer else None,
        )


class Requested(BaseModel):
    """What asking for a session brought about; a draft has no booking yet, a request for approval no checkout yet."""

    booking: BookingView | None
    checkout: CheckoutView | None


class Begun(BaseModel):
    """The attempt and how to go on: next.kind is redirect, modal, wait_for_push, instructions, done or checking."""

    attempt: AttemptView
    next: dict[str, Any]


_NEXT_KINDS = {"redirect": "redirect", "modal": "modal", "waitforpush": "wait_for_push", "instructions": "instructions"}


def next_step(attempt: Attempt, step: CheckoutStep | None) -> dict[str, Any]:
    """How the payer goes on, as plain JSON."""
    if step is None:
        return {"kind": "done" if attempt.is_paid else "checking"}
    shown = {name: value for name, value in facts.to_json(step).items() if name not in ("type", "details")}
    shown["kind"] = _NEXT_KINDS[facts.word(step)]
    if attempt.phone:
        shown["phone"] = phones.masked(attempt.phone)
    return shown
