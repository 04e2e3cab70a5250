"""script/check's linter of stylesheets: what a browser would silently pass over, and what nothing uses any more."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2
from tinycss2 import ast

SHEETS = (Path("app/static/kikao.css"), Path("sandbox/static/sandbox.css"))
LOGICAL = SHEETS[0]  # turns round for scripts written from the right by logical properties alone
_LIBRARIES = {"htmx-request"}  # classes that a library sets: this one while htmx waits for an answer
_NAMERS = {".html", ".js", ".py"}  # what names classes
_SIDED = re.compile(r"(?:(?:margin|padding|border|inset|min|max)-)?(?:left|right|top|bottom|width|height)(?:-.*)?$")
_NOT_SIDED = re.compile(r"border-width$")


def complaint() -> str | None:
    """What is wrong with the stylesheets, a line each; None if nothing is."""
    return "\n".join(said for sheet in SHEETS for said in _complaints(sheet)) or None


def declarations(sheet: Path) -> list[tuple[int, str, str]]:
    """Return each declaration's line, property and value."""
    rules = tinycss2.parse_stylesheet(sheet.read_text(), skip_comments=True, skip_whitespace=True)
    items = [item for block in _blocks(rules) for item in _items(block) if item.type == "declaration"]
    return [(item.source_line, item.name, tinycss2.serialize(item.value).strip()) for item in items]


def _complaints(sheet: Path) -> Iterator[str]:
    """Each complaint about one sheet, with its place."""
    rules = tinycss2.parse_stylesheet(sheet.read_text(), skip_comments=True, skip_whitespace=True)
    blocks = list(_blocks(rules))
    for line, said in [*_broken(rules), *_about_blocks(blocks, sheet), *_about_names(blocks, sheet)]:
        yield f"{sheet}:{line}: {said}"


def _broken(rules: Iterable[ast.Node]) -> Iterator[tuple[int, str]]:
    yield from ((rule.source_line, rule.message) for rule in rules if rule.type == "error")


def _blocks(rules: Iterable[ast.Node]) -> Iterator[ast.Node]:
    """Every rule with declarations, those inside @media and its like too."""
    for rule in rules:
        if rule.type == "qualified-rule":
            yield rule
        elif rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
            yield from _blocks(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))


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


def _about_names(blocks: list[ast.Node], sheet: Path) -> Iterator[tuple[int, str]]:
    """Variables used and not set, or set and not used; classes that no page has."""
    text = sheet.read_text()
    used = set(re.findall(r"var\((--[\w-]+)", text))
    declared = {item.name: item.source_line for block in blocks for item in _items(block) if item.type == "declaration"}
    variables = {name: line for name, line in declared.items() if name.startswith("--")}
    yield from ((line, f"nothing uses {name}") for name, line in variables.items() if name not in used)
    yield from ((1, f"{name} is used and not set") for name in sorted(used - set(variables)))
    named = Named.around(sheet)
    for block in blocks:
        for name in re.findall(r"\.([a-zA-Z][\w-]*)", tinycss2.serialize(block.prelude)):
            if name not in _LIBRARIES and not named.has(name):
                yield block.source_line, f"no page has the class {name}"


class Named:
    """The words of the templates, scripts and Python beside a stylesheet."""

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
