"""Tables that no spreadsheet runs."""

from decimal import Decimal

import pytest

from app.lib.papers import csvs


@pytest.mark.parametrize(
    "cell", ["=1+1", "+254700", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "\xa0=1", "＝1+1"]
)
def test_what_looks_like_a_formula_stays_text(cell: str) -> None:
    """S2-25: names and reasons are other people's words (CSV injection)."""
    assert csvs.safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Wanjiku", "1500", "a=b", "", "مها"])
def test_everything_else_is_as_it_was(cell: str) -> None:
    assert csvs.safe(cell) == cell


def test_numbers_are_numbers() -> None:
    assert [csvs.safe(cell) for cell in (-5, Decimal("-1.50"))] == ["-5", "-1.50"]


def test_a_table_is_utf8_with_its_mark_and_quotes_where_needed() -> None:
    content = csvs.table(["Name", "Reason"], [["Ali, Ben", 'said "no"\nagain']])
    assert content.startswith(b"\xef\xbb\xbfName,Reason\r\n")
    assert content.decode("utf-8-sig").splitlines()[1].startswith('"Ali, Ben","said ""no""')
