"""Jobs run inside an application of their own process, made once."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, has_app_context

P = ParamSpec("P")
R = TypeVar("R")
_made: list[Flask] = []


def use(app: Flask) -> None:
    """The application is this process's."""
    _made[:] = [app]


def application() -> Flask:
    """This worker's application."""
    if not _made:
        from app import start_app  # noqa: PLC0415  (importing a job builds nothing)

        use(start_app())
    return _made[0]


def job(function: Callable[P, R]) -> Callable[P, R]:
    """The function runs with an application context, whoever calls it."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if has_app_context():
            return function(*args, **kwargs)
        with application().app_context():
            return function(*args, **kwargs)

    return run
