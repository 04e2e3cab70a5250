"""What is booked twice, worked out from the rows alone: nothing here asks the application what it counts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from app.lib import clock
from app.models import Attempt, Booking, BusyFeed, BusyTime, Checkout, Hold, Refund, Slot
from tests.support.world import World

_STANDING = ("confirmed", "in_progress")


@dataclass(frozen=True)
class Seat:
    """Places that a booking holds at this moment, and the time they are of."""

    booking: Booking
    hold: Hold
    slot: Slot

    @property
    def session(self) -> tuple[int, int, int]:
        """Which session they are in: two services never share one."""
        return self.slot.practitioner_id, self.booking.service_id, self.slot.id

    @property
    def is_for_good(self) -> bool:
        """Whether no deadline ends it."""
        return self.hold.expires_at is None

    @property
    def fits(self) -> bool:
        """Whether the booking is where its places are."""
        there = (self.booking.slot_id, self.booking.starts_at, self.booking.ends_at, self.booking.places)
        return there == (self.slot.id, self.slot.starts_at, self.slot.ends_at, self.hold.places)


def seats(world: World) -> list[Seat]:
    """Everything that is held now, by the clock."""
    now = clock.now()
    bookings = {row.id: row for row in world.all(Booking)}
    slots = {row.id: row for row in world.all(Slot)}
    live = (h for h in world.all(Hold) if h.released_at is None and (h.expires_at is None or h.expires_at > now))
    return [Seat(bookings[hold.booking_id], hold, slots[hold.slot_id]) for hold in live]


def double_bookings(world: World, places: Mapping[int, int] | None = None) -> list[str]:
    """Every double booking, in words; `places` says how many a service has at most, where it is more than one."""
    held = seats(world)
    return [
        *_overlaps(held),
        *_overfull(held, places or {}),
        *_without_place(world, held),
        *_over_other_calendars(world, held),
        *_paid_for_nothing(world, held),
    ]


def _overlaps(held: list[Seat]) -> Iterator[str]:
    sessions = {seat.session: seat.slot for seat in held}
    for (one, first), (other, second) in combinations(sessions.items(), 2):
        meets = first.busy_from < second.busy_until and second.busy_from < first.busy_until
        if first.practitioner_id == second.practitioner_id and meets:
            yield f"sessions {one} and {other} overlap: {first.busy_from} and {second.busy_from}"


def _overfull(held: list[Seat], places: Mapping[int, int]) -> Iterator[str]:
    taken: dict[tuple[int, int, int], int] = defaultdict(int)
    for seat in held:
        taken[seat.session] += seat.hold.places
    for session, count in taken.items():
        most = places.get(session[1], 1)
        if count > most:
            yield f"session {session} has {most} places and {count} are held"


def _without_place(world: World, held: list[Seat]) -> Iterator[str]:
    yield from (f"booking {seat.booking.id} holds places of another time" for seat in held if not seat.fits)
    kept = {seat.booking.id for seat in held if seat.is_for_good}
    for booking in world.all(Booking):
        if booking.status in _STANDING and booking.id not in kept:
            yield f"booking {booking.id} is {booking.status} without a place"


def _over_other_calendars(world: World, held: list[Seat]) -> Iterator[str]:
    """What was taken after another calendar had been read that is busy then."""
    read_at = {feed.id: feed.fetched_at for feed in world.all(BusyFeed)}
    for busy in world.all(BusyTime):
        for seat in held:
            meets = busy.starts_at < seat.slot.busy_until and seat.slot.busy_from < busy.ends_at
            knew = read_at[busy.feed_id] is not None and read_at[busy.feed_id] < seat.hold.taken_at
            if busy.practitioner_id == seat.slot.practitioner_id and meets and knew:
                yield f"booking {seat.booking.id} was taken at {seat.hold.taken_at} over another calendar"


def _paid_for_nothing(world: World, held: list[Seat]) -> Iterator[str]:
    """Money that the gateways took, by their own log, for which nobody has a place and nothing goes back; or both."""
    tries = {row.reference: row for row in world.all(Attempt)}
    bills = {row.id: row for row in world.all(Checkout)}
    kept = {seat.booking.id for seat in held if seat.is_for_good}
    back: dict[object, int] = defaultdict(int)
    for refund in world.all(Refund):
        back[refund.attempt_id] += refund.amount
    for line in world.money_taken():
        if line["kind"] != "capture":
            continue
        attempt = tries[line["reference"]]
        has_place = bills[attempt.checkout_id].booking_id in kept
        if back[attempt.id] != (0 if has_place else line["amount"]):
            yield f"{line['amount']} for {line['reference']}: place {has_place}, {back[attempt.id]} goes back"
