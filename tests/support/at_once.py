"""Several at once: calls in one moment, and one person in several windows."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from sqlalchemy import text

from tests.support.world import Caller, World

T = TypeVar("T")
_PATIENCE = 120  # seconds; a machine that does much else is slow


class Meanwhile(Generic[T]):
    """A call that is under way while the test does something else."""

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._given: list[T] = []
        self._errors: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._given.append(self._call())
        except BaseException as error:
            self._errors.append(error)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return not self._thread.is_alive()

    def result(self) -> T:
        """What it gave, once it has ended; an error in it is raised here. Fails if it does not end."""
        self._thread.join(_PATIENCE)
        assert self.is_over, "it does not end"
        if self._errors:
            raise self._errors[0]
        return self._given[0]


def at_once(*calls: Callable[[], T]) -> list[T]:
    """What each call gave, all begun in the same moment, in the order of the calls; an error in one is raised here."""
    gate = threading.Barrier(len(calls))

    def after_the_others(call: Callable[[], T]) -> Callable[[], T]:
        def run() -> T:
            gate.wait()
            return call()

        return run

    under_way = [Meanwhile(after_the_others(call)) for call in calls]
    return [each.result() for each in under_way]


def somebody_waits(world: World) -> bool:
    """Whether a transaction waits for another one's lock at this moment; PostgreSQL alone says so."""
    with world.rows() as session:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(session.scalar(waiting))


def again(world: World, caller: Caller) -> Caller:
    """The same person in another window."""
    return replace(caller, http=world.app.test_client())
