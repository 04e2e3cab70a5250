"""Backups: whole or not there, private, and the way back to them is refused wherever it would do harm."""

import io
import json
import os
import resource
import sqlite3
import stat
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from redis import Redis
from rq import Worker
from sqlalchemy import text

from app import create_app
from app.extensions import db, migrations
from app.lib import backups, clock
from app.lib.backups import CopyFailed, postgres_tools
from app.lib.queue import open_queue
from app.models import Booking, Change, CodePurpose, Login, MailedCode, Notification, Role, User
from app.services.accounts import mailed_codes
from app.services.accounts.mailed_codes import Wish
from app.services.backoffice import doctor
from app.services.core import encryption, installation, restorations
from app.services.core.transaction import transaction
from config import ROOT
from tests.support.going_back import back_up, go_back, log_in_again, nothing_left, type_in
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.fixture
def tidy(app: Flask) -> Iterator[None]:
    """Nothing stays on the server."""
    with nothing_left(app):
        yield


def _bookings(world: World) -> int:
    return len(world.all(Booking))


def _reopen(world: World) -> None:
    assert type_in(world.app, "reopen", "--reason", "a test").exit_code == 0


# ------------------------------------------------------------------------------------------------ the way and back


@pytest.mark.both_engines
def test_the_books_are_those_of_the_backup_and_the_former_ones_are_kept_aside(world: World, tmp_path: Path) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    first = world.booked(client, service)
    file = back_up(world.app, tmp_path)
    world.booked(client, service)
    said = go_back(world.app, file)
    assert _bookings(world) == 1
    again = log_in_again(world, client)
    assert world.booking(again, first["id"])["status"] == "confirmed"
    assert "all hold" in said
    aside = said.partition("the former one is ")[2].splitlines()[0]
    assert _count_in(world, aside) == 2


def _count_in(world: World, aside: str) -> int:
    """How many bookings there are in what was moved aside."""
    statement = "SELECT count(*) FROM bookings"
    with world.app.app_context():
        url = db.engine.url
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(aside) as there:
            return int(there.execute(statement).fetchone()[0])
    text = url.set(drivername="postgresql", database=aside).render_as_string(hide_password=False)
    with psycopg.connect(text) as there:
        return int(there.execute(statement).fetchone()[0])


@pytest.mark.both_engines
def test_a_drill_fills_a_database_that_was_not_there(world: World, tmp_path: Path) -> None:
    """As docs/operating.md has it: another DATABASE_URL, and nothing to replace."""
    world.booked(world.person(), world.service(world.practitioner()))
    file = back_up(world.app, tmp_path)
    drill = create_app(world.app.config["ENVIRON"] | {"DATABASE_URL": _drill_url(world, tmp_path)})
    done = type_in(drill, "restore", file)
    assert (done.exit_code, "the former one" in done.output) == (0, False), done.output
    assert type_in(drill, "money", "audit").exit_code == 0
    with drill.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM bookings")) == 1
        db.session.remove()
        db.engine.dispose()


def _drill_url(world: World, tmp_path: Path) -> str:
    with world.app.app_context():
        url = db.engine.url
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{tmp_path / 'drill.db'}"
    return url.set(drivername="postgresql", database=f"{url.database}_drill").render_as_string(hide_password=False)


@pytest.mark.both_engines
def test_what_was_not_committed_when_it_was_made_is_not_in_it(world: World, tmp_path: Path) -> None:
    with world.rows() as session:
        session.execute(text("INSERT INTO receipt_series (code, last) VALUES ('X', 0)"))
        file = back_up(create_app(world.app.config["ENVIRON"]), tmp_path)
        session.commit()
    go_back(world.app, file)
    with world.rows() as session:
        assert session.execute(text("SELECT count(*) FROM receipt_series")).scalar_one() == 0


def test_a_backup_of_older_tables_is_brought_up_to_date_and_is_still_the_same_kikao(
    world: World, tmp_path: Path
) -> None:
    """Made before an update that gave the installation its name; what was begun at the vendors since carries it."""
    older = create_app(world.app.config["ENVIRON"] | {"DATABASE_URL": f"sqlite:///{tmp_path / 'older.db'}"})
    assert type_in(older, "db", "upgrade", "0023").exit_code == 0
    file = back_up(older, tmp_path)
    assert type_in(older, "db", "upgrade").exit_code == 0
    with older.app_context(), transaction():
        name = installation.own_code()
    go_back(older, file)
    with older.app_context():
        assert db.session.scalar(text("SELECT version_num FROM alembic_version")) == migrations.newest
        assert installation.code_known() == name
        db.session.remove()
        db.engine.dispose()


# ------------------------------------------------------------------------------------------------ the file


def test_a_backup_is_for_its_owner_alone_and_holds_no_key(world: World, tmp_path: Path) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    file = back_up(world.app, tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        inside = b"".join(tar.extractfile(name).read() for name in tar.getnames())
        said = json.loads(tar.extractfile("backup.json").read())
    environ = world.app.config["ENVIRON"]
    secrets = [value for name, value in environ.items() if "KEY" in name or "SECRET" in name or "PASS" in name]
    assert secrets
    assert not [value for value in secrets if value.encode() in inside]
    assert {"made_at", "kikao", "revision", "seal_keys"} <= set(said)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_anybody_can_check_a_backup_without_us(world: World, tmp_path: Path) -> None:
    file = back_up(world.app, tmp_path)
    typed = f"tar --extract --file {file.name} && sha256sum --check --quiet SHA256SUMS"
    subprocess.run(["/bin/sh", "-c", typed], cwd=tmp_path, check=True)


def test_of_the_backups_in_a_directory_the_newest_are_kept(world: World, tmp_path: Path) -> None:
    kept = tmp_path / "by-hand.tar.gz"
    assert type_in(world.app, "backup", kept).exit_code == 0
    made = []
    for _ in range(4):
        world.move(days=1)
        made.append(back_up(world.app, tmp_path))
    world.move(days=1)
    assert type_in(world.app, "backup", tmp_path, "--keep", "2").exit_code == 0
    left = set(tmp_path.iterdir())
    assert {kept, made[-1]} <= left
    assert not set(made[:-1]) & left
    assert len(left) == 3


def test_a_backup_is_never_written_over_another_file(world: World, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("of somebody")
    done = type_in(world.app, "backup", file)
    assert (done.exit_code, file.read_text()) == (1, "of somebody")


@pytest.mark.both_engines
@pytest.mark.parametrize("room", [1_000, 100_000])
def test_a_full_disk_leaves_no_half_backup_and_says_so(world: World, tmp_path: Path, room: int) -> None:
    """A limit on the size of files is what the process meets as a disk that takes no more."""
    with world.rows() as session:
        session.execute(text("INSERT INTO receipt_series (code, last) VALUES ('X', 0)"))
        session.commit()
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi:app", "backup", str(tmp_path)],
        cwd=ROOT,
        env=dict(world.app.config["ENVIRON"]) | {"PATH": "/usr/bin:/bin"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: ")
    assert list(tmp_path.iterdir()) == []


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _other(_content: bytes) -> bytes:
    return b"no backup at all"


def _short_of_sums(content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar, tarfile.open(fileobj=made, mode="w:gz") as other:
        for member in tar.getmembers()[:2]:
            other.addfile(member, tar.extractfile(member))
    return made.getvalue()


def _edited(content: bytes) -> bytes:
    """Whole as a tar, and its database is another."""
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar, tarfile.open(fileobj=made, mode="w:gz") as other:
        for member in tar.getmembers():
            inside = bytearray(tar.extractfile(member).read())
            if member.name == "database":
                inside[len(inside) // 2] ^= 1
            other.addfile(member, io.BytesIO(bytes(inside)))
    return made.getvalue()


def _linked(content: bytes) -> bytes:
    """Its database is a link, to itself."""
    made = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as tar, tarfile.open(fileobj=made, mode="w:gz") as other:
        for member in tar.getmembers():
            if member.name == "database":
                member.type = tarfile.SYMTYPE
                member.linkname = "database"
                member.size = 0
            other.addfile(member, tar.extractfile(member) if member.isreg() else None)
    return made.getvalue()


@pytest.mark.parametrize("spoilt", [_cut, _flipped, _other, _short_of_sums, _edited, _linked])
def test_a_backup_that_is_not_whole_is_refused_and_nothing_moves(world: World, tmp_path: Path, spoilt) -> None:
    file = back_up(world.app, tmp_path)
    world.person()
    file.write_bytes(spoilt(file.read_bytes()))
    done = type_in(world.app, "restore", file, "--replace")
    assert done.exit_code == 1
    assert "damaged" in done.output
    assert _nothing_moved(world)


def test_a_file_that_is_not_there_is_said_not_to_be(world: World, tmp_path: Path) -> None:
    done = type_in(world.app, "restore", tmp_path / "none")
    assert (done.exit_code, "there is no file" in done.output) == (1, True)


def _nothing_moved(world: World) -> bool:
    with world.app.app_context():
        return restorations.behind() is None


def test_who_could_open_the_former_file_can_open_the_one_in_its_place(tmp_path: Path) -> None:
    """Operators type as somebody else than the service, often as root."""
    place = tmp_path / "kikao.db"
    for path in (place, tmp_path / "copy"):
        with closing(sqlite3.connect(path)) as made:
            made.execute("CREATE TABLE t (i)")
    place.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(place, 65_534, 65_534)
    before = place.stat()
    database = backups.of(f"sqlite:///{place}")
    database.put_in_place(database.load(tmp_path / "copy", "now"), "now")
    after = place.stat()
    assert after.st_ino != before.st_ino
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.both_engines
def test_books_with_people_in_them_are_not_replaced_unless_that_is_said(world: World, tmp_path: Path) -> None:
    world.person()
    done = type_in(world.app, "restore", back_up(world.app, tmp_path))
    assert (done.exit_code, "--replace" in done.output) == (1, True)
    assert _nothing_moved(world)


@pytest.mark.both_engines
def test_nothing_is_restored_while_somebody_has_the_database_open(world: World, tmp_path: Path) -> None:
    file = back_up(world.app, tmp_path)
    other = create_app(world.app.config["ENVIRON"])
    with other.app_context():
        db.session.execute(text("SELECT 1"))
        done = type_in(world.app, "restore", file, "--replace")
        db.session.remove()
        db.engine.dispose()
    assert (done.exit_code, "stop web and workers" in done.output) == (1, True)
    assert _nothing_moved(world)


def test_nothing_is_restored_while_a_worker_is_there(world: World, redis: Redis, tmp_path: Path) -> None:
    file = back_up(world.app, tmp_path)
    worker = Worker(["kikao"], connection=redis)
    worker.register_birth()
    done = type_in(world.app, "restore", file, "--replace")
    worker.register_death()
    assert (done.exit_code, "stop web and workers" in done.output) == (1, True)
    assert _nothing_moved(world)


def test_a_backup_sealed_with_a_key_that_is_missing_is_refused(world: World, tmp_path: Path) -> None:
    client, owner = world.person(), world.practitioner()
    made = world.booked(client, world.service(owner))
    with world.app.app_context(), transaction():
        encryption.write(db.session.get_one(Booking, UUID(made["id"])), "session_notes", "in confidence")
    file = back_up(world.app, tmp_path)
    other = create_app(world.app.config["ENVIRON"] | {"SECRET_KEY": "another key, of forty characters in all."})
    done = type_in(other, "restore", file, "--replace")
    assert (done.exit_code, "KIKAO_SEAL_KEYS" in done.output) == (1, True)
    assert _nothing_moved(world)
    with other.app_context():
        db.engine.dispose()


def _retold(file: Path, to: Path, **facts: object) -> Path:
    """The same backup, which says something else of itself."""
    with tempfile.TemporaryDirectory() as place:
        known, copy = backups.unpack(file, Path(place))
        backups.write(to, known | facts, copy, Path(place))
    return to


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"revision": "0999"}, "newer than this Kikao's"),
        ({"format": 2}, "newer Kikao"),
        ({"engine": "oracle"}, "DATABASE_URL names"),
    ],
)
def test_a_backup_that_this_kikao_cannot_use_is_refused(world: World, tmp_path: Path, facts, words: str) -> None:
    file = _retold(back_up(world.app, tmp_path), tmp_path / "other.tar.gz", **facts)
    done = type_in(world.app, "restore", file, "--replace")
    assert (done.exit_code, words in done.output) == (1, True)
    assert _nothing_moved(world)


@pytest.mark.both_engines
def test_a_restore_that_fails_half_way_leaves_what_was_there(world: World, tmp_path: Path) -> None:
    """The copy inside is none, though all its sums are right."""
    file = back_up(world.app, tmp_path)
    world.person()
    broken = tmp_path / "broken.tar.gz"
    with tempfile.TemporaryDirectory() as place:
        known, copy = backups.unpack(file, Path(place))
        copy.write_bytes(copy.read_bytes()[:5000] + b"spoilt" * 100)
        backups.write(broken, known, copy, Path(place))
    done = type_in(world.app, "restore", broken, "--replace")
    assert done.exit_code == 1
    assert len(world.all(Booking)) == 0
    assert _nothing_moved(world)
    beside = Path(world.app.config["ENVIRON"]["DATABASE_URL"].removeprefix("sqlite:///")).parent
    assert not list(beside.glob("*.restoring-*"))


# ------------------------------------------------------------------------------------------------ PostgreSQL's tools


def test_tools_that_are_missing_or_too_old_are_said_to_be() -> None:
    with pytest.raises(CopyFailed, match=r"not on this machine.*version 15"):
        postgres_tools.find("pg_nothing", 15)
    with pytest.raises(CopyFailed, match="older than the server's 99"):
        postgres_tools.find("pg_dump", 99)


def test_a_password_goes_to_the_tools_where_no_list_of_processes_shows_it(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/said\necho "$PGPASSWORD $PGHOST $PGSSLMODE" > {tmp_path}/given\n'
    )
    tool.chmod(0o700)
    postgres_tools.run(str(tool), ["--version"], "postgresql://kikao:very%2Fsecret@db/kikao?sslmode=verify-full")
    assert (tmp_path / "said").read_text() == "--version\n"
    assert (tmp_path / "given").read_text() == "very/secret db verify-full\n"


def test_what_a_tool_says_when_it_fails_is_said(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho no room >&2\nexit 3\n")
    tool.chmod(0o700)
    with pytest.raises(CopyFailed, match="tool failed: no room"):
        postgres_tools.run(str(tool), [], "postgresql://kikao@db/kikao")


# ------------------------------------------------------------------------------------------------ what ends with it


@pytest.mark.both_engines
def test_nobody_is_logged_in_and_no_code_that_may_have_been_used_is_good_again(world: World, tmp_path: Path) -> None:
    client = world.person()
    with world.app.app_context():
        mailed_codes.ask(Wish(CodePurpose.NEW_PASSWORD, db.session.get_one(User, client.user_id).email))
        mailed_codes.ask(Wish(CodePurpose.INVITATION, "new@people.test"))
    file = back_up(world.app, tmp_path)
    assert client.get("/me").status_code == 200
    go_back(world.app, file)
    assert client.get("/me").status_code == 401
    assert world.all(Login) == []
    alive = [str(code.purpose) for code in world.all(MailedCode) if code.expires_at > clock.now()]
    assert alive == ["invitation"]  # whose account is gone with the rest may make it anew


def test_jobs_of_the_books_that_are_gone_are_not_done(world: World, redis: Redis, tmp_path: Path) -> None:
    file = back_up(world.app, tmp_path)
    with world.app.app_context():
        from app.extensions import queue

        queue.enqueue("app.jobs.notices.deliver", 1)
        queue.enqueue("app.jobs.notices.deliver", 2, delay=60)
    go_back(world.app, file)
    rq = open_queue(redis)
    assert (rq.count, rq.scheduled_job_registry.count) == (0, 0)


def test_staff_read_what_nobody_can_find_by_itself(world: World, tmp_path: Path) -> None:
    staff = world.person(Role.STAFF)
    go_back(world.app, back_up(world.app, tmp_path))
    assert world.notices(log_in_again(world, staff)) == ["books_restored"]
    [told] = world.all(Notification)
    assert "M-Pesa" in told.data["name"]


# ------------------------------------------------------------------------------------------------ until they were asked


def test_nothing_works_before_the_gateways_were_asked(world: World, tmp_path: Path) -> None:
    file = back_up(world.app, tmp_path)
    assert "until then nothing starts" in go_back(world.app, file)
    with pytest.raises(SystemExit, match=r"does not start.*money pull --since"):
        restorations.hold_back(world.app)
    assert world.sweep() == {}
    with world.app.app_context():
        assert [found.vital for found in doctor.examine() if found.name == "books"] == [True]
    _reopen(world)
    restorations.hold_back(world.app)
    assert world.sweep()
    with world.app.app_context():
        assert not [found for found in doctor.examine() if found.name == "books"]


def test_having_asked_for_a_part_of_the_time_is_not_enough(world: World, tmp_path: Path) -> None:
    made_at = clock.now()
    go_back(world.app, back_up(world.app, tmp_path))
    with world.app.app_context():
        since = restorations.behind()
        assert since is not None
        assert since <= made_at
        assert not restorations.catch_up(made_at.replace(year=made_at.year + 1))
        assert restorations.behind() == since
        assert restorations.catch_up(since)
        assert restorations.behind() is None


_WORKER = "from flask.cli import main; import sys; sys.argv[1:] = ['--app', 'wsgi:app', 'worker', '--burst']; main()"


@pytest.mark.parametrize("command", ["import asgi", _WORKER])
def test_neither_web_nor_worker_starts(world: World, redis_url: str, tmp_path: Path, command: str) -> None:
    go_back(world.app, back_up(world.app, tmp_path))
    environ = dict(world.app.config["ENVIRON"]) | {"REDIS_URL": redis_url}
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Kikao does not start: the books went back to a backup")
    assert "Traceback" not in done.stderr


def test_the_trail_says_when_the_books_went_back_and_when_they_were_opened(world: World, tmp_path: Path) -> None:
    go_back(world.app, back_up(world.app, tmp_path))
    _reopen(world)
    steps = [(each.from_status, each.to_status, each.why) for each in world.all(Change) if each.subject == "books"]
    assert [step[:2] for step in steps] == [("", "restored"), ("restored", "open")]
    assert steps[1][2] == "a test"


# ------------------------------------------------------------------------------------------------ the doctor


def test_the_doctor_says_when_the_last_backup_is_old(world: World, tmp_path: Path) -> None:
    world.app.config["BACKUPS"] = str(tmp_path)
    try:
        assert _said_of_backups(world).startswith("there is none")
        assert type_in(world.app, "backup").exit_code == 0
        world.move(hours=25)
        assert _said_of_backups(world) == "ok"
        world.move(hours=2)
        assert "27 hours old" in _said_of_backups(world)
    finally:
        world.app.config["BACKUPS"] = ""
    assert _said_of_backups(world) == ""


def _said_of_backups(world: World) -> str:
    with world.app.app_context():
        return "".join(found.words for found in doctor.examine() if found.name == "backups")
