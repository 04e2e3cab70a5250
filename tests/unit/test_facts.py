"""What gateways tell survives being kept in a row."""

from datetime import UTC, datetime

import pytest

from app.domain.money import Money
from app.gateways import base
from app.gateways.base import FailureCode
from app.services.core import fact_json

NOW = datetime(2026, 11, 21, 10, 30, 5, 123456, tzinfo=UTC)
KES = Money(150000, "KES")
EVERY = [
    base.Confirmed(KES, "NLJ7RT61SV", verified=False),
    base.Confirmed(None, None),
    base.Authorised(KES, "pi_1", NOW),
    base.Authorised(KES, "pi_1"),
    base.Failed(FailureCode.NO_ANSWER, "1037"),
    base.Pending(in_flight=False, hint=FailureCode.DECLINED),
    base.Pending(),
    base.Refunded(KES, "re_1", "rf_1", "pi_1"),
    base.RefundFailed("no", retryable=False),
    base.Disputed("pi_1", None, "created"),
    base.Redirect("https://x.test/", "cs_1", {"a": "b"}),
    base.Modal("https://x.test/s.js", {"key": "k", "amount": 5}, "https://x.test/f", {"a": "b"}, "order_1"),
    base.Modal(
        "https://x.test/s.js", {}, "https://x.test/f", {}, "o", window=base.Window("Pay", "paid", "shut", ("a", "b"))
    ),
    base.WaitForPush("ws_1", 120, {"phone": "254712345678"}),
    base.Instructions("Pay at the till", "m_1"),
    base.CheckoutRequest("REF", "k", KES, "Session", NOW, NOW, "cb", "ret", "can", phone="+254712345678"),
]


@pytest.mark.parametrize("value", EVERY, ids=lambda v: type(v).__name__)
def test_a_value_kept_as_json_comes_back_equal(value: object) -> None:
    assert fact_json.from_json(fact_json.to_json(value)) == value
