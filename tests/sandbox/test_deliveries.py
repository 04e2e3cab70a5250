"""Callbacks: retries, holding, order, repetition, loss."""

import json
import time

import requests

from tests.support.doors import until


def _paid_session(stripe_client, session_params, control) -> str:
    session = stripe_client.v1.checkout.sessions.create(session_params)
    control.post(f"stripe/sessions/{session.id}/pay")
    return session.id


def _wait_for(control, status: str, count: int) -> list[dict]:
    for _ in range(2000):
        rows = [row for row in control.callbacks() if row["status"] == status]
        if len(rows) >= count:
            return rows
        time.sleep(0.03)
    raise AssertionError(f"fewer than {count} {status}: {control.callbacks()}")


def test_stripe_tries_again_with_the_same_event_until_a_2xx(stripe_client, session_params, control, receiver):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    receiver.answers = [500, 302]
    stripe_client.v1.checkout.sessions.expire(session.id)
    (one,) = _wait_for(control, "delivered", 1)
    assert [attempt["status"] for attempt in one["attempts"]] == [500, 302, 200]
    assert len({json.loads(got.body)["id"] for got in receiver.got}) == 1
    assert "/elsewhere" not in receiver.paths()


def test_an_unreachable_kikao_is_tried_again_where_it_moved_to(stripe_client, session_params, control, receiver):
    control.post("app-url", url="http://127.0.0.1:9")
    session = stripe_client.v1.checkout.sessions.create(session_params)
    stripe_client.v1.checkout.sessions.expire(session.id)
    until(lambda: requests.get(f"{control.url}/callbacks", timeout=60).json()["callbacks"][0]["attempts"])
    control.post("app-url", url=receiver.url)
    (one,) = _wait_for(control, "delivered", 1)
    assert one["attempts"][0]["error"] == "ConnectionError"


def test_dropped_callbacks_never_arrive(stripe_client, session_params, control, receiver):
    control.post("faults", gateway="stripe", callbacks="drop")
    _paid_session(stripe_client, session_params, control)
    assert {row["status"] for row in control.callbacks()} == {"dropped"}
    assert receiver.got == []


def test_held_callbacks_come_when_released_and_later_ones_flow(stripe_client, session_params, control, receiver):
    control.post("faults", gateway="any", callbacks="hold")
    _paid_session(stripe_client, session_params, control)
    assert receiver.got == []
    released = control.post("release")["callbacks"]
    assert [row["event"] for row in released][-1] == "checkout.session.completed"
    assert {row["status"] for row in released} == {"delivered"}
    before = len(receiver.got)
    _paid_session(stripe_client, session_params, control)
    control.callbacks()
    assert len(receiver.got) == 2 * before


def test_callbacks_can_come_the_wrong_way_round(stripe_client, session_params, control, receiver):
    control.post("faults", gateway="stripe", callbacks="reverse")
    _paid_session(stripe_client, session_params, control)
    control.post("release")
    kinds = [json.loads(one.body)["type"] for one in receiver.got]
    assert kinds[0] == "checkout.session.completed"
    assert kinds[-1] == "payment_intent.created"


def test_a_duplicate_is_the_same_event_again(stripe_client, session_params, control, receiver):
    rule = {"gateway": "stripe", "callbacks": "duplicate", "copies": 20, "event": "checkout.session.completed"}
    control.post("faults", **rule)
    _paid_session(stripe_client, session_params, control)
    control.callbacks()
    ids = [json.loads(one.body)["id"] for one in receiver.got if b"checkout.session.completed" in one.body]
    assert (len(ids), len(set(ids))) == (20, 1)


def test_a_delivered_callback_can_be_fetched_and_sent_again(stripe_client, session_params, control, receiver):
    _paid_session(stripe_client, session_params, control)
    last = control.callbacks()[-1]
    raw = requests.get(f"{control.url}/callbacks/{last['id']}", timeout=60).json()
    assert raw["body"].encode() in [one.body for one in receiver.got]
    assert "Stripe-Signature" in raw["headers"]
    before = len(receiver.got)
    assert control.post(f"callbacks/{last['id']}/again")["last"] == 200
    assert len(receiver.got) == before + 1
