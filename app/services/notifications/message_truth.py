"""Whether a message is still true when its turn to go out has come."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app

from app.extensions import db
from app.lib import clock
from app.models import Checkout, Notification
from app.services.notifications import message_kinds
from app.services.notifications.message_kinds import Row, Rule

_MAX_AGE = timedelta(days=3)
NUDGE_LEFT = timedelta(minutes=3)  # less is no time to find one's phone or card
_RULES = "message_rules"
Answers = dict[Rule, Callable[[Notification], bool]]


def set_answers(app: Flask, answers: Answers) -> None:
    """The application can say of every rule whether it holds.

    Raises LookupError where an answer is missing.
    """
    if missing := set(Rule) - set(answers):
        raise LookupError(f"no answer to: {', '.join(sorted(missing))}")
    app.extensions[_RULES] = answers


def is_true(notice: Notification) -> bool:
    """Whether what the message says still holds, so that it may go out."""
    if notice.created_at < clock.now() - _MAX_AGE:
        return False
    needs = message_kinds.of(notice.kind).still_true
    by_booking = notice.booking is None or notice.booking.status in needs.bookings
    return by_booking and _stands(needs.row, notice) and _holds(needs.rule, notice) and _is_in_time(notice)


def _stands(named: Row | None, notice: Notification) -> bool:
    if named is None or not notice.data.get(named.key):
        return True
    row: Any = db.session.get(named.model, _key(notice.data[named.key]))
    if row is None:
        return True
    # A choice that has been made, or whose time is over, is not offered any more.
    return row.status in named.statuses and ("until" not in notice.data or row.offer_until is not None)


def _key(told: str | int) -> uuid.UUID | int:
    return told if isinstance(told, int) else uuid.UUID(told)


def _holds(rule: Rule | None, notice: Notification) -> bool:
    answers: Answers = current_app.extensions[_RULES]
    return rule is None or answers[rule](notice)


def _is_in_time(notice: Notification) -> bool:
    """Whether it is not for a time the session was moved away from, or that has passed."""
    if starts := notice.data.get("starts"):
        return notice.booking is not None and datetime.fromisoformat(starts) == notice.booking.starts_at > clock.now()
    return True


def bill_can_be_nudged(notice: Notification) -> bool:
    """Whether the message's bill, if it names one, can be nudged for."""
    if not notice.data.get("checkout"):
        return True
    checkout = db.session.get(Checkout, uuid.UUID(notice.data["checkout"]))
    return checkout is None or can_be_nudged(checkout)


def can_be_nudged(checkout: Checkout) -> bool:
    """Whether the bill can still be paid without hurry, and no payment for it is under way (complaint 23)."""
    under_way = any(each.is_live or each.is_claimed for each in checkout.attempts)
    return checkout.expires_at - clock.now() >= NUDGE_LEFT and not under_way
