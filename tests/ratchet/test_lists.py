"""Every page and call that shows a list asks as many statements for many rows as for few: all doors of the table are walked."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.lib import clock
from sandbox.server import Running
from tests.access.table import ROWS, Row
from tests.support.many import multiply
from tests.support.statements import statements, summary
from tests.support.town import Town
from tests.support.visitor import log_in
from tests.support.world import Caller, World

_FEW = 2
_MORE = 6  # times as much again: twelve of everything; a page shows twenty at the most
_NO_LISTS = ("/readyz",)  # and it answers 503 where no worker runs
# What still asks for each of its rows; a door that no longer does has to go from here. Drafts and disputes are few, and
# credit is followed lot by lot; on days with other hours nothing is booked before there is much.
_STILL = frozenset(
    {
        *("/bookings (client)", "/api/v1/me/tasks (client)", "/wallet (client)", "/api/v1/wallet (client)"),
        *("/gifts (client)", "/packages (client)", "/staff/disputes (staff)", "/practice/schedule/days (practitioner)"),
    }
)
_WHO = {"clients": "client", "practitioners": "practitioner", "staff": "staff"}


@pytest.fixture
def engine() -> str:
    """SQLite alone: what is asked is the same on both."""
    return "sqlite"


@dataclass(frozen=True)
class Door:
    """A page or call without a thing of its own in its address, and who opens it."""

    name: str
    path: str
    get: Callable[[str], Any]

    def ask(self) -> Any:
        """What is answered."""
        answer = self.get(self.path)
        answer.get_data()
        return answer


def test_a_list_asks_as_many_statements_for_many_rows_as_for_few(app: Flask, sandbox: Running) -> None:
    world = World(app, sandbox)  # and not the fixture: rows that are copied are in no order that an audit would pass
    town = Town(world)
    world.stand_still()
    doors = list(_doors(world, town))
    multiply(world, _FEW)
    few = {door.name: _counted(world, door) for door in doors}
    multiply(world, _MORE, 2)
    _more_practitioners(world)
    grown = {door.name: list(_growth(door, few[door.name], _counted(world, door))) for door in doors}
    new = [line for name, lines in grown.items() if name not in _STILL for line in lines]
    assert not new, "\n".join(["", *new])
    assert {name for name, lines in grown.items() if lines} == _STILL


def _growth(door: Door, few: Counter[str], many: Counter[str]) -> Iterator[str]:
    if many.total() > few.total():
        yield f"{door.name}: {few.total()} statements for few rows, {many.total()} for many"
        yield from (f"    {count} x {asked}" for asked, count in (many - few).most_common())


def _counted(world: World, door: Door) -> Counter[str]:
    """What it asks the second time, when nothing has to be loaded for the first time."""
    door.ask()
    with statements(world.app) as found:
        answer = door.ask()
    assert answer.status_code < 400, (door.name, answer.status_code)
    return Counter(map(summary, found))


def _doors(world: World, town: Town) -> Iterator[Door]:
    pair = town.pairs[0]
    people = {"client": pair.client, "practitioner": pair.owner, "staff": town.staff}
    browsers = {part: log_in(world, caller) for part, caller in people.items()}
    for row in ROWS:
        path = _path(row, pair.slug, pair.services["card"])
        for part in _parts(row) if path else ():
            yield Door(f"{row.rule} ({part})", path, _opener(path, browsers[part], people[part]))


def _opener(path: str, browser: Any, caller: Caller) -> Callable[[str], Any]:
    if path.startswith("/api/v1/"):
        today = clock.now().date()
        days = {"from": today.isoformat(), "to": (today + timedelta(days=30)).isoformat()}
        asked = days if path.endswith("/slots") else {}
        return lambda path: caller.get(path.removeprefix("/api/v1"), **asked)
    return browser.get  # type: ignore[no-any-return]


def _parts(row: Row) -> list[str]:
    if row.who & {"anybody", "members"}:
        return list(_WHO.values())
    return [part for who, part in _WHO.items() if who in row.who]


def _path(row: Row, slug: str, service: int) -> str:
    """Where it is; empty where a thing of somebody's is named, or nothing is listed."""
    path = row.rule.replace("<slug>", slug)
    for argument in ("<int:service_id>", "<int(max=2147483647):service_id>"):
        path = path.replace(argument, str(service))
    return path if "GET" in row.verbs and "<" not in path and path not in _NO_LISTS else ""


def _more_practitioners(world: World) -> None:
    for nth in range(12):
        owner = world.practitioner(name=f"Dr. Number {nth:02}")
        world.service(owner)
        world.service(owner, title="Longer", minutes=90)
