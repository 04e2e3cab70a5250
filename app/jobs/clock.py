"""What is to be done by time is asked of the workers, and what was to wait is put into the queue: by every `flask worker`.

Two that tick, or none for a while, do no harm: sweeps may overlap, and find their work by time in the tables.
"""

import logging
import time
from contextlib import suppress
from threading import Thread

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.registry import ScheduledJobRegistry

from app.lib import clock
from app.lib.queue import note_tick, open_queue

log = logging.getLogger("app.jobs")  # a name that operators filter by

_GAP = 1.0
_QUIET = 60.0  # seconds after a failure that nobody has thought of
# What is asked for, each so often (seconds). A checkup looks by itself whether its day is over.
_JOBS = (("app.jobs.sweeps.sweep", 60), ("app.jobs.checkups.look", 3600))
_LONGEST = 600  # longer than a pass in which everything that can hang does (app.services.backoffice.sweeps)


def start(redis: Redis) -> None:
    """The clock ticks as long as this process runs, whatever else it is at."""
    Thread(target=_tick_on, args=(redis,), name="clock", daemon=True).start()


def _tick_on(redis: Redis) -> None:
    while True:
        try:
            with suppress(RedisError, OSError):  # the worker says that Redis is away
                tick(redis)
        except Exception:
            log.exception("clock.failed")
            time.sleep(_QUIET)
        time.sleep(_GAP)


def tick(redis: Redis) -> None:
    """This minute's sweep and this hour's checkup have been asked for, once, and what was to wait stands in the queue."""
    rq = open_queue(redis)
    for name, every in _JOBS:
        _ask(rq, name, every)
    waiting = ScheduledJobRegistry(rq.name, connection=redis)  # type: ignore[no-untyped-call]
    for job_id in waiting.get_jobs_to_schedule():
        if redis.zrem(waiting.key, job_id):  # whose it was to take, when two clocks tick
            rq.push_job_id(job_id)
    note_tick(redis)


def _ask(rq: Queue, name: str, every: int) -> None:
    # The job's own life is as short as the interval: while no worker runs, old ticks vanish instead of piling up. What is left
    # of it once it has run keeps a second clock from asking for the same minute.
    life = {"ttl": every, "result_ttl": every, "failure_ttl": 86400}
    with suppress(DuplicateJobError):
        tick_id = f"{name.rpartition('.')[2]}-{int(clock.now().timestamp()) // every}"
        rq.enqueue(name, job_id=tick_id, unique=True, job_timeout=_LONGEST, **life)
