"""Idempotency-Key: the answer to a POST is stored; a repetition gets it again and does nothing."""

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.lib import clock
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import IdempotentRequest
from app.services.core.errors import Conflict, Invalid
from app.services.core.transaction import transaction

_ABANDONED = timedelta(
    seconds=60
)  # whoever began it is dead; what it committed, the services recognise by the same key
_STORED_FOR = timedelta(days=2)
KEY_LENGTH = 200
KEY_PATTERN = "^[ -~]+$"  # printable, and in every header the same


@dataclass(frozen=True)
class PastAnswer:
    """An answer given before."""

    status: int
    body: str


def begin(caller: str, key: str, content: bytes) -> PastAnswer | None:
    """The answer given before; None when there is none: the caller goes on, then calls `finish` or `drop`.

    Raises Invalid (idempotency_key_invalid, idempotency_key_reused), Conflict (request_in_progress).
    """
    if len(key) > KEY_LENGTH or not re.fullmatch(KEY_PATTERN, key):
        raise Invalid("idempotency_key_invalid", field="Idempotency-Key")
    digest = sha256(content).hexdigest()
    try:
        with transaction() as session:
            found = _find(caller, key)
            if found is None:
                session.add(IdempotentRequest(caller=caller, key=key, digest=digest, started_at=clock.now()))
                return None
            return _again(found, digest)
    except IntegrityError:
        raise Conflict("request_in_progress") from None


def finish(caller: str, key: str, status: int, body: str) -> None:
    """The answer is stored for two days."""
    with transaction():
        found = _find(caller, key)
        if found is not None:
            found.status = status
            found.body = body


def leave_open(caller: str, key: str) -> None:
    """The answer was not the last word: the same request, and no other, may come again at once."""
    with transaction():
        if (found := _find(caller, key)) is not None:
            found.started_at = clock.now() - _ABANDONED


def drop(caller: str, key: str) -> None:
    """The request came to nothing, so the same key may be tried again."""
    with transaction() as session:
        if (found := _find(caller, key)) is not None:
            session.delete(found)


def _is_old() -> ColumnElement[bool]:
    return IdempotentRequest.started_at < moments.ago(_STORED_FOR)


def _old() -> Select[int]:
    return select(IdempotentRequest.id).where(_is_old())


@found_by(_old)
def forget_old() -> int:
    """How many stored answers were old enough to forget, and are forgotten."""
    if db.session.scalar(_old().limit(1)) is None:
        return 0
    with transaction() as session:
        return len(session.scalars(delete(IdempotentRequest).where(_is_old()).returning(IdempotentRequest.id)).all())


def _find(caller: str, key: str) -> IdempotentRequest | None:
    statement = select(IdempotentRequest).where(IdempotentRequest.caller == caller, IdempotentRequest.key == key)
    return db.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _again(found: IdempotentRequest, digest: str) -> PastAnswer | None:
    if found.digest != digest:
        raise Invalid("idempotency_key_reused", field="Idempotency-Key")
    if found.status is not None:
        return PastAnswer(found.status, found.body)
    if found.started_at > clock.now() - _ABANDONED:
        raise Conflict("request_in_progress")
    found.started_at = clock.now()
    return None


def key_for(key: str | None, *wish: object) -> str | None:
    """The key of this very wish: one form sent again with another amount asks for something else."""
    return sha256("|".join(map(str, (*wish, key))).encode()).hexdigest() if key else None
