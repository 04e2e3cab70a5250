"""The inbox: news is stored before it is believed, matched to an attempt, applied once, and tried again when it was early."""

import logging
import uuid
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import insert, select, update

from app.domain.lifecycle import InboxState
from app.domain.news import NewsOwner
from app.extensions import db
from app.gateways.base import Fact, GatewayEvent
from app.lib import clock, database
from app.lib.network.thinned import Thinned
from app.models import Attempt, InboxEntry, Refund, RejectedCallbacks
from app.services.core import fact_json, installation, outbox
from app.services.core.transaction import Who, lock, lock_where, record, transaction
from app.services.payments import outcomes, waiting_news
from app.services.payments.returns import TO_LOOK_UP
from app.services.payments.waiting_news import RETRIED, AnothersNews

log = logging.getLogger("app.services.callbacks")  # a name that operators filter by

_KEY_LENGTH = 200
_FLOOD = "rejected_callbacks"  # what counts them, in the application's extensions
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
    try:
        with transaction():
            # Stored without its body: that is kept only once it is known to be about a payment of ours.
            entry = _store_once(_row(gateway, event, key, source, body if keep_first else b""))
            if entry is None:
                return _repeated(gateway, key)
            if not keep_first:
                return Receipt(_settle_own(entry, event, body))
        with transaction():
            return Receipt(_believe(entry))
    except AnothersNews:
        waiting_news.count_foreign(gateway)
        return Receipt(InboxState.IGNORED)


def take(gateway: str, event: GatewayEvent, *, source: str) -> InboxState:
    """The news is in the inbox and has had its effect, in the caller's transaction: for news of our own making."""
    row = _row(gateway, event, event.event_key[:_KEY_LENGTH], source, b"")
    return _settle_own(db.session.scalars(insert(InboxEntry).returning(InboxEntry), [row]).one(), event)


def replay(entry_id: int, who: Who) -> InboxState:
    """A stored entry has been believed once more, as if it came in now; what it already did it does not do again."""
    with transaction():
        entry = db.session.get_one(InboxEntry, entry_id, populate_existing=True)
        attempt = db.session.get(Attempt, entry.attempt_id) if entry.attempt_id else None
        booking_id = attempt.checkout.booking_id if attempt else None
        record("inbox", entry.id, entry.state, "received", who, why="replay", booking_id=booking_id)
        entry.state = InboxState.RECEIVED
        entry.verdict = ""
        entry.dismissed_at = None
        db.session.flush()
        return _settle(entry_id)


def settle(entry_id: int) -> InboxState:
    """A stored entry has been matched and applied, or waits on as it was. Safe to repeat."""
    with transaction():
        return _settle(entry_id)


def count_try(entry_id: int) -> None:
    """A try whose effect was rolled back counts too: what fails each time must not come first each time."""
    tried = {"tries": InboxEntry.tries + 1, "settled_at": clock.now()}
    with transaction() as session:
        statement = update(InboxEntry).where(InboxEntry.id == entry_id, InboxEntry.state.in_(RETRIED)).values(tried)
        session.execute(statement, execution_options=_AS_IT_IS)


def settle_early(gateway: str, provider_ref: str) -> None:
    """News that came before the answer to start() named its payment has been matched now."""
    statement = select(InboxEntry.id).where(
        InboxEntry.gateway == gateway,
        InboxEntry.provider_ref == provider_ref,
        InboxEntry.state == InboxState.UNMATCHED,
    )
    for entry_id in db.session.scalars(statement).all():
        settle(entry_id)


def try_count_rejected(gateway: str) -> bool:
    """One more forged or malformed callback came in today, and nothing of it is kept; whether that was written down now.

    Anybody can send them: from the thousandth of a day on each process writes down, and logs, one in a hundred for all.
    """
    now = clock.now()
    day = now.date()
    flood: Thinned = current_app.extensions.setdefault(_FLOOD, Thinned(exact=1_000, step=100))
    number = flood.one_more((gateway, day))
    if not number:
        return False
    # One statement: of the first two of a day that come in at once, neither finds a row.
    first = database.insert(db.engine, RejectedCallbacks).values(gateway=gateway, day=day, count=number, last_at=now)
    more = {"count": RejectedCallbacks.count + number, "last_at": now}
    with transaction() as session:
        session.execute(first.on_conflict_do_update(index_elements=["gateway", "day"], set_=more))
    return True


def _repeated(gateway: str, key: str) -> Receipt:
    statement = select(InboxEntry).where(InboxEntry.gateway == gateway, InboxEntry.event_key == key)
    found = db.session.scalars(statement).one()
    # A repetition of news that waits is a good moment to try it again.
    return Receipt(_believe(found) if found.state in RETRIED else found.state, duplicate=True)


def _row(gateway: str, event: GatewayEvent, key: str, source: str, body: bytes) -> dict[str, Any]:
    return {
        "gateway": gateway,
        "event_key": key,
        "source": source,
        "kind": event.kind[:60],
        "reference": waiting_news.reference_in(event),
        "provider_ref": event.provider_ref[:120] if event.provider_ref else None,
        "fact": fact_json.to_json(event.fact),
        "echo": dict(event.echo),
        "body": _text(body),
        "state": InboxState.RECEIVED,
        "received_at": clock.now(),
    }


def _store_once(row: dict[str, Any]) -> InboxEntry | None:
    """The entry; None where the news is here already. Who tells it at the same moment has waited for the first."""
    statement = database.insert(db.engine, InboxEntry).on_conflict_do_nothing(index_elements=["gateway", "event_key"])
    found: InboxEntry | None = db.session.scalars(statement.returning(InboxEntry), [row]).one_or_none()
    return found


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\x00", "")


def _settle(entry_id: int) -> InboxState:
    # Not locked first: the attempt comes before everything.
    entry = db.session.get_one(InboxEntry, entry_id, populate_existing=True)
    return _believe(entry) if entry.state in RETRIED else entry.state


def _believe(entry: InboxEntry) -> InboxState:
    event = _event(entry)
    attempt = _matched(entry, event)
    if attempt is None:
        return _keep_unmatched(entry)
    return entry.state if _is_settled(entry) else _apply(entry, attempt, event)


def _settle_own(entry: InboxEntry, event: GatewayEvent, body: bytes = b"") -> InboxState:
    """This transaction has stored the entry, and nobody else can have settled it. Raises AnothersNews."""
    attempt = _matched(entry, event)
    if attempt is None:
        return _keep_unmatched(entry, waiting_news.owner_of(event, installation.code_since(clock.now())))
    entry.body = _text(body)
    return _apply(entry, attempt, event)


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
    return entry.state not in RETRIED


def _keep_unmatched(entry: InboxEntry, owner: NewsOwner | None = None) -> InboxState:
    # Nothing is locked: somebody else may have matched it since it was read, and their word stays.
    still_waits = (InboxEntry.id == entry.id) & InboxEntry.state.in_(RETRIED)
    values = {"state": InboxState.UNMATCHED, "tries": InboxEntry.tries + 1, "body": "", "owner": owner or entry.owner}
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


def match(gateway: str, event: GatewayEvent) -> uuid.UUID | None:
    """The attempt the news is about, as `_matched` finds it, not locked."""
    mine = select(Attempt.id).where(Attempt.gateway == gateway)
    for value, column in ((event.reference, Attempt.reference), (event.provider_ref, Attempt.provider_ref)):
        if value and (found := db.session.scalar(mine.where(column == value))) is not None:
            return found
    return _by_money(gateway, event.fact)


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
