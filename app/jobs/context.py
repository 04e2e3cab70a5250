"""Jobs run inside an application of their own process, made once."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from flask import Flask, has_app_context

P = ParamSpec("P")
R = TypeVar("R")


@cache
def application() -> Flask:
    """This worker's application."""
    from app import start_app  # noqa: PLC0415  (importing a job builds nothing)

    return start_app()


def job(function: Callable[P, R]) -> Callable[P, R]:
    """The function runs with an application context, whoever calls it."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if has_app_context():
            return function(*args, **kwargs)
        with application().app_context():
            return function(*args, **kwargs)

    return run
