"""Histories told step by step in which news is lost for good; each ends with the vendors' own word against the books."""

from collections.abc import Iterator

import pytest

from tests.histories import news
from tests.histories.stage import Stage, staged
from tests.histories.unheard import Unheard


@pytest.fixture(scope="module")
def only_stage() -> Iterator[Stage]:
    """One application for all of them; each begins with nothing."""
    with staged() as stage:
        yield stage


def _begun(stage: Stage, currency: str, far: int, *, off: str, backup: bool) -> Unheard:
    """A session was asked for, and with `far` of 2 paid; nothing of what the vendor `off` does is told."""
    service = _service(stage, currency)
    history: Unheard = type("Told", (Unheard,), {"stage": stage})()
    world = {"reversals": True, "reseats": True, "by_query": True, "prompt_mail": True}
    history.set_up(off=(off, "all"), menu=False, backup=False, returns=False, opening=[(0, service, 50, far)], **world)
    if backup:
        history.back_up()
    return history


def _service(stage: Stage, currency: str) -> int:
    """The number of a service that is paid before it is booked."""
    wanted = ("pay_then_book", currency)
    return [(each.mode_code, each.currency) for each in stage.cast.services].index(wanted)


def _ended(history: Unheard) -> None:
    """Everything is found, and both sides agree."""
    history.before_the_end()
    history.after_the_end()
    history.check(quiet=True)
    history.no_mistakes()


def _refunds(history: Unheard) -> list[tuple[int, str]]:
    return [(row.amount, row.status) for row in history.books.refunds]


def _reviews(history: Unheard) -> list[str]:
    return [row.reason for row in history.books.reviews]


@pytest.mark.parametrize(("vendor", "currency"), [("stripe", "EUR"), ("razorpay", "INR")])
def test_what_went_back_while_webhooks_were_off_is_found_by_night(
    only_stage: Stage, vendor: str, currency: str
) -> None:
    history = _begun(only_stage, currency, 2, off=vendor, backup=False)
    history.nights_pass(nights=1, statement=False)
    news.sent_back_there(only_stage, 0, 1_000)
    assert _refunds(history) == []
    _ended(history)
    assert _refunds(history) == [(1_000, "done")]


@pytest.mark.parametrize(("vendor", "currency"), [("stripe", "EUR"), ("razorpay", "INR")])
def test_a_dispute_that_was_lost_while_webhooks_were_off_is_found_by_night(
    only_stage: Stage, vendor: str, currency: str
) -> None:
    history = _begun(only_stage, currency, 2, off=vendor, backup=False)
    history.nights_pass(nights=1, statement=False)
    news.dispute(only_stage, 0, None)
    history.nights_pass(nights=1, statement=False)
    news.dispute_ends(only_stage, 0, "lose")
    _ended(history)
    assert [row.status for row in history.books.disputes] == ["lost"]


@pytest.mark.parametrize(("vendor", "currency"), [("stripe", "EUR"), ("razorpay", "INR"), ("mpesa", "KES")])
def test_a_payment_made_after_the_backup_is_found_after_the_way_back(
    only_stage: Stage, vendor: str, currency: str
) -> None:
    """What it was for is lost, too: the vendor's list, or M-Pesa's statement, brings it before staff, and into the books."""
    history = _begun(only_stage, currency, 0, off=vendor, backup=True)
    history.open(1, _service(only_stage, currency), 27, 2)
    assert [row.gateway for row in history.books.attempts] == [vendor]
    history.restore(pull=True)
    only_stage.letters.silent.clear()
    _ended(history)
    assert [(row.gateway, row.status) for row in history.books.attempts] == [(vendor, "paid")]
    assert _reviews(history) == ["lost_checkout"]


@pytest.mark.parametrize(("vendor", "currency"), [("stripe", "EUR"), ("razorpay", "INR")])
def test_a_payment_begun_after_the_backup_comes_back_to_the_bill_that_is_in_it(
    only_stage: Stage, vendor: str, currency: str
) -> None:
    history = _begun(only_stage, currency, 0, off=vendor, backup=True)
    history.pay(which=0, way=0, act="pay")
    history.restore(pull=True)
    assert [(row.gateway, row.status) for row in history.books.attempts] == [(vendor, "paid")]
    assert [row.status for row in history.books.bookings] == ["confirmed"]
    _ended(history)
    assert _reviews(history) == []


def test_a_reversal_at_m_pesas_site_is_found_by_the_statement_and_waits_with_its_amount(only_stage: Stage) -> None:
    history = _begun(only_stage, "KES", 2, off="stripe", backup=False)
    only_stage.sweep()
    news.reversed_there(only_stage, 0)
    _ended(history)
    assert [(row.reason, row.amount) for row in history.books.reviews] == [("returned_at_gateway", 150_000)]
