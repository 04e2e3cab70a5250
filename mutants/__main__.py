"""script/mutants: applies the planted bugs one by one to a copy of the tree, and shows for each that the suite caught it."""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutants.mutant import Mutant
from mutants.near import changed, is_near
from mutants.planted import KINDS
from script.support.progress import Progress

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 900  # seconds for one mutant's tests; one that hangs is caught too
_ENGINES = {"sqlite": ["--engine", "sqlite"], "both": ["--engine", "both"]}


def main() -> int:
    """Runs them all, or those that were asked for; 1 when one survived."""
    chosen = _chosen(_options().parse_args())
    if not chosen:
        print("no planted bug is like that")
        return 0
    with tempfile.TemporaryDirectory(prefix="kikao-mutants-") as directory:
        tree = _copy(Path(directory) / "tree")
        _check_collection(tree, {path for mutant in chosen for path in mutant.tests.split()})
        survivors = _survivors(chosen, tree)
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} planted bugs were caught")
    for name in survivors:
        print(f"SURVIVED: {name}")
    return bool(survivors)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="script/mutants", description=__doc__)
    options.add_argument(
        "words", nargs="*", help=f"only of these kinds, or with such a word in their name: {', '.join(KINDS)}"
    )
    options.add_argument("--changed", action="store_true", help="only those in a changed file, or with a changed test")
    options.add_argument(
        "--base", default="HEAD", metavar="REV", help="what counts as changed is since here; default HEAD"
    )
    return options


def _chosen(asked: argparse.Namespace) -> list[Mutant]:
    words = asked.words or [""]
    found = [
        mutant
        for kind, mutants in KINDS.items()
        for mutant in mutants
        if any(word == kind or word in mutant.name for word in words)
    ]
    if not asked.changed:
        return found
    files = changed(asked.base, ROOT)
    return [mutant for mutant in found if is_near(mutant, files)]


def _copy(target: Path) -> Path:
    ignored = shutil.ignore_patterns(".venv", ".git", "instance", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, target, ignore=ignored)
    return target


def _check_collection(tree: Path, paths: set[str]) -> None:
    """Ends here unless the tests load as they are: one that cannot be imported would "catch" every bug."""
    done = _pytest(tree, ["--collect-only", *sorted(paths)])
    if done.returncode != 0:
        raise SystemExit(f"without a bug the tests do not load: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _survivors(chosen: list[Mutant], tree: Path) -> list[str]:
    survivors = []
    with Progress(len(chosen), "planted bugs", sys.stdout) as progress:
        for mutant in chosen:
            began = time.monotonic()
            verdict = _verdict(mutant, tree)
            progress.step()
            progress.say(f"{verdict:<9} {time.monotonic() - began:5.0f} s  {mutant.name}")
            if verdict != "caught":
                survivors.append(mutant.name)
    return survivors


def _verdict(mutant: Mutant, tree: Path) -> str:
    file = tree / mutant.file
    original = file.read_text(encoding="utf-8")
    if original.count(mutant.before) != 1:
        return "GONE"  # the file does not read so any more, or more than once
    planted = original.replace(mutant.before, mutant.after)
    if file.suffix == ".py":
        compile(planted, mutant.file, "exec")  # a bug, not a slip of the pen
    _write(file, planted)
    try:
        return "caught" if _fails(mutant, tree) else "SURVIVED"
    finally:
        _write(file, original)


def _write(file: Path, text: str) -> None:
    """The file reads so, also for Python, which tells a changed file by its size and second alone."""
    file.write_text(text, encoding="utf-8")
    Path(importlib.util.cache_from_source(str(file))).unlink(missing_ok=True)


def _fails(mutant: Mutant, tree: Path) -> bool:
    try:
        done = _pytest(tree, [*_ENGINES[mutant.engines], *mutant.tests.split()])
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in (0, 1, 2):  # 2: a mutant may break the collection; above: pytest could not even begin
        raise SystemExit(f"pytest could not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode != 0


def _pytest(tree: Path, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:randomly", *arguments]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(
        command, cwd=tree, env=environ, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
