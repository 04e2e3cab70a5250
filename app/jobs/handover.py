"""`flask worker` begins: what it has loaded goes to a child that does the jobs, and itself it becomes that child's foreman."""

import contextvars
import logging
import os
import signal
import sys
import tempfile

from flask import Flask

from app.jobs import clock, context, foreman
from app.jobs.foreman import Note
from app.jobs.worker import work
from app.lib.queue import connection
from app.services.core import restorations

log = logging.getLogger("app.jobs")  # a name that operators filter by


def begin(app: Flask, *, burst: bool, verbose: bool) -> None:
    """The process is a foreman, and a child of it does jobs until somebody stops it (SIGTERM) or has it take new code (SIGHUP)."""
    _prepare(app)
    note = Note(_open_note())
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, foreman.HEARD)  # those of now are heard when the foreman listens
    child = os.fork()
    if not child:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, foreman.HEARD)
        _work_and_leave(app, note, parent, burst=burst, verbose=verbose)
    way = "burst" if burst else "for ever"
    arguments = (foreman.__file__, str(child), str(note.number), way, *sys.orig_argv)
    # A child remains whose parent becomes another program. -I and -S: nothing is looked for, and nothing loaded.
    os.execv(sys.executable, [sys.executable, "-I", "-S", *arguments])  # noqa: S606


def succeed(app: Flask, parent: int, number: int, *, burst: bool, verbose: bool) -> None:
    """Jobs are done in the place of a worker that was lost, below the same foreman."""
    _prepare(app)
    _work_and_leave(app, Note(number), parent, burst=burst, verbose=verbose)


def _prepare(app: Flask) -> None:
    if not app.config["REDIS_URL"]:
        raise SystemExit("A worker has nowhere to take work from: set REDIS_URL, or run flask sweep each minute")
    context.use(app)
    restorations.hold_back(app)


def _open_note() -> int:
    """A file without a name, which the foreman and successors find by its number."""
    number, name = tempfile.mkstemp(prefix="kikao-worker-")
    os.unlink(name)
    os.set_inheritable(number, True)
    return number


def _work_and_leave(app: Flask, note: Note, parent: int, *, burst: bool, verbose: bool) -> None:
    code = 1
    try:
        if not burst:
            clock.start(connection(app.config["REDIS_URL"]))
        # Each job has a context of its own, none that is there already.
        contextvars.Context().run(work, note, parent, burst=burst, verbose=verbose)
        code = 0
    except BaseException:
        log.exception("worker.failed")
    finally:
        logging.shutdown()
        os._exit(code)  # what was to be done at the end of `flask` is not a worker's
