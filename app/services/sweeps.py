"""One pass of everything the clock does. Timers and queues are hints; this finds all work in the tables."""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

from app.extensions import db
from app.services import (
    attempts,
    audit,
    busy,
    callbacks,
    consultations,
    dues,
    erasing,
    expiry,
    heartbeat,
    notices,
    packages,
    proofs,
    receipts,
    refunds,
    reminders,
    requests,
    reschedules,
    waiting,
)

log = logging.getLogger(__name__)

_PATIENCE = 60.0  # real seconds for one kind of work: a gateway that hangs must not hold up the others


def sweep() -> dict[str, int]:
    """How much was done of each kind; one failure never stops the rest.

    Messages go first, so that no gateway that hangs holds them up, and last, for what this pass itself has caused.
    """
    mailed = _each(notices.due, notices.deliver)
    return {
        "inbox": _each(callbacks.waiting, callbacks.settle),
        "look_ups": _each(attempts.due, attempts.look_up),
        "expired": expiry.sweep(),
        "packages": _each(packages.overdue, packages.expire),
        "refunds": _each(refunds.due, refunds.send),
        "dues": _try(dues.remind),
        "questions": _each(consultations.overdue, consultations.lapse) + _try(consultations.remind),
        "proofs": _try(proofs.remind),
        "waiting": _try(waiting.sweep),
        "reschedules": _try(reschedules.lapse),
        "reminders": _try(reminders.remind) + _try(reminders.nudge),
        "receipts": _try(receipts.catch_up),
        "heartbeat": _try(heartbeat.listen),
        "audit": _try(audit.nightly),
        "notices": mailed + _each(notices.due, notices.deliver),
        "personal": _try(erasing.keep),
        "requests": _try(requests.forget_old),
        "calendars": _each(busy.due, busy.read),  # last: they may be slow, and nobody's money waits for them
    }


def _try(work: Callable[[], int]) -> int:
    """How much `work` did; none, and a line in the log, when it could not."""
    try:
        return work()
    except Exception:
        db.session.rollback()
        log.exception("sweep.failed step=%s", work.__module__)
        return 0


def _each(find: Callable[[], Iterable[Any]], act: Callable[[Any], object]) -> int:
    done, until = 0, time.monotonic() + _PATIENCE
    for key in find():
        if time.monotonic() > until:
            break  # the next pass goes on where this one stopped: the oldest first
        try:
            act(key)
            done += 1
        except Exception:
            db.session.rollback()
            log.exception("sweep.failed step=%s key=%s", act.__module__, key)
    return done
