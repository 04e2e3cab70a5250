"""script/test: a real PostgreSQL, a real Valkey and a real Chromium, then pytest; all of it gone afterwards."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from script.support import debian, processes, valkey
from script.support.postgres import PostgresCluster
from script.support.settings import ROOT

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# A developer's own settings must not change what the tests see.
_APP_SETTINGS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "GATEWAYS", "SMTP_URL", "FLASK_APP")
_APP_PREFIXES = ("STRIPE_", "RAZORPAY_", "MPESA_", "KIKAO_", "SANDBOX_")


def main() -> int:
    """Pytest's exit code."""
    os.chdir(ROOT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    processes.adopt_orphans()
    try:
        with contextlib.ExitStack() as stack:
            stack.callback(processes.stop_orphans)
            environment, used = _prepare(stack)
            ours = processes.children()
            code = _pytest(sys.argv[1:], environment)
            _name_leftovers(ours)
            print("Tested with " + "; ".join(used) + ".", flush=True)
            return code
    except KeyboardInterrupt:
        print("Interrupted.", flush=True)
        return 130
    except RuntimeError as error:
        print(f"script/test: {error}", file=sys.stderr)
        return 1


def _interrupt(number: int, _: object) -> None:
    raise KeyboardInterrupt(number)


def _prepare(stack: contextlib.ExitStack) -> tuple[dict[str, str], list[str]]:
    """The environment for pytest, and in words what it will test with."""
    environment = {name: value for name, value in os.environ.items() if not _is_app_setting(name)}
    environment["CHROMIUM"] = chromium()
    environment["TEST_DATABASE_URL"], database = stack.enter_context(_database())
    environment["TEST_REDIS_URL"], queue = stack.enter_context(_queue())
    return environment, ["SQLite", database, queue, f"Chromium ({environment['CHROMIUM']})"]


def _is_app_setting(name: str) -> bool:
    return name in _APP_SETTINGS or name.startswith(_APP_PREFIXES)


def chromium() -> str:
    """The program of a real browser. Raises RuntimeError."""
    if given := os.environ.get("CHROMIUM"):
        return given
    for attempt in (True, False):
        for name in _CHROMIUM_NAMES:
            if found := shutil.which(name):
                return found
        if attempt and not debian.install("chromium"):
            break
    raise RuntimeError(
        "the browser tests need Chromium, and none is on PATH; install it "
        "(Debian: apt-get install chromium) or set CHROMIUM to its program"
    )


@contextlib.contextmanager
def _database() -> Iterator[tuple[str, str]]:
    """The URL of a PostgreSQL on which databases may be created, and what it is."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given, "the PostgreSQL of TEST_DATABASE_URL"
        return
    with PostgresCluster() as cluster:
        yield cluster.url, cluster.version


@contextlib.contextmanager
def _queue() -> Iterator[tuple[str, str]]:
    """The URL of a Redis that tests may empty, and what it is. Never REDIS_URL: that one may hold real jobs."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given, "the Redis of TEST_REDIS_URL"
        return
    server = valkey.find_server()
    if server is None:
        raise RuntimeError("the tests need Valkey or Redis: install redis-server, or set TEST_REDIS_URL")
    with tempfile.TemporaryDirectory(prefix="kikao-vk-", dir=processes.short_directory()) as name:
        directory = Path(name)
        address = directory / "valkey.sock"
        command = valkey.command(server, directory, address, durable=False)
        process = processes.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            _await_queue(process, address)
            yield valkey.url(address), f"{server.name} of our own"
        finally:
            processes.stop(process)


def _await_queue(process: "subprocess.Popen[bytes]", address: Path) -> None:
    deadline = time.monotonic() + 30
    while not valkey.answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("Valkey did not start")
        time.sleep(0.02)


def _pytest(arguments: Sequence[str], environment: dict[str, str]) -> int:
    """Runs pytest in our own process group, so that Ctrl-C reaches it and a debugger has the terminal."""
    command = [sys.executable, "-m", "pytest", "-rs", *parallel(arguments), *arguments]
    process = subprocess.Popen(command, env=environment, preexec_fn=processes.tether())  # noqa: PLW1509  (no threads)
    try:
        return process.wait()
    except KeyboardInterrupt as stop:
        # The terminal's Ctrl-C has reached pytest already, and a second one would spoil its farewell.
        _let_end(process, patience=10.0 if stop.args == (signal.SIGINT,) else 0.0)
        raise
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _let_end(process: "subprocess.Popen[bytes]", patience: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.send_signal(signal.SIGINT)
        process.wait(5)


def parallel(arguments: Sequence[str]) -> list[str]:
    """Options for xdist: by cores, at least two; none when the caller debugs or chose a number."""
    if any(argument == "--pdb" or argument.startswith(("-n", "--numprocesses")) for argument in arguments):
        return []
    # Twice as many as there are cores: most of a test's time is waiting for a gateway, a browser or a lock.
    return ["-n", str(max(2, min(8, 2 * (os.cpu_count() or 1)))), "--dist", "loadgroup"]


def _name_leftovers(ours: set[int]) -> None:
    """Programs that tests left running are ended, and named so that somebody mends the test."""
    for line in processes.stop_orphans(spare=ours):
        print(f"Left running by a test, ended now: {line[:160]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
