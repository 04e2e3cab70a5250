"""The inbox: news is stored before it is believed, matched to an attempt, applied once, and tried again when it was early."""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from app.domain.lifecycle import InboxState
from app.extensions import db
from app.gateways.base import Fact, GatewayEvent
from app.lib import clock, database
from app.models import Attempt, InboxEntry, Refund, RejectedCallbacks
from app.services.core import fact_json, outbox
from app.services.core.transaction import Who, lock, lock_where, record, transaction
from app.services.payments import outcomes
from app.services.payments.returns import TO_LOOK_UP

log = logging.getLogger("app.services.callbacks")  # a name that operators filter by

_RETRIED = (InboxState.RECEIVED, InboxState.UNMATCHED)
_KEEP_TRYING = timedelta(days=3)
_AT_LEAST = 20  # times, however long the clock had stood still
_KEY_LENGTH = 200
_AS_IT_IS = {"synchronize_session": False}


@dataclass(frozen=True)
class Receipt:
    """What became of the news; `duplicate` when it was already here."""

    state: InboxState
    duplicate: bool = False


def receive(gateway: str, event: GatewayEvent, *, source: str, body: bytes = b"", keep_first: bool = False) -> Receipt:
    """The news is in the inbox and has had its effect, once, however often it is told.

    With `keep_first` the entry is committed before it is applied: for vendors that tell a thing only once.
    """
    key = event.event_key[:_KEY_LENGTH]
    with transaction():
        entry = _store_once(_row(gateway, event, key, source, body))
        if entry is None:
            return _repeated(gateway, key)
        if not keep_first:
            return Receipt(_settle_own(entry))
    with transaction():
        return Receipt(_believe(entry))


def take(gateway: str, event: GatewayEvent, *, source: str) -> InboxState:
    """The news is in the inbox and has had its effect, in the caller's transaction: for news of our own making."""
    row = _row(gateway, event, event.event_key[:_KEY_LENGTH], source, b"")
    return _settle_own(db.session.scalars(insert(InboxEntry).returning(InboxEntry), [row]).one())


def replay(entry_id: int, who: Who) -> InboxState:
    """A stored entry has been believed once more, as if it came in now; what it already did it does not do again."""
    with transaction():
        entry = db.session.get_one(InboxEntry, entry_id, populate_existing=True)
        attempt = db.session.get(Attempt, entry.attempt_id) if entry.attempt_id else None
        booking_id = attempt.checkout.booking_id if attempt else None
        record("inbox", entry.id, entry.state, "received", who, why="replay", booking_id=booking_id)
        entry.state = InboxState.RECEIVED
        entry.verdict = ""
        db.session.flush()
        return _settle(entry_id)


def settle(entry_id: int) -> InboxState:
    """A stored entry has been matched and applied, or waits on as it was. Safe to repeat."""
    with transaction():
        return _settle(entry_id)


def waiting() -> list[int]:
    """Ids of entries that were early, or whose effect was rolled back.

    The sweep settles them again for three days, and some times also where it did not run for so long.
    """
    goes_on = or_(InboxEntry.received_at > clock.now() - _KEEP_TRYING, InboxEntry.tries < _AT_LEAST)
    statement = (
        select(InboxEntry.id)
        .where(InboxEntry.state.in_(_RETRIED), goes_on)
        .order_by(InboxEntry.verdict == TO_LOOK_UP, InboxEntry.id)  # those ask a vendor, who may hang
        .limit(500)
    )
    return list(db.session.scalars(statement))


def unsettled(gateway: str | None = None) -> list[int]:
    """Ids of entries that have had no effect yet, however old; of one gateway, or of all."""
    statement = select(InboxEntry.id).where(InboxEntry.state.in_(_RETRIED)).order_by(InboxEntry.id)
    return list(db.session.scalars(statement.where(InboxEntry.gateway == gateway) if gateway else statement))


def settle_early(gateway: str, provider_ref: str) -> None:
    """News that came before the answer to start() named its payment has been matched now."""
    statement = select(InboxEntry.id).where(
        InboxEntry.gateway == gateway,
        InboxEntry.provider_ref == provider_ref,
        InboxEntry.state == InboxState.UNMATCHED,
    )
    for entry_id in db.session.scalars(statement).all():
        settle(entry_id)


def unmatched(limit: int = 50) -> list[InboxEntry]:
    """News about payments we do not know, newest first."""
    statement = select(InboxEntry).where(InboxEntry.state == InboxState.UNMATCHED).order_by(InboxEntry.id.desc())
    return list(db.session.scalars(statement.limit(limit)))


def count_rejected(gateway: str) -> None:
    """One more forged or malformed callback came in today; nothing of it is kept."""
    # One statement: of the first two of a day that come in at once, neither finds a row.
    first = database.insert(db.engine, RejectedCallbacks).values(gateway=gateway, day=clock.now().date(), count=1)
    more = first.on_conflict_do_update(index_elements=["gateway", "day"], set_={"count": RejectedCallbacks.count + 1})
    with transaction() as session:
        session.execute(more)


def _repeated(gateway: str, key: str) -> Receipt:
    statement = select(InboxEntry).where(InboxEntry.gateway == gateway, InboxEntry.event_key == key)
    found = db.session.scalars(statement).one()
    # A repetition of news that waits is a good moment to try it again.
    return Receipt(_believe(found) if found.state in _RETRIED else found.state, duplicate=True)


def _row(gateway: str, event: GatewayEvent, key: str, source: str, body: bytes) -> dict[str, Any]:
    return {
        "gateway": gateway,
        "event_key": key,
        "source": source,
        "kind": event.kind[:60],
        "reference": event.reference[:40] if event.reference else None,
        "provider_ref": event.provider_ref[:120] if event.provider_ref else None,
        "fact": fact_json.to_json(event.fact),
        "echo": dict(event.echo),
        "body": body.decode("utf-8", "replace").replace("\x00", ""),
        "state": InboxState.RECEIVED,
        "received_at": clock.now(),
    }


def _store_once(row: dict[str, Any]) -> InboxEntry | None:
    """The entry; None where the news is here already. Who tells it at the same moment has waited for the first."""
    statement = database.insert(db.engine, InboxEntry).on_conflict_do_nothing(index_elements=["gateway", "event_key"])
    found: InboxEntry | None = db.session.scalars(statement.returning(InboxEntry), [row]).one_or_none()
    return found


def _settle(entry_id: int) -> InboxState:
    # Not locked first: the attempt comes before everything.
    entry = db.session.get_one(InboxEntry, entry_id, populate_existing=True)
    return _believe(entry) if entry.state in _RETRIED else entry.state


def _believe(entry: InboxEntry) -> InboxState:
    event = _event(entry)
    attempt = _matched(entry, event)
    if attempt is None:
        return _keep_unmatched(entry)
    return entry.state if _is_settled(entry) else _apply(entry, attempt, event)


def _settle_own(entry: InboxEntry) -> InboxState:
    """This transaction has stored the entry, and nobody else can have settled it."""
    event = _event(entry)
    attempt = _matched(entry, event)
    return _keep_unmatched(entry) if attempt is None else _apply(entry, attempt, event)


def _matched(entry: InboxEntry, event: GatewayEvent) -> Attempt | None:
    """The attempt the news is about, locked: by our reference, by the gateway's payment id, by our refund key, by its charge."""
    here = Attempt.gateway == entry.gateway
    for value, column in ((event.reference, Attempt.reference), (event.provider_ref, Attempt.provider_ref)):
        if value and (found := lock_where(Attempt, here, column == value)) is not None:
            return found
    attempt_id = _by_money(entry.gateway, event.fact)
    return lock(Attempt, attempt_id) if attempt_id else None


def _apply(entry: InboxEntry, attempt: Attempt, event: GatewayEvent) -> InboxState:
    verdict = outcomes.apply_fact(attempt, event)
    entry.tries += 1
    entry.attempt_id = attempt.id
    entry.state = verdict.state
    if TO_LOOK_UP == verdict.words != entry.verdict:
        outbox.after_commit("app.jobs.refunds.look_up", entry.id)
    entry.verdict = verdict.words[:200]
    entry.settled_at = clock.now()
    log.info("inbox.settled gateway=%s kind=%s state=%s attempt=%s", entry.gateway, entry.kind, entry.state, attempt.id)
    _hasten(attempt)
    return entry.state


def _is_settled(entry: InboxEntry) -> bool:
    # Of two at once the second has waited for the attempt's lock: what the first wrote stays.
    db.session.refresh(entry)
    return entry.state not in _RETRIED


def _keep_unmatched(entry: InboxEntry) -> InboxState:
    # Nothing is locked: somebody else may have matched it since it was read, and their word stays.
    still_waits = (InboxEntry.id == entry.id) & InboxEntry.state.in_(_RETRIED)
    values = {"state": InboxState.UNMATCHED, "tries": InboxEntry.tries + 1}
    db.session.execute(update(InboxEntry).where(still_waits).values(values), execution_options=_AS_IT_IS)
    db.session.refresh(entry)
    return entry.state


def _hasten(attempt: Attempt) -> None:
    """What the verdict put on the clock for soon is also hinted to a worker; the sweep would find it anyway."""
    if attempt.next_look_up_at is not None:
        seconds = (attempt.next_look_up_at - clock.now()).total_seconds()
        if seconds <= 30:
            outbox.after_commit("app.jobs.payments.look_up", str(attempt.id), delay=max(0, seconds))


def _event(entry: InboxEntry) -> GatewayEvent:
    return GatewayEvent(
        event_key=entry.event_key,
        kind=entry.kind,
        fact=fact_json.from_json(entry.fact),
        reference=entry.reference,
        provider_ref=entry.provider_ref,
        echo=entry.echo,
    )


def _by_money(gateway: str, fact: Fact) -> uuid.UUID | None:
    charge = fact.charge_ref
    refund_key = fact.refund_key
    mine = select(Attempt.id).where(Attempt.gateway == gateway)
    by_refund = mine.join(Refund, Refund.attempt_id == Attempt.id)
    for value, statement in (
        (refund_key, by_refund.where(Refund.key == Refund.key_in(refund_key or ""))),
        (charge, mine.where(Attempt.charge_ref == charge)),
        (charge, by_refund.where(Refund.charge_ref == charge)),
    ):
        if value and (found := db.session.scalars(statement).first()) is not None:
            return found
    return None
