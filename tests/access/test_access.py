"""Who may do what where: everybody asks at every door for their own things, for others' and for none that ever were."""

import pytest
from flask import Flask

from tests.access.forms import NAMED
from tests.access.guests import watched
from tests.access.table import ROWS
from tests.access.things import never_address
from tests.access.walk import Walk
from tests.support.rounds import whose_turn
from tests.support.town import Town
from tests.support.world import World

_LAST = ("/withdraw", "/logins/end")  # after them nobody buys, and there is no program left to end
_VERBS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def whole(request: pytest.FixtureRequest) -> bool:
    """Whether everything is looked at and not a part."""
    return bool(request.config.getoption("--all-rounds", default=False))


def test_every_route_has_its_row_and_every_row_its_route(app: Flask) -> None:
    """A new route is in nobody's reach until the table says in whose."""
    there = [
        (rule.rule, verb) for rule in app.url_map.iter_rules() for verb in (rule.methods or set()) & {"GET", "POST"}
    ]
    written = [(row.rule, verb) for row in ROWS for verb in row.verbs]
    assert sorted(written) == sorted(there)


def test_no_route_knows_other_verbs(app: Flask) -> None:
    """Whoever asks: which verbs there are is decided before anything is looked up."""
    browser, odd = app.test_client(), {}
    for rule in app.url_map.iter_rules():
        there = set().union(*(each.methods or set() for each in app.url_map.iter_rules() if each.rule == rule.rule))
        for verb in _VERBS - there:
            with browser.open(never_address(rule), method=verb) as answer:
                odd[rule.rule, verb] = answer.status_code
    assert {where: status for where, status in odd.items() if status != 405} == {}


def test_whoever_may_not_is_told_what_is_told_about_nothing(
    world: World, whole: bool, request: pytest.FixtureRequest
) -> None:
    """Invariant 7: another person's object answers the same as one that never existed, in every verb, and nothing changes."""
    town = Town(world)
    world.stand_still()  # a paper says when it was printed
    turn = whose_turn(request, "refused", [row.rule for row in ROWS])
    with watched(world) as writes:
        walk = Walk(town, writes, whole=whole)
        for door in walk.doors("GET", "POST"):
            if door.row.rule in turn:
                walk.refuse(door)
        for rule, verb, field, kind in NAMED:
            [door] = [door for door in walk.doors(verb) if door.row.rule == rule]
            walk.refuse_named(door, field, kind)
    assert not walk.wrong, "\n".join(walk.wrong)


def test_whoever_may_is_let_in_and_reads_nothing_of_others(
    world: World, whole: bool, request: pytest.FixtureRequest
) -> None:
    """S3-1, invariant 7: no GET changes anything, with holds lapsed and look-ups due; nothing fails, however oddly asked."""
    town = Town(world)
    turn = whose_turn(request, "let in", [row.rule for row in ROWS])
    with watched(world) as writes:
        walk = Walk(town, writes, whole=whole)
        for door in walk.doors("GET"):
            if door.row.rule in turn:
                walk.admit(door)
        for door in sorted(walk.doors("POST"), key=lambda door: door.rule.rule.endswith(_LAST)):
            if door.row.rule in turn:
                walk.admit(door)
    assert not walk.wrong, "\n".join(walk.wrong)
