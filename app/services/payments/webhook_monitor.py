"""Are the gateways' callbacks arriving? If payments are known only because we asked, staff hear of it before clients do."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, func, select

from app.domain.lifecycle import AttemptStatus
from app.extensions import db
from app.lib import clock
from app.models import Attempt, InboxEntry
from app.services.core import payment_methods
from app.services.core.transaction import transaction
from app.services.notifications import notices

_ENOUGH = 3  # payments in a row without a callback
_PATIENCE = timedelta(minutes=5)  # a callback may come that much later than the look-up
_LOOK_BACK = timedelta(days=3)
_LATEST = 20


@dataclass(frozen=True)
class Beat:
    """Of a gateway's payments of three days: how many, and of the newest in a row how many came without a callback.

    Of a payment of the last minutes nobody can say yet: it is counted, and `judged` does not.
    """

    gateway: str
    payments: int
    judged: int
    missed: int

    @property
    def is_silent(self) -> bool:
        """Whether the callbacks seem to be lost."""
        return self.missed >= _ENOUGH


def beats() -> list[Beat]:
    """One for each gateway that sends callbacks."""
    return [_beat(code) for code, gateway in payment_methods.offered().items() if not gateway.capabilities.by_hand]


def listen() -> int:
    """How many gateways are silent; staff are told, once per gateway and day."""
    silent = [beat for beat in beats() if beat.is_silent]
    if silent:
        with transaction():
            for beat in silent:
                cause = f"{beat.gateway}:{clock.now().date()}"
                notices.tell_staff(
                    "callbacks_silent", cause=cause, data={"gateway": beat.gateway, "count": beat.missed}
                )
    return len(silent)


def _beat(gateway: str) -> Beat:
    now = clock.now()
    paid = (Attempt.gateway == gateway) & (Attempt.status == AttemptStatus.PAID)
    payments = select(func.count()).select_from(Attempt).where(paid, Attempt.settled_at > now - _LOOK_BACK)
    heard = exists().where(InboxEntry.attempt_id == Attempt.id, InboxEntry.source == "callback")
    statement = (
        select(heard)
        .select_from(Attempt)
        .where(paid, Attempt.settled_at.between(now - _LOOK_BACK, now - _PATIENCE))
        .order_by(Attempt.settled_at.desc())
        .limit(_LATEST)
    )
    latest = list(db.session.scalars(statement))
    missed = next((n for n, was_heard in enumerate(latest) if was_heard), len(latest))
    return Beat(gateway, db.session.scalar(payments) or 0, len(latest), missed)
