"""What people write in confidence is sealed before it is stored: nobody reads it without a key from the settings.

A sealed text names its key by a fingerprint, so that a key that is missing can be named. It opens only for the purpose it was
sealed for (a column of a row): copied into another row it is worthless.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MARK = "sealed:1:"
PREFIX_LENGTH = len(MARK) + 12  # the mark and the fingerprint


class CannotOpen(Exception):
    """The key with this fingerprint is not there, or the text was damaged or moved here from elsewhere (`key` is empty)."""

    def __init__(self, key: str = "") -> None:
        super().__init__(f"the key {key} is missing" if key else "the text is damaged")
        self.key = key


def _stretch(secret: str, use: str, length: int) -> bytes:
    # The secrets are long and random (config.py asks for 32 characters), so no slow hash is needed.
    return HKDF(SHA256(), length=length, salt=b"kikao", info=use.encode()).derive(secret.encode())


def fingerprint(secret: str) -> str:
    """Twelve characters that name a key and give nothing of it away."""
    return _stretch(secret, "fingerprint", 6).hex()


def is_sealed(text: str) -> bool:
    """Whether the text is sealed; what was stored before there were seals is not."""
    return text.startswith(MARK)


def key_of(prefix: str) -> str:
    """The fingerprint of the key that a sealed text, or the first PREFIX_LENGTH characters of it, names."""
    return prefix.removeprefix(MARK).partition(":")[0]


class Keyring:
    """The keys of an installation: the first seals, all of them open."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = {fingerprint(secret): secret for secret in secrets}
        self.first = next(iter(self._secrets))

    def __contains__(self, key: str) -> bool:
        return key in self._secrets

    @property
    def prefix(self) -> str:
        """How every text begins that the first key has sealed."""
        return f"{MARK}{self.first}"

    def seal(self, text: str, purpose: str) -> str:
        """The text, readable only with the first key and for this purpose."""
        # Time 0: the row says when it was written, and a token need not say it again.
        token = self._lock(self.first, purpose).encrypt_at_time(text.encode(), 0)
        return f"{self.prefix}:{token.decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        """The text that was sealed for this purpose. Raises CannotOpen."""
        key, _, token = sealed.removeprefix(MARK).partition(":")
        if key not in self._secrets:
            raise CannotOpen(key)
        try:
            return self._lock(key, purpose).decrypt(token.encode()).decode()
        except InvalidToken:
            raise CannotOpen from None

    def _lock(self, key: str, purpose: str) -> Fernet:
        return Fernet(urlsafe_b64encode(_stretch(self._secrets[key], f"seal {purpose}", 32)))
