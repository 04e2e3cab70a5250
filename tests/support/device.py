"""Somebody's phone: a keeper of passkeys that answers as browsers write it down, and an app that shows codes."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from app.lib import clock

_PRESENT, _VERIFIED, _HAS_KEY = 1, 4, 64


@dataclass
class Key:
    """A key pair for one site."""

    id: bytes
    private: ec.EllipticCurvePrivateKey
    handle: str
    count: int = 0


@dataclass
class Device:
    """It makes passkeys for pages of `origin`, and signs with the newest; `counts` as old security keys do."""

    origin: str
    verifies: bool = True
    counts: bool = True
    keys: list[Key] = field(default_factory=list)

    def make(self, options: str) -> str:
        """What navigator.credentials.create answers to these options."""
        asked = json.loads(options)
        key = Key(secrets.token_bytes(32), ec.generate_private_key(ec.SECP256R1()), asked["user"]["id"])
        self.keys.append(key)
        numbers = key.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        made = bytes(16) + len(key.id).to_bytes(2) + key.id + cbor2.dumps(public)
        data = self._data(asked["rp"]["id"], key, _HAS_KEY) + made
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", asked["challenge"])
        return _written(key, {"clientDataJSON": text(said), "attestationObject": text(attested)})

    def sign(self, options: str, **changes: str) -> str:
        """What navigator.credentials.get answers to these options."""
        asked = json.loads(options)
        key = self.keys[-1]
        data = self._data(asked["rpId"], key)
        said = self._said("webauthn.get", asked["challenge"])
        signature = key.private.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"clientDataJSON": text(said), "authenticatorData": text(data), "signature": text(signature)}
        return _written(key, answer | {"userHandle": key.handle} | changes)

    def _data(self, site: str, key: Key, flags: int = 0) -> bytes:
        key.count += self.counts
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + key.count.to_bytes(4)

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()


def _written(key: Key, response: dict[str, Any]) -> str:
    return json.dumps({"id": text(key.id), "rawId": text(key.id), "type": "public-key", "response": response})


def text(content: bytes) -> str:
    """In base64url, without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def content(written: str) -> bytes:
    """What was written in base64url."""
    return urlsafe_b64decode(written + "=" * (-len(written) % 4))


def shown(secret: str, steps: int = 0) -> str:
    """The code that an app shows at this moment, or so many half minutes before or after."""
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)
