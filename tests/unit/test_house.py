"""The house is as docs/architecture.md says: names, sizes, and where things go. What imports may do, import-linter holds."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from config import ROOT

ROOMS = 16  # entries of a folder that can be taken in at a glance
LINES = 300
_MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
_ASIDE = {"translations", "static", "fonts", "mail", "sms", "__pycache__"}
_NO_ROOM = ("__pycache__", "__init__.py")
_CODE = ("app", "sandbox", "kikao")


def _modules(place: str) -> list[Path]:
    return [path for path in (ROOT / place).rglob("*.py") if not _ASIDE & set(path.parts)]


def test_no_two_modules_of_services_share_a_name() -> None:
    """Districts and their packages may be named like a module elsewhere; two files that are opened by name may not."""
    named = defaultdict(list)
    for path in _modules("app/services"):
        if path.stem != "__init__":
            named[path.stem].append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in named.items() if len(paths) > 1} == {}


def test_no_file_of_code_is_longer_than_a_sitting() -> None:
    long = {str(path): n for place in _CODE for path in _modules(place) if (n := _lines(path)) > LINES}
    assert long == {}


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_folder_shows_more_than_can_be_taken_in() -> None:
    folders = [folder for place in _CODE for folder in (ROOT / place).rglob("*") if folder.is_dir()]
    seen = {folder: len([e for e in folder.iterdir() if e.name not in _NO_ROOM]) for folder in folders}
    full = {str(f.relative_to(ROOT)): n for f, n in seen.items() if n > ROOMS and not _ASIDE & set(f.parts)}
    assert full == {}


def test_every_district_is_on_the_map_and_every_district_of_the_map_is_there() -> None:
    table = _MAP.partition("### Districts")[2].partition("### Glossary")[0]
    there = {path.name for path in (ROOT / "app" / "services").iterdir() if path.is_dir()} - _ASIDE
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == there


_GOES = re.findall(
    r"^\| (an? [^|]+|another [^|]+) \| ([^|]+) \| ([^|]+) \|$",
    _MAP.partition("### Where does it go?")[2].partition("\n## ")[0],
    re.MULTILINE,
)


def test_ten_things_have_their_place() -> None:
    assert len({thing for thing, _, _ in _GOES}) >= 10


@pytest.mark.parametrize(("thing", "begin", "also"), _GOES, ids=[thing for thing, _, _ in _GOES])
def test_where_something_goes_is_there(thing: str, begin: str, also: str) -> None:
    named = re.findall(r"`((?:app/|tests/|docs/|script/|deploy/|config)[^`:]+)(?:: (\w+))?`", begin + also)
    assert named, thing
    assert [path for path, _ in named if not (ROOT / path).exists()] == []
    assert [(path, name) for path, name in named if name and not _has(ROOT / path, name)] == []


def _has(place: Path, name: str) -> bool:
    """Whether the name stands in the file, or in the folder's face."""
    file = place / "__init__.py" if place.is_dir() else place
    return re.search(rf"\b{name}\b", file.read_text(encoding="utf-8")) is not None


def test_no_docstring_leans_on_the_one_above() -> None:
    """ "The same, ..." means nothing in a hover, and is wrong once somebody puts a function between."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for place in _CODE
        for path in _modules(place)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (ast.get_docstring(node) or "").startswith("The same")
    ]
    assert found == []


def test_no_two_unrelated_values_are_assigned_in_one_line() -> None:
    """Swapping two names is one thing; everything else takes two lines."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for place in _CODE
        for path in _modules(place)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Tuple)
        and isinstance(node.value, ast.Tuple)
        and not _swaps(node)
    ]
    assert found == []


def _swaps(node: ast.Assign) -> bool:
    sides = [{ast.unparse(part) for part in side.elts} for side in (node.targets[0], node.value)]  # type: ignore[attr-defined]
    return sides[0] == sides[1]
