"""How often something may be done: counted before it is done, for all processes and hosts together, in the database."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from flask import current_app
from sqlalchemy import ColumnElement, Select, case, delete, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.extensions import db
from app.lib import clock
from app.lib.database import insert
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import QuotaCount
from app.services.core import quota_stops
from app.services.core.errors import Stop, TooMany
from app.services.core.transaction import transaction


@dataclass(frozen=True)
class Use:
    """One use of a rule for a key (a person's id, an address, a number), of which `most` are allowed `within` a time."""

    rule: str
    key: str
    most: int
    within: timedelta
    code: str = "too_often"  # the sentence for who is refused
    user_id: int | None = None  # the account it is about, if that is not who acts


def spend(rule: str, key: str, *, most: int, within: timedelta, code: str = "too_often") -> None:
    """One more use of `rule` for `key` is counted; it may be done now.

    To be called before what it allows, outside a transaction. The window begins with its first use and lasts `within`.
    Raises TooMany (`code`), and counts nothing, where there were `most` uses in the window.
    """
    spend_all([Use(rule, key, most, within, code)])


def spend_all(uses: Iterable[Use]) -> None:
    """Each use is counted, or none of them is. Raises TooMany for the first that is not allowed."""
    if not is_on():
        return
    with transaction():
        spend_here(uses)


def spend_here(uses: Iterable[Use]) -> None:
    """Each use is counted with what the caller's transaction does, as the last lock that it takes; undone with it.

    Raises TooMany for the first that is not allowed.
    """
    if not is_on():
        return
    # In one order for everybody, so that no two wait for each other.
    for use in sorted(uses, key=lambda use: (use.rule, _digest(use))):
        _spend(db.session(), use)


def try_first(rule: str, key: str, within: timedelta) -> bool:
    """What may be done once `within` a time is taken as done; whether it is the first time, also where nothing is limited."""
    with transaction() as session:
        return session.execute(_one_more(Use(rule, key, 1, within), clock.now())).one_or_none() is not None


def give_back(rule: str, key: str) -> None:
    """A use that was counted is not: the guess was right, say, and only wrong ones count."""
    if not is_on():
        return
    row = _is(rule, digest(rule, key))
    with transaction() as session:
        session.execute(update(QuotaCount).where(*row, QuotaCount.count > 0).values(count=QuotaCount.count - 1))


def is_on() -> bool:
    """Whether anything is limited here (KIKAO_RATE_LIMITS)."""
    return bool(current_app.config["RATELIMIT_ENABLED"])


def digest(rule: str, key: str) -> str:
    """What stands for a key: who reads the table cannot try all phone numbers or addresses without our secret."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"quota:{rule}:{key}".encode(), sha256).hexdigest()


def _is_over() -> ColumnElement[bool]:
    return QuotaCount.ends_at <= moments.now()


def _over() -> Select[str]:
    return select(QuotaCount.rule).where(_is_over())


@found_by(_over, quota_stops.query_old)
def forget_old() -> int:
    """How many windows were over, or stops old, and are forgotten."""
    if not any(db.session.scalar(old.limit(1)) is not None for old in (_over(), quota_stops.query_old())):
        return 0
    with transaction() as session:
        gone = session.scalars(delete(QuotaCount).where(_is_over()).returning(QuotaCount.rule)).all()
        return len(gone) + quota_stops.forget_old(session)


def _spend(session: Session, use: Use) -> None:
    now = clock.now()
    counted = session.execute(_one_more(use, now)).one_or_none()
    if counted is None:
        ends_at = session.scalar(select(QuotaCount.ends_at).where(*_is(use.rule, _digest(use)))) or now
        stop = Stop(use.rule, _digest(use), use.user_id)
        raise TooMany(use.code, ends_at - now, stop, most=use.most)


def _one_more(use: Use, now: datetime) -> ReturningInsert[tuple[int]]:
    """SQL: the use is counted and answered, in one statement that no other comes between; nothing where it is one too many."""
    is_over = QuotaCount.ends_at <= now
    fresh = {"count": 1, "ends_at": now + use.within}
    more = {
        "count": case((is_over, 1), else_=QuotaCount.count + 1),
        "ends_at": case((is_over, now + use.within), else_=QuotaCount.ends_at),
    }
    added = insert(db.engine, QuotaCount).values(rule=use.rule, digest=_digest(use), **fresh)
    return added.on_conflict_do_update(
        index_elements=[QuotaCount.rule, QuotaCount.digest],
        set_=more,
        where=or_(is_over, QuotaCount.count < use.most),
    ).returning(QuotaCount.count)


def _digest(use: Use) -> str:
    return digest(use.rule, use.key)


def _is(rule: str, digest: str) -> tuple[ColumnElement[bool], ...]:
    return QuotaCount.rule == rule, QuotaCount.digest == digest
