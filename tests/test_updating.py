"""What docs/operating.md tells operators to do before and after a new version is what works."""

import re
import sqlite3
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from app.services.backoffice import reconciliation, sweeps
from config import ROOT
from tests.support.world import World

_PART = (
    (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").partition("## Backups")[2].partition("## Behind")[0]
)


@pytest.fixture
def engine() -> str:
    """The backup of a file; PostgreSQL's own tool makes the other."""
    return "sqlite"


def test_a_payment_under_way_in_the_backup_is_found_by_its_look_up_when_the_books_went_back(
    world: World, tmp_path: Path
) -> None:
    """S4-30: backed up with a payment under way, restored after it was made: confirmed once, and the books are in order."""
    client = world.person()
    made = world.book(client, world.service(world.practitioner()))
    begun = world.begin(client, made["checkout"]["id"])
    kept = tmp_path / "kept.db"
    with (
        sqlite3.connect(world.app.config["ENVIRON"]["DATABASE_URL"].removeprefix("sqlite:///")) as here,
        sqlite3.connect(kept) as to,
    ):
        here.backup(to)
    world.act(begun)
    restored = create_app(world.app.config["ENVIRON"] | {"DATABASE_URL": f"sqlite:///{kept}"})
    assert _status(restored) == "awaiting_payment"
    world.move(minutes=2)
    with restored.app_context():
        sweeps.sweep()
        assert reconciliation.breaches() == []
    assert _status(restored) == "confirmed"
    with restored.app_context():
        db.engine.dispose()


def _status(app: Flask) -> str:
    with app.app_context():
        found = db.session.connection().exec_driver_sql("SELECT status FROM bookings").scalar_one()
        db.session.remove()
        return str(found)


def test_every_command_and_log_line_it_names_exists(app: Flask) -> None:
    """S4-30, S3-37: what is written down for the night it goes wrong."""
    commands = set(re.findall(r"`flask ([a-z ]+)", _PART))
    assert {"db upgrade", "doctor", "money audit", "money pull", "backup", "restore", "reopen"} <= {
        command.strip() for command in commands
    }
    for command in commands:
        assert app.test_cli_runner().invoke(args=[*command.split(), "--help"]).exit_code == 0, command
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    for line in re.findall(r"`([a-z]+\.[a-z]+)`", _PART):
        assert line in code, line
