"""One pass of everything the clock does. Timers and queues are hints; this finds all work in the tables."""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import TextClause

from app.extensions import db, queue
from app.lib import clock
from app.lib.tables.due_work import Query, found_by, queries_of, which_are_due
from app.services import bookings, consultations
from app.services.accounts import invitations, logins, mailed_codes, sign_ups
from app.services.backoffice import erasure, open_affairs, pull, reconciliation
from app.services.bookings import attendance
from app.services.core import counters, idempotency, payment_methods, restorations
from app.services.ledger import balance_due, disputes, prepaid_balances, receipts, refunds
from app.services.notifications import notices
from app.services.payments import (
    attempts,
    manual_payments,
    receipt_checks,
    refund_look_ups,
    waiting_news,
    webhook_monitor,
)
from app.services.practice import external_calendars, holds
from app.services.prepaid import packages
from app.services.scheduling import reschedules, waitlist
from app.services.sessions import reminders
from app.services.workflows import expiry

log = logging.getLogger("app.services.sweeps")  # a name that operators filter by

# Real seconds for one kind of work: a gateway that hangs must not hold up the others. All of them together stay below the
# time a job has (app.jobs.clock), so that even where everything hangs a pass comes to its end.
_PATIENCE = 30.0


class _Step(NamedTuple):
    queries: tuple[Query, ...]  # where none of them finds a row there is nothing to do
    work: Callable[[float], int]  # takes the seconds it may use; answers how much it did


def sweep(patience: float = _PATIENCE) -> dict[str, int]:
    """Everything the clock does has been done once, `patience` seconds of each kind at the most.

    Return how much was done of each kind, by its name; one failure never stops the rest.
    """
    done: dict[str, int] = {}
    if wrong := restorations.why_closed():  # whoever started before the books went back
        log.error("sweep.held_back why=%s", wrong)
        return done
    due = _Due()
    for number, (name, step) in enumerate(STEPS):
        count = step.work(patience) if due.take(number) else 0
        done[name] = done.pop(name, 0) + count  # stands where it was done last
    return done


class _Due:
    """Which steps have anything to do: asked of all of them at once, and anew after each, which may make work for others."""

    def __init__(self) -> None:
        self._numbers: set[int] | None = None
        self._is_known = True

    def take(self, number: int) -> bool:
        """Whether the step is to be taken now."""
        if not self._is_known:
            return True
        if self._numbers is None:
            self._numbers = self._ask()
        is_due = number in self._numbers
        if is_due:
            self._numbers = None
        return is_due

    def _ask(self) -> set[int]:
        """Every step, for the rest of the pass, where one of the queries fails: the others' work is done all the same."""
        try:
            return due_now()
        except Exception as error:
            _put_up_with(error, "sweep.failed step=due_work")
            self._is_known = False
            return set(range(len(STEPS)))


def due_now() -> set[int]:
    """The numbers, in `STEPS`, of the steps that have anything to do."""
    return set(db.session.scalars(_statement()))


def _statement() -> TextClause:
    """Made once for the gateways that are offered."""
    made: dict[tuple[str, ...], TextClause] = current_app.extensions.setdefault("due_work", {})
    offered = tuple(payment_methods.offered())
    if offered not in made:
        made[offered] = which_are_due([step.queries for _, step in STEPS], db.engine.dialect)
    return made[offered]


def _list(find: Callable[[], Iterable[Any]], act: Callable[[Any], object]) -> _Step:
    return _Step(queries_of(find), lambda patience: _each(patience, find, act))


def _once(work: Callable[[], int]) -> _Step:
    return _Step(queries_of(work), lambda _patience: _try(work))


@found_by(*queries_of(receipts.catch_up), *queries_of(reconciliation.nightly))
def _receipts() -> int:
    """How many were made that were missing: of these days; of all of the past before the nightly audit asks for them."""
    return receipts.catch_up(None if reconciliation.is_due() else clock.now() - receipts.LATELY)


# What a pass does, from top to bottom, and under which name it is counted; a name may come more than once.
STEPS: tuple[tuple[str, _Step], ...] = (
    # Messages first, so that no gateway that hangs holds them up.
    ("notices", _list(notices.due, notices.deliver)),
    ("codes", _list(mailed_codes.due, mailed_codes.send)),
    # News before look-ups: what a gateway has told already need not be asked.
    ("inbox", _list(waiting_news.due, refund_look_ups.settle)),
    ("look_ups", _list(attempts.due, attempts.look_up)),
    ("look_ups", _list(receipt_checks.due, receipt_checks.ask)),
    # Only now what ran out: it may have been paid meanwhile.
    ("expired", _list(bookings.overdue, expiry.end_booking)),
    ("expired", _list(expiry.overdue_drafts, expiry.end_draft)),
    ("ended", _list(open_affairs.due, open_affairs.end_of)),
    ("packages", _list(packages.overdue, packages.expire)),
    # After all that may have asked for money back.
    ("refunds", _list(refunds.due, refunds.send)),
    ("dues", _once(balance_due.remind)),
    ("disputes", _once(disputes.remind)),
    ("disputes", _once(prepaid_balances.collect)),
    ("questions", _list(consultations.overdue, consultations.try_lapse)),
    ("questions", _once(consultations.remind)),
    ("proofs", _once(manual_payments.remind)),
    # Places that were let go above are offered to who waits.
    ("waiting", _once(waitlist.sweep)),
    ("reschedules", _once(reschedules.lapse)),
    ("reminders", _once(reminders.remind)),
    # Asked a day after their end, and days later taken for what the practitioner did not deny.
    ("reminders", _once(reminders.ask_how_it_went)),
    ("settled", _list(attendance.to_settle, attendance.settle)),
    ("reminders", _once(reminders.nudge)),
    ("receipts", _once(_receipts)),
    # Only what is still nobody's, after all that could have made it ours.
    ("foreign", _once(waiting_news.drop_foreign)),
    # Each night what nobody told, and then whether that was much.
    ("pulled", _once(pull.nightly)),
    ("heartbeat", _once(webhook_monitor.listen)),
    # After everything that moves money.
    ("audit", _once(reconciliation.nightly)),
    # And once more, for what this pass itself has caused.
    ("notices", _list(notices.due, notices.deliver)),
    ("personal", _once(erasure.keep)),
    ("requests", _once(idempotency.forget_old)),
    ("counts", _once(counters.forget_old)),
    ("logins", _once(logins.forget_old)),
    ("codes", _once(mailed_codes.forget_old)),
    ("sign_ups", _once(sign_ups.forget_old)),
    ("guest_holds", _once(holds.forget_guests)),
    ("invitations", _once(invitations.forget_old)),
    # Last: other calendars may be slow, and nobody's money waits for them.
    ("calendars", _list(external_calendars.due, external_calendars.read)),
)


def _try(work: Callable[[], int]) -> int:
    """How much `work` did; none, and a line in the log, when it could not."""
    try:
        return work()
    except Exception as error:
        _put_up_with(error, "sweep.failed step=%s", work.__module__)
        return 0


def _each(patience: float, find: Callable[[], Iterable[Any]], act: Callable[[Any], object]) -> int:
    """How many of what `find` finds `act` has dealt with; what it answers False for is not counted."""
    done = 0
    until = time.monotonic() + patience
    for key in _found(find):
        if time.monotonic() > until:
            break  # the next pass goes on where this one stopped: the oldest first
        try:
            done += act(key) is not False
        except Exception as error:
            _put_up_with(error, "sweep.failed step=%s key=%s", act.__module__, key)
    return done


def _found(find: Callable[[], Iterable[Any]]) -> Iterable[Any]:
    try:
        return find()
    except Exception as error:
        _put_up_with(error, "sweep.failed step=%s", find.__module__)
        return ()


def _put_up_with(error: Exception, line: str, *values: object) -> None:
    """The failure is in the log and the rest goes on; but a worker whose time is up stops, as it was told to."""
    db.session.rollback()
    if queue.is_out_of_time(error):
        raise error
    log.error(line, *values, exc_info=error)
