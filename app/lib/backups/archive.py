"""One file with a database and what is known of it: whole, or not there; it says itself whether it is still what it was."""

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

_FACTS = "backup.json"
_DATABASE = "database"
_SUMS = "SHA256SUMS"  # as `sha256sum --check` reads it, so that nobody needs us to know
_MOST_FACTS = 1024 * 1024
_CHUNK = 1024 * 1024
_PRIVATE = 0o600
# What a file that is cut off, damaged or something else makes the readers say.
_UNREADABLE = (tarfile.TarError, zlib.error, EOFError, KeyError, ValueError, OSError)


class BadArchive(Exception):
    """The file is no backup, or not whole any more; the message says which, in a sentence."""


def write(target: Path, facts: Mapping[str, Any], database: Path, room: Path) -> None:
    """`target` holds both, for its owner's eyes alone; until it is whole it grows in `room`, on the same disk.

    Raises OSError, and FileExistsError where there is such a file.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists")
    growing = room / "archive"
    with os.fdopen(os.open(growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
        _pack(file, json.dumps(facts, indent=1).encode(), database)
        file.flush()
        os.fsync(file.fileno())
    growing.replace(target)
    _sync_directory(target.parent)


def unpack(path: Path, room: Path) -> tuple[dict[str, Any], Path]:
    """What is known of the database, and where in `room` it lies now, both as they were written.

    Raises BadArchive, and OSError where `room` is full.
    """
    database = room / _DATABASE
    try:
        with tarfile.open(path, "r:gz") as tar:
            facts = _member(tar, _FACTS).read(_MOST_FACTS)
            sums = {_FACTS: hashlib.sha256(facts).hexdigest(), _DATABASE: _copy(_member(tar, _DATABASE), database)}
            told = _member(tar, _SUMS).read(_MOST_FACTS).decode()
        if told != _listed(sums):
            raise BadArchive(f"{path} is damaged: its checksum is another")
        found = json.loads(facts)
    except FileNotFoundError:
        raise BadArchive(f"there is no file {path}") from None
    except _UNREADABLE as error:
        if isinstance(error, OSError) and error.errno is not None and path.exists() and os.access(path, os.R_OK):
            raise  # of the disk, and not of the file
        raise BadArchive(f"{path} is no backup, or cut off or damaged ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise BadArchive(f"{path} is no backup")
    return found, database


def _pack(file: IO[bytes], facts: bytes, database: Path) -> None:
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, _FACTS, io.BytesIO(facts), len(facts))
        with database.open("rb") as content:
            _add(tar, _DATABASE, content, database.stat().st_size)
        sums = {_FACTS: hashlib.sha256(facts).hexdigest(), _DATABASE: _digest(database)}
        listed = _listed(sums).encode()
        _add(tar, _SUMS, io.BytesIO(listed), len(listed))


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = _PRIVATE
    tar.addfile(member, content)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    """What stands under that name; a name is never taken for a path, and no link is followed."""
    member = tar.getmember(name)
    found = tar.extractfile(member) if member.isreg() else None
    if found is None:
        raise KeyError(name)
    return found


def _copy(content: IO[bytes], to: Path) -> str:
    """The SHA-256 of what lies at `to` now, for its owner's eyes alone."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as file:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _listed(sums: Mapping[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in sums.items())


def _sync_directory(directory: Path) -> None:
    """The new name outlives a power cut."""
    opened = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
