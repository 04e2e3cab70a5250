"""What a normal run leaves out and `--all-rounds` does not: the same about us with another gateway.

A test marked `any_gateway` is about our database, queue, locks, mails or pages. Of the gateways it is written for a
normal run has one, chosen by its name, so that each test always has the same one and all tests together have them all.
A test marked `long_way` is one of many alike of which a normal run has enough without it.
The cases of a test marked `in_turn` differ in one value that is carried through: a normal run has a third of them, others
with the next commit. Who names the file has them all.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from hashlib import sha256
from zlib import crc32

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without `--all-rounds` only what a normal run needs is left."""
    if not config.getoption("--all-rounds"):
        leave_out(config, items)


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What says the same once more is not in `items`."""
    out = {item for item in items if item.get_closest_marker("long_way")} | _of_other_gateways(items)
    if not _names_files(config):
        out |= _out_of_turn([item for item in items if item not in out], config.option.half)
    if out:
        config.hook.pytest_deselected(items=[item for item in items if item in out])
        items[:] = [item for item in items if item not in out]


def _names_files(config: pytest.Config) -> bool:
    return any(".py" in word for word in config.invocation_params.args)


def one_of(name: str, gateways: Sequence[str]) -> str:
    """The gateway of this test in a normal run: for a name always the same."""
    return sorted(gateways)[crc32(name.encode()) % len(gateways)]


def a_third(name: str, cases: Collection[str], half: str) -> set[str]:
    """The cases of this test whose turn it is: always the same in a half, and never none."""
    shuffled = sorted(cases, key=lambda case: sha256(f"{half} {name} {case}".encode()).digest())
    return set(shuffled[: -(-len(cases) // 3)])


def whose_turn(request: pytest.FixtureRequest, name: str, cases: Collection[str]) -> set[str]:
    """Of one long test the cases whose turn it is, as of a test `in_turn`; all of them with `--all-rounds` or by file."""
    config = request.config
    is_whole = config.getoption("--all-rounds") or _names_files(config)
    return set(cases) if is_whole else a_third(name, cases, config.option.half)


def _out_of_turn(items: list[pytest.Item], half: str) -> set[pytest.Item]:
    families: dict[str, dict[pytest.Item, str]] = defaultdict(dict)
    for item in items:
        if item.get_closest_marker("in_turn"):
            given = item.callspec.params  # type: ignore[attr-defined]
            families[item.nodeid.partition("[")[0]][item] = _case(item, {given.get("engine")})
    return {
        item
        for name, cases in families.items()
        for item, case in cases.items()
        if case not in a_third(name, set(cases.values()), half)
    }


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
    return f"{item.nodeid.partition('[')[0]} {_case(item, varies)}"


def _case(item: pytest.Item, varies: set[object]) -> str:
    """What stands in the brackets of the test's id, without these words."""
    case = item.nodeid.rstrip("]").partition("[")[2]
    return " ".join(word for word in case.split("-") if word not in varies)
