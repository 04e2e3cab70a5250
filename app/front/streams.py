"""An answer that is being made while it is being read: what is ahead of its reader lies in a temporary file."""

import asyncio
import threading
from tempfile import SpooledTemporaryFile

_PIECE = 64 * 1024


class Stream:
    """Written in one thread, at its own pace, and read in the event loop at the reader's."""

    def __init__(self, loop: asyncio.AbstractEventLoop, in_memory: int) -> None:
        self._loop = loop
        self._file = SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115  (closed by `leave`)
        self._lock = threading.Lock()
        self._news = asyncio.Event()
        self._position = 0
        self._is_finished = False
        self._is_left = False

    def write(self, chunk: bytes) -> None:
        """The reader will get this. Raises BrokenPipeError when there is none any more."""
        with self._lock:
            if self._is_left:
                raise BrokenPipeError
            self._file.seek(0, 2)
            self._file.write(chunk)
        self._loop.call_soon_threadsafe(self._news.set)

    def finish(self) -> None:
        """Nothing more comes."""
        self._is_finished = True
        self._loop.call_soon_threadsafe(self._news.set)

    async def read(self) -> bytes:
        """The next piece; empty at the end, and when the reader has left."""
        while True:
            # In this order: what was written before it was finished is there to be read.
            is_over = self._is_finished or self._is_left
            piece = self._next()
            if piece or is_over:
                return piece
            self._news.clear()  # a write from now on sets it later, in this thread
            await self._news.wait()

    def _next(self) -> bytes:
        with self._lock:
            if self._is_left:
                return b""
            self._file.seek(self._position)
            piece = self._file.read(_PIECE)
            self._position += len(piece)
            return piece

    def leave(self) -> None:
        """Nobody reads: what was written is thrown away, and the writer is told at its next word. May be called twice."""
        with self._lock:
            self._is_left = True
            self._file.close()
        self._news.set()
