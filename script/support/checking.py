"""script/check: runs every check, even after one has failed, and says at the end which did."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sandbox import credentials
from script.support import coverage, debian, line_lengths, stylesheets
from script.support.settings import ROOT

_BASH = re.compile(rb"#!.*\bbash\b")


def main() -> int:
    """1 if any check failed."""
    os.chdir(ROOT)
    failed = [name for name, check in CHECKS.items() if not _passes(name, check)]
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


def _passes(name: str, check: Callable[[], str | None]) -> bool:
    """Runs one check; what a tool said matters only when it is a complaint."""
    print(f"{name:<14}", end="", flush=True)
    began = time.monotonic()
    complaint = check()
    print(f"{'ok' if complaint is None else 'FAILED':<7}{time.monotonic() - began:5.1f} s", flush=True)
    if complaint is not None:
        print(complaint.strip() or "(it gave no reason)", flush=True)
    return complaint is None


def _module(*arguments: str, environment: dict[str, str] | None = None) -> str | None:
    """Runs a tool of .venv; what it said when it failed, else None."""
    return _command(sys.executable, "-m", *arguments, environment=environment)


def _command(*command: str, environment: dict[str, str] | None = None) -> str | None:
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode else None


def _layers() -> str | None:
    # import-linter has no __main__; its script's first line may name the place the checkout was moved from.
    call = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
    return _command(sys.executable, "-c", call)


def _migrations() -> str | None:
    """An empty database is brought up to date, and then differs in nothing from the models."""
    with tempfile.TemporaryDirectory(prefix="kikao-check-") as directory:
        environment = _app_environment(Path(directory) / "check.db")
        flask = ("flask", "--app", "wsgi:app", "db")
        return _module(*flask, "upgrade", environment=environment) or _module(*flask, "check", environment=environment)


def _app_environment(database: Path) -> dict[str, str]:
    """Enough for the app to start, and nothing of the caller's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return {
        **kept,
        **credentials.environment("http://127.0.0.1:9", 9),
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": secrets.token_hex(32),
        "PUBLIC_URL": "http://localhost:8000",
    }


def _templates() -> str | None:
    return _module("djlint", "app/templates", "--lint", "--quiet")


def _shell() -> str | None:
    """What shellcheck says of every shell script; it parses them too."""
    shellcheck = _tool("shellcheck")
    if shellcheck is None:
        return "shellcheck is missing, and only root can install it here (Debian: apt-get install shellcheck)."
    files = [
        str(path) for place in ("script", ".ci", "deploy") for path in sorted(Path(place).rglob("*")) if _is_shell(path)
    ]
    return _command(shellcheck, "--external-sources", "--format", "gcc", *files)


def _tool(name: str) -> str | None:
    """Where a program is that a wheel carries, or Debian's package of its name where there is no wheel for this machine."""
    beside = Path(sys.executable).with_name(name)
    if beside.exists():
        return str(beside)
    if shutil.which(name) is None:
        debian.install(name)
    return shutil.which(name)


def _javascript() -> str | None:
    quiet = ("no-underscore-dangle", "unicorn/consistent-function-scoping")  # matters of taste
    allowed = [part for rule in quiet for part in ("--allow", rule)]
    return _command(
        str(Path(sys.executable).with_name("oxlint")),
        *(
            "--deny",
            "correctness",
            "--deny",
            "suspicious",
            *allowed,
            "--deny-warnings",
            "--ignore-pattern",
            "**/vendor/**",
        ),
        *("app/static", "sandbox"),
    )


def _is_shell(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return path.suffix == ".sh" or bool(_BASH.match(file.readline(100)))


CHECKS: dict[str, Callable[[], str | None]] = {
    "format": lambda: _module("ruff", "format", "--check", "."),
    "style": lambda: _module("ruff", "check", "--quiet", "--output-format", "concise", "."),
    "types": lambda: _module("mypy"),
    "layers": _layers,
    "migrations": _migrations,
    "templates": _templates,
    "translations": lambda: _module("script.support.translations"),
    "coverage": coverage.complaint,
    "shell": _shell,
    "javascript": _javascript,
    "stylesheets": stylesheets.complaint,
    "line lengths": line_lengths.complaint,
}

if __name__ == "__main__":
    sys.exit(main())
