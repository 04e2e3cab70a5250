"""What people write, before it is stored: nothing in it that is not seen, or that turns other text around. Pure."""

import re
import unicodedata

from app.lib.phones import numbers

_BREAKS = re.compile(r"\r\n|[\r\x85\u2028\u2029]")
# Direction overrides, embeddings and isolates, the invisible space and the byte-order mark. Joiners stay: Persian words
# and many emoji are made with them.
_UNSEEN = re.compile(r"[\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


def clean(text: str) -> str:
    """The text without control and direction-override characters, and without blanks around it; lines and emoji stay."""
    plain = _UNSEEN.sub("", _BREAKS.sub("\n", unicodedata.normalize("NFC", text)))
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def discreet(name: str) -> str:
    """How strangers may know somebody: the first name, and the initial of the last where there is one."""
    first, *more = name.split() or [""]
    return f"{first} {more[-1][0].upper()}." if more else first


def is_mail(address: str) -> bool:
    """Whether it is an e-mail address; what somebody is known by may be a number instead."""
    return "@" in address


def masked_address(address: str) -> str:
    """Enough of an e-mail address for its owner to know it: w...@example.org; or of a number: 0712 xxx 678."""
    if not is_mail(address):
        return numbers.masked(address)
    name, _, host = address.rpartition("@")
    return f"{name[:1]}...@{host}"[:80] if host else ""
