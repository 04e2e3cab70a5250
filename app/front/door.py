"""One request from its head to the last byte of its answer."""

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.types import WSGIApplication

from app.front.bodies import Body, Reader, Receive, Refused, Scope
from app.front.calls import Answer, Call
from app.front.environs import environ_of
from app.front.limits import Limits, open_files
from app.front.streams import Stream
from app.front.waiting import MAY_HOLD, Versions, Waiters, take_wish, watch

log = logging.getLogger(__name__)

REFUSED = (
    "kikao.refused"  # in the environ: the status by which a body was refused, for the application to put into words
)

Send = Callable[[dict[str, Any]], Awaitable[None]]

# Not all that was sent has been read, so what comes next on this connection is no request.
_CLOSE = (b"connection", b"close")
_ALIVE = Answer(
    200,
    [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"content-length", b"16")],
    b'{"status":"ok"}\n',
)
# Mostly nobody is there to read it, so it is not worth a thread.
_BROKEN_OFF = Answer(400, [(b"content-type", b"text/plain"), _CLOSE], b"The request was broken off.\n")


class Front:
    """An ASGI application around a WSGI one.

    `takes_files(environ)` says whether the application takes large bodies there; it is asked in the event loop and must not wait.
    `versions(topics)` answers, in a thread, what somebody who waits has to know: see waiting.py.
    """

    def __init__(
        self,
        application: WSGIApplication,
        limits: Limits,
        takes_files: Callable[[dict[str, Any]], bool],
        versions: Versions,
    ) -> None:
        open_files(limits.files)
        self._application = application
        self._limits = limits
        self._reader = Reader(limits, takes_files)
        self._waiters = Waiters(limits, versions)
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="web")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request has its answer, or its client has gone."""
        if scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD"):
            await _send(send, _ALIVE)  # of the process, so nobody is asked who may be busy
            return
        self._waiters.attend()
        answer = await self._answer(scope, receive)
        wish = take_wish(answer.headers)
        if wish is not None:
            await self._waiters.hold(wish, receive)
        await (_send(send, answer) if answer.stream is None else self._pass_on(answer, answer.stream, receive, send))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        try:
            body = await self._reader.read(scope, receive)
        except Refused as refusal:
            if refusal.status == 400:
                return _BROKEN_OFF
            answer = await self._call(scope, None, {REFUSED: refusal.status})
            answer.headers.append(_CLOSE)
            return answer
        return await self._call(scope, body, {MAY_HOLD: self._waiters.has_room})

    async def _call(self, scope: Scope, body: Body | None, more: dict[str, Any]) -> Answer:
        """What the application answers. Here a thread is taken."""
        file = body.file if body else io.BytesIO()
        environ = environ_of(scope, file, body.length if body else None) | more
        call = Call(self._application, environ, self._limits.in_memory)
        self._pool.submit(call.run, body.close if body else file.close)
        return await call.answered

    async def _pass_on(self, answer: Answer, stream: Stream, receive: Receive, send: Send) -> None:
        """Sends what is streamed for as long as somebody reads it."""
        leaving = watch(receive, stream.leave)
        try:
            await send(_head(answer))
            while piece := await stream.read():
                async with asyncio.timeout(self._limits.send_seconds):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            log.info("front.reader_too_slow")
        finally:
            leaving.cancel()
            stream.leave()


async def _send(send: Send, answer: Answer) -> None:
    await send(_head(answer))
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _head(answer: Answer) -> dict[str, Any]:
    return {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
