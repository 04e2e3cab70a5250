"""Passwords: which are good ones, how they are kept, and how many are checked at once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from app.models import User
from app.services import house
from app.services.core.errors import Invalid, Unavailable

_hasher = PasswordHasher()
# Checked when nobody has the address, so that an unknown one takes as long as a wrong password.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$R5QH6N3vGkxkMZ6d3bDS0DpjNZ4cUJmWlhc5VnUvNfY"
_SHORTEST = 8  # letters
_LONGEST = 200
# What whoever guesses at this site tries beside the lists: no password is one of these with digits and signs (docs/security.md).
CONTEXT_WORDS = ("kikao", "practitioner", "client", "staff", "admin", "booking", "session", "password", "welcome")
# A hash takes a tenth of a second and 64 MiB on purpose. Beyond two at work and two that wait, who comes is asked to come back:
# strangers who guess would else hold every thread of the server (SEC-18).
_at_work = BoundedSemaphore(2)
_inside = BoundedSemaphore(4)


def check(password: str, *about: str) -> None:
    """The password is long enough, not blank, not one of the common ones, and no word of `about` (address, name) or of ours.

    Raises Invalid (password_length, password_common).
    """
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise Invalid("password_length", field="password", least=_SHORTEST)
    folded = password.strip().casefold()
    if (
        not folded
        or folded in _common()
        or folded in {word.strip().casefold() for word in about}
        or _is_word(folded, about)
    ):
        raise Invalid("password_common", field="password")


def hashed(password: str) -> str:
    """What is kept of a password; nothing of an empty one, with which nobody logs in. Raises Unavailable (log_in_busy)."""
    if not password:
        return ""
    with _room():
        return _hasher.hash(password)


def is_right(user: User | None, password: str) -> bool:
    """Whether it is the person's password; for nobody, and for who has none, it takes as long. Raises Unavailable (log_in_busy)."""
    with _room():
        try:
            return _hasher.verify(user.password_hash if user and user.password_hash else _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False


@contextmanager
def _room() -> Iterator[None]:
    if not _inside.acquire(blocking=False):
        raise Unavailable("log_in_busy")
    try:
        with _at_work:
            yield
    finally:
        _inside.release()


def _is_word(folded: str, about: tuple[str, ...]) -> bool:
    """Whether nothing but digits and signs is added to a word of ours, of the site's address, or of the person's."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or ""
    given = [*CONTEXT_WORDS, house.known().name, *about, *re.split(r"[@.\s]+", " ".join((host, *about)))]
    return _letters(folded) in {_letters(word.casefold()) for word in given} - {""}


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  (a megabyte of words for those who choose a password)

    return frozenset(FREQUENCY_LISTS["passwords"])
