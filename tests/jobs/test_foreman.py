"""`flask worker`: its child is lost, hangs, is stopped or begun anew, and every job but the one it was at is done."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from rq import Worker
from rq.job import Job

from app.lib.queue import NAME, open_queue
from config import ROOT
from script.support import processes
from tests.support.workers import COMMAND, nobody, process, waiting
from tests.support.world import World

NOTHING = ("app.jobs.notices.deliver", 4711)  # there is no such message
FILES = ("app", "config.py", "migrations", "wsgi.py")


@contextmanager
def silence() -> Iterator[socket.socket]:
    """A mail server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        yield listener


def child(parent: "subprocess.Popen[bytes]") -> int:
    """The process that does the jobs."""
    found = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    return int(found[0]) if found else 0


@contextmanager
def at_a_job(
    world: World, redis: Redis, redis_url: str, seconds: int = 600
) -> Iterator[tuple["subprocess.Popen[bytes]", int, socket.socket]]:
    """A worker in the middle of a job that waits for a mail server, with another behind it; and the child that is at it."""
    world.booked(world.person(), world.service(world.practitioner()))
    jobs = open_queue(redis).get_jobs()
    redis.flushdb()
    mail = next(job for job in jobs if job.func_name == NOTHING[0])
    open_queue(redis).enqueue(NOTHING[0], *mail.args, job_timeout=seconds)
    open_queue(redis).enqueue(*NOTHING)
    with silence() as server:
        url = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        with process(world, redis_url, SMTP_URL=url) as parent:
            connection, _ = server.accept()
            yield parent, child(parent), connection
            connection.close()


def is_empty(redis: Redis) -> bool:
    """Whether no job waits but what the clock asks for."""
    return waiting(redis)[NOTHING[0]] == 0


def is_alive(pid: int) -> bool:
    """Whether the process is there, and no mere entry for its parent to read."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_job_that_crashes_takes_only_itself_along(world: World, redis: Redis, redis_url: str) -> None:
    with at_a_job(world, redis, redis_url) as (parent, at_work, _):
        os.kill(at_work, signal.SIGKILL)
        world.until(lambda: is_empty(redis))
        assert parent.poll() is None
        assert child(parent) not in (0, at_work)


def test_a_job_that_hangs_beyond_its_time_is_ended_and_the_next_is_done(
    world: World, redis: Redis, redis_url: str
) -> None:
    """Stopped by the kernel it hears of nothing, as one that hangs in a library of C."""
    with at_a_job(world, redis, redis_url, seconds=1) as (parent, at_work, _):
        os.kill(at_work, signal.SIGSTOP)
        world.until(lambda: is_empty(redis))
        assert parent.poll() is None
        assert not is_alive(at_work)


def test_who_is_asked_to_stop_ends_the_job_it_is_at_and_begins_no_other(
    world: World, redis: Redis, redis_url: str
) -> None:
    with at_a_job(world, redis, redis_url) as (parent, at_work, connection):
        parent.terminate()
        time.sleep(0.5)
        assert is_alive(at_work)
        connection.close()  # the job goes on: its message could not be sent
        assert parent.wait(60) == 0
        assert not is_alive(at_work)
        assert waiting(redis)[NOTHING[0]] == 1


def test_asked_a_second_time_it_waits_for_no_job(world: World, redis: Redis, redis_url: str) -> None:
    with at_a_job(world, redis, redis_url) as (parent, at_work, _):
        parent.terminate()
        time.sleep(1.5)
        assert parent.poll() is None
        parent.terminate()
        assert parent.wait(20) == 0
        assert not is_alive(at_work)


def test_no_child_goes_on_without_its_parent(world: World, redis: Redis, redis_url: str) -> None:
    """Two would do jobs where one is counted, and nobody would stop it."""
    with at_a_job(world, redis, redis_url) as (parent, at_work, connection):
        parent.kill()
        parent.wait()
        connection.close()
        world.until(lambda: not is_alive(at_work))
        assert waiting(redis)[NOTHING[0]] == 1


def test_nor_does_one_whose_parent_ended_while_it_was_loading(world: World, redis: Redis, redis_url: str) -> None:
    """Whoever it then belongs to is not its parent."""
    with at_a_job(world, redis, redis_url) as (parent, at_work, _):
        os.kill(at_work, signal.SIGKILL)
        world.until(lambda: child(parent) not in (0, at_work))
        successor = child(parent)
        parent.kill()
        parent.wait()
        world.until(lambda: not is_alive(successor))
        assert waiting(redis)[NOTHING[0]] == 1


def test_begun_anew_the_same_process_has_the_code_that_is_there_now(
    world: World, redis: Redis, redis_url: str, tmp_path: Path
) -> None:
    for name in FILES:
        copy: Callable[..., object] = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    environ = os.environ | world.app.config["ENVIRON"] | {"REDIS_URL": redis_url, "PYTHONPATH": ""}
    worker = processes.start(COMMAND, cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL)
    try:
        world.until(lambda: bool(Worker.all(connection=redis)))
        first = child(worker)
        with (tmp_path / "wsgi.py").open("a") as file:
            file.write('\nimport pathlib\npathlib.Path("new").touch()\n')
        worker.send_signal(signal.SIGHUP)
        world.until((tmp_path / "new").exists)
        open_queue(redis).enqueue(*NOTHING)
        world.until(lambda: is_empty(redis))
        assert worker.poll() is None
        assert not is_alive(first)
    finally:
        processes.stop(worker)


def test_what_waited_is_put_into_the_queue_and_the_sweep_is_asked_for(
    world: World, redis: Redis, redis_url: str
) -> None:
    """There is no clock beside the worker."""
    job: Job = open_queue(redis).enqueue(*NOTHING)
    redis.lrem(f"rq:queue:{NAME}", 0, job.id)
    redis.zadd(f"rq:scheduled:{NAME}", {job.id: 1})
    with process(world, redis_url):
        world.until(lambda: not redis.zcard(f"rq:scheduled:{NAME}") and is_empty(redis))
        world.until(lambda: any(key.startswith(b"rq:job:sweep-") for key in redis.scan_iter()))


def test_readyz_says_that_no_worker_is_at_work_and_that_nothing_expires(
    world: World, redis: Redis, redis_url: str
) -> None:
    http = world.app.test_client()
    answer = http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["worker"] == "none is at work: messages wait, and nothing expires. Run flask worker"
    assert answer.json["sweeps"].endswith("is flask worker running?")
    with process(world, redis_url):
        world.until(lambda: (http.get("/readyz").json["worker"], http.get("/readyz").json["sweeps"]) == ("ok", "ok"))


def test_a_worker_without_a_queue_server_waits_for_it_and_stops_when_told(world: World) -> None:
    with process(world, f"redis://127.0.0.1:{nobody()}/0") as worker:
        world.until(lambda: child(worker) != 0)
        worker.terminate()
        assert worker.wait(30) == 0


@pytest.mark.parametrize(("least", "says"), [("1", "ok"), ("999999999", "MB are left in ")])
def test_readyz_says_when_the_disk_is_nearly_full(world: World, least: str, says: str) -> None:
    from app import create_app

    app = create_app(world.app.config["ENVIRON"] | {"KIKAO_LEAST_DISK_MB": least})
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert says in answer.json["disk"]
