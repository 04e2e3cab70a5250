"""The parent of a worker: it begins one with the application loaded, another when that is lost, and ticks like a clock.

A crash takes one job along, a hang is ended when the job's time is over; the next worker begins with all that is loaded here.
"""

import contextlib
import contextvars
import gc
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module

from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy.orm import configure_mappers

from app.jobs import clock, context
from app.jobs.worker import Note, work
from app.lib.queue import connection
from app.services.core import restorations

log = logging.getLogger("app.jobs")  # a name that operators filter by

_GAP = 1.0
_GRACE = 5.0  # seconds beyond a job's time, which the worker itself ends where it can
_LAST_JOB = 30.0  # seconds for the last job of a worker that was asked to stop
_HEALTHY = 5.0
_STOP = (signal.SIGTERM, signal.SIGINT)
_ALL = {*_STOP, signal.SIGHUP, signal.SIGCHLD}
# What jobs import where they need it; each new worker would import it for itself.
_NEEDED_BY_JOBS = ("email.mime.text", "icalendar", "requests", "app.lib.calendars.invitations")


def run(app: Flask, *, burst: bool, verbose: bool) -> None:
    """Jobs were done and the clock ticked until somebody stopped it (SIGTERM) or had it take new code (SIGHUP)."""
    if not app.config["REDIS_URL"]:
        raise SystemExit("A worker has nowhere to take work from: set REDIS_URL, or run flask sweep each minute")
    _warm_up(app)
    note = Note()
    foreman = Foreman(app.config["REDIS_URL"], note, lambda: work(note, burst=burst, verbose=verbose), ticks=not burst)
    if foreman.run() is signal.SIGHUP:
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606  (as we were started ourselves)


def _warm_up(app: Flask) -> None:
    context.use(app)
    restorations.hold_back(app)
    configure_mappers()
    for name in _NEEDED_BY_JOBS:
        import_module(name)
    gc.freeze()  # what nobody looks at stays shared with the children


class Foreman:
    """One worker at a time, a child of this process."""

    def __init__(self, redis_url: str, note: Note, do_work: Callable[[], None], *, ticks: bool) -> None:
        self._redis = connection(redis_url)
        self._note = note
        self._work = do_work
        self._ticks = ticks
        self._asked: list[signal.Signals] = []
        self._child = 0
        self._begun = 0.0

    def run(self) -> signal.Signals | None:
        """Until it is asked to end or to begin anew, by the signal that is answered; None when all is done."""
        with self._listening() as wait:
            self._begin()
            while not self._asked:
                wait(_GAP)
                if self._ticks:
                    self._tick()
                if self._is_done():
                    return None
            self._end(wait)
        return self._asked[0]

    @contextlib.contextmanager
    def _listening(self) -> Iterator[Callable[[float], None]]:
        """Signals are heard; what is given waits for the next one, so many seconds at the longest."""
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        former = {number: signal.signal(number, self._hear) for number in _ALL}

        def wait(seconds: float) -> None:
            if select.select([reading], [], [], seconds)[0]:
                os.read(reading, 64)

        try:
            yield wait
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in former.items():
                signal.signal(number, handler)
            os.close(reading)
            os.close(writing)

    def _hear(self, number: int, _frame: object) -> None:
        if number != signal.SIGCHLD:
            self._asked.append(signal.Signals(number))

    def _begin(self) -> None:
        """A worker is at work, with everything that is loaded here."""
        self._note.write("", 0)
        self._begun = time.monotonic()
        signal.pthread_sigmask(signal.SIG_BLOCK, _ALL)  # none may be heard by a child that still has our ears
        try:
            self._child = os.fork()
            if not self._child:
                self._be_the_child()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ALL)

    def _be_the_child(self) -> None:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in _ALL:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ALL)
            contextvars.Context().run(self._work)  # each job has a context of its own, none that is there already
            code = 0
        except BaseException:
            log.exception("worker.failed")
        finally:
            logging.shutdown()
            os._exit(code)  # what was to be done at the parent's end is the parent's

    def _tick(self) -> None:
        with contextlib.suppress(RedisError, OSError):  # the worker says that Redis is away
            clock.tick(self._redis)

    def _is_done(self) -> bool:
        """Whether the worker has ended because all is done; one that was lost has a successor, one that hangs is ended."""
        job, until = self._note.read()
        if until and time.monotonic() > until + _GRACE:
            log.error("worker.hung job=%s", job)
            os.kill(self._child, signal.SIGKILL)
        pid, status = os.waitpid(self._child, os.WNOHANG)
        if not pid:
            return False
        code = os.waitstatus_to_exitcode(status)
        if code == 0 and not self._ticks:
            return True
        if not self._asked:
            log.error("worker.lost code=%s job=%s", code, self._note.read()[0])
            time.sleep(0 if time.monotonic() - self._begun > _HEALTHY else _GAP)
            self._begin()
        return False

    def _end(self, wait: Callable[[float], None]) -> None:
        """The worker has done its last job and is gone; asked a second time it is killed, as after half a minute."""
        until = time.monotonic() + _LAST_JOB
        asked = len(self._asked)
        _signal(self._child, signal.SIGTERM)
        while not _is_gone(self._child):
            if time.monotonic() > until or len(self._asked) > asked:
                _signal(self._child, signal.SIGKILL)
            wait(_GAP)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _is_gone(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True
