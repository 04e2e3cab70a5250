"""Servers that tests share and most runs never need: started by script/test when a test first asks for one."""

import contextlib
import os
import select
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from script.support import processes

VARIABLE = "TEST_SERVERS"
_LONGEST = 4096  # an address, or a sentence that says why there is none


@dataclass(frozen=True)
class Started:
    """A server that runs: where it answers, and in words what it is."""

    address: str
    words: str


Starter = Callable[[], AbstractContextManager[Started]]


class Broker:
    """Answers tests on a unix socket with the address of what they ask for, starting it first if need be.

    All of it happens in the thread that starts the servers: the kernel ends a tethered child with the thread it came from.
    """

    def __init__(self, starters: Mapping[str, Starter]) -> None:
        self._starters = starters
        self._running = ExitStack()
        self.started: dict[str, Started] = {}
        self.processes: set[int] = set()

    def __enter__(self) -> "Broker":
        directory = self._running.enter_context(
            tempfile.TemporaryDirectory(prefix="kikao-t-", dir=processes.short_directory())
        )
        self.address = Path(directory) / "servers.sock"
        self._door = self._running.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        self._door.bind(str(self.address))
        self._door.listen(64)
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def serve(self, process: "subprocess.Popen[bytes]") -> int:
        """Answers until the process ends; its exit code."""
        while (code := process.poll()) is None:
            if select.select([self._door], [], [], 0.2)[0]:
                connection, _ = self._door.accept()
                with connection, contextlib.suppress(OSError):  # a test that was ended meanwhile
                    connection.sendall(self._answer(connection.recv(_LONGEST).decode()).encode())
        return code

    def _answer(self, name: str) -> str:
        try:
            if name not in self.started:
                self._start(name)
        except (RuntimeError, OSError) as error:
            return f"! {error}"
        return self.started[name].address

    def _start(self, name: str) -> None:
        before = processes.children()
        self.started[name] = self._running.enter_context(self._starters[name]())
        self.processes |= processes.children() - before


def ask(name: str) -> str | None:
    """The address of a server that script/test runs for all tests, None without script/test. Raises RuntimeError."""
    door = os.environ.get(VARIABLE)
    if door is None:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(door)
        connection.sendall(name.encode())
        answer = connection.recv(_LONGEST).decode()
    if not answer or answer.startswith("! "):
        raise RuntimeError(answer.removeprefix("! ") or f"script/test ended before it could start {name}")
    return answer


@contextlib.contextmanager
def found(address: str, words: str) -> Iterator[Started]:
    """A server that runs already, or a program that needs none."""
    yield Started(address, words)
