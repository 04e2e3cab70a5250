"""The command line: flask user create | suspend | … | seed demo | sweep | money … | inbox replay | seal rotate | doctor.

Every application has these commands and hardly any runs one, so each imports what it needs when it is called.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app.commands.backup_commands import backup_commands
from app.commands.gateway_commands import mpesa_group
from app.commands.money_commands import money_group
from app.commands.setup_commands import setup_group
from app.domain.lifecycle import Actor
from app.models import Role, User
from app.services.core.errors import Problem
from app.services.core.transaction import Who

user_group = AppGroup("user", help="Accounts.")
seed_group = AppGroup("seed", help="Data to try Kikao with.")
inbox_group = AppGroup("inbox", help="What the gateways told us.")
seal_group = AppGroup("seal", help="What people wrote in confidence.")
_OPERATOR = Who(Actor.STAFF)  # whoever may log in to the machine


def register(app: Flask) -> None:
    """The commands are part of `flask`."""
    app.cli.add_command(user_group)
    app.cli.add_command(seed_group)
    app.cli.add_command(money_group)
    app.cli.add_command(mpesa_group)
    app.cli.add_command(inbox_group)
    app.cli.add_command(seal_group)
    app.cli.add_command(setup_group)
    app.cli.add_command(sweep_command)
    app.cli.add_command(doctor_command)
    for command in backup_commands:
        app.cli.add_command(command)


_ROLES = click.Choice([role.value for role in Role])


@user_group.command("create")
@click.option("--email", required=True)
@click.option("--role", type=_ROLES, required=True)
@click.option("--name", default="", help="Default: the part of the address before the @.")
@click.option("--zone", default="UTC", help="IANA time zone.")
@click.option("--password", help="Others can read it in process lists and histories: prefer the next two.")
@click.option("--password-stdin", is_flag=True, help="The password is the first line of the standard input.")
@click.option("--password-prompt", is_flag=True, help="The password is typed, unseen.")
def user_create(email: str, role: str, name: str, zone: str, **ways: Any) -> None:
    """Make an account; a practitioner gets a public profile to fill in. Without a password a code by mail logs in."""
    from app.services import practice
    from app.services.accounts import people

    name = name or email.partition("@")[0]
    password = _password(**ways)
    with _sentences():
        user = _own_account(email, password) or people.register(email, password, name, role=Role(role), zone=zone)
        if user.role is not Role(role):
            raise click.ClickException(f"email: {email} has an account already, as {user.role.value}")
        if user.role is Role.PRACTITIONER:
            practice.found_once(user, name)
    click.echo(f"{user.role.value} {user.address}")


def _password(password: str | None, *, password_stdin: bool, password_prompt: bool) -> str | None:
    """The password by the one way that was chosen; None without any."""
    if (password is not None) + password_stdin + password_prompt > 1:
        raise click.UsageError("--password, --password-stdin and --password-prompt exclude each other")
    if password is not None and current_app.config["PRODUCTION"]:
        raise click.UsageError("leave --password out, which others can read: use --password-stdin or --password-prompt")
    if password is not None:
        click.echo("warning: others can read --password; use --password-stdin or --password-prompt", err=True)
    if password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if password_prompt:
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return password


def _own_account(email: str, password: str | None) -> User | None:
    """Who has the address and this password already: the command may be run again."""
    from app.services.accounts import passwords, people

    found = people.by_address(email)
    same = found is not None and (passwords.is_right(found, password) if password else not found.password_hash)
    return found if same else None


@user_group.command("suspend")
@click.argument("email")
@click.option("--reason", required=True, help="It stays in the trail.")
def user_suspend(email: str, reason: str) -> None:
    """Log somebody out everywhere and let them in no more; what is paid stays."""
    from app.services.accounts import rights

    with _sentences():
        rights.suspend(_id_of(email), _OPERATOR, reason)
    click.echo(f"suspended {email}")


@user_group.command("restore")
@click.argument("email")
@click.option("--reason", required=True, help="It stays in the trail.")
def user_restore(email: str, reason: str) -> None:
    """Let somebody who was suspended log in again."""
    from app.services.accounts import rights

    with _sentences():
        rights.restore(_id_of(email), _OPERATOR, reason)
    click.echo(f"restored {email}")


@user_group.command("role")
@click.argument("email")
@click.argument("role", type=_ROLES)
@click.option("--reason", required=True, help="It stays in the trail.")
def user_role(email: str, role: str, reason: str) -> None:
    """Make somebody a client, practitioner or staff, at once everywhere."""
    from app.services.accounts import rights

    with _sentences():
        rights.change_role(_id_of(email), Role(role), _OPERATOR, reason)
    click.echo(f"{role} {email}")


@user_group.command("invite")
@click.argument("email")
@click.option("--role", type=_ROLES, required=True)
@click.option("--name", required=True)
@click.option("--language", default="en", help="Of the mail.")
def user_invite(email: str, role: str, name: str, language: str) -> None:
    """Mail somebody a link, good for seven days, that makes an account with this role."""
    from app.services.accounts import invitations

    if not current_app.config["SMTP_URL"]:
        raise click.ClickException("no mail goes out: SMTP_URL is not set")
    with _sentences():
        made = invitations.invite(invitations.Asked(email, name, Role(role), language), _OPERATOR)
    click.echo(f"invited {made.email} as {role}")


@user_group.command("list")
@click.option("--role", type=_ROLES)
@click.option("--q", default="", help="A part of the name or address.")
@click.option("--suspended", is_flag=True, help="Only who is suspended.")
def user_list(role: str | None, q: str, *, suspended: bool) -> None:
    """Who has an account: address, role, whether suspended, last day seen, name; with tabs between."""
    from app.services.backoffice.overview import people_page

    wish = people_page.Wish(q, Role(role) if role else None, "suspended" if suspended else "")
    for user in people_page.every(wish):
        state = "active" if user.active else "suspended"
        click.echo("\t".join((user.address, user.role.value, state, str(user.seen_on or "never"), user.name)))


def _id_of(email: str) -> int:
    from app.services.accounts import people

    found = people.by_address(email)
    if found is None:
        raise click.ClickException(f"nobody has the address {email}")
    return found.id


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be is said in a sentence."""
    try:
        yield
    except Problem as error:
        where = f"{error.field}: " if error.field else ""
        raise click.ClickException(f"{where}{_english(error)}") from None


@seed_group.command("demo")
def seed_demo() -> None:
    """Make the demo people and services; safe to run again, refused in production."""
    from app.services.backoffice import demo

    if current_app.config["PRODUCTION"]:
        raise click.ClickException("demo data is refused in production")
    demo.seed()
    click.echo(f"client@demo.test, practitioner@demo.test, staff@demo.test; password {demo.PASSWORD}")


@click.command("sweep")
@with_appcontext
def sweep_command() -> None:
    """One pass of everything the clock does."""
    from app.services.backoffice import checkups, sweeps

    done = sweeps.sweep() | {"checkups": checkups.daily()}
    click.echo(", ".join(f"{name} {count}" for name, count in done.items()))


@inbox_group.command("replay")
@click.argument("entries", nargs=-1, type=int)
@click.option("--gateway", help="Every waiting entry of this gateway.")
def inbox_replay(entries: tuple[int, ...], gateway: str | None) -> None:
    """Believe stored news once more: the entries named, or all that wait and may be ours. What was done stays done."""
    from sqlalchemy.exc import NoResultFound

    from app.services.payments import inbox, waiting_news

    for entry_id in entries or waiting_news.unsettled(gateway):
        try:
            state = inbox.replay(entry_id, _OPERATOR)
        except NoResultFound:
            raise click.ClickException(f"no entry {entry_id}") from None
        click.echo(f"{entry_id} {state.value}")


@seal_group.command("rotate")
def seal_rotate() -> None:
    """Seal everything with the first of KIKAO_SEAL_KEYS; exit 1 when something cannot be opened. Safe to stop and run again."""
    from app.services.core import encryption

    done = encryption.rotate()
    click.echo(f"{done.sealed} sealed with the first key, {done.closed} cannot be opened")
    if done.closed:
        click.echo(encryption.wrong())
    sys.exit(bool(done.closed))


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Say what is wrong with this installation; exit 1 when nothing can work."""
    from app.services.backoffice import doctor

    findings = doctor.examine()
    for finding in findings:
        mark = "ok  " if finding.ok else ("FAIL" if finding.vital else "look")
        click.echo(f"{mark} {finding.name}: {finding.words}")
    sys.exit(any(finding.vital and not finding.ok for finding in findings))


def _english(error: Problem) -> str:
    from app.words import problem as sentence

    with current_app.test_request_context():
        return sentence(error.code, error.values)
