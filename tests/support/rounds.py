"""What a normal run leaves out and `--all-rounds` does not: the same about us with another gateway.

A test marked `any_gateway` is about our database, queue, locks, mails or pages. Of the gateways it is written for a
normal run has one, chosen by its name, so that each test always has the same one and all tests together have them all.
A test marked `long_way` is one of many alike of which a normal run has enough without it.
"""

from collections import defaultdict
from collections.abc import Sequence
from zlib import crc32

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without `--all-rounds` only what a normal run needs is left."""
    if not config.getoption("--all-rounds"):
        leave_out(config, items)


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What says the same once more is not in `items`."""
    out = {item for item in items if item.get_closest_marker("long_way")} | _of_other_gateways(items)
    if out:
        config.hook.pytest_deselected(items=[item for item in items if item in out])
        items[:] = [item for item in items if item not in out]


def one_of(name: str, gateways: Sequence[str]) -> str:
    """The gateway of this test in a normal run: for a name always the same."""
    return sorted(gateways)[crc32(name.encode()) % len(gateways)]


def _of_other_gateways(items: list[pytest.Item]) -> set[pytest.Item]:
    alike: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if item.get_closest_marker("any_gateway"):
            given = item.callspec.params  # type: ignore[attr-defined]
            alike[_name(item, given)][given["gateway"]].append(item)
    return {
        item
        for name, by_gateway in alike.items()
        for gateway, those in by_gateway.items()
        if gateway != one_of(name, list(by_gateway))
        for item in those
    }


def _name(item: pytest.Item, given: dict[str, object]) -> str:
    """The test's id without its gateway, and without its engine, of which each gateway may have another."""
    varies = {given.get(name) for name in ("gateway", "currency", "engine")}
    test, _, case = item.nodeid.rstrip("]").partition("[")
    return " ".join([test, *(word for word in case.split("-") if word not in varies)])
