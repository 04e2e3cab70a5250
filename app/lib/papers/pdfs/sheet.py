"""What is to stand on a paper, before anything is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Table:
    """Rows under their heads, if it has any; columns in `end` are numbers, the last `sums` rows stand out. `widths` are shares."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    end: frozenset[int] = frozenset()
    sums: int = 0


@dataclass(frozen=True)
class Sheet:
    """What stands on a paper, from top to bottom; `pages` is the footer with {page}."""

    title: str
    language: str
    right_to_left: bool
    made_at: datetime
    lead: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    total: tuple[str, str] | None = None
    tables: Sequence[Table] = ()
    foot: Sequence[str] = ()
    pages: str = "{page}"
    house: str = ""  # whose paper it is
    logo: bytes = b""  # as PNG
