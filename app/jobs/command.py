"""`flask worker`: everything that is done behind the web, by one process and its child (OPS-4)."""

import click
from flask import Flask, current_app


@click.command("worker")
@click.option("--burst", is_flag=True, help="Stop when nothing is left to do.")
@click.option("--verbose", is_flag=True, help="Say what is done.")
def worker_command(*, burst: bool, verbose: bool) -> None:
    """Do the jobs of the queue, and ask for each minute's sweep. SIGTERM ends it after its job, SIGHUP takes new code."""
    from app.jobs import foreman  # noqa: PLC0415  (redis, rq and all jobs, which no other process needs)

    foreman.run(current_app._get_current_object(), burst=burst, verbose=verbose)  # type: ignore[attr-defined]


def register(app: Flask) -> None:
    """The command is part of `flask`."""
    app.cli.add_command(worker_command)
