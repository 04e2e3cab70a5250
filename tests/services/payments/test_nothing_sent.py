"""A gateway that heard nothing, for certain, may be asked for the first time again; one that may have heard may not (S3b, S10)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.gateways import adapter
from app.models import Attempt, Booking, Refund, Role
from tests.support.at_once import at_once
from tests.support.deals import deal
from tests.support.proofs import Pages
from tests.support.world import Caller, World

# What keeps a call from being heard by Daraja: no token, so no call; or turned away at its door.
UNHEARD = [("token", "500"), ("token", "reset"), ("token", "429"), ("push", "429")]
UNHEARD += [("push", "spike_arrest"), ("push", "quota"), ("push", "policy")]  # PAY-16: by HTTP 500


Forget = Callable[[], None]


@pytest.fixture
def forget_token(world: World) -> Iterator[Forget]:
    """From now on the next call to Daraja needs a token."""
    known, kind = world.app.extensions["gateways"], adapter("mpesa")
    before = known["mpesa"]

    def forget() -> None:
        known["mpesa"] = kind(kind.Settings.from_environment(world.app.config["ENVIRON"]))  # type: ignore[call-arg, attr-defined]

    forget()
    yield forget
    known["mpesa"] = before


pytestmark = pytest.mark.usefixtures("forget_token")


def _about_to_pay(world: World) -> tuple[Caller, dict[str, Any], str]:
    """A client with something to pay by M-Pesa."""
    return _with_service(world, "hold_then_pay")[:3]


def _with_service(world: World, mode: str) -> tuple[Caller, dict[str, Any], str, int]:
    client, service = world.person(), world.service(world.practitioner(), mode, "KES")
    made = world.book(client, service)
    return client, made, f"/checkouts/{made['checkout']['id']}/attempts", service


def _not_heard(world: World, client: Caller, path: str, route: str = "token", fault: str = "500") -> None:
    world.faults(gateway="mpesa", route=route, fault=fault)
    answer = client.post(path, {"gateway": "mpesa"})
    assert (answer.status_code, answer.json["next"]["kind"]) == (202, "checking")
    assert _prompts(world) == []


def _prompts(world: World) -> list[Any]:
    return list(world.sandbox.sandbox.store.all("prompt"))


def _states(world: World) -> list[str]:
    return [attempt.status.value for attempt in world.all(Attempt)]


@pytest.mark.in_turn
@pytest.mark.parametrize(("route", "fault"), UNHEARD)
def test_a_push_that_was_never_heard_is_tried_again_at_once(world: World, route: str, fault: str) -> None:
    """S3b-F09: no waiting for a prompt that cannot be there; one try, one prompt, one payment."""
    client, made, path = _about_to_pay(world)
    _not_heard(world, client, path, route, fault)
    world.act(world.begin(client, made["checkout"]["id"], "mpesa"))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert (_states(world), len(_prompts(world))) == (["paid"], 1)


@pytest.mark.in_turn
@pytest.mark.parametrize(("route", "fault"), UNHEARD)
def test_instead_of_a_push_that_was_never_heard_another_way_may_be_taken_at_once(
    world: World, route: str, fault: str
) -> None:
    client, made, path = _about_to_pay(world)
    staff = world.person(Role.STAFF)
    _not_heard(world, client, path, route, fault)
    world.act(world.begin(client, made["checkout"]["id"], "stripe"))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    for _ in range(3):
        world.move(minutes=3)
        world.sweep()
    assert (_states(world), _prompts(world)) == (["abandoned", "paid"], [])
    assert "prompt_unheard" not in world.notices(staff)


@pytest.mark.parametrize("when", ["before", "after"])
def test_instead_of_a_busy_gateway_another_may_be_taken_at_once_but_not_the_same(world: World, when: str) -> None:
    """PAY-16: "System is busy" leaves open whether a prompt came up: other ways are open, a second prompt is not."""
    client, made, path = _about_to_pay(world)
    world.faults(gateway="mpesa", route="push", fault="busy", when=when)
    assert client.post(path, {"gateway": "mpesa"}).status_code == 202
    page = Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    assert "M-Pesa is busy right now" in page
    assert 'name="gateway" value="stripe"' in page
    assert 'name="gateway" value="mpesa"' not in page
    other_phone = {"gateway": "mpesa", "phone": "+254700000001"}
    assert client.post(path, other_phone).json["code"] == "attempt_unresolved"
    assert _states(world) == ["created"]
    assert client.post(path, {"gateway": "stripe"}).status_code == 201
    assert client.post(path, {"gateway": "mpesa"}).json["code"] == "attempt_unresolved"
    assert len(_prompts(world)) == (when == "after")
    world.move(minutes=3)
    assert client.post(path, other_phone).status_code == 201


@pytest.mark.parametrize("switched", [True, False])
def test_a_busy_gateway_that_was_never_heard_of_again_is_told_to_staff_once_a_prompt_would_be_over(
    world: World, switched: bool
) -> None:
    client, _, path = _about_to_pay(world)
    staff = world.person(Role.STAFF)
    world.faults(gateway="mpesa", route="push", fault="busy")
    client.post(path, {"gateway": "mpesa"})
    if switched:
        assert client.post(path, {"gateway": "stripe"}).status_code == 201
    assert "prompt_unheard" not in world.notices(staff)
    for _ in range(4):
        world.move(minutes=1)
        world.sweep()
    assert world.notices(staff).count("prompt_unheard") == 1
    assert _states(world)[0] == "abandoned"


def test_a_busy_gateways_prompt_that_is_paid_beside_another_way_goes_back_as_a_second_payment(world: World) -> None:
    client, made, path = _about_to_pay(world)
    staff = world.person(Role.STAFF)
    world.faults(gateway="mpesa", route="push", fault="busy", when="after")
    client.post(path, {"gateway": "mpesa"})
    world.act(world.begin(client, made["checkout"]["id"], "stripe"))
    [prompt] = _prompts(world)
    world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}})
    for _ in range(3):
        world.move(minutes=1)
        world.sweep()
    assert (_states(world), [row.reason for row in world.all(Refund)]) == (["paid", "paid"], ["second_charge"])
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"
    assert "prompt_unheard" not in world.notices(staff)


@pytest.mark.parametrize(("gateway", "currency", "route"), [("stripe", "KES", "create"), ("razorpay", "INR", "order")])
def test_from_a_gateway_that_turned_us_away_one_may_go_to_another(
    world: World, gateway: str, currency: str, route: str
) -> None:
    client, service = world.person(), world.service(world.practitioner(), currency=currency)
    made = world.book(client, service)
    path = f"/checkouts/{made['checkout']['id']}/attempts"
    world.faults(gateway=gateway, route=route, fault="429", times=9)
    assert client.post(path, {"gateway": gateway}).status_code == 202
    other = "mpesa" if gateway == "stripe" else "stripe"
    assert client.post(path, {"gateway": other}).status_code == 201
    assert _states(world) == ["abandoned", "processing"]


def test_a_push_that_was_never_heard_is_sent_by_the_clock_while_it_can_be_paid(world: World) -> None:
    """S3b-F09 (delayed): accepted, and its effect comes once the gateway is back."""
    client, made, path = _about_to_pay(world)
    _not_heard(world, client, path)
    world.move(seconds=25)
    world.sweep()
    [prompt] = _prompts(world)
    world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}})
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


@pytest.mark.parametrize("mode", ["hold_then_pay", "pay_then_book"])
def test_a_push_that_was_never_heard_is_not_sent_once_it_cannot_be_paid(world: World, mode: str) -> None:
    """No prompt for a place that is gone: its time is over, or somebody else paid for it."""
    client, _, path, service = _with_service(world, mode)
    _not_heard(world, client, path)
    if mode == "pay_then_book":
        rival = world.person()
        theirs = world.book(rival, service, world.start(service))
        world.act(world.begin(rival, theirs["checkout"]["id"], "stripe"))
        world.move(seconds=25)
    else:
        world.move(minutes=30)
    for _ in range(2):
        world.sweep()
    assert (_states(world)[0], _prompts(world)) == ("abandoned", [])
    assert all(row.status in ("expired", "confirmed") for row in world.all(Booking))


def test_the_same_request_again_sends_no_push_for_what_can_no_longer_be_paid(world: World) -> None:
    client, _, path = _about_to_pay(world)
    world.faults(gateway="mpesa", route="token", fault="500")
    assert client.post(path, {"gateway": "mpesa"}, key="k").status_code == 202
    world.move(minutes=30)
    client.post(path, {"gateway": "mpesa"}, key="k")
    world.sweep()
    assert (_states(world), _prompts(world)) == (["abandoned"], [])


def test_the_time_of_a_prompt_counts_from_the_call_that_was_heard(world: World) -> None:
    """Wire fact 13: the second call may have been heard, so from then on nothing is sent for as long as a prompt lives."""
    client, made, path = _about_to_pay(world)
    _not_heard(world, client, path)
    world.move(seconds=100)
    world.faults(gateway="mpesa", route="push", fault="reset", when="after")
    assert client.post(path, {"gateway": "mpesa"}).status_code == 202
    world.move(seconds=30)
    world.sweep()
    assert client.post(path, {"gateway": "mpesa"}).status_code == 202
    assert client.post(path, {"gateway": "stripe"}).json["code"] == "attempt_unresolved"
    [prompt] = _prompts(world)
    world.act({"attempt": {"gateway": "mpesa"}, "next": {"provider_ref": prompt["id"]}})
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_tried_again_in_four_tabs_at_once_it_is_one_prompt(world: World) -> None:
    client, _, path = _about_to_pay(world)
    _not_heard(world, client, path)
    tabs = [world.app.test_client() for _ in range(4)]
    headers = {"Authorization": f"Bearer {client.token}"}
    body = {"gateway": "mpesa"}
    answers = at_once(*[lambda tab=tab: tab.post(f"/api/v1{path}", json=body, headers=headers) for tab in tabs])
    assert {answer.status_code for answer in answers} <= {201, 202}
    assert (len(_prompts(world)), _states(world)) == (1, ["processing"])


def test_the_page_says_that_nothing_was_sent_and_offers_every_way_at_once(world: World) -> None:
    client, made, path = _about_to_pay(world)
    _not_heard(world, client, path)
    page = Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text
    assert "Nothing was sent and nothing was charged." in page
    assert "Please do not pay again" not in page
    assert all(f'name="gateway" value="{code}"' in page for code in ("mpesa", "stripe"))
    world.begin(client, made["checkout"]["id"], "mpesa")
    assert "Nothing was sent" not in Pages(world, client).get(f"/checkouts/{made['checkout']['id']}").text


@pytest.mark.parametrize(("route", "fault"), [("token", "500"), ("token", "reset"), ("refund", "429")])
def test_a_reversal_that_was_never_heard_is_asked_for_by_the_next_try(
    world: World, forget_token: Forget, route: str, fault: str
) -> None:
    """S10-F09: with the same key; it was called "sent" for ever, and no shilling ever moved."""
    one = deal(world, "mpesa")
    one.pay()
    assert one.owner.post(f"/bookings/{one.booking_id}/cancel", {"reason": "Ill."}).status_code == 200
    forget_token()
    world.faults(gateway="mpesa", route=route, fault=fault, times=99)
    for tries in (1, 2, 3):
        world.sweep()
        [refund] = one.refunds()
        assert (refund.status, refund.tries) == ("asked", tries)
        world.move(minutes=20)
    world.sandbox.sandbox.faults.clear()
    world.sweep()
    world.settle()
    assert one.state == ("cancelled", "refunded")
    assert len([entry for entry in world.money_taken() if entry["kind"] == "refund"]) == 1
    assert [row.key for row in world.all(Refund)] == [refund.key]


def test_a_reversal_that_may_have_been_heard_is_never_asked_for_again_also_after_one_that_was_not(
    world: World, forget_token: Forget
) -> None:
    """Daraja knows no key: after the call whose answer was lost only its result counts."""
    one = deal(world, "mpesa")
    one.pay()
    one.owner.post(f"/bookings/{one.booking_id}/cancel", {"reason": "Ill."})
    forget_token()
    world.drop_callbacks()
    world.faults(gateway="mpesa", route="token", fault="500")
    world.faults(gateway="mpesa", route="refund", fault="reset", when="after")
    for _ in range(4):
        world.sweep()
        world.move(minutes=20)
    assert [row.status.value for row in one.refunds()] == ["sent"]
    assert len([entry for entry in world.money_taken() if entry["kind"] == "refund"]) == 1
