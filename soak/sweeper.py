"""What `flask sweep` does, again and again in one process: a fresh one would mostly be killed while it still imports."""

import time

from app import create_app
from app.services.backoffice.sweeps import sweep

_PAUSE = 0.7


def main() -> None:
    """One sweep after another until somebody ends it; a failed one ends it too, and it is started again."""
    app = create_app()
    while True:
        with app.app_context():
            sweep()
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
