"""Are the gateways' callbacks arriving? If payments are known only because we asked, staff hear of it before clients do."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, exists, false, func, literal, or_, select

from app.domain.lifecycle import AttemptStatus
from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, InboxEntry, Pull
from app.services.core import payment_methods
from app.services.core.transaction import transaction
from app.services.notifications import notices
from app.services.payments import waiting_news

_ENOUGH = 3  # payments in a row without a callback
_PATIENCE = timedelta(minutes=5)  # a callback may come that much later than the look-up
_LOOK_BACK = timedelta(days=3)
_LATEST = 20
_MANY = 20  # callbacks of others: fewer say nothing about the account


@dataclass(frozen=True)
class Beat:
    """Of a gateway's payments of three days: how many, and of the newest in a row how many came without a callback.

    Of a payment of the last minutes nobody can say yet: it is counted, and `judged` does not.
    """

    gateway: str
    payments: int
    judged: int
    missed: int
    unheard: int = 0  # found in the gateway's own list: payments, refunds and disputes that nothing had told of

    @property
    def is_silent(self) -> bool:
        """Whether the callbacks seem to be lost."""
        return self.missed >= _ENOUGH


@dataclass(frozen=True)
class Share:
    """Of a gateway's callbacks of three days: how many were about payments of ours, and how many of other products."""

    gateway: str
    ours: int
    foreign: int

    @property
    def is_mostly_foreign(self) -> bool:
        """Whether the account serves other products more than us."""
        return self.foreign >= _MANY and self.foreign > self.ours


def shares() -> list[Share]:
    """One for each gateway that sends callbacks."""
    return [Share(code, waiting_news.ours_of(code), waiting_news.foreign_of(code)) for code in _calling()]


def beats() -> list[Beat]:
    """One for each gateway that sends callbacks, with the number of its payments."""
    found = Counter[str]()
    for pulled in _unheard():
        found[pulled.gateway] += pulled.unheard
    return [_beat(code, found[code]) for code in _calling()]


def silent() -> dict[str, int]:
    """The gateways whose callbacks seem to be lost, with how many of their newest payments in a row came without one."""
    found = {code: _missed(_latest(code)) for code in _calling()}
    return {code: missed for code, missed in found.items() if missed >= _ENOUGH}


def _newest_unheard() -> Select[int]:
    """Of three in a row the newest is one."""
    newest = [_newest(code).subquery() for code in _calling()]
    return select(literal(1)).where(or_(false(), *(exists().where(~each.c.heard) for each in newest)))


def _lately_unheard() -> Select[int]:
    return select(Pull.id).where(Pull.begun_at > moments.ago(_LOOK_BACK), Pull.unheard > 0)


@found_by(_newest_unheard, _lately_unheard)
def listen() -> int:
    """How many gateways are silent, or left something untold; staff hear of it, once per gateway and day, or list."""
    found = silent()
    lost = _unheard()
    if found or lost:
        with transaction():
            for code, missed in found.items():
                cause = f"{code}:{clock.now().date()}"
                notices.tell_staff("callbacks_silent", cause=cause, data={"gateway": code, "count": missed})
            for code, pull_id, count in lost:
                notices.tell_staff("webhooks_lost", cause=pull_id, data={"gateway": code, "count": count})
    return len({*found, *(each.gateway for each in lost)})


class _Unheard(NamedTuple):
    gateway: str
    pull_id: int
    unheard: int


def _unheard() -> list[_Unheard]:
    """What was found in the gateways' own lists these days, and by nothing else."""
    columns = (Pull.gateway, Pull.id, Pull.unheard)
    rows = db.session.execute(_lately_unheard().with_only_columns(*columns).order_by(Pull.id))
    return [_Unheard(*row) for row in rows]


def _calling() -> list[str]:
    return [code for code, gateway in payment_methods.offered().items() if not gateway.capabilities.by_hand]


def _beat(gateway: str, unheard: int) -> Beat:
    since = Attempt.settled_at > clock.now() - _LOOK_BACK
    payments = db.session.scalar(select(func.count()).select_from(Attempt).where(_paid(gateway), since))
    latest = _latest(gateway)
    return Beat(gateway, payments or 0, len(latest), _missed(latest), unheard)


def _paid(gateway: str) -> ColumnElement[bool]:
    return (Attempt.gateway == gateway) & (Attempt.status == AttemptStatus.PAID)


def _latest(gateway: str) -> list[bool]:
    """Of its newest payments, the last first, whether a callback told of them; of some minutes nobody can say yet."""
    return list(db.session.scalars(_newest(gateway).limit(_LATEST)))


def _newest(gateway: str) -> Select[bool]:
    heard = exists().where(InboxEntry.attempt_id == Attempt.id, InboxEntry.source == "callback").label("heard")
    judged = Attempt.settled_at.between(moments.ago(_LOOK_BACK), moments.ago(_PATIENCE))
    rows = select(heard).select_from(Attempt).where(_paid(gateway), judged)
    return rows.order_by(Attempt.settled_at.desc()).limit(1)


def _missed(latest: list[bool]) -> int:
    return next((n for n, was_heard in enumerate(latest) if was_heard), len(latest))
