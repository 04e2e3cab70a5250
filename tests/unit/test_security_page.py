"""docs/security.md names what is there: files, names in them, tests; and its figures are its table's."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

from app.services.accounts.passwords import CONTEXT_WORDS
from config import ROOT

_PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
_ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| [^|]+ \| ([^|]+) \| ([^|]*) \| ([^|]+) \|$", _PAGE, re.MULTILINE)
_PLACES = r"(?:app|tests|docs|deploy|migrations|script)/[\w./@-]*|config\.py|requirements\.txt"


@cache
def _text(path: Path) -> str:
    return (path / "__init__.py" if path.is_dir() else path).read_text(encoding="utf-8")


def test_every_file_and_name_of_the_page_is_there() -> None:
    named = re.findall(rf"`({_PLACES})(?:: (\w+))?`", _PAGE)
    assert len(named) > 100
    assert sorted({path for path, _ in named if not (ROOT / path).exists()}) == []
    names = [(path, name) for path, name in named if name]
    assert [(path, name) for path, name in names if not re.search(rf"\b{name}\b", _text(ROOT / path))] == []


def test_every_test_of_the_page_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", _PAGE)
    assert len(named) == _PAGE.count("::") > 100
    assert sorted({path for path, _ in named if not (ROOT / path).exists()}) == []
    assert [(path, name) for path, name in named if f"\ndef {name}(" not in _text(ROOT / path)] == []


def test_whatever_is_met_names_where_and_by_which_test_and_all_else_says_why() -> None:
    assert {state for _, _, state, _, _ in _ROWS} == {"met", "n/a", "**not met**"}
    met = [(number, where, proof) for number, _, state, where, proof in _ROWS if state == "met"]
    assert [number for number, where, proof in met if not where.strip() or "::test_" not in proof] == []
    assert [number for number, _, state, _, why in _ROWS if state != "met" and "::" in why] == []


def test_the_figures_are_the_tables() -> None:
    counted = Counter(state for _, _, state, _, _ in _ROWS)
    assert len(_ROWS) == len({number for number, *_ in _ROWS}) == 120
    said = re.search(
        r"Of 120 requirements (\d+) are met, (\d+) do not apply, and (\d+) are not met:\s([\d., and]+), each", _PAGE
    )
    assert said
    assert [int(each) for each in said.groups()[:3]] == [counted[state] for state in ("met", "n/a", "**not met**")]
    unmet = [number for number, _, state, _, _ in _ROWS if state == "**not met**"]
    assert re.findall(r"\d+\.\d+\.\d+", said[4]) == unmet


def test_the_words_that_are_no_passwords_stand_there() -> None:
    section = _PAGE.partition("### Words that are no passwords")[2].partition("###")[0]
    assert [word for word in CONTEXT_WORDS if word not in section] == []
