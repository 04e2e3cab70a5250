"""What a script may install by itself: Debian's packages, and only as root."""

import os
import shutil
import subprocess

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


def _apt(*arguments: str) -> bool:
    done = subprocess.run(
        ["apt-get", "-q", *arguments],
        env={**os.environ, **_QUIET},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stderr.strip()[-2000:], flush=True)
    return done.returncode == 0
