"""Compiled templates are found by the next process, and by none whose code has changed."""

import os
import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from app.lib.compiled_templates import CompiledTemplates


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Code of one file, which may be compiled to disk."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "filters.py").write_text("1")
    return tmp_path


def shown(code: Path, word: str, source: str = "{{ 'x'|word }}") -> str:
    """The template as a new process with this filter shows it: a constant is computed when it is compiled."""
    environment = Environment(loader=DictLoader({"page": source}), bytecode_cache=CompiledTemplates(code))  # noqa: S701
    environment.filters["word"] = lambda _: word
    return environment.get_template("page").render()


def test_what_one_process_compiled_another_does_not(code: Path) -> None:
    assert shown(code, "first") == "first"
    assert shown(code, "second") == "first"
    assert shown(code, "second", "{{ 'x'|word }}!") == "second!"


def test_another_state_of_the_code_compiles_anew(code: Path) -> None:
    shown(code, "first")
    os.utime(code / "inner" / "filters.py", (1, 1))
    assert shown(code, "second") == "second"
    (code / "more.py").write_text("")
    assert shown(code, "third") == "third"


def test_a_file_that_was_cut_off_is_compiled_anew(code: Path) -> None:
    shown(code, "first")
    [file] = (code / "__pycache__" / "templates").iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    assert shown(code, "second") == "second"
    assert shown(code, "third") == "second"


def test_who_may_not_write_there_compiles_for_itself(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    shown(code, "first")
    assert not (code / "__pycache__").exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (code / "__pycache__").write_text("no directory")
    assert shown(code, "second") == "second"
