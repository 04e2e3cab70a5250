"""What costs the one who asks nothing and somebody else something scarce, one may have so much of, and no more."""

import pytest
from werkzeug.test import TestResponse

from app.models import Booking, Checkout, Hold, QuotaStop
from tests.support import questions, sessions
from tests.support.world import Caller, World

pytestmark = pytest.mark.usefixtures("quotas")


def _ask(client: Caller, service: int, start: str) -> TestResponse:
    return client.post("/bookings", {"service_id": service, "start": start})


def _asks_for_all(world: World, client: Caller, service: int, most: int = 12) -> list[tuple[int, str]]:
    """What is answered to who asks for one time after the other."""
    starts = [slot["start"] for slot in world.slots(service)][:most]
    answers = [_ask(client, service, start) for start in starts]
    return [(answer.status_code, answer.json.get("code", "")) for answer in answers]


def _trusted(world: World, owner: Caller, service: int) -> Caller:
    """A client who has paid the practitioner for a session that took place."""
    client = world.person()
    sessions.held(world, client, owner, service)
    return client


@pytest.mark.both_engines
def test_a_fresh_account_that_takes_every_free_time_of_a_week_gets_three(world: World) -> None:
    """SEC-7: one free account took 156 of 156 free times in 30 s."""
    client, service = world.person(), world.service(world.practitioner())
    free = [slot["start"] for slot in world.slots(service, days=7)]
    assert len(free) > 140
    answers = [_ask(client, service, start) for start in free]
    assert [answer.status_code for answer in answers] == [201] * 3 + [409] * (len(free) - 3)
    assert {answer.json["code"] for answer in answers[3:]} == {"too_many_open"}
    assert answers[3].content_type == "application/problem+json"
    assert "You have 3 open bookings, which is the limit" in answers[3].json["detail"]
    assert len(world.all(Booking)) == 3
    assert _ask(world.person(), service, free[-1]).status_code == 201


@pytest.mark.both_engines
@pytest.mark.parametrize("mode", ["pay_then_book", "authorise_then_approve", "approve_then_pay"])
def test_whatever_the_mode_three_may_be_open(world: World, mode: str) -> None:
    client, service = world.person(), world.service(world.practitioner(), mode)
    assert [status for status, _ in _asks_for_all(world, client, service, 5)] == [201] * 3 + [409] * 2
    made = [*world.all(Booking), *(checkout for checkout in world.all(Checkout) if not checkout.booking_id)]
    assert len(made) == 3


def test_three_are_counted_over_all_practitioners_and_one_that_has_ended_makes_room(world: World) -> None:
    client = world.person()
    services = [world.service(world.practitioner(name=f"Dr. {name}")) for name in "ABCD"]
    made = [world.book(client, service) for service in services[:3]]
    assert _ask(client, services[3], world.start(services[3])).json["code"] == "too_many_open"
    assert client.post(f"/bookings/{made[0]['booking']['id']}/cancel").status_code == 200
    assert _ask(client, services[3], world.start(services[3])).status_code == 201


def test_a_hold_that_has_run_out_does_not_count_though_no_sweep_has_come_by(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    assert _asks_for_all(world, client, service, 4)[-1] == (409, "too_many_open")
    world.move(minutes=16)
    assert _asks_for_all(world, client, service, 4)[0] == (201, "")


def test_paid_bookings_do_not_count(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    for _ in range(4):
        world.booked(client, service)


def test_who_has_paid_for_a_session_may_have_ten_open(world: World) -> None:
    owner = world.practitioner()
    client = _trusted(world, owner, world.service(owner))
    assert [code for code, _ in _asks_for_all(world, client, world.service(owner))].count(201) == 10


def test_asking_again_for_what_is_open_is_no_more(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner())
    starts = [slot["start"] for slot in world.slots(service)][:3]
    made = [_ask(client, service, start).json["booking"]["id"] for start in starts]
    assert [_ask(client, service, start).json["booking"]["id"] for start in starts] == made


def test_of_requests_three_may_wait_for_one_practitioner(world: World) -> None:
    elsewhere = world.practitioner(name="Dr. Else")
    client = _trusted(world, elsewhere, world.service(elsewhere))
    asked = world.service(world.practitioner(), "approve_then_pay")
    answers = _asks_for_all(world, client, asked)
    assert answers[:4] == [(201, "")] * 3 + [(409, "too_many_unanswered")]


@pytest.mark.both_engines
def test_of_sessions_paid_afterwards_two_may_be_ahead(world: World) -> None:
    """SEC-8: sixty were confirmed at once, and a debt blocked only the next."""
    client = world.person()
    service = world.service(world.practitioner(), "pay_after")
    assert _asks_for_all(world, client, service, 5) == [(201, "")] * 2 + [(409, "too_many_unpaid")] * 3
    assert [booking.status.value for booking in world.all(Booking)] == ["confirmed"] * 2
    elsewhere = world.service(world.practitioner(name="Dr. Else"), "pay_after")
    assert _asks_for_all(world, client, elsewhere, 2) == [(201, ""), (409, "too_many_open")]


def test_a_time_that_was_let_go_three_times_rests_for_an_hour(world: World) -> None:
    """SEC-7: the same time was held twelve times running."""
    client, service = world.person(), world.service(world.practitioner())
    start = world.slots(service)[-1]["start"]
    for end in ("lapse", "cancel", "lapse"):
        made = world.book(client, service, start)
        if end == "cancel":
            client.post(f"/bookings/{made['booking']['id']}/cancel")
        else:
            world.move(minutes=16)
    refused = _ask(client, service, start)
    assert (refused.status_code, refused.json["code"]) == (429, "let_go_too_often")
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    world.sweep()
    assert _ask(client, service, start).status_code == 429, "the sweep changes nothing about it"
    assert _ask(world.person(), service, start).status_code == 201, "it is free for others"
    world.move(minutes=61)
    assert _ask(client, service, start).status_code == 201


@pytest.mark.parametrize("mode", ["approve_then_pay", "pay_after", "hold_then_pay"])
def test_who_asks_and_takes_it_back_again_and_again_is_stopped(world: World, mode: str) -> None:
    """One free account asked 80 times in two minutes and took each back: 160 mails to the practitioner, and none too many open."""
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, mode)
    starts = [slot["start"] for slot in world.slots(service)][-12:]  # so late that nothing is owed for it

    def ask(start: str) -> TestResponse:
        answer = _ask(client, service, start)
        if answer.status_code == 201:
            assert client.post(f"/bookings/{answer.json['booking']['id']}/cancel").status_code == 200
        return answer

    same = [ask(starts[0]) for _ in range(4)]
    assert [answer.status_code for answer in same] == [201] * 3 + [429]
    others = [ask(start) for start in starts[1:9]]
    assert [answer.status_code for answer in others] == [201] * 7 + [429]
    assert (others[-1].json["code"], others[-1].headers["Retry-After"]) == ("withdrawn_too_often", "3600")
    elsewhere = world.service(world.practitioner(name="Dr. Juma"))
    assert _ask(client, elsewhere, world.start(elsewhere)).status_code == 201
    assert _ask(world.person(), service, starts[9]).status_code == 201
    world.move(hours=1)
    assert ask(starts[10]).status_code == 201


def test_what_the_practitioner_did_not_answer_or_declined_was_not_let_go(world: World) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner, "approve_then_pay")
    start = world.start(service)
    for _ in range(4):
        made = _ask(client, service, start)
        assert made.status_code == 201
        assert owner.post(f"/bookings/{made.json['booking']['id']}/decline", {"reason": "Away"}).status_code == 200


def test_five_waits_are_enough(world: World) -> None:
    client, service = world.person(), world.service(world.practitioner(), places=2)
    starts = [slot["start"] for slot in world.slots(service)][:6]
    for start in starts:
        world.book(world.person(), service, start, places=2)
    answers = [client.post(f"/services/{service}/waits", {"start": start}) for start in starts]
    assert [answer.status_code for answer in answers] == [201] * 5 + [409]
    assert answers[-1].json["code"] == "too_many_waits"


def test_three_questions_may_wait_to_be_paid(world: World) -> None:
    _, slug = questions.expert(world)
    client = world.person()
    answers = [client.post(f"/practitioners/{slug}/questions", {"question": f"Number {n}?"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [409]
    assert answers[-1].json["code"] == "too_many_questions"


def test_another_time_is_proposed_five_times_a_day_for_one_session(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, free_moves=0)
    booking = world.booked(client, service)
    free = [slot["start"] for slot in world.slots(service, days=3)]
    path = f"/bookings/{booking['id']}/reschedule"
    answers = [owner.post(path, {"start": start}) for start in free[5:11]]
    assert [answer.status_code for answer in answers][:5] == [answers[0].status_code] * 5
    assert (answers[-1].status_code, answers[-1].json["code"]) == (429, "too_many_proposals")
    assert answers[0].status_code < 300, answers[0].text


def test_a_conversation_is_no_place_for_a_flood(world: World) -> None:
    client, _, question = questions.answered(world)
    sent = [questions.send(client, question, f"And {n}?") for n in range(61)]
    assert [answer.status_code for answer in sent] == [201] * 60 + [429]
    assert sent[-1].json["code"] == "too_many_messages"


def test_thirty_payments_may_be_begun_in_an_hour(world: World) -> None:
    client = world.person()

    def begin() -> TestResponse:
        bill = client.post("/wallet/top-ups", {"amount": {"amount": 5_000, "currency": "EUR"}}).json
        return client.post(f"/checkouts/{bill['id']}/attempts", {"gateway": "stripe"})

    answers = [begin() for _ in range(31)]
    assert [answer.status_code for answer in answers] == [201] * 30 + [429]
    assert answers[-1].json["code"] == "too_many_payments"


def test_where_limits_are_off_there_are_no_quotas(world: World) -> None:
    world.app.config["RATELIMIT_ENABLED"] = False
    client, service = world.person(), world.service(world.practitioner())
    assert {code for code, _ in _asks_for_all(world, client, service)} == {201}
    assert world.all(QuotaStop) == []
    assert len(world.all(Hold)) == 12
