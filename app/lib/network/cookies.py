"""Cookies that only this very site can have set, and that scripts and forms of other sites never get; see config.py: _cookies."""

from datetime import timedelta

from flask import Response, current_app, request


def put(response: Response, word: str, value: str, lifetime: timedelta) -> None:
    """The answer sets the cookie `word`: for this host, all of its pages, no script, and no form of another site."""
    response.set_cookie(
        _name(word),
        value,
        max_age=lifetime,
        path="/",
        secure=bool(current_app.config["COOKIE_PREFIX"]),
        httponly=True,
        samesite="Lax",
    )


def given(word: str) -> str | None:
    """What the browser has under `word`; None: nothing."""
    return request.cookies.get(_name(word))


def take_back(response: Response, word: str) -> None:
    """The answer ends the cookie `word`; a browser lets go only of the one with the same attributes."""
    put(response, word, "", timedelta(0))


def _name(word: str) -> str:
    return f"{current_app.config['COOKIE_PREFIX']}{word}"
