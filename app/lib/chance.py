"""The only source of randomness: identifiers and secrets, so that a test can repeat a history."""

import random
import secrets
import uuid

# No I, L, O, U, 0, 1: a reference is read aloud on the phone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_system: random.Random = secrets.SystemRandom()
_source: random.Random = _system


def use(source: random.Random | None) -> None:
    """From now on everything below draws from `source`; `None` puts the system's entropy back. For tests."""
    global _source
    _source = source or _system


def new_id() -> uuid.UUID:
    """A random version 4 UUID."""
    return uuid.UUID(int=_source.getrandbits(128), version=4)


def reference(length: int = 12) -> str:
    """A short reference people can read aloud; twelve characters fit M-Pesa's AccountReference."""
    return "".join(_source.choice(_ALPHABET) for _ in range(length))


def spelt(number: int, length: int) -> str:
    """So many letters of a reference's alphabet for the number: always the same, each as often as any other."""
    letters = []
    for _ in range(length):
        number, nth = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[nth])
    return "".join(letters)


def token() -> str:
    """An unguessable secret of 256 bits for addresses and bearer tokens."""
    return f"{_source.getrandbits(256):064x}"
