"""Whose rows are whose: for each kind of row, the statement that finds one person's."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, select

from app.domain.checkout_kinds import OWED
from app.extensions import db
from app.models import Attempt, Checkout, Gift, InboxEntry, LedgerEntry, LedgerTransaction, Practitioner, Rating, User
from app.services.backoffice.erasure import Theirs
from app.services.core import payment_methods
from app.services.ledger import journal


def own(model: Any, column: Any, order: Any) -> Callable[[User], Select[Any]]:
    """Rows whose `column` is the person."""
    return lambda user: select(model).where(column == user.id).order_by(order)


def paid(model: Any, order: Any) -> Callable[[User], Select[Any]]:
    """Rows of the person's payments."""
    return lambda user: select(model).where(model.attempt_id.in_(Theirs(user.id).attempts)).order_by(order)


def booked(model: Any, order: Any) -> Callable[[User], Select[Any]]:
    """Rows of the person's bookings."""
    return lambda user: select(model).where(model.booking_id.in_(Theirs(user.id).bookings)).order_by(order)


def practice(model: Any, order: Any) -> Callable[[User], Select[Any]]:
    """Rows of the person's practice."""

    def find(user: User) -> Select[Any]:
        mine = select(Practitioner.id).where(Practitioner.user_id == user.id)
        return select(model).where(model.practitioner_id.in_(mine)).order_by(order)

    return find


def rated(user: User) -> Select[Any]:
    """What practitioners said about the person."""
    return booked(Rating, Rating.created_at)(user).where(Rating.of_client)


def rated_practice(user: User) -> Select[Any]:
    """What clients said about the person's practice."""
    return practice(Rating, Rating.created_at)(user).where(Rating.of_client.is_(False))


def entries(account: str) -> Callable[[User], Select[Any]]:
    """What came and went in the wallet, or of what a practitioner has earned."""

    def find(user: User) -> Select[Any]:
        practices = db.session.scalars(select(Practitioner.id).where(Practitioner.user_id == user.id)).all()
        owners = [str(user.id)] if account == "wallet" else [str(key) for key in practices]
        mine = (LedgerEntry.account == account) & LedgerEntry.owner.in_(owners)
        if account == "practitioner":  # and what they hold
            mine |= (LedgerEntry.account == "gateway") & LedgerEntry.owner.in_(
                [journal.custody(code, k).owner for code in payment_methods.codes_by_hand() for k in practices]
            )
        return select(LedgerEntry).join(LedgerTransaction).where(mine).order_by(LedgerEntry.id)

    return find


def owed(user: User) -> Select[Any]:
    """What the person owed after a session."""
    is_owed = Checkout.kind.in_(OWED)
    return select(Checkout).where(Checkout.client_id == user.id, is_owed).order_by(Checkout.created_at)


def news(user: User) -> Select[Any]:
    """What gateways told about the person's payments."""
    return select(InboxEntry).where(InboxEntry.attempt_id.in_(Theirs(user.id).attempts)).order_by(InboxEntry.id)


def attempts(user: User) -> Select[Any]:
    """Every try of the person to pay."""
    return select(Attempt).where(Attempt.checkout_id.in_(Theirs(user.id).checkouts)).order_by(Attempt.created_at)


def gifts(user: User) -> Select[Any]:
    """Gifts the person bought or redeemed."""
    involved = (Gift.buyer_id == user.id) | (Gift.redeemed_by == user.id)
    return select(Gift).where(involved).order_by(Gift.bought_at)
