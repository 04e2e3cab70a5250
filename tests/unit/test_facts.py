"""What gateways tell survives being kept in a row."""

from datetime import UTC, datetime

import pytest

from app.domain.lifecycle import ATTEMPT_MOVES, REFUND_MOVES
from app.domain.money import Money
from app.gateways import base, facts
from app.gateways.base import FailureCode
from app.services.core import fact_json

NOW = datetime(2026, 11, 21, 10, 30, 5, 123456, tzinfo=UTC)
KES = Money(150000, "KES")
EVERY: list[facts.Storable] = [
    base.Confirmed(KES, "NLJ7RT61SV", verified=False),
    base.Confirmed(None, None),
    base.Confirmed(KES, "pi_1", taken_at=NOW),
    base.Pending(settles_by=NOW),
    base.Authorised(KES, "pi_1", NOW),
    base.Authorised(KES, "pi_1"),
    base.Failed(FailureCode.NO_ANSWER, "1037"),
    base.Pending(in_flight=False, hint=FailureCode.DECLINED),
    base.Pending(),
    base.Refunded(KES, "re_1", "rf_1", "pi_1"),
    base.RefundFailed("no", code=base.RefundFailureCode.NO_BALANCE),
    base.Disputed("pi_1", None, "created"),
    base.Disputed("pi_1", KES, "lost", "du_1", base.DisputePhase.ARBITRATION, NOW, KES, KES),
    base.Redirect("https://x.test/", "cs_1", {"a": "b"}),
    base.Modal("https://x.test/s.js", {"key": "k", "amount": 5}, "https://x.test/f", {"a": "b"}, "order_1"),
    base.Modal(
        "https://x.test/s.js", {}, "https://x.test/f", {}, "o", window=base.Window("Pay", "paid", "shut", ("a", "b"))
    ),
    base.WaitForPush("ws_1", 120, {"phone": "254712345678"}),
    base.Instructions("Pay at the till", "m_1"),
    base.CheckoutRequest("REF", "k", KES, "Session", NOW, NOW, "cb", "ret", "can", phone="+254712345678"),
    base.CheckoutRequest("REF", "k", KES, "Session", NOW, NOW, "cb", "ret", "can", slow_methods=("sepa_debit", "oxxo")),
]


@pytest.mark.parametrize("value", EVERY, ids=lambda v: type(v).__name__)
def test_a_value_kept_as_json_comes_back_equal(value: facts.Storable) -> None:
    assert fact_json.from_json(fact_json.to_json(value)) == value


def test_the_words_that_rows_are_kept_under_are_for_ever() -> None:
    """Renaming a class must not make yesterday's rows unreadable: these words stand in databases."""
    assert {type(value).__name__: value.type_code for value in [*EVERY, base.Window("Pay", "paid", "shut", ())]} == {
        "Confirmed": "confirmed",
        "Authorised": "authorised",
        "Failed": "failed",
        "Pending": "pending",
        "Refunded": "refunded",
        "RefundFailed": "refundfailed",
        "Disputed": "disputed",
        "Redirect": "redirect",
        "Modal": "modal",
        "Window": "window",
        "WaitForPush": "waitforpush",
        "Instructions": "instructions",
        "CheckoutRequest": "checkoutrequest",
    }


def test_what_earlier_versions_kept_is_read() -> None:
    failed = {
        "type": "refundfailed",
        "reason": "no",
        "refund_ref": None,
        "refund_key": "rf_1",
        "retryable": False,
    }
    assert fact_json.from_json(failed) == base.RefundFailed("no", refund_key="rf_1")
    prompt = {"type": "waitforpush", "provider_ref": "ws_1", "seconds": 120, "details": {}}
    assert fact_json.from_json(prompt) == base.WaitForPush("ws_1", 120)


def test_the_tables_of_moves_know_every_fact_that_moves_something() -> None:
    assert {fact.type_code for fact in (base.Pending, base.Refunded, base.RefundFailed)} <= REFUND_MOVES.keys()
    payment = (base.Confirmed, base.Authorised, base.Failed, base.Pending)
    assert {fact.type_code for fact in payment} <= ATTEMPT_MOVES.keys()
