"""A practitioner's other calendars: fetched by the sweep; what is busy there cannot be booked here."""

import re
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Select, and_, delete, select

from app.domain.agenda import DiaryDays
from app.domain.lifecycle import Actor, BookingStatus
from app.extensions import db
from app.lib import clock
from app.lib.calendars import busy_times
from app.lib.network import fetching
from app.lib.tables import moments
from app.lib.tables.due_work import found_by
from app.models import Booking, BusyFeed, BusyTime, Notification, Practitioner, Slot
from app.services.core import batching, outbox
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.notifications import calendar_feeds, notices

EVERY = timedelta(minutes=15)
AHEAD = timedelta(days=370)
MOST_FEEDS = 5
STALE = timedelta(hours=24)
MOST_BYTES = (
    16 * 1024 * 1024
)  # of the whole file; what lies ahead has a limit of its own (lib/calendars/calendar_excerpt)
_OUTGROWN = frozenset({"too_large", "too_many"})  # does not pass by itself, so it is told at once
_MOVED_AWAY = timedelta(days=60)  # another calendar may still show a session where it was long before it took place
_ADDRESS = re.compile(r"[^\s/:?&=]+@[^\s/:?&=]+")
_LONGEST = 300


def add(practitioner: Practitioner, address: str) -> BusyFeed:
    """The calendar at the address is read from now on; given twice it is one.

    Raises Invalid, Conflict (too_many_feeds).
    """
    url = address.strip()
    if url[:9].lower() == "webcal://":
        url = f"https://{url[9:]}"
    try:
        fetching.check(url, _limits().allowed)
    except fetching.Unfetchable as problem:
        raise Invalid(f"feed_{problem.args[0]}", field="url") from None
    with transaction() as session:
        lock(Practitioner, practitioner.id)
        known = of(practitioner)
        if found := next((feed for feed in known if feed.url == url), None):
            return found
        if len(known) >= MOST_FEEDS:
            raise Conflict("too_many_feeds", most=MOST_FEEDS)
        now = clock.now()
        feed = BusyFeed(practitioner_id=practitioner.id, url=url, created_at=now, next_fetch_at=now)
        session.add(feed)
        session.flush()
        record("calendar", feed.id, "", "given", Who(Actor.PRACTITIONER, practitioner.user_id))
        outbox.after_commit("app.jobs.calendars.read", feed.id)
        return feed


def remove(practitioner: Practitioner, feed_id: int) -> None:
    """The calendar is read no more, and its times are free again. Raises NotFound."""
    with transaction() as session:
        feed = lock(BusyFeed, feed_id)
        if feed is None or feed.practitioner_id != practitioner.id:
            raise NotFound
        session.execute(delete(BusyTime).where(BusyTime.feed_id == feed_id))
        session.delete(feed)
        record("calendar", feed_id, "given", "removed", Who(Actor.PRACTITIONER, practitioner.user_id))


def of(practitioner: Practitioner) -> list[BusyFeed]:
    """The practitioner's other calendars, in the order they were given."""
    mine = select(BusyFeed).where(BusyFeed.practitioner_id == practitioner.id)
    return list(db.session.scalars(mine.order_by(BusyFeed.id)))


def unread(practitioner: Practitioner) -> int:
    """How many of them could not be read the last time."""
    return sum(1 for feed in of(practitioner) if feed.problem)


def in_trouble(practitioner: Practitioner) -> list[BusyFeed]:
    """Those that may be busy when nobody knows here: not read for a day, grown beyond what is read, or read in part."""
    return [feed for feed in of(practitioner) if is_failing(feed) or feed.left_out]


def is_failing(feed: BusyFeed) -> bool:
    """Whether the calendar has not been read for a day, or will not be as it is."""
    return feed.problem in _OUTGROWN or feed.known_at < clock.now() - STALE


def still_fails(notice: Notification) -> bool:
    """Whether the calendar that the message is about has not been read since."""
    feed = db.session.get(BusyFeed, notice.data["feed"])
    return feed is not None and bool(feed.problem) and feed.known_at.isoformat() == notice.data["since"]


def is_elsewhere(booking: Booking) -> bool:
    """Whether it waits for the practitioner's answer, and another calendar of theirs is busy at its time by now."""
    return _elsewhere(booking.id)


@batching.batched("booking", bool)
def _elsewhere(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    """A request holds its time here, and nobody asked the other calendars again since it was made."""
    meets = (
        BusyTime.practitioner_id == Booking.practitioner_id,
        BusyTime.starts_at < Slot.busy_until,
        BusyTime.ends_at > Slot.busy_from,
    )
    asked = select(Booking.id).join(Slot, Slot.id == Booking.slot_id).join(BusyTime, and_(*meets))
    asked = asked.where(Booking.id.in_(ids), Booking.status == BookingStatus.PENDING_APPROVAL)
    return dict.fromkeys(db.session.scalars(asked.distinct()), True)


def taken(practitioner_id: int, start: datetime, end: datetime) -> list[busy_times.Stretch]:
    """What the practitioner's other calendars say is taken between two instants, in order."""
    mine = select(BusyTime.starts_at, BusyTime.ends_at).where(BusyTime.practitioner_id == practitioner_id)
    found = db.session.execute(mine.where(BusyTime.starts_at < end, BusyTime.ends_at > start))
    return sorted((starts_at, ends_at) for starts_at, ends_at in found)


def taken_on(days: DiaryDays) -> list[busy_times.Stretch]:
    """What the other calendars say is taken on these days, for who shows it."""
    return _taken_on(days)


@batching.batched("diary", list)
def _taken_on(asked: Collection[DiaryDays]) -> dict[DiaryDays, list[busy_times.Stretch]]:
    now = clock.now()
    windows = [days.window(now) for days in asked]
    theirs = select(BusyTime.practitioner_id, BusyTime.starts_at, BusyTime.ends_at).where(
        BusyTime.practitioner_id.in_({days.practitioner_id for days in asked}),
        BusyTime.starts_at < max(end for _, end in windows),
        BusyTime.ends_at > min(begin for begin, _ in windows),
    )
    found = batching.grouped((of, (begin, end)) for of, begin, end in db.session.execute(theirs))
    return {days: sorted(found.get(days.practitioner_id, [])) for days in asked}


def is_in(time: busy_times.Stretch, stretches: list[busy_times.Stretch]) -> bool:
    """Whether any of the stretches touches the time."""
    return any(start < time[1] and time[0] < end for start, end in stretches)


def _to_read() -> Select[int]:
    return select(BusyFeed.id).where(BusyFeed.next_fetch_at <= moments.now())


@found_by(_to_read)
def due() -> list[int]:
    """Ids of calendars that should be read again."""
    return list(db.session.scalars(_to_read().order_by(BusyFeed.next_fetch_at).limit(50)))


def read(feed_id: int) -> None:
    """The calendar's busy times are those it has now; what it last said stays while it cannot be read."""
    with transaction():
        feed = lock(BusyFeed, feed_id)
        if feed is None or feed.next_fetch_at > clock.now():
            return
        feed.next_fetch_at = clock.now() + EVERY  # first, so that nobody else fetches it meanwhile
        url = feed.url
        practitioner_id = feed.practitioner_id
        window = _window(feed)
    try:
        found = busy_times.read(fetching.fetch(url, _limits()), window)
    except (fetching.Unfetchable, busy_times.Unreadable) as problem:
        _failed(feed_id, str(problem.args[0]))
        return
    _replace(feed_id, practitioner_id, found)


def _window(feed: BusyFeed) -> busy_times.Window:
    """A year ahead; whose sessions its own entries are, and by which addresses its owner answers invitations."""
    practitioner = feed.practitioner
    first = clock.now() - timedelta(days=1)
    own = calendar_feeds.uids_of(practitioner.id, first - _MOVED_AWAY)
    owners = {practitioner.user.email, *_ADDRESS.findall(unquote(urlsplit(feed.url).path))}  # Google's paths name one
    return busy_times.Window(
        first,
        first + AHEAD,
        ZoneInfo(practitioner.zone),
        frozenset(uid.lower() for uid in own),
        frozenset(address.lower() for address in owners),
    )


def _failed(feed_id: int, problem: str) -> None:
    with transaction():
        feed = lock(BusyFeed, feed_id)
        if feed is None:
            return
        feed.problem = problem
        if is_failing(feed):
            _tell(feed)


def _tell(feed: BusyFeed) -> None:
    """Its owner is told once, until it has been read again."""
    read_at = feed.known_at.isoformat()
    data = {
        "feed": feed.id,
        "name": feed.host,
        "problem": feed.problem,
        "since": read_at,
        "never": feed.fetched_at is None,
    }
    notices.tell(feed.practitioner.user_id, "calendar_unread", cause=f"{feed.id}:{read_at}", data=data)


def _replace(feed_id: int, practitioner_id: int, found: busy_times.Busy) -> None:
    with transaction() as session:
        lock(Practitioner, practitioner_id)  # the diary: who looked at these times has booked, or looks again
        feed = lock(BusyFeed, feed_id)
        if feed is None:
            return
        feed.problem = ""
        feed.fetched_at = clock.now()
        feed.left_out = " · ".join(found.left_out)[:_LONGEST]
        known = select(BusyTime.starts_at, BusyTime.ends_at).where(BusyTime.feed_id == feed_id)
        if [tuple(row) for row in session.execute(known.order_by(BusyTime.starts_at))] == found.times:
            return
        session.execute(delete(BusyTime).where(BusyTime.feed_id == feed_id))
        session.add_all(
            BusyTime(feed_id=feed_id, practitioner_id=feed.practitioner_id, starts_at=start, ends_at=end)
            for start, end in found.times
        )


def _limits() -> fetching.Limits:
    return fetching.Limits(size=MOST_BYTES, allowed=frozenset(current_app.config["BUSY_ALLOW"]))
