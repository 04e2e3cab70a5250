"""Which Kikao this is: made once, in every object at a vendor, and behind every reference."""

import re
from datetime import datetime

import pytest

from app.lib import chance, clock
from app.models import Installation
from app.services.core import installation
from app.services.core.transaction import transaction
from tests.support.at_once import at_once
from tests.support.world import World


def _code(world: World) -> str:
    with world.app.app_context(), transaction():
        return installation.own_code()


@pytest.mark.both_engines
def test_of_many_at_once_that_need_it_first_all_have_the_same(world: World) -> None:
    found = at_once(*[lambda: _code(world)] * 6)
    assert len(set(found)) == 1
    assert [row.code for row in world.all(Installation)] == [found[0]]


def test_a_reference_is_twelve_letters_that_can_be_read_aloud_and_is_known_as_ours(world: World) -> None:
    with world.app.app_context(), transaction():
        code = installation.own_code()
        made = [installation.new_reference(code) for _ in range(50)]
        assert [each for each in made if not re.fullmatch("[A-HJKMNP-TV-Z2-9]{12}", each)] == []
        assert len(set(made)) == 50
        assert [each for each in made if not installation.is_of(code, each)] == []
        assert installation.is_of(code, f" {made[0][:4].lower()} {made[0][4:]}\t")


def test_what_strangers_type_is_hardly_ever_ours(world: World) -> None:
    code = _code(world)
    with world.app.app_context():
        strangers = [chance.reference() for _ in range(300)] + ["", "RENT", "254712345678", "A" * 12, "É" * 12, "ß" * 9]
        assert sum(installation.is_of(code, each) for each in strangers) <= 2


def test_each_letter_of_a_reference_is_checked(world: World) -> None:
    """A letter that was typed wrong makes another reference, and not one of ours."""
    with world.app.app_context(), transaction():
        code = installation.own_code()
        made = installation.new_reference(code)
        wrong = [f"{made[:n]}{'A' if made[n] != 'A' else 'B'}{made[n + 1 :]}" for n in range(12)]
        assert sum(installation.is_of(code, each) for each in wrong) <= 1


def test_a_reference_of_another_kikao_is_not_ours(world: World) -> None:
    with world.app.app_context():
        with transaction():
            theirs = [installation.new_reference(installation.own_code()) for _ in range(20)]
        assert sum(installation.is_of("ANOTHERKIKAO2345", each) for each in theirs) <= 1
        assert all(installation.is_of(installation.code_known(), each) for each in theirs)


def test_what_was_begun_before_the_installation_had_a_name_is_repeated_without_one(world: World) -> None:
    def since(moment: datetime) -> str:
        with world.app.app_context():
            return installation.code_since(moment)

    before = clock.now()
    assert since(before) == ""
    world.move(seconds=1)
    code = _code(world)
    world.move(seconds=1)
    assert (since(before), since(clock.now())) == ("", code)
