"""`python -m sandbox`: serve until stopped."""

import argparse
import os
import signal
import sys
import threading
from dataclasses import fields

from sandbox.credentials import Credentials
from sandbox.server import start


def _parser(defaults: Credentials) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Stand-ins for the gateways")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=8900, help="0 takes a free one")
    parser.add_argument("--smtp-port", type=int, default=8925, help="0 takes a free one")
    parser.add_argument("--data", default="instance/sandbox", help="directory for state and money.jsonl")
    parser.add_argument("--app-url", default="http://localhost:8000", help="where Kikao is")
    parser.add_argument("--prompt-seconds", type=float, default=60.0, help="how long an M-Pesa prompt lives")
    parser.add_argument("--retry-gap", type=float, default=1.0, help="seconds to a webhook's first repeat")
    for field in fields(Credentials):
        parser.add_argument(f"--{field.name.replace('_', '-')}", default=getattr(defaults, field.name))
    return parser


def main() -> int:
    """Serve until SIGTERM or SIGINT."""
    asked = _parser(Credentials.from_environment(os.environ)).parse_args()
    keys = Credentials(**{field.name: getattr(asked, field.name) for field in fields(Credentials)})
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        running = start(
            asked.port,
            asked.smtp_port,
            asked.data,
            asked.app_url,
            host=asked.host,
            credentials=keys,
            prompt_seconds=asked.prompt_seconds,
            retry_gap=asked.retry_gap,
        )
    except (ValueError, OSError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 2
    print(f"Sandbox (no real money) at {running.url}, mail on port {running.smtp_port}", flush=True)
    ended.wait()
    running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
