"""What gateways must be told once, on the command line: flask mpesa register."""

import click
from flask.cli import AppGroup

from app.gateways.base import GatewayError

mpesa_group = AppGroup("mpesa", help="What M-Pesa must be told once.")


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
