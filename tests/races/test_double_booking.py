"""Ways to book a practitioner twice that only need many to ask at once; five others, with something that happens meanwhile, are
next door. Small here, fifty threads with `--all-rounds`; after each the double bookings are worked out from the rows."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import cycle, islice, pairwise, product

from app.lib import clock
from app.services.practice import Hours
from tests.support import practices
from tests.support.double_bookings import double_bookings, seats
from tests.support.rushes import ask, rush
from tests.support.world import World

_HOUR = timedelta(hours=1)


def _rush_for(world: World, many: int, *wishes: tuple[int, str]) -> int:
    """How many have got what they asked for: each of `many` people one of the wishes, all at once."""
    people = [world.person() for _ in range(many)]
    asks = [ask(client, *wish) for client, wish in zip(people, islice(cycle(wishes), many), strict=True)]
    answers = rush(asks)
    assert set(answers) <= {201, 409}, answers
    return answers[201]


def test_sessions_of_three_lengths_that_overlap_are_never_given_at_once(world: World, many: int) -> None:
    """Invariant 1: what begins at another time, or lasts longer, still takes the same hour."""
    owner = world.practitioner()
    lengths = [world.service(owner, title=f"{m} minutes", minutes=m, step_minutes=30) for m in (60, 30, 90)]
    starts = [world.start(lengths[0], nth) for nth in range(4)]
    won = _rush_for(world, many, *((service, start) for start, service in product(starts, lengths)))
    assert double_bookings(world) == []
    assert 1 <= won == len(seats(world)) <= 4


def test_nobody_is_given_the_breaks_before_and_after_a_session(world: World, many: int) -> None:
    """Thirty minutes with a quarter before and one after: so far apart are any two of them, whoever was first."""
    breaks = {"buffer_before": 15, "buffer_after": 15}
    service = world.service(world.practitioner(), minutes=30, step_minutes=15, **breaks)
    starts = [world.start(service, nth) for nth in range(9)]
    won = _rush_for(world, many, *((service, start) for start in starts))
    assert double_bookings(world) == []
    booked = sorted(seat.booking.starts_at for seat in seats(world))
    assert 1 <= won == len(booked) <= 3
    assert all(later - earlier >= _HOUR for earlier, later in pairwise(booked))


def test_a_group_another_group_and_a_session_for_one_are_never_given_the_same_hour(world: World, many: int) -> None:
    """Who is first decides which of the three it is; nobody is put into another's."""
    owner = world.practitioner()
    groups = [world.service(owner, places=3, title=title) for title in ("Yoga", "Choir")]
    services = [*groups, world.service(owner, title="Alone")]
    starts = [world.start(groups[0], nth) for nth in range(4)]
    won = _rush_for(world, max(many, 12), *product(services, starts))
    assert double_bookings(world, dict.fromkeys(groups, 3)) == []
    assert len({seat.slot.id for seat in seats(world)}) == len(starts)
    assert len(starts) <= won == len(seats(world)) <= 3 * len(starts)


def test_sessions_around_midnight_are_never_given_at_once(world: World, many: int) -> None:
    """Finding 13: an evening and the morning after it are one stretch, and its dates divide no session."""
    owner = world.practitioner(zone="Atlantic/Reykjavik")
    evening = [Hours(day, time(22), time(0)) for day in range(7)]
    morning = [Hours(day, time(0), time(2)) for day in range(7)]
    practices.weekly(world, owner, evening + morning)
    lengths = [world.service(owner, title=f"{m} minutes", minutes=m, step_minutes=30) for m in (90, 120)]
    offered = [slot["start"] for slot in world.slots(lengths[0], days=4)]
    late = next(start for start in offered if datetime.fromisoformat(start).astimezone(UTC).hour == 23)
    first = offered.index(late)
    starts = offered[first : first + 3]  # 23:00, 23:30 and midnight
    assert datetime.fromisoformat(starts[2]) - datetime.fromisoformat(starts[0]) == _HOUR
    won = _rush_for(world, many, *((service, start) for start, service in product(starts, lengths)))
    assert double_bookings(world) == []
    assert won == len(seats(world)) == 1


def test_a_session_at_once_is_never_given_beside_one_that_was_asked_for_ahead(world: World, many: int) -> None:
    """S3-8: five minutes from now, or a little later by the hours, and two lengths: whatever wins takes the others' time."""
    owner = world.practitioner()
    long = world.service(owner, minutes=60, step_minutes=5, title="Long")
    short = world.service(owner, minutes=30, step_minutes=5, title="Short")
    assert owner.post("/practice/available", {"minutes": 60}).status_code == 200
    people = [world.person() for _ in range(many)]
    at_once = [
        partial(each.post, "/bookings/instant", {"service_id": service})
        for each, service in zip(people[::2], cycle((long, short)))
    ]
    ahead = [ask(each, long, _soon(nth)) for nth, each in enumerate(people[1::2])]
    answers = rush(at_once + ahead)
    assert double_bookings(world) == []
    assert set(answers) <= {201, 409}, answers
    assert answers[201] == len(seats(world)) == 1


def _soon(nth: int) -> str:
    """One of the next times on a whole five minutes, ten to twenty-five minutes ahead."""
    now = clock.now().replace(second=0, microsecond=0)
    grid = now + timedelta(minutes=10 - now.minute % 5 + 5 * (nth % 3))
    return grid.isoformat()
