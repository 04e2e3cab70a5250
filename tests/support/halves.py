"""Which engine a test runs on: both where the engine is its subject, else one, chosen anew with every commit."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from config import ROOT

ENGINES = ("sqlite", "postgresql")
# Rooms whose subject is the engine; elsewhere a test, class or module says so by the marker.
_BOTH = ("tests/races/", "tests/migrations/")
_KEPT = "kikao/half"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite or PostgreSQL; what is left of the two in this run is decided below."""
    return str(request.param)


@pytest.fixture(scope="session")
def all_rounds(request: pytest.FixtureRequest) -> bool:
    """Whether long proofs run in their full length."""
    return bool(request.config.option.all_rounds)


def pytest_addoption(parser: pytest.Parser) -> None:
    """What script/test understands beside pytest's own options."""
    group = parser.getgroup("kikao")
    words = ("one", "both", *ENGINES)
    group.addoption("--engine", choices=words, default="one", help="default: one for each test, chosen by --half")
    group.addoption("--half", help="any text: the same one chooses the same engines; default: the commit")
    group.addoption("--all-rounds", action="store_true", help="long proofs in their full length, every crossing")


def pytest_configure(config: pytest.Config) -> None:
    """The half is fixed once, by the process that was started by hand; workers are given its options."""
    config.addinivalue_line("markers", "both_engines: the engine is the subject: never on one alone")
    if config.option.half is None:
        config.option.half = _last_half(config) or _commit() or datetime.now(UTC).date().isoformat()
    cache = getattr(config, "cache", None)  # none with -p no:cacheprovider
    if not hasattr(config, "workerinput") and cache is not None:
        cache.set(_KEPT, config.option.half)


def pytest_report_header(config: pytest.Config) -> str:
    """The line that makes a run repeatable."""
    return repeatable(config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The same line at the end, because -q has no header."""
    terminalreporter.write_line(repeatable(config))


def repeatable(config: pytest.Config) -> str:
    """Which engines were chosen, and how to choose them again."""
    if config.option.engine != "one":
        return f"engines: --engine {config.option.engine}"
    return f"engines: one for each test, by --half {config.option.half}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The other half is left out, unless somebody asked for a test by its whole name."""
    if any("[" in word for word in config.invocation_params.args):
        return
    chosen, left_out = [], []
    for item in items:
        (chosen if is_chosen(item, config.option.engine, config.option.half) else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen


def is_chosen(item: pytest.Item, wish: str, half: str) -> bool:
    """Whether the test runs on its engine in this run; one that knows no engine always does."""
    callspec = getattr(item, "callspec", None)
    engine = callspec.params.get("engine") if callspec else None
    if engine is None or wish == "both":
        return True
    if wish != "one":
        return bool(engine == wish)
    is_subject = item.nodeid.startswith(_BOTH) or item.get_closest_marker("both_engines") is not None
    return is_subject or engine == engine_of(item.nodeid, engine, half)


def engine_of(nodeid: str, engine: str, half: str) -> str:
    """The engine on which a test runs in this half; both of its names give the same one."""
    name = nodeid.replace(engine, "*", 1)
    # Every tenth on PostgreSQL, where a test costs half as much again, and hardly a bug shows there alone.
    return "sqlite" if hashlib.sha256(f"{half} {name}".encode()).digest()[0] % 10 else "postgresql"


def _last_half(config: pytest.Config) -> str | None:
    """With --lf or --ff: the one of the run that failed, whatever was committed since."""
    again = config.getoption("lf", False) or config.getoption("failedfirst", False)
    cache = getattr(config, "cache", None)
    return cache.get(_KEPT, None) if again and cache is not None else None


def _commit() -> str:
    command: Sequence[str] = ("git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    except OSError:
        return ""
    return done.stdout.strip()
