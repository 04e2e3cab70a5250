"""A local HTTP server that plays a vendor: it answers what a test scripted, badly if asked to, and keeps what came."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HANG = 1.2  # seconds
SLOW = 0.75
# How long adapters under test wait, to connect and to read; seconds. Only a test of timeouts is in a hurry.
PATIENT = (5.0, 5.0)
HASTY = (5.0, 0.5)


@dataclass(frozen=True)
class Answer:
    """One scripted answer; a body that is no bytes is sent as JSON."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""  # reset | hang | slow | cut

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    route: str  # "POST /v1/orders"
    query: dict[str, str]
    headers: dict[str, str]  # lower-case names
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


class Vendor:
    """The scripted vendor. `on` queues answers for a route; the last one stays for every further request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: list[Seen] = []
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()

    def on(self, route: str, *answers: Answer) -> None:
        self._answers[route] = list(answers)

    def sent(self, route: str) -> list[Seen]:
        return [each for each in self.seen if each.route == route]

    def take(self, request: Seen) -> Answer:
        with self._lock:
            self.seen.append(request)
            answers = self._answers.get(request.route, [Answer(b"nothing scripted for " + request.route.encode(), 404)])
            return answers.pop(0) if len(answers) > 1 else answers[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # nobody waits for an answer that hangs
    request_queue_size = 64  # tests with threads connect all at once


@contextmanager
def vendor() -> Iterator[Vendor]:
    """A Vendor that listens on a port of its own."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.vendor = Vendor(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield server.vendor  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:  # an adapter that gave up
            self.close_connection = True

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Seen(f"{self.command} {parts.path}", dict(parse_qsl(parts.query)), headers, body)
        self._send(self.server.vendor.take(request))  # type: ignore[attr-defined]

    do_GET = do_POST = _serve

    def _send(self, answer: Answer) -> None:
        if answer.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            return
        time.sleep({"hang": HANG, "slow": SLOW}.get(answer.fault, 0))
        self.send_response(answer.status)
        for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.raw) + (100 if answer.fault == "cut" else 0)))
        self.end_headers()
        self.wfile.write(answer.raw)

    def log_message(self, format: str, *args: object) -> None:
        pass


HTML = b"<!DOCTYPE html><html><body>Be right back</body></html>"

# Everything a vendor or the net between can do without saying anything about the payment.
SILENCES: dict[str, Answer] = {
    "timeout": Answer(b"{}", fault="hang"),
    "reset": Answer(fault="reset"),
    "short body": Answer(b'{"id": "x"', fault="cut"),
    "500 page": Answer(HTML, 500, {"Content-Type": "text/html"}),
    "500 without body": Answer(b"", 500),
    "500 object": Answer({"oops": True}, 500),
    "502 page": Answer(HTML, 502, {"Content-Type": "text/html"}),
    "503 object": Answer({"error": {"code": "SERVER_ERROR", "description": "down", "message": "down"}}, 503),
    "429 object": Answer({"fault": {"faultstring": "Spike arrest violation"}}, 429),
    "429 page": Answer(HTML, 429, {"Content-Type": "text/html"}),
    "redirect": Answer(b"", 302, {"Location": "/elsewhere"}),
    "200 page": Answer(HTML, 200, {"Content-Type": "text/html"}),
    "200 without body": Answer(b""),
    "200 {}": Answer({}),
    "200 []": Answer([]),
    "200 null": Answer(b"null"),
    "200 word": Answer(b'"ok"'),
    "200 cut JSON": Answer(b'{"id": "cs_1", "amount_to'),
    "200 other bytes": Answer(b"\xff\xfe\x00{"),
    "200 deep JSON": Answer(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"),
}
