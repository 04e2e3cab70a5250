"""Whom the adapters believe to be the vendor: today's list of authorities, or the one that whoever runs Kikao names."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.gateways import build
from app.gateways.base import Gateway

DAY = timedelta(days=1)
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
def authority(tmp_path: Path) -> Path:
    """An authority of our own (its certificate, in a file) and, beside it, what a host proves itself with by its word."""
    house, host = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority of our own")])
    root = _certificate(name, name, house.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), True
    )
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    leaf = _certificate(subject, name, host.public_key()).add_extension(address, False)
    pem = serialization.Encoding.PEM
    secret = host.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "host.pem").write_bytes(secret + leaf.sign(house, hashes.SHA256()).public_bytes(pem))
    (tmp_path / "root.pem").write_bytes(root.sign(house, hashes.SHA256()).public_bytes(pem))
    return tmp_path / "root.pem"


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
    return built.not_valid_before(now - DAY).not_valid_after(now + DAY)


@pytest.fixture
def host(authority: Path) -> Iterator[str]:
    """The address of a vendor that this authority vouches for."""
    server = HTTPServer(("127.0.0.1", 0), _Polite)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.with_name("host.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _vendor(code: str, host: str) -> Gateway:
    return build([code], KEYS | {f"{code.upper()}_API_BASE": host})[code]


@pytest.mark.parametrize("code", ["stripe", "razorpay", "mpesa"])
def test_the_authorities_that_an_operator_names_are_believed_and_no_others_are(
    code: str, host: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    assert _vendor(code, host).check() != []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    assert _vendor(code, host).check() == []
