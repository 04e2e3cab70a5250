"""Fetching what somebody gave us the address of: never from inside our own network, never too much, never for long."""

import ipaddress
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import urllib3

_REDIRECTS = 3
_CHUNK = 16 * 1024
_MOVED = {301, 302, 303, 307, 308}


class Unfetchable(Exception):
    """Nothing was brought; `args[0]` says why: bad_address, internal_address, no_answer, too_slow, too_large."""


@dataclass(frozen=True)
class Limits:
    """How much is fetched, in how long, and from which hosts ("name:port") although they are internal or without TLS."""

    size: int = 2 * 1024 * 1024
    seconds: float = 10.0
    allowed: frozenset[str] = frozenset()


def fetch(url: str, limits: Limits) -> bytes:
    """What stands at the address. Raises Unfetchable.

    The name is looked up once, every address it has must be public, and just that one is connected to: a name that
    points inward, now or a moment later, leads nowhere.
    """
    until = time.monotonic() + limits.seconds
    for _ in range(_REDIRECTS + 1):
        answer = _get(url, limits, until)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer)
    raise Unfetchable("no_answer")


def check(url: str, allowed: Iterable[str] = ()) -> tuple[str, str, int]:
    """Scheme, host and port of an address that may be fetched at all. Raises Unfetchable (bad_address)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unfetchable("bad_address") from None
    host = parts.hostname or ""
    plain = f"{host}:{port or 80}" in set(allowed)
    if not host or parts.username or parts.password or not url.isprintable() or " " in url or len(url) > 500:
        raise Unfetchable("bad_address")
    if parts.scheme != "https" and not (parts.scheme == "http" and plain):
        raise Unfetchable("bad_address")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def _get(url: str, limits: Limits, until: float) -> bytes | str:
    """The body, or where it has moved to."""
    scheme, host, port = check(url, limits.allowed)
    address = _address(host, port, internal=f"{host}:{port}" in limits.allowed)
    left = _left(until)
    timeout = urllib3.Timeout(connect=min(3.0, left), read=left)
    pool: urllib3.HTTPConnectionPool
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(address, port, server_hostname=host, assert_hostname=host, timeout=timeout)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    headers = {"Host": parts.netloc, "Accept": "text/calendar", "User-Agent": "Kikao"}
    with pool:
        try:
            answer = pool.request("GET", path, headers=headers, retries=False, redirect=False, preload_content=False)
            return _read(answer, limits.size, until)
        except urllib3.exceptions.TimeoutError:
            raise Unfetchable("too_slow") from None
        except (urllib3.exceptions.HTTPError, OSError):
            raise Unfetchable("no_answer") from None


def _read(answer: urllib3.BaseHTTPResponse, most: int, until: float) -> bytes | str:
    if answer.status in _MOVED and answer.headers.get("Location"):
        return str(answer.headers["Location"])
    if answer.status != 200:
        raise Unfetchable("no_answer")
    content = b""
    while part := answer.read1(_CHUNK, decode_content=False):  # what has come, not a whole chunk: a drip must not last
        content += part
        if len(content) > most:
            raise Unfetchable("too_large")
        _left(until)
    return content


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise Unfetchable("too_slow")
    return left


def _address(host: str, port: int, *, internal: bool) -> str:
    """The one address to connect to; refused when any that the name has is not public."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise Unfetchable("no_answer") from None
    if not internal and not all(_is_public(address) for address in found):
        raise Unfetchable("internal_address")
    return min(found)


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return (mapped or ip).is_global and not ip.is_multicast and not ip.is_reserved
