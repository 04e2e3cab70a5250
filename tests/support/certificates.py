"""An authority of our own, which vouches for hosts: rightly, for another name, or no longer."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_PEM = serialization.Encoding.PEM
_DAY = timedelta(days=1)


class Authority:
    """Its own certificate stands in the file `root`."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._key = directory, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority of our own")])
        built = self._begin(self._name, self._key.public_key(), _DAY)
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        self.root = directory / "root.pem"
        self.root.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(_PEM))

    def vouch(self, host: str, left: timedelta = _DAY) -> Path:
        """The file with which `host` (a name or an address) proves itself, as long as there is time `left`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
        built = self._begin(subject, key.public_key(), left).add_extension(_names(host), False)
        secret = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file = self._directory / f"{host}.pem"
        file.write_bytes(secret + built.sign(self._key, hashes.SHA256()).public_bytes(_PEM))
        return file

    def _begin(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, left: timedelta) -> x509.CertificateBuilder:
        end = datetime.now(UTC) + left
        built = x509.CertificateBuilder(self._name, subject, key, x509.random_serial_number())
        return built.not_valid_before(end - 2 * _DAY).not_valid_after(end)


def _names(host: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(host)])
