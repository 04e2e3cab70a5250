"""What the application says to its database: every statement, to be counted, compared and named."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.extensions import db

_VALUE = r"(?:\?|%\(\w+\)s(?:::\w+)?)"
_MANY = re.compile(f"{_VALUE}(?:, {_VALUE})*")  # however many are asked about
# Read once a second in each process, whatever it does then (services/house/current).
_BY_THE_CLOCK = re.compile(r"FROM houses\s+WHERE")
_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(?!SET\b)(\w+)")


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that `app` sends meanwhile, from whatever thread, with one `?` for any number of values."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not _BY_THE_CLOCK.search(statement):
            found.append(_MANY.sub("?", statement))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def summary(statement: str) -> str:
    """Its verb and the tables it names, as `SELECT attempts checkouts`; what has no table is as it was sent."""
    tables = dict.fromkeys(_TABLE.findall(statement))
    return " ".join([statement.split(maxsplit=1)[0], *tables]) if tables else statement
