"""Who was stopped by which quota lately, for staff."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import QuotaStop

SHOWN = 200


def lately() -> Sequence[QuotaStop]:
    """The days on which somebody was stopped, the last one first; a day of one rule and one account is one row."""
    rows = select(QuotaStop).order_by(QuotaStop.last_at.desc(), QuotaStop.id.desc()).limit(SHOWN)
    return db.session.scalars(rows.options(selectinload(QuotaStop.user))).all()
