"""Making a backup while everything runs: the database, and what must be known to go back to it; never a key."""

import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import text

from app.extensions import db
from app.lib import backups, clock, sealing
from app.services.backoffice.backups import backup_files
from app.services.core import encryption, installation

FORMAT = 1


@dataclass(frozen=True)
class Facts:
    """What a backup says of itself; what people uploaded is in the database, so there are no other files to keep."""

    made_at: str  # UTC; everything committed before it is in the backup
    kikao: str  # the version, as the changelog names it
    engine: str  # sqlite or postgresql
    revision: str  # of the tables
    seal_keys: list[str]  # fingerprints of the keys that open what is sealed in it
    secret_key: str  # and of the one that signed addresses and links
    installation: str  # its name in objects at the vendors; empty where nothing was begun with one
    format: int = FORMAT

    @property
    def made(self) -> datetime:
        """When it was made, UTC."""
        return datetime.fromisoformat(self.made_at).astimezone(UTC)


def make(target: Path) -> Path:
    """The file with everything: `target`, or one named by the moment in it, where that is a directory; mode 0600.

    Raises CopyFailed, and OSError such as that of a full disk; then there is no file.
    """
    facts = _facts()
    file = target / backup_files.name_of(facts.made) if target.is_dir() else target
    with tempfile.TemporaryDirectory(prefix=backup_files.ROOM, dir=file.parent) as room:
        copy = Path(room) / "copy"
        backups.of(current_app.config["SQLALCHEMY_DATABASE_URI"]).dump(copy)
        backups.write(file, asdict(facts), copy, Path(room))
    return file


def read(known: dict[str, Any]) -> Facts:
    """What the backup says of itself. Raises BadArchive for one of a newer Kikao."""
    if known.get("format") != FORMAT:
        raise backups.BadArchive("the backup was made by a newer Kikao: install that version first")
    try:
        return Facts(**{name: known[name] for name in Facts.__dataclass_fields__})
    except KeyError as error:
        raise backups.BadArchive(f"the backup does not say {error}") from None


def _facts() -> Facts:
    made_at = clock.now()
    facts = Facts(
        made_at=made_at.isoformat(timespec="seconds"),
        kikao=current_app.config["VERSION"],
        engine=db.engine.dialect.name,
        revision=str(db.session.scalar(text("SELECT version_num FROM alembic_version"))),
        seal_keys=encryption.fingerprints(),
        secret_key=sealing.fingerprint(current_app.config["SECRET_KEY"]),
        installation=installation.code_known(),
    )
    db.session.rollback()  # nothing is held open while the copy is made
    return facts
