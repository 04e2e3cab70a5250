"""What the front has to know of Kikao, and Kikao of the front: limits, words for what it refused, and who may wait for news."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Flask, Response, abort, make_response, request
from werkzeug.exceptions import HTTPException

from app.blueprints.common.uploads import TAKE_FILES, UPLOAD_LIMIT
from app.front import HOLD, MAY_HOLD, REFUSED, Front, Limits
from app.services.workflows import booking_news, checkout_news

# Seconds the answer to each question may be held back while there is no news: fewer than proxies wait, and than the timeouts in
# _poll.html and _booking_news.html.
HOLDS = (10, 12, 15, 20, 30, 50)
_PAUSES = (2, 3, 3, 4, 5, 6, 8, 10, 15, 20)  # seconds between a page's own questions, where none is held back
_NEWS = {"checkout": checkout_news.versions, "booking": booking_news.versions}  # by what a topic begins with


def of(app: Flask) -> Front:
    """The application for a web server: whatever comes through its door is bounded."""
    limits = Limits(
        threads=app.config["WEB_THREADS"],
        body=app.config["MAX_CONTENT_LENGTH"],
        upload=UPLOAD_LIMIT,
        body_seconds=app.config["BODY_SECONDS"],
    )
    return Front(app, limits, lambda environ: takes_files(app, environ), lambda topics: _versions(app, topics))


def register(app: Flask) -> None:
    """What the front refuses is said as every error is, before anything else looks at the request."""
    app.url_value_preprocessor(_say_refusal)
    app.url_value_preprocessor(_allow_upload)


def _say_refusal(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    status = request.environ.get(REFUSED)
    if status is not None:
        abort(status)


def _allow_upload(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    # Before anything reads the body.
    if endpoint in TAKE_FILES:
        request.max_content_length = UPLOAD_LIMIT


def takes_files(app: Flask, environ: dict[str, Any]) -> bool:
    """Whether this request goes where files are taken. Asked in the event loop: it must look at the address alone."""
    try:
        endpoint, _values = app.url_map.bind_to_environ(environ).match()
    except HTTPException:
        return False
    return endpoint in TAKE_FILES


def may_hold() -> bool:
    """Whether an answer may be held back: there is a front, and it has room."""
    return bool(request.environ.get(MAY_HOLD))


def patience(asked: int) -> int:
    """For how many seconds the answer to the question of this number may be held back."""
    return _nth(HOLDS, asked - 1)


def pause(asked: int) -> int:
    """How many seconds a page waits before it asks again, where answers are not held back."""
    return _nth(_PAUSES, asked)


def _nth(seconds: tuple[int, ...], number: int) -> int:
    return seconds[min(number, len(seconds) - 1)]


def hold(answer: str, seconds: int, topic: str, version: str) -> Response:
    """The answer is given as soon as there is news of the topic (`booking:ID`), at the latest after so many seconds."""
    response = make_response(answer)
    response.headers[HOLD] = f"{seconds} {topic} {version}"
    return response


def _versions(app: Flask, topics: Iterable[str]) -> Mapping[str, str]:
    by_kind: defaultdict[str, list[UUID]] = defaultdict(list)
    for topic in topics:
        kind, _, name = topic.partition(":")
        by_kind[kind].append(UUID(name))
    with app.app_context():
        return {
            f"{kind}:{name}": version for kind, names in by_kind.items() for name, version in _NEWS[kind](names).items()
        }
