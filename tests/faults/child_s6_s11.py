"""A process of Kikao's own, for a test to kill: a web server, or one sweep.

Its clock runs as many seconds ahead as the test's does. It says its port first, then "taken" whenever it begins to work.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.serving import make_server

from app import create_app
from app.lib import clock
from app.services.backoffice import sweeps


def web(say: Callable[[object], None], ahead: timedelta) -> None:
    """It serves until it is killed."""
    clock.use(lambda: datetime.now(UTC) + ahead)
    app = create_app()

    def taken(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        say("taken")
        return app(environ, start)

    server = make_server("127.0.0.1", 0, taken, threaded=True)
    say(server.server_port)
    server.serve_forever()


def sweep(say: Callable[[object], None], ahead: timedelta) -> None:
    """One pass."""
    clock.use(lambda: datetime.now(UTC) + ahead)
    app = create_app()
    say(0)
    with app.app_context():
        say("taken")
        sweeps.sweep()
