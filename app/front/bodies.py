"""Bodies, read within a time and a size while no thread waits for them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from tempfile import SpooledTemporaryFile
from typing import Any

from app.front.environs import environ_of
from app.front.limits import Limits

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]


class Refused(Exception):
    """The body is not taken, for the reason that this status of HTTP names."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Body:
    """What has come of one body, in memory or in a temporary file."""

    def __init__(self, limits: Limits, uploads: "Uploads") -> None:
        self.file = SpooledTemporaryFile(max_size=limits.in_memory)  # noqa: SIM115  (closed by `close`)
        self.length = 0
        self.most = limits.body
        self.began = _now()
        self.clock: asyncio.Timeout | None = None  # while it comes
        self._uploads = uploads

    @property
    def rate(self) -> float:
        """Bytes a second so far."""
        return self.length / max(_now() - self.began, 0.001)

    def close(self) -> None:
        """Nothing of it is left. From any thread; may be called twice."""
        self.file.close()
        self._uploads.leave(self)


class Uploads:
    """The few large bodies that are here at once: each may be a file on the disk, which strangers must not fill."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._here: set[Body] = set()

    def take(self, body: Body) -> None:
        """The body may grow: it is small, or one of the few. Raises Refused (503) when there is no room for it."""
        if body.length <= self._limits.body or body in self._here:
            return
        if len(self._here) >= self._limits.uploads:
            self._make_room()
        self._here.add(body)

    def leave(self, body: Body) -> None:
        """It counts no more. From any thread."""
        self._here.discard(body)

    def _make_room(self) -> None:
        """The slowest goes, refused as too slow: who drips must not keep out who sends. The newest are left their chance."""
        old = _now() - self._limits.chance_seconds
        coming = [each for each in self._here if each.clock and not each.clock.expired() and each.began <= old]
        slowest = min(coming, key=lambda each: each.rate, default=None)
        if slowest is None or slowest.clock is None:
            raise Refused(503)
        slowest.clock.reschedule(0)
        self.leave(slowest)


class Reader:
    """Reads bodies within the limits; `takes_files(environ)` says whether the application takes large ones there."""

    def __init__(self, limits: Limits, takes_files: Callable[[dict[str, Any]], bool]) -> None:
        self._limits = limits
        self._takes_files = takes_files
        self._uploads = Uploads(limits)

    async def read(self, scope: Scope, receive: Receive) -> Body | None:
        """The whole body; None when there is none. Raises Refused: 400 broken off, 408 too slow, 413 too large, 503 busy."""
        headers = dict(scope["headers"])
        declared = _length(headers.get(b"content-length", b"0"))
        if not declared and b"transfer-encoding" not in headers:
            return None
        body = Body(self._limits, self._uploads)
        try:
            self._admit(body, scope, declared)
            if declared > body.most and b"expect" in headers:
                raise Refused(413)  # who waits for "100 Continue" has sent nothing yet
            await self._fill_in_time(body, scope, receive)
        except BaseException:
            body.close()
            raise
        body.file.seek(0)
        return body

    def _admit(self, body: Body, scope: Scope, size: int) -> None:
        """The body may have this size if the application takes it, who is asked only where it makes a difference."""
        if size > body.most and self._takes_files(environ_of(scope)):
            body.most = self._limits.upload
        if size > body.most + self._limits.upload:
            raise Refused(413)

    async def _fill_in_time(self, body: Body, scope: Scope, receive: Receive) -> None:
        latest = body.began + self._limits.body_seconds
        try:
            async with asyncio.timeout_at(latest) as clock:
                body.clock = clock
                while await self._take_piece(body, scope, receive):
                    clock.reschedule(latest + body.length / self._limits.body_rate)
        except TimeoutError:
            raise Refused(408) from None
        finally:
            body.clock = None
        if body.length > body.most:
            raise Refused(413)

    async def _take_piece(self, body: Body, scope: Scope, receive: Receive) -> bool:
        """Whether there is more. What is too much is read and thrown away: who is still writing would not read why."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400)
        piece = message.get("body", b"")
        body.length += len(piece)
        self._admit(body, scope, body.length)
        if body.length <= body.most:
            self._uploads.take(body)
            body.file.write(piece)
        return bool(message.get("more_body", False))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _length(declared: bytes) -> int:
    """What Content-Length says, also where it says it twice: https://www.rfc-editor.org/rfc/rfc9110#section-8.6."""
    first = declared.partition(b",")[0].strip()
    if not first.isdigit():
        raise Refused(400)
    return int(first)
