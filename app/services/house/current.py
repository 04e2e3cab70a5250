"""The house as it is now: kept in each process for a second, so that no page reads anything for it."""

import time
from dataclasses import dataclass, field
from threading import Lock

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.domain import languages
from app.extensions import db
from app.lib.database import BEGIN
from app.models import House, Joining

_LIFE = 1.0  # seconds: a change is seen at once by who made it, and in every process after so long at the latest
_OWN = "Kikao"


@dataclass(frozen=True)
class Current:
    """What is said of the house; what nobody said is as Kikao comes."""

    version: int = 0
    own_name: str = ""
    tagline: str = ""
    colour: str = ""
    logo: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    country: str = ""
    currency: str = ""
    languages: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    joining: Joining = Joining.INVITATION

    @property
    def name(self) -> str:
        """What the house is called, on pages, papers and in mails."""
        return self.own_name or _OWN

    @property
    def spoken(self) -> dict[str, str]:
        """The languages that are offered, by their codes."""
        return {code: name for code, name in languages.NAMES.items() if not self.languages or code in self.languages}


@dataclass
class _Kept:
    """What a process knows, and when it has read it."""

    house: Current = field(default_factory=Current)
    read_at: float = float("-inf")
    reading: Lock = field(default_factory=Lock)

    @property
    def is_new(self) -> bool:
        return time.monotonic() < self.read_at + _LIFE


def known() -> Current:
    """The house, as it was at most a second ago; as it was last known while the database is away."""
    kept = _kept()
    if not kept.is_new and kept.reading.acquire(
        blocking=kept.house.version == 0
    ):  # one reads, the others go on meanwhile
        try:
            if not kept.is_new:
                _read(kept)
        finally:
            kept.reading.release()
    return kept.house


def refresh() -> Current:
    """The house as it is at this moment."""
    kept = _kept()
    with kept.reading:
        _read(kept)
    return kept.house


def _kept() -> _Kept:
    found: _Kept = current_app.extensions.setdefault("house", _Kept())
    return found


def _read(kept: _Kept) -> None:
    # Of a connection of its own: a page that is shown because a transaction failed asks, too, and so does a mail between two.
    try:
        with db.engine.connect().execution_options(**{BEGIN: ""}) as connection:
            row = connection.execute(select(House.__table__).where(House.__table__.c.id == 1)).one_or_none()
    except SQLAlchemyError:  # away, or from before there was such a table
        kept.read_at = time.monotonic()
        return
    kept.house = _of(dict(row._mapping)) if row is not None else Current()
    kept.read_at = time.monotonic()


def _of(row: dict[str, object]) -> Current:
    plain = ("version", "tagline", "colour", "email", "phone", "address", "country", "currency", "joining")
    return Current(
        own_name=str(row["name"]),
        logo=str(row["logo"] or ""),
        languages=tuple(row["languages"]),  # type: ignore[arg-type]
        texts=tuple(row["texts"]),  # type: ignore[arg-type]
        **{name: row[name] for name in plain},  # type: ignore[arg-type]
    )
