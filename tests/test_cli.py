"""The command line: what an operator types, and what it answers."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import upgrade
from redis import Redis
from sqlalchemy import select

from app import create_app
from app.domain.modes import MODES
from app.extensions import db, queue
from app.lib import clock
from app.models import (
    Booking,
    Change,
    Invitation,
    Notification,
    Paper,
    Practitioner,
    Pull,
    Role,
    Service,
    User,
    WeeklyHours,
)
from app.services.accounts import credentials
from app.services.backoffice import demo
from config import ROOT
from sandbox.server import Running
from tests.support.workers import process
from tests.support.world import World

ACCOUNT = ["--email", "Wanjiku@People.test", "--password-stdin"]
TYPED = "correct horse\n"


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """flask("user", "create", ...): the command is run in this process, on this application, with a password to read."""
    return lambda *words, typed=TYPED: app.test_cli_runner().invoke(args=list(words), input=typed)


def users(app: Flask) -> list[User]:
    """Every account."""
    with app.app_context():
        return list(db.session.scalars(select(User).order_by(User.id)))


# ------------------------------------------------------------------------------------------------ money pull


def test_a_pull_says_what_each_gateway_lists_and_what_came_of_it(world: World, flask: Callable[..., Result]) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    client = world.person()
    made = world.book(client, world.service(world.practitioner(), currency="INR"))
    begun = world.begin(client, made["checkout"]["id"], "razorpay")
    world.drop_callbacks()
    world.act(begun)
    world.move(minutes=16)
    done = flask("money", "pull", "--since", "1d")
    rows = [line.split() for line in done.output.splitlines()]
    assert rows[0] == ["gateway", "seen", "ours", "of", "others", "landed", "reviews"]
    assert rows[1:3] == [["razorpay", "1", "1", "0", "1", "0"], ["stripe", "1", "1", "0", "0", "0"]]
    assert done.output.splitlines()[3:] == [
        "The last 15 minutes are left out: what happened then may still be told by itself."
    ]
    assert done.exit_code == 0
    again = flask("money", "pull", "--gateway", "razorpay", "--since", f"{clock.now():%Y-%m-%d}T00:00Z")
    assert [line.split() for line in again.output.splitlines()][1:2] == [["razorpay", "1", "1", "0", "0", "0"]]


def test_the_help_of_a_pull_says_what_it_leaves_out(flask: Callable[..., Result]) -> None:
    assert "The last 15 minutes are left out" in " ".join(flask("money", "pull", "--help").output.split())


def test_a_pull_that_a_gateway_did_not_answer_fails_and_says_which(world: World, flask: Callable[..., Result]) -> None:
    world.booked(world.person(), world.service(world.practitioner()))
    world.faults(gateway="stripe", route="lists", fault="500", times=9)
    done = flask("money", "pull")
    assert done.exit_code == 1
    assert "stripe  was not read to its end (" in done.output.splitlines()[2]
    assert done.output.splitlines()[1].split() == ["razorpay", "0", "0", "0", "0", "0"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--since", "yesterday"], "no day, no instant"),
        (["--since", "2031-01-01"], "must lie in the last 366 days"),
        (["--since", "2001-01-01"], "must lie in the last 366 days"),
        (["--since", "99999999999999d"], "no day, no instant"),
        (["--since", "-3d"], "must lie in the last 366 days"),
        (["--gateway", "mpesa"], "mpesa has no lists; these have: razorpay, stripe"),
        (["--gateway", "paypal"], "paypal has no lists"),
    ],
)
def test_a_pull_of_no_time_or_of_nobody_is_refused_in_a_sentence(
    world: World, flask: Callable[..., Result], words: list[str], why: str
) -> None:
    done = flask("money", "pull", *words)
    assert (done.exit_code, world.all(Pull)) == (1, [])
    assert why in done.output


# ------------------------------------------------------------------------------------------------ user create


@pytest.mark.parametrize("role", list(Role))
def test_an_account_of_each_role_is_made_and_can_log_in(app: Flask, flask: Callable[..., Result], role: Role) -> None:
    done = flask("user", "create", *ACCOUNT, "--role", role.value)
    assert (done.exit_code, done.output.strip()) == (0, f"{role.value} wanjiku@people.test")
    [user] = users(app)
    assert (user.role, user.name, user.zone) == (role, "Wanjiku", "UTC")
    body = {"email": "wanjiku@people.test", "password": "correct horse"}
    assert app.test_client().post("/api/v1/auth/token", json=body).status_code == 200


def test_a_practitioner_gets_a_profile_to_fill_in(app: Flask, flask: Callable[..., Result]) -> None:
    done = flask(
        "user", "create", *ACCOUNT, "--role", "practitioner", "--name", "Dr. Amina", "--zone", "Africa/Nairobi"
    )
    assert done.exit_code == 0
    with app.app_context():
        practice = db.session.scalars(select(Practitioner)).one()
        assert (practice.slug, practice.name, practice.zone) == ("dr-amina", "Dr. Amina", "Africa/Nairobi")


def _made_in_a_process(environ: dict[str, str], typed: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "flask", "--app", "wsgi:app", "user", "create", *words, "--role", "staff"]
    return subprocess.run(command, cwd=ROOT, env=environ, input=typed, capture_output=True, text=True, check=False)


def test_a_password_comes_by_standard_input_where_no_list_of_processes_shows_it(world: World) -> None:
    """SEC-23."""
    environ = os.environ | world.app.config["ENVIRON"]
    done = _made_in_a_process(environ, TYPED, "--email", "wanjiku@people.test", "--password-stdin")
    assert (done.returncode, done.stdout.strip()) == (0, "staff wanjiku@people.test")
    body = {"email": "wanjiku@people.test", "password": "correct horse"}
    assert world.app.test_client().post("/api/v1/auth/token", json=body).status_code == 200


def test_production_takes_no_password_from_a_command_line(tmp_path: Path) -> None:
    with _separate(tmp_path, PRODUCTION) as app:
        command = ["user", "create", "--email", "wanjiku@people.test", "--password", "correct horse", "--role", "staff"]
        done = app.test_cli_runner().invoke(args=command)
        assert done.exit_code == 2
        assert "leave --password out" in done.output
        assert users(app) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["--email", "not an address"], "email"),
        (["--email", ""], "email"),
        (["--email", "wanjiku@"], "email"),
        (["--role", "owner"], "role"),
        (["--zone", "Mars/Olympus"], "zone"),
        (["--name", "x" * 121], "name"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_made(
    app: Flask, flask: Callable[..., Result], changes: list[str], words: str
) -> None:
    done = flask("user", "create", *ACCOUNT, "--role", "client", *changes)
    assert done.exit_code != 0
    assert isinstance(done.exception, SystemExit)
    assert "Error: " in done.output
    assert words in done.output
    assert "Traceback" not in done.output
    assert users(app) == []


@pytest.mark.parametrize("typed", ["short\n", "\n", "", "x" * 201])
def test_a_password_that_is_none_makes_no_account(app: Flask, flask: Callable[..., Result], typed: str) -> None:
    done = flask("user", "create", *ACCOUNT, "--role", "client", typed=typed)
    assert (done.exit_code, "Error: password" in done.output) == (1, True)
    assert users(app) == []


def test_without_a_password_a_code_by_mail_logs_in(app: Flask, flask: Callable[..., Result]) -> None:
    command = ("user", "create", "--email", "wanjiku@people.test", "--role", "staff")
    assert [flask(*command).exit_code for _ in range(2)] == [0, 0]
    [user] = users(app)
    assert (user.role, user.password_hash) == (Role.STAFF, "")


def test_a_typed_password_is_asked_for_twice_and_never_shown(app: Flask, flask: Callable[..., Result]) -> None:
    command = ("user", "create", "--email", "wanjiku@people.test", "--role", "client", "--password-prompt")
    done = flask(*command, typed=TYPED * 2)
    assert (done.exit_code, "correct horse" in done.output) == (0, False)
    with app.app_context():
        assert credentials.authenticate("wanjiku@people.test", "correct horse").role is Role.CLIENT


def test_a_password_in_the_command_still_works_with_a_warning_where_programs_do_not_read_it(
    app: Flask, flask: Callable[..., Result]
) -> None:
    """The contract of architecture.md has it."""
    command = ("user", "create", "--email", "wanjiku@people.test", "--role", "client", "--password", "correct horse")
    done = flask(*command)
    assert (done.exit_code, done.stdout.strip()) == (0, "client wanjiku@people.test")
    assert "others can read --password" in done.stderr
    assert flask(*command, "--password-stdin").exit_code == 2
    assert len(users(app)) == 1


def test_an_address_that_somebody_has_is_refused_in_a_sentence(app: Flask, flask: Callable[..., Result]) -> None:
    assert flask("user", "create", *ACCOUNT, "--role", "client").exit_code == 0
    again = flask("user", "create", *ACCOUNT, "--role", "staff", typed="another one\n")
    assert again.exit_code == 1
    assert isinstance(again.exception, SystemExit)
    assert "Error: email" in again.output
    assert [user.role for user in users(app)] == [Role.CLIENT]


@pytest.mark.parametrize("role", ["staff", "practitioner"])
def test_an_existing_account_is_never_reported_as_made_with_another_role(
    app: Flask, flask: Callable[..., Result], role: str
) -> None:
    """With the right password too: the operator would believe that the account had the new role."""
    flask("user", "create", *ACCOUNT, "--role", "client")
    again = flask("user", "create", *ACCOUNT, "--role", role)
    assert [user.role for user in users(app)] == [Role.CLIENT]
    assert again.exit_code == 1, again.output
    assert "Error: email" in again.output


def test_making_the_same_practitioner_twice_is_no_traceback(app: Flask, flask: Callable[..., Result]) -> None:
    command = ("user", "create", *ACCOUNT, "--role", "practitioner")
    assert flask(*command).exit_code == 0
    again = flask(*command)
    assert again.exception is None or isinstance(again.exception, SystemExit), repr(again.exception)
    assert len(users(app)) == 1


def test_the_password_is_never_printed(flask: Callable[..., Result]) -> None:
    done = flask("user", "create", *ACCOUNT, "--role", "client")
    assert "correct horse" not in done.output


# ------------------------------------------------------------------------------------------------ user ...


def test_an_operator_suspends_restores_and_changes_people_and_sees_it(app: Flask, flask: Callable[..., Result]) -> None:
    flask("user", "create", *ACCOUNT, "--role", "client")
    who = "wanjiku@people.test"
    for command, said in (
        (("suspend", who, "--reason", "Shouted"), f"suspended {who}"),
        (("list", "--suspended"), f"{who}\tclient\tsuspended\tnever\tWanjiku"),
        (("restore", who, "--reason", "Was sorry"), f"restored {who}"),
        (("list", "--suspended"), ""),
        (("role", who, "practitioner", "--reason", "Hired"), f"practitioner {who}"),
        (("list", "--role", "practitioner", "--q", "wanj"), f"{who}\tpractitioner\tactive\tnever\tWanjiku"),
    ):
        done = flask("user", *command)
        assert (done.exit_code, done.output.strip()) == (0, said)
    with app.app_context():
        steps = db.session.scalars(select(Change).where(Change.subject == "person").order_by(Change.id)).all()
        assert [(step.to_status, step.why, step.actor_id) for step in steps] == [
            ("suspended", "Shouted", None),
            ("active", "Was sorry", None),
            ("practitioner", "Hired", None),
        ]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("suspend", "nobody@people.test", "--reason", "x"), "nobody has the address"),
        (("suspend", "wanjiku@people.test", "--reason", " "), "Enter a reason"),
        (("suspend", "wanjiku@people.test", "--reason", "x"), "last staff account"),
        (("role", "wanjiku@people.test", "client", "--reason", "x"), "last staff account"),
        (("restore", "wanjiku@people.test", "--reason", "x"), "not suspended"),
        (("invite", "wanjiku@people.test", "--role", "staff", "--name", "W"), "already has that role"),
    ],
)
def test_what_an_operator_cannot_do_is_said_in_a_sentence(
    app: Flask, flask: Callable[..., Result], command: tuple[str, ...], sentence: str
) -> None:
    flask("user", "create", *ACCOUNT, "--role", "staff")
    done = flask("user", *command)
    assert (done.exit_code, isinstance(done.exception, SystemExit)) == (1, True)
    assert sentence in done.output
    assert [user.active for user in users(app)] == [True]


def test_an_operator_invites_somebody(app: Flask, flask: Callable[..., Result]) -> None:
    done = flask("user", "invite", "Baraka@People.test", "--role", "staff", "--name", "Baraka")
    assert (done.exit_code, done.output.strip()) == (0, "invited baraka@people.test as staff")
    with app.app_context():
        assert db.session.scalars(select(Invitation.role)).all() == ["staff"]


# ------------------------------------------------------------------------------------------------ seed demo


def _demo(app: Flask) -> list[tuple[object, ...]]:
    with app.app_context():
        rows = [tuple(row) for row in db.session.execute(select(User.__table__).order_by(User.id))]
        rows += [tuple(row) for row in db.session.execute(select(Practitioner.__table__).order_by(Practitioner.id))]
        rows += [tuple(row) for row in db.session.execute(select(Service.__table__).order_by(Service.id))]
        return rows + [tuple(row) for row in db.session.execute(select(WeeklyHours.__table__).order_by(WeeklyHours.id))]


def test_the_demo_is_there_and_making_it_twice_changes_nothing(app: Flask, flask: Callable[..., Result]) -> None:
    first = flask("seed", "demo")
    assert first.exit_code == 0, first.output
    once = _demo(app)
    assert flask("seed", "demo").exit_code == 0
    assert _demo(app) == once
    for word in ("client@demo.test", "practitioner@demo.test", "staff@demo.test", "demo-demo-demo"):
        assert word in first.output


def test_the_demo_has_each_currency_in_three_modes_and_one_group_of_three(
    app: Flask, flask: Callable[..., Result]
) -> None:
    """The contract of architecture.md."""
    flask("seed", "demo")
    with app.app_context():
        services = db.session.scalars(select(Service)).all()
        modes = {(s.currency, s.mode_code) for s in services if s.kind == "individual"}
        assert modes >= {
            (currency, mode)
            for currency in ("KES", "INR", "EUR")
            for mode in ("hold_then_pay", "pay_then_book", "approve_then_pay")
        }
        assert [service.places for service in services if service.kind == "group"] == [3]


def test_the_demo_has_every_mode_steps_of_cancelling_and_a_form_to_sign(
    app: Flask, flask: Callable[..., Result]
) -> None:
    """X1: whoever tries it can try all of it."""
    flask("seed", "demo")
    flask("seed", "demo")
    with app.app_context():
        services = db.session.scalars(select(Service)).all()
        assert {service.mode_code for service in services} == set(MODES)
        assert {len(service.later_tiers) for service in services} == {0, 1, 2}
        [paper] = db.session.scalars(select(Paper)).all()
        assert [(service.title, service.kind) for service in paper.services] == [("For two", "couples")]


def test_the_demo_people_can_log_in(app: Flask, flask: Callable[..., Result]) -> None:
    flask("seed", "demo")
    with app.app_context():
        for role in Role:
            assert credentials.authenticate(f"{role.value}@demo.test", demo.PASSWORD).role is role


def test_the_demo_has_free_times_for_every_service(app: Flask, flask: Callable[..., Result]) -> None:
    flask("seed", "demo")
    http = app.test_client()
    practices = http.get("/api/v1/practitioners").json
    assert len(practices) == 3
    for service in (service for practice in practices for service in practice["services"]):
        answer = http.get(f"/api/v1/services/{service['id']}/slots?from=2027-01-11&to=2027-01-16")
        assert answer.json, service


def test_an_installation_without_a_gateway_for_a_currency_gets_no_service_nobody_could_pay(
    tmp_path: Path, sandbox: Running
) -> None:
    with _separate(tmp_path, sandbox.env | {"GATEWAYS": "razorpay"}) as app:
        assert app.test_cli_runner().invoke(args=["seed", "demo"]).exit_code == 0
        with app.app_context():
            assert set(db.session.scalars(select(Service.currency))) == {"INR"}


def test_the_demo_is_refused_in_production(tmp_path: Path) -> None:
    with _separate(tmp_path, PRODUCTION) as app:
        done = app.test_cli_runner().invoke(args=["seed", "demo"])
        assert done.exit_code == 1
        assert "refused in production" in done.output
        assert users(app) == []


# ------------------------------------------------------------------------------------------------ sweep, doctor


def test_the_sweep_prints_what_it_did(world: World, flask: Callable[..., Result]) -> None:
    client, owner = world.person(), world.practitioner()
    service = world.service(owner)
    world.booked(client, service)
    world.book(world.person(), service)
    world.move(minutes=16)
    done = flask("sweep")
    assert done.exit_code == 0
    for word in ("notices 3", "expired 1", "refunds 0", "look_ups", "inbox 0"):
        assert word in done.output, done.output
    assert [b.status for b in world.all(Booking)].count("expired") == 1
    assert all(notice.outcome for notice in world.all(Notification))
    assert "notices 0" in flask("sweep").output


def test_the_sweep_of_an_empty_installation_does_nothing(flask: Callable[..., Result]) -> None:
    done = flask("sweep")
    assert done.exit_code == 0
    assert not any(character in done.output for character in "123456789")


def test_the_doctor_finds_nothing_wrong_with_a_good_installation(
    flask: Callable[..., Result], world: World, redis: Redis, redis_url: str
) -> None:
    """S0-23, S3-17: the gateways are really asked, and a worker is at work."""
    with process(world, redis_url):
        world.until(lambda: redis.exists("kikao:ticked") and redis.scard("rq:workers"))
        done = flask("doctor")
    assert done.exit_code == 0, done.output
    assert "FAIL" not in done.output
    assert "look" not in done.output.replace("looks", ""), done.output
    for name in (
        "database",
        "migrations",
        "queue",
        "worker",
        "sweeps",
        "disk",
        "mail",
        "gateway stripe",
        "gateway razorpay",
        "gateway mpesa",
    ):
        assert f"ok   {name}" in done.output


def test_the_doctor_says_what_is_wrong_and_fails_when_nothing_can_work(tmp_path: Path) -> None:
    """Complaint 3: an empty database and no gateway: two vital findings, each with what to do."""
    app = create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}", "SECRET_KEY": "k" * 40})
    with app.app_context():
        db.session.execute(select(1))
        db.session.remove()
    done = app.test_cli_runner().invoke(args=["db", "upgrade", "0001"])
    assert done.exit_code == 0, done.output
    done = app.test_cli_runner().invoke(args=["doctor"])
    assert done.exit_code == 1
    assert "FAIL migrations: at 0001" in done.output
    assert "run flask db upgrade" in done.output
    assert "FAIL gateways: none is set up" in done.output
    with app.app_context():
        db.engine.dispose()


def test_the_doctor_of_an_empty_database_says_what_to_run(tmp_path: Path) -> None:
    app = create_app({"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}", "SECRET_KEY": "k" * 40})
    done = app.test_cli_runner().invoke(args=["doctor"])
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit), repr(done.exception)
    assert "flask db upgrade" in done.output
    with app.app_context():
        db.engine.dispose()


def test_the_doctor_says_what_cannot_be_reached(tmp_path: Path, sandbox: Running) -> None:
    """Queue, mail server, public address and a wrong key: each by name, none of them ends the work."""
    away = {
        "REDIS_URL": f"unix://{tmp_path}/nobody.sock",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "PUBLIC_URL": "http://127.0.0.1:9",
        "STRIPE_SECRET_KEY": "sk_test_wrong",
    }
    with _separate(tmp_path, sandbox.env | away) as app:
        done = app.test_cli_runner().invoke(args=["doctor"])
        assert done.exit_code == 0, done.output
        for words in ("look queue: does not answer", "look mail: ", "look public address: ", "STRIPE_SECRET_KEY"):
            assert words in done.output, done.output
        assert "sk_test_wrong" not in done.output


def test_the_doctor_counts_what_a_person_should_look_at(world: World, flask: Callable[..., Result]) -> None:
    world.app.test_client().post("/callbacks/stripe", data=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})
    assert "look forged callbacks today: 1" in flask("doctor").output


@pytest.mark.parametrize(
    ("url", "is_said"),
    [("redis://192.0.2.1:9/0", True), ("redis://:tulips@192.0.2.1:9/0", False), ("redis://127.0.0.1:9/0", False)],
)
def test_the_doctor_says_that_the_queue_of_another_machine_has_no_password(
    tmp_path: Path, url: str, is_said: bool
) -> None:
    changes = {
        "REDIS_URL": url,
        "PUBLIC_URL": "https://127.0.0.1:9",
        "GATEWAYS": "manual",
        "MANUAL_INSTRUCTIONS": "Till 1",
    }
    with _separate(tmp_path, PRODUCTION | changes) as app:
        said = app.test_cli_runner().invoke(args=["doctor"]).output
    assert ("look queue's password: REDIS_URL has none" in said) == is_said
    assert "tulips" not in said


def test_help_names_every_command(flask: Callable[..., Result]) -> None:
    for command, words in (("user", "create"), ("seed", "demo")):
        assert words in flask(command, "--help").output
    everything = flask("--help").output
    assert all(word in everything for word in ("user", "seed", "sweep", "doctor", "db"))


# ------------------------------------------------------------------------------------------------ installations

PRODUCTION = {
    "KIKAO_ENV": "production",
    "SECRET_KEY": "a real installation's key that is long enough",
    "PUBLIC_URL": "https://kikao.example",
    "GATEWAYS": "stripe",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}


class _separate:
    """An installation of its own, migrated, for one test."""

    def __init__(self, directory: Path, environ: dict[str, str]) -> None:
        given = {"DATABASE_URL": f"sqlite:///{directory / 'own.db'}", "SECRET_KEY": "k" * 40}
        self._app = create_app(given | environ)

    def __enter__(self) -> Flask:
        with self._app.app_context():
            upgrade()
            db.session.remove()
        return self._app

    def __exit__(self, *_: object) -> None:
        self._app.config["REDIS_URL"] = ""
        queue.init_app(self._app)  # a process has one queue: it is as before
        with self._app.app_context():
            db.session.remove()
            db.engine.dispose()
