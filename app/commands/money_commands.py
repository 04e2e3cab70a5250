"""The command line for money: flask money audit | money pull. As in cli.py, each command imports what it needs."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup

from app.lib import clock

if TYPE_CHECKING:
    from app.gateways.base import Gateway
    from app.models import Pull

money_group = AppGroup("money", help="Where all the money is.")


@money_group.command("audit")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--against", metavar="sandbox", help="Also compare with what the sandbox says it took and gave back.")
def money_audit(as_json: bool, against: str | None) -> None:
    """Check every invariant over the whole database; exit 1 when one is broken."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from app.services.backoffice import reconciliation

    try:
        found = reconciliation.breaches()
    except (OperationalError, ProgrammingError):
        raise click.ClickException("the tables are not those of this version: run flask db upgrade") from None
    if against:
        found += reconciliation.compare(_sandbox_log(against))
    if as_json:
        click.echo(
            json.dumps(
                {"ok": not found, "checks": reconciliation.count(), "breaches": [asdict(each) for each in found]}
            )
        )
    else:
        for breach in found:
            click.echo(f"BROKEN {breach.code}: {breach.sentence}")
            click.echo("".join(f"       {row}\n" for row in breach.rows), nl=False)
        click.echo(
            f"{reconciliation.count()} invariants, {len(found)} broken"
            if found
            else f"{reconciliation.count()} invariants, all hold"
        )
    sys.exit(bool(found))


def _sandbox_log(against: str) -> list[dict[str, Any]]:
    import requests

    from app.services.core import payment_methods

    if against != "sandbox" or current_app.config["PRODUCTION"]:
        raise click.ClickException("only the sandbox can be compared with, and not in production")
    bases = [current_app.config["ENVIRON"].get(f"{code.upper()}_API_BASE", "") for code in payment_methods.offered()]
    origin = next((f"{parts.scheme}://{parts.netloc}" for base in bases if (parts := urlsplit(base)).netloc), None)
    if origin is None:
        raise click.ClickException("no gateway is set up with the sandbox")
    try:
        entries: list[dict[str, Any]] = requests.get(f"{origin}/money.json", timeout=10).json()["entries"]
    except (requests.RequestException, KeyError, ValueError):
        raise click.ClickException(f"the sandbox at {origin} gives no list") from None
    return entries


_COLUMNS = ("seen", "ours", "others", "landed", "reviews")


@money_group.command("pull")
@click.option(
    "--since", help="A day or an instant (2026-11-20, 2026-11-20T08:00Z; UTC), or so many days (3d). Default: 3d."
)
@click.option("--gateway", "code", help="Only this one. Default: every gateway that has lists.")
def money_pull(since: str | None, code: str | None) -> None:
    """Compare what the gateways list with the rows, and catch up on what nobody told; exit 1 when one could not be asked.

    The last 15 minutes are left out, but for the first time after going back to a backup: what happened then may still be
    told by itself.
    """
    from app.services.backoffice import pull
    from app.services.core import restorations

    begin = _instant(since) if since else clock.now() - pull.DEFAULT
    is_up_to_date = restorations.behind() is None
    click.echo("".join(f"{head:>10}" for head in ("gateway", "seen", "ours", "of others", "landed", "reviews")))
    failed = [gateway.code for gateway in _listing(code) if not _pulled(gateway, begin)]
    if is_up_to_date:
        minutes = pull.YOUNG // timedelta(minutes=1)
        click.echo(f"The last {minutes} minutes are left out: what happened then may still be told by itself.")
    if not failed and code is None and restorations.catch_up(begin):
        click.echo("The books have caught up after going back to a backup: Kikao may start")
    sys.exit(bool(failed))


def _pulled(gateway: "Gateway", since: datetime) -> bool:
    """Whether the gateway's lists were read to their end; a line says what was found."""
    from app.services.backoffice import pull
    from app.services.core import restorations

    # While nothing works after going back to a backup, nothing is under way to us: also the last minutes count.
    until = clock.now() if restorations.behind() else None
    try:
        found: Pull = pull.run(gateway, since, until)
    except pull.Interrupted as error:
        click.echo(f"{gateway.code:>10}  was not read to its end ({error}); the rest is dealt with: run it again")
        return False
    click.echo(f"{gateway.code:>10}" + "".join(f"{getattr(found, name):>10}" for name in _COLUMNS))
    return True


def _listing(code: str | None) -> "list[Gateway]":
    from app.services.backoffice import pull
    from app.services.core import restorations

    found = [each for each in pull.listing() if code in (None, each.code)]
    if not found and not (code is None and restorations.behind()):
        known = ", ".join(each.code for each in pull.listing()) or "none of those that are set up"
        raise click.ClickException(f"{code or 'no gateway'} has no lists; these have: {known}")
    return found


def _instant(text: str) -> datetime:
    """The instant (UTC). Raises ClickException for what is none, lies in the time to come or too far back."""
    from app.services.backoffice import pull

    now = clock.now()
    try:
        days = text.removesuffix("d")
        found = now - timedelta(days=int(days)) if days != text else datetime.fromisoformat(text)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise click.ClickException(f"{text!r} is no day, no instant and no number of days such as 3d") from None
    if not now - pull.LONGEST <= found < now:
        raise click.ClickException(f"--since must lie in the last {pull.LONGEST.days} days")
    return found
