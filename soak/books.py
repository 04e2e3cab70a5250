"""Kikao's books against what really happened: the sandbox's own log of money, and the mails that arrived."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from app.domain.lifecycle import AttemptStatus, BookingStatus, RefundMeans, RefundStatus
from app.models import Attempt, Booking, Checkout, Hold, Notification, Refund, Review
from app.services.backoffice import reconciliation
from tests.support.world import World

Movement = dict[str, Any]
_DAY = timedelta(days=1)
STANDS = (BookingStatus.CONFIRMED, BookingStatus.IN_PROGRESS, BookingStatus.COMPLETED, BookingStatus.NO_SHOW)


@dataclass
class Books:
    """Every row that says where money is, and every movement of money, by our reference."""

    attempts: dict[str, Attempt]
    checkouts: dict[Any, Checkout]
    bookings: dict[Any, Booking]
    refunds: dict[Any, list[Refund]]  # by attempt
    in_review: set[Any]  # attempts a person was called for
    captures: dict[str, list[Movement]]
    returns: dict[str, list[Movement]]
    heard: set[str]  # receipts and reversals of M-Pesa whose one callback Kikao has acknowledged

    def is_unheard(self, attempt: Attempt) -> bool:
        """Whether nobody could tell: the answer that named an M-Pesa prompt died with its caller, the one callback too."""
        charges = self.captures.get(attempt.reference, [])
        unnamed = attempt.gateway == "mpesa" and attempt.provider_ref is None
        return unnamed and bool(charges) and not any(charge["charge_ref"] in self.heard for charge in charges)


def read(world: World) -> Books:
    """The books as they stand now."""
    refunds: dict[Any, list[Refund]] = defaultdict(list)
    for refund in world.all(Refund):
        refunds[refund.attempt_id].append(refund)
    money = world.money_taken()
    return Books(
        attempts={attempt.reference: attempt for attempt in world.all(Attempt)},
        checkouts={checkout.id: checkout for checkout in world.all(Checkout)},
        bookings={booking.id: booking for booking in world.all(Booking)},
        refunds=refunds,
        in_review={review.attempt_id for review in world.all(Review)},
        captures=_by_reference(money, "capture"),
        returns=_by_reference(money, "refund"),
        heard=_heard(world.sandbox.sandbox.courier.log()),
    )


def _heard(deliveries: Iterable[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for row in deliveries:
        if row["gateway"] == "mpesa" and row["status"] == "delivered":
            body = json.loads(row["body"])
            items = body.get("Body", {}).get("stkCallback", {}).get("CallbackMetadata", {}).get("Item", [])
            found |= {item["Value"] for item in items if item["Name"] == "MpesaReceiptNumber"}
            found |= {body["Result"]["TransactionID"]} if "Result" in body else set()
    return found


def _by_reference(money: Iterable[Movement], kind: str) -> dict[str, list[Movement]]:
    found: dict[str, list[Movement]] = defaultdict(list)
    for movement in money:
        if movement["kind"] == kind:
            found[movement["reference"]].append(movement)
    return found


def differences(world: World) -> list[str]:
    """Everything in which Kikao's books and the world differ; empty when all is well."""
    books = read(world)
    checks = (captured, invented, landed, sent_back, said_sent_back, places(world), audited(world))
    return [line for check in checks for line in (check(books) if callable(check) else check)]


def captured(books: Books) -> Iterator[str]:
    """What was taken from payers and is not in Kikao's books as it was taken."""
    for reference, charges in books.captures.items():
        attempt = books.attempts.get(reference)
        if attempt is None:
            yield f"{reference}: captured, and no attempt has this reference"
            continue
        if attempt.id in books.in_review or books.is_unheard(attempt):
            continue
        if attempt.status is not AttemptStatus.PAID:
            yield f"{reference}: captured at {attempt.gateway}, and the attempt is {attempt.status.value}"
        yield from _as_taken(books, attempt, charges)


def _as_taken(books: Books, attempt: Attempt, charges: list[Movement]) -> Iterator[str]:
    known = {attempt.charge_ref} | {refund.charge_ref for refund in books.refunds[attempt.id]}
    for charge in charges:
        if (charge["amount"], charge["currency"]) != (attempt.amount, attempt.currency):
            yield f"{attempt.reference}: took {charge['amount']}, the books say {attempt.amount} {attempt.currency}"
        # An STK query says that it was paid and not with which receipt.
        if charge["charge_ref"] not in known and not (attempt.gateway == "mpesa" and attempt.charge_ref is None):
            yield f"{attempt.reference}: the charge {charge['charge_ref']} is not in the books"


def invented(books: Books) -> Iterator[str]:
    """Payments that Kikao believes in and nobody made."""
    for reference, attempt in books.attempts.items():
        if attempt.status is AttemptStatus.PAID and reference not in books.captures:
            yield f"{reference}: paid in the books, and nothing was taken"


def landed(books: Books) -> Iterator[str]:
    """Money that is in no place or in two: a booking that stands keeps its price, everything else keeps nothing."""
    kept: Counter[Any] = Counter()
    for attempt in books.attempts.values():
        if attempt.id not in books.in_review and not books.is_unheard(attempt):
            taken = sum(charge["amount"] for charge in books.captures.get(attempt.reference, ()))
            kept[attempt.checkout_id] += taken - sum(refund.amount for refund in books.refunds[attempt.id])
    owed: Counter[Any] = Counter()
    for checkout in books.checkouts.values():
        booking = books.bookings.get(checkout.booking_id)
        owed[checkout.booking_id or checkout.id] += kept[checkout.id]
        if booking is None and kept[checkout.id]:
            yield f"checkout {checkout.id} ({checkout.status.value}): keeps {kept[checkout.id]} for no booking"
    for booking in books.bookings.values():
        due = booking.price_amount if booking.status in STANDS else 0
        if owed[booking.id] != due:
            yield f"booking {booking.id} is {booking.status.value} at {due} and keeps {owed[booking.id]}"


def sent_back(books: Books) -> Iterator[str]:
    """Money that went back without a row, or twice for one row."""
    for reference, movements in books.returns.items():
        rows = list(books.refunds[books.attempts[reference].id]) if reference in books.attempts else []
        for movement in movements:
            row = next((one for one in rows if _tells(one, movement)), None)
            if row is None:
                yield f"{reference}: {movement['amount']} went back ({movement['refund_ref']}) without a row of its own"
            else:
                rows.remove(row)


def _tells(refund: Refund, movement: Movement) -> bool:
    if refund.provider_ref is not None and refund.provider_ref != movement["refund_ref"]:
        return False
    return (refund.amount, refund.currency) == (movement["amount"], movement["currency"])


def said_sent_back(books: Books) -> Iterator[str]:
    """Refunds that Kikao calls done and nobody received, or that are still open although all is quiet."""
    for attempt, refund, movement in _refunds(books):
        what = f"{attempt.reference}: a refund of {refund.amount}"
        by_gateway = refund.means is RefundMeans.GATEWAY
        if refund.status is RefundStatus.DONE and by_gateway == (movement is None):
            yield f"{what} is done by {refund.means.value}, and {'nothing' if by_gateway else 'it also'} went back"
        if refund.status is not RefundStatus.DONE and not _must_wait(books, attempt, refund, movement):
            yield f"{what} at {attempt.gateway} is still {refund.status.value}: {refund.failure}"


def _refunds(books: Books) -> Iterator[tuple[Attempt, Refund, Movement | None]]:
    """Every refund with its attempt, and the money that went back for it."""
    for reference, attempt in books.attempts.items():
        for refund in books.refunds[attempt.id]:
            movements = (m for m in books.returns.get(reference, ()) if _tells(refund, m))
            yield attempt, refund, next(movements, None)


def _must_wait(books: Books, attempt: Attempt, refund: Refund, movement: Movement | None) -> bool:
    """Whether only a person can go on: M-Pesa told of a reversal once, to nobody, or never named the receipt to reverse."""
    if attempt.gateway != "mpesa":
        return False
    if refund.status is RefundStatus.FAILED:
        return attempt.charge_ref is None
    return movement is None or movement["refund_ref"] not in books.heard


def places(world: World) -> Iterator[str]:
    """Times that were given to more people than they have places, and bookings that stand without a place."""
    with world.rows() as session:
        taken: Counter[Any] = Counter()
        rows = session.execute(
            select(Booking, Hold).outerjoin(Hold, Hold.booking_id == Booking.id).where(Booking.status.in_(STANDS))
        )
        for booking, hold in rows:
            taken[booking.practitioner_id, booking.starts_at] += booking.places
            if hold is None or hold.released_at is not None or hold.expires_at is not None:
                yield f"booking {booking.id} is {booking.status.value} and has no place for good"
        for booking in session.scalars(select(Booking).where(Booking.status.in_(STANDS))):
            if taken[booking.practitioner_id, booking.starts_at] > booking.service.places:
                yield f"booking {booking.id}: its time was given away more than once"


def for_a_person(books: Books) -> Counter[str]:
    """What no program can find out and a person must, because M-Pesa tells a thing once."""
    found = Counter({"captures nobody was told of": sum(map(books.is_unheard, books.attempts.values()))})
    for _, refund, movement in _refunds(books):
        if refund.status is not RefundStatus.DONE:
            found[f"M-Pesa refunds {refund.status.value}, {'gone back' if movement else 'not gone back'}"] += 1
    return found


def audited(world: World) -> list[str]:
    """What Kikao's own audit finds broken."""
    with world.app.app_context():
        return [f"audit: {breach.sentence}: {', '.join(breach.rows)}" for breach in reconciliation.breaches()]


# ------------------------------------------------------------------------------------------------ messages


def letters(world: World, kills: int) -> list[str]:
    """Messages that were lost, invented, or sent more often than processes were killed at the moment of sending."""
    sent = Counter(_message_id(mail) for mail in world.mails())
    notices = {_expected_id(notice): notice for notice in world.all(Notification)}
    found = [f"a mail nobody wrote: {key}" for key in sent.keys() - notices.keys()]
    found += [f"{n.kind} {n.id} was never sent" for n in notices.values() if n.mailed_at is None]
    found += [f"{n.kind} {n.id} is lost" for key, n in notices.items() if n.outcome == "sent" and not sent[key]]
    # Nothing was down for days: what was dropped for its age could not be sent all that time.
    found += [
        f"{n.kind} {n.id} was given up" for n in notices.values() if n.mailed_at and n.mailed_at - n.created_at > _DAY
    ]
    repeated = sum(count - 1 for count in sent.values())
    return found + ([f"{repeated} mails were sent again after {kills} kills"] if repeated > kills else [])


def repeated_letters(world: World) -> int:
    """How many mails were sent once more than once."""
    return sum(count - 1 for count in Counter(_message_id(mail) for mail in world.mails()).values())


def _message_id(mail: dict[str, Any]) -> str:
    return next(str(value) for name, value in mail["headers"] if name.lower() == "message-id").strip("<>").split("@")[0]


def _expected_id(notice: Notification) -> str:
    return sha256(notice.dedupe_key.encode()).hexdigest()[:32]
