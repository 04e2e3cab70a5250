"""Processes of Kikao's own for tests to kill: forked from one that has loaded the code, because loading it takes seconds."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["app", "werkzeug.serving", "tests.faults.child"])
_PATIENCE = 60


class Offspring:
    """One process that runs `work(say, *arguments)` in an environment of its own; what it says is heard here."""

    def __init__(self, environment: Mapping[str, str], work: Callable[..., None], *arguments: object) -> None:
        self._heard, theirs = _CONTEXT.Pipe(duplex=False)
        live = (theirs, dict(environment), work, arguments)
        self._process = _CONTEXT.Process(target=_live, args=live, daemon=True)
        self._process.start()
        theirs.close()

    def hear(self) -> Any:
        """Its next word. Raises EOFError when it has ended and said none."""
        assert self._heard.poll(_PATIENCE), "it says nothing"
        return self._heard.recv()

    def send_signal(self, number: signal.Signals) -> None:
        """It has the signal, if it lives."""
        if self._process.is_alive() and self._process.pid:
            os.kill(self._process.pid, number)

    def end(self) -> tuple[int | None, list[Any]]:
        """How it ended, once it has, negative for a signal; and what it had still to say."""
        self._process.join(_PATIENCE)
        said = []
        try:
            while self._heard.poll():
                said.append(self._heard.recv())
        except EOFError:
            pass
        self._heard.close()
        return self._process.exitcode, said


def _live(theirs: Connection, environment: dict[str, str], work: Callable[..., None], arguments: tuple[object]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    work(theirs.send, *arguments)
