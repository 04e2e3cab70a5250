"""Nonsense that a vendor, or somebody who says to be one, may send: whole bodies, and good ones with one thing wrong."""

import json
from collections.abc import Callable, Iterator
from typing import Any

BROKEN = [b"", b"{}", b"[]", b"null", b"1", b"not json", b"[" * 100_000, b'{"a":' * 20_000, b"9" * 5_000]

SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda body: body[: len(body) // 2],
    "too long": lambda body: body + b" " * 300_000,
    "with more after it": lambda body: body + b"}",
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "with a byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "with a byte of no character": lambda body: b"\xff" + body,
    "without values": lambda body: json.dumps(dict.fromkeys(json.loads(body))).encode(),
    "with numbers for values": lambda body: json.dumps(dict.fromkeys(json.loads(body), 7)).encode(),
    "with lists for values": lambda body: json.dumps({key: [1] for key in json.loads(body)}).encode(),
}


def damaged(thing: Any) -> Iterator[Any]:
    """The sample with each of its fields, one at a time, missing or of a wrong kind."""
    for path in _paths(thing):
        for wrong in (None, "", [], {}, True, -1, 1.5, "\x00\ud800", "x" * 300, 10**30):
            copy = json.loads(json.dumps(thing))
            _at(copy, path[:-1])[path[-1]] = wrong
            yield copy


def _paths(thing: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in inside:
        yield (*here, key)
        yield from _paths(value, (*here, key))


def _at(thing: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        thing = thing[key]
    return thing
