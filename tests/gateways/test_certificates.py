"""Whom the adapters believe to be the vendor: today's list of authorities, or the one that whoever runs Kikao names."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.gateways import build
from app.gateways.base import Gateway
from tests.support.certificates import Authority

KEYS = {
    "STRIPE_SECRET_KEY": "sk_test_kikao",
    "STRIPE_WEBHOOK_SECRET": "whsec_kikao",
    "RAZORPAY_KEY_ID": "rzp_test_kikao",
    "RAZORPAY_KEY_SECRET": "secret",
    "RAZORPAY_WEBHOOK_SECRET": "hook",
    "MPESA_CONSUMER_KEY": "key",
    "MPESA_CONSUMER_SECRET": "secret",
    "MPESA_SHORTCODE": "174379",
    "MPESA_PASSKEY": "passkey",
}


class _Polite(BaseHTTPRequestHandler):
    """Answers everything a check asks for."""

    def do_GET(self) -> None:
        body = b'{"access_token": "t", "expires_in": "3599", "object": "list", "data": [], "items": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def host(authority: Authority) -> Iterator[str]:
    """The address of a vendor that this authority vouches for."""
    server = HTTPServer(("127.0.0.1", 0), _Polite)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.vouch("127.0.0.1"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _vendor(code: str, host: str) -> Gateway:
    return build([code], KEYS | {f"{code.upper()}_API_BASE": host})[code]


@pytest.mark.parametrize("code", ["stripe", "razorpay", "mpesa"])
def test_the_authorities_that_an_operator_names_are_believed_and_no_others_are(
    code: str, host: str, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    assert _vendor(code, host).check() != []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.root))
    assert _vendor(code, host).check() == []
