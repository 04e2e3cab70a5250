"""Templates as they were compiled before: the first view of a page took a tenth of a second for that, in each process.

They lie beside Python's own compiled files, are written only where those would be, and are for this code alone: a compiled
template has values in it that our filters gave.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import get_ident

from jinja2.bccache import Bucket, BytecodeCache


class CompiledTemplates(BytecodeCache):
    """Jinja's cache, good until a file of Python below `code` changes."""

    def __init__(self, code: Path) -> None:
        self._code = code
        self._directory = code / "__pycache__" / "templates"
        self._state = ""

    def load_bytecode(self, bucket: Bucket) -> None:
        """The template is there, if it was compiled from this source by this code and this Jinja."""
        with suppress(OSError, EOFError, ValueError, TypeError), (self._directory / bucket.key).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """The next process finds it compiled; one that may not write there compiles it again."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            mine = self._directory / f"{bucket.key}.{os.getpid()}-{get_ident()}"
            with mine.open("wb") as file:
                bucket.write_bytecode(file)
            mine.replace(self._directory / bucket.key)  # others read all of it or nothing

    def get_source_checksum(self, source: str) -> str:
        """By it a bucket knows whether it is still good."""
        self._state = self._state or "".join(sorted(_states(self._code)))
        return sha256(f"{source}\0{self._state}".encode()).hexdigest()


def _states(directory: Path | str) -> Iterator[str]:
    """Each file of code below it, with its time and size."""
    for entry in os.scandir(directory):
        if entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
            yield from _states(entry.path)
        elif entry.name.endswith(".py"):
            found = entry.stat()
            yield f"{entry.path} {found.st_mtime_ns} {found.st_size}\n"
