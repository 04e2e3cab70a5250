"""How far a long run is: one line written over again on a terminal, and a line now and then in a log."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import Self, TextIO

_BLINK = 0.2  # seconds between two writings on a terminal
_LOG_PAUSE = 30.0  # and in a log
_CLEAR = "\r\x1b[K"


class Progress:
    """Tells how many of `total` are done, the time gone and the time left: `with Progress(500, "kills") as progress`."""

    def __init__(
        self,
        total: int,
        what: str,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        rewrites: bool | None = None,
    ) -> None:
        """`rewrites`: one line over and over, or a line now and then; by default as `out` is a terminal or not."""
        self.total = total
        self.what = what
        self.done = 0
        self._out = out or sys.stderr
        self._clock = clock
        self._terminal = self._out.isatty() if rewrites is None else rewrites
        self._pause = _BLINK if self._terminal else _LOG_PAUSE
        self._began = self._told = clock()
        if self._terminal:
            self._tell()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def step(self, n: int = 1) -> None:
        """`n` more are done; says so if nothing was said for a while."""
        self.done += n
        if self._clock() - self._told >= self._pause:
            self._tell()

    def say(self, line: str) -> None:
        """The line stands by itself, above the progress."""
        self._write((_CLEAR if self._terminal else "") + line + "\n")
        if self._terminal:
            self._tell()

    def end(self) -> None:
        """The last word on how many were done, in how long."""
        self._write((_CLEAR if self._terminal else "") + f"{self._count()} in {_words(self._gone())}\n")

    def line(self) -> str:
        """Done of total, time gone, time left."""
        left = f", {_words(self._left())} left" if self.done else ""
        return f"{self._count()}, {_words(self._gone())} gone{left}"

    def _tell(self) -> None:
        self._told = self._clock()
        if self._terminal:
            self._write(_CLEAR + self.line()[: shutil.get_terminal_size().columns - 1])
        else:
            self._write(self.line() + "\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    def _count(self) -> str:
        return f"{self.done} of {self.total} {self.what}"

    def _gone(self) -> float:
        return self._clock() - self._began

    def _left(self) -> float:
        """At the pace so far, in seconds."""
        return max(0, self.total - self.done) * self._gone() / self.done


def _words(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
