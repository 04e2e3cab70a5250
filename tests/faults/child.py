"""What a process of Kikao's own does that a test may kill: one request, a web server, a worker, one sweep.

Its clock runs as many seconds ahead as the test's does, where it is told so.
"""

import os
import signal
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event
from werkzeug.serving import make_server

from app import create_app
from app.extensions import db
from app.jobs import worker
from app.lib import clock
from app.services.backoffice import sweeps

Say = Callable[[object], None]


def send(say: Say, plan: dict[str, Any]) -> None:
    """One request is sent to an application of its own; the status of the answer is said, if it lives to see one.

    The plan is such as {"path": "/api/v1/bookings", "body": {}, "headers": {}, "dies": "INSERT INTO bookings"}. With
    `dies` it kills itself (-9, so nothing is tidied up) once the transaction that ran such a statement is about to be
    committed; with `committed` as well, right after that commit.
    """
    app = create_app()
    if plan.get("dies"):
        _die_at(app, plan["dies"], committed=plan.get("committed", False))
    content = {"data": plan["form"]} if "form" in plan else {"json": plan["body"]}
    answer = app.test_client().post(plan["path"], headers=plan["headers"], **content)
    say(answer.status_code)


def work(_say: Say) -> None:
    """A worker does its jobs itself, until it is killed."""
    worker.work()


def web(say: Say, ahead: timedelta) -> None:
    """It serves until it is killed; it says its port first, then "taken" whenever it begins to work."""
    clock.use(lambda: datetime.now(UTC) + ahead)
    app = create_app()

    def taken(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        say("taken")
        return app(environ, start)

    server = make_server("127.0.0.1", 0, taken, threaded=True)
    say(server.server_port)
    server.serve_forever()


def sweep(say: Say, ahead: timedelta) -> None:
    """One pass; it says 0 for a port, then "taken" when it begins to work."""
    clock.use(lambda: datetime.now(UTC) + ahead)
    app = create_app()
    say(0)
    with app.app_context():
        say("taken")
        sweeps.sweep()


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
