"""Without Redis: what the clock and the workers would do, done by `flask sweep` every five seconds."""

import subprocess
import sys
import time

_EVERY = 5.0


def main() -> None:
    """One sweep after another until somebody stops it; a failed one is reported and tried again."""
    while True:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi:app", "sweep"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"flask sweep failed with exit code {done.returncode}: {done.stderr.strip()}", flush=True)
        time.sleep(max(0.5, _EVERY - (time.monotonic() - began)))


if __name__ == "__main__":
    main()
