"""The application as it is made: importing builds nothing, and two of one process keep apart."""

import os
import subprocess
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.lib import clock
from app.models import Base, RejectedCallbacks, User
from config import ROOT


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


def test_two_applications_of_one_process_keep_their_own_tables(tmp_path: Path, app: Flask) -> None:
    other = create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}", "SECRET_KEY": "k" * 40})
    with other.app_context():
        Base.metadata.create_all(db.engine)
        assert db.session.scalars(select(User)).all() == []
        db.session.add(RejectedCallbacks(gateway="stripe", day=clock.now().date(), count=1))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    with app.app_context():
        assert db.session.scalars(select(RejectedCallbacks)).all() == []
