"""What each room of tests costs, how far the run is, and long rooms first, so that none is waited for at the end."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from script.support import processes
from script.support.progress import Progress

_LONG = ("soak", "races", "histories", "browser", "migrations")
_spent: Counter[str] = Counter()
_progress: list[Progress] = []


def room(nodeid: str) -> str:
    """The folder below tests/ in which a test stands."""
    parts = nodeid.partition("::")[0].split("/")
    return parts[1] if len(parts) > 2 else "tests"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rooms whose single tests are long begin."""
    items.sort(key=lambda item: room(item.nodeid) not in _LONG)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """The processor time of the test, of what it began and of those below it is put on its room's account."""
    before = processes.cpu_seconds(os.getpid())
    try:
        return (yield)
    finally:
        _spent[room(item.nodeid)] += max(0, processes.cpu_seconds(os.getpid()) - before)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what its rooms cost."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["costs"] = dict(_spent)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker that died has handed over nothing."""
    _spent.update(getattr(node, "workeroutput", {}).get("costs", {}))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids: list[str]) -> None:
    """The workers have found so many tests."""
    _begin(len(ids))


def pytest_collection_finish(session: pytest.Session) -> None:
    """So many tests have been found, where no workers look for them."""
    if not hasattr(session.config, "workerinput"):
        _begin(len(session.items))


def _begin(count: int) -> None:
    """From now on a line now and then says how many are done, and how long the others will take."""
    if count and not _progress:
        _progress.append(Progress(count, "tests", out=sys.stdout, rewrites=False))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """One more is done."""
    if report.when == "teardown" and _progress:
        _progress[0].step()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """CPU seconds by room, the dearest first."""
    if sum(_spent.values()) > 1:
        told = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in _spent.most_common())
        terminalreporter.write_line(f"CPU s by room (the servers' part not counted): {told}")
