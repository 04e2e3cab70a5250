"""What each kind of callback, page and call asks of the database is counted, and never becomes more by accident."""

import pytest

from tests.ratchet import ratchet
from tests.ratchet.kinds import counted
from tests.support.world import World


@pytest.fixture
def engine() -> str:
    """SQLite alone: what is asked is the same on both, and numbers of one kind are compared."""
    return "sqlite"


def test_no_kind_of_work_takes_more_statements_than_before(world: World, request: pytest.FixtureRequest) -> None:
    found, mode = counted(world), request.config.getoption("--ratchet", "hold")
    if mode != "hold":
        now = ratchet.counts(found)
        ratchet.keep(now if mode == "raise" else ratchet.lowered(now, ratchet.kept()))
    complaints = ratchet.complaints(found, ratchet.kept())
    assert not complaints, "\n".join(["", *complaints, f"If there is no other way: {ratchet.RAISE}, and say why."])


_PAGE = ["SELECT users.id FROM users WHERE users.id = ?", "SELECT bookings.id FROM bookings"]


def test_a_statement_more_is_named_as_it_is() -> None:
    more = {"page": [*_PAGE, "SELECT users.id, users.name\nFROM users WHERE users.email = ?"]}
    assert ratchet.complaints(more, ratchet.counts({"page": _PAGE})) == [
        "page: 3 statements, 2 before. New:",
        "  1 x SELECT users, one of",
        "      SELECT ... FROM users WHERE users.id = ?",
        "      SELECT ... FROM users WHERE users.email = ?",
    ]


@pytest.mark.parametrize(
    "found", [{"page": _PAGE[:1]}, {"page": [_PAGE[0], _PAGE[0]]}, {"page": _PAGE, "call": []}, {}]
)
def test_fewer_other_new_and_lost_ones_ask_for_the_file_to_be_written(found: dict[str, list[str]]) -> None:
    before = ratchet.counts({"page": _PAGE})
    [complaint] = ratchet.complaints(found, before)
    assert ratchet.LOWER in complaint
    assert ratchet.complaints(found, ratchet.lowered(ratchet.counts(found), before)) == []


def test_lowering_leaves_what_became_more() -> None:
    before = ratchet.counts({"page": _PAGE, "call": _PAGE})
    found = ratchet.counts({"page": [*_PAGE, *_PAGE], "call": []})
    assert ratchet.lowered(found, before) == {"page": before["page"], "call": {}}
