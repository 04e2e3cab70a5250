"""The doors gateways knock at: forged, doubled, early, late, huge, unknown (complaints 6, 7, 8, 13; S6 of faults)."""

import json
import threading
from typing import Any

import pytest
import requests

from app.models import Attempt, Booking, InboxEntry, Notification, Refund, RejectedCallbacks, Review
from sandbox import clock as sandbox_clock
from sandbox.signing import headers_for
from tests.support.gateways import GATEWAYS, SIGNED
from tests.support.world import Caller, World


def _begun(world: World, gateway: str, currency: str) -> tuple[Caller, dict[str, Any], dict[str, Any]]:
    client, service = world.person(), world.service(world.practitioner(), currency=currency)
    made = world.book(client, service)
    return client, made["booking"], world.begin(client, made["checkout"]["id"], gateway)


def _held_callbacks(world: World, begun: dict[str, Any]) -> list[dict[str, Any]]:
    """The callbacks of a payment, kept back: url, raw body and headers, freshly signed; oldest first."""
    world.faults(gateway="any", callbacks="hold", times=None)
    world.act(begun)
    return [_signed(world, row) for row in reversed(world.sandbox.sandbox.courier.log()) if row["status"] == "held"]


def _signed(world: World, row: dict[str, Any]) -> dict[str, Any]:
    keys = world.sandbox.sandbox.credentials
    headers = headers_for(row["gateway"], keys, row["body"].encode(), row["event_id"], sandbox_clock.now())
    url = row["target"] or f"{world.app.config['PUBLIC_URL']}/callbacks/{row['gateway']}"
    return row | {"headers": headers, "url": url}


def _post(row: dict[str, Any], body: bytes | None = None, **headers: str) -> requests.Response:
    sent = row["headers"] | headers
    return requests.post(row["url"], data=row["body"].encode() if body is None else body, headers=sent, timeout=20)


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_twenty_copies_at_once_confirm_once(world: World, gateway: str, currency: str) -> None:
    """Acceptance criterion 8, S6-F12, S7-F12, complaint 8: one confirmation, one mail to each side, one charge."""
    client, booking, begun = _begun(world, gateway, currency)
    rows = _held_callbacks(world, begun)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda row=row: answers.append(_post(row).status_code))
        for row in rows
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {200}
    assert world.booking(client, booking["id"])["status"] == "confirmed"
    assert [a.status for a in world.all(Attempt)] == ["paid"]
    kinds = [n.kind for n in world.all(Notification)]
    assert kinds.count("booking_confirmed") == 1
    assert kinds.count("booking_confirmed_practitioner") == 1


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_callbacks_in_reverse_order_end_in_the_same_state(world: World, gateway: str, currency: str) -> None:
    """S6-F13, complaint 7, invariant 3."""
    client, booking, begun = _begun(world, gateway, currency)
    for row in reversed(_held_callbacks(world, begun)):
        assert _post(row).status_code == 200
    seen = world.booking(client, booking["id"])
    assert (seen["status"], seen["money"]) == ("confirmed", "paid")


@pytest.mark.parametrize(("gateway", "currency"), SIGNED)
def test_a_forged_signature_is_400_counted_and_stores_nothing(world: World, gateway: str, currency: str) -> None:
    """S6-F17, complaint 13."""
    client, booking, begun = _begun(world, gateway, currency)
    row = _held_callbacks(world, begun)[0]
    tampered = row["body"].encode().replace(b'"amount', b'"Amount', 1)
    name = next(name for name in row["headers"] if name.lower().endswith("signature"))
    without = {k: v for k, v in row["headers"].items() if k != name}
    assert _post(row, tampered).status_code == 400
    assert _post(row, **{name: "t=1,v1=deadbeef"}).status_code == 400
    assert requests.post(row["url"], data=row["body"].encode(), headers=without, timeout=20).status_code == 400
    assert world.all(InboxEntry) == []
    assert sum(r.count for r in world.all(RejectedCallbacks)) == 3
    assert world.booking(client, booking["id"])["status"] == "awaiting_payment"


@pytest.mark.parametrize(
    "body",
    [
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
    ],
)
@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_whatever_is_sent_is_answered_below_500(world: World, gateway: str, currency: str, body: bytes) -> None:
    """S6-F10: truncated, empty, no JSON, wrong shape, at the right address."""
    _, _, begun = _begun(world, gateway, currency)
    row = _held_callbacks(world, begun)[0]
    assert _post(row, body).status_code == 400
    assert world.all(InboxEntry) == []


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_a_body_over_256_kib_is_413(world: World, gateway: str, currency: str) -> None:
    _, _, begun = _begun(world, gateway, currency)
    row = _held_callbacks(world, begun)[0]
    assert _post(row, b"x" * (256 * 1024 + 1)).status_code == 413


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
    client, booking, begun = _begun(world, "mpesa", "KES")
    [row] = _held_callbacks(world, begun)
    lie = json.loads(row["body"])
    for item in lie["Body"]["stkCallback"]["CallbackMetadata"]["Item"]:
        item["Value"] = changes.get(item["Name"], item.get("Value"))
    assert _post(row, json.dumps(lie).encode()).status_code == 200
    assert world.booking(client, booking["id"])["status"] == "awaiting_payment"
    assert world.booking(client, booking["id"])["money"] == "needs_review"
    assert _post(row).status_code == 200
    assert world.booking(client, booking["id"])["status"] == "confirmed"


def test_an_mpesa_callback_with_another_request_id_confirms_nothing(world: World) -> None:
    """Complaint 13: wrong request id."""
    client, booking, begun = _begun(world, "mpesa", "KES")
    [row] = _held_callbacks(world, begun)
    body = row["body"].replace(begun["next"]["provider_ref"], "ws_CO_somebody_elses")
    assert _post(row, body.encode()).status_code == 200
    assert world.booking(client, booking["id"])["status"] == "awaiting_payment"
    assert [r.reason for r in world.all(Review)] == ["reference"]


def test_one_payments_address_cannot_confirm_another(world: World) -> None:
    """The signed address is per attempt: a callback sent to a neighbour's address matches nothing there."""
    client, booking, begun = _begun(world, "mpesa", "KES")
    [mine] = _held_callbacks(world, begun)
    other_client, other_booking, other = _another(world)
    assert _post(mine | {"url": other["url"]}).status_code == 200
    assert world.booking(other_client, other_booking["id"])["status"] == "awaiting_payment"
    assert world.booking(client, booking["id"])["status"] == "awaiting_payment"


def _another(world: World) -> tuple[Caller, dict[str, Any], dict[str, Any]]:
    client, service = world.person(), world.service(world.practitioner(name="Another"), currency="KES")
    made = world.book(client, service)
    begun = world.begin(client, made["checkout"]["id"], "mpesa", phone="0722 000 999")
    prompt = world.sandbox.sandbox.store.get("prompt", begun["next"]["provider_ref"])
    assert prompt is not None
    return client, made["booking"], {"url": prompt["callback_url"]}


def test_a_callback_for_an_unknown_payment_is_kept_and_matched_later(world: World) -> None:
    """S6-F16, complaint 6: never 200 and forgotten. The row is found once it exists."""
    client, booking, begun = _begun(world, "stripe", "EUR")
    rows = _held_callbacks(world, begun)
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        kept = (attempt.reference, attempt.provider_ref)
        attempt.reference, attempt.provider_ref = "ELSEWHERE", "cs_elsewhere"
        session.commit()
    for row in rows:
        assert _post(row).status_code == 200
    assert {entry.state for entry in world.all(InboxEntry)} == {"unmatched"}
    with world.rows() as session:
        attempt = session.query(Attempt).one()
        attempt.reference, attempt.provider_ref = kept
        session.commit()
    world.sweep()
    assert world.booking(client, booking["id"])["status"] == "confirmed"


def test_an_unsigned_mpesa_success_is_cross_checked_by_a_query(world: World) -> None:
    """S3-20, X7: confirmed by the matching callback, then the gateway's own answer agrees."""
    client, booking, begun = _begun(world, "mpesa", "KES")
    world.act(begun)
    assert world.booking(client, booking["id"])["status"] == "confirmed"
    [attempt] = world.all(Attempt)
    assert attempt.cross_checked is False
    world.move(seconds=30)
    world.sweep()
    [attempt] = world.all(Attempt)
    assert attempt.cross_checked is True
    assert world.all(Review) == []


def test_no_callback_ever_needs_a_session_a_login_or_a_token_of_a_form(world: World) -> None:
    """S4-28: the callback in a clean, browser-less process confirms."""
    client, booking, begun = _begun(world, "razorpay", "INR")
    for row in _held_callbacks(world, begun):
        answer = _post(row)
        assert answer.status_code == 200
        assert "set-cookie" not in {name.lower() for name in answer.headers}
    assert world.booking(client, booking["id"])["status"] == "confirmed"
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
    row = {"gateway": gateway, "body": json.dumps(body), "event_id": event_id, "target": "", "headers": {}}
    return _post(_signed(world, row)).status_code


@pytest.mark.parametrize("receipt", ["Receipt No. 31", "रिफंड", None])
def test_a_refund_somebody_made_at_razorpay_is_in_our_books_whatever_receipt_they_gave_it(
    world: World, receipt: str | None
) -> None:
    client, service = world.person(), world.service(world.practitioner(), currency="INR")
    booking = world.booked(client, service, "razorpay")
    [attempt] = world.all(Attempt)
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
    assert world.booking(client, booking["id"])["money"] == "refunded"
    assert [(row.provider_ref, row.status) for row in world.all(Refund)] == [("rfnd_byhand", "done")]
