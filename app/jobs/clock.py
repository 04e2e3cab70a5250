"""`python -m app.jobs.clock`: each minute it asks the workers for one sweep, and it puts what was to wait into the queue.

Run one. A second one, or none for a while, does no harm: sweeps may overlap, and find their work by time in the tables.
"""

import logging
import time
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError
from rq.registry import ScheduledJobRegistry

import config
from app.lib import clock
from app.lib.queue import connection, open_queue

log = logging.getLogger("app.jobs")  # a name that operators filter by

EVERY = 60
_GAP = 1.0
# The job's own life is as short as the interval: while no worker runs, old ticks vanish instead of piling up. What is left of
# it once it has run keeps a second clock from asking for the same minute.
_LIFE = {"ttl": EVERY, "result_ttl": EVERY, "failure_ttl": 86400}
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
    """This minute's sweep has been asked for, once, and what was to wait until now stands in the queue."""
    rq = open_queue(redis)
    with suppress(DuplicateJobError):
        minute = int(clock.now().timestamp()) // EVERY
        rq.enqueue("app.jobs.sweeps.sweep", job_id=f"sweep-{minute}", unique=True, job_timeout=_LONGEST, **_LIFE)
    waiting = ScheduledJobRegistry(rq.name, connection=redis)  # type: ignore[no-untyped-call]
    for job_id in waiting.get_jobs_to_schedule():
        if redis.zrem(waiting.key, job_id):  # whose it was to take, when two clocks tick
            rq.push_job_id(job_id)


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
