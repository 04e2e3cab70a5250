"""The command line of backups: flask backup | restore | reopen. As in cli.py, each command imports what it needs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from app.services.backoffice.backups import Facts, Restoration


_PATH = click.Path(path_type=Path)


@click.command("backup")
@click.argument("target", required=False, type=_PATH)
@click.option(
    "--keep", type=click.IntRange(min=1), help="Of the backups in the directory so many are kept, the newest."
)
@with_appcontext
def backup_command(target: Path | None, keep: int | None) -> None:
    """Keep the database in one file, while everything runs: TARGET, or a new one in that directory (default: KIKAO_BACKUPS)."""
    from app.services.backoffice import backups

    place = target or (Path(current_app.config["BACKUPS"]) if current_app.config["BACKUPS"] else None)
    if place is None:
        raise click.UsageError("name a file or a directory, or set KIKAO_BACKUPS")
    if keep and not place.is_dir():
        raise click.UsageError("--keep is for a directory of backups")
    with _sentences():
        made = backups.make(place)
        gone = backups.tidy(place, keep) if keep else 0
    click.echo(f"{made} ({made.stat().st_size} bytes)" + (f", {gone} older ones removed" if gone else ""))
    click.echo("The keys are not in it: keep SECRET_KEY, KIKAO_SEAL_KEYS and the gateways' keys elsewhere.")


@click.command("restore")
@click.argument("file", type=_PATH)
@click.option("--replace", is_flag=True, help="Also where the database has people in it: it is moved aside.")
@click.option("--pull", is_flag=True, help="Then ask the gateways what they took since: flask money pull.")
@click.pass_context
@with_appcontext
def restore_command(ctx: click.Context, file: Path, *, replace: bool, pull: bool) -> None:
    """Go back to the backup in FILE; web and workers must be stopped, and do not start before the gateways were asked."""
    from app.services.backoffice.backups import Restoration

    with (
        _sentences(),
        tempfile.TemporaryDirectory(prefix="kikao-restore-") as room,
        Restoration(file, Path(room)) as going,
    ):
        facts = going.open()
        going.check(facts, replace=replace)
        _settle_in(going.load(), facts, going.former_installation())
        _say_done(going, facts)
    since = f"{_behind():%Y-%m-%dT%H:%M:%SZ}"
    if pull:
        from app.commands.money_commands import money_pull

        ctx.invoke(money_pull, since=since)
    click.echo(f"Now: flask money pull --since {since}; until then nothing starts")


def _behind() -> datetime:
    from app.services.core import restorations

    found = restorations.behind()
    if found is None:
        raise click.ClickException("the books do not know that they went back")
    return found


def _settle_in(url: str, facts: "Facts", installation: str) -> None:
    """The loaded database is of this version, and knows that it was a backup; what the audit finds in it is said."""
    from flask_migrate import upgrade

    from app import create_app
    from app.extensions import db
    from app.services.backoffice import backups, reconciliation

    # Nothing may be told of it before it has its place.
    beside = create_app({**current_app.config["ENVIRON"], "DATABASE_URL": url, "REDIS_URL": ""})
    with beside.app_context():
        try:
            upgrade()
            backups.settle_in(facts.made, facts.installation or installation)
            found = reconciliation.breaches()
        finally:
            db.session.remove()
            db.engine.dispose()
    for breach in found:
        click.echo(f"BROKEN {breach.code}: {breach.sentence}")
    click.echo(f"{reconciliation.count()} invariants, {f'{len(found)} broken' if found else 'all hold'}")


def _say_done(going: "Restoration", facts: "Facts") -> None:
    aside, is_cleared = going.put_in_place()
    click.echo(f"The database is that of {facts.made_at}" + (f"; the former one is {aside}" if aside else ""))
    if not is_cleared:
        click.echo("look: the queue could not be emptied; its jobs find their rows or do nothing")
    if not going.signs_as_before(facts):
        click.echo(
            "look: SECRET_KEY is not the backup's: links in mails and addresses that M-Pesa was given lead nowhere"
        )


@click.command("reopen")
@click.option("--reason", required=True, help="It stays in the trail.")
@with_appcontext
def reopen_command(reason: str) -> None:
    """Let Kikao start after going back to a backup, although the gateways could not be asked what they took since."""
    from app.services.core import restorations

    if restorations.behind() is None:
        raise click.ClickException("nothing is to be caught up with")
    restorations.reopen(reason)
    click.echo("Kikao may start; run flask money pull as soon as the gateways answer")


# What cli.py adds to `flask`.
backup_commands = (backup_command, restore_command, reopen_command)


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be is said in a sentence, and exit 1."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from app.lib.backups import BadArchive, CopyFailed
    from app.services.backoffice.backups import NotRestored

    try:
        yield
    except (BadArchive, CopyFailed, NotRestored, OSError) as error:
        raise click.ClickException(str(error)) from None
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"the database cannot be read ({type(error.orig).__name__}); run flask db upgrade?"
        ) from None
