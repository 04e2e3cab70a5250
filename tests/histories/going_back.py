"""A backup of a history's books, and the way back to it, by the commands that an operator types; the vendors go on."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from app.services.core import restorations
from tests.histories.cast import log_in_again
from tests.histories.shelf import Shelf
from tests.histories.stage import Stage
from tests.support.going_back import back_up, nothing_left, type_in


@dataclass(frozen=True)
class Backup:
    """A file, and what the model remembered when it was made."""

    file: Path
    shelf: Shelf


def copied(shelf: Shelf) -> Shelf:
    """The same memory, which forgets what comes after."""
    return deepcopy(shelf)


def make(stage: Stage, shelf: Shelf) -> Backup:
    """The books as they are now are kept; an earlier backup is gone."""
    file = stage.room / "backup.tar.gz"
    file.unlink(missing_ok=True)
    return Backup(back_up(stage.app, file), copied(shelf))


def go_back(stage: Stage, backup: Backup, *, pull: bool) -> None:
    """The books are those of the backup and the vendors were asked; or, without `pull`, the operator opens nevertheless."""
    with stage.let_go(), nothing_left(stage.app):
        said = type_in(stage.app, "restore", backup.file, "--replace", *(["--pull"] if pull else []))
        assert "The database is that of" in said.output, said.output
        if not pull:
            said = type_in(stage.app, "reopen", "--reason", "Nobody answers.")
        elif said.exit_code:  # a vendor misbehaved
            stage.sandbox.faults.clear()
            said = type_in(stage.app, "money", "pull", "--since", _behind(stage))
        assert said.exit_code == 0, said.output
        for aside in stage.room.glob("kikao.db.before-*"):
            aside.unlink()
    with stage.app.app_context():
        log_in_again(stage.cast)


def _behind(stage: Stage) -> str:
    with stage.app.app_context():
        since = restorations.behind()
    assert since is not None
    return since.isoformat()
