"""Faults in the answers to Kikao's calls."""

import pytest
import razorpay
import requests
import stripe


def _create(stripe_client, session_params, key="k1"):
    return stripe_client.v1.checkout.sessions.create(session_params, {"idempotency_key": key})


def _count(control) -> int:
    return len(requests.get(f"{control.url}/stripe/sessions", timeout=60).json()["sessions"])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("500", stripe.APIError),
        ("429", stripe.RateLimitError),
        ("html", stripe.APIError),
        ("empty", stripe.APIError),
        ("malformed", stripe.APIError),
        ("reset", stripe.APIConnectionError),
    ],
)
def test_a_fault_before_leaves_nothing_and_a_fault_after_leaves_the_work_done(
    stripe_client, session_params, control, fault, error
):
    control.fault("stripe", "create", fault, when="before")
    control.fault("stripe", "create", fault, when="after")
    with pytest.raises(error):
        _create(stripe_client, session_params)
    assert _count(control) == 0
    with pytest.raises(error):
        _create(stripe_client, session_params)
    assert _count(control) == 1
    again = _create(stripe_client, session_params)
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert _count(control) == 1


def test_a_timeout_is_silence(box, control):
    control.fault("stripe", "retrieve", "timeout", seconds=2)
    headers = {"Authorization": f"Bearer {box.env['STRIPE_SECRET_KEY']}"}
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{box.env['STRIPE_API_BASE']}/v1/balance", headers=headers, timeout=0.2)


def test_wrong_answers_of_the_right_shape(stripe_client, session_params, control):
    for fault, read, value in (
        ("wrong_amount", lambda s: s.amount_total, 2600),
        ("wrong_currency", lambda s: s.currency, "nok"),
        ("foreign_url", lambda s: s.url, "https://pay.example.net/c/pay"),
    ):
        control.fault("stripe", "create", fault)
        assert read(_create(stripe_client, session_params, fault)) == value
    control.fault("stripe", "create", "missing_id")
    assert "id" not in _create(stripe_client, session_params, "missing").to_dict()


def test_razorpay_faults_have_razorpays_shape(razorpay_client, control):
    control.fault("razorpay", "order", "500")
    with pytest.raises(razorpay.errors.ServerError):
        razorpay_client.order.create({"amount": 50000, "currency": "INR"})
    control.fault("razorpay", "order", "400", message="Order receipt should be unique.")
    with pytest.raises(razorpay.errors.BadRequestError, match="should be unique"):
        razorpay_client.order.create({"amount": 50000, "currency": "INR"})


def test_a_lost_push_answer_leaves_a_live_prompt(daraja, control):
    control.fault("mpesa", "push", "reset", when="after")
    with pytest.raises(requests.ConnectionError):
        daraja.push()
    (prompt,) = requests.get(f"{control.url}/mpesa/prompts", timeout=60).json()["prompts"]
    assert prompt["reference"] == "BK1"
    assert control.post(f"mpesa/{prompt['id']}/pay")["receipt"]


def test_a_senseless_wish_is_explained(control):
    for wish in ({"gateway": "stripe", "route": "create", "fault": "gremlins"}, {"gateway": "x", "callbacks": "hold"}):
        answer = requests.post(f"{control.url}/faults", json=wish, timeout=60)
        assert (answer.status_code, "must be one of" in answer.json()["error"]) == (400, True)
    answer = requests.post(f"{control.url}/faults", json={"gateway": "stripe"}, timeout=60)
    assert answer.status_code == 400
    assert requests.post(f"{control.url}/stripe/sessions/cs_none/pay", timeout=60).status_code == 404


def test_faults_are_listed_and_can_be_cleared(control):
    control.fault("mpesa", "token", "500", times=3)
    assert requests.get(f"{control.url}/faults", timeout=60).json()["faults"][0]["times"] == 3
    assert control.post("faults/clear") == {"faults": []}


def test_a_web_page_from_elsewhere_cannot_pull_the_levers(control):
    answers = [
        requests.post(f"{control.url}/reset", headers=headers, timeout=60)
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"})
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
