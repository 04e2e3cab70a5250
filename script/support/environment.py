"""Makes .venv and keeps it equal to the locked requirements; standard library only, run by the system's Python."""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from script.support import debian

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"runtime": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}


def main() -> int:
    """What the caller asked for is installed; a sentence and 1 when that cannot be."""
    files = [ROOT / name for name in LOCKS[sys.argv[1]]]
    try:
        if not ready(files):
            with alone():
                make(files)
    except (OSError, RuntimeError) as error:
        print(f"Could not prepare {VENV}: {error}", file=sys.stderr)
        return 1
    return 0


def ready(files: list[Path]) -> bool:
    """Whether .venv runs and holds exactly these locks."""
    return works() and all(installed(file) for file in files)


def works() -> bool:
    """Whether .venv has a Python that runs, and pip: its base may have been removed, or its creation interrupted."""
    try:
        return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def installed(file: Path) -> bool:
    """Whether the stamp left by the last installation is this file's hash."""
    stamp = stamp_of(file)
    return stamp.is_file() and stamp.read_text() == digest(file)


def stamp_of(file: Path) -> Path:
    """Where the hash of an installed lock is kept: inside .venv, so that removing one removes the other."""
    return VENV / f".installed-{file.stem}"


def digest(file: Path) -> str:
    """The hash of a lock file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


@contextmanager
def alone() -> Iterator[None]:
    """Two scripts started together take turns; the kernel frees the lock of one that was killed."""
    # This file itself is locked: it is always there, and creating .venv would remove a lock file inside it.
    with open(__file__, encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another script that is preparing .venv ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(files: list[Path]) -> None:
    """Creates what is missing; looks again first, because another script may just have done it."""
    if not works():
        create()
    for file in files:
        if not installed(file):
            print(f"Installing {file.name} (once, and when it changes; about a minute) ...", flush=True)
            install(file)
            stamp_of(file).write_text(digest(file))


def create() -> None:
    """A fresh virtual environment, with pip; the stamps of a broken one are forgotten."""
    if importlib.util.find_spec("ensurepip") is None and not debian.install("python3-venv"):
        raise RuntimeError(
            "this Python has no ensurepip; install python3-venv (Debian, Ubuntu: apt-get install python3-venv)"
        )
    for stamp in VENV.glob(".installed-*"):
        stamp.unlink()
    print(f"Creating .venv with Python {sys.version.split()[0]} ...", flush=True)
    # `python -m` and not the module in this process: ensurepip may have arrived after we started.
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip() or "python -m venv failed (is python3-venv installed?)")


def install(file: Path) -> None:
    """The locked versions, each checked against its hashes: by uv where the machine has it, else by pip."""
    uv = shutil.which("uv")
    options = ["install", "--quiet", "--require-hashes", "-r", str(file)]
    if uv and _run(uv, "pip", *options, "--python", str(PYTHON)).returncode == 0:
        return
    done = _run(str(PYTHON), "-m", "pip", *options)
    if done.returncode:
        raise RuntimeError(f"pip could not install {file.name}:\n{done.stdout[-3000:]}")


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    """Runs an installer without questions; what it says matters only when it fails."""
    settings = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0", "PIP_NO_INPUT": "1"}
    return subprocess.run(
        command,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
