"""Passes over the gateways' lists: one that is asked for, and each night's over the last days.

The network and the database take turns: a page is asked for, and each thing of it has a transaction of its own. So a pass
may be interrupted, run again, or run twice at once: what has had its effect does not have it again.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, false, func, or_, select

from app.extensions import db, queue
from app.gateways.base import Gateway, GatewayError, Listed
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Installation, Pull
from app.services.backoffice.pull.comparison import Finding, compare
from app.services.core import installation, payment_methods
from app.services.core.transaction import transaction

log = logging.getLogger(__name__)

DEFAULT = timedelta(days=3)  # vendors try a webhook for so long: what was not heard then is not heard any more
LONGEST = timedelta(days=366)
# What is younger may be under way to us: its webhook, or the answer to our own call.
YOUNG = timedelta(minutes=15)
_NIGHT = timedelta(hours=24)
_TAKES = timedelta(
    hours=1
)  # a busy account that others share has tens of thousands of things; a worker may be at it so long
_OURS = frozenset(Finding) - {Finding.OTHERS}
# What is counted under which name.
_COUNTED: dict[str, frozenset[Finding]] = {
    "ours": _OURS,
    "others": frozenset({Finding.OTHERS}),
    "landed": frozenset({Finding.LANDED, Finding.RESTORED}),
    "reviews": frozenset({Finding.REVIEW, Finding.LOST, Finding.WAITS}),
    "unheard": frozenset({Finding.LANDED, Finding.REVIEW}),
}


class Interrupted(Exception):
    """Not all of the gateway's lists is dealt with: it gave no clear answer before their end, or we failed with a part of them."""


def listing() -> list[Gateway]:
    """The gateways of this installation that list what they took."""
    return [each for _, each in sorted(payment_methods.offered().items()) if each.capabilities.lists_money]


def run(gateway: Gateway, since: datetime, until: datetime | None = None) -> Pull:
    """All that the gateway lists from then on (UTC) is compared, and what was unheard of has had its effect.

    `until` is by default what is not too young. Safe to repeat. Raises Interrupted, with what was found until then kept.
    """
    until = until or clock.now() - YOUNG
    return _go_through(gateway, _begin(gateway, max(since, clock.now() - LONGEST), until))


def _unlisted() -> Select[int]:
    begun = Pull.begun_at > moments.ago(_NIGHT)
    waits = (~exists().where(Pull.gateway == gateway.code, begun) for gateway in listing())
    return select(Installation.id).where(Installation.made_at <= moments.ago(_NIGHT), or_(false(), *waits))


@found_by(_unlisted)
def nightly() -> int:
    """How many gateways were gone through, or were given to a worker: those whose last pass began a day ago or earlier."""
    yesterday = clock.now() - _NIGHT
    done = set(db.session.scalars(select(Pull.gateway).where(Pull.begun_at > yesterday)))
    due = [gateway for gateway in listing() if gateway.code not in done]
    if not due or not installation.code_since(yesterday):
        return 0  # or nothing was begun a day ago
    for gateway in due:
        now = clock.now()
        pull_id = _begin(gateway, _unread_from(gateway.code, now), now - YOUNG)
        if not queue.enqueue("app.jobs.pulls.go_through", pull_id, longest=_TAKES):
            go_through(pull_id)
    return len(due)


def go_through(pull_id: int) -> None:
    """A pass that was begun has been made. One that a gateway's silence ended is in the rows, and in the log."""
    pull = db.session.get_one(Pull, pull_id)
    gateway = payment_methods.offered().get(pull.gateway)
    if gateway is None or pull.ended_at is not None:
        return
    try:
        _go_through(gateway, pull_id)
    except Interrupted as error:
        log.warning("pull.interrupted gateway=%s error=%s", gateway.code, error)


def unread() -> list[Pull]:
    """The newest pass over each gateway's lists, where it came to no end: the gateway was silent, or it took too long."""
    newest = select(func.max(Pull.id)).where(Pull.gateway.in_([each.code for each in listing()])).group_by(Pull.gateway)
    is_over = Pull.ended_at.is_(None) & (Pull.begun_at < clock.now() - _TAKES)
    statement = select(Pull).where(Pull.id.in_(newest), is_over | (Pull.error != "")).order_by(Pull.gateway)
    return list(db.session.scalars(statement))


def _unread_from(code: str, now: datetime) -> datetime:
    """From when on the lists are read again: some days before where passes without a gap between them have come to.

    So nights on which the gateway was silent, or nothing ran, are made up for.
    """
    kept = select(Pull).where(Pull.gateway == code, Pull.begun_at > now - LONGEST)
    passes = list(db.session.scalars(kept.order_by(Pull.until, Pull.id)))
    read_to = min([each.since + DEFAULT for each in passes], default=now)
    for each in passes:
        if each.ended_at is not None and not each.error and each.since <= read_to:
            read_to = max(read_to, each.until)
    return max(min(read_to, now - _NIGHT) - DEFAULT, now - LONGEST)


def _begin(gateway: Gateway, since: datetime, until: datetime) -> int:
    with transaction() as session:
        pull = Pull(gateway=gateway.code, since=since, until=until, begun_at=clock.now())
        session.add(pull)
        session.flush()
        return pull.id


def _go_through(gateway: Gateway, pull_id: int) -> Pull:
    with transaction():
        own = installation.own_code()
        pull = db.session.get_one(Pull, pull_id)
        since = pull.since
        until = pull.until
    found: Counter[Finding] = Counter()
    error = ""
    try:
        for listed in gateway.listed(since, until):
            found[_compared(gateway, listed, own)] += 1
            db.session.rollback()  # nothing is held open while the vendor thinks
    except GatewayError as silence:
        error = type(silence).__name__
    if found[Finding.FAILED]:
        error = f"{found[Finding.FAILED]} failed here, as the log says"
    _end(pull_id, found, error)
    if error:
        raise Interrupted(error)
    return db.session.get_one(Pull, pull_id)


def _compared(gateway: Gateway, listed: Listed, own: str) -> Finding:
    """What became of the thing; one that fails is in the log and never stops the rest."""
    try:
        return compare(gateway, listed, own)
    except Exception as error:
        db.session.rollback()
        if queue.is_out_of_time(error):
            raise
        log.error("pull.failed gateway=%s event=%s", gateway.code, listed.event.event_key, exc_info=error)
        return Finding.FAILED


def _end(pull_id: int, found: Counter[Finding], error: str) -> None:
    with transaction():
        pull = db.session.get_one(Pull, pull_id)
        pull.ended_at = clock.now()
        pull.error = error
        pull.seen = found.total()
        for name, kinds in _COUNTED.items():
            setattr(pull, name, sum(found[kind] for kind in kinds))
    log.info("pull.ended pull=%s seen=%s", pull_id, found.total())
