"""Codes that people type: how they are written, read and stored."""

from hashlib import sha256

LENGTH = 16  # of thirty letters and digits: 78 bits, so neither guessed nor found from its digest
_GROUP = 4


def plain(typed: str) -> str:
    """The code as it was made, whatever was typed between its groups and in whichever case."""
    return "".join(letter for letter in typed if letter.isalnum()).upper()


def shown(code: str) -> str:
    """The code in groups that can be read aloud."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def digest(code: str) -> str:
    """What is stored of it; as long and random as a code is, it needs no slow hash."""
    return sha256(f"gift:{code}".encode()).hexdigest()
