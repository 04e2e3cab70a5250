"""Which planted bugs are near a change: those in a file it touches, or whose tests it touches."""

import subprocess
from collections.abc import Collection
from pathlib import Path

from mutants.mutant import Mutant


def changed(base: str, root: Path) -> set[str]:
    """The files that differ from this commit or were added since, committed or not. Raises CalledProcessError."""
    return _git(root, "diff", "--name-only", base) | _git(root, "ls-files", "--others", "--exclude-standard")


def is_near(mutant: Mutant, files: Collection[str]) -> bool:
    """Whether one of the files is the bug's own, one of its tests, or lies in a folder of its tests."""
    places = {mutant.file, *(path.partition("::")[0] for path in mutant.tests.split())}
    return any(file == place or file.startswith(f"{place}/") for file in files for place in places)


def _git(root: Path, *arguments: str) -> set[str]:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    return set(done.stdout.splitlines())
