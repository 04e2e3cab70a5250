"""The same POST twice does one thing (S1-F21, S3-F21): by key, by double click, by two tabs, by a crash in between."""

import threading

import pytest

from app.models import Attempt, Booking, Checkout, IdempotentRequest
from tests.support.gateways import BY_CODE, GATEWAYS
from tests.support.proofs import Pages
from tests.support.world import Caller, World


def _setting(world: World) -> tuple[Caller, dict[str, object]]:
    client, service = world.person(), world.service(world.practitioner())
    return client, {"service_id": service, "start": world.start(service)}


def test_the_same_key_gives_the_same_answer_and_one_booking(world: World) -> None:
    client, body = _setting(world)
    first = client.post("/bookings", body, key="k-1")
    again = client.post("/bookings", body, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(world.all(Booking)) == 1


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    client, body = _setting(world)
    client.post("/bookings", body, key="k-1")
    other = client.post("/bookings", body | {"notes": "hello"}, key="k-1")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")


def test_a_refused_request_may_be_sent_again_with_the_same_key(world: World) -> None:
    client, body = _setting(world)
    stranger = world.person()
    taken = stranger.post("/bookings", body).json
    assert client.post("/bookings", body, key="k-1").status_code == 409
    stranger.post(f"/bookings/{taken['booking']['id']}/cancel")
    assert client.post("/bookings", body, key="k-1").status_code == 201


def test_a_crash_between_doing_and_answering_does_not_double(world: World) -> None:
    """S1-F01: the row of the request is left open; after a minute the same key finds what was committed."""
    client, body = _setting(world)
    first = client.post("/bookings", body, key="k-1").json
    with world.rows() as session:
        row = session.query(IdempotentRequest).one()
        row.status, row.body = None, ""
        session.commit()
    assert client.post("/bookings", body, key="k-1").json["code"] == "request_in_progress"
    world.move(seconds=61)
    assert client.post("/bookings", body, key="k-1").json["booking"]["id"] == first["booking"]["id"]
    assert len(world.all(Booking)) == 1


def test_one_persons_key_is_not_anothers(world: World) -> None:
    client, body = _setting(world)
    client.post("/bookings", body, key="k-1")
    assert world.person().post("/bookings", body, key="k-1").json["code"] == "slot_taken"


def test_two_long_keys_that_begin_alike_are_two_requests(world: World) -> None:
    """Keys of up to 200 characters are taken, so all of them count, however little of them a column could hold."""
    client, service = world.person(), world.service(world.practitioner())
    free = [slot["start"] for slot in world.slots(service)]
    alike = "order-" + "x" * 190
    made = [client.post("/bookings", {"service_id": service, "start": free[n]}, key=f"{alike}-{n}") for n in (0, 5)]
    assert [answer.json["booking"]["start"] for answer in made] == [free[0], free[5]]
    again = client.post("/bookings", {"service_id": service, "start": free[5]}, key=f"{alike}-5")
    assert again.json["booking"]["id"] == made[1].json["booking"]["id"]
    assert len(world.all(Booking)) == 2


def test_forms_with_long_keys_that_begin_alike_are_two_requests(world: World) -> None:
    """The same for the key a page brings back."""
    pages = Pages(world, world.person())
    for key in ("a", "a", "b"):
        sent = {"amount": "50", "currency": "EUR", "request_key": "x" * 90 + key}
        assert pages.post("/gifts", sent, page="/gifts").status_code == 303
    assert len(world.all(Checkout)) == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_bad_key_is_refused(world: World, key: str) -> None:
    client, body = _setting(world)
    assert client.post("/bookings", body, key=key).status_code == (201 if key == "" else 422)


def test_two_clicks_at_once_make_one_booking(world: World) -> None:
    """S1-F21, X2: without any key, the own hold is re-entrant."""
    client, body = _setting(world)
    answers: list[int] = []

    def click() -> None:
        caller = Caller(world.app.test_client(), client.user_id, client.token)
        answers.append(caller.post("/bookings", body).status_code)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) == {201}
    assert len(world.all(Booking)) == 1
    assert len(world.all(Checkout)) == 1


@pytest.mark.parametrize(("gateway", "currency"), GATEWAYS)
def test_two_clicks_on_pay_at_once_make_one_attempt(world: World, gateway: str, currency: str) -> None:
    """S3a-F21, S3b-F22: one attempt, one payment at the gateway, one prompt on the phone."""
    client, service = world.person(), world.service(world.practitioner(), currency=currency)
    made = world.book(client, service)
    answers: list[int] = []

    def click() -> None:
        caller = Caller(world.app.test_client(), client.user_id, client.token)
        path = f"/checkouts/{made['checkout']['id']}/attempts"
        answers.append(caller.post(path, {"gateway": gateway}).status_code)

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 202}
    assert len(world.all(Attempt)) == 1
    kind = BY_CODE[gateway].thing
    assert len(world.sandbox.sandbox.store.all(kind)) == 1


def test_kept_answers_are_forgotten_after_two_days(world: World) -> None:
    client, body = _setting(world)
    client.post("/bookings", body, key="k-1")
    world.move(hours=49)
    assert world.sweep()["requests"] == 1
    assert world.all(IdempotentRequest) == []


def test_an_unclear_answer_is_not_kept_so_the_same_key_hears_what_came_of_it(world: World) -> None:
    """202 says: ask again with the same key. The same payment goes on; nothing is started twice."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), "hold_then_pay", "INR"))
    path = f"/checkouts/{made['checkout']['id']}/attempts"
    world.faults(gateway="razorpay", route="order", fault="reset", when="after")
    first = client.post(path, {"gateway": "razorpay"}, key="one")
    assert (first.status_code, first.json["next"]["kind"]) == (202, "checking")
    world.move(seconds=25)
    world.sweep()
    second = client.post(path, {"gateway": "razorpay"}, key="one")
    assert (second.status_code, second.json["next"]["kind"]) == (201, "modal")
    assert second.json["attempt"]["id"] == first.json["attempt"]["id"]


def _unclear(world: World, gateway: str = "mpesa") -> tuple[Caller, str]:
    """A client whose try to pay, with the key "one", was not clearly answered; and where it was asked for."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="KES"))
    path = f"/checkouts/{made['checkout']['id']}/attempts"
    route = {"mpesa": "push", "stripe": "create"}[gateway]
    world.faults(gateway=gateway, route=route, fault="reset", when="after", times=2)
    assert client.post(path, {"gateway": gateway}, key="one").status_code == 202
    world.sandbox.sandbox.faults.clear()
    return client, path


@pytest.mark.parametrize("other", [{"gateway": "stripe"}, {"gateway": "mpesa", "phone": "0722 000 999"}])
@pytest.mark.parametrize("kept", ["the key", "only the try"])
def test_a_key_whose_answer_was_unclear_is_not_taken_for_another_way_to_pay(
    world: World, other: dict[str, str], kept: str
) -> None:
    """S3b-F21: else another gateway's payment would be stored with this one, and its news be about nobody."""
    client, path = _unclear(world)
    if kept == "only the try":
        with world.rows() as session:
            session.query(IdempotentRequest).delete()
            session.commit()
    answer = client.post(path, other, key="one")
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    [attempt] = world.all(Attempt)
    assert (attempt.gateway, attempt.step, world.sandbox.sandbox.store.all("session")) == ("mpesa", None, [])
    assert client.post(path, {"gateway": "mpesa"}, key="one").json["next"]["kind"] == "checking"


@pytest.mark.parametrize("gateway", ["wallet", "package"])
def test_a_key_of_another_way_to_pay_is_refused_by_wallet_and_package_too(world: World, gateway: str) -> None:
    client, path = _unclear(world)
    with world.rows() as session:
        session.query(IdempotentRequest).delete()
        session.commit()
    answer = client.post(path, {"gateway": gateway}, key="one")
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")


def test_a_key_whose_payment_was_refused_stays_refused_and_a_new_key_begins_again(world: World) -> None:
    """Nothing was paid, so nothing is called done."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    path = f"/checkouts/{made['checkout']['id']}/attempts"
    world.faults(gateway="stripe", route="create", fault="400")
    for _ in range(2):
        answer = client.post(path, {"gateway": "stripe"}, key="one")
        assert (answer.status_code, answer.json["code"]) == (409, "payment_refused")
    assert client.post(path, {"gateway": "stripe"}, key="two").json["next"]["kind"] == "redirect"


def test_a_key_whose_prompt_nobody_answered_is_told_so(world: World) -> None:
    """The first answer was unclear; what came of it is told, and it is not "done"."""
    client, path = _unclear(world)
    [prompt] = world.sandbox.sandbox.store.all("prompt")
    world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}}, "cancel")
    answer = client.post(path, {"gateway": "mpesa"}, key="one")
    assert (answer.status_code, answer.json["code"]) == (409, "payment_refused")
    assert "cancelled" in answer.json["detail"]


def test_a_key_whose_payment_was_given_up_begins_nothing(world: World) -> None:
    client, path = _unclear(world)
    world.move(minutes=3)
    world.drop_callbacks()
    world.sweep()
    assert world.all(Attempt)[0].status == "abandoned"
    answer = client.post(path, {"gateway": "mpesa"}, key="one")
    assert (answer.status_code, answer.json["code"]) == (409, "payment_refused")
    assert len(world.all(Attempt)) == 1


def test_a_key_whose_payment_came_in_meanwhile_is_done(world: World) -> None:
    client, path = _unclear(world)
    [prompt] = world.sandbox.sandbox.store.all("prompt")
    world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}})
    answer = client.post(path, {"gateway": "mpesa"}, key="one")
    assert (answer.status_code, answer.json["next"], answer.json["attempt"]["status"]) == (
        201,
        {"kind": "done"},
        "paid",
    )
