"""What people see who have paid by M-Pesa and are not heard of, on pages without script."""

import re

import pytest

from app.models import Role
from app.services.core import signed_urls
from sandbox.daraja import menu
from tests.blueprints.test_staff import Browser
from tests.support.codes import OTHERS, Unheard, register
from tests.support.proofs import Pages
from tests.support.world import World


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ")


@pytest.mark.both_engines
def test_a_client_finds_the_form_mends_a_misread_code_and_is_confirmed(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays()
    pages = Pages(world, one.client)
    address = f"/checkouts/{one.checkout_id}"
    one.given_up()
    booking = pages.get(f"/bookings/{one.booking_id}").text
    assert f'href="{address}#unheard"' in booking
    seen = pages.get(address).text
    assert "Paid by M-Pesa, but it has not arrived?" in seen
    wrong = pages.post(f"{address}/receipt", {"receipt": "twelve"}, page=address)
    assert wrong.status_code == 422
    assert 'value="twelve"' in wrong.text
    assert "This is not an M-Pesa code" in wrong.text
    world.faults(gateway="mpesa", route="status", fault="queue_timeout")
    assert pages.post(f"{address}/receipt", {"receipt": "qk12ab34cd"}, page=address).status_code == 303
    assert "Please do not pay again for now" in pages.get(address).text
    world.move(seconds=61)
    world.sweep()
    refused = pages.get(address).text
    assert "M-Pesa does not recognise this code" in refused
    assert 'value="QK12AB34CD"' in refused, "what was typed is still there"
    assert 'name="gateway"' in refused, "and it can be paid again"
    pages.post(f"{address}/receipt", {"receipt": receipt}, page=address)
    world.settle()
    assert "Your session is booked" in _text(pages.get(address).text)


def test_who_paid_from_the_menu_shows_the_code_while_the_prompt_is_alive(world: World) -> None:
    """Need 4 of PAY: the prompt did not come at once, so the pay bill was paid; nobody waits for the prompt's end."""
    one = Unheard(world, answered=True)
    receipt = one.pays_from_menu()
    pages = Pages(world, one.client)
    address = f"/checkouts/{one.checkout_id}"
    seen = pages.get(address).text
    assert "Check the phone" in seen
    assert seen.count('name="receipt"') == 1
    assert "Business number" not in _text(seen), "nobody is told to pay twice"
    wrong = pages.post(f"{address}/receipt", {"receipt": "twelve"}, page=address)
    assert wrong.status_code == 422
    assert 'value="twelve"' in wrong.text
    assert "Check the phone" in wrong.text
    pages.post(f"{address}/receipt", {"receipt": "qk12ab34cd"}, page=address)
    world.settle()
    refused = pages.get(address).text
    assert "M-Pesa does not recognise this code" in refused
    assert "Check the phone" in refused
    pages.post(f"{address}/receipt", {"receipt": receipt}, page=address)
    world.settle()
    assert "Your session is booked" in _text(pages.get(address).text)


def test_a_prompt_that_was_never_sent_asks_for_no_code(world: World) -> None:
    one = Unheard(world, answered=True)
    world.move(minutes=5)
    world.sweep()
    world.faults(gateway="mpesa", route="push", fault="429", times=9)
    one.client.post(f"/checkouts/{one.checkout_id}/attempts", {"gateway": "mpesa"})
    assert one.attempt.unsent
    assert 'name="receipt"' not in Pages(world, one.client).get(f"/checkouts/{one.checkout_id}").text


def test_the_page_says_how_to_pay_from_the_menu_and_it_arrives(world: World) -> None:
    register(world)
    one = Unheard(world)
    one.given_up()
    seen = _text(Pages(world, one.client).get(f"/checkouts/{one.checkout_id}").text)
    assert f"Business number 174379 Account number {one.attempt.reference}" in seen
    one.pays_from_menu(account=one.attempt.reference.lower())
    world.settle()
    world.sweep()
    assert one.state == ("confirmed", "paid")


def test_whoever_has_no_try_by_phone_is_offered_none_of_it(world: World) -> None:
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    page = Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    assert 'name="receipt"' not in page


def test_staff_find_the_payment_by_its_reference_and_land_the_code(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays_from_menu(account="mistyped", phone=OTHERS)
    one.given_up()
    staff = world.person(Role.STAFF)
    assert "prompt_unheard" not in world.notices(staff)  # they came afterwards
    desk = Browser(world, staff)
    page = f"/staff/payments/{one.attempt.id}"
    assert desk.http.get("/staff/find", query_string={"q": one.attempt.reference}).headers["Location"] == page
    wrong = desk.post(f"/payments/{one.attempt.id}/receipt", receipt="no")
    assert (wrong.status_code, 'value="no"' in wrong.text) == (422, True)
    assert f" {receipt}: " in desk.then(f"/payments/{one.attempt.id}/receipt", receipt=receipt)
    world.settle()
    told = desk.text(page)
    assert "Paid: the money is in the books" in told
    assert "entered an M-Pesa code" in told
    assert one.state == ("confirmed", "paid")


def test_staff_judge_a_doubted_code_in_the_queue(world: World) -> None:
    one = Unheard(world)
    receipt = one.pays_from_menu(account="mistyped", phone=OTHERS)
    one.given_up()
    one.shows(receipt)
    desk = Browser(world, world.person(Role.STAFF))
    seen = desk.text("/staff/queues/reviews")
    assert "only a person can tell whether it belongs to this payment" in seen
    [review_id] = re.findall(r"/staff/reviews/(\d+)/resolve", desk.http.get("/staff/queues/reviews").text)
    said = desk.then(
        f"/reviews/{review_id}/resolve", decision="found", evidence="The statement, line 4", queue="reviews"
    )
    assert "It was paid: the money has gone to what it was meant for." in said
    assert one.state == ("confirmed", "paid")


def test_staff_hear_of_a_push_nobody_heard_of_and_what_to_do(world: World) -> None:
    staff = world.person(Role.STAFF)
    one = Unheard(world)
    one.given_up()
    world.sweep()
    [mail] = [mail for mail in world.mails(world.email(staff)) if one.attempt.reference in mail["subject"]]
    assert "The client can enter the code from M-Pesa's message" in re.sub(r"\s+", " ", mail["text"])


def test_registering_says_the_addresses_and_they_have_no_word_m_pesa_refuses(world: World) -> None:
    run = world.app.test_cli_runner()
    first = run.invoke(args=["mpesa", "register"])
    assert first.exit_code == 0
    urls = menu.registered(world.sandbox.sandbox)
    assert urls is not None
    assert urls["ConfirmationURL"] in first.output
    assert "/callbacks/m/" in first.output
    again = run.invoke(args=["mpesa", "register"])
    assert again.exit_code == 1
    assert "already registered" in again.output


def test_no_address_of_a_payment_has_a_word_m_pesa_refuses_and_each_says_what_it_is_of(world: World) -> None:
    """PAY-21: the letters of a signature are chance, and one in a hundred would spell "exe", "cmd" or "sql"."""
    with world.app.app_context():
        for nth in range(2_000):
            url = signed_urls.callback_address(world.app, "mpesa", f"KK{nth:010}")
            assert not re.search(r"m-?pesa|safaricom|exe|cmd|sql|query", url, re.IGNORECASE), url
            assert signed_urls.read_address(world.app, "mpesa", url.rsplit("/", 1)[1]) == f"KK{nth:010}"


def test_the_address_that_was_told_before_still_works(world: World) -> None:
    one = Unheard(world, answered=True)
    with world.app.app_context():
        path = signed_urls.callback_address(world.app, "mpesa", one.attempt.reference)
    token = path.rsplit("/", 1)[1]
    body = {"Body": {"stkCallback": {"CheckoutRequestID": one.attempt.provider_ref, "ResultCode": 1032}}}
    assert world.app.test_client().post(f"/callbacks/mpesa/{token}", json=body).status_code == 200
    assert one.attempt.status == "failed"


def test_who_asks_whether_to_take_a_payment_from_the_menu_hears_yes_and_leaves_nothing(world: World) -> None:
    with world.app.app_context():
        path = signed_urls.callback_address(world.app, "mpesa", "menu.asked").removeprefix(
            world.app.config["PUBLIC_URL"]
        )
    answer = world.app.test_client().post(path, json={"TransID": "QK12AB34CD", "BillRefNumber": "X"})
    assert (answer.status_code, answer.json["ResultCode"]) == (200, 0)
