"""What the front bears of strangers, per process."""

import contextlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds, rates in bytes a second."""

    threads: int = 8
    body: int = 256 * 1024  # of any request; also what is read and thrown away of a body that is too large
    upload: int = 16 * 1024 * 1024  # where files are taken
    uploads: int = 32  # bodies larger than `body` that may be here at once
    chance_seconds: float = 5  # of a large body, before it may have to make room for a faster one
    in_memory: int = 64 * 1024  # of one body or streamed answer; the rest lies in a temporary file
    body_seconds: float = 20  # for a body, and one more for each `body_rate` of it that has come
    body_rate: int = 8 * 1024
    send_seconds: float = 60  # in which somebody who reads a streamed answer takes the next piece
    files: int = 65536  # open at once, connections among them
    held: int = 3000  # browsers that may wait for news at once
    look_seconds: float = 0.5  # between two looks for news, one for all who wait


def open_files(most: int) -> None:
    """This process may have so many connections, or as many as it may allow itself: 1,024 is what most systems give at first."""
    with contextlib.suppress(ImportError):  # there is none on Windows
        import resource  # noqa: PLC0415

        now, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = most if limit == resource.RLIM_INFINITY else min(most, limit)
        if now < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, limit))
