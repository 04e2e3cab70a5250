"""The tax a practitioner's prices include. It is put on receipts from now on; those that were issued keep theirs."""

import re
from decimal import Decimal

from app.extensions import db
from app.lib.text import clean
from app.models import PracticeTax, Practitioner, User
from app.services import practice
from app.services.core.errors import Invalid, check_all
from app.services.core.transaction import lock, transaction

WORD_LIMIT = 40
_MOST = 5_000
_RATE = re.compile(r"\d{1,2}([.,]\d{1,2})?")


def of_practitioner(practitioner_id: int) -> PracticeTax | None:
    """What the practitioner has set; None before that."""
    return db.session.get(PracticeTax, practitioner_id)


def included(amount: int, rate: int) -> int:
    """The tax in an amount that includes it, half a unit rounded up; `rate` in hundredths of a percent."""
    whole = 10_000 + rate
    return (2 * amount * rate + whole) // (2 * whole)


def parse_rate(text: str) -> int:
    """Hundredths of a percent from what a person typed ("16", "7,7"); nothing is none. Raises Invalid (tax_rate_invalid)."""
    text = text.strip().removesuffix("%").strip()
    if not text:
        return 0
    if not _RATE.fullmatch(text) or not text.isascii():
        raise Invalid("tax_rate_invalid", field="percent")
    return int(Decimal(text.replace(",", ".")) * 100)


def save_tax(user: User, name: str, rate: int, number: str) -> PracticeTax:
    """Receipts say so from now on (report S2-26).

    Raises NotFound, Invalid (tax_rate_invalid, tax_name_missing, too_long).
    """
    check_words(name, number)
    name = _word(name, "name")
    number = _word(number, "number")
    if not 0 <= rate <= _MOST:
        raise Invalid("tax_rate_invalid", field="percent")
    if rate and not name:
        raise Invalid("tax_name_missing", field="name")
    with transaction() as session:
        own = practice.of_user(user)
        lock(Practitioner, own.id)
        tax = of_practitioner(own.id) or PracticeTax(practitioner_id=own.id)
        tax.name = name
        tax.rate = rate
        tax.number = number
        session.add(tax)
        return tax


def check_words(name: str, number: str) -> None:
    """Both fit. Raises Invalid (too_long)."""
    check_all((lambda: _word(name, "name"), lambda: _word(number, "number")))


def _word(text: str, field: str) -> str:
    text = " ".join(clean(text).split())
    if len(text) > WORD_LIMIT:
        raise Invalid("too_long", field=field, most=WORD_LIMIT)
    return text
