"""The Daraja stand-in: documented requests in, documented answers and callbacks out."""

import json
import threading
import time

import pytest
import requests


def test_a_token_lives_an_hour_and_says_so_in_a_string(daraja):
    token = daraja.token()
    assert token["expires_in"] == "3599"
    assert token["access_token"]


def test_a_wrong_pair_and_a_dead_token_are_told_apart(daraja, control):
    url = f"{daraja.base}/oauth/v1/generate?grant_type=client_credentials"
    wrong = requests.get(url, auth=("a", "b"), timeout=60)
    assert (wrong.status_code, wrong.json()["errorCode"]) == (400, "400.008.01")
    token = daraja.token()["access_token"]
    control.post("mpesa/expire-tokens")
    dead = daraja.post("/mpesa/stkpush/v1/processrequest", {}, token)
    assert (dead.status_code, dead.json()["errorCode"]) == (404, "404.001.03")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"Amount": 0}, "Amount"),
        ({"Amount": 10.5}, "Amount"),
        ({"Amount": 250001}, "Amount"),
        ({"PhoneNumber": "0708374149"}, "PhoneNumber"),
        ({"PartyA": "254208374149"}, "PartyA"),
        ({"CallBackURL": "http://kikao.example/cb"}, "CallBackURL"),
        ({"AccountReference": "x" * 13}, "AccountReference"),
        ({"TransactionDesc": "x" * 14}, "TransactionDesc"),
        ({"TransactionType": "Gift"}, "TransactionType"),
        ({"Timestamp": "2026"}, "Timestamp"),
    ],
)
def test_a_bad_push_names_its_field(daraja, change, field):
    answer = daraja.push(**change)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.02")
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {field}"


def test_a_wrong_passkey_is_the_same_code_as_everything_else(daraja):
    answer = daraja.push(Password="bm9wZQ==")
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.001.1001")
    assert "Wrong credentials" in answer.json()["errorMessage"]


def test_one_phone_shows_one_prompt_at_a_time(daraja, control):
    first = daraja.push().json()
    assert first["ResponseCode"] == "0"
    second = daraja.push()
    assert (second.status_code, second.json()["errorCode"]) == (500, "500.001.1001")
    assert second.json()["errorMessage"].startswith("Unable to lock subscriber")
    control.post(f"mpesa/{first['CheckoutRequestID']}/cancel")
    assert daraja.push().json()["CheckoutRequestID"] != first["CheckoutRequestID"]


def test_paying_calls_back_with_the_documented_body(daraja, control, receiver, money, box):
    pushed = daraja.push().json()
    control.post(f"mpesa/{pushed['CheckoutRequestID']}/pay")
    control.callbacks()
    (one,) = receiver.got
    assert one.path == "/callbacks/mpesa/token1"
    assert not [name for name in one.headers if "signature" in name.lower()]
    told = json.loads(one.body)["Body"]["stkCallback"]
    assert told["ResultCode"] == 0
    assert told["CheckoutRequestID"] == pushed["CheckoutRequestID"]
    items = told["CallbackMetadata"]["Item"]
    assert {"Name": "Balance"} in items
    values = {item["Name"]: item.get("Value") for item in items}
    assert (values["Amount"], values["PhoneNumber"]) == (150.0, 254708374149)
    assert len(str(values["TransactionDate"])) == 14
    assert money() == [("mpesa", "capture", 15000, "KES")]
    entry = requests.get(f"{box.url}/money.json", timeout=60).json()["entries"][0]
    assert (entry["charge_ref"], entry["reference"]) == (values["MpesaReceiptNumber"], "BK1")


@pytest.mark.parametrize(
    ("act", "code"),
    [("cancel", 1032), ("timeout", 1037), ("insufficient", 1), ("wrong_pin", 2001), ("system_busy", 26)],
)
def test_every_other_end_has_its_code_and_no_metadata(daraja, control, receiver, act, code):
    pushed = daraja.push().json()
    control.post(f"mpesa/{pushed['CheckoutRequestID']}/{act}")
    control.callbacks()
    told = json.loads(receiver.got[0].body)["Body"]["stkCallback"]
    assert told["ResultCode"] == code
    assert "CallbackMetadata" not in told
    answer = daraja.query(pushed["CheckoutRequestID"]).json()
    assert (answer["ResponseCode"], answer["ResultCode"]) == ("0", str(code))
    assert control.money() == []


def test_nobody_answering_ends_the_prompt_by_time(daraja, control, box, receiver):
    box.sandbox.prompt_seconds = 0.2
    daraja.push()
    for _ in range(1000):
        if control.events():
            break
        time.sleep(0.05)
    assert json.loads(receiver.got[0].body)["Body"]["stkCallback"]["ResultCode"] == 1037


def test_a_callback_is_delivered_once_even_when_refused(daraja, control, receiver):
    receiver.answers = [500]
    control.post(f"mpesa/{daraja.push().json()['CheckoutRequestID']}/pay")
    (one,) = control.callbacks()
    assert (one["status"], len(one["attempts"])) == ("failed", 1)


def test_the_query_of_a_live_prompt_is_an_error_that_means_pending(daraja, control):
    pushed = daraja.push().json()["CheckoutRequestID"]
    answer = daraja.query(pushed)
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.001.1001")
    assert answer.json()["errorMessage"] == "The transaction is being processed"
    control.fault("mpesa", "query", "pending_200")
    assert daraja.query(pushed).json()["ResultCode"] == "4999"
    unknown = daraja.query("ws_CO_none")
    assert (unknown.status_code, unknown.json()["errorCode"]) == (500, "500.001.1001")


def test_a_query_can_be_told_to_contradict_the_callback(daraja, control):
    pushed = daraja.push().json()["CheckoutRequestID"]
    control.post(f"mpesa/{pushed}/pay")
    control.fault("mpesa", "query", "contradict")
    assert daraja.query(pushed).json()["ResultCode"] == "1032"
    paid = daraja.query(pushed).json()
    assert (paid["ResultCode"], "Amount" in paid) == ("0", False)


def test_a_payment_of_another_amount_is_possible_and_logged_as_it_was(daraja, control, money):
    pushed = daraja.push().json()["CheckoutRequestID"]
    control.post(f"mpesa/{pushed}/pay", amount=149)
    assert money() == [("mpesa", "capture", 14900, "KES")]


def test_a_timed_out_prompt_can_still_turn_out_paid(daraja, control, money):
    pushed = daraja.push().json()["CheckoutRequestID"]
    control.post(f"mpesa/{pushed}/timeout")
    control.post(f"mpesa/{pushed}/pay", anyway=True)
    assert control.events() == ["stk.1037", "stk.0"]
    assert len(money()) == 1


def test_a_reversal_is_acknowledged_and_its_result_follows(daraja, control, receiver, money):
    pushed = daraja.push().json()["CheckoutRequestID"]
    receipt = control.post(f"mpesa/{pushed}/pay")["receipt"]
    receiver.got.clear()
    acknowledged = daraja.reverse(receipt, 150).json()
    control.callbacks()
    result = json.loads(receiver.got[-1].body)["Result"]
    assert (result["ResultCode"], result["ConversationID"]) == (0, acknowledged["ConversationID"])
    assert receiver.got[-1].path == "/callbacks/mpesa/token2"
    facts = {p["Key"]: p["Value"] for p in result["ResultParameters"]["ResultParameter"]}
    assert (facts["Amount"], facts["OriginalTransactionID"]) == (150.0, receipt)
    assert result["TransactionID"] != receipt  # a reversal is a transaction of its own
    assert money()[-1] == ("mpesa", "refund", 15000, "KES")
    daraja.reverse(receipt, 150)
    daraja.reverse("NOSUCHONE0", 150)
    control.callbacks()
    codes = {json.loads(one.body)["Result"]["ResultCode"] for one in receiver.got if b'"Result"' in one.body}
    assert codes == {0, "R000001", "R000002"}
    assert len(money()) == 2


def test_a_reversal_may_time_out_in_their_queue_although_the_money_went_back(daraja, control, receiver, money):
    receipt = control.post(f"mpesa/{daraja.push().json()['CheckoutRequestID']}/pay")["receipt"]
    control.fault("mpesa", "refund", "queue_timeout", when="after")
    daraja.reverse(receipt, 150)
    assert control.events()[-1] == "timeout"
    assert money()[-1] == ("mpesa", "refund", 15000, "KES")


def test_a_callback_may_come_before_the_answer_to_the_push(daraja, control, receiver, box):
    control.fault("mpesa", "push", "slow", when="after", seconds=60)
    answers: list[requests.Response] = []
    pushing = threading.Thread(target=lambda: answers.append(daraja.push()))
    pushing.start()
    prompt = control.first("mpesa/prompts")
    control.post(f"mpesa/{prompt['id']}/pay")
    assert control.events() == ["stk.0"]
    assert answers == []
    box.sandbox.faults.resume()
    pushing.join()
    assert answers[0].json()["CheckoutRequestID"] == prompt["id"]


def asked(daraja, receipt, address, **changes):
    body = {"Initiator": daraja.env["MPESA_INITIATOR"], "CommandID": "TransactionStatusQuery", "PartyA": "174379"}
    body |= {"SecurityCredential": daraja.env["MPESA_SECURITY_CREDENTIAL"], "IdentifierType": "4"}
    return body | {"TransactionID": receipt, "ResultURL": address, "QueueTimeOutURL": address} | changes


def test_transaction_status_states_the_amount_of_a_receipt(daraja, control, receiver):
    pushed = daraja.push().json()["CheckoutRequestID"]
    receipt = control.post(f"mpesa/{pushed}/pay")["receipt"]
    address = f"{receiver.url}/callbacks/mpesa/token3"
    body = asked(daraja, receipt, address)
    assert daraja.post("/mpesa/transactionstatus/v1/query", body).json()["ResponseCode"] == "0"
    control.callbacks()
    told = [json.loads(one.body)["Result"] for one in receiver.got if one.path.endswith("token3")]
    facts = {p["Key"]: p.get("Value") for p in told[0]["ResultParameters"]["ResultParameter"]}
    assert (facts["ReceiptNo"], facts["Amount"]) == (receipt, 150.0)


def _results(receiver):
    return [json.loads(one.body)["Result"] for one in receiver.got if b'"Result"' in one.body]


def test_transaction_status_answers_nothing_to_a_wrong_initiator_or_of_an_unknown_receipt(daraja, control, receiver):
    receipt = control.post(f"mpesa/{daraja.push().json()['CheckoutRequestID']}/pay")["receipt"]
    address = f"{receiver.url}/callbacks/m/token4"
    for body in (asked(daraja, receipt, address, Initiator="another"), asked(daraja, "NOSUCHONE1", address)):
        assert daraja.post("/mpesa/transactionstatus/v1/query", body).status_code == 200  # it only takes the question
    control.callbacks()
    assert sorted((one["ResultCode"], "ResultParameters" in one) for one in _results(receiver)) == [
        (2001, False),
        (2032, False),
    ]
    for wrong in ({"PartyA": "600000"}, {"IdentifierType": "2"}):
        answer = daraja.post("/mpesa/transactionstatus/v1/query", asked(daraja, receipt, address, **wrong))
        assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.02")


@pytest.mark.parametrize(
    ("word", "code"), [("result_busy", 26), ("result_unclear", 21), ("masked", 0), ("pending", 0), ("no_payee", 0)]
)
def test_transaction_status_may_say_less_than_was_asked(daraja, control, receiver, word, code):
    receipt = control.post(f"mpesa/{daraja.push().json()['CheckoutRequestID']}/pay")["receipt"]
    control.fault("mpesa", "status", word)
    daraja.post("/mpesa/transactionstatus/v1/query", asked(daraja, receipt, f"{receiver.url}/callbacks/m/token5"))
    control.callbacks()
    [result] = _results(receiver)
    assert result["ResultCode"] == code
    facts = {p["Key"]: p.get("Value") for p in result.get("ResultParameters", {}).get("ResultParameter", [])}
    shown = (facts.get("TransactionStatus"), facts.get("DebitPartyName", "")[:12], "CreditPartyName" in facts)
    assert shown == {
        "masked": ("Completed", "2547 ***** 1", True),
        "pending": ("Pending", "254708374149", True),
        "no_payee": ("Completed", "254708374149", False),
    }.get(word, (None, "", False))


def _register(daraja, receiver, **changes):
    urls = {"ConfirmationURL": f"{receiver.url}/callbacks/m/paid", "ValidationURL": f"{receiver.url}/callbacks/m/asked"}
    return daraja.post(
        "/mpesa/c2b/v2/registerurl", {"ShortCode": "174379", "ResponseType": "Completed"} | urls | changes
    )


@pytest.mark.parametrize("word", ["mpesa", "M-Pesa", "Safaricom", "exec", "CMD", "sQl", "query"])
def test_addresses_with_a_vendors_word_are_refused(daraja, receiver, word):
    answer = _register(daraja, receiver, ConfirmationURL=f"{receiver.url}/callbacks/{word}/paid")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.02")


def test_addresses_are_registered_once(daraja, control, receiver):
    assert _register(daraja, receiver).json()["ResponseCode"] == "0"
    again = _register(daraja, receiver)
    assert (again.status_code, again.json()["errorMessage"]) == (500, "Urls are already registered.")
    control.post("mpesa/forget-urls")
    assert _register(daraja, receiver).status_code == 200


def test_a_payment_from_the_phones_menu_is_told_unsigned_and_the_payer_is_masked(daraja, box, control, receiver, money):
    page = f"{box.url}/phone/0708374149"
    typed = {"shortcode": "174379", "account": " bk 1 ", "amount": "150", "pin": "1234"}
    assert "Confirmed. Ksh150.00 paid" in requests.post(f"{page}/menu", data=typed, timeout=60).text
    assert control.events() == []  # nobody has registered an address
    _register(daraja, receiver)
    assert "Wrong PIN" in requests.post(f"{page}/menu", data=typed | {"pin": "1"}, timeout=60).text
    requests.post(f"{page}/menu", data=typed, timeout=60)
    assert control.events() == ["c2b"]
    [told] = [json.loads(one.body) for one in receiver.got if one.path.endswith("/m/paid")]
    assert (told["BillRefNumber"], told["TransAmount"], told["MSISDN"]) == ("bk 1", "150.00", "2547 ***** 149")
    assert money() == [("mpesa", "capture", 15000, "KES")] * 2
    control.post("mpesa/menu", phone="254711000000", account="SHOP7", amount=20, foreign=True)
    control.post("mpesa/menu", phone="254711000000", account="X", amount=20, shortcode="600100")
    assert (len(money()), control.events()) == (2, ["c2b", "c2b"])  # strangers' money is not ours, and may not be to us


def test_a_prompt_that_is_paid_is_told_as_a_payment_to_the_pay_bill_too(daraja, control, receiver):
    _register(daraja, receiver)
    receipt = control.post(f"mpesa/{daraja.push().json()['CheckoutRequestID']}/pay")["receipt"]
    assert sorted(control.events()) == ["c2b", "stk.0"]
    [told] = [json.loads(one.body) for one in receiver.got if one.path.endswith("/m/paid")]
    assert (told["TransID"], told["BillRefNumber"]) == (receipt, "BK1")


def test_the_rate_limit_has_a_shape_of_its_own(daraja, control):
    control.fault("mpesa", "push", "429")
    answer = daraja.push()
    assert answer.status_code == 429
    assert answer.json()["fault"]["detail"]["errorcode"] == "policies.ratelimit.SpikeArrestViolation"


def test_the_phone_shows_the_prompt_and_the_pin_decides(daraja, control, box, money):
    page = f"{box.url}/phone/254708374149"
    assert 'content="3"' in requests.get(page, timeout=60).text
    for pin, says in (("0000", "was not paid"), ("1234", "Confirmed. Ksh150.00 paid")):
        pushed = daraja.push().json()["CheckoutRequestID"]
        shown = requests.get(f"{box.url}/phone/0708374149", timeout=60).text
        assert "Ksh 150.00" in shown
        assert 'content="3"' not in shown  # nobody is interrupted while typing
        after = requests.post(page, data={"prompt": pushed, "act": "pay", "pin": pin}, timeout=60).text
        assert says in after
    assert control.events() == ["stk.2001", "stk.0"]
    assert len(money()) == 1
    assert "254708374149" in requests.get(f"{box.url}/phone", timeout=60).text
