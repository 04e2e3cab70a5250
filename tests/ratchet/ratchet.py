"""How many statements each kind of work may take, kept in a file; the number only goes down."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.statements import summary

FILE = Path(__file__).with_name("statements.toml")
LOWER = "script/test tests/ratchet --ratchet lower"
RAISE = "script/test tests/ratchet --ratchet raise"
_HEAD = f"""# The statements that each kind of work sends to the database (SQLite, everything loaded before), by verb and tables.
# Written by `{LOWER}`. A commit that needs `--ratchet raise` says why.
"""
_COLUMNS = re.compile(r"^SELECT .*? FROM ")

Counts = dict[str, Counter[str]]
"""For each kind of work how often it sends each statement."""


def counts(found: Mapping[str, Sequence[str]]) -> Counts:
    """The statements of each kind by their summaries."""
    return {kind: Counter(map(summary, asked)) for kind, asked in found.items()}


def kept() -> Counts:
    """What the file allows."""
    return {kind: Counter(asked) for kind, asked in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}


def keep(counted: Counts) -> None:
    """The file allows just this."""
    parts = [_HEAD]
    for kind, asked in counted.items():
        lines = [f'"{one}" = {many}' for one, many in sorted(asked.items())]
        parts.append("\n".join([f'["{kind}"]  # {asked.total()}', *lines, ""]))
    FILE.write_text("\n".join(parts), encoding="utf-8")


def lowered(counted: Counts, before: Counts) -> Counts:
    """What was counted, but for kinds that need more than before: for these what they needed then."""
    return {kind: before[kind] if _grew(kind, counted, before) else asked for kind, asked in counted.items()}


def complaints(found: Mapping[str, Sequence[str]], before: Counts) -> list[str]:
    """What is not as it was before, in lines that name every new statement and what to do; none when all is as it was."""
    counted = counts(found)
    lines = []
    for kind in sorted({*counted, *before}):
        if _grew(kind, counted, before):
            lines += [f"{kind}: {counted[kind].total()} statements, {before[kind].total()} before. New:"]
            lines += _new(found[kind], counted[kind] - before[kind])
        elif counted.get(kind) != before.get(kind):
            lines.append(f"{kind}: fewer or other statements than {FILE.name} has: run {LOWER}")
    return lines


def _grew(kind: str, counted: Counts, before: Counts) -> bool:
    return kind in counted and kind in before and counted[kind].total() > before[kind].total()


def _new(asked: Sequence[str], more: Counter[str]) -> list[str]:
    lines = []
    for name, many in sorted(more.items()):
        texts = dict.fromkeys(_short(each) for each in asked if summary(each) == name)
        lines += [f"  {many} x {name}, one of" if len(texts) > many else f"  {many} x {name}", *texts]
    return lines


def _short(statement: str) -> str:
    return f"      {_COLUMNS.sub('SELECT ... FROM ', ' '.join(statement.split()))[:300]}"
