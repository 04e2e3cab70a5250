"""Messages to people: a row in the transaction that causes it, delivered after the commit while still true."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.lib import clock, database
from app.messengers.base import Refused, Undelivered
from app.models import Booking, Channel, Checkout, Delivery, Notification, Outcome, Practitioner, Role, User
from app.services.core import outbox
from app.services.core.transaction import transaction
from app.services.notifications import mail, message_kinds, preferences, sms
from app.services.notifications.message_kinds import Row, Rule

log = logging.getLogger("app.services.notices")  # a name that operators filter by

_CLAIM = timedelta(minutes=5)  # a worker that died while sending is overtaken after this long
_RETRY = (30, 120, 600, 1800, 3600)  # seconds after a mail server that said no
_MAX_AGE = timedelta(days=3)
FAREWELL = "account_erased"  # the only message to somebody who is erased: its address is kept until it has gone
NUDGE_LEFT = timedelta(minutes=3)  # less is no time to find one's phone or card
_RULES = "message_rules"
_SENDERS: dict[Channel, Callable[[Notification], str]] = {Channel.MAIL: mail.send, Channel.SMS: sms.send}
Answers = dict[Rule, Callable[[Notification], bool]]


def set_answers(app: Flask, answers: Answers) -> None:
    """The application can say of every rule whether it holds.

    Raises LookupError where an answer is missing.
    """
    if missing := set(Rule) - set(answers):
        raise LookupError(f"no answer to: {', '.join(sorted(missing))}")
    app.extensions[_RULES] = answers


def tell(
    user_id: int,
    kind: str,
    *,
    booking: Booking | None = None,
    cause: object = "",
    data: dict[str, Any] | None = None,
    once: bool = False,
) -> bool:
    """The person will be told once for this cause: in the app at once, by mail when a worker is there.

    Returns whether this is news. A cause is news again after the booking's status has changed, but not with `once`.
    """
    subject = (str(booking.id) if once else f"{booking.id}:{booking.version}") if booking else ""
    row = {
        "user_id": user_id,
        "kind": kind,
        "booking_id": booking.id if booking else None,
        "data": data or {},
        "dedupe_key": f"{kind}:{user_id}:{subject}:{cause}",
        "created_at": clock.now(),
    }
    db.session.flush()  # the booking the message is about comes first
    notice_id = db.session.scalar(_once(row))
    if notice_id is not None:
        _send_by(Channel.MAIL, notice_id)
        if sms.is_wanted(db.session.get_one(User, user_id), kind):
            _send_by(Channel.SMS, notice_id)
    return notice_id is not None


def _send_by(channel: Channel, notice_id: int) -> None:
    delivery = Delivery(notification_id=notice_id, channel=channel, due_at=clock.now())
    db.session.add(delivery)
    db.session.flush()
    outbox.after_commit("app.jobs.notices.deliver", delivery.id)


def _once(row: dict[str, Any]) -> Any:
    """SQL: the message is stored unless it is there, also by somebody else just now; gives its id if new."""
    statement = database.insert(db.engine, Notification).values(row)
    return statement.on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(Notification.id)


def tell_staff(
    kind: str, *, booking: Booking | None = None, cause: object = "", data: dict[str, Any] | None = None
) -> bool:
    """Every member of staff will be told; False where each of them had been before."""
    staff = db.session.scalars(select(User.id).where(User.role == Role.STAFF, User.active.is_(True))).all()
    return sum(tell(user_id, kind, booking=booking, cause=cause, data=data) for user_id in staff) > 0


def deliver(delivery_id: int) -> None:
    """This copy has gone out, or is dropped because it is no longer true, unless somebody else is at it."""
    if not _try_claim(delivery_id):
        return
    delivery = db.session.get_one(Delivery, delivery_id)
    if not_needed := _why_not(delivery):
        _settle(delivery_id, not_needed)
        if delivery.channel is Channel.SMS and not_needed in (Outcome.OFF, Outcome.LIMITED):
            _mail_instead(delivery.notification_id)
        return
    try:
        sent_to = _SENDERS[delivery.channel](delivery.notification)
    except Refused as error:
        log.warning("%s.refused delivery=%s error=%s", delivery.channel, delivery_id, error)
        _settle(delivery_id, Outcome.REFUSED)
        _mail_instead(delivery.notification_id)
        return
    except (mail.Undelivered, Undelivered) as error:
        log.warning("%s.failed delivery=%s error=%s", delivery.channel, delivery_id, error)
        _put_off(delivery_id)
        return
    except Exception:  # a mistake in a template must not send the same mail off every few minutes
        db.session.rollback()
        _put_off(delivery_id)
        raise
    _settle(delivery_id, Outcome.SENT, sent_to)


def _why_not(delivery: Delivery) -> Outcome | None:
    """The outcome of a copy that is not to be sent: no longer true, or switched off meanwhile; else None."""
    notice = delivery.notification
    if not _is_true(notice):
        return Outcome.STALE
    if notice.user.erased_at is not None and notice.kind != FAREWELL:
        return Outcome.OFF
    if notice.kind in message_kinds.hidden_from(notice.user.role):
        return Outcome.OFF
    if delivery.channel is Channel.SMS:
        return _why_no_sms(delivery)
    is_mailed = preferences.wants(notice.user, notice.kind, Channel.MAIL) or _has_no_sms(notice)
    return None if is_mailed else Outcome.OFF


def _has_no_sms(notice: Notification) -> bool:
    """Whether it was to reach the person by SMS, and does not: then it is mailed, whatever else was chosen."""
    outcome = next((each.outcome for each in notice.deliveries if each.channel is Channel.SMS), "")
    if outcome in (Outcome.REFUSED, Outcome.LIMITED):
        return True
    return outcome != Outcome.SENT and sms.is_missing(notice.user, notice.kind)


def _mail_instead(notice_id: int) -> None:
    """The mail is looked at once more, where it was dropped because it had been switched off."""
    dropped = (Delivery.notification_id == notice_id, Delivery.channel == Channel.MAIL, Delivery.outcome == Outcome.OFF)
    anew = {"done_at": None, "claimed_at": None, "outcome": "", "due_at": clock.now()}
    with transaction() as session:
        mail_id = session.scalar(update(Delivery).where(*dropped).values(**anew).returning(Delivery.id))
        if mail_id is not None:
            outbox.after_commit("app.jobs.notices.deliver", mail_id)


def _why_no_sms(delivery: Delivery) -> Outcome | None:
    notice = delivery.notification
    if not sms.is_wanted(notice.user, notice.kind):
        return Outcome.OFF
    is_first = delivery.tries == 1  # what the carrier did not take is tried again, and counted once
    return Outcome.LIMITED if is_first and not sms.try_count(notice.user) else None


def due() -> list[int]:
    """Ids of deliveries that wait, oldest first."""
    statement = select(Delivery.id).where(*_is_due(clock.now())).order_by(Delivery.id).limit(500)
    return list(db.session.scalars(statement))


def for_user(user: User, limit: int = 50) -> list[Notification]:
    """The person's messages, newest first."""
    theirs = select(Notification).where(*_readable_by(user)).order_by(Notification.id.desc()).limit(limit)
    about = selectinload(Notification.booking).selectinload(Booking.practitioner)  # every line names it
    return list(db.session.scalars(theirs.options(about)))


def unread(user: User) -> int:
    """How many messages the person has not seen."""
    statement = select(func.count()).where(*_readable_by(user), Notification.read_at.is_(None))
    return int(db.session.scalar(statement) or 0)


def _readable_by(user: User) -> tuple[ColumnElement[bool], ...]:
    """SQL: the person's messages, but for what they were told in a role that was taken away (SEC-19)."""
    known = Notification.kind.not_in(message_kinds.hidden_from(user.role))
    if user.role is Role.STAFF:
        return Notification.user_id == user.id, known
    theirs = or_(Booking.client_id == user.id, Booking.practitioner_id.in_(Practitioner.ids_of(user)))
    part = or_(Notification.booking_id.is_(None), Notification.booking_id.in_(select(Booking.id).where(theirs)))
    return Notification.user_id == user.id, known, part


def mark_read(user: User) -> None:
    """All of the person's messages are seen."""
    with transaction() as session:
        statement = select(Notification).where(Notification.user_id == user.id, Notification.read_at.is_(None))
        for notice in session.scalars(statement):
            notice.read_at = clock.now()


def _is_true(notice: Notification) -> bool:
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


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = or_(Delivery.claimed_at.is_(None), Delivery.claimed_at <= now - _CLAIM)
    return Delivery.done_at.is_(None), Delivery.due_at <= now, free


def _try_claim(delivery_id: int) -> bool:
    with transaction() as session:
        now = clock.now()
        statement = (
            select(Delivery)
            .where(Delivery.id == delivery_id, *_is_due(now))
            .with_for_update(skip_locked=True, key_share=True)
            .execution_options(populate_existing=True)
        )
        delivery = session.scalars(statement).one_or_none()
        if delivery is None:
            return False
        delivery.claimed_at = now
        delivery.tries += 1
        return True


def _settle(delivery_id: int, outcome: Outcome, sent_to: str = "") -> None:
    def done(delivery: Delivery, now: datetime) -> None:
        delivery.done_at = now
        delivery.outcome = outcome.value
        delivery.sent_to = sent_to
        if delivery.notification.kind == FAREWELL:
            delivery.notification.data = {}
            delivery.sent_to = ""

    _change(delivery_id, done)


def _put_off(delivery_id: int) -> None:
    def later(delivery: Delivery, now: datetime) -> None:
        delivery.claimed_at = None
        delivery.due_at = now + timedelta(seconds=_RETRY[min(delivery.tries, len(_RETRY)) - 1])

    _change(delivery_id, later)


def _change(delivery_id: int, change: Callable[[Delivery, datetime], None]) -> None:
    with transaction() as session:
        change(session.get_one(Delivery, delivery_id), clock.now())
