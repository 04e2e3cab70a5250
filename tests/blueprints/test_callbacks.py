"""The doors gateways knock at: forged, doubled, early, late, huge, unknown (complaints 6, 7, 8, 13; S6 of faults)."""

import json
from typing import Any

import pytest
import requests

from app.models import Attempt, Booking, InboxEntry, Notification, Refund, RejectedCallbacks, Review
from tests.support.at_once import at_once
from tests.support.callbacks import deliver, nobody_knows_it, post, send
from tests.support.deals import deal
from tests.support.gateways import BY_CODE, SIGNED
from tests.support.world import World


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_twenty_copies_at_once_confirm_once(world: World, gateway: str) -> None:
    """Acceptance criterion 8, S6-F12, S7-F12, complaint 8: one confirmation, one mail to each side, one charge."""
    one = deal(world, gateway)
    rows = one.pay_unheard()
    assert set(at_once(*[lambda row=row: post(world, row) for row in rows for _ in range(20)])) == {200}
    world.work()  # what nobody signed is asked about
    assert one.state[0] == "confirmed"
    assert [a.status for a in world.all(Attempt)] == ["paid"]
    kinds = [n.kind for n in world.all(Notification)]
    assert kinds.count("booking_confirmed") == 1
    assert kinds.count("booking_confirmed_practitioner") == 1


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_callbacks_in_reverse_order_end_in_the_same_state(world: World, gateway: str) -> None:
    """S6-F13, complaint 7, invariant 3."""
    one = deal(world, gateway)
    deliver(world, one.pay_unheard()[::-1])
    assert one.state == ("confirmed", "paid")


@pytest.mark.parametrize("gateway", SIGNED)
def test_a_forged_signature_is_400_counted_and_stores_nothing(world: World, gateway: str) -> None:
    """S6-F17, complaint 13."""
    one = deal(world, gateway)
    row = one.pay_unheard()[0]
    tampered = row["body"].encode().replace(b'"amount', b'"Amount', 1)
    name = BY_CODE[gateway].signature
    assert post(world, row, tampered) == 400
    assert post(world, row, headers={name: "t=1,v1=deadbeef"}) == 400
    assert post(world, row, headers={name: None}) == 400
    assert world.all(InboxEntry) == []
    assert sum(r.count for r in world.all(RejectedCallbacks)) == 3
    assert one.state[0] == "awaiting_payment"


_MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe\x00",
    b"<html></html>",
    b"{}",
    b'{"Body": {"stkCallback": 5}}',
    b"[" * 5000,
)


@pytest.mark.parametrize("gateway", BY_CODE)
def test_whatever_is_sent_is_answered_below_500(world: World, gateway: str) -> None:
    """S6-F10: truncated, empty, no JSON, wrong shape, at the right address."""
    one = deal(world, gateway)
    row = one.pay_unheard()[0]
    for body in _MALFORMED:
        assert post(world, row, body) == 400, body[:40]
    assert world.all(InboxEntry) == []


@pytest.mark.any_gateway
@pytest.mark.parametrize("gateway", BY_CODE)
def test_a_body_over_256_kib_is_413(world: World, gateway: str) -> None:
    one = deal(world, gateway)
    row = one.pay_unheard()[0]
    assert post(world, row, b"x" * (256 * 1024 + 1)) == 413


def test_unknown_addresses_are_404_and_other_methods_405_never_a_redirect(world: World) -> None:
    base = world.app.config["PUBLIC_URL"]
    for path in ("/callbacks/paypal", "/callbacks/mpesa", "/callbacks/mpesa/guessed", "/callbacks/stripe/extra"):
        assert requests.post(base + path, data=b"{}", timeout=20, allow_redirects=False).status_code == 404
    assert requests.get(base + "/callbacks/stripe", timeout=20, allow_redirects=False).status_code == 405


@pytest.mark.parametrize("changes", [{"Amount": 1}, {"Amount": 0.01}, {"PhoneNumber": 254700000000}])
def test_an_mpesa_callback_that_contradicts_what_was_asked_confirms_nothing(
    world: World, changes: dict[str, Any]
) -> None:
    """S6-F18, complaint 13: well-formed success with another amount or phone raises needs_review; the real one still works."""
    one = deal(world, "mpesa")
    [row] = one.pay_unheard()
    lie = json.loads(row["body"])
    for item in lie["Body"]["stkCallback"]["CallbackMetadata"]["Item"]:
        item["Value"] = changes.get(item["Name"], item.get("Value"))
    assert post(world, row, json.dumps(lie).encode()) == 200
    assert one.state[0] == "awaiting_payment"
    assert one.state[1] == "needs_review"
    deliver(world, [row])
    assert one.state[0] == "confirmed"


def test_an_mpesa_callback_with_another_request_id_confirms_nothing(world: World) -> None:
    """Complaint 13: wrong request id."""
    one = deal(world, "mpesa")
    [row] = one.pay_unheard()
    body = row["body"].replace(one.begun["next"]["provider_ref"], "ws_CO_somebody_elses")
    assert post(world, row, body.encode()) == 200
    assert one.state[0] == "awaiting_payment"
    assert [r.reason for r in world.all(Review)] == ["reference"]


def test_one_payments_address_cannot_confirm_another(world: World) -> None:
    """The signed address is per attempt: a callback sent to a neighbour's address matches nothing there."""
    one = deal(world, "mpesa")
    [mine] = one.pay_unheard()
    other = deal(world, "mpesa")
    prompt = world.sandbox.sandbox.store.get("prompt", other.begun["next"]["provider_ref"])
    assert prompt is not None
    assert post(world, mine | {"target": prompt["callback_url"]}) == 200
    assert [each.state[0] for each in (one, other)] == ["awaiting_payment", "awaiting_payment"]


@pytest.mark.parametrize("command", [["sweep"], ["inbox", "replay"]])
def test_a_callback_for_an_unknown_payment_is_kept_and_matched_later(world: World, command: list[str]) -> None:
    """S6-F16, complaint 6: never 200 and forgotten. The row is found once it exists."""
    one = deal(world, "stripe")
    rows = one.pay_unheard()
    with nobody_knows_it(world):
        deliver(world, rows)
        assert {entry.state for entry in world.all(InboxEntry)} == {"unmatched"}
    assert world.app.test_cli_runner().invoke(args=command).exit_code == 0
    assert one.state[0] == "confirmed"


def test_an_unsigned_mpesa_success_is_cross_checked_by_a_query(world: World, at_once_by_callback: None) -> None:
    """S3-20, X7, MPESA_CONFIRM_BY_QUERY=0: confirmed by the matching callback, then the gateway's own answer agrees."""
    one = deal(world, "mpesa")
    one.pay()
    assert one.state[0] == "confirmed"
    [attempt] = world.all(Attempt)
    assert attempt.cross_checked is False
    world.move(seconds=30)
    world.sweep()
    [attempt] = world.all(Attempt)
    assert attempt.cross_checked is True
    assert world.all(Review) == []


def test_no_callback_ever_needs_a_session_a_login_or_a_token_of_a_form(world: World) -> None:
    """S4-28: the callback in a clean, browser-less process confirms."""
    one = deal(world, "razorpay")
    for row in one.pay_unheard():
        answer = send(world, row)
        assert answer.status_code == 200
        assert "set-cookie" not in {name.lower() for name in answer.headers}
    assert one.state[0] == "confirmed"
    assert len(world.all(Booking)) == 1


NOBODYS = {"id": "cs_o", "object": "checkout.session", "payment_status": "paid", "status": "complete", "metadata": {}}
KEPT_CARD = {"mode": "setup", "amount_total": None, "currency": None, "payment_intent": None}
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "a session of another shop": (
        "checkout.session.completed",
        NOBODYS
        | {"client_reference_id": "Bestellung für 1", "amount_total": 5, "currency": "eur", "payment_intent": "pi_o"},
    ),
    "a card that is kept for later": ("checkout.session.completed", NOBODYS | KEPT_CARD),
    "an intent with words for a reference": (
        "payment_intent.succeeded",
        {
            "id": "pi_o",
            "status": "succeeded",
            "amount_received": 5,
            "currency": "eur",
            "metadata": {"reference": "ü" * 300},
        },
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_genuine_news_of_other_things_in_the_account_is_acknowledged_so_that_the_vendor_goes_on(
    world: World, name: str
) -> None:
    """Anything but 2xx is a failure to a vendor, and after enough of them the endpoint is switched off."""
    kind, thing = OTHERS[name]
    body = {"id": "evt_o", "object": "event", "type": kind, "data": {"object": thing}}
    assert _told(world, "stripe", body) == 200
    assert _told(world, "stripe", {"id": "evt_p", "object": "v2.core.event", "type": "v2.thin", "data": None}) == 200
    assert (world.all(Review), world.all(RejectedCallbacks)) == ([], [])


def _told(world: World, gateway: str, body: dict[str, Any], event_id: str = "evt_o") -> int:
    row = {"gateway": gateway, "body": json.dumps(body), "event_id": event_id, "target": ""}
    return post(world, row)


@pytest.mark.parametrize("receipt", ["Receipt No. 31", "रिफंड", None])
def test_a_refund_somebody_made_at_razorpay_is_in_our_books_whatever_receipt_they_gave_it(
    world: World, receipt: str | None
) -> None:
    one = deal(world, "razorpay")
    one.pay()
    attempt = one.attempt()
    back = {
        "id": "rfnd_byhand",
        "payment_id": attempt.charge_ref,
        "amount": attempt.amount,
        "currency": "INR",
        "status": "processed",
        "receipt": receipt,
        "notes": [],
    }
    assert _told(world, "razorpay", {"event": "refund.processed", "payload": {"refund": {"entity": back}}}) == 200
    assert one.state[1] == "refunded"
    assert [(row.provider_ref, row.status) for row in world.all(Refund)] == [("rfnd_byhand", "done")]
