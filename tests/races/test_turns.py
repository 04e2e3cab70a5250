"""Who writes to SQLite first: who came first, in a process and among processes; whoever ends, however, is in nobody's way."""

import fcntl
import gc
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app import create_app
from app.extensions import db
from app.lib.database import BEGIN
from app.lib.tables.turns import Turns
from app.services.core.transaction import transaction
from config import ROOT
from tests.support.at_once import Meanwhile

_PATIENCE = 120.0  # seconds; a machine that does much else is slow

# Another process: it says when its turn has come, and ends it when it is told to.
_OTHER = """
import sys
from pathlib import Path
from app.lib.tables.turns import Turns
turns = Turns(Path(sys.argv[1]))
taken = turns.take(120.0)
print("mine", flush=True)
sys.stdin.readline()
turns.end(taken)
"""
_WITH_A_CHILD = """
import os, sys, time
from pathlib import Path
from app.lib.tables.turns import Turns
turns = Turns(Path(sys.argv[1]))
taken = turns.take(120.0)
if os.fork() == 0:
    turns.end(taken)  # as a connection does that a child has inherited and throws away
    print("mine", flush=True)
    sys.stdin.readline()
    os._exit(0)
time.sleep(1000)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kikao.db"


@pytest.fixture
def app(file: Path) -> Iterator[Flask]:
    """An application whose database has no tables: a transaction has its turn without any."""
    made = create_app({"DATABASE_URL": f"sqlite:///{file}"})
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def start(file: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Begins another process, which is gone when the test is over."""
    begun: list[subprocess.Popen[str]] = []

    def begin(script: str = _OTHER) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", script, str(file)]
        begun.append(subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def until(is_so: Callable[[], bool]) -> None:
    """It is so by now."""
    latest = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < latest, "it does not come to that"
        time.sleep(0.002)


def is_taken(place: Path) -> bool:
    """Whether somebody, here or elsewhere, has this place."""
    if not place.exists():
        return False
    with place.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def is_standing(thread: threading.Thread) -> bool:
    """Whether the thread stands in a line."""
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_name == "try_enter":
            return True
        frame = frame.f_back
    return False


def door(file: Path) -> Path:
    return file.with_name("kikao.db-door")


def test_transactions_of_a_process_come_in_the_order_in_which_they_were_asked_for(app: Flask) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with app.app_context(), transaction():
            order.append(number)

    with app.app_context(), transaction():
        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
            until(lambda thread=thread: is_standing(thread))
        assert order == []
    for thread in threads:
        thread.join(_PATIENCE)
    assert order == list(range(8))


def test_another_process_that_waited_comes_before_this_one_again(
    file: Path, start: Callable[[], "subprocess.Popen[str]"]
) -> None:
    turns, came = Turns(file), list[str]()
    mine = turns.take(_PATIENCE)
    assert mine is not None
    other = start()
    until(lambda: is_taken(door(file)))

    def once_more() -> None:
        taken = turns.take(_PATIENCE)
        came.append("this one")
        assert taken is not None
        turns.end(taken)

    again = threading.Thread(target=once_more)
    again.start()
    until(lambda: is_standing(again))
    turns.end(mine)
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "mine\n"
    assert came == []
    other.stdin.write("\n")
    other.stdin.flush()
    again.join(_PATIENCE)
    assert came == ["this one"]


def test_a_process_that_is_killed_in_its_turn_blocks_nobody(
    file: Path, start: Callable[[], "subprocess.Popen[str]"]
) -> None:
    holder = start()
    assert holder.stdout is not None
    assert holder.stdout.readline() == "mine\n"
    turns = Turns(file)
    assert turns.take(0) is None
    holder.send_signal(signal.SIGKILL)
    assert turns.take(_PATIENCE) is not None


def test_a_process_that_is_killed_while_it_waits_blocks_nobody(
    file: Path, start: Callable[[], "subprocess.Popen[str]"]
) -> None:
    turns = Turns(file)
    mine = turns.take(_PATIENCE)
    assert mine is not None
    waiting = start()
    until(lambda: is_taken(door(file)))
    waiting.send_signal(signal.SIGKILL)
    turns.end(mine)
    assert turns.take(_PATIENCE) is not None


def test_a_turn_is_not_handed_down_to_a_child_nor_ended_by_it(
    file: Path, start: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    parent = start(_WITH_A_CHILD)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "mine\n"
    turns = Turns(file)
    assert turns.take(0) is None
    parent.send_signal(signal.SIGKILL)
    taken = turns.take(_PATIENCE)
    assert taken is not None


def test_a_thread_that_ends_in_the_middle_of_a_transaction_blocks_nobody(app: Flask) -> None:
    def begin_and_end() -> None:
        with app.app_context():
            connection = db.engine.connect().execution_options(**{BEGIN: "IMMEDIATE"})
            connection.exec_driver_sql("CREATE TABLE left_over (id INTEGER)")

    Meanwhile(begin_and_end).result()
    gc.collect()
    with app.app_context(), transaction() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0


def test_who_waits_too_long_is_told_so_and_the_next_one_is_not_held_up(
    app: Flask, file: Path, start: Callable[[], "subprocess.Popen[str]"]
) -> None:
    holder = start()
    assert holder.stdout is not None
    assert holder.stdout.readline() == "mine\n"
    with app.app_context(), pytest.raises(OperationalError, match="database is locked"), transaction():
        raise AssertionError("it is not our turn")
    holder.kill()
    with app.app_context(), transaction():
        pass
    assert not is_taken(door(file))
