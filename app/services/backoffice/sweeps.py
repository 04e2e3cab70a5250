"""One pass of everything the clock does. Timers and queues are hints; this finds all work in the tables."""

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from app.extensions import db, queue
from app.services import bookings, consultations
from app.services.backoffice import erasure, reconciliation
from app.services.core import idempotency
from app.services.ledger import balance_due, checkouts, receipts, refunds
from app.services.notifications import notices
from app.services.payments import attempts, inbox, manual_payments, webhook_monitor
from app.services.practice import external_calendars
from app.services.prepaid import packages
from app.services.scheduling import reschedules, waitlist
from app.services.sessions import reminders
from app.services.workflows import expiry

log = logging.getLogger("app.services.sweeps")  # a name that operators filter by

# Real seconds for one kind of work: a gateway that hangs must not hold up the others. All of them together stay below the
# time a job has (app.jobs.clockwork), so that even where everything hangs a pass comes to its end.
_PATIENCE = 30.0


def sweep(patience: float = _PATIENCE) -> dict[str, int]:
    """How much was done of each kind, `patience` seconds of each at the most; one failure never stops the rest.

    Messages go first, so that no gateway that hangs holds them up, and last, for what this pass itself has caused.
    """
    each = partial(_each, patience)
    mailed = each(notices.due, notices.deliver)
    return {
        "inbox": each(inbox.waiting, inbox.settle),
        "look_ups": each(attempts.due, attempts.look_up),
        "expired": each(bookings.overdue, expiry.end_booking) + each(checkouts.overdue_drafts, expiry.end_draft),
        "packages": each(packages.overdue, packages.expire),
        "refunds": each(refunds.due, refunds.send),
        "dues": _try(balance_due.remind),
        "questions": each(consultations.overdue, consultations.try_lapse) + _try(consultations.remind),
        "proofs": _try(manual_payments.remind),
        "waiting": _try(waitlist.sweep),
        "reschedules": _try(reschedules.lapse),
        "reminders": _try(reminders.remind) + _try(reminders.nudge),
        "receipts": _try(receipts.catch_up),
        "heartbeat": _try(webhook_monitor.listen),
        "audit": _try(reconciliation.nightly),
        "notices": mailed + each(notices.due, notices.deliver),
        "personal": _try(erasure.keep),
        "requests": _try(idempotency.forget_old),
        "calendars": each(
            external_calendars.due, external_calendars.read
        ),  # last: they may be slow, and nobody's money waits for them
    }


def _try(work: Callable[[], int]) -> int:
    """How much `work` did; none, and a line in the log, when it could not."""
    try:
        return work()
    except Exception as error:
        _put_up_with(error, "sweep.failed step=%s", work.__module__)
        return 0


def _each(patience: float, find: Callable[[], Iterable[Any]], act: Callable[[Any], object]) -> int:
    """How many of what `find` finds `act` has dealt with; what it answers False for is not counted."""
    done, until = 0, time.monotonic() + patience
    for key in find():
        if time.monotonic() > until:
            break  # the next pass goes on where this one stopped: the oldest first
        try:
            done += act(key) is not False
        except Exception as error:
            _put_up_with(error, "sweep.failed step=%s key=%s", act.__module__, key)
    return done


def _put_up_with(error: Exception, line: str, *values: object) -> None:
    """The failure is in the log and the rest goes on; but a worker whose time is up stops, as it was told to."""
    db.session.rollback()
    if queue.is_out_of_time(error):
        raise error
    log.error(line, *values, exc_info=error)
