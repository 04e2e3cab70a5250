"""The first minutes of an installation: flask setup link."""

import click
from flask.cli import AppGroup, with_appcontext

setup_group = AppGroup("setup", help="The first minutes of an installation.")


@setup_group.command("link")
@click.option(
    "--once", is_flag=True, help="Say nothing where somebody is staff already, for a start that does it each time."
)
@with_appcontext
def setup_link(once: bool) -> None:
    """Print a link, good for a day and for one use, that makes the first staff account and then sets up the house."""
    from app import words
    from app.services.backoffice import first_run
    from app.services.core.errors import Conflict

    try:
        click.echo(first_run.new_link())
    except Conflict as problem:
        if not once:
            raise click.ClickException(words.problem(problem.code, problem.values)) from None
