"""The table of quotas: nothing in it is without a sentence or without somebody who asks it; and who was stopped is noted."""

import re
from pathlib import Path

import pytest

from app import words
from app.domain.quotas import QUOTAS, Rule
from app.models import QuotaStop, Role
from app.services.backoffice import sweeps
from tests.support.visitor import Visitor
from tests.support.world import Caller, World

_APP = Path(__file__).resolve().parents[3] / "app"
# What a sentence may name: how much is allowed, and for the rest of which minutes nothing more is.
_NAMED = {True: {"most", "minutes"}, False: {"most"}}


def _takes_four(world: World, client: Caller, *, times: int = 1) -> None:
    """The fourth booking is asked for in vain, so often."""
    service = world.service(world.practitioner())
    starts = [slot["start"] for slot in world.slots(service)]
    for start in starts[:3]:
        world.book(client, service, start)
    for _ in range(times):
        assert client.post("/bookings", {"service_id": service, "start": starts[3]}).status_code == 409


def test_every_rule_has_a_quota_a_sentence_for_people_and_one_for_staff() -> None:
    assert set(QUOTAS) == set(Rule)
    assert set(words.STOPS) == {rule.value for rule in Rule}
    for rule, quota in QUOTAS.items():
        sentence = str(words.PROBLEMS[quota.code])
        assert set(re.findall(r"%\((\w+)\)s", sentence)) <= _NAMED[quota.within is not None], rule
        assert quota.most > 0
        assert quota.status == (429 if quota.within else 409)


def test_every_rule_is_asked_somewhere() -> None:
    """A row that nobody reads would promise what nothing holds."""
    text = "".join(path.read_text("utf-8") for path in _APP.rglob("*.py") if path.name != "quotas.py")
    assert [rule for rule in Rule if f"Rule.{rule.name}" not in text] == []


@pytest.mark.both_engines
@pytest.mark.usefixtures("quotas")
def test_who_was_stopped_is_noted_once_a_day_with_how_often(world: World) -> None:
    client = world.person()
    _takes_four(world, client, times=5)
    [stop] = world.all(QuotaStop)
    assert (stop.rule, stop.user_id, stop.count, stop.who) == (
        "open_bookings",
        client.user_id,
        5,
        f"user:{client.user_id}",
    )
    assert stop.first_at < stop.last_at
    world.move(hours=24)
    _takes_four(world, client)
    assert [row.count for row in world.all(QuotaStop)] == [5, 1]


@pytest.mark.usefixtures("quotas")
def test_staff_read_who_was_stopped_and_others_do_not(world: World) -> None:
    staff, client = world.person(Role.STAFF), world.person(name="Mwangi Njoroge")
    assert "Nobody hit a limit" in Visitor(world, staff).main("/staff/stops")
    _takes_four(world, client, times=2)
    said = Visitor(world, staff).main("/staff/stops")
    assert "Too many open bookings, neither paid nor answered" in said
    assert "2 ×" in said
    assert "Mwangi Njoroge" in said
    assert Visitor(world, client).get("/staff/stops").status_code in (403, 404)


@pytest.mark.usefixtures("quotas")
def test_after_ninety_days_it_is_forgotten(world: World) -> None:
    _takes_four(world, world.person())
    world.move(days=89)
    with world.app.app_context():
        sweeps.sweep()
    assert len(world.all(QuotaStop)) == 1
    world.move(days=2)
    with world.app.app_context():
        sweeps.sweep()
    assert world.all(QuotaStop) == []
