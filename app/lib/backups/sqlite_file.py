"""SQLite: the online backup of a file (https://www.sqlite.org/backup.html), and one file in the place of another."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import make_url

from app.lib.backups.databases import CopyFailed, Database
from app.lib.tables.turns import BESIDE

_WAIT = 30.0  # seconds


class SqliteFile(Database):
    """The database in one file; a transaction that is under way in it is not in the copy."""

    def __init__(self, url: str) -> None:
        name = make_url(url).database or ""
        if name in ("", ":memory:") or name.startswith("file:"):
            raise CopyFailed("the database is in memory, or not named by a plain path: there is no file to copy")
        self._path = Path(name).resolve()

    def exists(self) -> bool:
        """An empty file is none: SQLite makes one for whoever only looks."""
        return self._path.exists() and self._path.stat().st_size > 0

    def dump(self, to: Path) -> None:
        """In one step, while others write: a reader in WAL mode sees one moment and holds nobody up."""
        if not self.exists():
            raise CopyFailed(f"there is no database {self._path}")
        try:
            with closing(_open(self._path)) as source, closing(sqlite3.connect(to)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
                [(said,)] = copy.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.Error as error:
            raise CopyFailed(f"SQLite could not copy the database: {error}") from None
        if said != "ok":
            raise CopyFailed(f"the database is damaged: {said}")

    def users(self) -> int:
        """One if anybody has it open: only who is alone with a file may take it out of WAL mode, which Kikao puts it into."""
        if not self.exists():
            return 0
        try:
            with closing(_open(self._path, wait=0.0)) as alone:
                alone.execute("PRAGMA journal_mode=WAL")
                alone.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            return 1
        return 0

    def load(self, copy: Path, stamp: str) -> str:
        """The copy stands in the same directory under a name of its own."""
        beside = self._path.with_name(f"{self._path.name}.restoring-{stamp}")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.move(copy, beside)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        return f"sqlite:///{beside}"

    def put_in_place(self, url: str, stamp: str) -> str:
        """The one that was there keeps a second name first, so that at no moment there is none."""
        beside = self._beside(url)
        if self.users():  # and what stood in its log stands in the file now
            raise CopyFailed("somebody has the database open: stop web and workers")
        with closing(_open(beside)) as last:
            last.execute("PRAGMA journal_mode=DELETE")
        aside = self._path.with_name(f"{self._path.name}.before-{stamp}")
        was_there = self.exists()
        if was_there:
            _give_to_owner_of(self._path, beside)
            os.link(self._path, aside)
        beside.replace(self._path)
        self.drop(url)
        return str(aside) if was_there else ""

    def drop(self, url: str) -> None:
        """With what SQLite and its writers keep beside a file."""
        beside = self._beside(url)
        for ending in ("", "-wal", "-shm", "-journal", *BESIDE):
            beside.with_name(f"{beside.name}{ending}").unlink(missing_ok=True)

    @staticmethod
    def _beside(url: str) -> Path:
        return Path(make_url(url).database or "")


def _give_to_owner_of(former: Path, file: Path) -> None:
    """Whoever could open the former one, and nobody else, opens this one: an operator may be somebody else than the service."""
    was = former.stat()
    file.chmod(stat.S_IMODE(was.st_mode))
    if (was.st_uid, was.st_gid) != (file.stat().st_uid, file.stat().st_gid):
        os.chown(file, was.st_uid, was.st_gid)


def _open(path: Path, wait: float = _WAIT) -> sqlite3.Connection:
    """A connection to a file that is there: SQLite would make one."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=wait, isolation_level=None)
