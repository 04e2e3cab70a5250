"""Whose turn it is to write to a SQLite file: who came first, among the threads of a process and among processes.

SQLite's own waiting is a sleep and another try, so that the newest is as likely to get in as the oldest. Here the threads of a
process stand in a line; its first goes to the door, where one of each process may stand, and waits there for the room. Nobody
can try the room who is not at the door, so that a process that has just written does not come before the others again.

A turn is courtesy and no lock: SQLite's own is what keeps writers apart, also from those who take no turns.
"""

import os
import threading
import time
from collections import deque
from pathlib import Path
from weakref import WeakSet

try:
    import fcntl
except ImportError:  # on Windows: a line for each process
    fcntl = None  # type: ignore[assignment]

BESIDE = ("-door", "-room")  # the files beside the database, by the ends of their names
_LOOK = 0.001  # seconds between two looks whether a place is free, of one thread a process at the most


class Line:
    """Threads of one process; a place is handed from one to the next, so nobody comes in between."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def try_enter(self, until: float) -> bool:
        """Whether it became the caller's turn before that moment of `time.monotonic()`; then `leave` must follow."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=max(0.0, until - time.monotonic())):
            return True
        with self._guard:
            if mine not in self._waiting:
                return True  # it was handed over in this very moment
            self._waiting.remove(mine)
            return False

    def leave(self) -> None:
        """It is the next one's turn."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class Place:
    """Room for one process, by a lock on a file: the kernel frees it when its holder ends, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def try_enter(self, until: float) -> bool:
        """Whether it was free before that moment."""
        # Opened each time: a file that a forked child has inherited would be locked for both.
        file = os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        while not _try_lock(file):
            if time.monotonic() >= until:
                os.close(file)
                return False
            time.sleep(_LOOK)
        self._file = file
        return True

    def leave(self) -> None:
        """It is free."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)  # also for a child that has inherited it
            self.forget()

    def forget(self) -> None:
        """The file is closed, and stays locked for the process that had locked it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Turns:
    """The turns of writers to one SQLite file, in this process and with others."""

    def __init__(self, database: Path) -> None:
        self._line = Line()
        self._door, self._room = (Place(database.with_name(f"{database.name}{ending}")) for ending in BESIDE)
        _ALL.add(self)

    def take(self, patience: float) -> Line | None:
        """What to `end` the caller's turn with; None where it did not come in so many seconds."""
        until = time.monotonic() + patience
        line = self._line
        if not line.try_enter(until):
            return None
        is_ours = False
        try:
            is_ours = fcntl is None or self._try_room(until)
        finally:
            if not is_ours:
                line.leave()
        return line if is_ours else None

    def end(self, taken: Line) -> None:
        """It is the next one's turn."""
        if taken is self._line:  # else it is a turn of the process that we were forked from
            self._room.leave()
            taken.leave()

    def begin_anew(self) -> None:
        """Nobody stands in the line of a forked child, and what its parent holds is the parent's alone."""
        self._line = Line()
        self._door.forget()
        self._room.forget()

    def _try_room(self, until: float) -> bool:
        try:
            if not self._door.try_enter(until):
                return False
            try:
                return self._room.try_enter(until)
            finally:
                self._door.leave()
        except OSError:
            return True  # another user's files, or a file system without locks: SQLite's own waiting is left


_ALL: "WeakSet[Turns]" = WeakSet()


def _begin_anew() -> None:
    for turns in list(_ALL):
        turns.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
