"""Fetching from addresses that strangers gave: never inward, never too much, never for long."""

import http.server
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.lib.network import fetching
from app.lib.network.fetching import Ask, Limits, Unfetchable


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
        elif self.path == "/nowhere":
            self.send_response(302)
            self.send_header("Location", "http://[")
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        elif self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"BEGIN")
        elif self.path == "/head":
            self._drip(b"HTTP/1.0 200 OK\r\nX-Never: ends" + b"s" * 1000)
        else:
            self.send_response(200)
            self.end_headers()
            self._body()

    def do_POST(self) -> None:
        if self.path == "/moved":
            self.send_response(307)
            self.send_header("Location", "/hello")
            self.end_headers()
            return
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["X-Mark"].encode() + b" " + sent)

    def _drip(self, content: bytes) -> None:
        try:
            for byte in content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return

    def _body(self) -> None:
        parts = {"/large": [b"x" * 4096] * 100, "/drip": [b"x"] * 1000}.get(self.path, [b"hello"])
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


def test_what_is_asked_with_a_body_is_answered(place: str) -> None:
    ask = Ask({"X-Mark": "ours"}, b"code=1")
    assert fetching.fetch(f"http://{place}/hello", _limits(place), ask) == b"ours code=1"


def test_what_was_sent_to_one_address_is_sent_to_no_other(place: str) -> None:
    with pytest.raises(Unfetchable, match="no_answer"):
        fetching.fetch(f"http://{place}/moved", replace(_limits(place), moves=0), Ask({"X-Mark": "ours"}, b"secret"))


def test_a_header_that_would_be_two_is_not_sent(place: str) -> None:
    """A token of somebody else's making is part of one."""
    with pytest.raises(Unfetchable, match="no_answer"):
        fetching.fetch(f"http://{place}/hello", _limits(place), Ask({"X-Mark": "a\r\nX-More: b"}, b""))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("away", "bad_address"),
        ("round", "no_answer"),
        ("missing", "no_answer"),
        ("large", "too_large"),
        ("drip", "too_slow"),
        ("head", "too_slow"),
        ("short", "no_answer"),
        ("nowhere", "bad_address"),
    ],
)
def test_the_rest_says_why(place: str, path: str, why: str) -> None:
    """A busy feed that is huge, slow, or leads inward."""
    began = time.monotonic()
    with pytest.raises(Unfetchable, match=why):
        fetching.fetch(f"http://{place}/{path}", _limits(place))
    assert time.monotonic() - began < 50  # the slow ones take 100 seconds


def test_a_name_that_points_inward_a_moment_later_leads_nowhere(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was checked is what is connected to, and the name is asked once."""
    told, real = ["93.184.216.34", "127.0.0.1"], socket.getaddrinfo
    asked, reached = [], []

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "rebinds.test":
            return real(host, port, *rest, **more)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (told.pop(0), port))]

    def connect(address: tuple[str, int], **_: Any) -> Any:
        reached.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    port = int(place.split(":")[1])
    with pytest.raises(Unfetchable, match="no_answer"):
        fetching.fetch(f"https://rebinds.test:{port}/hello", Limits(seconds=2))
    assert (asked, reached) == (["rebinds.test"], [("93.184.216.34", port)])


def test_a_name_with_one_address_inside_is_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(Unfetchable, match="internal_address"):
        fetching.fetch("https://both.test/", Limits(seconds=2))


def test_a_name_nobody_answers_for_takes_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> list[Any]:
        over.wait(100)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    began = time.monotonic()
    with pytest.raises(Unfetchable, match="too_slow"):
        fetching.fetch("https://slow.test/", Limits(seconds=0.5))
    assert time.monotonic() - began < 50
    over.set()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server with TLS for the name localhost, and the file with whom to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    trusted = made.sign(key, hashes.SHA256())
    folder = tmp_path_factory.mktemp("tls")
    (folder / "trust.pem").write_bytes(trusted.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "trust.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield str(server.server_port), folder / "trust.pem"
    server.shutdown()
    server.server_close()


def test_tls_is_checked_by_the_name_that_was_given(secure: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    port, trust = secure
    limits = Limits(seconds=5, allowed=frozenset({f"localhost:{port}", f"127.0.0.1:{port}"}))
    with pytest.raises(Unfetchable, match="no_answer"):
        fetching.fetch(f"https://localhost:{port}/hello", limits)
    monkeypatch.setenv("SSL_CERT_FILE", str(trust))
    assert fetching.fetch(f"https://localhost:{port}/hello", limits) == b"hello"
    with pytest.raises(Unfetchable, match="no_answer"):
        fetching.fetch(f"https://127.0.0.1:{port}/hello", limits)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://10.0.0.1/", "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/",
        "https://[fe80::1]/", "https://100.64.0.1/", "https://2130706433/", "https://0x7f.1/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://[::7f00:1]/", "https://[fd00::1]/", "https://224.0.0.1/",
    ],
)  # fmt: skip
def test_nothing_inside_is_reached_by_whatever_name(url: str) -> None:
    with pytest.raises(Unfetchable, match=r"internal_address|no_answer"):
        fetching.fetch(url, Limits(seconds=2))


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd", "https://u:p@example.org/", "https://", "x",
     "https://example.org:99999/", "https://exa mple.org/", "https://[::1",
     "https://exämple..org/", "javascript:alert(1)", "https://example.org/" + "a" * 500],
)  # fmt: skip
def test_only_whole_plain_https_addresses_are_addresses(url: str) -> None:
    with pytest.raises(Unfetchable, match="bad_address"):
        fetching.check(url)


def test_an_allowed_host_is_allowed_on_its_port_only(place: str) -> None:
    host, port = place.split(":")
    other = replace(_limits(place), allowed=frozenset({f"{host}:{int(port) + 1}"}))
    with pytest.raises(Unfetchable, match="bad_address"):
        fetching.fetch(f"http://{place}/hello", other)


@pytest.mark.parametrize("address", ["fec0::1", "feff::1", "fe80::1", "fd00::1", "::1"])
def test_an_address_inside_a_house_is_not_public_whichever_way_it_is_spelt(address: str) -> None:
    """fec0::/10 was given up long ago, and is routed inside some houses to this day."""
    with pytest.raises(Unfetchable, match="internal_address"):
        fetching.check(f"https://[{address}]/")
