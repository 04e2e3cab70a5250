"""What an operator does with M-Pesa by hand: flask mpesa register | mpesa statement FILE."""

import sys
from typing import BinaryIO

import click
from flask.cli import AppGroup, with_appcontext

from app.gateways.base import GatewayError

mpesa_group = AppGroup("mpesa", help="What M-Pesa must be told once, and what it gives to people.")


@mpesa_group.command("statement")
@click.argument("file", type=click.File("rb"))
@with_appcontext
def mpesa_statement(file: BinaryIO) -> None:
    """Compare M-Pesa's organisation statement (CSV, or a ZIP with one) with the books; exit 1 when a person must look."""
    from app import words
    from app.services.backoffice.pull import gateway_statements
    from app.services.core.errors import Invalid

    try:
        found = gateway_statements.compare_statement("mpesa", file)
    except Invalid as problem:
        for fault in (problem, *problem.also):
            click.echo(words.problem(fault.code, fault.values), err=True)
        raise click.ClickException("nothing of this file was used") from None
    since = f"{found.begins:%Y-%m-%d %H:%M} to " if found.begins else "until "
    click.echo(f"{found.account}, {since}{found.until:%Y-%m-%d %H:%M} UTC: {found.lines} lines")
    click.echo(
        f"ours and known {found.agreed}, ours and asked about {found.asked}, to be decided {found.to_decide} "
        f"(not in the statement {found.missing}), fees and others' {found.of_others}"
    )
    sys.exit(bool(found.to_decide))


@mpesa_group.command("register")
def mpesa_register() -> None:
    """Tell M-Pesa where it reports payments that somebody makes from a phone's own menu (C2B)."""
    from app.services.payments import receipt_checks

    try:
        paid, asked = receipt_checks.register("mpesa")
    except LookupError:
        raise click.ClickException("M-Pesa is not set up here: see GATEWAYS") from None
    except GatewayError as error:
        raise click.ClickException(f"nothing was registered: {error}") from None
    click.echo(f"payments are told to   {paid}")
    click.echo(f"and may be asked about {asked}")
