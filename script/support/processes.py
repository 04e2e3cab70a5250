"""Starting and stopping other programs so that none outlives us."""

import contextlib
import ctypes
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence, Set
from pathlib import Path
from typing import Any

_BESIDE_IPV6 = ("127.0.0.1", "0.0.0.0")  # noqa: S104  (compared, not bound); where localhost may also be another program's [::1]
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tether() -> Callable[[], None]:
    """For `preexec_fn`: the child is told to stop when we die, even by kill -9 (Linux; elsewhere nothing)."""
    parent = os.getpid()

    def bind() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # we died before the tether was tied
                os._exit(1)

    return bind


def adopt_orphans() -> None:
    """Grandchildren whose parent died become our children, so that `stop_orphans` finds them (Linux)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def start(command: Sequence[str | Path], **options: Any) -> "subprocess.Popen[bytes]":
    """A child in its own process group, tethered to us."""
    return subprocess.Popen(command, start_new_session=True, preexec_fn=tether(), **options)  # noqa: PLW1509  (no threads here)


def stop(process: "subprocess.Popen[bytes]", grace: float = 5.0, ask: signal.Signals = signal.SIGTERM) -> None:
    """Asks the child to stop, waits, then kills whatever is left of its group."""
    if process.poll() is None:
        process.send_signal(ask)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    kill_group(process)
    process.wait()


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Ends every process of the child's group, those that survived it included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def stop_orphans(grace: float = 2.0, spare: Set[int] = frozenset()) -> list[str]:
    """Ends children left to us by others and gives their command lines (Linux); those about to end may do so first."""
    _await_end(1.0, spare)
    left = {pid: _command_line(pid) for pid in children() - spare}
    for pid in left:
        _signal(pid, signal.SIGTERM)
    _await_end(grace, spare)
    for pid in children() - spare:
        _signal(pid, signal.SIGKILL)
    _await_end(1.0, spare)
    return [line for line in left.values() if line]


def children() -> set[int]:
    """Our children, adopted ones included (Linux)."""
    file = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(pid) for pid in file.read_text().split()} if file.exists() else set()


def family(pid: int) -> list[int]:
    """The process and all below it (Linux)."""
    young = [int(word) for file in Path(f"/proc/{pid}/task").glob("*/children") for word in file.read_text().split()]
    return [pid, *(each for child in young for each in family(child))]


def cpu_seconds(pid: int) -> float:
    """What a process and all below it have used, those they have waited for included (Linux; elsewhere 0)."""
    try:
        # The second field is a name in brackets, which may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        below = Path(f"/proc/{pid}/task").glob("*/children")
        young = [int(child) for file in below for child in file.read_text().split()]
    except OSError:
        return 0.0
    ticks = sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(child) for child in young)


def _await_end(seconds: float, spare: Set[int]) -> None:
    """Waits for all children but the spared; asks for each by its id, because the spared have owners who will ask."""
    deadline = time.monotonic() + seconds
    while True:
        for pid in children() - spare:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if not children() - spare or time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _command_line(pid: int) -> str:
    """What a process runs; empty for one that has ended already."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def short_directory() -> str:
    """A temporary directory whose name leaves room for a unix socket's, and which other users may enter."""
    usual = tempfile.gettempdir()
    common = "/tmp"  # noqa: S108  (only private directories are made in it)
    is_short = len(usual) <= 60 and (os.geteuid() != 0 or _others_may_enter(Path(usual)))
    return usual if is_short or not os.path.isdir(common) else common


def _others_may_enter(directory: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (directory, *directory.parents))


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now, and would be the one that browsers find at localhost."""
    return _can_listen(host, port) and not (host in _BESIDE_IPV6 and _answers("::1", port))


def _can_listen(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), 0.2).close()
    except OSError:
        return False
    return True


def next_free(host: str, port: int, *, taken: Sequence[int] = ()) -> int:
    """The first free port from `port` on, other than those already given away."""
    for candidate in range(port, min(port + 200, 65536)):
        if candidate not in taken and is_free(host, candidate):
            return candidate
    raise RuntimeError(f"no free port between {port} and {port + 199}")
