"""What code says that a function can reach: every text in it, in what it names, and in what that names in turn.

It reads too much and never too little: a text that it does not find nobody there can say.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from config import ROOT

Place = tuple[str, str]  # a module, and a name at its first level
_ANYTHING = r"\w+"


@dataclass(frozen=True)
class Module:
    """One file: what it has at its first level, and what it has from others."""

    name: str
    tree: ast.Module

    @cached_property
    def own(self) -> dict[str, ast.stmt]:
        """Functions, classes and tables by their name."""
        return {name: statement for statement in self.tree.body for name in _names(statement)}

    @cached_property
    def imported(self) -> dict[str, str]:
        """What a name stands for that comes from elsewhere, with its whole path."""
        imports = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.module]
        return {alias.asname or alias.name: f"{node.module}.{alias.name}" for node in imports for alias in node.names}


def _names(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))


@cache
def modules() -> dict[str, Module]:
    """Every file of the application, by the name it is imported by."""
    found = {}
    for path in (ROOT / "app").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = Module(name, ast.parse(Path(path).read_text(encoding="utf-8")))
    return found


def can_say(start: Place, wanted: str) -> bool:
    """Whether the text stands within reach, or one that is put together so that it may become it."""
    seen, waiting = {start}, [start]
    while waiting:
        here = _look(waiting.pop())
        if wanted in here.whole or any(re.fullmatch(pattern, wanted) for pattern in here.put_together):
            return True
        waiting += here.leads_to - seen
        seen |= here.leads_to
    return False


@dataclass(frozen=True)
class Sight:
    """What stands in one place: texts, patterns of those that are put together, and what else is named."""

    whole: set[str]
    put_together: set[str]
    leads_to: set[Place]


@cache
def _look(place: Place) -> Sight:
    module = modules()[place[0]]
    nodes = list(ast.walk(module.own[place[1]]))
    whole = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    put_together = {_pattern(node) for node in nodes if isinstance(node, ast.JoinedStr)} - {_ANYTHING}
    paths = {path for node in nodes if (path := _dotted(node))}
    return Sight(whole, put_together, {found for path in paths if (found := _resolve(module, path))})


def _pattern(text: ast.JoinedStr) -> str:
    parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else _ANYTHING for part in text.values]
    return "".join(parts)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (start := _dotted(node.value)):
        return f"{start}.{node.attr}"
    return ""


def _resolve(module: Module, path: str) -> Place | None:
    """Where what is called so in this module stands: `bookings.get` may be three files away."""
    first, _, rest = path.partition(".")
    if first in module.own:
        return module.name, first
    return _find(".".join(filter(None, (module.imported.get(first), rest)))) if first in module.imported else None


def _find(path: str) -> Place | None:
    """The first level's name that this whole path leads to."""
    words = path.split(".")
    for n in range(len(words) - 1, 0, -1):
        module = modules().get(".".join(words[:n]))
        if module is not None:
            return None if ".".join(words[: n + 1]) in modules() else _resolve(module, ".".join(words[n:]))
    return None
