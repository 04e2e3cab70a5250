"""The Stripe stand-in, driven by the real SDK."""

import json
import threading
import time
from typing import Any

import pytest
import requests
import stripe

from tests.support.doors import until


def test_a_session_opens_without_a_payment_intent_and_with_the_total_of_its_lines(stripe_client, session_params, box):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.ui_mode) == (2500, "eur", "hosted_page")
    assert session.url == f"{box.url}/c/pay/{session.id}"
    assert session.metadata["reference"] == "BK1"
    assert session.last_response.headers["Request-Id"].startswith("req_")


def test_a_wrong_key_is_an_authentication_error(box, session_params):
    client = stripe.StripeClient("sk_test_other", base_addresses={"api": box.env["STRIPE_API_BASE"]})
    with pytest.raises(stripe.AuthenticationError):
        client.v1.balance.retrieve()


def test_the_right_key_can_be_checked_by_a_balance_or_account_call(stripe_client):
    assert stripe_client.v1.balance.retrieve().object == "balance"
    assert stripe_client.v1.accounts.retrieve_current().object == "account"


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        ({"success_url": ""}, "success_url", "parameter_missing"),
        ({"client_reference_id": "x" * 201}, "client_reference_id", None),
        ({"metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 41}]", None),
        ({"payment_intent_data": {"surprise": 1}}, "payment_intent_data[surprise]", "parameter_unknown"),
        ({"line_items": []}, "line_items", "parameter_missing"),
        ({"expires_at": int(time.time()) + 1700}, "expires_at", None),
        ({"expires_at": int(time.time()) + 90000}, "expires_at", None),
        ({"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
    ],
)
def test_a_bad_create_is_refused_naming_the_parameter(stripe_client, session_params, change, param, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.checkout.sessions.create(session_params | change)
    assert (refusal.value.http_status, refusal.value.param, refusal.value.code) == (400, param, code)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"allowed_payment_method_types": ["card", "cheque"]}, "allowed_payment_method_types[1]"),
        ({"excluded_payment_method_types": ["cards"]}, "excluded_payment_method_types[0]"),
        ({"payment_method_options": {"cheque": {"expires_after_days": 3}}}, "payment_method_options[cheque]"),
        (
            {"payment_method_options": {"oxxo": {"expires_after_days": 8}}},
            "payment_method_options[oxxo][expires_after_days]",
        ),
        ({"allowed_payment_method_types": ["oxxo"]}, None),  # for pesos only, and this page is in euros
    ],
)
def test_a_way_to_pay_that_is_none_is_refused(stripe_client, session_params, change, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.checkout.sessions.create(session_params | change)
    assert (refusal.value.http_status, refusal.value.param) == (400, param)


def test_the_page_offers_what_the_dashboard_has_on_and_the_request_lets_it(stripe_client, session_params, control):
    create = stripe_client.v1.checkout.sessions.create
    assert create(session_params).payment_method_types == ["card", "sepa_debit", "multibanco"]
    assert create(session_params | {"excluded_payment_method_types": ["card"]}).payment_method_types[0] == "sepa_debit"
    only = create(session_params | {"allowed_payment_method_types": ["card", "oxxo"]})
    assert only.payment_method_types == ["card"]
    refused = requests.post(f"{control.url}/stripe/sessions/{only.id}/pay", json={"delayed": True}, timeout=60)
    assert (refused.status_code, "settles later" in refused.json()["error"]) == (409, True)
    session_params["line_items"][0]["price_data"]["unit_amount"] = 50_000_000
    assert create(session_params).payment_method_types == ["card"]  # nine digits: by card alone


def test_an_amount_below_the_minimum_is_too_small(stripe_client, session_params):
    session_params["line_items"][0] |= {"quantity": 1}
    session_params["line_items"][0]["price_data"]["unit_amount"] = 20
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.checkout.sessions.create(session_params)
    assert refusal.value.code == "amount_too_small"


def test_an_unknown_session_and_an_unknown_address_are_404(stripe_client, box):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.checkout.sessions.retrieve("cs_test_none")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    assert requests.get(f"{box.env['STRIPE_API_BASE']}/v1/nothing", timeout=60).status_code == 404


def test_the_same_key_with_the_same_parameters_replays_the_first_answer(stripe_client, session_params):
    first = stripe_client.v1.checkout.sessions.create(session_params, {"idempotency_key": "k1"})
    again = stripe_client.v1.checkout.sessions.create(session_params, {"idempotency_key": "k1"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers


def test_the_same_key_with_other_parameters_is_an_idempotency_error(stripe_client, session_params):
    stripe_client.v1.checkout.sessions.create(session_params, {"idempotency_key": "k1"})
    changed = session_params | {"expires_at": session_params["expires_at"] + 1}
    with pytest.raises(stripe.IdempotencyError) as refusal:
        stripe_client.v1.checkout.sessions.create(changed, {"idempotency_key": "k1"})
    assert refusal.value.http_status == 400


def test_a_refused_create_does_not_use_up_its_key(stripe_client, session_params):
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.checkout.sessions.create(session_params | {"bad": 1}, {"idempotency_key": "k1"})
    assert stripe_client.v1.checkout.sessions.create(session_params, {"idempotency_key": "k1"}).status == "open"


def test_a_stored_500_is_replayed_for_ever(stripe_client, session_params, control):
    control.fault("stripe", "create", "500", stored=True)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failure:
            stripe_client.v1.checkout.sessions.create(session_params, {"idempotency_key": "k1"})
        assert failure.value.http_status == 500
    assert failure.value.headers["Idempotent-Replayed"] == "true"


def test_a_key_that_is_being_worked_on_is_409(stripe_client, session_params, control, box):
    control.fault("stripe", "create", "slow", stored=True, seconds=9)
    create = stripe_client.v1.checkout.sessions.create
    slow = threading.Thread(target=lambda: create(session_params, {"idempotency_key": "k1"}))
    slow.start()
    until(box.sandbox.faults.paused)
    with pytest.raises(stripe.StripeError) as refusal:
        create(session_params, {"idempotency_key": "k1"})
    box.sandbox.faults.resume()
    slow.join()
    assert (refusal.value.http_status, refusal.value.json_body["error"]["code"]) == (409, "idempotency_key_in_use")


def test_many_creates_at_once_with_one_key_make_one_session(stripe_client, session_params, control):
    seen: list[Any] = []

    def create() -> None:
        try:
            made = stripe_client.v1.checkout.sessions.create(session_params, {"idempotency_key": "k1"})
            seen.append(made.id)
        except stripe.StripeError as error:
            assert error.http_status == 409  # noqa: PT017

    threads = [threading.Thread(target=create) for _ in range(12)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(set(seen)) == 1
    assert len(requests.get(f"{control.url}/stripe/sessions", timeout=60).json()["sessions"]) == 1


def test_paying_completes_the_session_and_tells_everything(stripe_client, session_params, control, money, box):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    control.post(f"stripe/sessions/{session.id}/pay")
    expand = {"expand": ["payment_intent.latest_charge", "line_items"]}
    paid = stripe_client.v1.checkout.sessions.retrieve(session.id, expand)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.payment_intent.latest_charge.amount_captured == 2500
    assert paid.payment_intent.metadata["reference"] == "BK1"
    assert paid.line_items.data[0].quantity == 2
    told = {"payment_intent.succeeded", "checkout.session.completed", "charge.succeeded"}
    assert told <= set(control.events())
    assert money() == [("stripe", "capture", 2500, "EUR")]
    entry = requests.get(f"{box.url}/money.json", timeout=60).json()["entries"][0]
    assert (entry["charge_ref"], entry["reference"]) == (paid.payment_intent.id, "BK1")


def test_the_webhook_passes_the_sdks_own_verification_over_its_raw_pretty_printed_body(
    stripe_client, session_params, control, receiver, box
):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    control.post(f"stripe/sessions/{session.id}/pay")
    control.callbacks()
    for one in receiver.got:
        event = stripe.Webhook.construct_event(
            one.body, one.headers["Stripe-Signature"], box.env["STRIPE_WEBHOOK_SECRET"]
        )
        assert event.object == "event"
        assert b'\n  "id"' in one.body
        assert one.body != json.dumps(json.loads(one.body)).encode()
    assert set(receiver.paths()) == {"/callbacks/stripe"}


def test_a_decline_leaves_the_session_open_and_payable(stripe_client, session_params, control, money):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    control.post(f"stripe/sessions/{session.id}/decline", reason="insufficient_funds")
    now = stripe_client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert now.status == "open"
    assert now.payment_intent.last_payment_error.decline_code == "insufficient_funds"
    assert "payment_intent.payment_failed" in control.events()
    assert money() == []
    control.post(f"stripe/sessions/{session.id}/pay")
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).payment_intent == now.payment_intent.id


def test_a_session_is_found_by_its_payment_intent(stripe_client, session_params, control):
    stripe_client.v1.checkout.sessions.create(session_params)
    session = stripe_client.v1.checkout.sessions.create(session_params)
    intent = control.post(f"stripe/sessions/{session.id}/pay")["payment_intent"]
    listed = stripe_client.v1.checkout.sessions.list({"payment_intent": intent})
    assert [one.id for one in listed.data] == [session.id]


def test_only_an_open_session_can_be_expired(stripe_client, session_params, control):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    expired = stripe_client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert control.events() == ["checkout.session.expired"]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.checkout.sessions.expire(session.id)
    assert refusal.value.http_status == 400


def test_reserved_money_is_captured_or_freed(stripe_client, session_params, control, money):
    session_params["payment_intent_data"]["capture_method"] = "manual"
    one, two = (stripe_client.v1.checkout.sessions.create(session_params) for _ in range(2))
    kept = control.post(f"stripe/sessions/{one.id}/pay")["payment_intent"]
    freed = control.post(f"stripe/sessions/{two.id}/pay")["payment_intent"]
    intent = stripe_client.v1.payment_intents.retrieve(kept, {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 2500)
    assert intent.latest_charge.payment_method_details.card.capture_before > time.time()
    assert money() == []
    assert stripe_client.v1.payment_intents.capture(kept).status == "succeeded"
    assert stripe_client.v1.payment_intents.cancel(freed).status == "canceled"
    assert money() == [("stripe", "capture", 2500, "EUR")]
    assert stripe_client.v1.checkout.sessions.retrieve(one.id).payment_status == "paid"
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        stripe_client.v1.payment_intents.capture(freed)
    assert refusal.value.code == "payment_intent_unexpected_state"


def test_a_delayed_payment_completes_unpaid_and_settles_later(stripe_client, session_params, control, money):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    done = control.post(f"stripe/sessions/{session.id}/pay", delayed=True)
    assert (done["status"], done["payment_status"]) == ("complete", "unpaid")
    assert money() == []
    assert control.post(f"stripe/sessions/{session.id}/settle")["payment_status"] == "paid"
    assert "checkout.session.async_payment_succeeded" in control.events()


def test_refunds_add_up_to_the_charge_and_no_further(stripe_client, session_params, control, money):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    intent = control.post(f"stripe/sessions/{session.id}/pay")["payment_intent"]
    create = stripe_client.v1.refunds.create
    part = create({"payment_intent": intent, "amount": 1000, "metadata": {"key": "r1"}}, {"idempotency_key": "r1"})
    again = create({"payment_intent": intent, "amount": 1000, "metadata": {"key": "r1"}}, {"idempotency_key": "r1"})
    assert (part.status, again.id) == ("succeeded", part.id)
    assert create({"payment_intent": intent}).amount == 1500
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        create({"payment_intent": intent})
    assert refusal.value.code == "charge_already_refunded"
    listed = stripe_client.v1.refunds.list({"payment_intent": intent})
    assert [one.amount for one in listed.data] == [1500, 1000]
    assert {"refund.created", "refund.updated", "charge.refunded"} <= set(control.events())
    assert money()[1:] == [("stripe", "refund", 1000, "EUR"), ("stripe", "refund", 1500, "EUR")]
    charge = stripe_client.v1.charges.retrieve(part.charge)
    assert (charge.refunded, charge.amount_refunded) == (True, 2500)


def test_a_refund_can_fail_after_it_had_succeeded(stripe_client, session_params, control, money):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    intent = control.post(f"stripe/sessions/{session.id}/pay")["payment_intent"]
    refund = stripe_client.v1.refunds.create({"payment_intent": intent})
    control.post(f"stripe/refunds/{refund.id}/fail")
    assert stripe_client.v1.refunds.retrieve(refund.id).status == "failed"
    assert "refund.failed" in control.events()
    assert [line[1] for line in money()] == ["capture", "refund", "refund_failed"]


def test_a_refused_refund_moves_no_money(stripe_client, session_params, control, money):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    intent = control.post(f"stripe/sessions/{session.id}/pay")["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError):
        stripe_client.v1.refunds.create({"payment_intent": intent, "expand": ["nonsense"]})
    assert [line[1] for line in money()] == ["capture"]
    assert stripe_client.v1.refunds.list({"payment_intent": intent}).data == []


def test_events_are_listed_newest_first_by_type(stripe_client, session_params, control):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    control.post(f"stripe/sessions/{session.id}/pay")
    listed = stripe_client.v1.events.list({"types": ["checkout.session.completed"], "limit": 5})
    assert [event.data.object.id for event in listed.data] == [session.id]
    assert len(list(stripe_client.v1.events.list({"limit": 2}).auto_paging_iter())) == 4


def test_a_dispute_names_the_charge_and_carries_no_metadata_of_ours(stripe_client, session_params, control):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    intent = control.post(f"stripe/sessions/{session.id}/pay")["payment_intent"]
    charge = stripe_client.v1.payment_intents.retrieve(intent).latest_charge
    dispute = control.post(f"stripe/charges/{charge}/dispute")
    assert (dispute["payment_intent"], dispute["metadata"]) == (intent, {})
    assert "charge.dispute.created" in control.events()
