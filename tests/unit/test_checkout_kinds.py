"""A kind of checkout is one row: whoever adds a member without all that goes with it learns here what is missing."""

from pathlib import Path

import pytest

from app import words
from app.domain.checkout_kinds import CHECKOUT_KINDS, OWED, CheckoutKind, Drafted, Proceeds
from app.services.ledger.splits import SPLITS
from app.services.payments.payables import PAYABLES
from app.words import booking_states, payment_states

_MAILS = Path(__file__).parents[2] / "app" / "templates" / "mail"

every_kind = pytest.mark.parametrize("kind", CheckoutKind)


@every_kind
def test_every_kind_has_its_row_and_its_payable(kind: CheckoutKind) -> None:
    assert kind in CHECKOUT_KINDS
    assert kind in PAYABLES


@every_kind
def test_every_kind_says_on_papers_what_was_paid_for(kind: CheckoutKind) -> None:
    assert kind in words.PAID_FOR


@every_kind
def test_every_kind_says_why_its_money_goes_back(kind: CheckoutKind) -> None:
    assert CHECKOUT_KINDS[kind].gone in words.REFUND_REASONS


@every_kind
def test_every_kind_says_on_its_page_what_the_money_brought_about(kind: CheckoutKind) -> None:
    """A question says so itself: with whose it is, and what became of it."""
    assert (kind in payment_states.PAID) is (CHECKOUT_KINDS[kind].drafted is not Drafted.QUESTION)


@every_kind
def test_every_kind_that_can_end_after_it_was_paid_says_that_it_has(kind: CheckoutKind) -> None:
    """A debt that was paid is paid, credit is credit, and a question says it itself."""
    rules = CHECKOUT_KINDS[kind]
    can_end = not rules.is_owed and rules.proceeds in (Proceeds.SESSION, Proceeds.GIFT, Proceeds.PACKAGE)
    assert (kind in payment_states.ENDED_SINCE) is can_end


@every_kind
def test_every_debt_and_nothing_else_is_told_and_explained(kind: CheckoutKind) -> None:
    notice = CHECKOUT_KINDS[kind].owed_notice
    of_booking = bool(CHECKOUT_KINDS[kind].payable_while)
    assert bool(notice) is (kind in OWED)
    assert (kind in words.OWED) is (kind in OWED)
    assert (f"pay_{kind}" in booking_states.BUTTONS) is (kind in OWED and of_booking)
    assert not notice or (_MAILS / f"{notice}.txt").exists()


@every_kind
def test_only_what_a_booking_waits_for_keeps_a_place_or_is_reserved(kind: CheckoutKind) -> None:
    rules = CHECKOUT_KINDS[kind]
    assert not (rules.keeps_place or rules.may_reserve) or rules.payable_while
    assert rules.drafted is Drafted.NOTHING or not rules.payable_while


def test_it_is_said_of_everybody_who_can_be_paid_how() -> None:
    assert set(SPLITS) == set(Proceeds)


def test_no_row_and_no_sentence_is_left_of_a_kind_that_is_gone() -> None:
    for table in (
        CHECKOUT_KINDS,
        PAYABLES,
        words.PAID_FOR,
        words.OWED,
        payment_states.PAID,
        payment_states.ENDED_SINCE,
    ):
        assert set(table) <= set(CheckoutKind)
