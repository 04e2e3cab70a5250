"""What a script may install by itself: Debian's packages, and only as root."""

import os
import shutil
import subprocess
from pathlib import Path

_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def can_install() -> bool:
    """Whether this is root on a machine with apt-get."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> bool:
    """Whether the packages are installed now; the lists are fetched first, as fresh machines have none."""
    if not can_install():
        return False
    print(f"Installing {' '.join(packages)} with apt-get ...", flush=True)
    _apt("update")
    return _apt("install", "--yes", "--no-install-recommends", *packages)


def _apt(*arguments: str, directory: Path | None = None) -> bool:
    done = subprocess.run(
        ["apt-get", "-q", *arguments],
        cwd=directory,
        env={**os.environ, **_QUIET},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stderr.strip()[-2000:], flush=True)
    return done.returncode == 0


def unpack(package: str, directory: Path) -> bool:
    """Whether the files of one package are below the directory now: nothing is configured, started, or put anywhere else."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return False
    directory.mkdir(parents=True, exist_ok=True)
    if not _apt("download", package, directory=directory) and not (
        can_install() and _apt("update") and _apt("download", package, directory=directory)
    ):
        return False
    found = sorted(directory.glob(f"{package}_*.deb"))
    return all(_runs(["dpkg-deb", "-x", str(archive), str(directory)]) for archive in found) and bool(found)


def _runs(command: list[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
