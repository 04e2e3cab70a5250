"""A small WSGI application behind the real front, for asking a real server what it makes of requests and answers."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from wsgiref.types import StartResponse

from app.front import HOLD, MAY_HOLD, REFUSED, Front, Limits

THREADS = 4
LIMITS = Limits(
    threads=THREADS,
    body=100_000,
    upload=1_000_000,
    uploads=2,
    chance_seconds=1,
    in_memory=10_000,
    body_seconds=2,
    body_rate=100_000,
    send_seconds=2,
    held=50,
    look_seconds=0.2,
)
_left: list[str] = []
_news: dict[str, str] = {}
_calls = [0]
_busy = [0, 0]  # calls under way now, and at most


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """What is asked for by the path."""
    _calls[0] += 1
    if REFUSED in environ:
        return _say(start_response, {"refused": environ[REFUSED], "body": len(environ["wsgi.input"].read())})
    answer = _ANSWERS.get(environ["PATH_INFO"].partition("/")[2].partition("/")[0], _told)
    return answer(environ, start_response)


def _told(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    """The environ, and the body twice over."""
    body = environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    again = environ["wsgi.input"].read()
    told = {key: value for key, value in environ.items() if isinstance(value, str | bool | int | tuple)}
    return _say(start_response, told | {"size": len(body), "sum": hashlib.sha256(body + again).hexdigest()})


def _say(start_response: StartResponse, told: Any, *headers: tuple[str, str]) -> list[bytes]:
    text = json.dumps(told).encode()
    start_response(
        "200 OK", [("Content-Length", str(len(text))), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), *headers]
    )
    return [text]


class _Pieces:
    """Pieces of 64 KiB, a moment apart; that it was closed is noted."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self._count):
            yield bytes([number % 256]) * 65536
            time.sleep(0.002)

    def close(self) -> None:
        _left.append(self._name)


def _stream(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/zip")])
    _, _, count, name = environ["PATH_INFO"].split("/")
    return _Pieces(int(count), name)


def _write(_environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    write = start_response("200 OK", [("Content-Type", "text/plain")])
    write(b"written ")
    return [b"", b"and returned"]


def _sleep(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    _busy[0] += 1
    _busy[1] = max(_busy)
    time.sleep(float(environ["PATH_INFO"].rpartition("/")[2]))
    _busy[0] -= 1
    return _say(start_response, "slept")


def _hold(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    _, _, seconds, topic = environ["PATH_INFO"].split("/")
    wish = (HOLD, f"{seconds} {topic} {_news.get(topic, 'old')}")
    return _say(start_response, "held", wish) if environ[MAY_HOLD] else _say(start_response, "full")


def _tell(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    _news[environ["PATH_INFO"].rpartition("/")[2]] = str(time.time())
    return _say(start_response, "told")


def _fail(_environ: dict[str, Any], _start_response: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("broken")


_ANSWERS: dict[str, Callable[[dict[str, Any], StartResponse], Iterable[bytes]]] = {
    "stream": _stream,
    "write": _write,
    "sleep": _sleep,
    "hold": _hold,
    "upload": lambda environ, start_response: (_sleep if "/sleep/" in environ["PATH_INFO"] else _told)(
        environ, start_response
    ),
    "tell": _tell,
    "fail": _fail,
    "left": lambda _, start_response: _say(start_response, _left),
    "calls": lambda _, start_response: _say(start_response, _calls[0]),
    "busy": lambda _, start_response: _say(start_response, _busy),
}


def _versions(topics: Iterable[str]) -> Mapping[str, str]:
    return {topic: _news.get(topic, "old") for topic in topics}


front = Front(application, LIMITS, lambda environ: environ["PATH_INFO"].startswith("/upload"), _versions)
