"""`flask worker`: everything that is done behind the web, by one process and its child (OPS-4)."""

import click
from flask import Flask, current_app


@click.command("worker")
@click.option("--burst", is_flag=True, help="Stop when nothing is left to do.")
@click.option("--verbose", is_flag=True, help="Say what is done.")
@click.option("--under", nargs=2, type=int, hidden=True)  # a successor: its foreman's id, and the number of their note
def worker_command(*, burst: bool, verbose: bool, under: tuple[int, int] | None) -> None:
    """Do the jobs of the queue, and ask for each minute's sweep. SIGTERM ends it after its job, SIGHUP takes new code."""
    from app.jobs import handover  # noqa: PLC0415  (redis, rq and all jobs, which no other process needs)

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if under:
        handover.succeed(app, *under, burst=burst, verbose=verbose)
    else:
        handover.begin(app, burst=burst, verbose=verbose)


def register(app: Flask) -> None:
    """The command is part of `flask`."""
    app.cli.add_command(worker_command)
