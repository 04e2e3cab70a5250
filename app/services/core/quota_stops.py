"""Who was stopped by which quota, and how often, for the staff's page: noted once what was refused is undone."""

import logging
from datetime import timedelta

from sqlalchemy import ColumnElement, Insert, Select, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.extensions import db
from app.lib import clock
from app.lib.database import BEGIN, insert
from app.lib.tables import moments
from app.models import QuotaStop
from app.services.core.errors import Stop

log = logging.getLogger("app.services.quotas")  # a name that operators filter by

KEPT_FOR = timedelta(days=90)
ACTOR = "kikao_actor"  # in a session's info: the id, role and version of who acts (transaction.set_actor)


def note(session: Session, stop: Stop) -> None:
    """The stop is counted: for the account it is about, else for who acts, else for a digest.

    In a transaction of its own, which may fail: who was refused stays refused.
    """
    actor, *_ = session.info.get(ACTOR, (None,))
    user_id = stop.user_id or actor
    session.rollback()
    log.warning("quota.stopped rule=%s user=%s", stop.rule, user_id)
    try:
        session.connection(execution_options={BEGIN: "IMMEDIATE"})
        session.execute(_one_more(stop, user_id))
        session.commit()
    except SQLAlchemyError as error:
        session.rollback()
        log.warning("quota.not_noted rule=%s error=%s", stop.rule, type(error).__name__)


def query_old() -> Select[int]:
    """SQL: what there is to forget."""
    return select(QuotaStop.id).where(_is_old())


def forget_old(session: Session) -> int:
    """How many were old enough to forget, and are forgotten; inside the caller's transaction."""
    return len(session.scalars(delete(QuotaStop).where(_is_old()).returning(QuotaStop.id)).all())


def _is_old() -> ColumnElement[bool]:
    return QuotaStop.last_at < moments.ago(KEPT_FOR)


def _one_more(stop: Stop, user_id: int | None) -> Insert:
    """SQL: one more for this day, also when somebody else counts one in the same moment."""
    now = clock.now()
    row = {"day": now.date(), "rule": stop.rule, "who": f"user:{user_id}" if user_id else stop.who, "user_id": user_id}
    added = insert(db.engine, QuotaStop).values(**row, count=1, first_at=now, last_at=now)
    more = {"count": QuotaStop.count + 1, "last_at": now}
    return added.on_conflict_do_update(index_elements=[QuotaStop.day, QuotaStop.rule, QuotaStop.who], set_=more)
