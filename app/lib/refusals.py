"""What production refuses of a vendor's settings: a row for each gateway and each carrier of SMS. Pure."""

import re
from abc import ABC
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar
from urllib.parse import urlsplit

from app.lib.plain_addresses import is_plain

_ADDRESS = re.compile(r"\s*([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_SANDBOX = ("kikao_sandbox", "kikaosandbox")  # stands in every key of our own stand-ins, whosever they are


@dataclass(frozen=True)
class Refusals:
    """One vendor's row: its addresses must be live hosts, and no value may be one of its test mode's.

    Hosts and keys are patterns as in a shell: "api.*.twilio.com", "sk_test_*". An address is what stands in one of `addresses`, and
    of a vendor that has hosts whatever looks like one.
    """

    live_hosts: tuple[str, ...] = ()
    test_hosts: tuple[str, ...] = ()
    test_keys: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ("API_BASE",)  # the variables that hold an address, without the vendor's prefix

    def complaints(self, prefix: str, environ: Mapping[str, str], *, test_mode: bool = False) -> Iterator[str]:
        """A sentence for each variable of the vendor that production refuses; never with what is in it.

        With `test_mode` the vendor's own test mode passes, and nothing else does.
        """
        for name, value in environ.items():
            own = name.removeprefix(f"{prefix}_")
            why = self._why_not(own, value.strip(), test_mode) if own != name else ""
            if why:
                yield f"{name} {why}"

    def is_live(self, host: str | None) -> bool:
        """Whether real money moves at `host`."""
        return bool(host) and _matches(str(host), self.live_hosts)

    def _why_not(self, own: str, value: str, test_mode: bool) -> str:
        if any(word in value for word in _SANDBOX):
            return "is the sandbox's"
        if own in self.addresses or (self.live_hosts and _ADDRESS.match(value)):
            return self._wrong_address(value, test_mode)
        return "is one of the vendor's test mode" if not test_mode and _matches(value, self.test_keys) else ""

    def _wrong_address(self, value: str, test_mode: bool) -> str:
        host = _host(value)
        is_test = bool(host) and _matches(str(host), self.test_hosts)
        if is_plain(value, "https") and (self.is_live(host) or (test_mode and is_test)):
            return ""
        if is_test and not test_mode:
            return "points at the vendor's test mode"
        return f"points at a sandbox, not at {' or '.join(self.live_hosts)} by https"


class Refusing:
    """An adapter of a vendor: one without a row of its own cannot even be imported."""

    refusals: ClassVar[Refusals]  # Refusals() where there is no vendor

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if ABC not in cls.__bases__ and not isinstance(getattr(cls, "refusals", None), Refusals):
            raise TypeError(f"{cls.__name__} does not say what production refuses: refusals = Refusals(...)")


def _matches(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # a bracket that is not closed
        return None
