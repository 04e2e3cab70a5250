"""Another calendar on the net, which can be anything, and the entries in it."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.support.world import World


def entry(start: str, end: str, more: str = "") -> str:
    """An entry between two instants as our API writes them."""
    times = [datetime.fromisoformat(each).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for each in (start, end)]
    return (
        f"BEGIN:VEVENT\r\nUID:{times[0]}@elsewhere.example\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:{times[0]}\r\nDTEND:{times[1]}\r\nSUMMARY:Dentist\r\n{more}END:VEVENT\r\n"
    )


def calendar(*entries: str) -> bytes:
    """A whole file."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\n{''.join(entries)}END:VCALENDAR\r\n".encode()


@dataclass
class Elsewhere:
    """A calendar's server: what it says, how fast, and how often it was asked."""

    place: str = ""
    content: bytes = field(default_factory=calendar)
    status: int = 200
    pause: float = 0  # seconds between two bytes
    location: str = ""
    endless: bytes = b""  # said again and again after the content, as long as somebody listens
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self.place}/secret-4711.ics"


@contextmanager
def elsewhere(world: World) -> Iterator[Elsewhere]:
    """A calendar's server of the test's own, which the application may read although it is inside."""
    told = Elsewhere()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.send_response(told.status)
            if told.location:
                self.send_header("Location", told.location)
            self.end_headers()
            try:
                self._say()
            except OSError:
                return

        def _say(self) -> None:
            if not told.pause:
                self.wfile.write(told.content)
                while told.endless:
                    self.wfile.write(told.endless)
                return
            for byte in told.content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(told.pause)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.place = f"127.0.0.1:{server.server_port}"
    before = world.app.config["BUSY_ALLOW"]
    world.app.config["BUSY_ALLOW"] = (told.place,)
    try:
        yield told
    finally:
        world.app.config["BUSY_ALLOW"] = before
        server.shutdown()
        server.server_close()
