"""Asking at an address that somebody else gave us: never inside our own network, never for too much, never for long."""

import http.client
import ipaddress
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import quote, urljoin, urlsplit

from app.lib.network import authorities

_CHUNK = 16 * 1024
_MOVED = {301, 302, 303, 307, 308}
_CONNECT = 3.0  # seconds
_LONGEST = 500
_IN_PATHS = "/%:=&?~+!$,;'@()*[]"  # what stays as it is; everything else is written in ASCII


class Unfetchable(Exception):
    """Nothing was brought; `args[0]` says why: bad_address, internal_address, no_answer, too_slow, too_large."""


@dataclass(frozen=True)
class Limits:
    """How much is fetched, in how long, and from which hosts ("name:port") although they are internal or without TLS."""

    size: int = 2 * 1024 * 1024
    seconds: float = 10.0
    allowed: frozenset[str] = frozenset()
    moves: int = 3  # how often it may have moved; what is sent is for whom it was meant, so then never


@dataclass(frozen=True)
class Ask:
    """What is asked: for the content, which says what is wanted; or, with a body, by POST."""

    headers: Mapping[str, str] = field(default_factory=lambda: {"Accept": "text/calendar"})
    body: bytes | None = None


_READ = Ask()


@dataclass(frozen=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def name(self) -> str:
        """Host and port as they stand in the list of what is allowed, and in the request."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def fetch(url: str, limits: Limits, ask: Ask = _READ) -> bytes:
    """What stands at the address, or is answered there. Raises Unfetchable.

    The name is looked up once, every address it has must be public, and only those are connected to: a name that
    points inward, now or a moment later, leads nowhere. Wherever it has moved to is checked in the same way.
    """
    until = time.monotonic() + limits.seconds
    for _ in range(limits.moves + 1):
        answer = _asked(ask, _target(url, limits.allowed), limits, until)
        if isinstance(answer, bytes):
            return answer
        try:
            url = urljoin(url, answer)
        except ValueError:
            raise Unfetchable("bad_address") from None
    raise Unfetchable("no_answer")


def check(url: str, allowed: Iterable[str] = ()) -> None:
    """The address may be fetched, as far as can be seen without asking anybody. Raises Unfetchable."""
    target = _target(url, allowed)
    with suppress(ValueError):
        if target.name not in set(allowed) and not _is_public(target.host):
            raise Unfetchable("internal_address")


def _target(url: str, allowed: Iterable[str]) -> _Target:
    """What to ask for and whom; only https, except where the host is allowed. Raises Unfetchable (bad_address)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode()
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:  # a port or a name that cannot be
        raise Unfetchable("bad_address") from None
    if not host or parts.username or parts.password or not url.isprintable() or " " in url or len(url) > _LONGEST:
        raise Unfetchable("bad_address")
    path = quote(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", safe=_IN_PATHS)
    target = _Target(parts.scheme, host, port, path)
    if parts.scheme != "https" and not (parts.scheme == "http" and target.name in set(allowed)):
        raise Unfetchable("bad_address")
    return target


# ------------------------------------------------------------------------------------------------ one request


def _asked(ask: Ask, target: _Target, limits: Limits, until: float) -> bytes | str:
    """The body, or where it has moved to."""
    addresses = _addresses(target, until)
    if target.name not in limits.allowed and not all(_is_public(address) for address in addresses):
        raise Unfetchable("internal_address")
    with _Line(addresses, target, until) as line:
        try:
            return _read(line.answer(ask), limits.size, until)
        except TimeoutError:
            raise Unfetchable("too_slow") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise Unfetchable("too_slow" if line.is_cut else "no_answer") from None


def _read(answer: http.client.HTTPResponse, most: int, until: float) -> bytes | str:
    if answer.status in _MOVED and answer.headers.get("Location"):
        return str(answer.headers["Location"])
    if answer.status != 200:
        raise Unfetchable("no_answer")
    content = bytearray()
    while part := answer.read1(_CHUNK):  # what has come, not a whole chunk
        content += part
        if len(content) > most:
            raise Unfetchable("too_large")
    _left(until)  # a line that was cut looks like one that has ended
    if answer.length:
        raise Unfetchable("no_answer")  # it ended before its end
    return bytes(content)


class _Line:
    """A connection that ends at its time whatever the other side does: each byte may come just before a timeout."""

    def __init__(self, addresses: list[str], target: _Target, until: float) -> None:
        self._target = target
        self.is_cut = False
        self._sock = _connected(addresses, target.port, until)
        self._watch = threading.Timer(_left(until), self._cut)
        self._watch.daemon = True

    def __enter__(self) -> "_Line":
        self._watch.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._watch.cancel()
        self._sock.close()

    def answer(self, ask: Ask) -> http.client.HTTPResponse:
        """The head of the answer has come."""
        target = self._target
        if target.scheme == "https":
            self._sock = authorities.trusted().wrap_socket(
                self._sock, server_hostname=target.host, do_handshake_on_connect=False
            )
            self._sock.do_handshake()
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = self._sock
        plain = target.port == (443 if target.scheme == "https" else 80)
        host = target.name.rpartition(":")[0] if plain else target.name
        headers = {"Host": host, "User-Agent": "Kikao", **ask.headers}
        connection.request("GET" if ask.body is None else "POST", target.path, ask.body, headers)
        return connection.getresponse()

    def _cut(self) -> None:
        self.is_cut = True
        with suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)  # past TLS, which would wait for the other side


def _connected(addresses: list[str], port: int, until: float) -> socket.socket:
    """A connection to the first that answers; each read and write may last until the end of the time."""
    for address in addresses:
        try:
            sock = socket.create_connection((address, port), timeout=min(_CONNECT, _left(until)))
            sock.settimeout(_left(until))
            return sock
        except OSError:
            continue
    raise Unfetchable("no_answer")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise Unfetchable("too_slow")
    return left


# ------------------------------------------------------------------------------------------------ whose address it is


def _addresses(target: _Target, until: float) -> list[str]:
    """Every address of the host, the most reachable first; asked beside us, for the asking itself knows no time."""
    found: list[str] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            told = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(info[4][0]) for info in told))

    asking = threading.Thread(target=look_up, daemon=True)
    asking.start()
    asking.join(_left(until))
    if asking.is_alive():
        raise Unfetchable("too_slow")
    if not found:
        raise Unfetchable("no_answer")
    return found


def _is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet. Raises ValueError for a name."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    is_site_local = getattr(ip, "is_site_local", False)  # fec0::/10, given up long ago and still routed here and there
    return (inner or ip).is_global and not (ip.is_multicast or ip.is_reserved or is_site_local)
