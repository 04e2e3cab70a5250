"""What memory Kikao takes: all that script/server starts but the sandbox, after some thousands of requests (Linux).

Counted is the proportional share (PSS): a page that two processes share is half of each.
"""

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

from script.support import processes
from script.support.serve import ready

WEB_LIMIT = 125  # MiB for a web process
ALL_LIMIT = 400
_PAGES = ("/", "/practitioners", "/login", "/sign-up", "/readyz", "/api/v1/openapi.json", "/static/kikao.css")
_CLIENTS = 8
# By what stands in the command line; script/server's own process is named by none of them.
_ROLES = {"granian": "web", "worker": "worker", "valkey-server": "queue", "-m sandbox": "sandbox"}


def main() -> int:
    """The exit code: 0 when neither a web process nor all together takes more than the limit."""
    parser = argparse.ArgumentParser(prog="script/bench memory", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=5000, help="default 5000")
    requests = parser.parse_args().requests
    port = processes.next_free("127.0.0.1", 8400)
    with tempfile.TemporaryDirectory(prefix="kikao-memory-") as directory:
        environ = os.environ | {"KIKAO_INSTANCE": directory, "PORT": str(port), "KIKAO_RATE_LIMITS": "off"}
        command = [sys.executable, "-m", "script.support.serve"]
        server = processes.start(command, env=environ, stdout=subprocess.DEVNULL)
        try:
            while not ready(f"http://localhost:{port}"):
                time.sleep(0.5)
            _ask_much(port, requests)
            time.sleep(5)  # the worker is there, and has made its first sweep
            found = _shares(server.pid)
        finally:
            processes.stop(server, grace=15)
    return _report(found)


def _ask_much(port: int, requests: int) -> None:
    """So many requests were answered, to several clients at once."""

    def ask(first: int) -> None:
        connection = http.client.HTTPConnection("localhost", port, timeout=60)
        for number in range(first, requests, _CLIENTS):
            connection.request("GET", _PAGES[number // _CLIENTS % len(_PAGES)])
            connection.getresponse().read()
        connection.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _shares(root: int) -> dict[str, list[float]]:
    """MiB of each process below `root`, and its own, by what it does."""
    found = defaultdict(list)
    for pid in _family(root):
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        role = next((role for part, role in _ROLES.items() if part in line), "server")
        pss = next(row for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if row.startswith("Pss:"))
        found[role].append(int(pss.split()[1]) / 1024)
    return found


def _family(pid: int) -> list[int]:
    young = [int(word) for file in Path(f"/proc/{pid}/task").glob("*/children") for word in file.read_text().split()]
    return [pid, *(each for child in young for each in _family(child))]


def _report(found: dict[str, list[float]]) -> int:
    for role, shares in sorted(found.items()):
        print(
            f"{role:<10}{sum(shares):>6.0f} MiB: {', '.join(f'{share:.0f}' for share in sorted(shares, reverse=True))}"
        )
    whole = sum(sum(shares) for role, shares in found.items() if role != "sandbox")
    web = max(found["web"])
    print(
        f"a web process {web:.0f} MiB (at most {WEB_LIMIT}), all without the sandbox {whole:.0f} (at most {ALL_LIMIT})"
    )
    return int(web > WEB_LIMIT or whole > ALL_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
