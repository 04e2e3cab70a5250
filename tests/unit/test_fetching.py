"""Fetching from addresses that strangers gave: never inward, never too much, never for long."""

import http.server
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import fetching
from app.fetching import Limits, Unfetchable


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/inside")
            self.end_headers()
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        else:
            self.send_response(200)
            self.end_headers()
            self._body()

    def _body(self) -> None:
        parts = {"/large": [b"x" * 4096] * 100, "/drip": [b"x"] * 100}.get(self.path, [b"hello"])
        try:
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()
                time.sleep(0.1 if self.path == "/drip" else 0)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _limits(place: str) -> Limits:
    return Limits(size=10_000, seconds=1.0, allowed=frozenset({place}))


def test_what_may_be_read_is_read(place: str) -> None:
    assert fetching.fetch(f"http://{place}/hello", _limits(place)) == b"hello"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("away", "bad_address"),
        ("round", "no_answer"),
        ("missing", "no_answer"),
        ("large", "too_large"),
        ("drip", "too_slow"),
    ],
)
def test_the_rest_says_why(place: str, path: str, why: str) -> None:
    """A busy feed that is huge, slow, or leads inward."""
    began = time.monotonic()
    with pytest.raises(Unfetchable, match=why):
        fetching.fetch(f"http://{place}/{path}", _limits(place))
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://10.0.0.1/", "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/",
        "https://[fe80::1]/", "https://100.64.0.1/", "https://2130706433/", "https://0x7f.1/",
    ],
)  # fmt: skip
def test_nothing_inside_is_reached_by_whatever_name(url: str) -> None:
    with pytest.raises(Unfetchable, match=r"internal_address|no_answer"):
        fetching.fetch(url, Limits(seconds=2))


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd", "https://u:p@example.org/", "https://", "x",
     "https://example.org:99999/", "https://exa mple.org/", "javascript:alert(1)", "https://example.org/" + "a" * 500],
)  # fmt: skip
def test_only_whole_plain_https_addresses_are_addresses(url: str) -> None:
    with pytest.raises(Unfetchable, match="bad_address"):
        fetching.check(url)


def test_an_allowed_host_is_allowed_on_its_port_only(place: str) -> None:
    host, port = place.split(":")
    other = replace(_limits(place), allowed=frozenset({f"{host}:{int(port) + 1}"}))
    with pytest.raises(Unfetchable, match="bad_address"):
        fetching.fetch(f"http://{place}/hello", other)
