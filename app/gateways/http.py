"""What the adapters share: a session that answers or raises, and the careful reading of what vendors send."""

import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from typing import Any, Generic, NoReturn, TypeVar

import requests
import urllib3

from app.domain.money import Money
from app.gateways.base import Capabilities, GatewayError, GatewayRefused, GatewayUnavailable, NothingSent

Json = Mapping[str, Any]
Timeout = tuple[float, float]
T = TypeVar("T")

TIMEOUT: Timeout = (3.0, 10.0)  # connect, read; seconds
MAX_BODY = 256 * 1024  # no vendor's callback comes near it

# Statuses that say nothing about what became of a call: it may have been done. A redirect is one: whoever stands at the
# other address is not who we asked, so it is never followed.
UNCLEAR = frozenset({*range(300, 400), 408, 409, 425, *range(500, 600)})
TOO_MANY = 429  # turned away at the vendor's door, unread
_PAUSES = (0.5, 2.0)  # seconds

# Whom a session believes to be the vendor: today's authorities (certifi), or the list in REQUESTS_CA_BUNDLE. SDKs bring lists
# of their own and pass them with each call; razorpay's (2.0.1) is of 2015.
AUTHORITIES = {"verify": True}

# What reading an object of another shape than the documented one raises. Our own slips look the same, but "unknown, ask
# again" is the answer that loses no money for both. RecursionError: JSON nested a thousand deep.
WRONG_SHAPE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


class JsonSession(requests.Session):
    """A session whose every call has a timeout, follows no redirect, and brings a JSON object.

    It raises GatewayUnavailable otherwise.
    """

    def __init__(self, vendor: str, timeout: Timeout = TIMEOUT, unclear: frozenset[int] = UNCLEAR) -> None:
        super().__init__()
        self._vendor = vendor
        self._timeout = timeout
        self._unclear = unclear

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """The vendor's answer, with a status that means something and a JSON object as its body."""
        options |= {"timeout": options.get("timeout") or self._timeout, "allow_redirects": False} | AUTHORITIES
        try:
            answer = super().request(method, url, *args, **options)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            kind = NothingSent if never_connected(error) else GatewayUnavailable
            raise kind(f"{self._vendor} gave no answer ({type(error).__name__})") from None
        if answer.status_code == TOO_MANY:
            raise NothingSent(f"{self._vendor} answered {TOO_MANY}")
        if answer.status_code in self._unclear:
            raise GatewayUnavailable(f"{self._vendor} answered {answer.status_code}")
        with expecting(GatewayUnavailable, f"{self._vendor} answered {answer.status_code} without a JSON object"):
            dict_of(answer.json())
        return answer


def patiently(call: Callable[[], T]) -> T:
    """What the call gives; one that was turned away unread is made again, twice, a little later.

    For lists, which are many calls in a row: a vendor takes only so many at a time. Raises NothingSent after that.
    """
    for pause in _PAUSES:
        try:
            return call()
        except NothingSent:
            time.sleep(pause)
    return call()


class PerThread(Generic[T]):
    """One T for each thread, made on its first use: sessions and SDK clients are not safe to share."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._local = threading.local()

    def get(self) -> T:
        """This thread's own."""
        if not hasattr(self._local, "own"):
            self._local.own = self._make()
        own: T = self._local.own
        return own


class NoRedirectSession(requests.Session):
    """A session for SDKs: it follows no redirect, believes no list of theirs, and behind it each thread has one of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._own = PerThread(requests.Session)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """The answer of the host that was asked, whatever it is."""
        return self._own.get().request(method, url, *args, **options | {"allow_redirects": False} | AUTHORITIES)


def never_connected(error: BaseException | None) -> bool:
    """Whether the call failed before there was a connection to send it on."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    return isinstance(getattr(cause, "reason", None), urllib3.exceptions.NewConnectionError)


@contextmanager
def expecting(error: type[GatewayError], sentence: str) -> Iterator[None]:
    """Any wrong shape met inside is raised as `error` with `sentence`, which must not quote what was read."""
    try:
        yield
    except WRONG_SHAPE as problem:
        raise error(f"{sentence} ({type(problem).__name__})") from None


def must_fit(capabilities: Capabilities, money: Money) -> None:
    """`money` is something the gateway takes. Raises GatewayRefused otherwise, before anything was sent."""
    if why := capabilities.why_not(money):
        raise GatewayRefused(f"this amount cannot be paid this way: {why}")


# ---------------------------------------------------------------------------------------------------- reading


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a callback's raw bytes, decimals exact. Raises one of WRONG_SHAPE."""
    if len(body) > MAX_BODY:
        raise ValueError("too large")
    return dict_of(json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number))


def dict_of(value: object) -> dict[str, Any]:
    """`value`, which is a JSON object. Raises TypeError."""
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, not {type(value).__name__}")
    return value


def checked_id(value: object) -> str:
    """`value`, which is an id: short printable ASCII, so that any database and any log takes it.

    Raises ValueError.
    """
    if isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= 255:
        return value
    raise ValueError("not an id")


def maybe_id(value: object) -> str | None:
    """`value` as an id, or None where the vendor left it out. Raises ValueError."""
    return None if value is None or value == "" else checked_id(value)


def maybe_ours(value: object) -> str | None:
    """`value` where it can be a reference of ours, else None: others write into that field what they like."""
    try:
        return checked_id(value)
    except ValueError:
        return None


def named(ours: Mapping[str, str], **names: str) -> dict[str, str]:
    """What a vendor keeps with an object of ours, with those names that are known.

    What was stored before there were names is sent again as it was: a vendor refuses the same key with other words.
    """
    return {**ours, **{name: value for name, value in names.items() if value}}


def short_text(value: object) -> str:
    """A vendor's word for a state or a reason, short and printable: kept for people, never compared."""
    return "".join(each for each in str(value) if each.isascii() and each.isprintable())[:100]


def minor_units(value: object) -> int:
    """`value`, which is a count of minor units as a JSON integer that is not negative. Raises ValueError."""
    return _count(value, "minor units")


def unix_seconds(value: object) -> int:
    """`value`, which is an instant as a JSON integer of seconds since 1970 (UTC). Raises ValueError."""
    return _count(value, "seconds")


def _count(value: object, what: str) -> int:
    if type(value) is int and value >= 0:
        return value
    raise ValueError(f"not a count of {what}")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


# -------------------------------------------------------------------------------------------------- proving and telling


def is_signed(secrets: str, message: bytes, signature: str) -> bool:
    """Whether `signature` is the hex HMAC-SHA256 of `message`; compared in constant time, whatever is in it.

    By one secret, or by any of a comma list: while a vendor's secret is rolled, its news is signed with the old or the new.
    """
    return any(_signs(secret.strip(), message, signature) for secret in secrets.split(",") if secret.strip())


def _signs(secret: str, message: bytes, signature: str) -> bool:
    expected = hmac.new(secret.encode(), message, sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().encode("utf-8", "replace"))


def digest(*parts: object) -> str:
    """A key that is the same for the same parts: for vendors whose news has no id."""
    return sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()


def redacted(text: object) -> str:
    """A vendor's sentence for a log or a person: short, without what may be somebody's number or a key."""
    return re.sub(r"\S*[0-9@_]\S*|\S{20,}", "…", str(text))[:160]
