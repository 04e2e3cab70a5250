"""Going back to a backup, step by step: all that can be refused is refused before anything has moved."""

from pathlib import Path
from types import TracebackType

from flask import current_app
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db, migrations, queue
from app.lib import backups, chance, clock, sealing
from app.lib.backups import Database
from app.models import User
from app.services.backoffice.backups import backup_files, database_backup
from app.services.backoffice.backups.database_backup import Facts
from app.services.core import encryption, installation


class NotRestored(Exception):
    """Nothing has changed; the message says why not, in a sentence."""


class Restoration:
    """One going back: `open`, `check`, `load` beside the database that is there, and `put_in_place`; a context that tidies up."""

    def __init__(self, file: Path, room: Path) -> None:
        self._file = file
        self._room = room
        # Both databases beside the one in use are called by it, and none may be called as one of an earlier time.
        self._stamp = f"{backup_files.stamp(clock.now())}-{chance.reference(4)}"
        self._database: Database = backups.of(current_app.config["SQLALCHEMY_DATABASE_URI"])
        self._url = ""

    def open(self) -> Facts:
        """What the backup says of itself, which is whole. Raises BadArchive, OSError."""
        known, self._copy = backups.unpack(self._file, self._room)
        return database_backup.read(known)

    def check(self, facts: Facts, *, replace: bool) -> None:
        """Nothing is in the way of it. Raises NotRestored."""
        for wrong in (
            _other_engine(facts),
            _newer(facts),
            _closed(facts),
            self._at_work(),
            "" if replace else self._full(),
        ):
            if wrong:
                raise NotRestored(wrong)

    def former_installation(self) -> str:
        """The code of the books that are replaced; empty where they have none, or cannot be read."""
        try:
            return installation.code_known() if self._database.exists() else ""
        except SQLAlchemyError:
            return ""
        finally:
            db.session.remove()
            db.engine.dispose()

    def load(self) -> str:
        """The URL of a database with what the backup holds. Raises CopyFailed, OSError."""
        self._url = self._database.load(self._copy, self._stamp)
        return self._url

    def put_in_place(self) -> tuple[str, bool]:
        """It is Kikao's database. Answers where the former one is, and whether the queue is empty: its jobs were of other books.

        Raises CopyFailed.
        """
        db.session.remove()
        db.engine.dispose()
        aside = self._database.put_in_place(self._url, self._stamp)
        self._url = ""
        return aside, queue.clear()

    @staticmethod
    def signs_as_before(facts: Facts) -> bool:
        """Whether what was signed before the backup is believed."""
        keys = (current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"])
        return facts.secret_key in {sealing.fingerprint(key) for key in keys}

    def __enter__(self) -> "Restoration":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """What was loaded and has not got its place is gone."""
        if self._url:
            self._database.drop(self._url)

    def _at_work(self) -> str:
        db.session.remove()
        db.engine.dispose()
        workers = queue.workers()
        others = self._database.users()
        if not workers and not others:
            return ""
        return "Kikao is running, or somebody else has the database open: stop web and workers, and run it again"

    def _full(self) -> str:
        """Whether there is anybody in the database, which then is not replaced unless that was said."""
        if not self._database.exists() or not inspect(db.engine).has_table(User.__tablename__):
            return ""
        people = db.session.scalar(select(func.count()).select_from(User)) or 0
        db.session.remove()
        db.engine.dispose()
        return f"the database has {people} people in it: --replace moves it aside" if people else ""


def _other_engine(facts: Facts) -> str:
    here = db.engine.dialect.name
    return "" if facts.engine == here else f"the backup is of {facts.engine}, and DATABASE_URL names {here}"


def _newer(facts: Facts) -> str:
    known = migrations.knows(facts.revision)
    return (
        ""
        if known
        else f"the backup's tables ({facts.revision}) are newer than this Kikao's: install the version that made it"
    )


def _closed(facts: Facts) -> str:
    missing = [key for key in facts.seal_keys if key not in encryption.keyring()]
    return (
        f"the keys {', '.join(missing)}, which sealed what people wrote, are not in KIKAO_SEAL_KEYS" if missing else ""
    )
