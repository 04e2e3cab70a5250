"""script/mutants: applies the planted bugs one by one to a copy of the tree, and shows for each that the suite caught it."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutants.planted import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 900  # seconds for one mutant's tests; one that hangs is caught too


def main() -> int:
    """Runs them all, or those whose name holds a given word; 1 when one survived."""
    options = argparse.ArgumentParser(prog="script/mutants", description=__doc__)
    options.add_argument("words", nargs="*", help="only mutants whose name holds one of these")
    words = options.parse_args().words
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    with tempfile.TemporaryDirectory(prefix="kikao-mutants-") as directory:
        tree = _copy(Path(directory) / "tree")
        _check_collection(tree, {path for mutant in chosen for path in _paths(mutant)})
        survivors = [mutant.name for mutant in chosen if not _is_caught(mutant, tree)]
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} planted bugs were caught")
    for name in survivors:
        print(f"SURVIVED: {name}")
    return bool(survivors)


def _copy(target: Path) -> Path:
    ignored = shutil.ignore_patterns(".venv", ".git", "instance", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, target, ignore=ignored)
    return target


def _paths(mutant: Mutant) -> list[str]:
    return [word for word in mutant.tests.split() if word.startswith("tests/")]


def _check_collection(tree: Path, paths: set[str]) -> None:
    """Ends here unless the tests load as they are: one that cannot be imported would "catch" every bug."""
    done = _pytest(tree, ["--collect-only", *sorted(paths)])
    if done.returncode != 0:
        raise SystemExit(f"without a bug the tests do not load: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _is_caught(mutant: Mutant, tree: Path) -> bool:
    file = tree / mutant.file
    original = file.read_text(encoding="utf-8")
    if original.count(mutant.before) != 1:
        print(f"GONE      {mutant.name}: {mutant.file} does not read so any more, or more than once", flush=True)
        return False
    planted = original.replace(mutant.before, mutant.after)
    compile(planted, mutant.file, "exec")  # a bug, not a slip of the pen
    file.write_text(planted, encoding="utf-8")
    began = time.monotonic()
    try:
        caught = _fails(mutant.tests.split(), tree)
    finally:
        file.write_text(original, encoding="utf-8")
    print(f"{'caught   ' if caught else 'SURVIVED '} {time.monotonic() - began:5.0f} s  {mutant.name}", flush=True)
    return caught


def _fails(tests: list[str], tree: Path) -> bool:
    try:
        done = _pytest(tree, tests)
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in (0, 1, 2):  # 2: a mutant may break the collection; above: pytest could not even begin
        raise SystemExit(f"pytest could not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode != 0


def _pytest(tree: Path, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:randomly", *arguments]
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=tree, env=environ, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )


if __name__ == "__main__":
    sys.exit(main())
