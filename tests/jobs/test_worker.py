"""Who can write to Redis gets a worker to do a job of ours once more, and nothing else: not by name, pickle or callback."""

import json
import pickle
import pkgutil
import socket
import subprocess
import time
import zlib
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.command import send_shutdown_command
from rq.registry import ScheduledJobRegistry, StartedJobRegistry
from rq.suspension import suspend

from app import jobs
from app.jobs import clock as ticking
from app.jobs.table import JOBS
from app.lib import clock
from app.lib.queue import NAME, open_queue
from config import ROOT
from tests.support import bait
from tests.support.workers import COMMAND, nobody, own_signals, process, subjects, waiting, work, work_off
from tests.support.world import World

OURS = "app.jobs.notices.deliver"
LISTENER = "http://127.0.0.1:{port}/"


def named(name: str, *args: object, instance: object = None, **kwargs: object) -> bytes:
    """What the hash of a job has under `data`, as JSON."""
    return json.dumps([name, instance, args, kwargs]).encode()


def hooked(where: str) -> dict[str, Any]:
    """One of our own jobs with a pickle beside it."""
    return {"data": named(OURS, 4711), where: pickle.dumps(bait.Hook())}


# What is planted: the job's hash, by what is wrong with it.
BY_NAME = {
    "a function by its name": {"data": named(bait.NAME, "by name")},
    "a callback when it is done": {"data": named(OURS, 4711), "success_callback_name": bait.NAME},
    "a callback when it fails": {"data": named(OURS), "failure_callback_name": bait.NAME},
}
PICKLES = {
    "a pickle": {"data": pickle.dumps(bait.Hook())},
    "a pickle as what is noted beside it": hooked("meta"),
    "a pickle as what it gave": hooked("result"),
}


@pytest.fixture(autouse=True)
def bitten() -> Iterator[list[tuple[object, ...]]]:
    """What was called."""
    bait.BITTEN.clear()
    yield bait.BITTEN
    bait.BITTEN.clear()


def plant(redis: Redis, planted: dict[str, Any], job_id: str = "planted") -> str:
    """The hash stands in Redis as RQ would write it."""
    written = planted | {"data": zlib.compress(planted["data"])}
    redis.hset(f"rq:job:{job_id}", mapping={"origin": NAME, "status": "queued", "timeout": 60} | written)
    return job_id


def push(redis: Redis, planted: dict[str, Any]) -> None:
    redis.rpush(f"rq:queue:{NAME}", plant(redis, planted))


def work_as_rq_does(world: World, redis: Redis, serializer: str) -> None:
    """RQ's own worker, with nothing of ours."""
    with own_signals(), world.app.app_context():
        SimpleWorker([NAME], connection=redis, serializer=serializer).work(burst=True, logging_level="CRITICAL")


@pytest.mark.parametrize("planted", BY_NAME.values(), ids=BY_NAME)
def test_reading_json_alone_does_not_keep_rq_from_calling_what_it_is_told(
    world: World, redis: Redis, bitten: list[object], planted: dict[str, Any]
) -> None:
    """The attack, so that the test below is not content with a bait nobody would take."""
    push(redis, planted)
    work_as_rq_does(world, redis, "json")
    assert bitten


@pytest.mark.parametrize("planted", PICKLES.values(), ids=PICKLES)
def test_reading_pickles_rq_calls_what_is_in_them(
    world: World, redis: Redis, bitten: list[object], planted: dict[str, Any]
) -> None:
    push(redis, planted)
    work_as_rq_does(world, redis, "pickle")
    assert bitten


REFUSED = PICKLES | {
    "a function by its name": BY_NAME["a function by its name"],
    "a function of the system": {"data": named("os.system", "true")},
    "a method of what is given": {"data": named("upper", instance="text")},
    "something in the table's module": {"data": named("app.jobs.notices.notices.deliver", 4711)},
    "one of ours with names for its arguments": {"data": named(OURS, delivery_id=4711)},
    "one of ours with a whole object": {"data": named(OURS, {"id": 4711})},
    "no JSON": {"data": b"\xff\x00"},
    "JSON of another shape": {"data": b'{"a": 1}'},
    "JSON without an end": {"data": b"[" * 100_000},
    "a name that is none": {"data": b'[["a"], null, [], {}]'},
}


@pytest.mark.parametrize("planted", [*BY_NAME.values(), *REFUSED.values()], ids=[*BY_NAME, *REFUSED])
def test_our_worker_calls_nothing_of_it_and_does_the_next_job(
    world: World, redis: Redis, bitten: list[object], planted: dict[str, Any]
) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    redis.flushdb()
    push(redis, planted)
    world.booked(client, service)
    work_off(world.app, redis)
    assert bitten == []
    assert subjects(world, client, owner) == [1, 1]
    assert redis.llen(f"rq:queue:{NAME}") == 0


@pytest.mark.parametrize("name", ["a function by its name", "a pickle", "no JSON", "one of ours with a whole object"])
def test_what_is_refused_is_said_and_gone(
    world: World, redis: Redis, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    push(redis, REFUSED[name])
    work_off(world.app, redis)
    assert [record.getMessage().partition(" error=")[0] for record in caplog.records if record.name == "app.jobs"] == [
        "job.refused id='planted'"
    ]
    assert redis.exists("rq:job:planted") == 0


def test_a_web_address_beside_a_job_is_not_called(world: World, redis: Redis) -> None:
    """RQ calls one when a job ends: a worker stands inside the network."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        hook = {"url": LISTENER.format(port=listener.getsockname()[1]), "job_status": "failed", "timeout": 1}
        push(redis, {"data": named(OURS), "webhooks": json.dumps([hook])})
        work_off(world.app, redis)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_what_stands_as_a_job_that_was_given_up_is_not_called_either(
    world: World, redis: Redis, bitten: list[object]
) -> None:
    """Its failure is told by the worker that cleans up, without the job ever being in the queue."""
    plant(redis, BY_NAME["a callback when it fails"])
    redis.zadd(StartedJobRegistry(NAME, connection=redis).key, {"planted": 1})
    work_off(world.app, redis)
    assert bitten == []


def test_what_waits_on_another_job_is_read_like_any_other(world: World, redis: Redis, bitten: list[object]) -> None:
    push(redis, {"data": named(OURS, 4711)})
    plant(redis, REFUSED["a function by its name"], "behind")
    redis.sadd("rq:job:planted:dependents", "behind")
    work_off(world.app, redis)
    assert bitten == []
    assert redis.exists("rq:job:behind") == 0 or redis.llen(f"rq:queue:{NAME}") == 0


def test_what_waits_for_its_time_is_read_like_any_other(world: World, redis: Redis, bitten: list[object]) -> None:
    plant(redis, REFUSED["a pickle"])
    redis.zadd(ScheduledJobRegistry(NAME, connection=redis).key, {"planted": 1})
    ticking.tick(redis)
    work_off(world.app, redis)
    assert bitten == []
    assert redis.exists("rq:job:planted") == 0


def test_jobs_of_an_older_version_are_refused_and_the_sweep_does_their_work(world: World, redis: Redis) -> None:
    """An update while pickles stand in the queue loses promptness and nothing else."""
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    for raw in redis.lrange(f"rq:queue:{NAME}", 0, -1):
        key = f"rq:job:{raw.decode()}"
        name, instance, args, kwargs = json.loads(zlib.decompress(redis.hget(key, "data")))
        redis.hset(key, "data", zlib.compress(pickle.dumps((name, instance, tuple(args), kwargs))))
    work(world.app, redis)
    assert subjects(world, client, owner) == [0, 0]
    world.sweep()
    assert subjects(world, client, owner) == [1, 1]


def test_a_worker_as_it_is_started_refuses_and_works(world: World, redis: Redis, redis_url: str) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    redis.flushdb()
    push(redis, {"data": named("os._exit", 7)})
    world.booked(client, service)
    with process(world, redis_url, "--burst") as worker:
        assert worker.wait(60) == 0
    assert subjects(world, client, owner) == [1, 1]


def test_nobody_stops_or_pauses_a_worker_through_redis(world: World, redis: Redis, redis_url: str) -> None:
    clients, owner = [world.person(), world.person()], world.practitioner()
    service = world.service(owner, places=5)
    redis.flushdb()
    with process(world, redis_url) as worker:
        world.booked(clients[0], service)
        world.until(lambda: subjects(world, clients[0]) == [1])  # now it would listen
        [key] = redis.smembers("rq:workers")
        suspend(redis)
        send_shutdown_command(redis, key.decode().removeprefix("rq:worker:"))
        time.sleep(1)
        world.booked(clients[1], service)
        world.until(lambda: subjects(world, clients[1]) == [1])
        assert worker.poll() is None


def test_every_job_stands_in_the_table_under_its_own_name() -> None:
    """A new one that does not would be refused by every worker."""
    found = set()
    for module in pkgutil.iter_modules(jobs.__path__, "app.jobs."):
        for name, value in vars(import_module(module.name)).items():
            if hasattr(value, "__wrapped__") and value.__module__ == module.name and name != "application":
                found.add(f"{module.name}.{name}")
    assert found == set(JOBS)


def test_each_minute_has_one_sweep_and_each_hour_one_checkup_however_many_clocks_tick(
    world: World, redis: Redis
) -> None:
    """S9; while no worker runs, old ticks vanish instead of piling up."""
    now = clock.now().replace(minute=10, second=5, microsecond=0)
    clock.use(lambda: now)
    for _ in range(3):
        ticking.tick(redis)
    assert waiting(redis) == {"app.jobs.sweeps.sweep": 1, "app.jobs.checkups.look": 1}
    lives = [redis.ttl(f"rq:job:{job_id}") for job_id in open_queue(redis).job_ids]
    assert [0 < life <= most for life, most in zip(lives, (60, 3600), strict=True)] == [True, True]
    work(world.app, redis)
    ticking.tick(redis)
    assert waiting(redis) == {}
    clock.use(lambda: now + timedelta(minutes=1))
    ticking.tick(redis)
    assert waiting(redis) == {"app.jobs.sweeps.sweep": 1}
    clock.use(lambda: now + timedelta(hours=1))
    ticking.tick(redis)
    assert waiting(redis) == {"app.jobs.sweeps.sweep": 2, "app.jobs.checkups.look": 1}


def test_a_sweep_that_was_asked_for_sends_what_waits(world: World, redis: Redis) -> None:
    client, owner = world.person(), world.practitioner()
    world.booked(client, world.service(owner))
    redis.flushdb()
    ticking.tick(redis)
    work(world.app, redis)
    assert subjects(world, client, owner) == [1, 1]


def test_a_clock_puts_what_was_to_wait_into_the_queue_when_its_time_has_come(world: World, redis: Redis) -> None:
    waits = ScheduledJobRegistry(NAME, connection=redis)
    open_queue(redis).enqueue_in(timedelta(seconds=20), OURS, 4711)
    ticking.tick(redis)
    assert waiting(redis)[OURS] == 0
    [job_id] = waits.get_job_ids()
    redis.zadd(waits.key, {job_id: 1})
    ticking.tick(redis)
    ticking.tick(redis)
    assert waiting(redis)[OURS] == 1
    assert waits.get_job_ids() == []


def test_a_redis_that_is_away_is_waited_for_in_one_sentence(world: World) -> None:
    """OPS-17: it was a traceback, and the end of the process."""
    environ = world.app.config["ENVIRON"] | {"REDIS_URL": f"redis://127.0.0.1:{nobody()}/0"}
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True) as started:
        try:
            first = started.stderr.readline()
            time.sleep(3)  # three more tries
            assert started.poll() is None
        finally:
            started.terminate()
        rest = started.stderr.read()
    assert first.endswith("app.jobs worker.waits error=ConnectionError\n")
    assert rest == ""


def test_without_a_queue_no_worker_pretends_to_work(world: World) -> None:
    environ = world.app.config["ENVIRON"] | {"REDIS_URL": ""}
    done = subprocess.run(COMMAND, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "set REDIS_URL, or run flask sweep each minute" in done.stderr
    assert "Traceback" not in done.stderr
