"""PostgreSQL: pg_dump and pg_restore of this machine, and one database in the place of another by its name.

https://www.postgresql.org/docs/current/app-pgdump.html: the tool may be newer than the server, never older; a dump is one
transaction's view, taken while others write. Parameters, and so the password, go to the tools by their environment.
"""

import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from app.lib.backups import postgres_tools
from app.lib.backups.databases import CopyFailed, Database

_MAINTENANCE = ("postgres", "template1")  # where one stands while another database is made or renamed
_LONGEST = 63  # bytes of a name

_LOOKS = 10  # at who has the database open, before somebody is believed to have
_PAUSE = 0.1  # seconds


class PostgresDatabase(Database):
    """The database of that name on its server."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._name = self._url.database or ""

    def exists(self) -> bool:
        """Whether the server knows the name."""
        with self._admin() as admin:
            return self._is_there(admin)

    def dump(self, to: Path) -> None:
        """In the custom format, as one transaction sees it; with no owners and grants, which belong to the server."""
        with self._connect(self._name) as here:
            least = here.info.server_version // 10_000
        tool = postgres_tools.find("pg_dump", least)
        options = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-password")
        postgres_tools.run(tool, (*options, f"--file={to}"), self._conninfo(self._url))

    def users(self) -> int:
        """Clients of the database; the server's own processes have no user.

        Who has just left is counted by the server for a moment: a backup that was made before this, say.
        """
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename IS NOT NULL"
        with self._admin() as admin:
            for _ in range(_LOOKS):
                found = admin.execute(count, [self._name]).fetchone()
                users = int(found[0]) if found else 0
                if not users:
                    break
                time.sleep(_PAUSE)
        return users

    def load(self, copy: Path, stamp: str) -> str:
        """A new database on the same server."""
        name = self._other_name("restoring", stamp)
        url = self._url.set(database=name)
        with self._admin() as admin:
            tool = postgres_tools.find("pg_restore", admin.info.server_version // 10_000)
            self._create(admin, name)
        try:
            options = ("--exit-on-error", "--no-owner", "--no-privileges", "--no-password", f"--dbname={name}")
            postgres_tools.run(tool, (*options, str(copy)), self._conninfo(url))
        except CopyFailed:
            self.drop(self._text(url))
            raise
        return self._text(url)

    def put_in_place(self, url: str, stamp: str) -> str:
        """Both names change in one transaction."""
        aside = self._other_name("before", stamp)
        with self._admin() as admin:
            is_there = self._is_there(admin)
            try:
                with admin.transaction():
                    if is_there:
                        _rename(admin, self._name, aside)
                    _rename(admin, make_url(url).database or "", self._name)
            except psycopg.Error as error:
                raise CopyFailed(f"the databases could not be renamed: {_said(error)}") from None
        return aside if is_there else ""

    def drop(self, url: str) -> None:
        """Also while somebody is still connected to it."""
        name = sql.Identifier(make_url(url).database or "")
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    @staticmethod
    def _create(admin: "psycopg.Connection[tuple[Any, ...]]", name: str) -> None:
        try:
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise CopyFailed(
                "the database's user may make no database: as PostgreSQL's superuser, ALTER ROLE ... CREATEDB"
            ) from None

    def _is_there(self, admin: "psycopg.Connection[tuple[Any, ...]]") -> bool:
        return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self._name]).fetchone() is not None

    def _other_name(self, word: str, stamp: str) -> str:
        ending = f"_{word}_{stamp.lower()}"
        return f"{self._name[: _LONGEST - len(ending)]}{ending}"

    def _admin(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection that stands outside of the database."""
        wrong: CopyFailed | None = None
        for name in _MAINTENANCE:
            try:
                return self._connect(name)
            except CopyFailed as error:
                wrong = wrong or error
        raise wrong or CopyFailed("no database to stand in")

    def _connect(self, name: str) -> "psycopg.Connection[tuple[Any, ...]]":
        try:
            return psycopg.connect(self._conninfo(self._url.set(database=name)), autocommit=True, connect_timeout=5)
        except psycopg.Error as error:
            raise CopyFailed(f"PostgreSQL does not answer at {name}: {_said(error)}") from None

    @classmethod
    def _conninfo(cls, url: URL) -> str:
        return cls._text(url.set(drivername="postgresql"))

    @staticmethod
    def _text(url: URL) -> str:
        return url.render_as_string(hide_password=False)


def _rename(admin: "psycopg.Connection[tuple[Any, ...]]", old: str, new: str) -> None:
    names = sql.Identifier(old), sql.Identifier(new)
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


def _said(error: psycopg.Error) -> str:
    return " ".join(str(error).split())[:300]
