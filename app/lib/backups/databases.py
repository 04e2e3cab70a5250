"""A database as a whole: copied while it is in use, made of a copy beside the one that is there, and put in its place."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from sqlalchemy.engine import make_url


class CopyFailed(Exception):
    """The database was not copied, made or put in place; the message says why, in a sentence, with no password in it."""


class Database(ABC):
    """One database, by its URL; nothing is changed but by `put_in_place`."""

    @abstractmethod
    def dump(self, to: Path) -> None:
        """What every committed transaction had written at one moment stands in the file. Raises CopyFailed, OSError."""

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is one."""

    @abstractmethod
    def users(self) -> int:
        """How many others have it open now, as far as can be seen."""

    @abstractmethod
    def load(self, copy: Path, stamp: str) -> str:
        """A new database beside this one holds what the copy does; the answer is its URL. Raises CopyFailed, OSError."""

    @abstractmethod
    def put_in_place(self, url: str, stamp: str) -> str:
        """The one with that URL stands where this one stood, which was moved aside: where to, empty if there was none.

        Nobody may have either open. Raises CopyFailed, and then nothing has moved.
        """

    @abstractmethod
    def drop(self, url: str) -> None:
        """The one with that URL, which `load` made, is gone."""


# Each engine's own file, so that whoever has the one need not load what the other wants.
_ENGINES = {
    "sqlite": ("app.lib.backups.sqlite_file", "SqliteFile"),
    "postgresql": ("app.lib.backups.postgres_database", "PostgresDatabase"),
}


def of(url: str) -> Database:
    """The database at SQLAlchemy's URL. Raises CopyFailed for one that cannot be copied."""
    module, name = _ENGINES[make_url(url).get_backend_name()]
    made: Callable[[str], Database] = getattr(import_module(module), name)
    return made(url)
