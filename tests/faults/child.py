"""A process of its own that sends one request to its own application on the same database; it can be killed anywhere.

Its plan is such as {"path": "/api/v1/bookings", "body": {}, "headers": {}, "dies": "INSERT INTO bookings"}. With `dies`
it kills itself (-9, so nothing is tidied up) once the transaction that ran such a statement is about to be committed;
with `committed` as well, right after that commit.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from flask import Flask
from rq.cli.cli import main as rq
from sqlalchemy import Connection, event

from app import create_app
from app.extensions import db
from app.lib.queue import NAME


def send(say: Callable[[int], None], plan: dict[str, Any]) -> None:
    """The status of the answer is said, if it lives to see one."""
    app = create_app()
    if plan.get("dies"):
        _die_at(app, plan["dies"], committed=plan.get("committed", False))
    content = {"data": plan["form"]} if "form" in plan else {"json": plan["body"]}
    answer = app.test_client().post(plan["path"], headers=plan["headers"], **content)
    say(answer.status_code)


def work(_say: Callable[[int], None]) -> None:
    """An RQ worker that does its jobs itself, until it is killed."""
    rq(["worker", "-w", "rq.worker.SimpleWorker", "--quiet", NAME])


def _die_at(app: Flask, statement_start: str, *, committed: bool) -> None:
    ran: list[str] = []

    def remember(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(statement_start):
            ran.append(statement)

    def die(*_: Any) -> None:
        if ran:
            os.kill(os.getpid(), signal.SIGKILL)

    with app.app_context():
        event.listen(db.engine, "after_cursor_execute", remember)
        # A session gives its connection back to the pool when, and only when, its transaction has ended.
        event.listen(db.engine, "checkin" if committed else "commit", die)
