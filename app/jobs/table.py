"""Every job there is. Who can write to Redis can name any function of Python; a worker runs these and no others."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, cast

from redis import Redis
from redis.exceptions import RedisError
from rq.exceptions import NoSuchJobError
from rq.job import Job

from app.jobs import accounts, calendars, checkups, notices, payments, pulls, refunds, sweeps

log = logging.getLogger("app.jobs")  # a name that operators filter by

_ALL: tuple[Callable[..., None], ...] = (
    accounts.end_open,
    accounts.mail_code,
    calendars.read,
    checkups.look,
    notices.deliver,
    payments.check_receipt,
    payments.close_lost,
    payments.look_up,
    pulls.go_through,
    refunds.look_up,
    refunds.send,
    sweeps.sweep,
)
# By the name that stands in the queue.
JOBS: Mapping[str, Callable[..., None]] = {f"{each.__module__}.{each.__name__}": each for each in _ALL}

# What is read of a job's hash. RQ keeps more there that it would run or call: callbacks, webhooks, dependents, repetitions.
_READ = frozenset(
    b"created_at data description ended_at enqueued_at failure_ttl last_heartbeat origin result_ttl started_at status timeout ttl"
    b" worker_name".split()
)


class ListedJob(Job):
    """A job of the table, with numbers and texts for its arguments."""

    @classmethod
    def fetch(cls, id: str, connection: Redis | None = None, serializer: Any = None) -> "ListedJob":
        """The job that stands in Redis. Raises NoSuchJobError for what is none of ours: it is gone, and sweeps find its work."""
        try:
            job = cast("ListedJob", super().fetch(id, connection, serializer))
            job._check()
        except (NoSuchJobError, RedisError):
            raise
        except (
            Exception
        ) as error:  # whatever somebody put there, or an older version did: pickles, other names, other shapes
            log.warning("job.refused id=%.80r error=%s", id, type(error).__name__)
            if connection is not None:
                connection.delete(cls.key_for(id))
            raise NoSuchJobError(f"no job of ours: {id:.80}") from None
        return job

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """What the hash says of the job, but for what we never write there."""
        super().restore({name: value for name, value in raw_data.items() if name in _READ})

    @property
    def func(self) -> Callable[..., None]:
        """The function of the table. Raises KeyError for a name that does not stand there."""
        return JOBS[self.func_name or ""]

    def _check(self) -> None:
        is_plain = all(isinstance(value, int | str) for value in self.args)
        if self.func_name not in JOBS or self.instance is not None or self.kwargs or not is_plain:
            raise ValueError("no job of ours")
