"""script/server: sets the stage, then keeps the web, the workers, the queue and the sandbox running."""

import argparse
import fcntl
import os
import socket
import sys
import time
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from script.support import valkey
from script.support.settings import (
    ROOT,
    Place,
    app_environment,
    find_place,
    instance_directory,
    remember,
    said_of_the_demo,
    sandbox_environment,
)
from script.support.supervisor import Service, Stopped, Supervisor, say

_PYTHON = sys.executable
_ABOUT = """Runs all of Kikao on this machine until Ctrl-C. Set in the environment what should differ:
HOST, PORT, PUBLIC_URL, DATABASE_URL, REDIS_URL, SECRET_KEY, STRIPE_*, RAZORPAY_*, MPESA_*, SMTP_URL,
WEB_WORKERS (2), WEB_THREADS (8), WORKERS (1), KIKAO_INSTANCE (the data directory), KIKAO_ENV (development, staging, production)."""


def main() -> int:
    """Everything runs until somebody stops it; 1 and a sentence when it cannot start."""
    options = _options()
    os.chdir(ROOT)
    supervisor = Supervisor()
    try:
        _serve(supervisor, verbose=options.verbose, empty=options.empty)
    except Stopped:
        say("Stopping ...")
    except (RuntimeError, OSError) as error:
        say(f"script/server: {error}")
        return 1
    finally:
        supervisor.stop()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/server", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="show what the servers themselves log")
    parser.add_argument(
        "--empty", action="store_true", help="no demo data: a link that opens set-up is printed instead"
    )
    return parser.parse_args()


def _serve(supervisor: Supervisor, *, verbose: bool, empty: bool) -> None:
    began = time.monotonic()
    instance = instance_directory(os.environ)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _claim(instance):  # released by the kernel when we end, however we end
        place = find_place(os.environ)
        sandbox = sandbox_environment(place, os.environ)
        demo = not (place.production or empty)
        environment = app_environment(place, os.environ) | sandbox
        environment |= said_of_the_demo(place, sandbox=bool(sandbox), demo=demo)
        if sandbox:
            supervisor.add(_sandbox(place, environment))
        environment |= _start_queue(supervisor, place, environment)
        remember(place.instance, environment)
        link = _prepare_data(supervisor, environment, demo=demo, verbose=verbose)
        supervisor.add(Service("web", web_command(place, environment, verbose=verbose), environment))
        # The web alone first, so that people wait less; jobs can wait in the queue.
        answered = supervisor.until(lambda: ready(place.address), seconds=60)
        for service in _background(environment, verbose=verbose):
            supervisor.add(service)
        if not answered:
            _insist(supervisor, place)
        say("\n" + "\n".join(_block(place, environment, sandbox=bool(sandbox), demo=demo, link=link)))
        say(f"  Ready after {time.monotonic() - began:.1f} s. Ctrl-C stops everything.\n")
        supervisor.until(lambda: False)


def _claim(instance: Path) -> IO[str]:
    """The right to this data directory, or a sentence naming who has it."""
    lock = open(instance / "server.lock", "a+", encoding="ascii")  # noqa: SIM115  (the caller's `with` closes it)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "?"
        lock.close()
        raise RuntimeError(f"already running here (process {owner}, data in {instance})") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _sandbox(place: Place, environment: dict[str, str]) -> Service:
    command = [
        _PYTHON, "-m", "sandbox", "--host", "127.0.0.1", "--port", str(place.sandbox_port),
        "--smtp-port", str(place.smtp_port), "--data", str(place.instance / "sandbox"),
        "--app-url", environment["PUBLIC_URL"],
    ]  # fmt: skip
    return Service("sandbox", command, environment)


def _start_queue(supervisor: Supervisor, place: Place, environment: dict[str, str]) -> dict[str, str]:
    """REDIS_URL: the caller's; else that of a Valkey of our own, started here; else none."""
    if environment.get("REDIS_URL"):
        return {}
    server = valkey.find_server()
    if server is None:
        say("WARNING: no REDIS_URL, and no Valkey or Redis found: messages go out late, by a sweep every 5 s.")
        return {}
    directory = place.instance / "valkey"
    directory.mkdir(mode=0o700, exist_ok=True)
    address = valkey.socket_path(directory)
    lock = valkey.lock(directory)
    command = valkey.command(server, directory, address)
    supervisor.add(Service("valkey", command, environment, options={"pass_fds": (lock,)}, last=True))
    if not supervisor.until(lambda: valkey.answers(address), seconds=30):
        raise RuntimeError(f"{server.name} did not start within 30 s; see {directory / 'valkey.log'}")
    return {"REDIS_URL": valkey.url(address)}


def _prepare_data(supervisor: Supervisor, environment: dict[str, str], *, demo: bool, verbose: bool) -> str:
    """The tables are there, and what is to try; answers the link that opens set-up, where nobody is staff yet."""
    _run(supervisor, environment, ["db upgrade", *(["seed demo"] if demo else [])], quiet=not verbose)
    # By itself, and quiet: a secret that nothing else is written with.
    return "" if demo else _run(supervisor, environment, ["setup link --once"]).strip()


def _run(supervisor: Supervisor, environment: dict[str, str], commands: list[str], *, quiet: bool = True) -> str:
    name = " and ".join(f"flask {command}" for command in commands)
    command = [_PYTHON, "-m", "script.support.commands", *commands]
    return supervisor.run(name, command, environment, quiet=quiet)


def _background(environment: dict[str, str], *, verbose: bool) -> list[Service]:
    """Workers, who have a clock with them, or the sweeper where there is no queue."""
    if not environment.get("REDIS_URL"):
        return [Service("sweeper", [_PYTHON, "-m", "script.support.sweeper"], environment)]
    count = max(1, int(environment.get("WORKERS") or 1))
    names = ["worker"] if count == 1 else [f"worker{n}" for n in range(1, count + 1)]
    worker = worker_command(verbose=verbose)
    return [Service(name, worker, environment) for name in names]


def web_command(place: Place, environment: dict[str, str], *, verbose: bool = False) -> list[str]:
    """Granian: a few processes, each an event loop that holds connections and a few threads (WEB_THREADS) that answer."""
    return [
        _PYTHON, "-m", "granian", "asgi:front", "--interface", "asginl", "--http", "1", "--no-ws",
        "--host", place.host, "--port", str(place.port),
        "--workers", environment.get("WEB_WORKERS") or "2",
        "--backlog", "1024", "--backpressure", "4096",
        "--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536",
        "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "4",
        "--log-level", "info" if verbose else "error",
    ]  # fmt: skip


def worker_command(*, verbose: bool = False) -> list[str]:
    """One worker, as it is started everywhere."""
    return [_PYTHON, "-m", "flask", "--app", "wsgi:app", "worker", *(("--verbose",) if verbose else ())]


def _insist(supervisor: Supervisor, place: Place) -> None:
    """When /readyz was not in time: says so, and waits on."""
    say(f"WARNING: {place.address}/readyz has not answered 200 within 60 s; see the lines above. Still trying.")
    supervisor.until(lambda: ready(place.address))


def _block(place: Place, environment: dict[str, str], *, sandbox: bool, demo: bool, link: str) -> list[str]:
    lines = [f"  Kikao       {environment.get('PUBLIC_URL') or place.address}"]
    if environment.get("PUBLIC_URL") not in (None, place.address):
        lines.append(f"  listens on  {place.address}")
    if sandbox:
        base = f"http://127.0.0.1:{place.sandbox_port}"
        lines += [f"  Sandbox     {base}/", f"  Phone       {base}/phone", f"  Mailbox     {base}/mailbox"]
    if link:
        lines += [
            f"  Set up at   {link}",
            "              It makes your staff account, once, within 24 hours: keep it to yourself.",
        ]
    if demo:
        lines.append("  Sign in as  client@demo.test, practitioner@demo.test or staff@demo.test")
        lines.append("  Password    demo-demo-demo")
    return lines


def ready(address: str) -> bool:
    """Whether the app says that database, queue and migrations are as they should be."""
    parts = urlsplit(address)
    asked = f"GET /readyz HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    # By hand: Python's own client brings TLS and mail with it, and stays for as long as everything runs.
    try:
        with socket.create_connection((parts.hostname, parts.port), 1) as web, web.makefile("rb") as answer:
            web.sendall(asked.encode())
            return answer.readline().split()[1:2] == [b"200"]
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
