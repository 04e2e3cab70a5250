"""The door to RQ: jobs are named by a dotted string and their ids, so that web code never imports a job.

redis and rq are imported where a queue is configured and used; an installation without one starts without them.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue as RqQueue

log = logging.getLogger("app.queue")  # a name that operators filter by

NAME = "kikao"
SERIALIZER = "json"  # RQ's own default, pickle, runs whatever somebody put into it
_QUIET_SECONDS = 5.0  # after a failure, nobody waits for Redis again for this long: the sweep delivers meanwhile
_JOB_TTL = 3600
_TICKED = "kikao:ticked"  # there while some clock ticks
_SILENCE = 30  # seconds without a tick in which nobody asks what became of the clock


@dataclass
class _Line:
    """One application's connection, and until when nobody tries it again."""

    redis: "Redis | None"
    silent_until: float = 0.0


class Queue:
    """Work for the workers. A queue that is away loses promptness and nothing else: the tables are the truth."""

    def init_app(self, app: Flask) -> None:
        """Connected lazily to REDIS_URL; without one, every enqueue is left to the sweep."""
        url = app.config["REDIS_URL"]
        app.extensions["kikao_queue"] = _Line(connection(url) if url else None)

    def enqueue(self, job: str, *args: int | str, delay: float = 0, longest: timedelta | None = None) -> bool:
        """Whether the job now stands in the queue; never raises, because its cause is already committed.

        A worker ends it after `longest`, or after three minutes.
        """
        line = self._line()
        if line.redis is None or time.monotonic() < line.silent_until:
            return False
        from redis.exceptions import RedisError  # noqa: PLC0415  (see above)

        try:
            self._put(line.redis, job, args, delay, longest)
        except (RedisError, OSError) as error:
            line.silent_until = time.monotonic() + _QUIET_SECONDS
            log.warning("queue.unreachable job=%s error=%s", job, type(error).__name__)
            return False
        return True

    def ping(self) -> None:
        """Raises RedisError or OSError when a configured queue does not answer."""
        if (redis := self._line().redis) is not None:
            redis.ping()

    def workers(self) -> int:
        """How many workers are at work on it; none where Redis is away."""
        from redis.exceptions import RedisError  # noqa: PLC0415  (see above)

        redis = self._line().redis
        try:
            # As rq.Worker.all has it, without loading rq: a worker that died leaves its name until others tidy up.
            return sum(redis.exists(key) for key in redis.smembers("rq:workers")) if redis is not None else 0
        except (RedisError, OSError):
            return 0

    def is_ticking(self) -> bool:
        """Whether somebody asks for each minute's sweep. Raises RedisError or OSError when a configured queue does not answer."""
        redis = self._line().redis
        return redis is not None and bool(redis.exists(_TICKED))

    def clear(self) -> bool:
        """No job waits in it, now or for later; False where a configured Redis is away."""
        from redis.exceptions import RedisError  # noqa: PLC0415  (see above)

        redis = self._line().redis
        if redis is None:
            return True
        try:
            _clear(open_queue(redis))
        except (RedisError, OSError):
            return False
        return True

    @staticmethod
    def is_out_of_time(error: BaseException) -> bool:
        """Whether a worker means by it that the job's time is up, which nobody may swallow: it is said only once."""
        from rq.timeouts import BaseTimeoutException  # noqa: PLC0415  (as in _put)

        return isinstance(error, BaseTimeoutException)

    @staticmethod
    def _line() -> _Line:
        line: _Line = current_app.extensions["kikao_queue"]
        return line

    @staticmethod
    def _put(redis: "Redis", job: str, args: tuple[int | str, ...], delay: float, longest: timedelta | None) -> None:
        options: dict[str, Any] = {"result_ttl": 0, "failure_ttl": 86400, "ttl": _JOB_TTL}
        if longest:
            options["job_timeout"] = int(longest.total_seconds())
        rq = open_queue(redis)
        if delay:
            rq.enqueue_in(timedelta(seconds=delay), job, *args, **options)
        else:
            rq.enqueue(job, *args, **options)


def _clear(rq: "RqQueue") -> None:
    rq.empty()  # type: ignore[no-untyped-call]
    for registry in (rq.scheduled_job_registry, rq.deferred_job_registry, rq.failed_job_registry):
        for job_id in registry.get_job_ids():
            registry.remove(job_id, delete_job=True)


def open_queue(redis: "Redis") -> "RqQueue":
    """The queue as RQ has it, with jobs in JSON."""
    from rq import Queue as RqQueue  # noqa: PLC0415  (see above)

    return RqQueue(NAME, connection=redis, serializer=SERIALIZER)


def note_tick(redis: "Redis") -> None:
    """For a while it is known that the clock ticks."""
    redis.set(_TICKED, "1", ex=_SILENCE)


def connection(url: str) -> "Redis":
    """A client that connects when it is first used, and gives up on a Redis that does not answer."""
    from redis import Redis  # noqa: PLC0415  (see above)

    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2)
