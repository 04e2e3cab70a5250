"""The application as it is made: importing builds nothing, and two of one process keep apart."""

import gc
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Map, Rule

from app import create_app
from app.extensions import db
from app.factory import DOORS
from app.lib import clock
from app.lib.routes import Route
from app.models import Base, RejectedCallbacks, User
from app.models.base import know_dialects
from config import ROOT, ConfigError


def test_importing_the_application_builds_nothing(tmp_path: Path) -> None:
    """A worker or a tool may import it without settings: no database, no gateway, no refusal, until create_app()."""
    script = (
        "import sys, app, app.extensions\n"
        "assert app.extensions.queue.redis is None if hasattr(app.extensions.queue, 'redis') else True\n"
        "assert not [m for m in ('stripe', 'razorpay', 'rq') if m in sys.modules], 'a vendor was imported'\n"
        "assert callable(app.create_app)\n"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "KIKAO_ENV": "production", "GATEWAYS": "nothing"}
    environ["DATABASE_URL"] = f"sqlite:///{tmp_path}/made.db"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def _loaded(after: str, tmp_path: Path) -> set[str]:
    """Return the modules that a process without any setting has loaded after a line of Python."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{tmp_path}/made.db"}
    script = f"import sys\n{after}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module", ["app", "app.gateways.stripe", "app.gateways.mpesa", "app.messengers", "app.domain.lifecycle"]
)
def test_an_adapter_is_had_without_flask_database_or_page(module: str, tmp_path: Path) -> None:
    loaded = _loaded(f"import {module}", tmp_path)

    assert module in loaded
    assert not loaded & {"flask", "sqlalchemy", "app.extensions", "app.models", "app.services", "app.blueprints"}


def test_what_only_some_processes_need_is_not_loaded_by_an_application(tmp_path: Path) -> None:
    loaded = _loaded("from app import create_app; create_app()", tmp_path)

    assert "app.blueprints.payments.webhooks" in loaded
    assert not loaded & {"fpdf", "fontTools", "icalendar", "recurring_ical_events", "alembic", "flask_migrate", "mako"}
    assert not loaded & {"stripe", "razorpay", "redis", "rq", "requests", "phonenumbers", "email_validator"}


def test_the_collector_of_garbage_is_left_as_it_was(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": f"sqlite:///{tmp_path / 'made.db'}"}
    create_app(environ)
    assert gc.isenabled()

    with pytest.raises(ConfigError):
        create_app(environ | {"KIKAO_LOG": "loud"})
    assert gc.isenabled()


def test_every_module_with_a_blueprint_is_a_door(app: Flask) -> None:
    """A door that is missing from the one list would be closed, and nothing else would say so."""
    files = (ROOT / "app" / "blueprints").rglob("*.py")
    makers = {file for file in files if re.search(r"^blueprint = ", file.read_text(), re.MULTILINE)}

    assert len(DOORS) == len(set(DOORS)) == len(makers)
    assert len(app.blueprints) == len(DOORS)


def test_an_address_is_written_as_werkzeug_would_write_it() -> None:
    """Ours are compiled when first written; how they look is Werkzeug's business."""
    rules: list[tuple[str, dict[str, Any]]] = [("/b/<int:number>/<word>", {}), ("/all/", {"page": 1}), ("/plain", {})]
    values: list[dict[str, Any]] = [
        {"number": 7, "word": "a b-ü", "q": "x&y"},
        {"page": 1},
        {"rule": "r", "values": "v"},
    ]
    written = [
        [
            Map([kind(rule, endpoint="it", defaults=defaults)])
            .bind("kikao.example")
            .build("it", given, append_unknown=rest)
            for (rule, defaults), given in zip(rules, values, strict=True)
            for rest in (True, False)
        ]
        for kind in (Rule, Route)
    ]

    assert written[0] == written[1]
    assert written[0][0] == "/b/7/a%20b-%C3%BC?q=x%26y"


def test_two_applications_of_one_process_keep_their_own_tables(tmp_path: Path, app: Flask) -> None:
    other = create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}", "SECRET_KEY": "k" * 40})
    know_dialects(Base.metadata)
    with other.app_context():
        Base.metadata.create_all(db.engine)
        assert db.session.scalars(select(User)).all() == []
        db.session.add(RejectedCallbacks(gateway="stripe", day=clock.now().date(), count=1))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with app.app_context():
        assert db.session.scalars(select(RejectedCallbacks)).all() == []
