"""The audit asks everything in one statement, and every one of its questions can be answered with a no."""

import importlib
import pkgutil
import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.extensions import db
from app.services.backoffice import reconciliation
from app.services.backoffice.reconciliation import audit_runs
from app.services.backoffice.reconciliation.audit_runs import QUESTIONS
from app.services.backoffice.reconciliation.question import Question
from tests.support.statements import statements
from tests.support.world import World

pytestmark = pytest.mark.both_engines


def test_while_all_is_well_the_whole_audit_is_one_statement(world: World) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    with world.rows():
        db.session.scalar(text("SELECT 1"))  # the transaction is open: its BEGIN is no question
        with statements(world.app) as asked:
            assert reconciliation.breaches() == []
        assert len(asked) == 1
        assert [question.code for question in QUESTIONS if f"'{question.code}'" not in asked[0]] == []


def test_only_what_is_broken_is_asked_for_its_rows(world: World) -> None:
    booking = world.booked(world.person(), world.service(world.practitioner()))
    with world.rows() as session:
        session.execute(text("UPDATE holds SET released_at = taken_at"))
        with statements(world.app) as asked:
            [breach] = reconciliation.breaches()
        assert (breach.code, len(asked)) == ("hold_missing", 2)
        assert breach.sentence == "a confirmed booking has its places for good"
        assert [row.replace("-", "") for row in breach.rows] == [f"{booking['id'].replace('-', '')} confirmed"]
        session.rollback()


@pytest.mark.parametrize("half", [0, 1])
def test_each_question_is_heard_in_the_one_statement(world: World, half: int) -> None:
    """Whichever of them find rows, the one statement names just those."""
    chosen = {each.code for each in QUESTIONS[half::2]}
    asked = [replace(each, sql="SELECT 1") if each.code in chosen else each for each in QUESTIONS]
    with world.rows():
        assert audit_runs.broken(asked) == chosen


def test_every_question_of_the_package_is_asked_under_a_name_of_its_own() -> None:
    modules = [
        importlib.import_module(f"{reconciliation.__name__}.{each.name}")
        for each in pkgutil.iter_modules(reconciliation.__path__)
    ]
    groups = [value for module in modules for value in vars(module).values() if isinstance(value, tuple)]
    written = {each for group in groups for each in group if isinstance(each, Question)}
    assert written == set(QUESTIONS)
    assert len({question.code for question in QUESTIONS}) == len(QUESTIONS) == reconciliation.count()


def test_the_one_statement_is_far_from_what_sqlite_can_read() -> None:
    """Five times as many questions would fit into its limits."""
    with sqlite3.connect(":memory:") as connection:
        assert 5 * len(QUESTIONS) < connection.getlimit(sqlite3.SQLITE_LIMIT_COMPOUND_SELECT)
        assert 5 * sum(len(each.sql) + 80 for each in QUESTIONS) < connection.getlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_postgresql_compiles_no_statement(world: World) -> None:
    """Translating 58 questions into machine code takes it half a minute; answering them, milliseconds."""
    with world.rows() as session:
        assert session.scalar(text("SHOW jit")) == "off"
