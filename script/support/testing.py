"""script/test: pytest, with a real PostgreSQL, Valkey and Chromium for those tests that ask; all of it gone afterwards."""

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from script.support import chromium, processes, valkey
from script.support.broker import VARIABLE, Broker, Started, found
from script.support.postgres import PostgresCluster
from script.support.settings import ROOT

# A developer's own settings must not change what the tests see.
_APP_SETTINGS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "GATEWAYS", "SMTP_URL", "FLASK_APP")
_APP_PREFIXES = ("STRIPE_", "RAZORPAY_", "MPESA_", "KIKAO_", "SANDBOX_")
_OWN = ("KIKAO_SHOTS", "KIKAO_SCREENS")  # where tests keep their pictures: the tests' own
_WHOLE = ("--engine=both", "--all-rounds", "-o", "faulthandler_timeout=3600")  # a whole proof takes its time
_MEMORY = "/dev/shm"  # noqa: S108  (only private directories are made in it)
_ROOM_NEEDED = 3 << 30


def main() -> int:
    """Pytest's exit code."""
    os.chdir(ROOT)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    processes.adopt_orphans()
    try:
        with contextlib.ExitStack() as stack:
            stack.callback(_say_cost)
            stack.callback(processes.stop_orphans)
            _work_in_memory(stack)
            broker = stack.enter_context(Broker({"postgresql": _database, "valkey": _queue, "chromium": _browser}))
            code = _pytest(arguments(sys.argv[1:]), broker)
            print("Tested with " + "; ".join(["SQLite", *(each.words for each in broker.started.values())]) + ".")
            return code
    except KeyboardInterrupt:
        print("Interrupted.", flush=True)
        return 130
    except RuntimeError as error:
        print(f"script/test: {error}", file=sys.stderr)
        return 1


def _interrupt(number: int, _: object) -> None:
    raise KeyboardInterrupt(number)


def _say_cost() -> None:
    """What all of it took, the servers' and the browsers' part included: they have ended and been waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"CPU: {sum(each.ru_utime + each.ru_stime for each in used):,.0f} s in all.", flush=True)


def _work_in_memory(stack: contextlib.ExitStack) -> None:
    """Databases and files of tests are thrown away anyhow: where the machine keeps files in memory, they are there."""
    with contextlib.suppress(OSError):
        if "TMPDIR" not in os.environ and _is_fit(_MEMORY):
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="kikao-", dir=_MEMORY))
            Path(directory).chmod(0o711)  # PostgreSQL runs as a user of its own
            os.environ["TMPDIR"] = tempfile.tempdir = directory


def _is_fit(place: str) -> bool:
    """Whether there is room for the tests' files, and programs may be run from there."""
    return shutil.disk_usage(place).free > _ROOM_NEEDED and not os.statvfs(place).f_flag & os.ST_NOEXEC


def arguments(given: Sequence[str]) -> list[str]:
    """Pytest's arguments: `--all` stands for both engines and all rounds; with it or without, as many workers as help."""
    told = [part for word in given for part in (_WHOLE if word == "--all" else (word,))]
    return ["-rsfE", *parallel(told), *told]


def parallel(given: Sequence[str]) -> list[str]:
    """Options for xdist; none for a file or two, which workers would only delay, nor when the caller debugs or chose."""
    if any(word == "--pdb" or word.startswith(("-n", "--numprocesses")) for word in given):
        return []
    places = [word.partition("::")[0] for word in given if word.partition("::")[0].startswith("tests/")]
    if 0 < len(places) <= 2 and all(place.endswith(".py") for place in places):
        return ["-n", "0"]
    # As many as there are cores: one more fills the time that tests wait, and makes all of them dearer. Worksteal gets
    # over a worker that dies; loadgroup and loadscope wait for ever then (xdist 3.8).
    return ["-n", str(max(2, min(8, os.cpu_count() or 1))), "--dist", "worksteal"]


def environment(servers: Path) -> dict[str, str]:
    """The environment of the tests: the caller's, less what would change the application."""
    kept = {name: value for name, value in os.environ.items() if not _is_app_setting(name)}
    return kept | {VARIABLE: str(servers)}


def _is_app_setting(name: str) -> bool:
    return name in _APP_SETTINGS or (name.startswith(_APP_PREFIXES) and name not in _OWN)


def _pytest(given: Sequence[str], broker: Broker) -> int:
    """Runs pytest in our own process group, so that Ctrl-C reaches it and a debugger has the terminal."""
    command = [sys.executable, "-m", "pytest", *given]
    process = subprocess.Popen(command, env=environment(broker.address), preexec_fn=processes.tether())  # noqa: PLW1509  (no threads)
    try:
        code = broker.serve(process)
        _name_leftovers(broker)
        return code
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


def _name_leftovers(broker: Broker) -> None:
    """Programs that tests left running are ended, and named so that somebody mends the test."""
    for line in processes.stop_orphans(spare=broker.processes):
        print(f"Left running by a test, ended now: {line[:160]}", flush=True)


# ------------------------------------------------------------------------------------------------ what tests may ask for


def _browser() -> AbstractContextManager[Started]:
    program = chromium.program()
    return found(program, f"Chromium ({program})")


@contextlib.contextmanager
def _database() -> Iterator[Started]:
    """A PostgreSQL on which databases may be created."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Started(given, "the PostgreSQL of TEST_DATABASE_URL")
        return
    with PostgresCluster() as cluster:
        yield Started(cluster.url, cluster.version)


@contextlib.contextmanager
def _queue() -> Iterator[Started]:
    """A Redis that tests may empty. Never REDIS_URL: that one may hold real jobs."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield Started(given, "the Redis of TEST_REDIS_URL")
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
            yield Started(valkey.url(address), f"{server.name} of our own")
        finally:
            processes.stop(process)


def _await_queue(process: "subprocess.Popen[bytes]", address: Path) -> None:
    deadline = time.monotonic() + 30
    while not valkey.answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("Valkey did not start")
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
