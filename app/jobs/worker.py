"""`python -m app.jobs.worker`: does the jobs of the table, each in a child of its own; --in-process without children.

The application is made once, before the first job: a child begins with it, and costs little. (OPS-4)
"""

import argparse
import logging
import signal
import time
from importlib import import_module
from typing import Any

from redis.exceptions import RedisError
from rq import SimpleWorker, Worker
from rq.job import Job
from sqlalchemy.orm import configure_mappers

from app.extensions import db
from app.jobs.context import application
from app.jobs.table import ListedJob
from app.lib.queue import NAME, SERIALIZER, connection
from app.services.core import restorations

log = logging.getLogger("app.jobs")  # a name that operators filter by

_GAP = 2.0
_QUIET = 60.0  # seconds in which a Redis that is away is told of once
_SHORT = {
    "worker_ttl": 30,
    "maintenance_interval": 15,
}  # seconds; so it soon notices a lost Redis, and a worker that died
# What jobs import where they need it; a child would import it for itself, each time.
_NEEDED_BY_JOBS = ("email.mime.text", "icalendar", "requests", "app.lib.calendars.invitations")


class _Obedient:
    """What both kinds of worker have in common; it takes no commands from Redis."""

    max_connection_wait_time = 5.0  # RQ would wait up to a minute once Redis is back

    def __init__(self, redis: Any) -> None:
        super().__init__([NAME], connection=redis, job_class=ListedJob, serializer=SERIALIZER, **_SHORT)  # type: ignore[call-arg]

    def subscribe(self) -> None:
        """Nobody listens: RQ would stop jobs and workers for whoever can write to Redis."""

    def check_for_suspension(self, burst: bool) -> None:
        """Nothing in Redis makes it pause."""


class InProcess(_Obedient, SimpleWorker):
    """Does jobs itself: the least to start, and a job that crashes takes the worker along."""


class Forking(_Obedient, Worker):
    """Does each job in a child, which a crash ends alone."""

    def main_work_horse(self, job: Job, queue: Any) -> None:
        """The child has done the job and is gone. A connection of the parent's would be used by both."""
        with application().app_context():
            db.engine.dispose(close=False)
        super().main_work_horse(job, queue)


class _OneSentence(logging.Filter):
    """Of a Redis that is away RQ tells at each try, or with a traceback; here it is one sentence a minute. (OPS-17)"""

    def __init__(self) -> None:
        super().__init__()
        self._told = -_QUIET

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is about anything else."""
        about = [record.exc_info[1]] if record.exc_info else record.args if isinstance(record.args, tuple) else ()
        errors = [each for each in about if isinstance(each, RedisError | OSError)]
        for error in errors[:1]:
            self.note(error)
        return not errors

    def note(self, error: BaseException) -> None:
        """It is in the log that Redis does not answer."""
        now = time.monotonic()
        if now - self._told >= _QUIET:
            log.warning("worker.waits error=%s", type(error).__name__)
            self._told = now


def main(arguments: list[str] | None = None) -> None:
    """Jobs are done until somebody stops it; a Redis that is away is waited for."""
    asked = _arguments(arguments)
    _warm_up()
    told = _OneSentence()
    logging.getLogger("rq.worker").addFilter(told)
    while not _work(told, asked):
        time.sleep(_GAP)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.jobs.worker", description=__doc__)
    parser.add_argument("--in-process", action="store_true", help="no child for each job")
    parser.add_argument("--burst", action="store_true", help="stop when nothing is left to do")
    parser.add_argument("--verbose", action="store_true", help="say what is done")
    return parser.parse_args(arguments)


def _warm_up() -> None:
    app = application()
    if not app.config["REDIS_URL"]:
        raise SystemExit("A worker has nowhere to take work from: set REDIS_URL, or run flask sweep each minute")
    restorations.hold_back(app)
    configure_mappers()
    for name in _NEEDED_BY_JOBS:
        import_module(name)


def _work(told: _OneSentence, asked: argparse.Namespace) -> bool:
    """Jobs are done until the worker is stopped, which is True, or Redis was lost."""
    worker = None
    try:
        worker = (InProcess if asked.in_process else Forking)(connection(application().config["REDIS_URL"]))
        worker.work(burst=asked.burst, logging_level="INFO" if asked.verbose else "WARNING")
        is_done = asked.burst
    except (RedisError, OSError) as error:
        told.note(error)
        is_done = False
    finally:  # RQ's own handlers ask a worker that is no more
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return is_done or bool(worker and worker._shutdown_requested_date)


if __name__ == "__main__":
    main()
