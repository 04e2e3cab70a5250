"""The browser of the tests and of the picture: a real Chromium, installed where it may be."""

import os
import shutil

from script.support import debian

# The shell comes first: the same engine without the desktop browser around it, for 40 % less of the CPU's time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PACKAGES = ("chromium-headless-shell", "chromium")


def program() -> str:
    """The program of a real Chromium; CHROMIUM names another one. Raises RuntimeError."""
    if found := os.environ.get("CHROMIUM") or _found():
        return found
    for package in _PACKAGES:
        if debian.install(package) and (found := _found()):
            return found
    raise RuntimeError(
        "the browser tests need Chromium, and none is on PATH; install it "
        f"(Debian: apt-get install {_PACKAGES[0]}) or set CHROMIUM to its program"
    )


def _found() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)
