"""Kikao. Importing the package loads nothing: an adapter or a table is had without Flask and without a single page."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(environ: Mapping[str, str] | None = None) -> "Flask":
    """Return a ready application for `environ` (default: the process's). Raises ConfigError with all that is wrong."""
    with _nothing_thrown_away():
        from app import factory  # noqa: PLC0415  (it brings everything)

        return factory.create_app(environ)


def start_app() -> "Flask":
    """The application of this process, which ends with one sentence and no traceback where its settings are wrong."""
    from config import ConfigError  # noqa: PLC0415  (with the rest)

    try:
        return create_app()
    except ConfigError as error:
        raise SystemExit(f"Kikao does not start: {error}") from None


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Nobody looks for garbage meanwhile, nor among it later: what importing makes is there to stay.

    Looking through it took a quarter of a start's time; and workers that are forked later share what nobody looks at.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # once: what is garbage by the next time would be kept, with what it has open
            gc.freeze()
        if was_on:
            gc.enable()
