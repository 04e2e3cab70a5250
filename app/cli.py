"""The command line: flask user create | seed demo | sweep | doctor."""

import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app.models import Role
from app.services import demo, doctor, people, practice, sweeps
from app.services.errors import Problem
from app.words import problem as sentence

user_group = AppGroup("user", help="Accounts.")
seed_group = AppGroup("seed", help="Data to try Kikao with.")


def register(app: Flask) -> None:
    """The commands are part of `flask`."""
    app.cli.add_command(user_group)
    app.cli.add_command(seed_group)
    app.cli.add_command(sweep_command)
    app.cli.add_command(doctor_command)


@user_group.command("create")
@click.option("--email", required=True)
@click.option("--password", required=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", default="", help="Default: the part of the address before the @.")
@click.option("--zone", default="UTC", help="IANA time zone.")
def user_create(email: str, password: str, role: str, name: str, zone: str) -> None:
    """Make an account; a practitioner gets a public profile to fill in."""
    name = name or email.partition("@")[0]
    try:
        user = people.register(email, password, name, role=Role(role), zone=zone)
        if user.role is not Role(role):
            raise click.ClickException(f"email: {email} has an account already, as {user.role.value}")
        if user.role is Role.PRACTITIONER:
            practice.found_once(user, name)
    except Problem as error:
        raise click.ClickException(f"{error.field}: {_english(error)}") from None
    click.echo(f"{user.role.value} {user.email}")


@seed_group.command("demo")
def seed_demo() -> None:
    """Make the demo people and services; safe to run again, refused in production."""
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("demo data is refused in production")
    demo.seed()
    click.echo(f"client@demo.test, practitioner@demo.test, staff@demo.test; password {demo.PASSWORD}")


@click.command("sweep")
@with_appcontext
def sweep_command() -> None:
    """One pass of everything the clock does."""
    done = sweeps.sweep()
    click.echo(", ".join(f"{name} {count}" for name, count in done.items()))


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Say what is wrong with this installation; exit 1 when nothing can work."""
    findings = doctor.examine()
    for finding in findings:
        mark = "ok  " if finding.ok else ("FAIL" if finding.vital else "look")
        click.echo(f"{mark} {finding.name}: {finding.words}")
    sys.exit(any(finding.vital and not finding.ok for finding in findings))


def _english(error: Problem) -> str:
    with current_app.test_request_context():
        return sentence(error.code, error.values)
