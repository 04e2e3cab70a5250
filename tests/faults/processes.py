"""Processes of Kikao's own, on the test's database and gateways, that can be killed anywhere."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.extensions import queue
from tests.faults import child
from tests.faults.database import locked
from tests.support.at_once import Meanwhile
from tests.support.callbacks import Row, post
from tests.support.deals import Deal
from tests.support.gateways import BY_CODE
from tests.support.offspring import Offspring
from tests.support.world import Caller, World


def process_environment(world: World, **changes: str) -> dict[str, str]:
    """What a process needs to be one more of this installation."""
    return dict(os.environ | world.app.config["ENVIRON"] | changes)


def send_in_a_process(world: World, caller: Caller, path: str, body: Any, **plan: Any) -> Offspring:
    """A web process of its own that POSTs to the API as the caller, or `form` to a page; for the rest see child.py."""
    headers = {"Authorization": f"Bearer {caller.token}", "Idempotency-Key": plan.pop("key", "k-1")}
    told = {"path": path if "form" in plan else f"/api/v1{path}", "body": body, "headers": headers} | plan
    return Offspring(process_environment(world), child.send, told)


def start_worker(world: World, redis_url: str, **changes: str) -> Offspring:
    """An RQ worker in a process of its own."""
    environment = process_environment(world, REDIS_URL=redis_url, **changes)
    return Offspring(environment, child.work)


def die_in(process: Offspring) -> None:
    """The process has killed itself where it was told to, and had nothing to say before."""
    assert process.end() == (-signal.SIGKILL, [])


def kill(process: Offspring) -> None:
    """kill -9, in the middle of whatever it does."""
    process.send_signal(signal.SIGKILL)
    die_in(process)


class Child:
    """Kikao in a process of its own, with the test's clock."""

    def __init__(self, world: World, part: Callable[..., None], **changes: str) -> None:
        self._process, self._killed = Offspring(process_environment(world, **changes), part, world._offset), False
        self.url = f"http://127.0.0.1:{self._process.hear()}"

    def taken(self) -> None:
        """It has begun to work."""
        assert self._process.hear() == "taken"

    def kill(self) -> None:
        """kill -9; may be called twice."""
        if not self._killed:
            self._process.send_signal(signal.SIGKILL)
            self._process.end()
        self._killed = True


@contextmanager
def web_process(world: World, **changes: str) -> Iterator[Child]:
    """A web server that does not outlive its test."""
    made = Child(world, child.web, **changes)
    try:
        yield made
    finally:
        made.kill()


@contextmanager
def sweeping_process(world: World) -> Iterator[Child]:
    """One sweep that does not outlive its test."""
    made = Child(world, child.sweep)
    try:
        yield made
    finally:
        made.kill()


def killed_before_the_queue(world: World, ask: Callable[[str], object]) -> None:
    """A web process did what `ask(its address)` asks of it and was killed -9 after the commit, with nothing enqueued."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        redis = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        with web_process(world, REDIS_URL=redis) as web:
            asking = Meanwhile(lambda: ask(web.url))
            with deaf.accept()[0]:
                web.kill()
            asking.result()


def killed_while_blocked(world: World, row: Row, table: str) -> None:
    """A web process has taken the callback and was killed -9 where it writes `table`; nobody got an answer."""
    with web_process(world) as web, locked(world, table) as lock:
        telling = Meanwhile(lambda: post(world, row, url=web.url))
        web.taken()
        world.until(lambda: lock.is_waited_for(elsewhere=True))
        web.kill()
        assert telling.result() == 0


def killed_in_a_look_up(world: World, one: Deal, redis_url: str) -> None:
    """A worker asked the gateway about the attempt and was killed before it heard the answer."""
    world.faults(gateway=one.gateway, route=BY_CODE[one.gateway].look_up, fault="timeout", seconds=8)
    one.is_due()
    with world.app.app_context():
        assert queue.enqueue("app.jobs.payments.look_up", str(one.attempt().id))
    worker = start_worker(world, redis_url)
    world.until(lambda: not world.sandbox.sandbox.faults.listed())
    kill(worker)
