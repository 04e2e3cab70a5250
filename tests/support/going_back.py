"""A backup and the way back to it, by the commands that an operator types; afterwards the world goes on in the restored books."""

import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from click.testing import Result
from flask import Flask
from sqlalchemy.engine import make_url

from app.extensions import db
from app.models import User
from app.services.accounts import logins
from tests.support.world import Caller, World


def type_in(app: Flask, *words: str | Path) -> Result:
    """What the operator types after `flask`."""
    return app.test_cli_runner().invoke(args=[str(word) for word in words])


def back_up(app: Flask, place: Path) -> Path:
    """The file that `flask backup` made in the directory."""
    done = type_in(app, "backup", place)
    assert done.exit_code == 0, done.output
    return Path(done.output.partition(" (")[0])


def go_back(app: Flask, file: Path, *flags: str) -> str:
    """What `flask restore --replace` says, which must succeed."""
    end = time.monotonic() + 10
    done = type_in(app, "restore", file, "--replace", *flags)
    while "stop web" in done.output and time.monotonic() < end:  # a thread that has answered has still to let go
        time.sleep(0.2)
        done = type_in(app, "restore", file, "--replace", *flags)
    assert done.exit_code == 0, f"{done.output}\n{_who_has(app)}"
    return done.output


def _who_has(app: Flask) -> str:
    """For whoever reads a failure: which processes have SQLite's file open, and what the threads of this one are at."""
    with app.app_context():
        name = str(db.engine.url.database)
    holders = {fd.parts[2] for fd in Path("/proc").glob("[0-9]*/fd/*") if str(_target(fd)).startswith(name)}
    stacks = ["".join(traceback.format_stack(frame)[-4:]) for frame in sys._current_frames().values()]
    return "\n".join([f"opened by {sorted(holders)}; this is {os.getpid()}", *stacks])


def _target(fd: Path) -> Path:
    try:
        return fd.readlink()
    except OSError:  # closed meanwhile, or somebody else's
        return Path()


def log_in_again(world: World, caller: Caller) -> Caller:
    """The person with a new token."""
    with world.app.app_context():
        token = logins.name_program(db.session.get_one(User, caller.user_id), "a test", "all", "365")
    return Caller(world.app.test_client(), caller.user_id, token)


@contextmanager
def nothing_left(app: Flask) -> Iterator[None]:
    """What was moved aside is gone afterwards, on a server that others use too."""
    yield
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        url = db.engine.url
    if url.get_backend_name() != "postgresql":
        return
    server = make_url(url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as admin:
        like = f"{url.database}\\_%"
        for (name,) in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [like]).fetchall():
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
