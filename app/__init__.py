"""Kikao. Importing the package loads nothing: an adapter or a table is had without Flask and without a single page."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app(environ: Mapping[str, str] | None = None) -> "Flask":
    """Return a ready application for `environ` (default: the process's). Raises ConfigError or SettingsMissing."""
    with _nothing_thrown_away():
        from app import factory  # noqa: PLC0415  (it brings everything)

        return factory.create_app(environ)


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
        gc.freeze()
        if was_on:
            gc.enable()
