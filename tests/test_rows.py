"""Every row of the reports that is built has a test that names it."""

import re
from pathlib import Path

import pytest

_TESTS = Path(__file__).parent
_ROW = re.compile(r"\bS([0-4])-(\d+)\b")


def _rows(report: int, *spans: tuple[int, int]) -> list[str]:
    return [f"S{report}-{n}" for first, last in spans for n in range(first, last + 1)]


BUILT = [
    *_rows(0, (1, 35)),
    *_rows(1, (10, 22)),
    *_rows(2, (4, 6), (10, 19), (23, 23), (26, 29), (31, 31), (33, 33), (36, 37)),
    *_rows(3, (2, 16), (18, 20), (23, 25), (27, 34)),
    *_rows(4, (1, 28)),
]
CRITERIA = range(1, 21)  # of the 25 complaints that other systems' users have; the rest come with the session's life


def _text() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in _TESTS.rglob("test_*.py") if file != Path(__file__))


def _named() -> set[str]:
    return {f"S{report}-{number}" for report, number in _ROW.findall(_text())}


@pytest.mark.parametrize("row", BUILT)
def test_a_row_that_is_built_is_named_by_a_test(row: str) -> None:
    assert row in _named()


@pytest.mark.parametrize("number", CRITERIA)
def test_an_acceptance_criterion_is_named_by_a_test(number: int) -> None:
    """The acceptance criteria of the 25 complaints."""
    found = re.findall(r"(?:[Cc]riterion|[Cc]omplaints?|,|and) (\d+)\b", _text())
    assert str(number) in found
