"""Ways to book a practitioner twice while something else happens: a calendar is read, sessions move, who waits is served, money
comes late, the service is edited. Small here, fifty threads with `--all-rounds`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from app.lib import clock
from app.models import BusyFeed, BusyTime
from app.services.practice import external_calendars
from tests.support import practices
from tests.support.calendars import calendar, elsewhere, entry
from tests.support.double_bookings import double_bookings, seats
from tests.support.proofs import Pages
from tests.support.rushes import Ask, ask, rush
from tests.support.world import Caller, World


def _later(start: str, **by: float) -> str:
    return (datetime.fromisoformat(start) + timedelta(**by)).isoformat()


def _read(world: World, feed_id: int) -> None:
    with world.app.app_context():
        external_calendars.read(feed_id)


def test_what_another_calendar_takes_while_many_ask_is_given_to_nobody_afterwards(world: World, many: int) -> None:
    """Finding 2: of every two times one becomes busy elsewhere, and who is only asking then is refused it."""
    owner = world.practitioner()
    service = world.service(owner)
    starts = [world.start(service, nth) for nth in range(8)]
    with elsewhere(world) as other:
        assert Pages(world, owner).post("/practice/calendars", {"url": other.url}).status_code == 303
        other.content = calendar(*(entry(start, _later(start, hours=1)) for start in starts[::2]))
        [feed] = world.all(BusyFeed)
        people = [world.person() for _ in range(many)]
        asks = [ask(client, service, starts[nth % 8]) for nth, client in enumerate(people)]
        answers = rush(asks, partial(_read, world, feed.id))
    assert double_bookings(world) == []
    assert set(answers) <= {201, 409}, answers
    assert len(world.all(BusyTime)) == 4
    assert 4 <= answers[201] == len(seats(world)) <= 8


def test_of_many_sessions_that_move_to_one_hour_while_others_ask_for_it_one_is_there(world: World, many: int) -> None:
    """A move takes its new place as any other request does; nobody else asks for the second hour, so one that moves has it."""
    service = world.service(world.practitioner(), "pay_after", step_minutes=30, free_moves=1, free_move_hours=0)
    offered = [slot["start"] for slot in world.slots(service, days=5)][::2]
    targets, homes = offered[-3:-1], offered[1 : 1 + many // 2]
    movers = [world.person() for _ in homes]
    made = [world.book(each, service, start)["booking"]["id"] for each, start in zip(movers, homes, strict=True)]
    asks: list[Ask] = [
        partial(each.post, f"/bookings/{booking}/reschedule", {"start": targets[nth % 2]})
        for nth, (each, booking) in enumerate(zip(movers, made, strict=True))
    ]
    asks += [ask(world.person(), service, _later(targets[0], minutes=-30 * (nth % 2))) for nth in range(many // 2)]
    answers = rush(asks)
    assert double_bookings(world) == []
    assert set(answers) <= {200, 201, 409}, answers
    assert answers[200] + answers[201] == 2, answers
    assert len(seats(world)) == len(movers) + answers[201]


def test_a_place_that_frees_goes_to_who_waits_longest_whoever_asks_meanwhile(world: World, many: int) -> None:
    """Finding 11: strangers, others who join the list and two sweeps at once; the first in the list has it, once."""
    owner, holder = world.practitioner(), world.person()
    service = world.service(owner)
    longer = world.service(owner, minutes=90, step_minutes=30, title="Longer")
    start = world.slots(service, days=4)[-2]["start"]
    held = world.book(holder, service, start)["booking"]["id"]
    waiting = [world.person() for _ in range(many // 4)]
    for each in waiting:
        assert each.post(f"/services/{service}/waits", {"start": start}).status_code == 201
    asks: list[Ask] = [partial(holder.post, f"/bookings/{held}/cancel", {"reason": ""})]
    asks += [partial(world.person().post, f"/services/{service}/waits", {"start": start}) for _ in waiting]
    asks += [ask(world.person(), service, start) for _ in waiting]
    asks += [ask(world.person(), longer, _later(start, minutes=-30)) for _ in waiting]
    answers = rush(asks, world.sweep, world.sweep)
    assert double_bookings(world) == []
    assert set(answers) <= {200, 201, 409}, answers
    assert [seat.booking.client_id for seat in seats(world)] == [waiting[0].user_id]


def test_of_many_who_pay_too_late_one_has_the_place_and_the_others_their_money(world: World, many: int) -> None:
    """Complaint 5: whose hold ran out and who had none pay in one moment, while others ask anew for the same hour."""
    owner = world.practitioner()
    kept, drafted = (world.service(owner, mode, "INR", title=mode) for mode in ("hold_then_pay", "pay_then_book"))
    start = world.slots(kept, days=4)[-1]["start"]
    lapsed = [_begun(world, kept, start, wait=20) for _ in range(many // 4)]
    begun = lapsed + [_begun(world, drafted, start) for _ in range(many // 4)]
    asks = [ask(world.person(), (kept, drafted)[nth % 2], start) for nth in range(many // 2)]
    rush(asks, *(partial(world.act, each, settle=False) for each in begun))
    world.settle()
    assert double_bookings(world) == []
    assert len(world.money_taken()) == len(begun)
    assert len(seats(world)) == 1


def _begun(world: World, service: int, start: str, wait: int = 0) -> dict[str, Any]:
    """Somebody new is at the gateway for this time, for so many minutes already."""
    client = world.person()
    begun = world.begin(client, world.book(client, service, start)["checkout"]["id"], "razorpay")
    world.move(minutes=wait)
    return begun


def test_a_service_edited_while_many_ask_is_booked_as_it_is_from_then_on(world: World, many: int) -> None:
    """Longer, with a break and fewer places: what was taken before keeps what it had, and nothing else is as before."""
    owner = world.practitioner()
    group = world.service(owner, places=3)
    starts = [world.start(group, nth) for nth in range(6)]
    asks = [ask(world.person(), group, starts[nth % 6]) for nth in range(many)]
    edited: list[datetime] = []
    answers = rush(asks, _edit(world, owner, group, edited))
    assert double_bookings(world, {group: 3}) == []
    assert set(answers) <= {201, 409}, answers
    assert answers[201] == len(seats(world)) >= 3
    for seat in seats(world):
        is_new = seat.slot.ends_at - seat.slot.starts_at == timedelta(minutes=90)
        assert is_new or seat.hold.taken_at < edited[0]
        assert (seat.slot.capacity, seat.slot.busy_until - seat.slot.ends_at) == (
            (2, timedelta(minutes=30)) if is_new else (3, timedelta(0))
        )


def _edit(world: World, owner: Caller, service: int, edited: list[datetime]) -> Callable[[], None]:
    def edit() -> None:
        practices.edit(world, owner, service, minutes=90, buffer_after=30, places=2)
        edited.append(clock.now())

    return edit
