"""Sealed columns: written and read here alone, and sealed again when the first key has changed."""

import logging
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import func, inspect, select

from app.extensions import db
from app.lib.sealing import MARK, PREFIX_LENGTH, CannotOpen, Keyring, is_sealed, key_of
from app.models import (
    Base,
    Booking,
    CodeApp,
    ConsultationFile,
    ConsultationMessage,
    DisputeAddition,
    Gift,
    SignedPaper,
)
from app.services.core.errors import Unavailable
from app.services.core.transaction import lock, transaction

log = logging.getLogger("app.services.seals")  # a name that operators filter by

# Every sealed column; what is not here is never sealed again when the key changes.
SEALED: tuple[tuple[type[Base], str], ...] = (
    (Booking, "session_notes"),
    (SignedPaper, "content"),
    (ConsultationMessage, "text"),
    (ConsultationFile, "content"),
    (Gift, "code"),
    (CodeApp, "secret"),
    (DisputeAddition, "text"),
)


def keyring() -> Keyring:
    """This installation's keys."""
    found: Keyring = current_app.extensions["keyring"]
    return found


def write(row: Base, column: str, text: str) -> None:
    """The column holds the text, sealed; an empty one stays empty.

    The row must have its id. (Report S3-27)
    """
    setattr(row, column, keyring().seal(text, _purpose(row, column)) if text else "")


def read(row: Base, column: str) -> str:
    """What the column says; a text from before there were seals as it is.

    Raises Unavailable (sealed_away).
    """
    try:
        return _open(row, column)
    except CannotOpen as error:
        log.error("seal.closed table=%s key=%s", row.__tablename__, error.key or "damaged")
        raise Unavailable("sealed_away") from None


def write_bytes(row: Base, column: str, content: bytes) -> None:
    """The column, which is of text, holds the bytes, sealed. The row must have its id."""
    write(row, column, b64encode(content).decode())


def read_bytes(row: Base, column: str) -> bytes:
    """The bytes of the column. Raises Unavailable (sealed_away)."""
    return b64decode(read(row, column))


@dataclass(frozen=True)
class Rotated:
    """How many texts were sealed with the first key, and how many could not be opened."""

    sealed: int
    closed: int


def rotate() -> Rotated:
    """Everything is sealed with the first key, row by row; it may be stopped, and run again."""
    done = [_try_reseal(model, column, key) for model, column in SEALED for key in _waiting(model, column)]
    return Rotated(sealed=done.count(True), closed=done.count(False))


def fingerprints() -> list[str]:
    """Of the keys without which something that is sealed here cannot be opened; also before all of the tables are there."""
    there = set(inspect(db.engine).get_table_names())
    sealed = [each for each in SEALED if each[0].__tablename__ in there]
    return sorted(filter(None, _counts(sealed)))


def wrong() -> str:
    """What the operator should know: keys that are missing, texts that wait for the first key.

    Empty when all is well.
    """
    said = [*_missing(), *_unrotated()]
    if current_app.config["PRODUCTION"] and not current_app.config["SEAL_KEYS"]:
        said.append("KIKAO_SEAL_KEYS is not set: the first SECRET_KEY seals what people write")
    return "; ".join(said)


def _missing() -> Iterator[str]:
    for key, count in _counts().items():
        if key and key not in keyring():
            yield f"the key {key} is missing: {count} sealed texts cannot be opened; put it back into KIKAO_SEAL_KEYS"


def _unrotated() -> Iterator[str]:
    ours = keyring()
    if count := sum(n for key, n in _counts().items() if key != ours.first and (not key or key in ours)):
        yield f"{count} texts are not sealed with the first key: run flask seal rotate"


def _counts(sealed: Iterable[tuple[type[Base], str]] = SEALED) -> dict[str, int]:
    """How many texts each key has sealed, by its fingerprint.

    Texts that are not sealed are under an empty one.
    """
    found: dict[str, int] = {}
    for model, column in sealed:
        prefix = func.substr(getattr(model, column), 1, PREFIX_LENGTH).label("prefix")
        texts = select(prefix).where(getattr(model, column) != "").subquery()
        for text, count in db.session.execute(select(texts.c.prefix, func.count()).group_by(texts.c.prefix)):
            key = key_of(text) if text.startswith(MARK) else ""
            found[key] = found.get(key, 0) + count
    return found


def _waiting(model: type[Base], column: str) -> list[Any]:
    texts = getattr(model, column)
    key = inspect(model).primary_key[0]
    is_first = func.substr(texts, 1, PREFIX_LENGTH) == keyring().prefix
    return list(db.session.scalars(select(key).where(texts != "", ~is_first).order_by(key)))


def _try_reseal(model: type[Base], column: str, key: Any) -> bool:
    """The text is sealed with the first key if it could be opened; returns whether it is."""
    with transaction():
        row = lock(model, key)
        if row is None:
            return True
        try:
            write(row, column, _open(row, column))
        except CannotOpen:
            return False
        return True


def _open(row: Base, column: str) -> str:
    text: str = getattr(row, column)
    return keyring().open(text, _purpose(row, column)) if is_sealed(text) else text


def _purpose(row: Base, column: str) -> str:
    return f"{row.__tablename__}.{column}:{inspect(row).mapper.primary_key_from_instance(row)[0]}"
