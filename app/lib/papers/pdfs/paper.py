"""A sheet drawn with fpdf2, which nothing else knows.

Every script our readers use is on board (app/lib/papers/fonts), so names and sentences may mix them; Arabic and Persian papers are
laid out from right to left.
"""

import logging
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF, FontFace
from fpdf.enums import Align, TableBordersLayout, TextDirection, XPos, YPos
from fpdf.table import Row

from app.lib.papers.pdfs.sheet import Sheet, Table

_FOLDER = Path(__file__).parents[1] / "fonts"
_FAMILIES = {"latin": "NotoSans", "arabic": "NotoSansArabic", "devanagari": "NotoSansDevanagari"}
_FIRST = {"ar": "arabic", "fa": "arabic", "hi": "devanagari"}  # the family that is asked first, by language
_MARGIN = 18.0  # millimetres around the page
_TERM = 52.0  # millimetres for the words before a fact
_LINE = 6.5  # millimetres of one line of text
_LOGO = 12.0  # millimetres that a logo is high
_LEAST = 40.0  # millimetres that a table begins in, so that its caption does not stand alone
_INK = (24, 50, 45)
_SOFT = (81, 98, 92)
_RULE = (196, 184, 164)
_SUNK = (244, 239, 229)
_LEFT_TO_RIGHT = "\u200e"  # the mark that keeps what stands between two of it in its own order
_MISSING = "\ufffd"  # stands for a character that none of the fonts has, such as an emoji

logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it tells the log of every table it leaves out


def render(sheet: Sheet) -> bytes:
    """The paper as a PDF file."""
    paper = _Paper(sheet)
    paper.head()
    for term, value in sheet.facts:
        paper.fact(term, value)
    if sheet.total:
        paper.sum(*sheet.total)
    for table in sheet.tables:
        paper.rows(table)
    paper.tail()
    return bytes(paper.output())


@cache
def _known() -> frozenset[int]:
    """Every character that one of the fonts has."""
    return frozenset().union(*(_codes(family) for family in _FAMILIES))


@cache
def _codes(family: str) -> frozenset[int]:
    with TTFont(_FOLDER / f"{_FAMILIES[family]}-Regular.ttf", lazy=True) as font:
        return frozenset(font.getBestCmap())


def _families(sheet: Sheet) -> list[str]:
    """The fonts this paper needs, the reader's own script first."""
    first = _FIRST.get(sheet.language, "latin")
    left = {ord(c) for text in _texts(sheet) for c in _shown(text)} - _codes(first)
    others = [family for family in _FAMILIES if family != first and left & _codes(family)]
    return [first, *others]


def _texts(sheet: Sheet) -> Iterator[str]:
    """Everything that is written on the paper."""
    yield from (
        sheet.house,
        sheet.title,
        *sheet.lead,
        *sheet.foot,
        sheet.pages,
        f"0123456789{_LEFT_TO_RIGHT}{_MISSING}",
    )
    for pair in (*sheet.facts, *([sheet.total] if sheet.total else [])):
        yield from pair
    for table in sheet.tables:
        yield from (table.caption, *table.heads, *(cell for row in table.rows for cell in row))


def _shown(text: str) -> str:
    """The text with a mark for every character that cannot be drawn, and with blanks that fonts have."""
    plain = text.replace("\u202f", "\xa0").replace("\u2068", "").replace("\u2069", "")
    return "".join(c if c == "\n" or ord(c) in _known() else _MISSING for c in plain)


def _is_left_to_right(text: str) -> bool:
    """Whether there is nothing in it that is read from the right: a number, a phone, a name in Latin letters."""
    return not any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in text)


class _Paper(FPDF):
    """One A4 document in the making."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self._sheet = sheet
        self._add_fonts(_families(sheet))
        self.set_text_shaping(True, direction=TextDirection.RTL if sheet.right_to_left else TextDirection.LTR)
        self._start, self._far = (Align.R, Align.L) if sheet.right_to_left else (Align.L, Align.R)
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(True, _MARGIN + 6)
        self.set_creation_date(sheet.made_at)
        self.set_title(sheet.title)
        self.set_lang(sheet.language)
        self.set_producer("Kikao")
        self.set_creator("Kikao")
        self.set_author(sheet.house or "Kikao")
        self.set_text_color(_INK)
        self.set_fill_color(255, 255, 255)
        self.set_draw_color(_RULE)
        self.add_page()

    def _add_fonts(self, families: list[str]) -> None:
        for family in families:
            self.add_font(family, "", _FOLDER / f"{_FAMILIES[family]}-Regular.ttf")
            self.add_font(family, "B", _FOLDER / f"{_FAMILIES[family]}-Bold.ttf")
        self.set_font(families[0], size=10.5)
        self.set_fallback_fonts(families[1:])

    def footer(self) -> None:
        """The number of the page, which fpdf2 asks for by this name."""
        self.set_y(-_MARGIN)
        self._type(8.5)
        self.set_text_color(_SOFT)
        self._line(self._sheet.pages.format(page=self.page_no()), self._far, 5)
        self.set_text_color(_INK)

    def head(self) -> None:
        """Whose paper it is, the title, and the lines under it."""
        self._letterhead()
        self._type(20, "B")
        self._line(self._sheet.title, self._start, 11)
        self._type(10.5)
        for text in self._sheet.lead:
            self._line(text, self._start)
        self.ln(4)

    def _letterhead(self) -> None:
        """The house's logo and name, where the line begins."""
        if self._sheet.logo:
            self.image(BytesIO(self._sheet.logo), x=self._start, h=_LOGO, keep_aspect_ratio=True)
            self.ln(2)
        if self._sheet.house:
            self._type(10.5, "B")
            self.set_text_color(_SOFT)
            self._line(self._sheet.house, self._start, 8)
            self.set_text_color(_INK)

    def fact(self, term: str, value: str) -> None:
        """A term and what it is, side by side."""
        width = self.epw - _TERM
        top = self.y
        left = _MARGIN
        term_at, value_at = (left + width, left) if self._sheet.right_to_left else (left, left + _TERM)
        bottoms = []
        for at, size, text, colour in ((term_at, _TERM, term, _SOFT), (value_at, width, value, _INK)):
            self.set_xy(at, top)
            self.set_text_color(colour)
            self.multi_cell(size, _LINE, self._own(text), align=self._start, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            bottoms.append(self.y)
        self.set_xy(left, max(bottoms) + 0.8)

    def sum(self, term: str, value: str) -> None:
        """What all comes to, in a box."""
        self.ln(2)
        self._type(13, "B")
        self.set_fill_color(_SUNK)
        cells = [(term, self._start), (value, self._far)]
        for text, align in reversed(cells) if self._sheet.right_to_left else cells:
            self.cell(self.epw / 2, 13, f" {self._own(text)} ", align=align, fill=True)
        self.set_fill_color(255, 255, 255)
        self.ln(18)
        self._type(10.5)

    def rows(self, table: Table) -> None:
        """A table whose heads stand on every page it goes on to."""
        self.ln(3)
        if self.will_page_break(_LEAST):
            self.add_page()
        self._type(12, "B")
        self._line(table.caption, self._start, 8)
        self._type(9)
        order = range(len(table.widths))
        heads = [table.heads] if table.heads else []
        columns = list(reversed(order) if self._sheet.right_to_left else order)
        with self.table(
            col_widths=[table.widths[n] for n in columns],
            text_align=[self._far if n in table.end else self._start for n in columns],
            headings_style=FontFace(emphasis="BOLD", color=_SOFT),
            first_row_as_headings=bool(heads),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=5,
            padding=(1.2, 1),
        ) as made:
            strong = FontFace(emphasis="BOLD", fill_color=_SUNK)
            for cells in heads:
                self._row(made.row(), cells, columns)
            for left, cells in zip(range(len(table.rows), 0, -1), table.rows, strict=True):
                self._row(made.row(style=strong if left <= table.sums else None), cells, columns)
        self.ln(2)

    def _row(self, row: Row, cells: Sequence[str], columns: list[int]) -> None:
        for column in columns:
            row.cell(self._own(cells[column]))

    def tail(self) -> None:
        """What is said last, in small letters."""
        self.ln(3)
        self._type(9)
        self.set_text_color(_SOFT)
        for text in self._sheet.foot:
            self._line(text, self._start, 5)
        self.set_text_color(_INK)

    def _type(self, size: float, style: str = "") -> None:
        """Letters of this size from here on.

        A blank of the paper's own font is drawn first: a line that begins in another script would set the font for itself
        only, and fpdf2 would take it as set for the lines after it.
        """
        self.set_font(style=style, size=size)
        self.cell(0, 0, " ", new_x=XPos.LMARGIN, new_y=YPos.TOP)

    def _own(self, text: str) -> str:
        """The text as it is drawn; on a paper that goes from right to left, what does not keeps its order."""
        shown = _shown(text)
        turned = self._sheet.right_to_left and shown and _is_left_to_right(shown)
        return f"{_LEFT_TO_RIGHT}{shown}{_LEFT_TO_RIGHT}" if turned else shown

    def _line(self, text: str, align: Align, height: float = _LINE) -> None:
        self.multi_cell(0, height, self._own(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
