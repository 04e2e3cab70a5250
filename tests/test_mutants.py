"""The planted bugs are bugs in the code as it is now."""

import pytest

from config import ROOT
from mutants.planted import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_planted_bug_has_its_one_place(mutant: Mutant) -> None:
    """One that fits nowhere would be counted as caught, or as broken, hours later."""
    assert (ROOT / mutant.file).read_text().count(mutant.before) == 1
    assert mutant.before != mutant.after
