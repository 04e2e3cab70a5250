"""What is owed: for a session paid for afterwards, for one the client did not keep, or for more than was paid at first."""

import uuid
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, exists, func, select

from app.domain.checkout_kinds import CHECKOUT_KINDS, OWED, CheckoutKind
from app.domain.lifecycle import CheckoutStatus
from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, Booking, Checkout, Notification, User
from app.services.core import payment_methods
from app.services.core.transaction import CLOCK, GATEWAY, Who, transaction
from app.services.ledger import attendance_reviews, checkouts, credit_lots
from app.services.notifications import notices

REMINDERS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14))  # after it came to be owed
_PAY_BACK = timedelta(days=7)
_FORGET = 2 * REMINDERS[-1]  # a reminder that could not be written for so long is not written any more
_MOST = 500  # in one pass; the next goes on
_NOTICES = [CHECKOUT_KINDS[kind].owed_notice for kind in CheckoutKind if kind in OWED]


def open_for(booking: Booking, money: Money) -> Checkout:
    """So much is to be paid for the session and the client knows; inside the caller's transaction."""
    return _open(booking, CheckoutKind.DUE, money, CLOCK)


def open_fee(booking: Booking, money: Money, who: Who) -> Checkout:
    """Who did not keep the session owes this and knows; inside the caller's transaction."""
    return _open(booking, CheckoutKind.FEE, money, who)


def open_difference(booking: Booking, money: Money, who: Who) -> Checkout:
    """The session has become dearer than was paid, and the client knows; inside the caller's transaction."""
    return _open(booking, CheckoutKind.DIFFERENCE, money, who)


def settle_lost_credit(attempt: Attempt, lost: Money) -> None:
    """The buyer of credit that was spent, and that their bank took back, owes so much as far as it can be paid, and knows.

    What was asked for before counts; where it was too much, it is asked for anew. In the caller's transaction.
    """
    owed = payment_methods.collectable(lost) if lost.amount else lost
    prefix = credit_lots.debt_key(attempt.id)
    asked = db.session.scalars(select(Checkout).where(Checkout.request_key.startswith(prefix, autoescape=True))).all()
    waiting = [debt for debt in asked if debt.status is CheckoutStatus.OPEN]
    missing = owed.amount - sum(debt.amount for debt in waiting)
    if missing < 0:
        for debt in waiting:
            checkouts.set_status(debt, CheckoutStatus.CANCELLED, GATEWAY)
        missing = owed.amount
    if missing:
        until = clock.now() + _PAY_BACK
        of = (CheckoutKind.LOST_CREDIT, attempt.checkout.client, Money(missing, owed.currency), attempt.checkout.title)
        _tell(checkouts.open_described(*of, {}, until, f"{prefix}{len(asked)}"), "now")


def _open(booking: Booking, kind: CheckoutKind, money: Money, who: Who) -> Checkout:
    hours = int(booking.policy["pay_hours"])
    checkout = checkouts.open_owed(booking, kind, money, clock.now() + timedelta(hours=hours), who)
    _tell(checkout, "now")
    return checkout


def blocks(client: User) -> bool:
    """Whether the client owes something, so that another session can be booked only after paying (KIKAO_DUE_BLOCKS).

    What no way to pay takes any more stands in nobody's way.
    """
    if not current_app.config["DUE_BLOCKS_BOOKING"]:
        return False
    return any(payment_methods.accepting(owed.money) and not _is_undecided(owed) for owed in of(client))


def _is_undecided(debt: Checkout) -> bool:
    """Whether nobody is to be pressed for it now: their bank takes days, or staff are to say who came."""
    return _is_settling(debt) or attendance_reviews.is_open(debt.booking_id)


def _is_settling(debt: Checkout) -> bool:
    """Whether the client has paid, and their bank takes days."""
    return any(attempt.is_live and attempt.settles_by is not None for attempt in debt.attempts)


def of(client: User) -> list[Checkout]:
    """What the client owes, the oldest first."""
    statement = select(Checkout).where(Checkout.client_id == client.id, _open_ones())
    return list(db.session.scalars(statement.order_by(Checkout.created_at)))


def was_fee_forgiven(booking: Booking) -> bool:
    """Whether who it is owed to gave up what not keeping the session cost."""
    forgiven = (Checkout.kind == CheckoutKind.FEE, Checkout.status == CheckoutStatus.CANCELLED)
    return bool(db.session.scalar(select(exists().where(Checkout.booking_id == booking.id, *forgiven))))


def tell_waived(checkout: Checkout, booking: Booking) -> None:
    """The client knows that nothing is owed any more; inside the caller's transaction."""
    notices.tell(booking.client_id, "debt_waived", booking=booking, cause=checkout.id, data=_data(checkout))


def _to_tell() -> Select[uuid.UUID]:
    begun = Checkout.created_at.between(moments.ago(_FORGET), moments.ago(REMINDERS[0]))
    return select(Checkout.id).where(_open_ones(), begun)


@found_by(_to_tell)
def remind(most: int = _MOST) -> int:
    """How many reminders were written, `most` at once: one for each stretch of time, while it is owed."""
    waiting = _untold(clock.now())[:most]
    if not waiting:
        return 0
    with transaction() as session:
        owed = session.scalars(select(Checkout).where(Checkout.id.in_([key for key, _ in waiting]), _open_ones()))
        stages = dict(waiting)
        return sum(_tell(each, str(stages[each.id])) for each in owed if not _is_undecided(each))


def _untold(now: datetime) -> list[tuple[uuid.UUID, int]]:
    """The debts of which something is still to be told, the oldest first, with the stage they have reached.

    Those that were told everything are left out: there is no end of them, and they must not stand before the others.
    """
    told = select(func.max(Notification.created_at)).where(
        Notification.user_id == Checkout.client_id,
        (Notification.booking_id == Checkout.booking_id) | Checkout.booking_id.is_(None),
        Notification.kind.in_(_NOTICES),
    )
    last_told = told.correlate(Checkout).scalar_subquery()
    statement = _to_tell().add_columns(Checkout.created_at, last_told)
    found = []
    for key, since, last in db.session.execute(statement.order_by(Checkout.created_at)):
        stage = sum(since + after <= now for after in REMINDERS)
        if last is None or last < since + REMINDERS[stage - 1]:
            found.append((key, stage))
    return found


def _open_ones() -> ColumnElement[bool]:
    return Checkout.kind.in_(OWED) & (Checkout.status == CheckoutStatus.OPEN)


def _tell(checkout: Checkout, stage: str) -> int:
    kind = checkout.rules.owed_notice
    cause = f"{checkout.id}:{stage}"
    return int(notices.tell(checkout.client_id, kind, booking=checkout.booking, cause=cause, data=_data(checkout)))


def _data(checkout: Checkout) -> dict[str, object]:
    return {"amount": checkout.amount, "currency": checkout.currency, "checkout": str(checkout.id)}
