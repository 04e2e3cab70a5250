"""Texts that an operator writes, as HTML: headings (#), lists (-), **bold**, [links](https://...), and nothing else of theirs."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_HEADING = re.compile(r"(#{1,3}) +(.+)")
_ITEM = re.compile(r"[-*] +(.+)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
# Of what is escaped already: no quote or angle bracket can be in it.
_LINK = re.compile(r"\[([^\]\[]+)\]\(((?:https?://|mailto:)[^\s()*]+)\)|(https?://[^\s<>()*]*[^\s<>()*.,;:!?])")


def html(text: str) -> Markup:
    """The text for a page that has its own title: every letter of it is shown, and no markup of its own is believed."""
    return Markup("\n").join(_blocks(text))


def _blocks(text: str) -> Iterator[Markup]:
    for block in re.split(r"\n\s*\n", text.strip()):
        yield from _block(block.splitlines())


def _block(lines: list[str]) -> Iterator[Markup]:
    """Lines that stand together: of each sort those that follow each other are one element."""
    plain: list[str] = []
    items: list[str] = []
    for line in lines:
        heading = _HEADING.fullmatch(line.strip())
        item = _ITEM.fullmatch(line.strip())
        if plain and (heading or item):
            yield _paragraph(plain)
            plain = []
        if items and not item:
            yield _list(items)
            items = []
        if heading:
            yield _element(f"h{min(len(heading[1]) + 1, 4)}", _inline(heading[2]))
        elif item:
            items.append(item[1])
        else:
            plain.append(line)
    if plain:
        yield _paragraph(plain)
    if items:
        yield _list(items)


def _paragraph(lines: list[str]) -> Markup:
    return _element("p", Markup("<br>\n").join(map(_inline, lines)))


def _list(items: list[str]) -> Markup:
    return _element("ul", Markup("").join(_element("li", _inline(item)) for item in items))


def _element(name: str, inside: Markup) -> Markup:
    return Markup(f"<{name}>%s</{name}>") % inside  # noqa: S704  (a name of ours)


def _inline(text: str) -> Markup:
    made = _LINK.sub(_anchor, str(escape(text.strip())))
    return Markup(_BOLD.sub(r"<strong>\1</strong>", made))  # noqa: S704  (escaped before)


def _anchor(found: re.Match[str]) -> str:
    address = found[2] or found[3]
    return f'<a href="{address}" rel="nofollow noopener">{found[1] or found[3]}</a>'
