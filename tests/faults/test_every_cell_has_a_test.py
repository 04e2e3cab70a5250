"""The table of faults has no cell that nobody tests: each is named, in full, by a test."""

import re
from functools import cache
from pathlib import Path

import pytest

from config import ROOT
from tests.faults import matrix

_CELL = re.compile(r"\bS\d+[abc]?-F\d\d\b")
_NOT_TESTS = {Path(__file__).name, "matrix.py"}


@cache
def named_cells() -> frozenset[str]:
    """Every cell that a test file names."""
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name not in _NOT_TESTS]
    return frozenset(cell for path in files for cell in _CELL.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("cell", sorted(matrix.applicable()))
def test_a_test_names_the_cell(cell: str) -> None:
    assert cell in named_cells(), f"{cell} must end in {matrix.outcomes()[cell]}, and no test says so"


def test_the_table_has_245_cells() -> None:
    assert len(matrix.OUTCOMES) * len(matrix.FAULTS) == 325
    assert len(matrix.applicable()) == 245


def test_no_test_names_a_cell_that_cannot_be() -> None:
    """A slip of the pen would look like a tested cell."""
    of_the_table = {cell for cell in named_cells() if cell.partition("-")[0] in matrix.STEPS}
    assert of_the_table - matrix.applicable() == set()
