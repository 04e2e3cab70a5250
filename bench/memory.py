"""What memory Kikao takes: all that script/server starts but the sandbox, after some thousands of requests (Linux).

Counted is the proportional share (PSS): a page that two processes share is half of each.
"""

import argparse
import http.client
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from script.support import processes
from script.support.serve import ready

WEB_LIMIT = 125  # MiB for a web process
ALL_LIMIT = 400
_ANYBODYS = ("/", "/practitioners", "/readyz", "/api/v1/openapi.json", "/static/kikao.css")
_MINE = ("/bookings", "/history", "/receipts", "/notices", "/wallet", "/packages", "/profile", "/me/data")
_PRACTICE = (
    "/practice",
    "/practice/bookings",
    "/practice/statements",
    "/practice/services",
    "/practice/schedule",
    "/profile",
)
_STAFFS = ("/staff", "/staff/people", "/staff/disputes", "/staff/messages", "/staff/trail", "/staff/stops")
_PASSWORD = "demo-demo-demo"  # noqa: S105  (as script/server prints it)
_WHO = (
    ("", ("/login", "/register")),
    ("client@demo.test", _MINE),
    ("practitioner@demo.test", _PRACTICE),
    ("staff@demo.test", _STAFFS),
)
# By what stands in the command line; script/server's own process is named by none of them.
_ROLES = {"granian": "web", "worker": "worker", "valkey-server": "queue", "-m sandbox": "sandbox"}


class Browser:
    """Somebody at a browser: compressed answers, cookies, and pages in turns."""

    def __init__(self, port: int, email: str, pages: tuple[str, ...]) -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self._pages = itertools.cycle((*_ANYBODYS, *pages))
        if email:
            self._log_in(email)

    def go_on(self, pages: int) -> None:
        """So many more pages were read."""
        self._connection.close()  # the server may have, meanwhile; it opens by itself
        for page in itertools.islice(self._pages, pages):
            self._ask("GET", page)

    def _log_in(self, email: str) -> None:
        token = re.findall(r'name="csrf_token" value="([^"]+)"', self._ask("GET", "/login", compressed=False))[-1]
        form = {"csrf_token": token, "next": "", "email": email, "password": _PASSWORD}
        self._ask("POST", "/login", urlencode(form), expected=303)

    def _ask(self, method: str, page: str, body: str = "", *, expected: int = 200, compressed: bool = True) -> str:
        headers = {
            "Cookie": "; ".join(map("=".join, self._cookies.items())),
            "Accept-Encoding": "br" if compressed else "identity",
        }
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, page, body or None, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != expected:
            raise SystemExit(f"{method} {page} answered {answer.status}, not {expected}")
        for cookie in answer.headers.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return text.decode() if not compressed else ""


def main() -> int:
    """The exit code: 0 when neither a web process nor all together takes more than the limit."""
    parser = argparse.ArgumentParser(prog="script/bench memory", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--requests", type=int, default=10000, help="default 10000; a first look is taken after a third"
    )
    requests = parser.parse_args().requests
    port = processes.next_free("127.0.0.1", 8400)
    with tempfile.TemporaryDirectory(prefix="kikao-memory-") as directory:
        environ = os.environ | {"KIKAO_INSTANCE": directory, "PORT": str(port), "KIKAO_RATE_LIMITS": "off"}
        command = [sys.executable, "-m", "script.support.serve"]
        server = processes.start(command, env=environ, stdout=subprocess.DEVNULL)
        try:
            while not ready(f"http://localhost:{port}"):
                time.sleep(0.5)
            browsers = [Browser(port, *who) for who in _WHO * 2]
            _ask_much(browsers, requests // 3)
            first = _shares(server.pid)
            _ask_much(browsers, requests - requests // 3)
            time.sleep(5)  # the worker is there, and has made its first sweep
            found = _shares(server.pid)
        finally:
            processes.stop(server, grace=15)
    print(f"after a third: web {', '.join(f'{share:.0f}' for share in sorted(first['web'], reverse=True))}")
    return _report(found)


def _ask_much(browsers: list[Browser], requests: int) -> None:
    """So many requests were answered, to all of them at once."""
    with ThreadPoolExecutor(len(browsers)) as threads:
        list(threads.map(lambda each: each.go_on(requests // len(browsers)), browsers))


def _shares(root: int) -> dict[str, list[float]]:
    """MiB of each process below `root`, and its own, by what it does."""
    found = defaultdict(list)
    for pid in processes.family(root):
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        role = next((role for part, role in _ROLES.items() if part in line), "server")
        pss = next(row for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if row.startswith("Pss:"))
        found[role].append(int(pss.split()[1]) / 1024)
    return found


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
