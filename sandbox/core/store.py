"""What the sandbox remembers: JSON documents in one SQLite file, so that a restart loses nothing.

One connection and one re-entrant lock: every change of state happens inside `with store.change()`, one at a time and
all or nothing. Documents are copied on the way in and out, so nobody holds a live reference to stored state.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS things (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    ref TEXT,
    due REAL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS things_by_ref ON things (kind, ref);
CREATE INDEX IF NOT EXISTS things_by_due ON things (kind, due) WHERE due IS NOT NULL;
"""

_PUT = """
INSERT INTO things (kind, id, ref, due, body) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET ref = excluded.ref, due = excluded.due, body = excluded.body
"""


class StoreClosed(Exception):
    """The sandbox has stopped; a thread that was still busy must give up quietly."""


class Store:
    """Documents by (kind, id), also findable by a `ref` of the caller's choice and by when they fall `due`."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self._closed = False
        self._afterwards: list[Callable[[], None]] = []
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # NORMAL with a write-ahead log survives a killed process, which is all a sandbox must survive.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def change(self) -> Iterator[None]:
        """One change of state: exclusive, and rolled back whole if it raises. May be nested."""
        with self.lock:
            if self._depth:
                yield
                return
            self._run("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                self._afterwards.clear()
                raise
            else:
                self._db.execute("COMMIT")
                self._do_afterwards()
            finally:
                self._depth -= 1

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do `act` once the change under way is kept; not at all if it is rolled back. Call it inside `change()`."""
        with self.lock:
            self._afterwards.append(act)

    def put(self, kind: str, id_: str, doc: Doc, ref: str | None = None, due: float | None = None) -> None:
        """Remember `doc`; a second put of the same id replaces it and keeps its place in the order."""
        with self.lock:
            self._run(_PUT, (kind, id_, ref, due, json.dumps(doc)))

    def get(self, kind: str, id_: str) -> Doc | None:
        """The document, or None."""
        found = self._all("kind = ? AND id = ?", (kind, id_))
        return found[0] if found else None

    def all(self, kind: str, limit: int = -1) -> list[Doc]:
        """Every document of a kind, newest first."""
        return self._all("kind = ? ORDER BY seq DESC LIMIT ?", (kind, limit))

    def by_ref(self, kind: str, ref: str) -> list[Doc]:
        """Every document put with this `ref`, newest first."""
        return self._all("kind = ? AND ref = ? ORDER BY seq DESC", (kind, ref))

    def due(self, kind: str, moment: float) -> list[Doc]:
        """Every document due at or before `moment`, earliest first."""
        return self._all("kind = ? AND due <= ? ORDER BY due", (kind, moment))

    def clear(self, keep: str = "") -> None:
        """Forget everything but the things of kind `keep`."""
        with self.change():
            self._run("DELETE FROM things WHERE kind <> ?", (keep,))

    def close(self) -> None:
        """No more use of this store."""
        with self.lock:
            self._closed = True
            self._db.close()

    def _all(self, where: str, values: tuple[Any, ...]) -> list[Doc]:
        with self.lock:
            rows = self._run(f"SELECT body FROM things WHERE {where}", values).fetchall()  # noqa: S608 (our own words)
        return [json.loads(row[0]) for row in rows]

    def _do_afterwards(self) -> None:
        acts = self._afterwards
        self._afterwards = []
        for act in acts:
            act()

    def _run(self, sql: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        if self._closed:
            raise StoreClosed
        return self._db.execute(sql, values)
