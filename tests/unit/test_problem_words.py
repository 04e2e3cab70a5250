"""Every code of a problem has its sentence, and every sentence its problem."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import app
from app import words
from app.gateways.base import FailureCode
from app.services.core import errors
from app.services.core.errors import Problem

_ROOT = Path(app.__path__[0])
_ERRORS = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Problem)}


def test_every_problem_that_is_raised_has_its_sentence() -> None:
    raised = {code for tree in _trees() for given in _given(tree) for code in _codes(given)}
    assert len(raised) > 100, "the test still finds them"
    assert raised - set(words.PROBLEMS) == set()


def test_every_code_that_is_put_together_has_its_sentences() -> None:
    patterns = [_pattern(given) for tree in _trees() for given in _given(tree) if isinstance(given, ast.JoinedStr)]
    assert patterns
    for pattern in patterns:
        assert any(re.fullmatch(pattern, code) for code in words.PROBLEMS), pattern


def test_every_sentence_is_said_somewhere() -> None:
    said = {text for tree in _trees() for text in _texts(tree)}
    said |= {name for path in _ROOT.rglob("*.html") for name in re.findall(r"PROBLEMS\.(\w+)", path.read_text())}
    together = [given for tree in _trees() for given in _given(tree) if isinstance(given, ast.JoinedStr)]
    said |= {_filled(given, text) for given in together for text in said if text.isidentifier()}
    assert set(words.PROBLEMS) - said == set()


def test_every_reason_of_a_failed_payment_has_its_sentence() -> None:
    assert set(words.FAILURES) == set(FailureCode)


@cache
def _trees() -> list[ast.Module]:
    """Every file of the application but the sentences themselves."""
    return [ast.parse(path.read_text()) for path in _ROOT.rglob("*.py") if path.parent.name != "words"]


def _given(tree: ast.Module) -> Iterator[ast.expr]:
    """What stands for the code in every problem that the file makes."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == errors.__name__
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in imported & _ERRORS:
            yield from node.args[:1]


def _codes(given: ast.expr) -> Iterator[str]:
    if isinstance(given, ast.IfExp):
        yield from (*_codes(given.body), *_codes(given.orelse))
    if isinstance(given, ast.Constant):
        yield str(given.value)


def _pattern(given: ast.JoinedStr) -> str:
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in given.values)


def _filled(given: ast.JoinedStr, text: str) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else text for part in given.values)


def _texts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
