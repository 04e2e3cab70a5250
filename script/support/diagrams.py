"""Draws the state diagrams in docs/money.md from the tables in app/domain/lifecycle.py, between two marks in the page.

`python -m script.support.diagrams` writes them; a test fails when the page and the tables differ.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.domain.lifecycle import ATTEMPT_MOVES, BOOKING_MOVES, REFUND_MOVES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "money.md"
_BEGIN = "<!-- drawn from app/domain/lifecycle.py -->\n"
_END = "<!-- end of the drawing -->\n"


def drawn() -> str:
    """The three diagrams as Mermaid, with their headings."""
    bookings = ((s, move.target, move.action) for move in BOOKING_MOVES.values() for s in move.sources)
    parts = (
        ("A booking", _diagram(bookings, ["pending_approval", "awaiting_payment", "confirmed"])),
        ("A payment attempt", _diagram(_moves(ATTEMPT_MOVES), ["created"])),
        ("A refund", _diagram(_moves(REFUND_MOVES), ["asked"])),
    )
    return "".join(f"### {title}\n\n```mermaid\n{diagram}```\n\n" for title, diagram in parts)


def with_drawing(page: str) -> str:
    """The page with the drawing of today's tables between its marks."""
    before, rest = page.split(_BEGIN)
    return f"{before}{_BEGIN}\n{drawn()}{_END}{rest.split(_END)[1]}"


def _moves(table: Mapping[str, Mapping[Any, Any]]) -> Iterable[tuple[str, str, str]]:
    return ((str(a), str(b), fact) for fact, moves in table.items() for a, b in moves.items())


def _diagram(moves: Iterable[tuple[str, str, str]], first: list[str]) -> str:
    words: dict[tuple[str, str], list[str]] = {}
    for source, target, word in moves:
        words.setdefault((str(source), str(target)), []).append(word)
    lines = [f"    [*] --> {status}" for status in first]
    lines += [f"    {a} --> {b}: {', '.join(sorted(found))}" for (a, b), found in sorted(words.items())]
    return "\n".join(["stateDiagram-v2", *lines]) + "\n"


def main() -> int:
    """The page is written anew."""
    PAGE.write_text(with_drawing(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
