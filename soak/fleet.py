"""The processes of one Kikao: started, killed without warning, found out at which vendor's door they stand, started again."""

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from script.support import processes

_ESTABLISHED = "01"


@dataclass
class Part:
    """One program of the fleet, in a process group of its own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    ended: int = 0  # how often it ended without having been killed by us

    def pids(self) -> list[int]:
        """Its process and those that it started."""
        return [pid for pid, group in _groups() if self.process is not None and group == self.process.pid]


@dataclass
class Fleet:
    """All parts. Start and restart them from one thread only: the kernel ends a child with the thread that made it."""

    logs: Path
    parts: dict[str, Part] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)  # not started again for now

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """The part runs."""
        self.parts[name] = Part(name, command, environment)
        self._start(self.parts[name])

    def kill(self, name: str) -> None:
        """The part and all it started are gone at once, as when the power fails; `tend` starts it again."""
        part = self.parts[name]
        if part.process is not None:
            processes.kill_group(part.process)
            part.process.wait()
            part.process = None

    def kill_one(self, name: str, chance: random.Random) -> None:
        """One of the part's own workers is gone; its master starts another."""
        part = self.parts[name]
        if below := [pid for pid in part.pids() if part.process is not None and pid != part.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(below), signal.SIGKILL)
        else:
            self.kill(name)

    def tend(self) -> None:
        """Whatever does not run is started again, unless it is meant to be absent."""
        for part in self.parts.values():
            if part.process is not None and part.process.poll() is not None:
                part.ended += 1
                processes.kill_group(part.process)
                part.process = None
            if part.process is None and part.name not in self.absent:
                self._start(part)

    def stop(self, names: Sequence[str] = ()) -> None:
        """These parts, or all, are asked to end; the last started first."""
        for part in reversed([self.parts[name] for name in names or self.parts]):
            if part.process is not None:
                processes.stop(part.process)
                part.process = None

    def standing_at(self, port: int) -> list[str]:
        """The parts that wait for an answer from a local server (Linux)."""
        sockets = set(_calls_to(port))
        return [part.name for part in self.parts.values() if any(sockets & set(_sockets(pid)) for pid in part.pids())]

    def _start(self, part: Part) -> None:
        with open(self.logs / f"{part.name}.log", "ab") as log:
            part.process = processes.start(
                part.command, env=part.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


def eventually(true: Callable[[], bool], seconds: float, gap: float = 0.02) -> bool:
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(gap)
    return True


def _groups() -> Iterator[tuple[int, int]]:
    """Every process of this machine and its group."""
    for directory in Path("/proc").iterdir():
        if directory.name.isdecimal():
            try:
                pid = int(directory.name)
                yield pid, os.getpgid(pid)
            except ProcessLookupError:
                continue


def _calls_to(port: int) -> Iterator[str]:
    """The sockets of this machine that are connected to a local server's port."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, _, remote, state, *rest = line.split()
        if state == _ESTABLISHED and int(remote.rpartition(":")[2], 16) == port:
            yield rest[5]


def _sockets(pid: int) -> Iterator[str]:
    """The sockets a process holds."""
    try:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            target = os.readlink(handle)
            if target.startswith("socket:"):
                yield target[8:-1]
    except OSError:
        return
