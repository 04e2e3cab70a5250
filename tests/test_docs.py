"""What the documents say is what the code does."""

import re
from pathlib import Path

from app.domain.money import Money
from app.gateways.stripe import stripe_account, stripe_limits
from app.models.ledger.journal import ACCOUNTS
from config import ROOT
from script.support import diagrams

_OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")


def test_the_state_diagrams_are_drawn_from_todays_tables() -> None:
    page = diagrams.PAGE.read_text(encoding="utf-8")
    assert diagrams.with_drawing(page) == page, "run python -m script.support.diagrams"


def test_every_account_of_the_books_is_explained() -> None:
    table = diagrams.PAGE.read_text(encoding="utf-8").partition("| Account |")[2].partition("\n\n")[0]
    assert set(ACCOUNTS) <= set(re.findall(r"[a-z_]+", table))


def test_every_setting_of_our_own_is_explained() -> None:
    """KIKAO_* in the code and in docs/operating.md."""
    code = "".join(
        path.read_text(encoding="utf-8") for path in [Path(ROOT / "config.py"), *Path(ROOT / "app").rglob("*.py")]
    )
    named = set(re.findall(r"\bKIKAO_[A-Z_]+\b", code))
    assert named <= set(re.findall(r"\bKIKAO_[A-Z_]+\b", _OPERATING))


def test_the_amounts_that_stripe_takes_are_those_of_the_adapter() -> None:
    """Each currency with its least and greatest amount, and the day on which Stripe's own page said so."""
    page = (ROOT / "docs" / "stripe.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([A-Z]{3}) \| ([\d,.]+) \| ([\d,.]+) \| (\d+) \|$", page, re.MULTILINE)
    ours = [
        (code, _major(least, code), _major(stripe_limits.MAXIMUM[code], code), _digits(code))
        for code, least in sorted(stripe_limits.MINIMUM.items())
    ]
    assert rows == ours
    assert f"said on {stripe_limits.READ_ON}" in page


def _major(amount: int, currency: str) -> str:
    return f"{Money(amount, currency).major:,f}"


def _digits(currency: str) -> str:
    return str(stripe_limits.DIGITS.get(currency, stripe_limits.EVERY_CARD))


def test_the_events_and_the_version_that_stripes_endpoint_needs_are_named() -> None:
    page = (ROOT / "docs" / "stripe.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^- `([a-z_.]+)`$", page, re.MULTILINE)) == set(stripe_account.NEEDED)
    assert f"`{stripe_account.READS}`" in page
