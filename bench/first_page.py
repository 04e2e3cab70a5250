"""What the first page after a start costs: Kikao's home page and one of the barest Flask with SQLAlchemy, both under granian.

One run, both in turns, from the start of the server to its first 200. CPU counts, of the server and its worker, because machines
are shared; the clock is printed beside it. Compiled files are there for both, and the database is Kikao's, migrated.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from script.support import processes

LIMIT = 2.5  # times the bare application
_ROOT = Path(__file__).resolve().parent.parent
_BARE = """
import os
from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

db = SQLAlchemy()

class Practitioner(db.Model):
    __tablename__ = "practitioners"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db.init_app(app)

@app.get("/")
def home():
    shown = db.session.scalars(select(Practitioner).limit(12)).all()
    return render_template_string("<title>Bare</title>{% for each in shown %}<p>{{ each.slug }}</p>{% endfor %}", shown=shown)
"""
_SERVED = {"bare": ("bare:app", "wsgi"), "ours": ("asgi:front", "asginl")}


def main() -> int:
    """The exit code: 0 when our first page costs no more than the limit."""
    parser = argparse.ArgumentParser(prog="script/bench first-page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="default 9; the median of their ratios counts")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="kikao-first-") as place:
        (Path(place) / "bare.py").write_text(_BARE)
        environ = _environ(Path(place))
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi:app", "db", "upgrade"], env=environ, check=True)
        pairs = [(_first("bare", environ), _first("ours", environ)) for _ in range(rounds + 1)][1:]
    bare, ours = ([statistics.median(each) for each in zip(*side, strict=True)] for side in zip(*pairs, strict=True))
    ratio = statistics.median(ours[0] / bare[0] for bare, ours in pairs)
    print(f"first page: bare {bare[0]:.2f} s of CPU ({bare[1]:.2f} s by the clock), ours {ours[0]:.2f} ({ours[1]:.2f})")
    print(f"{ratio:.2f} times the CPU (limit {LIMIT}), {ours[1] / bare[1]:.2f} times the time")
    return int(ratio > LIMIT)


def _first(which: str, environ: dict[str, str]) -> tuple[float, float]:
    """Return the seconds of CPU, and by the clock, until the first page was there."""
    port = processes.next_free("127.0.0.1", 8480)
    target, interface = _SERVED[which]
    listening = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--log-level", "error")
    command = [sys.executable, "-m", "granian", target, "--interface", interface, "--http", "1", "--no-ws", *listening]
    began = time.monotonic()
    server = processes.start(command, env=environ)
    try:
        while not _answers(port):
            if server.poll() is not None:
                raise SystemExit(f"{target} did not start")
            time.sleep(0.01)
        return processes.cpu_seconds(server.pid), time.monotonic() - began
    finally:
        processes.stop(server)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _environ(directory: Path) -> dict[str, str]:
    """An environment with no vendor configured and a database of its own."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{_ROOT}:{directory}",
        "DATABASE_URL": f"sqlite:///{directory / 'first.db'}",
    }


if __name__ == "__main__":
    sys.exit(main())
