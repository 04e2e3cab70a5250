"""How script/test chooses what runs where; the rules of docs in CONTRIBUTING.md, section "The suite"."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from script.support.testing import arguments, parallel
from tests.support.costs import room
from tests.support.halves import ENGINES, engine_of, is_chosen

_NODE = "tests/stories/test_groups.py::test_three_of_three[{}-stripe]"


def _item(engine: str | None, nodeid: str = _NODE, *marks: str) -> Any:
    return SimpleNamespace(
        nodeid=nodeid.format(engine),
        callspec=SimpleNamespace(params={"engine": engine} if engine else {}),
        get_closest_marker=lambda name: name if name in marks else None,
    )


def _engines(nodeid: str, *marks: str, wish: str = "one", half: str = "a") -> list[str]:
    return [engine for engine in ENGINES if is_chosen(_item(engine, nodeid, *marks), wish, half)]


@pytest.mark.parametrize("half", ["a", "b", "2026-11-29"])
def test_a_test_runs_on_one_engine_in_a_half(half: str) -> None:
    assert len(_engines(_NODE, half=half)) == 1


def test_about_a_tenth_of_the_tests_run_on_postgresql_and_with_the_next_commit_it_is_another_tenth() -> None:
    names = [f"tests/x.py::test_{number}[sqlite]" for number in range(400)]
    first, second = ([engine_of(name, "sqlite", half) for name in names] for half in ("4f1c", "90ab"))
    assert 25 < first.count("postgresql") < 58
    assert 45 < sum(one != other for one, other in zip(first, second, strict=True)) < 100


def test_where_the_engine_is_the_subject_both_run() -> None:
    assert _engines(_NODE, "both_engines") == list(ENGINES)
    assert _engines("tests/races/test_one_place.py::test_one[{}]") == list(ENGINES)


def test_a_wish_for_one_engine_or_both_is_heard() -> None:
    assert _engines(_NODE, wish="both") == list(ENGINES)
    assert _engines(_NODE, "both_engines", wish="sqlite") == ["sqlite"]


def test_a_test_without_an_engine_always_runs() -> None:
    assert is_chosen(_item(None), "postgresql", "a")


def test_all_means_both_engines_and_all_rounds() -> None:
    assert arguments(["--all", "-n4"])[:3] == ["-rsfE", "--engine=both", "--all-rounds"]


def test_a_test_that_never_ends_is_named_with_its_line_and_the_others_are_run(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    (tmp_path / "test_two.py").write_text("def test_endless():\n    while True: pass\n\ndef test_other(): pass\n")
    command = [sys.executable, "-m", "pytest", *parallel([]), "-p", "no:cacheprovider", f"-c{pytestconfig.inipath}"]
    command += [f"--rootdir={tmp_path}", "-ofaulthandler_timeout=1", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=pytestconfig.rootpath, timeout=60)
    assert "test_two.py::test_endless" in run.stdout
    assert "1 failed, 1 passed" in run.stdout
    assert 'test_two.py", line 2 in test_endless' in run.stderr
    assert float(pytestconfig.getini("faulthandler_timeout")) >= 60


@pytest.mark.parametrize(
    ("given", "workers"),
    [
        ([], True),
        (["tests/stories"], True),
        (["tests/unit/test_terms.py"], False),
        (["tests/unit/test_terms.py::test_x", "tests/unit/test_money.py"], False),
        (["tests/a.py", "tests/b.py", "tests/c.py"], True),
        (["tests/unit/test_terms.py", "-n3"], False),
    ],
)
def test_a_file_or_two_run_without_workers(given: list[str], workers: bool) -> None:
    assert ("--dist" in arguments(given)) is workers


def test_a_test_belongs_to_the_folder_it_stands_in() -> None:
    assert room("tests/stories/test_groups.py::test_x") == "stories"
    assert room("tests/test_app.py::test_x") == "tests"
