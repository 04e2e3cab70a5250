"""What became of each mail survives the way to a row of its own and back."""

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.extensions import db
from tests.migrations.test_migrations import bare, empty_url  # noqa: F401  (fixtures)

_USER = (
    "INSERT INTO users (id, email, password_hash, role, name, language, zone, active, session_version, created_at)"
    " VALUES (1, 'a@people.test', 'x', 'client', 'Wanjiku', 'en', 'UTC', true, 1, '2026-11-20 10:00:00')"
)
_NOTICE = (
    "INSERT INTO notifications (user_id, kind, data, dedupe_key, created_at, due_at, mailed_at, outcome, tries)"
    " VALUES (1, 'topped_up', '{}', :key, '2026-11-20 10:00:00', '2026-11-20 10:00:00', :mailed, :outcome, :tries)"
)
_ROWS = [("a", "2026-11-20 10:00:05", "sent", 1), ("b", None, "", 3), ("c", "2026-11-20 11:00:00", "stale", 0)]


def test_mails_keep_their_outcome_both_ways_and_the_next_message_gets_the_next_number(bare: Flask) -> None:  # noqa: F811
    upgrade(revision="0008")
    _run(_USER)
    for key, mailed, outcome, tries in _ROWS:
        _run(_NOTICE, key=key, mailed=mailed, outcome=outcome, tries=tries)
    upgrade(revision="0009")
    moved = "SELECT n.dedupe_key, d.outcome, d.tries, d.done_at IS NOT NULL, d.channel FROM deliveries d"
    found = _read(f"{moved} JOIN notifications n ON n.id = d.notification_id ORDER BY n.id")
    assert found == [(key, outcome, tries, bool(mailed), "mail") for key, mailed, outcome, tries in _ROWS]
    assert _read("SELECT count(*) FROM users WHERE switches IS NULL") == [(0,)]
    downgrade(revision="0008")
    back = _read("SELECT dedupe_key, outcome, tries, mailed_at IS NOT NULL FROM notifications ORDER BY id")
    assert back == [(key, outcome, tries, bool(mailed)) for key, mailed, outcome, tries in _ROWS]
    _run(_NOTICE, key="d", mailed=None, outcome="", tries=0)
    assert _read("SELECT max(id) FROM notifications") == [(4,)]


def _run(statement: str, **values: object) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def _read(statement: str) -> list[tuple[object, ...]]:
    db.session.remove()
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
