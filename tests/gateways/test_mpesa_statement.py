"""M-Pesa's organisation statement as its portal gives it: read whole in little memory, or refused with every fault named."""

import csv
import gc
import io
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from app.domain.money import Money
from app.gateways.base import Confirmed, Listed, Refunded, Statement, StatementRefused
from app.gateways.mpesa import mpesa_statement
from app.gateways.mpesa.mpesa_lines import COLUMNS, cents
from sandbox.daraja.statements import written

CODE = "174379"
BEGAN = datetime(2026, 3, 3, 6, 0, tzinfo=UTC).timestamp()
OURS = "KX7PQ2MNR4TZ"


def line(receipt: str, amount: int, after: int = 60, **more: str) -> dict[str, Any]:
    """A movement, as the sandbox remembers it; amounts are cents."""
    said = {"details": "Pay Bill Online from 2547****111 - A **** B", "reason": "Pay Utility", "party": "2547****111"}
    plain = {"linked": "", "account": "", "status": "Completed"}
    return {"at": int(BEGAN) + after, "receipt": receipt, "amount": amount, **said, **plain, **more}


PAID = line("TCX0000001", 150_000, account=OURS)
FEE = line("TCX0000001", -825, details="Pay Bill Charge")
OTHERS = line("TCX0000002", 25_000, 70, account="HSE 12")
SWEPT = line("TCX0000003", -100_000, 80, details="Utility Account to Organization Settlement")
FAILED = line("TCX0000004", -9_900, 90, status="Failed")
BACK = line("TCX0000005", -150_000, 100, details="Pay Bill Reversal", linked="TCX0000001")
FEE_BACK = line("TCX0000005", 825, 100, details="Pay Bill Charge Reversal", linked="TCX0000001")
DAY = [PAID, FEE, OTHERS, SWEPT, FAILED, BACK, FEE_BACK]


def text(lines: list[dict[str, Any]] | Iterator[dict[str, Any]] = DAY, opening: int = 500_000, **more: Any) -> str:
    """A statement of these lines, oldest first."""
    return written(lines, opening, more.get("code", CODE), more.get("since", BEGAN), more.get("until", BEGAN + 86_399))


def read(content: str | bytes) -> Statement:
    """What is read of a file."""
    return mpesa_statement.read(io.BytesIO(content.encode() if isinstance(content, str) else content), {CODE})


def faults(content: str | bytes) -> list[tuple[str, int]]:
    """What is wrong with a file: each fault with its line."""
    with pytest.raises(StatementRefused) as refused:
        read(content)
    return [(fault.code, fault.line) for fault in refused.value.faults]


def rewritten(change: Callable[[list[list[str]]], None], content: str = "") -> str:
    """The statement after somebody changed its rows."""
    rows = list(csv.reader(io.StringIO(content or text())))
    change(rows)
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def packed(content: str, name: str = "ORG_174379_Utility_Account.csv", **more: str) -> bytes:
    """A ZIP with the statement, and what else is to be in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for each, inside in {name: content, **more}.items():
            file.writestr(each, inside)
    return out.getvalue()


# ------------------------------------------------------------------------------------------------ what is read


def test_a_statement_says_whose_it_is_of_when_and_what_was_paid_and_sent_back() -> None:
    found = read(text())
    assert (found.account, found.since.timestamp(), found.until.timestamp(), found.lines) == (
        CODE,
        BEGAN,
        BEGAN + 86_399,
        7,
    )
    facts = [each.event.fact for each in found.listed()]
    at = datetime.fromtimestamp(BEGAN + 60, UTC)
    assert facts == [
        Refunded(Money(150_000, "KES"), refund_ref="TCX0000005", charge_ref="TCX0000001"),
        Confirmed(Money(25_000, "KES"), "TCX0000002", verified=False, taken_at=datetime.fromtimestamp(BEGAN + 70, UTC)),
        Confirmed(Money(150_000, "KES"), "TCX0000001", verified=False, taken_at=at),
    ]
    assert [each.event.reference for each in found.listed()] == [None, "HSE12", OURS]


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        (" kx7p q2mn r4tz ", OURS),
        ("KX7P-Q2MN-R4TZ", OURS),
        ("kx7pq2.mnr4tz", OURS),
        ("KU7PQ2MNR4TZ", "KV7PQ2MNR4TZ"),  # we write no U, and some people write one for V
        ("hse 12-B", "HSE12-B"),
    ],
)
def test_an_account_number_typed_by_hand_is_known_as_in_news_of_the_menu(typed: str, known: str) -> None:
    [only] = read(text([line("TCX0000001", 150_000, account=typed)])).listed()
    assert only.event.reference == known


@pytest.mark.parametrize(
    "details",
    [
        "Pay Bill from 254708374149 - JOHN CHARGER Acc. KX7PQ2MNR4TZ",
        "Pay Bill Online from Jane Discharge Acc. KX7PQ2MNR4TZ",
        "Pay Bill Online Acc. Recharge 12",
    ],
)
def test_a_payer_who_is_called_like_a_fee_has_paid(details: str) -> None:
    back = line("TCX0000005", -150_000, 100, details=details.replace("from", "Reversal to"), linked="TCX0000001")
    kinds = [type(each.event.fact) for each in read(text([PAID | {"details": details}, back])).listed()]
    assert kinds == [Refunded, Confirmed]


def test_the_news_of_a_line_has_the_same_key_in_every_statement() -> None:
    [one] = read(text([PAID])).listed()
    again, _ = read(text([OTHERS | {"at": int(BEGAN)}, PAID], 9_000)).listed()
    assert one.event == again.event


def test_the_fee_of_a_reversal_is_no_return_of_its_payment() -> None:
    fee = line("TCX0000005", -1_000, 100, details="Pay Bill Reversal Charge", linked="TCX0000001")
    assert list(read(text([fee])).listed()) == []


def test_nothing_of_a_payer_is_in_what_is_read() -> None:
    said = repr([*read(text()).listed()])
    assert "2547" not in said
    assert "****" not in said


@pytest.mark.parametrize(
    "how", ["a byte order mark", "latin-1 names", "a zip", "oldest first", "iso times", "no minus"]
)
def test_the_same_is_read_however_the_file_came(how: str) -> None:
    def turned(rows: list[list[str]]) -> None:
        rows[7:] = rows[:6:-1]

    def iso(rows: list[list[str]]) -> None:
        for row in rows[7:]:
            day, month, year = row[1][:10].split("-")
            row[1] = f"{year}-{month}-{day}{row[1][10:]}"

    def unsigned(rows: list[list[str]]) -> None:
        for row in rows[7:]:
            row[6] = row[6].lstrip("-")

    files: dict[str, str | bytes] = {
        "a byte order mark": "\ufeff" + text(),
        "latin-1 names": text([{**PAID, "party": "JOSÉ"}, *DAY[1:]]).encode("latin-1"),
        "a zip": packed(text()),
        "oldest first": rewritten(turned),
        "iso times": rewritten(iso),
        "no minus": rewritten(unsigned),
    }

    def known(found: Iterator[Listed]) -> list[str]:
        return sorted(repr(each) for each in found)

    assert known(read(files[how]).listed()) == known(read(text()).listed())


def test_lines_of_one_second_may_stand_in_any_order() -> None:
    lines = [line(f"TCX000010{n}", 1_000 + n, 60 + n // 4, account=OURS) for n in range(9)]
    content = text(lines)

    def shuffled(rows: list[list[str]]) -> None:
        body = rows[7:]
        random.Random(3).shuffle(body)
        rows[7:] = sorted(body, key=lambda row: row[1], reverse=True)

    assert rewritten(shuffled, content) != content
    assert read(rewritten(shuffled, content)).lines == 9


def test_an_account_on_which_nothing_moved_has_a_statement_too() -> None:
    assert (read(text([])).lines, list(read(text([])).listed())) == (0, [])


@pytest.mark.parametrize(
    ("said", "amount"),
    [("1,234,567.89", 123_456_789), ("-0.05", -5), ("7", 700), ("12.5", 1_250), ("250000.00", 25_000_000)],
)
def test_amounts_are_read_to_the_cent(said: str, amount: int) -> None:
    assert cents(said) == amount


@pytest.mark.parametrize(
    "said", ["1,23.00", "12,34", "1.234,50", "1e3", "٣", "0x1", "1.234", "--1", "", "NaN", "1 000"]
)
def test_what_is_no_amount_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        cents(said)


# ------------------------------------------------------------------------------------------------ what is refused


def _set(row: int, column: int, value: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        rows[row][column] = value

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_set(1, 1, "600000"), ("statement_account", 0)),
        (_set(2, 1, "MMF Account"), ("statement_other_account", 0)),
        (_set(3, 4, "03-03-2099 09:00:00"), ("statement_future", 0)),
        (_set(3, 2, "yesterday"), ("statement_format", 0)),
        (_set(3, 2, "31-02-2026 00:00:00"), ("statement_format", 0)),
        (_set(5, 1, ""), ("statement_format", 0)),
        (_set(6, 5, "Credit"), ("statement_format", 0)),
        (_set(6, 0, "Transaction"), ("statement_format", 0)),
        (_set(7, 0, ""), ("statement_line", 8)),
        (_set(8, 1, "03-03-2026 25:00:00"), ("statement_line", 9)),
        (_set(8, 1, "03-03-2026"), ("statement_line", 9)),
        (_set(8, 7, "a lot"), ("statement_line", 9)),
        (_set(10, 6, "1.0.0"), ("statement_line", 11)),
        (_set(13, 5, "-1,500.00"), ("statement_line", 14)),
        (_set(13, 13, "USD"), ("statement_line", 14)),
        (_set(13, 1, "02-03-2026 09:01:00"), ("statement_outside", 14)),
        (_set(11, 5, "251.00"), ("statement_balance", 13)),
        (_set(5, 3, "4,000.01"), ("statement_balance", 8)),
        (_set(5, 1, "4,999.99"), ("statement_cut", 0)),
    ],
)
def test_a_fault_is_named_with_its_line(change: Callable[[list[list[str]]], None], fault: tuple[str, int]) -> None:
    assert fault in faults(rewritten(change))


def test_all_that_is_wrong_is_said_at_once() -> None:
    def change(rows: list[list[str]]) -> None:
        rows[1][1] = "600000"
        rows[8][1] = rows[10][7] = "?"

    assert faults(rewritten(change)) == [("statement_account", 0), ("statement_line", 9), ("statement_line", 11)]


def test_a_file_with_nothing_but_faults_names_some_of_them() -> None:
    lines = [line(f"TCX{n:07}", 1_000, n) for n in range(500)]

    def change(rows: list[list[str]]) -> None:
        for row in rows[7:]:
            row[7] = "?"

    assert len(faults(rewritten(change, text(lines)))) == mpesa_statement.SAID


def test_a_line_taken_out_or_put_in_does_not_add_up() -> None:
    def without(rows: list[list[str]]) -> None:
        del rows[11]

    def twice(rows: list[list[str]]) -> None:
        rows.insert(11, rows[11])

    assert faults(rewritten(without)) == [("statement_balance", 12)]
    assert faults(rewritten(twice))[0][0] == "statement_balance"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 500,
        "Receipt No.,Completion Time\n",
        "Receipt No,Completion Time,Details,Transaction Status,Paid In (KSHs),Withdrawn (KSHs),Balance (KSHs)\n",
        text().encode("utf-16"),
        b"%PDF-1.4",
        b"PK\x03\x04 and then nothing",
        packed(text(), "statement.pdf"),
        packed(text(), more="two"),
        packed(text())[:-40],
        b"a" * 100_000,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ],
)
def test_another_format_is_no_statement(content: str | bytes) -> None:
    assert faults(content) == [("statement_format", 0)]


def test_a_zip_that_is_spoilt_inside_is_no_statement() -> None:
    whole = bytearray(packed(text()))
    whole[60:70] = b"\xff" * 10
    assert faults(bytes(whole)) == [("statement_format", 0)]


def test_a_zip_with_any_of_its_bytes_turned_over_is_refused_or_read() -> None:
    """What it says of where its parts lie sent the reader before the beginning of the file."""
    chance = random.Random(7)  # the same each time
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        whole = _zipped(text().encode(), method)
        for _ in range(400):
            spoilt = bytearray(whole)
            spoilt[chance.choice((chance.randrange(len(whole)), -chance.randrange(1, 90)))] = chance.randrange(256)
            _read_or_refused(bytes(spoilt))


def test_a_small_zip_of_empty_lines_is_refused_in_seconds() -> None:
    """Of 300 kilobytes, 290 million lines: whoever sent it had a thread of the server for minutes."""
    bomb = _zipped(b"\n" * 20_000_000, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 25_000
    began = time.process_time()
    assert [code for code, _ in faults(bomb)] == ["statement_format"]
    assert time.process_time() - began < 10
    assert faults(bomb)[0][1] == mpesa_statement.LINES + 1


def _zipped(content: bytes, method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as zipped:
        zipped.writestr("statement.csv", content)
    return made.getvalue()


def _read_or_refused(content: bytes) -> None:
    """It is no error of any other sort."""
    with suppress(StatementRefused):
        mpesa_statement.read(io.BytesIO(content), {CODE})


def test_a_zip_that_would_unpack_without_end_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpesa_statement, "UNPACKED", 1_000)
    assert faults(packed(text())) == [("statement_format", 0)]


def test_a_file_cut_anywhere_is_refused() -> None:
    """Bad input: cut in the middle. Each of some hundred places, and each end of a line."""
    whole = text([*DAY, *(line(f"TCX{n:07}", 1_000, 200 + n, account="A, B") for n in range(40))])
    places = random.Random(7).sample(range(1, len(whole) - 2), 300)
    ends = [at + 1 for at, letter in enumerate(whole[:-2]) if letter == "\n"]
    for place in [*places, *ends]:
        assert faults(whole[:place]), place


def test_a_file_with_bytes_turned_over_is_refused_or_says_the_same_of_ours() -> None:
    whole = text().encode()
    known = sorted(repr(each) for each in read(whole).listed())
    fuzz = random.Random(11)
    for _ in range(400):
        spoilt = bytearray(whole)
        spoilt[fuzz.randrange(len(spoilt))] = fuzz.randrange(256)
        try:
            told = sorted(repr(each.event.fact.money) for each in read(bytes(spoilt)).listed())
        except StatementRefused:
            continue
        assert told == sorted(repr(each.event.fact.money) for each in read(whole).listed())
    assert known


class _Watched(io.BytesIO):
    """A file that counts, while it is read, how many things are in memory."""

    most = reads = 0

    def read1(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads % 400 == 0:
            self.most = max(self.most, len(gc.get_objects()))
        return super().read1(8_192 if size is None or size < 0 else min(size, 8_192))


def test_two_hundred_thousand_lines_take_no_more_memory_than_some_hundred() -> None:
    """Bad input: 200,000 lines. Counted while they are read: no list grows with the file."""
    lines = (line(f"TC{n:08}", 1_000, n // 3, account="SHOP") for n in range(200_000))
    file = _Watched(text(lines).encode())
    gc.collect()
    before = len(gc.get_objects())
    found = mpesa_statement.read(file, {CODE})
    assert found.lines == 200_000
    assert sum(1 for _ in islice(found.listed(), 60_000)) == 60_000
    assert file.reads > 4_000
    assert file.most - before < 10_000


def test_every_column_that_is_read_is_one_that_the_portal_has() -> None:
    assert set(COLUMNS) <= set(next(row for row in csv.reader(io.StringIO(text())) if row[0] == "Receipt No."))
