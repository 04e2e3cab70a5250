"""Everything Kikao remembers and everything that was really paid, read side by side at one moment."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, select

from app.models import (
    Attempt,
    AttendanceReview,
    Base,
    Booking,
    Change,
    Channel,
    Checkout,
    Consultation,
    Delivery,
    Dispute,
    Gift,
    Hold,
    InboxEntry,
    Notification,
    Package,
    Refund,
    Reschedule,
    Review,
    Wait,
)

_TABLES: dict[str, type[Base]] = {
    "bookings": Booking,
    "holds": Hold,
    "checkouts": Checkout,
    "attempts": Attempt,
    "refunds": Refund,
    "reviews": Review,
    "changes": Change,
    "notices": Notification,
    "inbox": InboxEntry,
    "gifts": Gift,
    "packages": Package,
    "consultations": Consultation,
    "disputes": Dispute,
    "attendance": AttendanceReview,
    "waits": Wait,
    "reschedules": Reschedule,
}
_WHEN = {
    "bookings": "created_at",
    "checkouts": "created_at",
    "attempts": "created_at",
    "refunds": "asked_at",
    "packages": "bought_at",
    "attendance": "opened_at",
    "waits": "created_at",
    "reschedules": "created_at",
}
_SELECTS = {
    name: select(model.__table__).order_by(model.__table__.c[_WHEN.get(name, "id")]) for name, model in _TABLES.items()
}

# A message with what became of its mail.
_MAIL = (Delivery.notification_id == Notification.id) & (Delivery.channel == Channel.MAIL)
_SELECTS["notices"] = (
    select(*Notification.__table__.c, Delivery.done_at.label("mailed_at"), Delivery.outcome, Delivery.tries)
    .outerjoin(Delivery, _MAIL)
    .order_by(Notification.id)
)

Rows = list[Row[Any]]


@dataclass(frozen=True)
class Charge:
    """One capture as a gateway's own log has it."""

    gateway: str
    ref: str
    reference: str
    amount: int
    currency: str
    back: int  # what the log says was sent back and did not return
    unheard: int = 0  # of that, what was sent back by no key of ours and stands in no row yet


@dataclass
class Books:
    """The tables as they are, row by row, and the sandbox's log of money."""

    now: datetime
    bookings: Rows
    holds: Rows
    checkouts: Rows
    attempts: Rows
    refunds: Rows
    reviews: Rows
    changes: Rows
    notices: Rows
    inbox: Rows
    gifts: Rows
    packages: Rows
    consultations: Rows
    disputes: Rows
    attendance: Rows
    waits: Rows
    reschedules: Rows
    money: list[dict[str, Any]]
    payable: list[str]  # the references of sessions and prompts that somebody could pay at this moment

    @classmethod
    def empty(cls) -> "Books":
        """Before anything was read."""
        return cls(now=datetime.min.replace(tzinfo=UTC), money=[], payable=[], **{name: [] for name in _TABLES})

    @cached_property
    def booking(self) -> dict[Any, Row[Any]]:
        """Bookings by id."""
        return {row.id: row for row in self.bookings}

    @cached_property
    def checkout(self) -> dict[Any, Row[Any]]:
        """Checkouts by id."""
        return {row.id: row for row in self.checkouts}

    @cached_property
    def by_reference(self) -> dict[str, Row[Any]]:
        """Attempts by our reference, the one thing every line of the log carries."""
        return {row.reference: row for row in self.attempts}

    @cached_property
    def refunds_of(self) -> dict[Any, Rows]:
        """Refund rows by attempt."""
        found = defaultdict(list)
        for row in self.refunds:
            found[row.attempt_id].append(row)
        return found

    @cached_property
    def decided(self) -> set[Any]:
        """Attempts whose money staff have placed: there it is right to the unit by the audit alone."""
        return {row.attempt_id for row in self.reviews if row.resolved_at is not None and row.resolution != "close"}

    @cached_property
    def reviews_of(self) -> dict[Any, Rows]:
        """Open reviews by attempt."""
        found = defaultdict(list)
        for row in self.reviews:
            if row.resolved_at is None:
                found[row.attempt_id].append(row)
        return found

    @cached_property
    def charges(self) -> list[Charge]:
        """Every capture with what of it went back, oldest first."""
        back: dict[tuple[str, str], int] = defaultdict(int)
        unheard: dict[tuple[str, str], int] = defaultdict(int)
        known = {row.provider_ref for row in self.refunds}
        sign = {"refund": 1, "refund_failed": -1, "capture": 0}
        for line in self.money:
            back[line["gateway"], line["charge_ref"]] += sign[line["kind"]] * line["amount"]
            if line["refund_ref"] not in known:
                unheard[line["gateway"], line["charge_ref"]] += sign[line["kind"]] * line["amount"]
        return [
            Charge(
                line["gateway"],
                line["charge_ref"],
                line["reference"],
                line["amount"],
                line["currency"],
                back[line["gateway"], line["charge_ref"]],
                unheard[line["gateway"], line["charge_ref"]],
            )
            for line in self.money
            if line["kind"] == "capture"
        ]

    def attempts_of(self, booking: Row[Any]) -> Rows:
        """Every try to pay for the booking."""
        return [row for row in self.attempts if self.checkout[row.checkout_id].booking_id == booking.id]

    def same_as(self, other: "Books") -> bool:
        """Whether nothing that people or gateways can see has changed."""
        return all(getattr(self, name) == getattr(other, name) for name in _TABLES)


def read(connection: Connection, now: datetime, money: list[dict[str, Any]], payable: list[str]) -> Books:
    """The books at this moment."""
    rows = {name: list(connection.execute(statement)) for name, statement in _SELECTS.items()}
    return Books(now=now, money=money, payable=payable, **rows)


def ends_of(books: Books) -> list[str]:
    """What came of everything, in words to be counted: a machine that never gets anywhere finds nothing."""
    ends = [f"= booking {row.status}" for row in books.bookings]
    ends += [f"= {row.gateway} attempt {row.status}" for row in books.attempts]
    ends += [f"= refund {row.reason.partition(':')[0]} {row.status}" for row in books.refunds]
    ends += [f"= gift {row.status}" for row in books.gifts] + [f"= package {row.status}" for row in books.packages]
    ends += [f"= question {row.status}" for row in books.consultations]
    ends += [f"= wait {row.status}" for row in books.waits] + [f"= move {row.status}" for row in books.reschedules]
    return ends + [f"= review {row.reason}" for row in books.reviews]
