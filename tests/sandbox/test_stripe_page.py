"""The hosted checkout page, without a browser."""

import requests


def _pay(url: str, **form: str) -> requests.Response:
    return requests.post(url, data=form, allow_redirects=False, timeout=60)


def test_paying_leads_to_the_success_address_with_the_session_id(stripe_client, session_params):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    answer = _pay(session.url, act="pay", card="4242 4242 4242 4242")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"http://kikao.test/ok?sid={session.id}")


def test_paying_twice_takes_the_money_once(stripe_client, session_params, money):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    assert [_pay(session.url, act="pay").status_code for _ in range(2)] == [303, 303]
    assert len(money()) == 1


def test_a_declined_card_stays_on_the_page_and_says_so(stripe_client, session_params, control):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    for form in ({"act": "decline"}, {"act": "pay", "card": "4000 0000 0000 0002"}):
        answer = _pay(session.url, **form)
        assert (answer.status_code, "was declined" in answer.text) == (402, True)
    assert control.events().count("payment_intent.payment_failed") == 2
    assert stripe_client.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_an_expired_page_takes_nothing(stripe_client, session_params, control, money):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    control.post(f"stripe/sessions/{session.id}/expire")
    assert "has expired" in requests.get(session.url, timeout=60).text
    assert _pay(session.url, act="pay").status_code == 409
    assert money() == []


def test_leaving_is_a_link_and_sends_no_event(stripe_client, session_params, control):
    session = stripe_client.v1.checkout.sessions.create(session_params)
    assert 'href="http://kikao.test/back"' in requests.get(session.url, timeout=60).text
    assert control.events() == []
