"""Writes docs/coverage.md from docs/rows.toml and the docstrings of the tests: row, tests, page or call.

A test names a row in its docstring: `S2-15`, `S4-1..28` (all of them), `complaint 7`, `X12`; a module's docstring speaks for all
its tests.
script/check fails when the committed page is not what this writes.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from script.support.settings import ROOT

ROWS = ROOT / "docs" / "rows.toml"
PAGE = ROOT / "docs" / "coverage.md"
TESTS = ROOT / "tests"
METHODS = ("GET", "POST", "PUT", "DELETE")
_MOST = 6  # tests listed beside a row; the others are counted
_ROW = re.compile(r"\bS(\d)-(\d+)(?:\.\.(?:S\1-)?(\d+))?\b")
_ANSWER = re.compile(r"(?<![\\\w])X(\d+)\b")
_COMPLAINT = re.compile(r"\b[Cc](?:omplaints?|riteri(?:on|a)) (\d+(?:(?:, | and |, and )\d+)*)\b(?!-)")
_HEAD = """# What shows that each row works

Written by `script/coverage` from [rows.toml](rows.toml) and the docstrings of the tests; `script/check` fails when it is
old. Rows S0 to S4 are what five booking systems reported of their troubles. Stories, services and races run on SQLite and
on PostgreSQL; what is in `tests/browser` runs in a real Chromium on a phone-sized screen.
"""


@dataclass(frozen=True)
class Test:
    """One test, or (without a name) a whole file of them."""

    path: str
    name: str

    @property
    def link(self) -> str:
        """Its sentence, leading to its file."""
        said = self.name.removeprefix("test_").replace("_", " ") or f"all of {Path(self.path).stem}"
        return f"[{said}](../{self.path})"


@dataclass(frozen=True)
class Row:
    """One row: its key (S2-15, complaint 7, X12), its title, where it can be seen, and what of it is not there yet."""

    key: str
    title: str
    places: tuple[str, ...]
    not_yet: str = ""


@dataclass(frozen=True)
class Feature:
    """One capability: the rows and tests that show it, or why it is not there yet."""

    title: str
    by: tuple[str, ...]
    places: tuple[str, ...]
    not_yet: str


# ------------------------------------------------------------------------------------------------ reading


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(ROWS.read_text(encoding="utf-8"))


def reports() -> dict[str, tuple[str, list[Row]]]:
    """Per report its title and its rows, in order."""
    return {key: (part["title"], _rows(part["rows"], f"{key}-")) for key, part in _table()["reports"].items()}


def not_yet() -> dict[str, str]:
    """Per row what of it is not there yet."""
    return dict(_table()["not_yet"])


def complaints() -> list[Row]:
    """What users of other systems complain of, and what is promised for it."""
    return _rows(_table()["complaints"], "complaint ")


def answers() -> list[Row]:
    """Where the reports contradict each other: the one answer."""
    return _rows(_table()["answers"], "")


def features() -> list[Feature]:
    """What is offered, and what is not yet."""
    return [
        Feature(one["title"], tuple(one.get("by", ())), tuple(one.get("shown", ())), one.get("not_yet", ""))
        for one in _table()["features"]
    ]


def rows() -> list[Row]:
    """Every row there is."""
    return [row for _, found in reports().values() for row in found] + complaints() + answers()


def _rows(table: dict[str, list[str]], prefix: str) -> list[Row]:
    keyed = [(f"{prefix}{key}", title, tuple(places)) for key, (title, *places) in table.items()]
    return [Row(key, title, places, not_yet().get(key, "")) for key, title, places in keyed]


@cache
def named() -> dict[str, list[Test]]:
    """Per row the tests that name it, in the order of files."""
    found: dict[str, list[Test]] = defaultdict(list)
    for test, said in _docstrings():
        for key in dict.fromkeys(keys(said)):
            found[key].append(test)
    return dict(found)


def keys(said: str) -> Iterator[str]:
    """Every row that a docstring names."""
    for report, first, last in _ROW.findall(said):
        yield from (f"S{report}-{number}" for number in range(int(first), int(last or first) + 1))
    for number in _ANSWER.findall(said):
        yield f"X{number}"
    for numbers in _COMPLAINT.findall(said):
        yield from (f"complaint {number}" for number in re.findall(r"\d+", numbers))


@cache
def tests() -> tuple[Test, ...]:
    """Every test there is."""
    return tuple(test for test, _ in _docstrings() if test.name)


@cache
def _docstrings() -> tuple[tuple[Test, str], ...]:
    return tuple(_read())


def _read() -> Iterator[tuple[Test, str]]:
    for path in sorted(TESTS.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = str(path.relative_to(ROOT))
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        found = [node for node in functions if node.name.startswith("test_")]
        if found:
            yield Test(place, ""), ast.get_docstring(tree) or ""
        for node in found:
            yield Test(place, node.name), ast.get_docstring(node) or ""


# ------------------------------------------------------------------------------------------------ writing


def written() -> str:
    """The page as it must be now."""
    parts = [_HEAD, *(_part(f"{key}: {title}", found) for key, (title, found) in reports().items())]
    parts.append(_part("Complaints about other systems, and what is promised here", complaints()))
    parts.append(_part("Where the reports contradict each other", answers()))
    parts += [_features(), _missing()]
    return "\n".join(part for part in parts if part)


def _part(title: str, found: Iterable[Row]) -> str:
    lines = [_line(row.key, _told(row), _links(named().get(row.key, [])), _shown(row.places)) for row in found]
    return "\n".join(
        [f"## {title}\n", "| | Row | Tests | Page, call or document |", "| --- | --- | --- | --- |", *lines, ""]
    )


def _told(row: Row) -> str:
    return f"{row.title}<br>**Not yet:** {row.not_yet}" if row.not_yet else row.title


def _features() -> str:
    lines = [_line(one.title, _links(_tests_of(one)), _shown(one.places)) for one in features() if not one.not_yet]
    return "\n".join(
        ["## What is offered\n", "| | Tests | Page, call or document |", "| --- | --- | --- |", *lines, ""]
    )


def _missing() -> str:
    lines = [_line(one.title, one.not_yet) for one in features() if one.not_yet]
    lines += [_line(f"{row.key}: {row.title}", row.not_yet) for row in rows() if row.not_yet]
    return "\n".join(["## Not yet\n", "| | Why |", "| --- | --- |", *lines, ""]) if lines else ""


def _tests_of(feature: Feature) -> list[Test]:
    exact = {f"{test.path}::{test.name}": test for test in tests()}
    found = [test for one in feature.by for test in ([exact[one]] if one in exact else named().get(one, []))]
    return list(dict.fromkeys(found))


def _line(*cells: str) -> str:
    safe = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(safe)} |"


def _links(found: list[Test]) -> str:
    more = f"<br>and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return "<br>".join(test.link for test in found[:_MOST]) + more or "**none**"


def _shown(places: Iterable[str]) -> str:
    return "<br>".join(_place(place) for place in places)


def _place(place: str) -> str:
    target, *_ = place.split(maxsplit=1)
    if target in (*METHODS, "flask"):
        return f"`{place}`"
    return f"[{place}]({target.removeprefix('docs/') if target.startswith('docs/') else f'../{target}'})"


def complaint() -> str | None:
    """What is wrong with the committed page, if anything."""
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != written():
        return "docs/coverage.md is old: run script/coverage and commit what it writes"
    return None


def main() -> int:
    """The page is written anew."""
    PAGE.write_text(written(), encoding="utf-8")
    bare = [row.key for row in rows() if row.key not in named()]
    print(
        f"{PAGE.relative_to(ROOT)}: {len(rows())} rows, {len(features())} features"
        + (f"; without a test: {bare}" if bare else "")
    )
    return 1 if bare else 0


if __name__ == "__main__":
    sys.exit(main())
