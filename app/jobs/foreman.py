"""The parent of a worker: it begins another when that is lost, and ends one that hangs. A program by itself, of a few MiB.

`flask worker` loads the application, forks the worker and becomes this (app/jobs/handover.py), which loads nothing of Kikao:
a parent with the application in it kept a second one in memory. So a successor loads it anew, within some seconds.
"""

import contextlib
import mmap
import os
import select
import signal
import struct
import sys
import time

_GAP = 1.0
_GRACE = 5.0  # seconds beyond a job's time, which the worker itself ends where it can
_LAST_JOB = 30.0  # seconds for the last job of a worker that was asked to stop
_HEALTHY = 10.0
_LONGEST_WAIT = 30.0
_STOP = (signal.SIGTERM, signal.SIGINT)
HEARD = (*_STOP, signal.SIGHUP, signal.SIGCHLD)
_NOTE = struct.Struct("d64s")


class Note:
    """What a worker is at and until when it may be, in a file without a name that its parent reads too."""

    def __init__(self, number: int) -> None:
        self.number = number  # of the open file
        os.truncate(number, _NOTE.size)
        self._memory = mmap.mmap(number, _NOTE.size)

    def write(self, job_id: str, until: float) -> None:
        """The worker is at this job, at the latest until then by `time.monotonic()`; 0 is for ever."""
        _NOTE.pack_into(self._memory, 0, until, job_id.encode()[:64])

    def read(self) -> tuple[str, float]:
        """As it was written; at no job there is no id and no end."""
        until, job_id = _NOTE.unpack_from(self._memory)
        return job_id.rstrip(b"\0").decode(errors="replace"), until


class Foreman:
    """One worker at a time, a child of this process."""

    def __init__(self, child: int, note: Note, command: list[str], *, burst: bool) -> None:
        self._child = child  # 0 while there is none
        self._note = note
        self._command = command
        self._burst = burst
        self._asked: list[int] = []
        self._begun = time.monotonic()
        self._gap = 0.0  # before a successor is begun
        self._ears = self._listen()

    def run(self) -> int:
        """Until it is asked to end or to begin anew, by the signal that is answered; 0 when all is done."""
        while not self._asked:
            self._wait(_GAP)
            self._end_who_hangs()
            if self._is_done():
                return 0
        self._end()
        return self._asked[0]

    def _listen(self) -> int:
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in HEARD:
            signal.signal(number, self._hear)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)  # blocked since before the fork, so that none was lost
        return reading

    def _wait(self, seconds: float) -> None:
        """Until the next signal, so many seconds at the longest."""
        if select.select([self._ears], [], [], seconds)[0]:
            os.read(self._ears, 64)

    def _hear(self, number: int, _frame: object) -> None:
        if number != signal.SIGCHLD:
            self._asked.append(number)

    def _end_who_hangs(self) -> None:
        job, until = self._note.read()
        if self._child and until and time.monotonic() > until + _GRACE:
            _say(f"worker.hung job={job}")
            _signal(self._child, signal.SIGKILL)

    def _is_done(self) -> bool:
        """Whether the worker has ended because all is done; one that was lost has a successor, or will have soon."""
        if not self._child:
            if time.monotonic() >= self._begun + self._gap and not self._asked:
                self._begin()
            return False
        code = _code(self._child)
        if code is None:
            return False
        self._child = 0
        if code == 0 and self._burst:
            return True
        if not self._asked:
            self._lose(code)
        return False

    def _lose(self, code: int) -> None:
        _say(f"worker.lost code={code} job={self._note.read()[0]}")
        self._note.write("", 0)
        was_healthy = time.monotonic() - self._begun > _HEALTHY
        self._gap = 0.0 if was_healthy else min(self._gap * 2 or _GAP, _LONGEST_WAIT)
        self._begun = time.monotonic()
        if not self._gap:
            self._begin()

    def _begin(self) -> None:
        """A worker loads the application, as this process did before it became what it is."""
        self._begun = time.monotonic()
        under = ("--under", str(os.getpid()), str(self._note.number))
        self._child = os.posix_spawn(sys.executable, [*self._command, *under], os.environ)

    def _end(self) -> None:
        """The worker has done its last job and is gone; asked a second time it is killed, as after half a minute."""
        until = time.monotonic() + _LAST_JOB
        asked = len(self._asked)
        if self._child:
            _signal(self._child, signal.SIGTERM)
        while self._child and _code(self._child) is None:
            if time.monotonic() > until or len(self._asked) > asked:
                _signal(self._child, signal.SIGKILL)
            self._wait(_GAP)


def _say(what: str) -> None:
    """A line of the log as `logging` writes it, which would take as much memory as all the rest."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%d %H:%M:%S,000')} ERROR app.jobs {what}\n")
    sys.stderr.flush()


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _code(pid: int) -> int | None:
    """How a child has ended; None while it has not."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 1
    return os.waitstatus_to_exitcode(status) if found else None


def main(child: str, number: str, way: str, *command: str) -> None:
    """The worker `child` and its successors were looked after; then this is `command` again, if it was to take new code."""
    if Foreman(int(child), Note(int(number)), list(command), burst=way == "burst").run() == signal.SIGHUP:
        os.execv(sys.executable, command)  # noqa: S606  (as we were started ourselves)


if __name__ == "__main__":
    main(*sys.argv[1:])
