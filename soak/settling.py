"""After the trouble: everything runs again, every queue runs empty, and the clock's work is done for days to come."""

import urllib.error
import urllib.request

import requests
from redis import Redis
from redis.exceptions import RedisError

from app.lib.queue import open_queue
from script.support import valkey
from soak.fleet import Fleet, eventually
from soak.payers import Hands
from soak.stage import Stage
from tests.support.world import World

# Minutes that pass, one after the other: a dead worker's claim ends, holds end, offers end, look-ups end.
_STEPS = (0, 6, 20, 60, 240, 25 * 60, 24 * 60, 24 * 60, 24 * 60)
_PASSES = 40


def answers(address: str) -> bool:
    """Whether the web serves."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310  (our own http address)
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def come_to_rest(stage: Stage, fleet: Fleet) -> list[str]:
    """The gateways behave, everything runs, callbacks are delivered and jobs done; in words, what did not end."""
    hands = Hands(stage.sandbox_url)
    hands.post("/control/faults/clear")
    hands.post("/control/release")
    ends = {
        "the web did not come back": lambda: answers(stage.place.address),
        "jobs stay in the queue": lambda: _jobs(stage) == 0,
        "callbacks stay undelivered": lambda: not hands.get("/control/callbacks?status=waiting")["callbacks"],
    }
    found = []
    for complaint, ended in ends.items():
        if not eventually(lambda ended=ended: _tended(fleet) and ended(), 90, gap=0.25):  # type: ignore[misc]
            found.append(complaint)
    return found


def _tended(fleet: Fleet) -> bool:
    fleet.tend()
    return True


def _jobs(stage: Stage) -> int:
    try:
        with Redis.from_url(valkey.url(stage.queue)) as redis:
            return len(open_queue(redis))
    except (RedisError, requests.RequestException):
        return -1


def until_quiet(world: World) -> list[str]:
    """Nothing is left for the clock to do, now and in the days that follow; in words, what does not end."""
    found = []
    for minutes in _STEPS:
        world.move(minutes=minutes)
        if not _sweeps(world):
            found.append(f"the sweep still finds work after {_PASSES} passes")
    return found


def _sweeps(world: World) -> bool:
    for _ in range(_PASSES):
        world.settle()
        done = world.sweep()
        if not any(count for kind, count in done.items() if kind != "requests"):
            return True
    return False
