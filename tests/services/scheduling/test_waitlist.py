"""Who waits is offered only what anybody could ask for now, and is never bound without having said yes."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from app.extensions import db
from app.lib import clock
from app.models import Booking, Hold, Practitioner, Service, User, Wait
from app.services import bookings
from app.services.core.transaction import transaction
from app.services.practice import Hours
from tests.support import practices
from tests.support.visitor import Visitor
from tests.support.world import Caller, World


def _waiting(world: World, **more: Any) -> tuple[Caller, int, str, Caller]:
    """Somebody waits for the only place of a time; whoever has it gives it back when asked to: see `_freed`."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, **more)
    start = world.slots(service, days=5)[-1]["start"]
    world.booked(world.person(name="Holder"), service, start=start)
    assert client.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    return owner, service, start, client


def _freed(world: World, owner: Caller) -> None:
    [booking] = [each for each in world.all(Booking) if each.status == "confirmed"]
    assert owner.post(f"/bookings/{booking.id}/cancel", {"reason": "Ill."}).status_code == 200
    world.sweep()


def _state(world: World, client: Caller) -> tuple[list[str], list[str]]:
    """The statuses of their bookings, and of the wait."""
    mine = [each["status"] for each in client.get("/bookings").json]
    return mine, [wait.status.value for wait in world.all(Wait)]


def test_a_wait_does_not_outlive_a_change_to_paying_afterwards(world: World) -> None:
    """Nobody has agreed to a session that would stand at once: the wait lapses."""
    owner, service, _, client = _waiting(world)
    practices.edit(world, owner, service, mode_code="pay_after")
    _freed(world, owner)
    assert _state(world, client) == ([], ["lapsed"])
    assert "place_offered" not in world.notices(client)
    assert world.notices(client) == ["wait_over"]


def test_who_waited_in_vain_is_told_once_when_the_time_comes(world: World) -> None:
    """Both sides of every end: the page would only stop naming it."""
    _, _, start, client = _waiting(world)
    world.move(seconds=(datetime.fromisoformat(start) - clock.now()).total_seconds() - 60)
    world.sweep()
    assert world.notices(client) == []
    world.move(minutes=2)
    for _ in range(2):
        world.sweep()
    assert world.notices(client) == ["wait_over"]
    [mail] = world.mails(world.email(client))
    assert mail["subject"] == "No place came free"
    assert "/practitioners/" in mail["text"]
    visitor = Visitor(world, client)
    assert "No place came free on" in visitor.main("/notices")
    assert 'href="/practitioners/' in visitor.get("/notices").text


def test_who_waited_is_sent_to_no_page_that_is_gone(world: World) -> None:
    """A practitioner who is not published any more has none."""
    owner, _, _, client = _waiting(world)
    with world.rows() as session:
        session.query(Practitioner).filter_by(user_id=owner.user_id).one().published = False
        session.commit()
    for _ in range(2):
        world.sweep()
    [mail] = world.mails(world.email(client))
    assert mail["subject"] == "No place came free"
    assert "/practitioners/" not in mail["text"]
    assert Visitor(world, client).get("/notices").status_code == 200


def test_a_booking_that_stands_at_once_has_its_place_for_good(world: World) -> None:
    """A deadline is for what waits for an answer or for money, whoever asks."""
    client, service = world.person(), world.service(world.practitioner(), "pay_after")
    start = datetime.fromisoformat(world.start(service))
    with world.app.app_context(), transaction():
        who, what = db.session.get_one(User, client.user_id), db.session.get_one(Service, service)
        bookings.offer(bookings.Wish(who, what, start), clock.now() + timedelta(hours=2))
    assert ([hold.expires_at for hold in world.all(Hold)], [each.deadline_at for each in world.all(Booking)]) == (
        [None],
        [None],
    )


def test_nobody_who_waits_is_offered_a_day_that_was_closed(world: World) -> None:
    """The practitioner is ill, closes the day and cancels; who waits goes on waiting, and is offered it if it opens again."""
    owner, _, start, client = _waiting(world)
    practices.close_day(world, owner, start)
    _freed(world, owner)
    assert _state(world, client) == ([], ["waiting"])
    practices.open_again(world, owner)
    world.sweep()
    assert _state(world, client) == (["awaiting_payment"], ["offered"])


def test_nobody_who_waits_is_offered_a_time_outside_the_hours_of_today(world: World) -> None:
    owner, _, _, client = _waiting(world)
    practices.weekly(world, owner, [Hours(day, time(8), time(12)) for day in range(7)])
    _freed(world, owner)
    assert _state(world, client) == ([], ["waiting"])


@pytest.mark.parametrize("gone", ["service", "practitioner"])
def test_a_wait_ends_with_what_it_was_for(world: World, gone: str) -> None:
    owner, service, _, client = _waiting(world)
    if gone == "service":
        practices.edit(world, owner, service, active=False)
    else:
        practices.withdraw(world, owner)
    _freed(world, owner)
    assert _state(world, client) == ([], ["lapsed"])
