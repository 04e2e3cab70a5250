"""What a job costs that does nothing: the CPU time of `flask worker` and its child for many, less that for one."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from redis import Redis

from app.lib.queue import connection, open_queue
from script.support import processes, valkey
from script.support.serve import worker_command

LIMIT = 50  # jobs that a core does in a second, at the least
_NOTHING = ("app.jobs.notices.deliver", 4711)  # there is no such message


def main() -> int:
    """The exit code: 0 when a core does at least as many as the limit says."""
    parser = argparse.ArgumentParser(prog="script/bench jobs", description=__doc__)
    parser.add_argument("--jobs", type=int, default=500, help="default 500")
    jobs = parser.parse_args().jobs
    server = valkey.find_server()
    if server is None:
        raise SystemExit("this needs Valkey or Redis")
    with tempfile.TemporaryDirectory(prefix="kikao-j-", dir=processes.short_directory()) as place:
        directory = Path(place)
        address = valkey.socket_path(directory)
        queue = processes.start(valkey.command(server, directory, address, durable=False))
        try:
            while not valkey.answers(address):
                pass
            environ = _environ(directory, valkey.url(address))
            subprocess.run([sys.executable, "-m", "flask", "db", "upgrade"], env=environ, check=True)
            redis = connection(valkey.url(address))
            each = (_cost(redis, jobs + 1, environ) - _cost(redis, 1, environ)) / jobs
        finally:
            processes.stop(queue)
    print(f"jobs: {each * 1000:.1f} ms of CPU each, {1 / each:.0f} a second on a core (at least {LIMIT})")
    return int(1 / each < LIMIT)


def _cost(redis: Redis, jobs: int, environ: dict[str, str]) -> float:
    """Return the seconds of CPU in which a worker does so many jobs."""
    for _ in range(jobs):
        open_queue(redis).enqueue(*_NOTHING, result_ttl=0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*worker_command(), "--burst"], env=environ, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _environ(directory: Path, redis_url: str) -> dict[str, str]:
    root = str(Path(__file__).resolve().parent.parent)
    database = f"sqlite:///{directory / 'jobs.db'}"
    return os.environ | {"PYTHONPATH": root, "FLASK_APP": "wsgi:app", "DATABASE_URL": database, "REDIS_URL": redis_url}


if __name__ == "__main__":
    sys.exit(main())
