"""The table of faults has no cell that nobody tests: each is named, in full, by a test."""

import re
from functools import cache
from pathlib import Path

from config import ROOT
from tests.faults import matrix

_CELL = re.compile(r"\bS\d+[abc]?-F\d\d\b")
_CELLS_AND_OUTCOME = re.compile(r"((?:\bS\d+[abc]?-F\d\d, )*\bS\d+[abc]?-F\d\d) \(([a-z ]+)\)")
_NOT_TESTS = {Path(__file__).name, "matrix.py"}


@cache
def _texts() -> tuple[str, ...]:
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if path.name not in _NOT_TESTS]
    return tuple(path.read_text(encoding="utf-8") for path in files)


@cache
def _named() -> frozenset[str]:
    """Every cell that a test file names."""
    return frozenset(cell for text in _texts() for cell in _CELL.findall(text))


def test_every_cell_is_named_by_a_test() -> None:
    untested = {cell: outcome for cell, outcome in matrix.outcomes().items() if cell not in _named()}
    assert untested == {}


def test_the_table_has_245_cells_of_steps_and_faults_there_are() -> None:
    named = [f for row in matrix.OUTCOMES.values() for faults in row.values() for f in faults.split()]
    assert set(matrix.OUTCOMES) == set(matrix.STEPS)
    assert set(named) == set(matrix.FAULTS)
    assert len(named) == len(matrix.outcomes()) == 245  # none stands twice in a row


def test_no_test_names_a_cell_that_cannot_be() -> None:
    """A slip of the pen would look like a tested cell."""
    of_the_table = {cell for cell in _named() if cell.partition("-")[0] in matrix.STEPS}
    assert of_the_table - set(matrix.outcomes()) == set()


def test_what_a_test_says_of_its_cell_is_what_the_table_requires() -> None:
    """`S1-F01, S1-F02 (undone)` in a docstring is held against the table."""
    required = matrix.outcomes()
    said = [
        (cell, word)
        for text in _texts()
        for cells, word in _CELLS_AND_OUTCOME.findall(text)
        for cell in cells.split(", ")
    ]
    assert len(said) > 100
    assert [(cell, word, required[cell]) for cell, word in said if word != required[cell]] == []
