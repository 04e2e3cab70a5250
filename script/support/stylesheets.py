"""script/check's linter of stylesheets: what a browser would silently pass over, and what nothing uses any more."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2
from tinycss2 import ast

SHEETS = (Path("app/static/kikao.css"), Path("sandbox/static/sandbox.css"))
LOGICAL = SHEETS[0]  # turns round for scripts written from the right by logical properties alone
_LIBRARIES = {"htmx-request"}  # classes that a library sets: this one while htmx waits for an answer
_NAMERS = {".html", ".js"}  # what names classes
_SIDED = re.compile(r"(?:(?:margin|padding|border|inset|min|max)-)?(?:left|right|top|bottom|width|height)(?:-.*)?$")
_NOT_SIDED = re.compile(r"border-width$")


def complaint() -> str | None:
    """What is wrong with the stylesheets, a line each; None if nothing is."""
    return "\n".join(said for sheet in SHEETS for said in complaints(sheet)) or None


def declarations(sheet: Path) -> list[tuple[int, str, str]]:
    """Return each declaration's line, property and value."""
    rules = _rules(_parsed(sheet))
    return [(item.source_line, item.name, tinycss2.serialize(item.value).strip()) for item in _declared(rules)]


def complaints(sheet: Path) -> Iterator[str]:
    """Each complaint about one sheet, with its place."""
    rules = list(_rules(_parsed(sheet)))
    blocks = [rule for rule in rules if rule.type == "qualified-rule"]
    broken = [(rule.source_line, rule.message) for rule in rules if rule.type == "error"]
    for line, said in [
        *broken,
        *_about_blocks(blocks, sheet),
        *_about_variables(blocks, sheet),
        *_about_classes(blocks, sheet),
    ]:
        yield f"{sheet}:{line}: {said}"


def _parsed(sheet: Path) -> list[ast.Node]:
    return list(tinycss2.parse_stylesheet(sheet.read_text(), skip_comments=True, skip_whitespace=True))


def _rules(nodes: Iterable[ast.Node]) -> Iterator[ast.Node]:
    """Every rule and everything that is none, those inside @media and its like too."""
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword in {"media", "supports"}:
            yield from _rules(tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True))
        else:
            yield node


def _declared(rules: Iterable[ast.Node]) -> Iterator[ast.Node]:
    for rule in rules:
        if rule.type == "qualified-rule":
            yield from (item for item in _items(rule) if item.type == "declaration")


def _about_blocks(blocks: list[ast.Node], sheet: Path) -> Iterator[tuple[int, str]]:
    """What is wrong inside one block of declarations."""
    for block in blocks:
        earlier: list[str] = []
        for item in _items(block):
            if item.type != "declaration":
                yield item.source_line, getattr(item, "message", f"no declaration: {item.type}")
                continue
            if item.name in earlier[:-1]:  # the one just before is what older browsers fall back to
                yield item.source_line, f"{item.name} is set twice"
            if sheet == LOGICAL and _SIDED.match(item.name) and not _NOT_SIDED.match(item.name):
                yield item.source_line, f"{item.name} is no logical property (inline, block, start, end)"
            earlier.append(item.name)


def _items(block: ast.Node) -> list[ast.Node]:
    return list(tinycss2.parse_blocks_contents(block.content, skip_comments=True, skip_whitespace=True))


def _about_variables(blocks: list[ast.Node], sheet: Path) -> Iterator[tuple[int, str]]:
    """Variables used and not set, or set and not used."""
    used = set(re.findall(r"var\((--[\w-]+)", sheet.read_text()))
    lines = {item.name: item.source_line for item in _declared(blocks) if item.name.startswith("--")}
    yield from ((line, f"nothing uses {name}") for name, line in lines.items() if name not in used)
    yield from ((1, f"{name} is used and not set") for name in sorted(used - set(lines)))


def _about_classes(blocks: list[ast.Node], sheet: Path) -> Iterator[tuple[int, str]]:
    """Classes that no page has."""
    named = Named.around(sheet)
    for block in blocks:
        for name in re.findall(r"\.([a-zA-Z][\w-]*)", tinycss2.serialize(block.prelude)):
            if name not in _LIBRARIES and not named.has(name):
                yield block.source_line, f"no page has the class {name}"


class Named:
    """The words of the templates and scripts beside a stylesheet."""

    def __init__(self, text: str) -> None:
        self._words = set(re.findall(r"[\w-]+", text))
        self._stems = set(re.findall(r'([\w-]+)(?:\{\{|"\s*~)', text))  # class="btn--{{ kind }}", "btn--" ~ kind

    @classmethod
    def around(cls, sheet: Path) -> "Named":
        """Read the package the sheet belongs to."""
        files = (path for path in sheet.parents[1].rglob("*") if path.suffix in _NAMERS and "vendor" not in path.parts)
        return cls("\n".join(path.read_text() for path in files))

    def has(self, name: str) -> bool:
        """Whether a page may have the class: named in full, or put together from a stem and a word."""
        return name in self._words or any(
            name.startswith(stem) and "-" not in name[len(stem) :] for stem in self._stems
        )
