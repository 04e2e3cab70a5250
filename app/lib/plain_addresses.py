"""Addresses as operators type them: in a plain one every program reads the same scheme and the same host."""

import re

_PLAIN = re.compile(
    r"([a-z]+)://(?:[a-z0-9.-]*[a-z0-9]|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?(/[\w.~%/-]*)?", re.ASCII
)
_PORTS = 65536


def is_plain(address: str, *schemes: str) -> bool:
    """Whether it is one of the schemes and a host, in the small letters of DNS, and perhaps a port and a path.

    No user, no question, no blank, no dot at the end: what a list allows that compares hosts, another program may read otherwise.
    """
    found = _PLAIN.fullmatch(address)
    return found is not None and found[1] in schemes and int(found[2] or 0) < _PORTS
