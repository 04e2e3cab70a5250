"""News that waits: what of it can be settled by now, what staff see of it, and how others' goes without a trace of anybody.

Whoever shares an account at a vendor hears of every product's payments. So what waits is never tried one by one: one statement
finds what has come to match a payment of ours, however many events of others lie between.
"""

import re
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select

from app.domain.lifecycle import InboxState
from app.domain.news import NewsOwner
from app.extensions import db
from app.gateways.base import REFUND_KEYS, Authorised, Confirmed, Failed, GatewayEvent, Pending
from app.lib import clock, database
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Attempt, ForeignCallbacks, InboxEntry, Refund
from app.services.core.errors import Conflict
from app.services.core.transaction import Who, record, transaction
from app.services.payments.returns import TO_LOOK_UP

RETRIED = (InboxState.RECEIVED, InboxState.UNMATCHED)
_KEEP_TRYING = timedelta(days=3)
_AT_LEAST = 20  # times, however long the clock had stood still
_AT_ONCE = 500  # of each kind in one pass; those tried longest ago come first, so none waits for ever

# How long news is kept that matches nothing. No two looks of ours at an open payment are further apart than six hours
# (attempts/attempt_rows: gap), so after seven we know whatever news without a sign of ours could have overtaken. What bears such
# a sign has the three days for which vendors repeat themselves. What is ours for certain stays until it is heard.
KEPT = {NewsOwner.UNKNOWN: timedelta(hours=7), NewsOwner.LIKELY: timedelta(days=3)}
_MOST = 10_000  # of each owner and gateway: a product that sells by the thousand must not fill our tables
_GONE_AT_ONCE = 5_000
_PATIENCE = timedelta(minutes=10)  # what is younger may only be quicker than what it is about
_LOOK_BACK = timedelta(days=3)

# A refund is committed with its key before the vendor hears of it: news that bears one is matched as it comes, or by its charge.
_charge = InboxEntry.fact["charge_ref"].as_string()
_is_known = or_(
    exists().where(Attempt.gateway == InboxEntry.gateway, Attempt.reference == InboxEntry.reference),
    exists().where(Attempt.gateway == InboxEntry.gateway, Attempt.provider_ref == InboxEntry.provider_ref),
    exists().where(Attempt.gateway == InboxEntry.gateway, Attempt.charge_ref == _charge),
    exists().where(
        Attempt.gateway == InboxEntry.gateway, Attempt.id == Refund.attempt_id, Refund.charge_ref == _charge
    ),
)
_matches_now = (InboxEntry.state == InboxState.UNMATCHED) & _is_known


def _found() -> Select[int]:
    return select(InboxEntry.id).where(_matches_now)


def _parked() -> Select[int]:
    goes_on = or_(InboxEntry.received_at > moments.ago(_KEEP_TRYING), InboxEntry.tries < _AT_LEAST)
    return select(InboxEntry.id).where(InboxEntry.state == InboxState.RECEIVED, goes_on)


@found_by(_found, _parked)
def due() -> list[int]:
    """Ids of news of ours that can be settled now, or is to be tried again; no more of it than one pass can do.

    What was parked or failed is tried for three days, and some times also where nothing ran for so long.
    """
    found = _found().order_by(InboxEntry.id).limit(_AT_ONCE)
    # Last those that ask a vendor, who may hang; first what was never tried.
    order = (InboxEntry.verdict == TO_LOOK_UP, InboxEntry.settled_at.is_not(None), InboxEntry.settled_at, InboxEntry.id)
    parked = _parked().order_by(*order).limit(_AT_ONCE)
    return [*db.session.scalars(found), *db.session.scalars(parked)]


def unsettled(gateway: str | None = None) -> list[int]:
    """Ids of news that may be ours and has had no effect yet, however old; of one gateway, or of all."""
    statement = select(InboxEntry.id).where(InboxEntry.state.in_(RETRIED), or_(_may_be_ours(), _matches_now))
    statement = statement.order_by(InboxEntry.id)
    return list(db.session.scalars(statement.where(InboxEntry.gateway == gateway) if gateway else statement))


def for_staff() -> ColumnElement[bool]:
    """SQL: news that may be ours and has waited for some minutes, and that nobody of staff has dismissed."""
    is_old = InboxEntry.received_at <= clock.now() - _PATIENCE
    return and_(InboxEntry.state.in_(RETRIED), _may_be_ours(), InboxEntry.dismissed_at.is_(None), is_old)


def dismiss(entry: InboxEntry, why: str, who: Who) -> None:
    """Staff need not look at the news any more; it goes on waiting, and is heard if its payment comes to be known.

    In the caller's transaction, under the entry's lock. Raises Conflict (not_allowed) where it does not wait.
    """
    if entry.state not in RETRIED or entry.dismissed_at is not None:
        raise Conflict("not_allowed", action="dismiss", status=entry.state.value)
    entry.dismissed_at = clock.now()
    record("inbox", entry.id, "", "dismissed", who, why=why)


def _too_old() -> Select[int]:
    return select(InboxEntry.id).where(or_(*_is_too_old()), _is_gone_unnoticed())


def _too_many() -> Select[str]:
    full = or_(*(InboxEntry.gateway.in_(_full(owner)) & _is_unmatched(owner) for owner in KEPT))
    return select(InboxEntry.gateway).where(full)


@found_by(_too_old, _too_many)
def drop_foreign() -> int:
    """How much news that matched nothing in its time is gone, and counted by day; nothing else of it is left."""
    over = _over()
    if db.session.scalar(select(InboxEntry.id).where(over).limit(1)) is None:
        return 0
    with transaction() as session:
        oldest = select(InboxEntry.id).where(over).order_by(InboxEntry.id).limit(_GONE_AT_ONCE)
        gone = delete(InboxEntry).where(InboxEntry.id.in_(oldest), over).returning(InboxEntry.gateway)
        gateways = list(session.scalars(gone, execution_options={"synchronize_session": False}))
        for gateway in sorted(set(gateways)):
            _count(gateway, gateways.count(gateway))
    return len(gateways)


def count_foreign(gateway: str) -> None:
    """One more callback of another product came in today; nothing of it is kept."""
    with transaction():
        _count(gateway, 1)


def foreign_of(gateway: str) -> int:
    """How many callbacks of the last three days were others', or show no sign of being ours."""
    counted = select(func.coalesce(func.sum(ForeignCallbacks.count), 0)).where(
        ForeignCallbacks.gateway == gateway, ForeignCallbacks.day > (clock.now() - _LOOK_BACK).date()
    )
    return (db.session.scalar(counted) or 0) + waiting_unknown(gateway)


def ours_of(gateway: str) -> int:
    """How many callbacks of the last three days were about payments of ours."""
    statement = select(func.count()).where(
        InboxEntry.gateway == gateway,
        InboxEntry.source == "callback",
        InboxEntry.attempt_id.is_not(None),
        InboxEntry.state.in_(tuple(InboxState)),  # all of them: the index begins with it
        InboxEntry.received_at > clock.now() - _LOOK_BACK,
    )
    return db.session.scalar(statement) or 0


def waiting_unknown(gateway: str) -> int:
    """How much news that shows no sign of being ours waits now."""
    statement = select(func.count()).where(InboxEntry.gateway == gateway, _is_unmatched(NewsOwner.UNKNOWN))
    return db.session.scalar(statement) or 0


def _may_be_ours() -> ColumnElement[bool]:
    return or_(InboxEntry.owner != NewsOwner.UNKNOWN, InboxEntry.attempt_id.is_not(None))


def _is_unmatched(owner: NewsOwner) -> ColumnElement[bool]:
    return and_(InboxEntry.state == InboxState.UNMATCHED, InboxEntry.attempt_id.is_(None), InboxEntry.owner == owner)


def _over() -> ColumnElement[bool]:
    """SQL: the news has been kept for its time, or is one too many, and matches nothing now."""
    full = [(owner, gateway) for owner in KEPT for gateway in db.session.scalars(_full(owner))]
    too_many = [_is_unmatched(owner) & _is_beyond(owner, gateway) for owner, gateway in full]
    return and_(or_(*_is_too_old(), *too_many), _is_gone_unnoticed())


def _is_too_old() -> list[ColumnElement[bool]]:
    return [_is_unmatched(owner) & (InboxEntry.received_at <= moments.ago(kept)) for owner, kept in KEPT.items()]


def _is_gone_unnoticed() -> ColumnElement[bool]:
    # SQLite gives the number of a removed last row anew, and the trail of staff's acts would then be of another's news.
    is_last = InboxEntry.id == select(func.max(InboxEntry.id)).scalar_subquery()
    return and_(~_is_known, ~is_last)


def _full(owner: NewsOwner) -> Select[str]:
    """The gateways of which more news of this sort waits than is kept."""
    counted = select(InboxEntry.gateway).where(_is_unmatched(owner)).group_by(InboxEntry.gateway)
    return counted.having(func.count() > _MOST)


def _is_beyond(owner: NewsOwner, gateway: str) -> ColumnElement[bool]:
    same = (InboxEntry.gateway == gateway) & _is_unmatched(owner)
    newest = select(InboxEntry.id).where(same).order_by(InboxEntry.id.desc()).offset(_MOST).limit(1)
    return (InboxEntry.gateway == gateway) & (InboxEntry.id <= (db.session.scalar(newest) or 0))


def _count(gateway: str, number: int) -> None:
    # One statement: of the first two of a day that come in at once, neither finds a row.
    first = database.insert(db.engine, ForeignCallbacks).values(gateway=gateway, day=clock.now().date(), count=number)
    more = first.on_conflict_do_update(
        index_elements=["gateway", "day"], set_={"count": ForeignCallbacks.count + number}
    )
    db.session.execute(more)


# ------------------------------------------------------------------------------------------------ whose it is

_REFERENCE = re.compile(r"[A-Z2-9]{12}")  # as app/lib/chance makes them
_OF_PAYMENTS = (Authorised, Confirmed, Failed, Pending)


class AnothersNews(Exception):
    """The news is certainly of another product, or of another installation of Kikao: nothing of it may be kept."""


def reference_in(event: GatewayEvent) -> str | None:
    """The news' reference where we can have made it; into the same field others write names and addresses of people."""
    return event.reference if event.reference and _REFERENCE.fullmatch(event.reference) else None


def owner_of(event: GatewayEvent, installation: str = "") -> NewsOwner:
    """How far news that matches nothing shows itself to be ours; `installation` is our own id, where we have one.

    Raises AnothersNews. What of ours was matched is ours whatever it says: this is asked of the rest alone.
    """
    reference = reference_in(event)
    if event.installation and installation:
        if event.installation != installation:
            raise AnothersNews
        return NewsOwner.OURS
    if event.reference and reference is None and isinstance(event.fact, _OF_PAYMENTS):
        raise AnothersNews  # every payment of ours bears a reference of ours; a refund's may be written by any tool
    key = event.fact.refund_key or ""
    return NewsOwner.LIKELY if reference or key.startswith(REFUND_KEYS) else NewsOwner.UNKNOWN
