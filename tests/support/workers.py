"""Workers as tests have them: in this process until nothing is left to do, or in one of their own, as operators start them."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from redis import Redis
from rq.registry import FailedJobRegistry

from app.jobs.worker import Worker
from app.lib.queue import NAME, open_queue
from config import ROOT
from script.support import processes
from tests.support.world import Caller, World

COMMAND = [sys.executable, "-m", "flask", "--app", "wsgi:app", "worker"]


@contextmanager
def own_signals() -> Iterator[None]:
    """RQ's workers take the process's signals; afterwards they are as before."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def work_off(app: Flask, redis: Redis) -> None:
    """A worker does everything that is in the queue, however it ends, and stops."""
    with own_signals(), app.app_context():
        Worker(redis).work(burst=True, logging_level="CRITICAL")


def work(app: Flask, redis: Redis) -> None:
    """A worker does everything that is in the queue, and none of it fails."""
    work_off(app, redis)
    failed = FailedJobRegistry(NAME, connection=redis).get_job_ids()
    assert not failed, [open_queue(redis).fetch_job(key).latest_result().exc_string for key in failed]


def waiting(redis: Redis) -> Counter[str]:
    """How many jobs of each name stand in the queue."""
    return Counter(job.func_name for job in open_queue(redis).get_jobs())


@contextmanager
def process(world: World, redis_url: str, *arguments: str, **changes: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own, as it is started everywhere; it and its child are killed at the end."""
    environment = os.environ | world.app.config["ENVIRON"] | {"REDIS_URL": redis_url} | changes
    worker = processes.start([*COMMAND, *arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        yield worker
    finally:
        processes.kill_group(worker)
        worker.wait()


def nobody() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def subjects(world: World, *callers: Caller) -> list[int]:
    """How many mails each of them got."""
    return [len(world.mails(world.email(caller))) for caller in callers]
