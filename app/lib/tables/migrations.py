"""Flask-Migrate and Alembic, loaded only where somebody runs a migration; which is the newest the files say by themselves.

They bring Mako and Pygments with them and cost as much as Flask, which the web, a worker and most commands need never pay.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

if TYPE_CHECKING:
    from flask_migrate import Migrate

_SAYS = re.compile(r"^(revision|down_revision) = (?:None|['\"](\w+)['\"])$", re.MULTILINE)


class Migrations:
    """What Flask-Migrate finds in `app.extensions`; its own extension is made when it is first asked for."""

    def __init__(self, db: SQLAlchemy, directory: Path) -> None:
        self._db = db
        self.directory = str(directory)

    def init_app(self, app: Flask) -> None:
        """The revisions are those of `directory`, and `flask db` is there."""
        app.extensions["migrate"] = self
        app.cli.add_command(_Commands("db", help="Perform database migrations."))

    @cached_property
    def migrate(self) -> "Migrate":
        """Flask-Migrate's own extension, which its functions ask for by this name."""
        from flask_migrate import Migrate  # noqa: PLC0415  (see above)

        return Migrate(db=self._db, directory=self.directory)

    @cached_property
    def newest(self) -> str | None:
        """The revision that a database of this version is at. Raises ValueError where there are several."""
        [*ends] = self._files.keys() - self._files.values()
        if len(ends) > 1:
            raise ValueError(f"several migrations are the newest: {', '.join(sorted(ends))}")
        return ends[0] if ends else None

    def knows(self, revision: str) -> bool:
        """Whether a database at that revision can be brought up to this version's."""
        return revision in self._files

    @cached_property
    def _files(self) -> dict[str, str]:
        """Each revision and the one below it, as the files say."""
        texts = [file.read_text(encoding="utf-8") for file in Path(self.directory, "versions").glob("*.py")]
        said = [dict(_SAYS.findall(text)) for text in texts]
        return {each["revision"]: each["down_revision"] for each in said}


class _Commands(click.Group):
    """Stands where `flask db` stands and hands over to it as soon as it is named."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        from flask_migrate.cli import db as commands  # noqa: PLC0415  (see above)

        context: click.Context = commands.make_context(info_name, args, parent, **extra)
        return context
