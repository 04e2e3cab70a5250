"""Every revision goes up and down on both engines, and the last one is what the models say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from app import create_app
from app.extensions import db, migrations
from app.lib import database
from app.models import Base, User
from app.services.accounts import people
from config import ROOT

_FOLDER = ROOT / "migrations"


def revisions() -> list[Script]:
    """From the first to the newest."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return list(reversed(list(ScriptDirectory.from_config(config).walk_revisions())))


def test_the_files_say_which_is_the_newest_as_alembic_would() -> None:
    """/readyz asks in each web process, which need not load Alembic for it."""
    known = revisions()
    assert migrations.newest == known[-1].revision
    assert all(migrations.knows(each.revision) for each in known)
    assert not migrations.knows("none")


@pytest.fixture
def empty_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_url")
    name = f"kikao_empty_{tmp_path.name.encode().hex()[-20:]}_{id(tmp_path):x}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def bare(empty_url: str) -> Iterator[Flask]:
    """An application on an empty database."""
    app = create_app({"DATABASE_URL": empty_url, "SECRET_KEY": "k" * 40})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def schema() -> set[tuple[str, ...]]:
    """Everything the database is made of, in words that can be compared."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        rows = _rows("SELECT type, name, sql FROM sqlite_master WHERE name <> 'alembic_version' AND sql IS NOT NULL")
    else:
        rows = _rows(
            "SELECT 'column', table_name, column_name, data_type, is_nullable, coalesce(column_default, ''),"
            " coalesce(character_maximum_length, 0)"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
        )
        rows |= _rows(
            "SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND conname <> 'alembic_version_pkc'"
            " AND conname NOT LIKE 'alembic_version%'"
        )
        rows |= _rows(
            "SELECT 'index', indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        rows |= _rows("SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal")
        rows |= _rows(
            "SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND prokind = 'f'"
        )
        rows |= _rows(
            "SELECT 'sequence', sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public'"
        )
    return rows


def _rows(statement: str) -> set[tuple[str, ...]]:
    with db.engine.connect() as connection:
        return {tuple(str(value) for value in row) for row in connection.execute(text(statement))}


def constraints() -> set[tuple[str, ...]]:
    """What alembic's comparison leaves out or takes for granted, by table: checks, keys, indexes, what may be null."""
    seen: Any = inspect(db.engine)
    found: set[tuple[str, ...]] = set()
    for table in sorted(set(seen.get_table_names()) - {"alembic_version"}):
        found |= {("check", table, str(c["name"]), _plain(c["sqltext"])) for c in seen.get_check_constraints(table)}
        found |= {("unique", table, *sorted(u["column_names"])) for u in seen.get_unique_constraints(table)}
        found |= {
            ("foreign", table, *f["constrained_columns"], f["referred_table"]) for f in seen.get_foreign_keys(table)
        }
        found |= {("index", table, str(i["name"]), str(i["unique"])) for i in seen.get_indexes(table)}
        found |= {("null", table, c["name"], str(c["nullable"])) for c in seen.get_columns(table)}
        found.add(("primary", table, *seen.get_pk_constraint(table)["constrained_columns"]))
    return {row for row in found if "ex_slots_no_overlap" not in row}


def _readyz(app: Flask) -> Any:
    db.session.remove()  # the request shares this context's session, which must not look at yesterday's snapshot
    return app.test_client().get("/readyz")


def _plain(sql: str) -> str:
    return re.sub(r"[\s()\"]|::[a-z ]+(\[\])?", "", sql).lower()


def test_from_an_empty_database_up_down_to_nothing_and_up_again(bare: Flask) -> None:
    """S0-22: reversible in both directions, as a whole."""
    assert schema() == set()
    upgrade()
    full = schema()
    assert any("bookings" in row for row in full)
    downgrade(revision="base")
    assert schema() == set()
    upgrade()
    assert schema() == full


def test_every_revision_can_be_taken_back_step_by_step(bare: Flask) -> None:
    """S0-22, S3-37: each downgrade leaves exactly what was there before its upgrade, and the way up is the same again."""
    states = [schema()]
    for script in revisions():
        upgrade(revision=script.revision)
        assert schema() != states[-1], f"{script.revision} changes nothing"
        states.append(schema())
    for script, before in reversed(list(zip(revisions(), states, strict=False))):
        downgrade(revision="-1")
        assert schema() == before, f"{script.revision} leaves something behind, or takes too much"
    for script, after in zip(revisions(), states[1:], strict=True):
        upgrade(revision=script.revision)
        assert schema() == after


def test_the_newest_revision_is_what_the_models_say(bare: Flask) -> None:
    """`flask db check`: a model that was changed without a revision fails here."""
    upgrade()
    check()


def test_the_constraints_are_what_the_models_say(bare: Flask) -> None:
    """S0-1: the check constraints too, which alembic does not compare."""
    upgrade()
    migrated = constraints()
    downgrade(revision="base")
    Base.metadata.create_all(db.engine)
    assert migrated == constraints()
    Base.metadata.drop_all(db.engine)


def test_rows_survive_the_way_down_and_up_of_the_newest_revision(bare: Flask) -> None:
    upgrade()
    people.register("wanjiku@people.test", "correct horse", "Wanjiku Kamau")
    downgrade(revision="-1")
    upgrade()
    db.session.remove()
    assert [user.name for user in db.session.query(User)] == ["Wanjiku Kamau"]


def test_upgrading_twice_changes_nothing(bare: Flask) -> None:
    """Every start of script/server and every deploy runs it."""
    upgrade()
    once = schema()
    upgrade()
    assert schema() == once


def test_a_database_at_an_older_revision_makes_readyz_say_so(bare: Flask) -> None:
    """F25: a load balancer sends nobody to code that is ahead of its tables."""
    upgrade()
    assert _readyz(bare).status_code == 200
    downgrade(revision="-1")
    *_, older, newest = [script.revision for script in revisions()]
    answer = _readyz(bare)
    assert (answer.status_code, answer.json["status"]) == (503, "not ready")
    assert answer.json["migrations"] == f"at {older}, not at {newest}: run flask db upgrade"
    upgrade()
    assert _readyz(bare).status_code == 200


def test_an_empty_database_makes_readyz_say_what_to_run(bare: Flask) -> None:
    """The first start of all: "does not answer" would send people looking for the wrong thing."""
    answer = _readyz(bare)
    assert answer.status_code == 503
    assert answer.json["database"] == "ok"
    assert "run flask db upgrade" in answer.json["migrations"]


def test_a_database_that_is_away_makes_readyz_say_so(tmp_path: Path) -> None:
    """F02."""
    app = create_app({"DATABASE_URL": f"postgresql://nobody@/nothing?host={tmp_path}", "SECRET_KEY": "k" * 40})
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "does not answer" in answer.json["database"]
    assert app.test_client().get("/healthz").status_code == 200


def test_there_is_one_line_of_revisions_and_no_branch() -> None:
    assert [script.down_revision for script in revisions()] == [None, *(s.revision for s in revisions()[:-1])]


@pytest.mark.parametrize("path", sorted((_FOLDER / "versions").glob("*.py")), ids=lambda path: path.stem)
def test_a_file_is_named_by_when_which_and_what(path: Path) -> None:
    """YYYYMMDD_HHMM_<rev>_<sentence>.py, with the revision that stands inside, and the sentence again on top."""
    named = re.fullmatch(
        r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])_([01]\d|2[0-3])[0-5]\d_(\w{4})_[a-z0-9]+(_[a-z0-9]+)+\.py",
        path.name,
    )
    assert named, path.name
    tree = ast.parse(path.read_text())
    assert f'revision = "{named[4]}"' in path.read_text().replace("'", '"')
    assert (ast.get_docstring(tree) or "").endswith(".")
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name in ("upgrade", "downgrade"):
        work = [n for n in functions[name].body if not isinstance(n, ast.Pass | ast.Expr) or _calls(n)]
        assert work, f"{name} does nothing"


def _calls(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


@pytest.mark.parametrize("path", sorted((_FOLDER / "versions").glob("*.py")), ids=lambda path: path.stem)
def test_a_revision_does_not_import_the_application(path: Path) -> None:
    """What a model is today is not what it was then."""
    assert not re.search(r"^\s*(from|import) (app|config)\b", path.read_text(), re.MULTILINE)


def test_sqlite_keeps_its_guards_whatever_opens_it(tmp_path: Path) -> None:
    """Foreign keys, write-ahead log and full sync are set on every connection."""
    app = create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'kikao.db'}", "SECRET_KEY": "k" * 40})
    with app.app_context():
        assert db.engine.dialect.name == "sqlite"
        with db.engine.connect() as connection:
            found = [connection.execute(text(f"PRAGMA {p.partition('=')[0]}")).scalar() for p in database._PRAGMAS]
        assert found == ["wal", 2, 1, 5000, -512]
        db.engine.dispose()
