"""Messages to people: a row in the transaction that causes it, delivered after the commit while still true."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, or_, select, update
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.lib import clock, database
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.lib.tables.plans import one_by_one
from app.lib.tables.unit_of_work import table_of
from app.lib.text import is_mail
from app.messengers.base import Refused, Undelivered
from app.models import Booking, Channel, Delivery, Notification, Outcome, Practitioner, Role, User
from app.services.core import outbox
from app.services.core.transaction import transaction
from app.services.notifications import mail, message_kinds, message_truth, preferences, sms

log = logging.getLogger("app.services.notices")  # a name that operators filter by

MOST_COUNTED = 100  # unread: more are "99+"
_CLAIM = timedelta(minutes=5)  # a worker that died while sending is overtaken after this long
_RETRY = (30, 120, 600, 1800, 3600)  # seconds after a mail server that said no
FAREWELL = "account_erased"  # the only message to somebody who is erased: its address is kept until it has gone
_SENDERS: dict[Channel, Callable[[Notification], str]] = {Channel.MAIL: mail.send, Channel.SMS: sms.send}


@dataclass(frozen=True)
class Message:
    """Something to be told to a person, once for its cause: again after the booking's status has changed, but not with `once`."""

    user_id: int
    kind: str
    booking: Booking | None = None
    cause: object = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    once: bool = False

    @property
    def key(self) -> str:
        """What it is known by: with the same key nobody is told twice."""
        about = self.booking
        subject = (str(about.id) if self.once else f"{about.id}:{about.version}") if about else ""
        return f"{self.kind}:{self.user_id}:{subject}:{self.cause}"


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
    return tell_all([Message(user_id, kind, booking, cause, data or {}, once)]) > 0


def tell_all(messages: Collection[Message]) -> int:
    """Each of them will be told as `tell` does; returns how many are news."""
    told = {message.key: message for message in messages}
    if not told:
        return 0
    rows = [_row(told[key]) for key in sorted(told)]  # in one order, or two who tell the same wait for each other
    news = {notice_id: told[key] for notice_id, key in db.session.execute(_once(), rows)}
    _send([(notice_id, channel) for notice_id in sorted(news) for channel in _channels(news[notice_id])])
    return len(news)


def tell_staff(
    kind: str, *, booking: Booking | None = None, cause: object = "", data: dict[str, Any] | None = None
) -> bool:
    """Every member of staff will be told; False where each of them had been before."""
    staff = db.session.scalars(select(User.id).where(User.role == Role.STAFF, User.active.is_(True))).all()
    return tell_all([Message(user_id, kind, booking, cause, data or {}) for user_id in staff]) > 0


def _row(message: Message) -> dict[str, Any]:
    return {
        "user_id": message.user_id,
        "kind": message.kind,
        "booking_id": message.booking.id if message.booking else None,
        "data": dict(message.data),
        "dedupe_key": message.key,
        "created_at": clock.now(),
    }


def _once() -> Any:
    """SQL: messages are stored unless they are there, also by somebody else just now; gives ids and keys of the new."""
    statement = database.insert(db.engine, table_of(Notification)).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return statement.returning(Notification.id, Notification.dedupe_key)


def _channels(message: Message) -> list[Channel]:
    if sms.messenger() is None:
        return [Channel.MAIL]
    user = db.session.get_one(User, message.user_id)
    if not is_mail(message.data.get("address") or user.address):
        return [Channel.SMS]
    is_texted = message_kinds.of(message.kind).texted and sms.is_wanted(user, message.kind)
    return [Channel.MAIL, Channel.SMS] if is_texted else [Channel.MAIL]


def _send(copies: Collection[tuple[int, Channel]]) -> None:
    """A worker will send them."""
    if not copies:
        return
    now = clock.now()
    rows = [{"notification_id": notice_id, "channel": channel, "due_at": now} for notice_id, channel in copies]
    for delivery_id in sorted(db.session.scalars(insert(table_of(Delivery)).returning(Delivery.id), rows)):
        outbox.after_commit("app.jobs.notices.deliver", delivery_id)


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
    if not message_truth.is_true(notice):
        return Outcome.STALE
    if notice.user.erased_at is not None and notice.kind != FAREWELL:
        return Outcome.OFF
    if notice.kind in message_kinds.hidden_from(notice.user.role):
        return Outcome.OFF
    if delivery.channel is Channel.SMS:
        return _why_no_sms(delivery)
    if not is_mail(notice.data.get("address") or notice.user.address):
        return Outcome.OFF
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
    if "address" in notice.data:  # who is erased or has another address by now is told once more at the old one
        return None
    if not sms.is_wanted(notice.user, notice.kind):
        return Outcome.OFF
    is_first = delivery.tries == 1  # what the carrier did not take is tried again, and counted once
    return Outcome.LIMITED if is_first and not sms.try_count(notice.user) else None


def _waiting() -> Select[int]:
    return select(Delivery.id).where(*_is_due())


@found_by(_waiting)
def due() -> list[int]:
    """Ids of deliveries that wait, oldest first."""
    return list(db.session.scalars(_waiting().order_by(Delivery.id).limit(500)))


def for_user(user: User, limit: int = 50) -> list[Notification]:
    """The person's messages, newest first."""
    newest = (Notification.created_at.desc(), Notification.id.desc())
    theirs = select(Notification).where(*_readable_by(user)).order_by(*newest).limit(limit)
    about = selectinload(Notification.booking).selectinload(Booking.practitioner)  # every line names it
    return list(db.session.scalars(theirs.options(about)))


def unread(user: User) -> int:
    """How many messages the person has not seen, as far as MOST_COUNTED."""
    theirs = select(Notification.id).where(*_readable_by(user), Notification.read_at.is_(None)).limit(MOST_COUNTED)
    return int(db.session.scalar(select(func.count()).select_from(theirs.subquery())) or 0)


def _readable_by(user: User) -> tuple[ColumnElement[bool], ...]:
    """SQL: the person's messages, but for what they were told in a role that was taken away (SEC-19)."""
    known = Notification.kind.not_in(message_kinds.hidden_from(user.role))
    if user.role is Role.STAFF:
        return Notification.user_id == user.id, known
    theirs = or_(Booking.client_id == user.id, Booking.practitioner_id.in_(Practitioner.ids_of(user)))
    # Asked of each message, of which few are read; all bookings of somebody's may be many.
    is_theirs = one_by_one(select(Booking.id).where(Booking.id == Notification.booking_id, theirs))
    part = or_(Notification.booking_id.is_(None), is_theirs)
    return Notification.user_id == user.id, known, part


def mark_read(user: User) -> None:
    """All of the person's messages are seen."""
    unseen = (Notification.user_id == user.id, Notification.read_at.is_(None))
    with transaction() as session:
        session.execute(update(Notification).where(*unseen).values(read_at=clock.now()))


def _is_due() -> tuple[ColumnElement[bool], ...]:
    free = or_(Delivery.claimed_at.is_(None), Delivery.claimed_at <= moments.ago(_CLAIM))
    return Delivery.done_at.is_(None), Delivery.due_at <= moments.now(), free


def _try_claim(delivery_id: int) -> bool:
    with transaction() as session:
        now = clock.now()
        statement = (
            select(Delivery)
            .where(Delivery.id == delivery_id, *_is_due())
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
