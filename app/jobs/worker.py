"""What does the jobs of the table, one after the other: the child of `flask worker`, which app/jobs/foreman.py begins anew when
it is lost."""

import logging
import os
import signal
import time
from typing import Any

from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job

from app.jobs.context import application
from app.jobs.foreman import Note
from app.jobs.table import ListedJob
from app.lib.queue import NAME, SERIALIZER, connection

log = logging.getLogger("app.jobs")  # a name that operators filter by

_GAP = 2.0
_QUIET = 60.0  # seconds in which a Redis that is away is told of once
_DEFAULT_SECONDS = 180  # a job's time where none is said, as RQ has it
_SHORT = {
    "worker_ttl": 30,
    "maintenance_interval": 15,
}  # seconds; so it soon notices a lost Redis, and a worker that died


class Worker(SimpleWorker):
    """Does jobs in its own process; it takes no commands from Redis."""

    max_connection_wait_time = 5.0  # RQ would wait up to a minute once Redis is back

    def __init__(self, redis: Any, note: Note | None = None, parent: int = 0) -> None:
        super().__init__([NAME], connection=redis, job_class=ListedJob, serializer=SERIALIZER, **_SHORT)  # type: ignore[arg-type]
        self._note = note
        self._parent = parent or os.getppid()

    def subscribe(self) -> None:
        """Nobody listens: RQ would stop jobs and workers for whoever can write to Redis."""

    def check_for_suspension(self, burst: bool) -> None:  # noqa: ARG002  (as RQ calls it)
        """Nothing in Redis makes it pause; it stops when its parent is no more, which would begin another."""
        if os.getppid() != self._parent:
            raise StopRequested

    def execute_job(self, job: Job, queue: Any) -> None:
        """The job was done, and meanwhile the note said so."""
        seconds = job.timeout if job.timeout and job.timeout > 0 else _DEFAULT_SECONDS
        self._write(job.id, time.monotonic() + float(seconds))
        try:
            super().execute_job(job, queue)
        finally:
            self._write("", 0)

    def _write(self, job_id: str, until: float) -> None:
        if self._note:
            self._note.write(job_id, until)


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


def work(note: Note | None = None, parent: int = 0, *, burst: bool = False, verbose: bool = False) -> None:
    """Jobs were done until somebody stopped it, or all of them with `burst`; a Redis that is away is waited for."""
    told = _OneSentence()
    parent = parent or os.getppid()
    logging.getLogger("rq.worker").addFilter(told)
    while not _work(told, note, parent, burst=burst, verbose=verbose) and os.getppid() == parent:
        time.sleep(_GAP)


def _work(told: _OneSentence, note: Note | None, parent: int, *, burst: bool, verbose: bool) -> bool:
    """Jobs are done until the worker is stopped, which is True, or Redis was lost."""
    worker = None
    is_done = False
    try:
        worker = Worker(connection(application().config["REDIS_URL"]), note, parent)
        worker.work(burst=burst, logging_level="INFO" if verbose else "WARNING")
        is_done = burst
    except (RedisError, OSError) as error:
        told.note(error)
    finally:  # RQ's own handlers ask a worker that is no more
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return is_done or bool(worker and worker._shutdown_requested_date)
