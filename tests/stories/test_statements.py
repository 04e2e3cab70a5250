"""The practitioner's months: as the books have them, by their own calendar, on the page, in a table, on paper, in the API."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.money import Money
from app.extensions import db
from app.lib import clock
from app.models import Attempt, LedgerEntry, Practitioner, Role, User
from app.services.backoffice import repair
from app.services.core.transaction import transaction
from app.services.ledger import journal, statements
from tests.support.pdf_text import pdf_text
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _at(world: World, moment: str) -> None:
    """It is this moment, in UTC."""
    world.move(seconds=(datetime.fromisoformat(moment).replace(tzinfo=UTC) - clock.now()).total_seconds())


def _earned(world: World, owner: int, amount: int, key: str, currency: str = "EUR") -> None:
    """The practitioner has this more, the platform a tenth on top."""
    with world.app.app_context(), transaction():
        parts = [
            journal.Transfer(journal.WRITE_OFF, journal.practitioner(owner), Money(amount, currency)),
            journal.Transfer(journal.WRITE_OFF, journal.PLATFORM, Money(amount // 10, currency)),
        ]
        journal.post("test", key, *parts)


def _month(world: World) -> str:
    with world.app.app_context():
        [own] = db.session.query(Practitioner)
        return f"{statements.months(own)[0].month:%Y-%m}"


def test_a_month_shows_gross_fee_refund_and_what_is_due(world: World) -> None:
    """S2-16, statement of section 2: two sessions of 60.05, one given back in parts; the fee in proportion."""
    owner, staff = world.practitioner(), world.person(Role.STAFF)
    service = world.service(owner, price_amount=6_005)
    for number in range(2):
        world.booked(world.person(), service, start=world.slots(service)[number * 3]["start"])
    with world.app.app_context():
        attempt = db.session.query(Attempt).first()
        for back in (1_999, 4, 4):
            repair.refund(attempt.id, Money(back, "EUR"), "late", db.session.get_one(User, staff.user_id))
    found = owner.get(f"/statements/{_month(world)}").json
    [account] = found["accounts"]
    assert (found["over"], found["zone"]) == (False, "Africa/Nairobi")
    rows = [[line[c]["amount"] for c in ("gross", "fee", "refund", "paid_out", "net")] for line in account["lines"]]
    paid = [6_005, 601, 0, 0, 5_404]
    assert rows == [paid, paid, [0, -200, 1_999, 0, -1_799], [0, 0, 4, 0, -4], [0, -1, 4, 0, -3]]
    assert {line["client"] for line in account["lines"]} == {"Wanjiku K."}
    assert (account["opening"]["amount"], account["closing"]["amount"]) == (0, 9_002)
    assert sum(e.amount for e in world.all(LedgerEntry) if e.account == "practitioner") == 9_002


@pytest.mark.parametrize(
    ("zone", "last", "first"),
    [
        ("Africa/Nairobi", "2027-03-31T20:59:59", "2027-03-31T21:00:00"),
        ("Europe/Paris", "2027-03-31T21:59:59", "2027-03-31T22:00:00"),  # the clocks went forward on the 28th
        ("Europe/Paris", "2027-10-31T22:59:59", "2027-10-31T23:00:00"),  # and back that very morning
        ("America/New_York", "2028-03-01T04:59:59", "2028-03-01T05:00:00"),
        ("Africa/Cairo", "2027-04-30T20:59:59", "2027-04-30T21:00:00"),
    ],
)
def test_a_month_ends_at_the_practitioners_midnight_whatever_the_clocks_do(
    world: World, zone: str, last: str, first: str
) -> None:
    """Month bounds in the practitioner's zone, over clock changes."""
    world.practitioner(zone=zone)
    _at(world, last)
    _earned(world, 1, 1_000, "before")
    _at(world, first)
    _earned(world, 1, 500, "after")
    with world.app.app_context():
        own = db.session.get_one(Practitioner, 1)
        later, earlier = statements.months(own)
        assert (later.count, earlier.count) == (1, 1)
        assert (later.month - earlier.month).days in (28, 29, 30, 31)
        [before] = statements.of_month(own, earlier.month).accounts
        [after] = statements.of_month(own, later.month).accounts
        assert (before.opening.amount, before.closing.amount) == (0, 1_000)
        assert (after.opening.amount, after.closing.amount) == (1_000, 1_500)
        assert statements.of_month(own, earlier.month).is_over
        assert [net.amount for net in later.nets] == [500]


def test_all_months_together_are_the_balance_in_the_books(world: World) -> None:
    """S2-16: fourteen months in two currencies, with gaps; each opens where the one before it closed."""
    world.practitioner()
    for number in range(14):
        _at(world, f"{2027 + (number * 2) // 12}-{(number * 2) % 12 + 1:02}-{number + 1:02}T12:00:00")
        _earned(world, 1, 1_000 + number, f"e{number}")
        if number % 3 == 0:
            _earned(world, 1, 77, f"k{number}", "KES")
    with world.app.app_context():
        own = db.session.get_one(Practitioner, 1)
        summaries = statements.months(own)
        assert len(summaries) == 14
        last: dict[str, int] = {}
        for summary in reversed(summaries):
            for account in statements.of_month(own, summary.month).accounts:
                assert account.opening.amount == last.get(account.currency, 0)
                last[account.currency] = account.closing.amount
        for currency in ("EUR", "KES"):
            assert last[currency] == journal.balance(journal.practitioner(1), currency).amount
            assert sum(n.amount for s in summaries for n in s.nets if n.currency == currency) == last[currency]
    with world.app.app_context(), transaction():
        back = journal.Transfer(journal.practitioner(1), journal.WRITE_OFF, Money(last["EUR"], "EUR"))
        journal.post("test", "home", back)


def test_what_was_paid_out_stands_in_a_column_of_its_own(world: World) -> None:
    """Settlements, once the books have any: they are neither a refund nor a fee."""
    owner = world.practitioner()
    _earned(world, 1, 5_400, "in")
    with world.app.app_context(), transaction():
        away = journal.Transfer(journal.practitioner(1), journal.BY_HAND, Money(5_000, "EUR"))
        journal.post("settled", "out", away)
    month = _month(world)
    [account] = owner.get(f"/statements/{month}").json["accounts"]
    line = account["lines"][1]
    assert [line[c]["amount"] for c in ("gross", "fee", "refund", "paid_out", "net")] == [0, 0, 0, 5_000, -5_000]
    assert account["closing"]["amount"] == 400
    assert "Paid out to you" in Pages(world, owner).get(f"/practice/statements/{month}").text


def test_the_page_the_table_and_the_paper_say_the_same(world: World) -> None:
    """S2-16, S2-26: CSV and PDF beside the page; the client in few letters; numbers that a spreadsheet can add."""
    owner = world.practitioner()
    client = world.person(name="=cmd|calc Kamau")
    service = world.service(owner, price_amount=6_005, free_cancel_hours=0)
    booking = world.booked(client, service)
    client.post(f"/bookings/{booking['id']}/cancel")
    world.booked(world.person(name="Achieng Odhiambo"), service)
    pages, month = Pages(world, owner), _month(world)
    assert f"/practice/statements/{month}" in pages.get("/practice/statements").text
    page = pages.get(f"/practice/statements/{month}").text
    for word in ("€120.10", "€60.05", "Achieng O.", "Opening balance", "Closing balance", "€54.04"):
        assert word in page.replace("\xa0", " ")
    assert "Odhiambo" not in page
    file = pages.get(f"/practice/statements/{month}.csv")
    assert file.content_type == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"] == f'attachment; filename="statement-dr-amina-otieno-{month}.csv"'
    rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
    assert rows[0] == [
        "Date",
        "Client",
        "What",
        "Currency",
        "Paid by clients",
        "Platform fee",
        "Amount refunded",
        "Yours",
        "Balance",
    ]
    assert [row[1] for row in rows[2:5]] == ["'=cmd|calc K.", "'=cmd|calc K.", "Achieng O."]
    assert sum(Decimal(row[7]) for row in rows[2:5]) == Decimal(rows[-1][-1]) == Decimal("54.04")
    paper = pages.get(f"/practice/statements/{month}.pdf")
    assert paper.content_type == "application/pdf"
    text = pdf_text(paper.data).replace("\xa0", " ")
    for word in ("Statement for", "Dr. Amina Otieno", "Achieng O.", "€54.04", "This month is not over"):
        assert word in text


@pytest.mark.parametrize(
    ("month", "status"),
    [
        ("2026-13", 422),
        ("2026-00", 422),
        ("2026-1", 422),
        ("1999-12", 422),
        ("x", 422),
        ("٢٠٢٦-١١", 422),
        ("9999-12", 404),
        ("2100-01", 404),
    ],
)
def test_a_month_that_cannot_be_or_has_not_begun(world: World, month: str, status: int) -> None:
    """Bad input: a clear error, never a 500."""
    owner = world.practitioner()
    pages = Pages(world, owner)
    answer = owner.get(f"/statements/{month}")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    for ending in ("", ".csv", ".pdf"):
        assert pages.get(f"/practice/statements/{month}{ending}").status_code == status


def test_a_month_without_anything_is_empty_and_no_error(world: World) -> None:
    owner = world.practitioner()
    assert owner.get("/statements").json == []
    assert owner.get("/statements/2020-02").json["accounts"] == []
    pages = Pages(world, owner)
    assert "Nothing received yet" in pages.get("/practice/statements").text
    assert "No movements in this month" in pages.get("/practice/statements/2020-02").text
    assert pdf_text(pages.get("/practice/statements/2020-02.pdf").data)
    assert pages.get("/practice/statements/2020-02.csv").status_code == 200


def test_only_the_practitioner_and_staff_see_a_statement(world: World) -> None:
    """Invariant 7: to clients there is none, to other practitioners only their own."""
    owner, other, staff = world.practitioner(), world.practitioner(name="Dr. Otto"), world.person(Role.STAFF)
    world.booked(world.person(), world.service(owner))
    month, slug = f"{clock.now().astimezone(ZoneInfo('Africa/Nairobi')):%Y-%m}", "dr-amina-otieno"
    assert staff.get(f"/statements/{month}", practitioner=slug).json["accounts"]
    assert staff.get(f"/statements/{month}").status_code == 404
    assert staff.get("/statements", practitioner="nobody").status_code == 404
    desk = Pages(world, staff)
    assert 'href="/practice/statements"' in desk.get("/staff").text
    assert f"/practice/statements?practitioner={slug}" in desk.get("/practice/statements").text
    for path in ("", f"/{month}", f"/{month}.csv", f"/{month}.pdf"):
        assert desk.get(f"/practice/statements{path}?practitioner={slug}").status_code == 200
        assert Pages(world, world.person()).get(f"/practice/statements{path}?practitioner={slug}").status_code == 404
    assert other.get(f"/statements/{month}", practitioner=slug).json["accounts"] == []
    assert world.person().get(f"/statements/{month}", practitioner=slug).status_code == 404
    _ask_nobody(world, month)


def _ask_nobody(world: World, month: str) -> None:
    nobody: Any = world.app.test_client()
    assert nobody.get(f"/practice/statements/{month}").status_code in (302, 303)
    assert nobody.get(f"/api/v1/statements/{month}").status_code == 401


def test_a_practitioner_finds_months_and_receipts_from_their_first_page(world: World) -> None:
    owner: Caller = world.practitioner()
    pages = Pages(world, owner)
    assert 'href="/practice/statements"' in pages.get("/practice").text
    assert 'href="/practice/tax"' in pages.get("/practice/profile").text
    assert 'href="/receipts"' in pages.get("/practice/statements").text


def test_a_month_of_too_many_lines_is_a_table_and_no_paper(world: World) -> None:
    """A line of a PDF costs 15 ms of a worker; a table costs nothing."""
    owner = world.practitioner()
    with world.app.app_context(), transaction():
        for number in range(statements.PAPER_LINES + 1):
            transfer = journal.Transfer(journal.WRITE_OFF, journal.practitioner(1), Money(100, "EUR"))
            journal.post("test", f"line {number}", transfer)
    pages, month = Pages(world, owner), _month(world)
    page = pages.get(f"/practice/statements/{month}").text
    assert ("Download as PDF" in page, "too many lines for a PDF" in page) == (False, True)
    refused = pages.get(f"/practice/statements/{month}.pdf")
    assert (refused.status_code, "Download it as a table." in refused.text) == (409, True)
    assert pages.get(f"/practice/statements/{month}.csv").data.count(b"\n") > statements.PAPER_LINES


@pytest.mark.usefixtures("limits")
def test_who_asks_for_papers_all_day_is_slowed_down(world: World) -> None:
    """Each costs a worker a moment: by page or by program, it is one person."""
    owner = world.practitioner()
    path = "/receipts/00000000-0000-4000-8000-000000000000.pdf"
    pages = Pages(world, owner)
    answers = [owner.get(path).status_code for _ in range(59)] + [pages.get(path).status_code for _ in range(2)]
    assert (set(answers[:60]), answers[60]) == ({404}, 429)
    assert world.practitioner(name="Dr. Other").get(path).status_code == 404
