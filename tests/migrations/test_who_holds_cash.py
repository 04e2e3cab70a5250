"""Who holds the cash of a payment moves out of the vendor's details into its column, and back."""

import json

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from app.extensions import db
from tests.migrations.test_migrations import bare, empty_url  # noqa: F401  (fixtures)

_AT = "2026-11-20 10:00:00"
_CHECKOUT, _IN_HAND, _AT_THE_TILL = (f"{n:032x}" for n in (1, 2, 3))
_PAYER = (
    "INSERT INTO users (id, email, password_hash, role, name, language, zone, active, session_version, created_at)"
    f" VALUES (1, 'a@people.test', 'x', 'client', 'Wanjiku', 'en', 'UTC', true, 1, '{_AT}')"
)
_BILL = (
    "INSERT INTO checkouts (id, kind, client_id, title, amount, currency, status, manual_capture, expires_at, created_at)"
    f" VALUES ('{_CHECKOUT}', 'booking', 1, 'Session', 2501, 'EUR', 'paid', false, '{_AT}', '{_AT}')"
)
_TRY = (
    "INSERT INTO attempts (id, checkout_id, gateway, reference, status, amount, currency, request, details, failure,"
    " vendor_code, cross_checked, look_ups, ending, created_at)"
    f" VALUES (:id, '{_CHECKOUT}', 'manual', :reference, 'paid', 2501, 'EUR', '{{}}', :details, '', '', true, 0, '', '{_AT}')"
)


def test_who_holds_the_cash_moves_into_its_column_and_comes_back(bare: Flask) -> None:  # noqa: F811
    upgrade(revision="0015")
    kept = {_IN_HAND: {"instructions": "Pay at the desk", "held_by": 7}, _AT_THE_TILL: {"instructions": "held_by"}}
    _write(_PAYER)
    _write(_BILL)
    for attempt, details in kept.items():
        _write(_TRY, id=attempt, reference=attempt[-12:], details=json.dumps(details))

    upgrade(revision="0016")
    assert _details() == [{"instructions": "Pay at the desk"}, {"instructions": "held_by"}]
    assert _read("SELECT held_by FROM attempts ORDER BY reference") == [7, None]

    downgrade(revision="0015")
    assert _details() == [*kept.values()]


def _write(statement: str, **values: object) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


def _read(statement: str) -> list[object]:
    db.session.remove()
    with db.engine.connect() as connection:
        return [value for (value,) in connection.execute(text(statement))]


def _details() -> list[object]:
    rows = _read("SELECT CAST(details AS VARCHAR(200)) FROM attempts ORDER BY reference")
    return [json.loads(str(row)) for row in rows]
