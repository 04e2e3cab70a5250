"""Hundreds of SIGKILLs on a Kikao under load, at random moments and at named points; afterwards the books must agree."""

import contextlib
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from script.support import processes, valkey
from soak import books, settling
from soak.fleet import Fleet, eventually
from soak.payers import Crowd, Hands, Payer
from soak.proof import Outcome, Play, Proof
from soak.stage import Stage, build, cast, database, inside, launch
from tests.support.world import World

_PAYERS = 5
_FIRST_START = 180  # six processes at once, on a machine that may be busy with other tests
_LOAD = 3  # stories that begin between two kills
_QUEUE_TROUBLE = 8  # every so many rounds the queue is emptied or dies
# Where a process is known to stand: the routes of each gateway that it waits at.
POINTS: dict[str, tuple[tuple[str, str], ...]] = {
    "create": (("stripe", "create"), ("razorpay", "order"), ("mpesa", "push")),
    "look-up": (("stripe", "retrieve"), ("stripe", "expire"), ("razorpay", "payments"), ("mpesa", "query")),
    "refund": (("stripe", "refund"), ("razorpay", "refund"), ("mpesa", "refund")),
}
# Nothing was done; nothing is done until the caller is dead; it was done and the answer is lost.
_HANGS = (
    {"fault": "timeout", "when": "before"},
    {"fault": "slow", "when": "before"},
    {"fault": "slow", "when": "after"},
)


@dataclass
class Killer:
    """Kills one part of the fleet a round, and keeps all of it running otherwise."""

    stage: Stage
    fleet: Fleet
    crowd: Crowd
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._hands = Hands(self.stage.sandbox_url)

    def round(self, number: int) -> None:
        """One kill; the part runs again when this returns, or will at once."""
        if number % _QUEUE_TROUBLE == 0:
            self._trouble_queue()
        dice = self.chance.random()
        if dice < 0.4:
            self._at_random()
        elif dice < 0.6:
            self._in_callback()
        else:
            self._at_point(self.chance.choice(list(POINTS)))
        self.fleet.tend()
        if self.chance.random() < 0.85:  # otherwise the next kill may come while it is still starting
            self.await_web()
            asked = self.crowd.done["asked"]
            eventually(lambda: self.crowd.done["asked"] >= asked + _LOAD, 4)

    def await_web(self, seconds: float = 20) -> bool:
        """Whether the web answers, within some time; everything else is kept running meanwhile."""
        return eventually(self._web_answers, seconds)

    def _web_answers(self) -> bool:
        self.fleet.tend()
        return settling.answers(self.stage.place.address)

    def _at_random(self) -> None:
        time.sleep(self.chance.random() * 0.8)
        part = self.chance.choices(("web", "worker", "sweeper"), (45, 37, 18))[0]
        self._kill(part, "at random")

    def _in_callback(self) -> None:
        """The web dies just after a gateway began to tell of money."""
        try:
            begun = self.crowd.left.popleft()
        except IndexError:
            return self._at_random()
        if self.chance.random() < 0.3:
            self._hands.post("/control/faults", {"gateway": begun.gateway, "callbacks": "duplicate", "times": 2})
        self._hands.act(begun, "pay")
        time.sleep(self.chance.random() * 0.04)
        return self._kill("web", "in callback")

    def _at_point(self, point: str) -> None:
        """A process waits for a gateway's answer, and dies waiting."""
        if point != "create" and self.chance.random() < 0.4:
            self._without_worker()
        self._hang(point)
        found = eventually(lambda: self._caught(point), 8)
        time.sleep(self.chance.random() * 0.1)
        standing = [name for name in self.fleet.standing_at(self.stage.place.sandbox_port) if name != "sandbox"]
        self._hands.post("/control/faults/clear")
        self.fleet.absent.clear()
        if not found or not standing:
            self.troubles[f"nobody caught in {point}"] += 1
            return self._at_random()
        return self._kill(self.chance.choice(standing), f"in {point}")

    def _without_worker(self) -> None:
        """Only the sweep can do what is due until the worker may come back."""
        self._kill("worker", "before a sweep")
        self.fleet.absent.add("worker")

    def _hang(self, point: str) -> None:
        how = self.chance.choice(_HANGS) | {"seconds": 3, "times": 1}
        self._hands.post(
            "/control/faults", [{"gateway": gateway, "route": route} | how for gateway, route in POINTS[point]]
        )

    def _caught(self, point: str) -> bool:
        self.fleet.tend()
        waiting = [one for one in self._hands.get("/control/faults")["faults"] if "route" in one]
        return len(waiting) < len(POINTS[point])

    def _kill(self, part: str, where: str) -> None:
        if part == "web" and self.chance.random() < 0.6:
            self.fleet.kill_one(part, self.chance)
        else:
            self.fleet.kill(part)
        self.kills[f"{part} {where}"] += 1

    def _trouble_queue(self) -> None:
        trouble = self.chance.choice(("emptied", "killed", "stopped for a while"))
        self.troubles[f"queue {trouble}"] += 1
        if trouble == "emptied":
            with contextlib.suppress(RedisError), Redis.from_url(valkey.url(self.stage.queue)) as redis:
                redis.flushall()
        else:
            self.fleet.kill("valkey")
            time.sleep(self.chance.random() * 2 if trouble != "killed" else 0)
            self.fleet.tend()


@contextlib.contextmanager
def on(engine: str) -> Iterator[Play]:
    """Each seed has a Kikao of its own, which starts empty."""
    yield lambda seed, rounds, step: run(engine, rounds, seed, step)


def run(engine: str, rounds: int, seed: int, step: Callable[[], None] = lambda: None) -> Outcome:
    """A private Kikao is set up, troubled for so many rounds, brought to rest, and its books are compared."""
    directory = Path(tempfile.mkdtemp(prefix="kikao-soak-", dir=processes.short_directory()))
    with database(engine, directory) as url:
        outcome = _run(build(directory, url), rounds, seed, step)
    if outcome.failures:
        outcome.failures.append(f"all of it is kept in {directory}")
    else:
        shutil.rmtree(directory, ignore_errors=True)
    return outcome


def _run(stage: Stage, rounds: int, seed: int, step: Callable[[], None]) -> Outcome:
    with inside(stage) as world:
        players = cast(world, _PAYERS)
    fleet = Fleet(stage.place.instance)
    crowd = Crowd()
    killer = Killer(stage, fleet, crowd, random.Random(seed))
    payers = [
        Payer(number, stage.place.address, stage.sandbox_url, token, players.offers, crowd).seeded(seed)
        for number, token in enumerate(players.clients)
    ]
    try:
        launch(stage, fleet)
        unrest = _under_fire(killer, payers, rounds, step)
    finally:
        crowd.stop.set()
        fleet.stop()
    with inside(stage) as world:
        found = unrest + settling.until_quiet(world)
        found += books.differences(world) + books.letters(world, killer.kills.total())
        return Outcome(_counts(killer, world), found)


def _counts(killer: Killer, world: World) -> Counter[str]:
    """Kills and bookings, and how it came to them, under a title each."""
    load = {word: n for word, n in killer.crowd.done.items() if not word.startswith(("popular", "phone"))}
    counts = Counter({"kills": killer.kills.total(), "bookings": load.pop("asked", 0)})
    for title, found in (
        ("killed", killer.kills),
        ("troubled", killer.troubles),
        ("load", load),
        ("for a person", books.for_a_person(books.read(world))),
        ("mails", {"sent once more after a kill": books.repeated_letters(world)}),
    ):
        counts.update({f"{title}: {word}": n for word, n in found.items() if n})
    return counts


def _under_fire(killer: Killer, payers: list[Payer], rounds: int, step: Callable[[], None]) -> list[str]:
    """People pay while processes die, so many times; then it is quiet. In words, what did not come to rest."""
    fleet = killer.fleet
    if not killer.await_web(_FIRST_START):
        said = (fleet.logs / "web.log").read_text(errors="replace")
        raise RuntimeError(f"the web did not start within {_FIRST_START} s; its log ends: {said[-2000:]}")
    for payer in payers:
        payer.start()
    for number in range(1, rounds + 1):
        killer.round(number)
        step()
    _leave(killer.crowd, payers, fleet)
    unrest = settling.come_to_rest(killer.stage, fleet)
    killer.troubles.update({f"{part.name} ended by itself": part.ended for part in fleet.parts.values()})
    return unrest + [mistake for payer in payers for mistake in payer.failures]


def _leave(crowd: Crowd, payers: list[Payer], fleet: Fleet) -> None:
    """Everybody finishes the story they are in."""
    crowd.stop.set()
    for payer in payers:
        while payer.is_alive():
            fleet.tend()
            payer.join(0.1)


PROOF = Proof(
    "kills",
    "a whole Kikao under load, killed so many times; then its books are compared",
    unit="kills",
    events="bookings",
    each=50,
    seeds=10,
    playing=on,
)
