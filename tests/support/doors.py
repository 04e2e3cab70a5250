"""A real web server in processes of its own, as script/server starts it, and clients that behave as they like."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

from config import ROOT
from script.support import processes
from script.support.serve import web_command
from script.support.settings import Place

_PATIENCE = 120  # seconds; a machine that does much else is slow


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)


class Door:
    """Where a web server listens."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.port = port
        self.process = process

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The answer to a request on a connection of its own; headers as X_Name."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)) as connection:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named, encode_chunked=named.get("Transfer-Encoding") == "chunked")
            with connection.getresponse() as answer:
                return Answer(answer.status, answer.headers, answer.read())

    def told(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Any:
        """What was answered, as JSON."""
        return self.ask(method, path, body, **headers).json

    def connect(self, sent: bytes = b"") -> socket.socket:
        """A connection on which just this has been sent."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE)
        made.sendall(sent)
        return made

    def hear(self, sent: bytes) -> bytes:
        """Everything that comes back for just this, until the server closes."""
        return heard(self.connect(sent))

    def seconds(self, path: str) -> float:
        """How long the answer, which must be 200, took."""
        began = time.monotonic()
        assert self.ask("GET", path).status == 200
        return time.monotonic() - began


def heard(connection: socket.socket) -> bytes:
    """Everything that still comes, until the server closes."""
    parts = []
    with connection:
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def until(true: Any) -> None:
    """It has come true, or the test fails."""
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


@contextmanager
def serving(directory: Path, environment: Mapping[str, str], target: str = "asgi:front") -> Iterator[Door]:
    """A server that does not outlive its test."""
    port = processes.next_free("127.0.0.1", 20_000 + os.getpid() % 20_000)
    place = Place(directory, "127.0.0.1", port, 0, 0, production=False)
    command = [target if part == "asgi:front" else part for part in web_command(place, dict(environment))]
    with ExitStack() as stack:
        process = processes.start(command, env=dict(environment), cwd=ROOT, stdin=subprocess.DEVNULL)
        stack.callback(processes.stop, process)
        door = Door(port, process)
        until(lambda: is_up(door))
        yield door


def is_up(door: Door) -> bool:
    """Whether somebody answers."""
    assert door.process.poll() is None, "it has ended"
    try:
        return door.ask("GET", "/healthz").status == 200
    except OSError:
        return False
