"""A practitioner may ask more of who comes for the first time: an approval, the money first, one session at a time."""

import pytest

from tests.support import sessions
from tests.support.visitor import Visitor
from tests.support.world import Caller, World


def _regular(world: World, owner: Caller) -> Caller:
    client = world.person(name="Regular")
    sessions.held(world, client, owner, world.service(owner, title="Earlier"))
    return client


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("asked", "mode", "strict"),
    [
        ("approve", "hold_then_pay", "pending_approval"),
        ("approve", "pay_after", "pending_approval"),
        ("pay_first", "pay_after", "awaiting_payment"),
        ("pay_first", "approve_then_pay", "pending_approval"),
    ],
)
def test_who_comes_first_is_asked_for_more_and_who_came_before_is_not(
    world: World, asked: str, mode: str, strict: str
) -> None:
    owner = world.practitioner()
    regular = _regular(world, owner)
    service, alike = world.service(owner, mode, first_time=asked), world.service(owner, mode)
    assert world.book(world.person(), service)["booking"]["status"] == strict
    usual = world.book(world.person(), alike)["booking"]["status"]
    assert world.book(regular, service)["booking"]["status"] == usual


def test_a_request_that_is_approved_is_paid_before_the_session_as_its_mode_says(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner, "pay_after", first_time="approve"))
    assert made["booking"]["mode"] == "approve_then_pay"
    owner.post(f"/bookings/{made['booking']['id']}/approve")
    bill = world.booking(client, made["booking"]["id"])["checkout_id"]
    world.act(world.begin(client, bill))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


@pytest.mark.both_engines
def test_one_session_at_a_time_until_one_has_taken_place_and_is_paid(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, first_time="one")
    world.booked(client, service)
    refused = client.post("/bookings", {"service_id": service, "start": world.start(service, 1)})
    assert (refused.status_code, refused.json["code"]) == (409, "first_time_one")
    other = world.person()
    sessions.held(world, other, owner, service)
    for nth in range(2):
        world.book(other, service, world.start(service, nth))


@pytest.mark.parametrize("mode", ["pay_then_book", "approve_then_pay", "pay_after"])
def test_a_draft_a_request_and_an_unpaid_session_are_one_session_too(world: World, mode: str) -> None:
    client, service = world.person(), world.service(world.practitioner(), mode, first_time="one")
    world.book(client, service)
    refused = client.post("/bookings", {"service_id": service, "start": world.start(service, 1)})
    assert refused.json["code"] == "first_time_one"


def test_the_pages_say_before_what_will_be_asked(world: World) -> None:
    owner = world.practitioner()
    regular = _regular(world, owner)
    service = world.service(owner, "pay_after", first_time="approve")
    start = world.start(service).replace("+", "%2B")
    first, before = (
        Visitor(world, one).main(f"/services/{service}/book?start={start}") for one in (world.person(), regular)
    )
    assert "The practitioner approves it before you pay" in first
    assert "The practitioner approves it before you pay" not in before


def test_the_practitioner_chooses_it_on_the_services_page(world: World) -> None:
    owner = world.practitioner()
    service = world.service(owner)
    page = Visitor(world, owner).get(f"/practice/services/{service}").text
    assert "First-time clients" in page
    assert 'value="one"' in page


def test_another_word_than_those_is_refused(world: World) -> None:
    from app.services.core.errors import Invalid

    with pytest.raises(Invalid, match="first_time_unknown"):
        world.service(world.practitioner(), first_time="never")
