"""What fails for a whole test: the queue, the patience with a gateway."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask


@pytest.fixture(params=["down", "flushed"])
def lose_queue(request: pytest.FixtureRequest, bind_queue: Callable[[str], None]) -> Callable[[], Any]:
    """lose_queue(): Redis is down from now on (F03), or is empty now and will be used again (F04)."""
    if request.param == "flushed":
        empty: Callable[[], Any] = request.getfixturevalue("redis").flushdb
        return empty
    own = request.getfixturevalue("own_redis")
    bind_queue(own.url)
    stop: Callable[[], Any] = own.stop
    return stop


@pytest.fixture
def impatient(app: Flask) -> Iterator[None]:
    """A gateway that does not answer in a second has given no answer; it is ten seconds otherwise."""
    patient = app.extensions["gateways"]
    app.extensions["gateways"] = {
        code: g if g.capabilities.by_hand else type(g)(g._settings, timeout=(1.0, 1.0)) for code, g in patient.items()
    }
    yield
    app.extensions["gateways"] = patient
