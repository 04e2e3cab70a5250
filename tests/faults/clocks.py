"""Clocks that differ: an app node's own, and everybody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from app.lib import clock
from sandbox.core import clock as sandbox_clock
from tests.support.world import World

SKEWS = [timedelta(minutes=10), timedelta(minutes=-10), timedelta(hours=26), timedelta(hours=-26)]


@contextmanager
def skewed(world: World, by: timedelta) -> Iterator[None]:
    """This app node's clock is wrong by so much; the gateways' and the database's are right."""

    def right() -> datetime:
        return datetime.now(UTC) + world._offset

    clock.use(lambda: right() + by)
    sandbox_clock.use(lambda: right().timestamp())
    try:
        yield
    finally:
        clock.use(right)
