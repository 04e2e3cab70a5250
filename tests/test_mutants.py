"""The planted bugs are bugs in the code as it is now."""

import subprocess
from pathlib import Path

import pytest

from config import ROOT
from mutants.mutant import Mutant
from mutants.near import changed, is_near
from mutants.planted import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_planted_bug_has_its_one_place(mutant: Mutant) -> None:
    """One that fits nowhere would be counted as caught, or as broken, hours later."""
    assert (ROOT / mutant.file).read_text().count(mutant.before) == 1
    assert mutant.before != mutant.after


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_that_must_notice_are_there(mutant: Mutant) -> None:
    """A test that was renamed would stop a long run in the middle."""
    for named in mutant.tests.split():
        path, _, test = named.partition("::")
        assert (ROOT / path).exists()
        assert not test or f"def {test}(" in (ROOT / path).read_text()


def test_no_two_planted_bugs_have_one_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def _git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", *who, *arguments]
    subprocess.run(command, cwd=root, check=True)


def test_what_is_near_a_change_is_in_its_file_or_noticed_by_its_tests(tmp_path: Path) -> None:
    """Committed since, changed since and new files count alike; what was not touched does not."""
    for name in ("app/a.py", "app/b.py", "tests/services/test_c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "One"], ["tag", "first"]):
        _git(tmp_path, *arguments)
    assert changed("HEAD", tmp_path) == set()
    (tmp_path / "app/a.py").write_text("2")
    _git(tmp_path, "commit", "-qam", "Two")
    (tmp_path / "tests/services/test_c.py").write_text("2")
    (tmp_path / "app/new.py").write_text("1")
    assert changed("HEAD", tmp_path) == {"tests/services/test_c.py", "app/new.py"}
    assert changed("first", tmp_path) == {"app/a.py", "tests/services/test_c.py", "app/new.py"}


@pytest.mark.parametrize(
    ("file", "near"),
    [
        ("app/domain/money.py", True),
        ("tests/unit/test_money.py", True),
        ("tests/races/test_one_place.py", True),
        ("tests/races_old/test_one_place.py", False),
        ("app/money_old.py", False),
        ("tests/unit/test_terms.py", False),
    ],
)
def test_a_bug_is_near_its_own_file_its_tests_and_what_lies_in_their_folder(file: str, near: bool) -> None:
    mutant = Mutant("x", "app/domain/money.py", "a", "b", "tests/unit/test_money.py::test_x tests/races")
    assert is_near(mutant, {file, "docs/money.md"}) is near
