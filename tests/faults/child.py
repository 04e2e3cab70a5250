"""A process of its own that sends one request to its own application on the same database; it can be killed anywhere.

    python -m tests.faults.child '{"path": "/api/v1/bookings", "body": {}, "headers": {}, "dies": "INSERT INTO bookings"}'

With `dies` it kills itself (-9, so nothing is tidied up) once the transaction that ran such a statement is about to be
committed; with `committed` as well, right after that commit.
"""

import json
import os
import signal
import sys
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event

from app import create_app
from app.extensions import db


def main() -> None:
    """The status of the answer is printed, if it lives to see one."""
    plan = json.loads(sys.argv[1])
    app = create_app()
    if plan.get("dies"):
        _die_at(app, plan["dies"], committed=plan.get("committed", False))
    content = {"data": plan["form"]} if "form" in plan else {"json": plan["body"]}
    answer = app.test_client().post(plan["path"], headers=plan["headers"], **content)
    print(answer.status_code)  # noqa: T201  (what the parent reads)


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


if __name__ == "__main__":
    main()
