"""`python -m app.jobs.clock`: what is to be done by time is asked of the workers, and what was to wait is put into the queue.

Run one. A second one, or none for a while, does no harm: sweeps may overlap, and find their work by time in the tables.
"""

import logging
import time
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.registry import ScheduledJobRegistry

import config
from app.lib import clock
from app.lib.queue import connection, open_queue

log = logging.getLogger("app.jobs")  # a name that operators filter by

_GAP = 1.0
# What is asked for, each so often (seconds). A checkup looks by itself whether its day is over.
_JOBS = (("app.jobs.sweeps.sweep", 60), ("app.jobs.checkups.look", 3600))
_LONGEST = 600  # longer than a pass in which everything that can hang does (app.services.backoffice.sweeps)


def main() -> None:
    """It ticks until it is stopped; a Redis that is away is waited for, and said once."""
    redis = connection(_url())
    is_away = False
    while True:
        try:
            tick(redis)
        except (RedisError, OSError) as error:
            if not is_away:
                log.warning("clock.waits error=%s", type(error).__name__)
            is_away = True
        else:
            is_away = False
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


def _ask(rq: Queue, name: str, every: int) -> None:
    # The job's own life is as short as the interval: while no worker runs, old ticks vanish instead of piling up. What is left
    # of it once it has run keeps a second clock from asking for the same minute.
    life = {"ttl": every, "result_ttl": every, "failure_ttl": 86400}
    with suppress(DuplicateJobError):
        tick_id = f"{name.rpartition('.')[2]}-{int(clock.now().timestamp()) // every}"
        rq.enqueue(name, job_id=tick_id, unique=True, job_timeout=_LONGEST, **life)


def _url() -> str:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        url: str = config.from_environment()["REDIS_URL"]
    except config.ConfigError as error:
        raise SystemExit(f"Kikao does not start: {error}") from None
    if not url:
        raise SystemExit("The clock has nobody to ask: set REDIS_URL, or run flask sweep each minute")
    return url


if __name__ == "__main__":
    main()
