"""Sending what was thought up, and noting what must not be: a failure, an exception, an effect of what nobody has signed."""

import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from app.models import User
from tests.access.guests import Guest, Writes, guests, watched
from tests.fuzz.aims import aims, news
from tests.fuzz.inputs import BOOKS, COUNTED, Input, callbacks, calls, page_forms
from tests.support.town import Town
from tests.support.world import World

# How many inputs of a hundred: callbacks are what money depends on, and quickest.
_SHARES = (("callbacks", 40), ("forms", 25), ("calls", 35))


class Stumbles(logging.Handler):
    """Keeps what the application writes to its log of an exception, or as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember where it happened."""
        error = record.exc_info[1] if record.exc_info else None
        frames = traceback.extract_tb(error.__traceback__)[-3:] if error else []
        where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
        self._lines.append(f"{record.getMessage()} {error!r} {where}"[:500])

    def take(self) -> list[str]:
        """Those since it was last asked."""
        lines, self._lines = self._lines, []
        return lines


class Gallery:
    """A town that is shot at."""

    def __init__(self, town: Town, writes: Writes, stumbles: Stumbles) -> None:
        self._world, self._writes, self._stumbles = town.world, writes, stumbles
        people = guests(town)
        self._nobody = town.world.app.test_client(use_cookies=False)
        self._kinds = {
            "callbacks": callbacks(news(town), town.world.sandbox.sandbox.credentials),
            "forms": page_forms(aims(town, people, of_programs=False)),
            "calls": calls(aims(town, people, of_programs=True)),
        }
        self.counts: Counter[str] = Counter()
        self.wrong: dict[str, str] = {}
        writes.take()

    def play(self, number: int, count: int, played: Callable[[], None] = lambda: None) -> None:
        """`count` inputs were sent, the same ones for the same number; `wrong` has what must not be, each sort once."""
        for kind, share in _SHARES:
            self._play(self._kinds[kind], number, count * share // 100, played)

    def _play(self, inputs: st.SearchStrategy[Input], number: int, count: int, played: Callable[[], None]) -> None:
        # Without making an example shorter: what was sent before it is part of what happens.
        how = settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )

        @seed(number)
        @how
        @given(inputs)
        def send(each: Input) -> None:
            self.send(each)
            played()

        send()

    def send(self, each: Input) -> None:
        """It was sent once, and what must not be was noted."""
        status, leads_to = self._answered(each)
        self.counts["inputs"] += 1
        self.counts[f"{each.kind} {status // 100}xx"] += 1
        self.counts["let in"] += status not in (401, 403, 404) and not leads_to.startswith("/login")
        for why in self._why_wrong(each, status):
            self.wrong.setdefault(
                f"{each.kind} {_place(each)}: {why}", f"{each.where} {each.headers} {each.body[:400]!r}"
            )

        if each.aim and each.aim.guest.role and (status == 401 or leads_to.startswith("/login")):
            self._let_in(each.aim.guest)

    def _let_in(self, guest: Guest) -> None:
        """What came before has logged them out, or has even taken their right: what comes next shall get behind the doors."""
        with self._world.rows() as session:
            user = session.get_one(User, guest.user_id)
            user.active, user.role = True, guest.role
            session.commit()
        guest.enter(guest.email)
        self._writes.take()

    def _answered(self, each: Input) -> tuple[int, str]:
        sent: dict[str, Any] = {"data": each.body, "content_type": each.content_type}
        if each.aim is None:
            http, headers = self._nobody, each.headers
        else:
            http, headers = each.aim.guest.http, each.headers | each.aim.guest.proof(each.where)
        with http.post(each.where, headers=headers, **sent) as answer:
            answer.get_data()
            return answer.status_code, answer.headers.get("Location", "")

    def _why_wrong(self, each: Input, status: int) -> Iterator[str]:
        wrote, stumbled = self._writes.take(), self._stumbles.take()
        if status >= 500:
            yield f"answered {status} {stumbled or ''}"
        elif stumbled:
            yield f"stumbled {stumbled}"
        if each.unsigned and wrote & BOOKS:
            yield f"unsigned, and has changed {sorted(wrote & BOOKS)}"
        if each.unsigned and not each.addressed and (wrote - COUNTED or status < 400):
            yield f"forged, answered {status} and has changed {sorted(wrote)}"


def _place(each: Input) -> str:
    return each.aim.rule if each.aim else each.where.split("/")[2]


@contextmanager
def opened(world: World) -> Iterator[Gallery]:
    """A town of this world, looked at from all sides."""
    town, stumbles = Town(world), Stumbles()
    log = logging.getLogger("app")
    log.addHandler(stumbles)
    try:
        with watched(world) as writes:
            yield Gallery(town, writes, stumbles)
    finally:
        log.removeHandler(stumbles)
