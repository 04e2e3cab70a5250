"""Papers as PDF: every script, both directions, the same bytes each time."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.lib.papers import pdfs
from app.lib.papers.pdfs import Sheet, Table
from tests.support.pdf_text import pdf_text

_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def _sheet(language: str, title: str, name: str, rows: int = 3) -> Sheet:
    table = Table("EUR", ["When", "Who", "Sum"], [["21 Nov", name, "54.00"]] * rows, [1, 2, 1], frozenset({2}), 1)
    return Sheet(
        title=title,
        language=language,
        right_to_left=language in ("ar", "fa"),
        made_at=_AT,
        lead=[name, "P051234567X"],
        facts=[("Client", name), ("Phone", "+254 712 345 678")],
        total=("Paid", "60.00"),
        tables=[table],
        foot=["That is all."],
    )


@pytest.mark.in_turn
@pytest.mark.parametrize("language", ["en", "sw", "hi", "fr", "ar", "fa"])
def test_names_of_every_script_stand_on_papers_of_every_language(language: str) -> None:
    """S2-26: whatever language the paper is in, a name keeps its letters."""
    for name in ("Élodie Ngũgĩ", "प्रियंका", "ليلى", "گلناز پژوهش", "Ольга Ελένη", "Nguyễn 🌊 山"):
        text = pdf_text(pdfs.render(_sheet(language, "A 1", name)))
        letters = {letter for letter in name if letter.isalpha() and letter != "山"}
        assert len(letters - set(text)) <= len(letters) // 3, (name, text)  # joined letters come back as others
        assert "+254 712 345 678" in text


def test_the_same_paper_is_the_same_bytes() -> None:
    sheet = _sheet("ar", "إيصال", "ليلى प्रियंका")
    assert pdfs.render(sheet) == pdfs.render(sheet)


def test_a_long_table_goes_on_with_its_heads() -> None:
    text = pdf_text(pdfs.render(_sheet("en", "A 1", "Wanjiku", rows=90)))
    assert text.count("Who") == 4
    assert text.count("Wanjiku") == 92


@pytest.mark.parametrize(
    ("language", "name", "word"),
    [("hi", "Amina", "पता"), ("en", "ليلى", "twelve"), ("en", "पता", "twelve"), ("ar", "Amina", "باب")],
)
def test_a_line_in_another_script_does_not_change_the_letters_after_it(language: str, name: str, word: str) -> None:
    """Read with another font's table, or drawn with its shapes, the words after it would be others."""
    sheet = _sheet(language, word, name)
    text = pdf_text(pdfs.render(replace(sheet, facts=[(word, word)], total=(word, name), foot=[name, word])))
    assert text.count(word) == 5
