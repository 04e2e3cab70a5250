"""Another product on the same accounts: what it does is told to our endpoint too, and its money is not in Kikao's log."""

import json
from typing import Any

import pytest
import requests


def _told(receiver: Any) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in receiver.got]


@pytest.mark.parametrize(
    ("gateway", "then", "kinds"),
    [
        (
            "stripe",
            "refund",
            {"checkout.session.completed", "payment_intent.succeeded", "charge.refunded", "refund.created"},
        ),
        ("stripe", "dispute", {"charge.dispute.created", "charge.dispute.funds_withdrawn"}),
        ("razorpay", "refund", {"payment.captured", "order.paid", "refund.processed"}),
        ("razorpay", "dispute", {"payment.dispute.created"}),
    ],
)
def test_all_that_a_neighbour_does_is_told_to_our_endpoint(
    box: Any, receiver: Any, gateway: str, then: str, kinds: set[str]
) -> None:
    answer = requests.post(
        f"{box.url}/control/neighbour", json={"gateway": gateway, "times": 2, "then": [then]}, timeout=20
    )
    assert len(answer.json()["sales"]) == 2
    requests.get(f"{box.url}/control/callbacks?wait=10", timeout=20)
    told = _told(receiver)
    assert kinds <= {each.get("type") or each.get("event") for each in told}
    assert {each.path for each in receiver.got} == {f"/callbacks/{gateway}"}
    assert "zainab@neighbour.example" in json.dumps(told)
    assert requests.get(f"{box.url}/money.json", timeout=20).json()["entries"] == []


def test_half_of_its_charges_by_card_have_no_metadata_at_all(box: Any, receiver: Any) -> None:
    requests.post(f"{box.url}/control/neighbour", json={"times": 4}, timeout=20)
    requests.get(f"{box.url}/control/callbacks?wait=10", timeout=20)
    paid = [each["data"]["object"] for each in _told(receiver) if each["type"] == "payment_intent.succeeded"]
    assert sorted(bool(each["metadata"]) for each in paid) == [False, False, True, True]


def test_its_page_sells_and_what_it_cannot_do_is_refused(box: Any) -> None:
    assert "Nothing yet" in requests.get(f"{box.url}/neighbour", timeout=20).text
    done = requests.post(f"{box.url}/neighbour", data={"gateway": "razorpay", "then": "refund"}, timeout=20)
    assert (done.status_code, "Zainab Neighbour: refund" in done.text) == (200, True)
    assert requests.post(f"{box.url}/neighbour", data={"gateway": "mpesa"}, timeout=20).status_code == 400
    refused = requests.post(f"{box.url}/control/neighbour", json={"gateway": "stripe", "then": ["explode"]}, timeout=20)
    assert refused.status_code == 400
