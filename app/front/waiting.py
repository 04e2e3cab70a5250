"""Browsers that wait for news: their answer is ready, and is held back until there is news or their time is over.

The application asks for it with a header, `Kikao-Hold: SECONDS TOPIC VERSION`. Twice a second one look at the database, for all who
wait together, says which topics have another version by now. No message is needed for that, so none can be lost.
"""

import asyncio
import contextlib
import logging
import signal
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.front.bodies import Receive
from app.front.limits import Limits

log = logging.getLogger(__name__)

HOLD = "Kikao-Hold"
MAY_HOLD = "kikao.may_hold"  # in the environ: whether the header would be heeded

Versions = Callable[[Iterable[str]], Mapping[str, str]]


@dataclass(frozen=True)
class Wish:
    """That an answer is held back."""

    seconds: float
    topic: str
    version: str


def take_wish(headers: list[tuple[bytes, bytes]]) -> Wish | None:
    """What the application wishes for its answer; its header is for us and is taken out."""
    name = HOLD.lower().encode()
    found = [value.decode() for key, value in headers if key == name]
    if not found:
        return None
    headers[:] = [header for header in headers if header[0] != name]
    seconds, topic, version = found[0].split(" ")
    return Wish(float(seconds), topic, version)


class Waiters:
    """Everybody who waits in this process."""

    def __init__(self, limits: Limits, versions: Versions) -> None:
        self._limits = limits
        self._versions = versions
        self._waiting: dict[asyncio.Future[None], Wish] = {}
        self._looking: asyncio.Task[None] | None = None
        self._attends = False
        self._is_over = False
        # A thread of its own: it must not queue behind requests.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="news")

    @property
    def has_room(self) -> bool:
        """Whether one more may wait."""
        return len(self._waiting) < self._limits.held and not self._is_over

    def attend(self) -> None:
        """Whoever waits is sent away when this process is told to stop: they ask its successor. May be called again."""
        if self._attends:
            return
        self._attends = True
        loop = asyncio.get_running_loop()
        # The server's own handler is the event loop's (`add_signal_handler`), which hears of the signal all the same.
        with contextlib.suppress(ValueError):  # not in the main thread, where nobody sends us any
            signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(self._send_away))

    async def hold(self, wish: Wish, receive: Receive) -> None:
        """There is news, or the time is over, or the client has gone, or this process is about to stop."""
        if self._is_over:
            return
        loop = asyncio.get_running_loop()
        if self._looking is None or self._looking.done():
            self._looking = loop.create_task(self._look())
        waiter = loop.create_future()
        self._waiting[waiter] = wish
        leaving = watch(receive, lambda: _wake(waiter))
        late = loop.call_later(wish.seconds, _wake, waiter)
        try:
            await waiter
        finally:
            del self._waiting[waiter]
            late.cancel()
            leaving.cancel()

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._limits.look_seconds)
            by_topic = defaultdict(list)
            for waiter, wish in self._waiting.items():
                by_topic[wish.topic].append(waiter)
            for topic, version in (await self._versions_of(list(by_topic))).items():
                for waiter in by_topic[topic]:
                    if waiter in self._waiting and self._waiting[waiter].version != version:
                        _wake(waiter)

    async def _versions_of(self, topics: list[str]) -> Mapping[str, str]:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._versions, topics)
        except Exception as error:
            # The database is away: whoever waits does so until their time is over, and then asks as they would have.
            log.warning("front.no_news error=%s", type(error).__name__)
            return {}

    def _send_away(self) -> None:
        self._is_over = True
        for waiter in self._waiting:
            _wake(waiter)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def watch(receive: Receive, on_leaving: Callable[[], None]) -> asyncio.Task[None]:
    """`on_leaving` is called when the client has gone away, unless the task is cancelled before."""

    async def watching() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        on_leaving()

    return asyncio.get_running_loop().create_task(watching())
