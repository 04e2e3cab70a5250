"""A practitioner takes nothing new from a person they have blocked; that person reads one neutral sentence everywhere."""

import pytest

from app.models import Block, Booking
from tests.support import questions
from tests.support.at_once import at_once
from tests.support.credit import offered
from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World

SENTENCE = "This practitioner is not taking bookings from you."


def _block(world: World, owner: Caller, client: Caller, act: str = "block") -> int:
    return Visitor(world, owner).post(f"/practice/clients/{client.user_id}/{act}").status_code


def test_who_is_blocked_is_refused_a_session_a_wait_a_question_and_a_package(world: World) -> None:
    (owner, slug), client = questions.expert(world), world.person()
    service = world.service(owner)
    world.booked(client, service)
    offer = offered(owner, service)
    taken = world.start(service)
    world.book(world.person(), service, taken)
    assert _block(world, owner, client) == 303
    answers = [
        client.post("/bookings", {"service_id": service, "start": world.start(service)}),
        client.post(f"/services/{service}/waits", {"start": taken}),
        client.post(f"/practitioners/{slug}/questions", {"question": questions.QUESTION}),
        client.post(f"/package-offers/{offer}/buy"),
    ]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(409, "not_taking_bookings")] * 4
    assert answers[0].json["detail"] == SENTENCE
    elsewhere = world.service(world.practitioner(name="Dr. Else"))
    world.book(client, elsewhere)


def test_the_page_says_no_more_than_the_sentence(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    service = world.service(owner)
    world.booked(client, service)
    _block(world, owner, client)
    start = world.start(service)
    page = Visitor(world, client).post(f"/services/{service}/book", start=start, places="1")
    assert page.status_code == 409
    assert SENTENCE in words(page)
    assert "block" not in words(page).lower()
    assert world.notices(client) == ["booking_confirmed"], "and they are not told"


def test_what_is_booked_stays_and_can_be_paid(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    made = world.book(client, world.service(owner))
    _block(world, owner, client)
    world.act(world.begin(client, made["checkout"]["id"]))
    assert world.booking(client, made["booking"]["id"])["status"] == "confirmed"


def test_a_draft_is_not_paid_for_any_more(world: World) -> None:
    """Nothing was agreed yet: nobody is let into a payment for it."""
    owner, client = world.practitioner(), world.person()
    world.booked(client, world.service(owner))
    draft = world.book(client, world.service(owner, "pay_then_book"))["checkout"]
    _block(world, owner, client)
    refused = client.post(f"/checkouts/{draft['id']}/attempts", {"gateway": "stripe"})
    assert refused.status_code == 409
    assert "This time is no longer offered" in Visitor(world, client).main(f"/checkouts/{draft['id']}")


def test_who_waits_is_not_offered_a_place_once_they_are_blocked(world: World) -> None:
    owner, client, holder = world.practitioner(), world.person(), world.person()
    service = world.service(owner)
    world.booked(client, service)
    taken = world.start(service)
    held = world.booked(holder, service, start=taken)
    assert client.post(f"/services/{service}/waits", {"start": taken}).status_code == 201
    _block(world, owner, client)
    holder.post(f"/bookings/{held['id']}/cancel")
    world.sweep()
    assert "place_offered" not in world.notices(client)


def test_a_block_is_listed_and_undone_on_the_page(world: World) -> None:
    owner, client = world.practitioner(), world.person(name="Njeri Mwangi")
    service = world.service(owner)
    booking = world.booked(client, service)
    visitor = Visitor(world, owner)
    assert "Block this client" in visitor.main(f"/bookings/{booking['id']}")
    assert "Nobody is blocked" in visitor.main("/practice/blocked")
    for _ in range(2):
        assert _block(world, owner, client) == 303
    assert len(world.all(Block)) == 1
    assert "Njeri Mwangi" in visitor.main("/practice/blocked")
    assert "This client is blocked" in visitor.main(f"/bookings/{booking['id']}")
    for _ in range(2):
        assert _block(world, owner, client, "unblock") == 303
    world.book(client, service)


def test_who_only_asked_a_question_can_be_blocked_too(world: World) -> None:
    client, owner, question = questions.asked(world)
    assert "Block this client" in Visitor(world, owner).main(f"/questions/{question}")
    assert _block(world, owner, client) == 303
    assert "Block" not in Visitor(world, client).main(f"/questions/{question}")


def test_who_never_came_cannot_be_blocked_and_nobody_learns_whether_there_is_such_a_person(world: World) -> None:
    owner, stranger = world.practitioner(), world.person()
    for act in ("block", "unblock"):
        assert _block(world, owner, stranger, act) == 404
        assert Visitor(world, owner).post(f"/practice/clients/900000000/{act}").status_code == 404
    assert world.all(Block) == []


@pytest.mark.both_engines
def test_two_presses_at_once_are_one_block(world: World) -> None:
    owner, client = world.practitioner(), world.person()
    world.booked(client, world.service(owner))
    visitors = [Visitor(world, owner) for _ in range(4)]
    path = f"/practice/clients/{client.user_id}/block"
    answers = at_once(*[lambda one=one: one.post(path).status_code for one in visitors])
    assert set(answers) <= {303, 503}
    assert len(world.all(Block)) == 1


def test_a_block_is_of_one_practitioner(world: World) -> None:
    owner, other, client = world.practitioner(), world.practitioner(name="Dr. Else"), world.person()
    world.booked(client, world.service(owner))
    world.booked(client, world.service(other))
    _block(world, owner, client)
    assert Visitor(world, other).main("/practice/blocked").count("Nobody is blocked") == 1
    assert {booking.status.value for booking in world.all(Booking)} == {"confirmed"}
