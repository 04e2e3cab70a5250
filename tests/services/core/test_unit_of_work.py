"""What is pending is written late and together, and no statement misses what it could see; on both engines."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from app.domain.lifecycle import Actor
from app.models import Booking, Change, Practitioner, Service, User
from app.services.core.transaction import CLOCK, Who, record, transaction
from tests.support.statements import statements, summary
from tests.support.world import World

pytestmark = pytest.mark.both_engines


@pytest.fixture
def renamed(world: World) -> Iterator[Session]:
    """Inside a transaction that has given the one practitioner another name, which is not written yet."""
    world.service(world.practitioner(name="Before"))
    with world.app.app_context(), transaction() as session:
        session.scalars(select(Practitioner)).one().name = "After"
        yield session


_THEIR_NAME = Practitioner.name == "After"
_OTHER = aliased(Practitioner)
_READS = {
    "a row": select(Practitioner.id).where(_THEIR_NAME),
    "a count": select(func.count()).where(_THEIR_NAME),
    "an alias": select(_OTHER.id).where(_OTHER.name == "After"),
    "a join by a relationship": select(Service.id).join(Service.practitioner.and_(_THEIR_NAME)),
    "a relationship that is asked about": select(Service.id).where(Service.practitioner.has(_THEIR_NAME)),
    "a query inside": select(Service.id).where(Service.practitioner_id.in_(select(Practitioner.id).where(_THEIR_NAME))),
    "a query it reads from": select(select(Practitioner.id).where(_THEIR_NAME).subquery()),
}


@pytest.mark.parametrize("reads", _READS)
def test_whatever_way_a_read_names_a_table_it_finds_what_is_pending_there(renamed: Session, reads: str) -> None:
    assert renamed.execute(_READS[reads]).all()


def test_a_statement_that_changes_rows_finds_what_is_pending(renamed: Session) -> None:
    theirs = Service.practitioner_id.in_(select(Practitioner.id).where(_THEIR_NAME))
    gone = renamed.execute(delete(Service).where(theirs), execution_options={"synchronize_session": False})
    assert gone.rowcount == 1  # type: ignore[attr-defined]


def test_a_read_of_other_tables_leaves_for_later_what_is_pending(world: World, renamed: Session) -> None:
    with statements(world.app) as found:
        renamed.scalars(select(User)).all()
        renamed.scalars(select(Booking)).all()
    assert [summary(each) for each in found] == ["SELECT users", "SELECT bookings"]


def test_who_reads_a_row_anew_keeps_what_they_changed_of_it(renamed: Session) -> None:
    changed = renamed.scalars(select(Practitioner)).one()
    changed.headline = "Changed"
    renamed.refresh(changed)
    assert (changed.name, changed.headline) == ("After", "Changed")


def _recorded(*steps: str) -> None:
    for before, after in pairwise(("", *steps)):
        record("test", "7", before, after, CLOCK)


def test_the_trail_of_a_transaction_is_stored_in_one_statement(world: World) -> None:
    with world.app.app_context(), statements(world.app) as found, transaction():
        _recorded("one", "two", "three")
    assert [summary(each) for each in found if "changes" in each] == ["INSERT changes"]
    assert [each.to_status for each in world.all(Change) if each.subject_id == "7"] == ["one", "two", "three"]


def test_who_reads_the_trail_inside_the_transaction_finds_what_it_recorded(world: World) -> None:
    with world.app.app_context(), transaction() as session:
        _recorded("one")
        assert session.scalars(select(Change.to_status).where(Change.subject_id == "7")).all() == ["one"]
        record("test", "7", "one", "two", CLOCK)
        session.flush()
    assert [each.to_status for each in world.all(Change) if each.subject_id == "7"] == ["one", "two"]


def test_of_a_transaction_that_failed_nothing_is_recorded_not_even_by_the_next(world: World) -> None:
    with world.app.app_context():
        with pytest.raises(RuntimeError, match="failed"), transaction():
            _recorded("one")
            raise RuntimeError("failed")
        with transaction():
            record("test", "8", "", "next", Who(Actor.CLOCK))
    assert [each.to_status for each in world.all(Change) if each.subject_id in ("7", "8")] == ["next"]
