"""A process of Kikao's own, for a test to kill: `python -m tests.faults.child_s6_s11 web|sweep SECONDS`.

Its clock runs SECONDS ahead, as the test's does. It prints its port first, then "taken" whenever it begins to work.
"""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.serving import make_server

from app import clock, create_app
from app.services import sweeps


def main() -> None:
    """The whole life of the process."""
    ahead = timedelta(seconds=float(sys.argv[2]))
    clock.use(lambda: datetime.now(UTC) + ahead)
    {"web": _serve, "sweep": _sweep}[sys.argv[1]]()


def _serve() -> None:
    app = create_app()

    def taken(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        _say("taken")
        return app(environ, start)

    server = make_server("127.0.0.1", 0, taken, threaded=True)
    _say(server.server_port)
    server.serve_forever()


def _sweep() -> None:
    app = create_app()
    _say(0)
    with app.app_context():
        _say("taken")
        sweeps.sweep()


def _say(word: object) -> None:
    print(word, flush=True)  # noqa: T201  (the pipe to the test)


if __name__ == "__main__":
    main()
