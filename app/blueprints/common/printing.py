"""Receipts and statements in words: the same on the page, on paper and in a table, in the reader's language."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import flask_babel
from flask import Response
from flask_babel import gettext as _

from app import words
from app.blueprints.common import web
from app.domain.money import Money
from app.lib import clock
from app.lib.papers import pdfs
from app.lib.papers.pdfs import Sheet, Table
from app.lib.text import discreet
from app.models import Receipt
from app.services import house
from app.services.ledger import statements
from app.services.ledger.statements import CurrencyStatement, Line, Statement

_PLAIN = "#,##0.##%"


def download(content: bytes, name: str, media: str) -> Response:
    """The file, to be kept."""
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, content_type=media)


def sheet_pdf(**parts: object) -> bytes:
    """The paper with these parts, in the language that is spoken now, as a PDF file."""
    locale = flask_babel.get_locale()
    language = str(locale or "en").split("_", maxsplit=1)[0]
    turned = getattr(locale, "text_direction", "ltr") == "rtl"
    ours = {"house": house.known().own_name, "logo": house.logos.printed() if house.known().logo else b""}
    common = {"language": language, "right_to_left": turned, "pages": _("Page %(page)s", page="{page}"), **ours}
    return pdfs.render(Sheet(**common, **parts))  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------ receipts


def title_of(receipt: Receipt) -> str:
    """What the document is, with its number."""
    if receipt.is_credit:
        return str(_("Credit note %(number)s", number=receipt.number))
    return str(_("Receipt %(number)s", number=receipt.number))


def percent(rate: int) -> str:
    """Hundredths of a percent as the reader's language writes them."""
    return str(flask_babel.format_percent(Decimal(rate) / 10_000, _PLAIN))


def facts_of(receipt: Receipt) -> list[tuple[str, str]]:
    """Everything the document says but who issued it and how much it is, term by term; what there is not is left out."""
    about = words.paid_for(receipt.about)
    told = [
        (_("For"), f"{about}: {receipt.title}" if receipt.title else about),
        (_("Session on"), web.when(receipt.starts_at, receipt.zone) if receipt.starts_at else ""),
        (_("Client"), receipt.client_name),
        *(_of_credit(receipt) if receipt.is_credit else _of_payment(receipt)),
        (_("Our reference"), receipt.reference),
        (_("Includes %(tax)s of %(rate)s", tax=receipt.tax_name, rate=percent(receipt.tax_rate)), _tax(receipt)),
    ]
    return [(term, text) for term, text in told if text]


def _of_payment(receipt: Receipt) -> list[tuple[str, str]]:
    return [
        (_("Paid on"), web.when(receipt.issued_at, receipt.zone)),
        (_("Paid with"), words.method(receipt.method)),
        (_("Payment reference"), receipt.charge_ref),
    ]


def _of_credit(receipt: Receipt) -> list[tuple[str, str]]:
    return [
        (_("Credited on"), web.when(receipt.issued_at, receipt.zone)),
        (_("Why"), words.refund_reason(receipt.reason)),
        (_("Corrects receipt"), receipt.corrects.number if receipt.corrects else ""),
        (_("Originally paid with"), words.method(receipt.method)),
    ]


def _tax(receipt: Receipt) -> str:
    return web.money(receipt.tax) if receipt.tax_rate else ""


def issuer_of(receipt: Receipt) -> list[str]:
    """Who issued the document, and their number with the tax office."""
    number = " ".join(filter(None, (receipt.tax_name or _("Tax number"), receipt.tax_number)))
    return [receipt.issuer_name, *([number] if receipt.tax_number else [])]


def total_of(receipt: Receipt) -> tuple[str, str]:
    """What it comes to."""
    return (_("Credited") if receipt.is_credit else _("Paid"), web.money(receipt.money))


def receipt_pdf(receipt: Receipt) -> Response:
    """The document on paper."""
    content = sheet_pdf(
        title=title_of(receipt),
        made_at=receipt.issued_at,
        lead=issuer_of(receipt),
        facts=facts_of(receipt),
        total=total_of(receipt),
        foot=[_("The amount includes all fees.")],
    )
    kind = "credit-note" if receipt.is_credit else "receipt"
    return download(content, f"{kind}-{receipt.number}.pdf", "application/pdf")


# ------------------------------------------------------------------------------------------------ statements


def heads() -> dict[str, str]:
    """What the columns of numbers are called."""
    return {
        "gross": _("Paid by clients"),
        "fee": _("Platform fee"),
        "refund": _("Amount refunded"),
        "paid_out": _("Paid out to you"),
        "in_hand": _("Paid to you by hand"),
        "net": _("Yours"),
    }


def what(line: Line) -> str:
    """What a line is about."""
    return words.paid_for(line.about) if line.about else str(words.POSTINGS.get(line.kind, line.kind))


def month_name(month: date) -> str:
    """The month with its year."""
    return str(flask_babel.format_date(month, "LLLL yyyy"))


def file_name(statement: Statement, ending: str) -> str:
    """What the file is called where it is kept."""
    return f"statement-{statement.practitioner.slug}-{statement.month:%Y-%m}.{ending}"


def statement_pdf(statement: Statement, challenged: Iterable[Money]) -> Response:
    """The month on paper; `challenged` is what clients' banks challenge now."""
    zone = statement.practitioner.zone
    content = sheet_pdf(
        title=_("Statement for %(month)s", month=month_name(statement.month)),
        made_at=clock.now(),
        lead=[statement.practitioner.name],
        facts=[
            (_("Created on"), web.when(clock.now(), zone)),
            (_("Days begin and end in"), zone.replace("_", " ")),
            *((_("Disputed by a client's bank"), web.money(each)) for each in challenged),
        ],
        tables=[_table(account, zone) for account in statement.accounts],
        foot=[] if statement.is_over else [_("This month is not over yet: more may be added.")],
    )
    return download(content, file_name(statement, "pdf"), "application/pdf")


def _table(account: CurrencyStatement, zone: str) -> Table:
    shown = statements.columns([account])
    sums = [(_("Opening balance"), account.opening), (_("Closing balance"), account.closing)]
    blank = [""] * (len(shown) - 1)
    rows = [
        [str(sums[0][0]), "", "", *blank, web.money(sums[0][1])],
        *([_day(line, zone), discreet(line.client), what(line), *_numbers(line, shown)] for line in account.lines),
        [_("Totals"), "", "", *(web.money(account.sum(column)) for column in shown)],
        [str(sums[1][0]), "", "", *blank, web.money(sums[1][1])],
    ]
    top = [_("Date"), _("Client"), _("What"), *(heads()[column] for column in shown)]
    widths = [17, 20, 26, *([17] * len(shown))]
    return Table(account.currency, top, rows, widths, frozenset(range(3, 3 + len(shown))), sums=2)


def _day(line: Line, zone: str) -> str:
    return str(flask_babel.format_date(line.at.astimezone(ZoneInfo(zone)).date(), "d MMM"))


def _numbers(line: Line, shown: list[str]) -> list[str]:
    found = [getattr(line, column) for column in shown]
    return [web.money(money) if money.amount else "" for money in found]


def statement_rows(statement: Statement) -> tuple[list[str], list[list[object]]]:
    """The month as a table for spreadsheets: heads, and a row for each balance and movement."""
    shown = statements.columns(statement.accounts)
    top = [_("Date"), _("Client"), _("What"), _("Currency"), *(heads()[column] for column in shown), _("Balance")]
    rows: list[list[object]] = []
    for account in statement.accounts:
        balance = account.opening
        rows.append(["", "", _("Opening balance"), account.currency, *([""] * len(shown)), balance.major])
        for line in account.lines:
            balance += line.net
            day = line.at.astimezone(ZoneInfo(statement.practitioner.zone)).date().isoformat()
            told = [getattr(line, column).major for column in shown]
            rows.append([day, discreet(line.client), what(line), account.currency, *told, balance.major])
        rows.append(["", "", _("Closing balance"), account.currency, *([""] * len(shown)), account.closing.major])
    return top, rows
