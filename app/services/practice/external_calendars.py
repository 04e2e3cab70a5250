"""A practitioner's other calendars: fetched by the sweep; what is busy there cannot be booked here."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import delete, select

from app.domain.lifecycle import Actor
from app.extensions import db
from app.lib import clock
from app.lib.calendars import busy_times
from app.lib.network import fetching
from app.models import BusyFeed, BusyTime, Practitioner
from app.services.core import outbox
from app.services.core.errors import Conflict, Invalid, NotFound
from app.services.core.transaction import Who, lock, record, transaction
from app.services.notifications import calendar_feeds

EVERY = timedelta(minutes=15)
AHEAD = timedelta(days=370)
MOST_FEEDS = 5
STALE = timedelta(hours=24)


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


def is_stale(feed: BusyFeed) -> bool:
    """Whether the calendar has not been read for a day."""
    return (feed.fetched_at or feed.created_at) < clock.now() - STALE


def taken(practitioner_id: int, start: datetime, end: datetime) -> list[busy_times.Stretch]:
    """What the practitioner's other calendars say is taken between two instants, in order."""
    mine = select(BusyTime.starts_at, BusyTime.ends_at).where(BusyTime.practitioner_id == practitioner_id)
    found = db.session.execute(mine.where(BusyTime.starts_at < end, BusyTime.ends_at > start))
    return sorted((starts_at, ends_at) for starts_at, ends_at in found)


def is_in(time: busy_times.Stretch, stretches: list[busy_times.Stretch]) -> bool:
    """Whether any of the stretches touches the time."""
    return any(start < time[1] and time[0] < end for start, end in stretches)


def due() -> list[int]:
    """Ids of calendars that should be read again."""
    statement = select(BusyFeed.id).where(BusyFeed.next_fetch_at <= clock.now())
    return list(db.session.scalars(statement.order_by(BusyFeed.next_fetch_at).limit(50)))


def read(feed_id: int) -> None:
    """The calendar's busy times are those it has now; what it last said stays while it cannot be read."""
    with transaction():
        feed = lock(BusyFeed, feed_id)
        if feed is None or feed.next_fetch_at > clock.now():
            return
        feed.next_fetch_at = clock.now() + EVERY  # first, so that nobody else fetches it meanwhile
        url = feed.url
        zone = ZoneInfo(feed.practitioner.zone)
    try:
        content = fetching.fetch(url, _limits())
        first = clock.now() - timedelta(days=1)
        found = busy_times.read(content, busy_times.Window(first, first + AHEAD, zone, calendar_feeds.domain()))
    except (fetching.Unfetchable, busy_times.Unreadable) as problem:
        _failed(feed_id, str(problem.args[0]))
        return
    _replace(feed_id, found)


def _failed(feed_id: int, problem: str) -> None:
    with transaction():
        feed = lock(BusyFeed, feed_id)
        if feed is not None:
            feed.problem = problem


def _replace(feed_id: int, found: list[busy_times.Stretch]) -> None:
    with transaction() as session:
        feed = lock(BusyFeed, feed_id)
        if feed is None:
            return
        feed.problem = ""
        feed.fetched_at = clock.now()
        known = select(BusyTime.starts_at, BusyTime.ends_at).where(BusyTime.feed_id == feed_id)
        if [tuple(row) for row in session.execute(known.order_by(BusyTime.starts_at))] == found:
            return
        session.execute(delete(BusyTime).where(BusyTime.feed_id == feed_id))
        session.add_all(
            BusyTime(feed_id=feed_id, practitioner_id=feed.practitioner_id, starts_at=start, ends_at=end)
            for start, end in found
        )


def _limits() -> fetching.Limits:
    return fetching.Limits(allowed=frozenset(current_app.config["BUSY_ALLOW"]))
