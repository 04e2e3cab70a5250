"""Several requests approved with one press: each is its own decision, and what could not be approved is said."""

import uuid

import pytest

from tests.support.visitor import Visitor, words
from tests.support.world import Caller, World


class Desk:
    """A practitioner with three requests from three clients."""

    def __init__(self, world: World, mode: str = "approve_then_pay") -> None:
        self.world, self.owner = world, world.practitioner()
        service, self.clients = world.service(self.owner, mode), [world.person(name=n) for n in ("Asha", "بدر", "Chen")]
        self.made = [world.book(c, service, world.start(service, n)) for n, c in enumerate(self.clients)]
        self.status = 0
        self.ids = [made["booking"]["id"] for made in self.made]

    def approve(self, *ids: str) -> str:
        """What the page says when the practitioner ticks these and presses the button; empty where it leads back to Today."""
        visitor = Visitor(self.world, self.owner)
        answer = visitor.post("/practice/approve", booking=list(ids))
        self.status = answer.status_code
        return words(answer) if answer.status_code in (200, 409) else words(visitor.get("/practice"))

    def states(self) -> list[str]:
        """Where the three stand."""
        return [self.world.booking(self.owner, each)["status"] for each in self.ids]


def _told(world: World, client: Caller) -> int:
    return world.notices(client).count("request_approved")


def test_the_ticked_requests_are_approved_with_one_press_and_no_other(world: World) -> None:
    """S2-25, batch; S3-11, S3-12."""
    desk = Desk(world)
    page = Visitor(world, desk.owner).get("/practice").text
    assert all(f'name="booking" value="{each}"' in page for each in desk.ids)
    assert "2 requests approved." in desk.approve(desk.ids[0], desk.ids[2], desk.ids[0])
    assert desk.states() == ["awaiting_payment", "pending_approval", "awaiting_payment"]
    assert [_told(world, client) for client in desk.clients] == [1, 0, 1]
    assert 'name="booking"' not in Visitor(world, desk.owner).get("/practice").text, "one alone has its own button"


def test_one_that_cannot_be_approved_any_more_keeps_no_other_back_and_is_named(world: World) -> None:
    desk = Desk(world)
    assert desk.clients[1].post(f"/bookings/{desk.ids[1]}/cancel", {"reason": "ill"}).status_code == 200
    page = desk.approve(*desk.ids)
    assert desk.status == 409
    assert "1 request could not be approved" in page
    assert "بدر" in page
    assert desk.states() == ["awaiting_payment", "cancelled", "awaiting_payment"]
    assert "2 requests could not be approved" in desk.approve(desk.ids[0], desk.ids[2]), "pressed twice, told once"
    assert [_told(world, client) for client in desk.clients] == [1, 0, 1]


def test_with_somebody_elses_request_among_them_nothing_is_approved(world: World) -> None:
    desk, other = Desk(world), Desk(world)
    for stranger in (other.ids[0], str(uuid.uuid4())):
        visitor = Visitor(world, desk.owner)
        answer = visitor.post("/practice/approve", booking=[desk.ids[0], stranger])
        assert answer.status_code == 404
    assert set(desk.states() + other.states()) == {"pending_approval"}
    assert Visitor(world, desk.clients[0]).post("/practice/approve", booking=desk.ids[0]).status_code in (403, 404)


@pytest.mark.parametrize("sent", [[], ["nonsense"]])
def test_nothing_ticked_is_said(world: World, sent: list[str]) -> None:
    desk = Desk(world)
    assert "Tick the requests you want to approve." in desk.approve(*sent)
    assert set(desk.states()) == {"pending_approval"}


def test_reserved_amounts_are_charged_for_all_that_are_approved(world: World) -> None:
    """Authorise, then approve: the money is taken by the jobs, as after a single approval."""
    desk = Desk(world, "authorise_then_approve")
    for client, made in zip(desk.clients, desk.made, strict=True):
        world.act(world.begin(client, made["checkout"]["id"]))
    assert "Any amount authorised on a card is charged then." in words(Visitor(world, desk.owner).get("/practice"))
    assert "3 requests approved." in desk.approve(*desk.ids)
    world.sweep()
    world.settle()
    assert desk.states() == ["confirmed"] * 3
