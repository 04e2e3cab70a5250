"""A phone that is asked to pay rings at somebody's, whoever typed its number: so often, and no more."""

import pytest
from werkzeug.test import TestResponse

from app.models import Attempt, QuotaCount, QuotaStop
from tests.support.at_once import at_once
from tests.support.world import Caller, World

pytestmark = pytest.mark.usefixtures("quotas")
STRANGER = "+254722000111"


def _bill(client: Caller) -> str:
    made = client.post("/wallet/top-ups", {"amount": {"amount": 10_000, "currency": "KES"}})
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def _ring(client: Caller, bill: str, phone: str = STRANGER) -> TestResponse:
    return client.post(f"/checkouts/{bill}/attempts", {"gateway": "mpesa", "phone": phone})


def _rings(world: World, client: Caller, phone: str = STRANGER) -> TestResponse:
    """A phone is asked to pay a bill of its own, and whoever holds it refuses: it bears one prompt at a time."""
    answer = _ring(client, _bill(client), phone)
    if answer.status_code == 201:
        world.act(answer.json, "cancel")
    return answer


def _prompts(world: World) -> int:
    return len(world.sandbox.sandbox.store.all("prompt"))


@pytest.mark.both_engines
def test_of_twenty_prompts_to_a_strangers_phone_four_ring(world: World) -> None:
    """SEC-9: twenty reached a stranger's phone in ten seconds."""
    client = world.person()
    answers = [_rings(world, client, phone) for phone in (STRANGER, "0722000111", "254722000111") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [201] * 4 + [429] * 17
    assert answers[-1].json["code"] == "too_many_prompts"
    assert 500 < int(answers[-1].headers["Retry-After"]) <= 600
    assert _prompts(world) == 4
    assert len(world.all(Attempt)) == 4, "what was refused has left nothing"


def test_a_phone_is_spared_whoever_asks(world: World) -> None:
    answers = []
    for _ in range(3):
        client = world.person()
        answers += [_rings(world, client) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201] * 4 + [429] * 2
    client = world.person()
    assert _ring(client, _bill(client), "+254722000112").status_code == 201


def test_in_an_hour_a_phone_rings_ten_times(world: World) -> None:
    rung = 0
    for _ in range(5):
        client = world.person()
        rung += sum(_rings(world, client).status_code == 201 for _ in range(4))
        world.move(minutes=11)
    assert rung == 10


def test_one_account_rings_twelve_times_an_hour_at_whosever_phones(world: World) -> None:
    client = world.person()
    answers = [_ring(client, _bill(client), f"+2547220001{n:02}") for n in range(14)]
    assert [answer.status_code for answer in answers] == [201] * 12 + [429] * 2
    world.move(minutes=61)
    assert _ring(client, _bill(client), "+254722000199").status_code == 201


def test_the_same_prompt_asked_for_again_is_not_counted_again(world: World) -> None:
    client = world.person()
    bill = _bill(client)
    assert {_ring(client, bill).status_code for _ in range(8)} == {201}
    assert _prompts(world) == 1
    assert {row.rule: row.count for row in world.all(QuotaCount)}["prompts_to_number"] == 1


def test_no_number_is_kept_of_who_was_stopped(world: World) -> None:
    client = world.person()
    for _ in range(5):
        _rings(world, client)
    [stop] = world.all(QuotaStop)
    assert (stop.rule, stop.user_id, stop.count) == ("prompts_in_a_row", client.user_id, 1)
    assert "722000111" not in f"{stop.who}"


@pytest.mark.both_engines
def test_of_twelve_prompts_at_once_four_ring(world: World) -> None:
    """Two who ask in the same moment are counted one by one."""
    clients = [world.person() for _ in range(12)]
    bills = [_bill(client) for client in clients]
    answers = at_once(*[lambda c=c, b=b: _patiently(c, b) for c, b in zip(clients, bills, strict=True)])
    assert answers.count(429) == 8
    assert set(answers) <= {201, 409, 429}, "a phone that rings already is busy"
    assert len(world.all(Attempt)) == 4


def _patiently(client: Caller, bill: str) -> int:
    """The answer in the end: a busy server (503) has done nothing, and is asked again."""
    for _ in range(20):
        status = _ring(client, bill).status_code
        if status != 503:
            break
    return status
