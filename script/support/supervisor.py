"""Keeps a handful of processes running: passes their output through, restarts those that die, stops them all.

One thread and one loop: everything a child writes, every signal and every death wakes the same `select`.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from script.support import processes

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_HEALTHY = 30.0
_TICK = 0.1


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


@dataclass
class Output:
    """The reading end of a child's output: shown line by line under a label, or kept for later."""

    label: str | None
    kept: bytearray = field(default_factory=bytearray)
    rest: bytes = b""

    def take(self, data: bytes) -> None:
        """Shows whole lines; at the end, what is left of the last."""
        if self.label is None:
            self.kept += data
            return
        *lines, self.rest = (self.rest + data).split(b"\n")
        if not data and self.rest:
            lines.append(self.rest)
        for line in lines:
            say(f"{self.label:<8}| {line.decode(errors='replace')}")


@dataclass
class Service:
    """One program to keep alive."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)  # for Popen
    last: bool = False  # stopped after the others, because they need it until their end
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    wait: float = _FIRST_WAIT / 2
    due: float = 0.0

    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Sends SIGTERM to a process that still runs."""
        if self.process is not None:
            self.process.terminate()

    def end(self) -> None:
        """Kills what is left of it, its own children included."""
        if self.process is not None:
            processes.stop(self.process, grace=0)
            self.process = None


class Supervisor:
    """The services, in the order they were started."""

    def __init__(self) -> None:
        self.services: list[Service] = []
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._wake, write = os.pipe()
        for end in (self._wake, write):
            os.set_blocking(end, False)
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a death wakes the loop

    def _on_signal(self, *_: object) -> None:
        self._stopping = True

    def add(self, service: Service) -> None:
        """Starts the service and keeps it running from now on."""
        self.services.append(service)
        self._launch(service)

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, quiet: bool = True) -> str:
        """Runs a command to its end, and answers what it said; a quiet one is heard only when it fails."""
        output = Output(None if quiet else name)
        process, pipe = self._start(command, environment, output)
        try:
            self.until(lambda: process.poll() is not None)
        finally:
            processes.stop(process)
        while self._read(pipe, output):
            pass
        if process.returncode:
            say(output.kept.decode(errors="replace").rstrip())
            raise RuntimeError(f"`{name}` failed ({reason(process.returncode)})")
        return output.kept.decode(errors="replace")

    def until(self, finished: Callable[[], bool], seconds: float = float("inf")) -> bool:
        """Keeps everything going until `finished`; False when the time ran out first, Stopped when asked to stop."""
        deadline = time.monotonic() + seconds
        while not finished():
            if self._stopping:
                raise Stopped
            if time.monotonic() > deadline:
                return False
            self._turn()
            for service in self.services:
                self._look_after(service)
        return True

    def stop(self, grace: float = 6.0) -> None:
        """Ends everything: those that serve the others last. A second Ctrl-C kills what is left at once."""
        self._stopping = False
        for last in (False, True):
            wave = [service for service in self.services if service.last is last]
            for service in wave:
                service.ask_to_stop()
            deadline = time.monotonic() + grace
            while any(s.alive() for s in wave) and time.monotonic() < deadline and not self._stopping:
                self._turn()
            for service in wave:
                service.end()

    def _launch(self, service: Service) -> None:
        service.started = time.monotonic()
        service.process, _ = self._start(service.command, service.environment, Output(service.name), service.options)

    def _start(
        self, command: Sequence[str], environment: Mapping[str, str], output: Output, options: Mapping[str, Any] = {}
    ) -> tuple["subprocess.Popen[bytes]", int]:
        read, write = os.pipe()
        os.set_blocking(read, False)
        try:
            process = processes.start(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=write, stderr=write, **options
            )
        finally:
            os.close(write)
        self._selector.register(read, selectors.EVENT_READ, output)
        return process, read

    def _turn(self) -> None:
        """Waits a moment for news and passes it on."""
        for key, _ in self._selector.select(_TICK):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4096)
            else:
                self._read(key.fd, key.data)

    def _read(self, pipe: int, output: Output) -> bool:
        """Passes on what is there; False when there is nothing more for now, or for ever."""
        if pipe not in self._selector.get_map():
            return False
        try:
            data = os.read(pipe, 65536)
        except BlockingIOError:
            return False
        output.take(data)
        if not data:
            self._selector.unregister(pipe)
            os.close(pipe)
        return bool(data)

    def _look_after(self, service: Service) -> None:
        """Restarts a dead service once its back-off is over."""
        now = time.monotonic()
        if service.process is None:
            if now >= service.due:
                self._launch(service)
        elif (code := service.process.poll()) is not None:
            service.end()  # its own children may still hold ports or files
            service.wait = _FIRST_WAIT if now - service.started > _HEALTHY else min(service.wait * 2, _LONGEST_WAIT)
            service.due = now + service.wait
            say(f"{service.name} ended ({reason(code)}); starting it again in {service.wait:g} s")


def reason(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def say(line: str) -> None:
    """Prints at once; a reader that went away must not stop the service."""
    with contextlib.suppress(BrokenPipeError, ValueError):
        print(line, flush=True)
