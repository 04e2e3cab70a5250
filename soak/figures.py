"""What long runs have shown, kept by commit: one line as soon as a seed is done, so that a kill loses only the seed at work."""

import hashlib
import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from script.support.settings import ROOT

_PLAYED = ("app", "config.py", "migrations", "sandbox", "script", "soak", "tests")  # what a run is made of


@dataclass(frozen=True)
class Part:
    """One seed of one kind of run."""

    word: str
    engine: str
    each: int
    seed: int


@dataclass(frozen=True)
class Figure:
    """What became of it, and in how many seconds."""

    part: Part
    counts: dict[str, int]
    failures: list[str]
    seconds: float


@dataclass(frozen=True)
class Wish:
    """A run as it was asked for, so that it can be gone on with."""

    word: str
    engines: list[str]
    each: int
    first: int
    last: int

    def parts(self) -> list[Part]:
        """All of it, seed by seed on one engine after the other."""
        seeds = range(self.first, self.last + 1)
        return [Part(self.word, engine, self.each, seed) for engine in self.engines for seed in seeds]


class Figures:
    """The figures of one state of the code, in a file that only grows."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @classmethod
    def of_this_code(cls, directory: Path) -> Self:
        """Those of the commit that is checked out; with changes or without git, of just this code."""
        return cls(directory / f"{code_name()}.jsonl")

    def begin(self, wish: Wish) -> None:
        """This was asked for last."""
        self._append({"asked": asdict(wish)})

    def keep(self, figure: Figure) -> None:
        """It survives whatever comes next."""
        self._append({"done": asdict(figure)})

    def last_wish(self, word: str) -> Wish | None:
        """What was asked for last of this kind."""
        wishes = [Wish(**line["asked"]) for line in self._lines() if "asked" in line]
        return next((wish for wish in reversed(wishes) if wish.word == word), None)

    def done(self) -> dict[Part, Figure]:
        """Each seed once, as it was played last."""
        rows = [line["done"] for line in self._lines() if "done" in line]
        found = [Figure(**row | {"part": Part(**row["part"])}) for row in rows]
        return {figure.part: figure for figure in found}

    def _lines(self) -> Iterator[dict[str, Any]]:
        text = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
        for line in text.splitlines():
            try:
                yield json.loads(line)
            except ValueError:  # cut off by a kill: that seed is played again
                continue

    def _append(self, row: dict[str, Any]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("ab+") as file:
            if file.tell() and not self.file.read_bytes().endswith(b"\n"):
                file.write(b"\n")
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def code_name(root: Path = ROOT) -> str:
    """The commit that is checked out; where the code differs from it, or there is no git, a mark of the code is added."""
    commit = _git(root, "rev-parse", "--short=12", "HEAD")
    if commit and not _git(root, "status", "--porcelain"):
        return commit
    return f"{commit or 'no-commit'}-changed-{_mark(root)}"


def _git(root: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    try:
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _mark(root: Path) -> str:
    digest = hashlib.sha256()
    for place in _PLAYED:
        for file in sorted([root / place, *(root / place).rglob("*")]):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:8]


def total(figures: list[Figure]) -> Counter[str]:
    """All that was counted."""
    return sum((Counter(figure.counts) for figure in figures), Counter())
