"""Every row of the reports that is built has a test that names it."""

import re
from pathlib import Path

import pytest

_TESTS = Path(__file__).parent
_ROW = re.compile(r"\bS([0-4])-(\d+)\b")


def _rows(report: int, *spans: tuple[int, int]) -> list[str]:
    return [f"S{report}-{n}" for first, last in spans for n in range(first, last + 1)]


# S3-31 (proof of a manual payment) comes with the manual gateway.
BUILT = [
    *_rows(0, (1, 6), (11, 14), (26, 35)),
    *_rows(1, (10, 17)),
    *_rows(3, (2, 6), (11, 13), (18, 20), (29, 30), (32, 34)),
    *_rows(4, (13, 15), (23, 26)),
]


def _named() -> set[str]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in _TESTS.rglob("test_*.py") if file != Path(__file__))
    return {f"S{report}-{number}" for report, number in _ROW.findall(text)}


@pytest.mark.parametrize("row", BUILT)
def test_a_row_that_is_built_is_named_by_a_test(row: str) -> None:
    assert row in _named()
