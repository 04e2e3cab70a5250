"""The Razorpay stand-in, driven by the real SDK."""

import json
import re

import pytest
import razorpay
import requests

ORDER = {"amount": 50000, "currency": "INR", "receipt": "BK1", "notes": {"reference": "BK1"}}
FROM_SITE = {"Referer": "http://kikao.test/"}


def test_an_order_has_the_documented_shape(razorpay_client):
    order = razorpay_client.order.create(ORDER)
    assert order["id"].startswith("order_")
    assert (order["status"], order["attempts"], order["amount_due"]) == ("created", 0, 50000)
    assert not [key for key in order if key.startswith("_")]
    assert razorpay_client.order.create(ORDER | {"notes": {}})["notes"] == []
    assert razorpay_client.order.fetch(order["id"]) == order


def test_a_unique_receipt_gives_the_same_order_again(razorpay_client):
    first = razorpay_client.order.create(ORDER | {"unique_receipt": True})
    again = razorpay_client.order.create(ORDER | {"unique_receipt": True})
    other = razorpay_client.order.create(ORDER)
    assert again["id"] == first["id"] != other["id"]
    found = razorpay_client.order.all({"receipt": "BK1"})
    assert (found["entity"], found["count"]) == ("collection", 2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"amount": 99}, "less than minimum"),
        ({"amount": 100.5}, "must be an integer"),
        ({"currency": "KES"}, "Currency is not supported"),
        ({"receipt": "x" * 41}, "receipt"),
        ({"surprise": 1}, "surprise is/are not required and should not be sent"),
        ({"notes": {str(n): "x" for n in range(16)}}, "15"),
    ],
)
def test_a_bad_order_is_a_400(razorpay_client, change, says):
    with pytest.raises(razorpay.errors.BadRequestError, match=says):
        razorpay_client.order.create(ORDER | change)


def test_unknown_ids_and_addresses_are_400_and_wrong_keys_are_refused(razorpay_client, box):
    with pytest.raises(razorpay.errors.BadRequestError, match="The id provided does not exist"):
        razorpay_client.order.fetch("order_none")
    answer = requests.get(f"{box.env['RAZORPAY_API_BASE']}/v1/nothing", timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST_ERROR")
    with requests.Session() as session:
        stranger = razorpay.Client(session=session, auth=("rzp_x", "y"), base_url=box.env["RAZORPAY_API_BASE"])
        with pytest.raises(razorpay.errors.BadRequestError, match="Authentication failed"):
            stranger.order.fetch("order_none")


def test_paying_captures_and_both_events_tell(razorpay_client, control, receiver, box, money):
    order = razorpay_client.order.create(ORDER)
    payment = control.post(f"razorpay/orders/{order['id']}/pay")
    assert payment["status"] == "captured"
    assert razorpay_client.order.fetch(order["id"])["status"] == "paid"
    assert razorpay_client.order.payments(order["id"])["items"][0]["id"] == payment["id"]
    assert sorted(control.events()) == ["order.paid", "payment.authorized", "payment.captured"]
    for one in receiver.got:
        razorpay_client.utility.verify_webhook_signature(
            one.body.decode(), one.headers["X-Razorpay-Signature"], box.env["RAZORPAY_WEBHOOK_SECRET"]
        )
    assert len({one.headers["X-Razorpay-Event-Id"] for one in receiver.got}) == 3
    told = [json.loads(one.body) for one in receiver.got]
    states = {event["event"]: event["payload"]["payment"]["entity"]["status"] for event in told}
    assert states["payment.authorized"] == "authorized"
    assert money() == [("razorpay", "capture", 50000, "INR")]


def test_an_order_takes_one_success(razorpay_client, control):
    order = razorpay_client.order.create(ORDER)
    control.post(f"razorpay/orders/{order['id']}/pay")
    again = requests.post(f"{control.url}/razorpay/orders/{order['id']}/pay", timeout=60)
    assert again.status_code == 409


def test_a_failed_payment_leaves_the_order_payable_and_may_still_arrive(razorpay_client, control, money):
    order = razorpay_client.order.create(ORDER)
    failed = control.post(f"razorpay/orders/{order['id']}/fail")
    assert (failed["status"], failed["error_reason"]) == ("failed", "payment_failed")
    assert control.events() == ["payment.failed"]
    assert razorpay_client.order.fetch(order["id"])["status"] == "attempted"
    assert control.post(f"razorpay/payments/{failed['id']}/arrive-late")["status"] == "captured"
    assert len(money()) == 1


def test_manual_capture_waits_for_the_whole_amount(razorpay_client, control, money):
    order = razorpay_client.order.create(ORDER | {"payment": {"capture": "manual"}})
    payment = control.post(f"razorpay/orders/{order['id']}/pay")
    assert (payment["status"], money()) == ("authorized", [])
    with pytest.raises(razorpay.errors.BadRequestError, match="must be equal to the amount authorized"):
        razorpay_client.payment.capture(payment["id"], 100, {"currency": "INR"})
    assert razorpay_client.payment.capture(payment["id"], 50000, {"currency": "INR"})["status"] == "captured"
    with pytest.raises(razorpay.errors.BadRequestError, match="already been captured"):
        razorpay_client.payment.capture(payment["id"], 50000, {"currency": "INR"})


def test_refunds_are_once_per_key_and_no_more_than_was_paid(razorpay_client, control, money):
    order = razorpay_client.order.create(ORDER)
    payment = control.post(f"razorpay/orders/{order['id']}/pay")["id"]
    refund, key = razorpay_client.payment.refund, {"X-Refund-Idempotency": "refund-key-1"}
    first = refund(payment, {"amount": 20000}, headers=dict(key))
    assert refund(payment, {"amount": 20000}, headers=dict(key))["id"] == first["id"]
    assert first["status"] == "processed"
    with pytest.raises(razorpay.errors.BadRequestError, match="Different request body"):
        refund(payment, {"amount": 20001}, headers=dict(key))
    with pytest.raises(razorpay.errors.BadRequestError, match="greater than the refund payment amount"):
        refund(payment, {"amount": 40000})
    with pytest.raises(razorpay.errors.BadRequestError, match="X-Refund-Idempotency"):
        refund(payment, {"amount": 100}, headers={"X-Refund-Idempotency": "short"})
    assert refund(payment, {})["amount"] == 30000
    with pytest.raises(razorpay.errors.BadRequestError, match="fully refunded already"):
        refund(payment, {})
    assert razorpay_client.payment.fetch(payment)["status"] == "refunded"
    assert razorpay_client.payment.fetch_multiple_refund(payment)["count"] == 2
    assert razorpay_client.refund.fetch(first["id"])["amount"] == 20000
    assert [line[2] for line in money()] == [50000, 20000, 30000]
    assert {"refund.created", "refund.processed"} <= set(control.events())


def test_a_refund_can_stay_pending_and_then_fail(razorpay_client, control, money):
    order = razorpay_client.order.create(ORDER)
    payment = control.post(f"razorpay/orders/{order['id']}/pay")["id"]
    control.fault("razorpay", "refund", "refund_pending")
    refund = razorpay_client.payment.refund(payment, {})
    assert refund["status"] == "pending"
    control.post(f"razorpay/refunds/{refund['id']}/fail")
    assert razorpay_client.payment.fetch(payment)["amount_refunded"] == 0
    assert "refund.failed" in control.events()
    assert len(money()) == 1


def test_the_hosted_page_brings_back_a_signature_over_order_and_payment(razorpay_client, box):
    order = razorpay_client.order.create(ORDER)
    form = {
        "key_id": box.env["RAZORPAY_KEY_ID"],
        "order_id": order["id"],
        "callback_url": "http://kikao.test/return",
        "cancel_url": "http://kikao.test/back",
        "prefill[contact]": "+919876543210",
    }
    page = requests.post(
        f"{box.env['RAZORPAY_API_BASE']}/v1/checkout/embedded", data=form, headers=FROM_SITE, timeout=60
    )
    assert "INR 500.00" in page.text
    assert 'href="http://kikao.test/back"' in page.text
    paid = requests.post(f"{box.url}/razorpay/hosted/{order['id']}", data=form | {"act": "pay"}, timeout=60)
    fields = dict(re.findall(r'name="(razorpay_\w+)" value="([^"]+)"', paid.text))
    assert 'action="http://kikao.test/return"' in paid.text
    assert razorpay_client.utility.verify_payment_signature(fields)
    assert razorpay_client.payment.fetch(fields["razorpay_payment_id"])["order_id"] == order["id"]


def test_the_hosted_page_brings_back_an_error_when_it_fails(razorpay_client, box):
    order = razorpay_client.order.create(ORDER)
    form = {"key_id": box.env["RAZORPAY_KEY_ID"], "callback_url": "http://kikao.test/return", "act": "fail"}
    page = requests.post(f"{box.url}/razorpay/hosted/{order['id']}", data=form, timeout=60).text
    assert 'name="error[code]" value="BAD_REQUEST_ERROR"' in page
    assert 'name="error[metadata]"' in page


def test_the_hosted_page_refuses_another_merchants_key(razorpay_client, box):
    order = razorpay_client.order.create(ORDER)
    form = {"key_id": "rzp_test_other", "order_id": order["id"], "callback_url": "http://kikao.test/return"}
    url = f"{box.env['RAZORPAY_API_BASE']}/v1/checkout/embedded"
    assert requests.post(url, data=form, headers=FROM_SITE, timeout=60).status_code == 400


def test_a_page_that_does_not_say_where_it_comes_from_is_refused(razorpay_client, box):
    order = razorpay_client.order.create(ORDER)
    form = {"key_id": box.env["RAZORPAY_KEY_ID"], "order_id": order["id"], "callback_url": "http://kikao.test/return"}
    refused = requests.post(f"{box.env['RAZORPAY_API_BASE']}/v1/checkout/embedded", data=form, timeout=60)
    assert (refused.status_code, refused.text) == (
        400,
        "Payment blocked as website does not match registered website(s)",
    )
