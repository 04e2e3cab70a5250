"""PostgreSQL's own programs: found on this machine, new enough for the server, and called without a secret in sight."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from psycopg import pq

from app.lib.backups.databases import CopyFailed

_HOMES = Path("/usr/lib/postgresql")  # where Debian keeps each version's
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def find(program: str, least: int) -> str:
    """The program in the lowest version that is at least `least`, the server's. Raises CopyFailed where there is none.

    A newer one than needed says things that the server does not know, such as pg_restore 17's transaction_timeout.
    """
    versions = {path: _version(path) for path in _candidates(program)}
    if not versions:
        raise CopyFailed(f"{program} is not on this machine: install PostgreSQL's client programs, version {least}")
    fit = {path: version for path, version in versions.items() if version >= least}
    if not fit:
        newest = max(versions.values())
        raise CopyFailed(f"{program} is of PostgreSQL {newest}, older than the server's {least}: install that version")
    return min(fit, key=lambda path: fit[path])


def run(program: str, arguments: Sequence[str], conninfo: str) -> None:
    """The program has ended well. Raises CopyFailed with the last it said."""
    done = subprocess.run(  # noqa: S603  (a program of this machine, with our own words)
        [program, *arguments],
        env=_environment(conninfo),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()[-3:]
        raise CopyFailed(f"{Path(program).name} failed: {' '.join(said)[-500:] or done.returncode}")


def _candidates(program: str) -> Iterator[str]:
    for path in _HOMES.glob(f"*/bin/{program}"):
        if os.access(path, os.X_OK):
            yield str(path)
    if found := shutil.which(program):
        yield found


def _version(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = _VERSION.search(said)
    return int(found[1]) if found else 0


def _environment(conninfo: str) -> dict[str, str]:
    """Ours, with the connection's parameters under the names that libpq reads; other connections' are left out."""
    parameters = pq.Conninfo.parse(conninfo.encode())
    names = {each.envvar.decode() for each in parameters if each.envvar}
    ours = {name: value for name, value in os.environ.items() if name not in names}
    told = {each.envvar.decode(): each.val.decode() for each in parameters if each.envvar and each.val is not None}
    return {**ours, **told, "LC_ALL": "C"}
