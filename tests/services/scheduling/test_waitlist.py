"""Who waits is offered only what anybody could ask for now, and is never bound without having said yes."""

from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from app.extensions import db
from app.lib import clock
from app.models import Block, Booking, Hold, Practitioner, Service, User, Wait
from app.services import bookings
from app.services.core.transaction import transaction
from app.services.practice import Hours
from app.services.scheduling import kept_times, reschedules
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
    assert mail["subject"] == "No place became free"
    assert "/practitioners/" in mail["text"]
    visitor = Visitor(world, client)
    assert "No place came free with" in visitor.main("/notices")
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
    assert mail["subject"] == "No place became free"
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


# ------------------------------------------------------------------------------------------------ whose turn it is


def _free(world: World, owner: Caller) -> None:
    """Whoever has the place is cancelled, and no sweep runs."""
    [booking] = [each for each in world.all(Booking) if each.status == "confirmed"]
    assert owner.post(f"/bookings/{booking.id}/cancel", {"reason": "Ill."}).status_code == 200


def _ask(world: World, service: int, start: str, client: Caller | None = None) -> tuple[int, str]:
    answer = (client or world.person(name="Stranger")).post("/bookings", {"service_id": service, "start": start})
    assert answer.json is not None
    return answer.status_code, answer.json.get("code", "")


def test_a_place_that_frees_is_offered_in_the_commit_that_frees_it(world: World) -> None:
    """Finding 11: it went to whoever was quickest, for up to a minute."""
    owner, service, start, client = _waiting(world)
    _free(world, owner)
    assert _state(world, client) == (["awaiting_payment"], ["offered"])
    assert _ask(world, service, start) == (409, "slot_taken")


def test_a_session_that_moves_away_is_offered_to_who_waits(world: World) -> None:
    owner, service, start, client = _waiting(world, free_moves=1)
    [booking] = [each for each in world.all(Booking) if each.status == "confirmed"]
    other = world.slots(service, days=5)[0]["start"]
    assert owner.post(f"/bookings/{booking.id}/reschedule", {"start": other}).status_code == 200
    with world.rows() as session:
        holder = session.get_one(User, booking.client_id)
        reschedules.accept(booking.id, holder)
    assert _state(world, client) == (["awaiting_payment"], ["offered"])
    assert _ask(world, service, start) == (409, "slot_taken")


def test_a_request_settles_the_waiting_list_first(world: World) -> None:
    """Finding 11: what time alone has freed is not the stranger's because they came before the sweep."""
    first = world.person()
    service = world.service(world.practitioner())
    start = world.slots(service, days=5)[-1]["start"]
    world.book(first, service, start)
    client = world.person()
    assert client.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    world.move(minutes=16)
    assert _ask(world, service, start) == (409, "slot_taken")
    assert _ask(world, service, start, client)[0] == 201
    assert _state(world, client) == (["awaiting_payment"], ["offered"])


def test_a_client_does_not_move_onto_a_place_somebody_waits_for(world: World) -> None:
    """Every way to a place asks the list: freed by the clock alone, and no sweep has run."""
    mover = world.person(name="Mover")
    service = world.service(world.practitioner(), free_moves=1)
    first, *_, start = [slot["start"] for slot in world.slots(service, days=5)]
    booking = world.booked(mover, service, start=first)
    world.book(world.person(), service, start)
    client = world.person()
    assert client.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    world.move(minutes=16)
    moved = mover.post(f"/bookings/{booking['id']}/reschedule", {"start": start})
    assert (moved.status_code, moved.json["code"]) == (409, "slot_taken")


def test_a_silent_practitioner_ends_nobodys_wait(world: World) -> None:
    """Finding 7: the deadline is the answer's, the mail says so, and without an answer the client goes on waiting."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, "approve_then_pay", answer_hours=24)
    start = world.slots(service, days=5)[-1]["start"]
    made = world.book(world.person(), service, start)["booking"]
    assert client.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    assert owner.post(f"/bookings/{made['id']}/decline", {"reason": "x"}).status_code == 200
    [offer] = client.get("/bookings").json
    left = datetime.fromisoformat(offer["deadline_at"]) - clock.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    world.sweep()
    [mail] = [each for each in world.mails(world.email(client)) if each["subject"].startswith("A place is free")]
    assert "you do not need to do anything" in " ".join(mail["text"].split())
    assert "it goes to the next person" not in mail["text"]
    world.move(hours=2, minutes=1)
    world.sweep()
    assert _state(world, client) == (["pending_approval"], ["offered"])
    world.move(hours=22)
    world.sweep()
    assert sorted(_state(world, client)[0]) == ["expired", "pending_approval"]
    assert _state(world, client)[1] == ["offered"]


def test_who_joins_again_after_an_offer_ran_out_waits_again(world: World) -> None:
    """Finding 11: they were given the old wait, which the next sweep ended."""
    owner, service, start, client = _waiting(world)
    _free(world, owner)
    world.move(minutes=121)
    world.booked(world.person(name="Next"), service, start=start)
    again = client.post(f"/services/{service}/waits", {"start": start})
    assert (again.status_code, again.json["status"]) == (201, "waiting")
    world.sweep()
    assert sorted(_state(world, client)[1]) == ["lapsed", "waiting"]


def test_who_has_booked_by_themselves_is_offered_no_second_place(world: World) -> None:
    """Finding 11: a second place was held for two hours."""
    owner, client = world.practitioner(), world.person()
    service = world.service(owner, places=2)
    start = world.slots(service, days=5)[-1]["start"]
    seats = [world.booked(world.person(), service, start=start) for _ in range(2)]
    assert client.post(f"/services/{service}/waits", {"start": start, "places": 2}).status_code == 201
    assert owner.post(f"/bookings/{seats[0]['id']}/cancel", {"reason": "x"}).status_code == 200
    assert _ask(world, service, start, client)[0] == 201, "what is kept for them is theirs to book"
    assert owner.post(f"/bookings/{seats[1]['id']}/cancel", {"reason": "x"}).status_code == 200
    world.sweep()
    assert _state(world, client) == (["awaiting_payment"], ["taken"])
    assert world.live_places() == 1


# ------------------------------------------------------------------------------------------------ what others are shown


def _kept(world: World) -> tuple[Caller, int, str, Caller]:
    """Of a group's two places one frees, and somebody waits for two of them: nobody else can have it."""
    owner, waiter = world.practitioner(), world.person()
    service = world.service(owner, kind="group", places=2)
    start = world.slots(service, days=5)[-1]["start"]
    taken = [world.booked(world.person(name=name), service, start=start) for name in ("Holder", "Leaver")]
    assert waiter.post(f"/services/{service}/waits", {"start": start, "places": 2}).status_code == 201
    assert owner.post(f"/bookings/{taken[1]['id']}/cancel", {"reason": "Ill."}).status_code == 200
    return owner, service, start, waiter


def _listed(world: World, caller: Caller | None, service: int, start: str) -> bool:
    """Whether the page of times offers this one."""
    at = datetime.fromisoformat(start)
    query = f"month={at:%Y-%m}&day={at:%Y-%m-%d}"
    door = Visitor(world, caller).get if caller else world.app.test_client().get
    page = door(f"/services/{service}?{query}").text
    return f"/book?start={quote(at.isoformat(), safe=':')}" in page


def test_a_time_that_is_kept_for_who_waits_is_listed_to_nobody_else(world: World) -> None:
    """Asking for it answers slot_taken, so no list offers it."""
    _, service, start, waiter = _kept(world)
    stranger = world.person(name="Stranger")
    assert _ask(world, service, start) == (409, "slot_taken")
    assert not world.is_free(service, start)
    with world.app.app_context():
        found, at = db.session.get_one(Service, service), datetime.fromisoformat(start)
        people = [None, *(db.session.get_one(User, each.user_id) for each in (stranger, waiter))]
        assert [kept_times.places_left(found, at, each) for each in people] == [0, 0, 1]
    assert not _listed(world, None, service, start)
    assert not _listed(world, stranger, service, start)
    assert _listed(world, waiter, service, start)


def test_what_is_kept_no_more_is_listed_again(world: World) -> None:
    """A day before the session what is left goes to whoever it is enough for."""
    _, service, start, _ = _kept(world)
    world.move(seconds=(datetime.fromisoformat(start) - clock.now()).total_seconds() - 23 * 3600)
    assert world.is_free(service, start)


def test_a_wait_that_can_come_to_nothing_keeps_no_time_from_the_list(world: World) -> None:
    owner, service, start, waiter = _kept(world)
    with world.rows() as session:
        theirs = session.query(Practitioner).filter_by(user_id=owner.user_id).one()
        session.add(Block(practitioner_id=theirs.id, client_id=waiter.user_id, created_at=clock.now()))
        session.commit()
    assert world.is_free(service, start)
    assert _ask(world, service, start)[0] == 201


# ------------------------------------------------------------------------------------------------ times that cross


def _at(day: datetime, hour: int, minute: int = 0) -> str:
    return day.replace(hour=hour, minute=minute).isoformat()


def _day() -> datetime:
    return (clock.now() + timedelta(days=5)).replace(second=0, microsecond=0)


def _waits(world: World, service: int, start: str) -> Caller:
    waiter = world.person()
    assert waiter.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    return waiter


def test_a_time_that_was_crossed_by_what_is_let_go_is_offered_in_the_same_commit(world: World) -> None:
    """Half past nine was in the way of ten o'clock, also of another service: nobody quicker gets in between."""
    owner, holder, day = world.practitioner(), world.person(), _day()
    service, other = world.service(owner, step_minutes=30), world.service(owner)
    held = world.booked(holder, service, start=_at(day, 9, 30))
    _waits(world, other, _at(day, 10))
    assert holder.post(f"/bookings/{held['id']}/cancel", {"reason": "Ill."}).status_code == 200
    assert [wait.status.value for wait in world.all(Wait)] == ["offered"]
    assert _ask(world, service, _at(day, 9, 30)) == (409, "slot_taken")


def test_a_request_is_behind_who_waits_for_a_time_that_it_crosses(world: World) -> None:
    """A hold ran out by the clock, and no sweep has come by."""
    owner, day = world.practitioner(), _day()
    service = world.service(owner, step_minutes=30)
    world.book(world.person(), service, _at(day, 9, 30))
    _waits(world, service, _at(day, 10))
    world.move(minutes=16)
    listed = [datetime.fromisoformat(slot["start"]) for slot in world.slots(service, days=6)]
    assert datetime.fromisoformat(_at(day, 9, 30)) not in listed
    assert datetime.fromisoformat(_at(day, 11)) in listed
    assert _ask(world, service, _at(day, 9, 30)) == (409, "slot_taken")
    assert _ask(world, service, _at(day, 11)) == (201, "")


def test_who_asks_for_a_time_that_crosses_the_one_they_wait_for_has_it(world: World) -> None:
    """They have chosen between the two themselves."""
    owner, day = world.practitioner(), _day()
    service = world.service(owner, step_minutes=30)
    world.book(world.person(), service, _at(day, 9, 30))
    waiter = _waits(world, service, _at(day, 10))
    world.move(minutes=16)
    assert _ask(world, service, _at(day, 9, 30), waiter) == (201, "")


@pytest.mark.parametrize("rule", ["most_per_day", "most_per_week"])
def test_a_day_or_week_that_is_full_no_more_is_offered_to_who_waits_for_another_time_of_it(
    world: World, rule: str
) -> None:
    """What they wait for was full, then free while the session had only moved; its end makes room."""
    owner, holder, day = world.practitioner(), world.person(), _day()
    service = world.service(owner, free_moves=1, **{rule: 1})
    held = world.booked(holder, service, start=_at(day, 14))
    _waits(world, service, _at(day, 14))
    assert holder.post(f"/bookings/{held['id']}/reschedule", {"start": _at(day, 10)}).status_code == 200
    assert [wait.status.value for wait in world.all(Wait)] == ["waiting"]
    assert holder.post(f"/bookings/{held['id']}/cancel", {"reason": "Ill."}).status_code == 200
    assert [wait.status.value for wait in world.all(Wait)] == ["offered"]
