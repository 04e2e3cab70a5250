"""What the gateways' stand-ins have in common at their doors: views that any fault may spoil, and idempotency keys."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request

from sandbox.core import clock, faults
from sandbox.core.context import box
from sandbox.core.store import Doc

Params = dict[str, Any]
View = Callable[..., Doc]


class Endpoints:
    """Makes a view of (params, **ids) -> object an endpoint of one gateway's API; `serve` does the gateway's manners."""

    def __init__(
        self, gateway: str, api: Blueprint, failure: faults.Shape, serve: Callable[[View, dict[str, str]], Response]
    ) -> None:
        self._gateway = gateway
        self._api = api
        self._failure = failure
        self._serve = serve

    def __call__(self, rule: str, method: str, route: str) -> Callable[[View], View]:
        """Return what registers a view; `route` is its name for faults."""

        def register(view: View) -> View:
            @wraps(view)
            def entry(**ids: str) -> Response:
                return faults.guard(self._gateway, route, self._failure, lambda: self._serve(view, ids))

            self._api.add_url_rule(rule, f"{method} {rule}", entry, methods=[method])
            return view

        return register


@dataclass
class Claim:
    """One use of an idempotency key: what was kept at its first use, or the right to keep something now."""

    table: str
    key: str
    fingerprint: str
    kept: Doc | None

    def keep(self, what: Doc) -> None:
        """Every later use of the key has this."""
        box().store.put(self.table, self.key, {"print": self.fingerprint, "at": clock.now(), **what})


@contextmanager
def claimed(
    table: str, key: str, params: Params, *, busy: Exception, differs: Exception, seconds: float = math.inf
) -> Iterator[Claim]:
    """The key is this request's until the end, and what was kept of it is so for so many seconds.

    Raises `busy` while it is another's, `differs` if it was for another one.
    """
    fingerprint = hashlib.sha256(json.dumps([request.path, params], sort_keys=True).encode()).hexdigest()
    mine = f"{table} {key}"
    with box().store.lock:
        kept = box().store.get(table, key)
        if kept is not None and clock.now() - kept["at"] >= seconds:
            kept = None
        if kept is None:
            if mine in box().keys_in_flight:
                raise busy
            box().keys_in_flight.add(mine)
    if kept is not None:
        if kept["print"] != fingerprint:
            raise differs
        yield Claim(table, key, fingerprint, kept)
        return
    try:
        yield Claim(table, key, fingerprint, None)
    finally:
        with box().store.lock:
            box().keys_in_flight.discard(mine)
