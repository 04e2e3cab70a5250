"""The states of the payment page: each has something to show."""

from pathlib import Path

import pytest

from app.services.workflows.checkout_page import PayState

_PARTS = Path(__file__).parents[2] / "app" / "templates" / "payments" / "checkout"


@pytest.mark.parametrize("state", PayState)
def test_every_state_of_the_payment_page_has_its_template(state: PayState) -> None:
    assert (_PARTS / f"_{state}.html").exists()
