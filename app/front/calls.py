"""Calls of the WSGI application, in a thread of the pool: the thread never waits for whoever reads the answer."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from wsgiref.types import WSGIApplication

from app.front.streams import Stream

log = logging.getLogger(__name__)

_WHOLE = 1024 * 1024  # bytes of an answer that is sent at once


@dataclass
class Answer:
    """An answer of the application: its body is here, or comes from `stream`."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    stream: Stream | None = None


class Call:
    """One call. `answered` is set once: when the answer is whole, or has begun and streams."""

    def __init__(self, application: WSGIApplication, environ: dict[str, Any], in_memory: int) -> None:
        self._application = application
        self._environ = environ
        self._in_memory = in_memory
        self._loop = asyncio.get_running_loop()
        self._head: tuple[int, list[tuple[bytes, bytes]]] | None = None
        self._written: list[bytes] = []
        self._is_sent = False
        self.answered: asyncio.Future[Answer] = self._loop.create_future()

    def run(self, afterwards: Callable[[], None]) -> None:
        """The application has answered; in a thread of the pool."""
        try:
            self._run()
        except BaseException:  # whatever it was, somebody waits for an answer
            log.exception("front.failed")
            self._tell(Answer(500, [(b"content-type", b"text/plain")], b"Internal server error"))
        finally:
            afterwards()

    def _run(self) -> None:
        result = self._application(self._environ, self._start_response)
        try:
            chunks = self._chunks(result)
            first = next(chunks, b"")
            status, headers = self._begun()
            if _is_small(headers):
                self._tell(Answer(status, headers, first + b"".join(chunks)))
            else:
                self._stream(status, headers, first, chunks)
        finally:
            if close := getattr(result, "close", None):
                close()

    def _stream(self, status: int, headers: list[tuple[bytes, bytes]], first: bytes, chunks: Iterator[bytes]) -> None:
        stream = Stream(self._loop, self._in_memory)
        self._is_sent = True
        self._tell(Answer(status, headers, stream=stream))
        try:
            stream.write(first)
            for chunk in chunks:
                stream.write(chunk)
        except BrokenPipeError:
            log.info("front.client_left")
        finally:
            stream.finish()

    def _chunks(self, result: Iterable[bytes]) -> Iterator[bytes]:
        """What the application says that is not empty: by `write`, and by what it returned."""
        for chunk in result:
            if self._written:
                yield self._drain()
            if chunk:
                yield chunk
        if self._written:
            yield self._drain()

    def _drain(self) -> bytes:
        written = b"".join(self._written)
        self._written.clear()
        return written

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info and self._is_sent:
            raise exc_info[1].with_traceback(exc_info[2])
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self._head = (int(status[:3]), encoded)
        return self._written.append

    def _begun(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        if self._head is None:
            raise RuntimeError("the application answered without start_response")
        return self._head

    def _tell(self, answer: Answer) -> None:
        self._loop.call_soon_threadsafe(self._settle, answer)

    def _settle(self, answer: Answer) -> None:
        if not self.answered.done():
            self.answered.set_result(answer)


def _is_small(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether its length is known and worth no temporary file."""
    return any(name == b"content-length" and int(value) <= _WHOLE for name, value in headers)
