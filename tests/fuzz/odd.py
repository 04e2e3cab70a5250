"""What nobody in their right mind types or sends: texts, numbers and JSON at the edges of what programs can read."""

import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

from hypothesis import strategies as st

# Each has broken some program: numbers that look like digits, days that are not, zones, addresses, half of a letter.
_TEXTS = (
    "", " ", "\x00", "\u202e", "\ufeff", "\r\nBcc: x@y.example", "²", "١٢٣", "½", "1_000", "+5", "-0", "-1", "5.", ".5", "1,5",
    "0.005", "1e9", "1e400", "NaN", "-Infinity", "0x10", "9" * 30, str(2**31), str(2**63), str(2**64), "9" * 5_000, "True", "null",
    "2027-02-30", "0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", "2027-W01-1",
    "2027-01-05T09:00:00Z", "2027-01-05T09:00:00", "2027-01-05T24:00:00+00:00", "20270105", "24:00", "23:60", "7:5", "09:00:00+99",
    "Africa/../../etc/passwd", "localtime", "Etc/GMT+99", "Africa/nairobi", "/etc/localtime", "\u0130", "ß" * 300, "x" * 70_000,
    "//evil.example", "https://[", "https://[::1", "https://user@:p", "https://h:99999/", "http://\u2100.example/", "javascript:0",
    "+254" + "7" * 40, "tel:+254712345678;ext=1", "0712345678", "+1900", "a@b", "@", "a@b.example,c@d.example", "x@\u2100.example",
    "<script>", "{{ 7 * 7 }}", "%s%n%(x)s", "{0}{x}{", "=cmd|'/C calc'!A0", "'; --", "\\", "../../config.py", "e\u0301" * 99,
    "00000000-0000-0000-0000-000000000001", "{00000000-0000-0000-0000-000000000001}", "KES", "kes", "XAU", "EUR\n", "y", "intake",
)  # fmt: skip
_HALF = ("\ud800", "x\udfff\ud800")  # of a pair: JSON can spell it, UTF-8 cannot
_FLOATS = 10**300  # below it a whole number has a third that is one
_NUMBERS = (
    0, -1, 1, 99, 2**31 - 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**30, 10**400, 0.1, -0.0, 1e308, float("nan"), float("inf"),
)  # fmt: skip

texts = st.sampled_from(_TEXTS) | st.text(max_size=40)
_leaves = (
    st.none() | st.booleans() | st.sampled_from(_NUMBERS) | st.integers() | st.floats() | texts | st.sampled_from(_HALF)
)
_names = st.sampled_from(_TEXTS[:20]) | st.text(max_size=9)
values = _leaves | st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4), max_leaves=8
)
_BODIES = (
    b"", b"{", b"[" * 5_000, b'{"a":' * 3_000, b"null", b"[]", b'"x"', b"\xff\xfe\x00", b"{}", b'{"a": 1, "a": 2}',
    b"\xef\xbb\xbf{}",
)  # fmt: skip
raw = st.binary(max_size=200) | st.sampled_from(_BODIES)


def spell(value: object) -> bytes:
    """As JSON: also what the standard does not have, such as NaN."""
    return json.dumps(value).encode()


def form(fields: list[tuple[str, str | bytes]]) -> bytes:
    """As a browser sends it; bytes need not be UTF-8."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in fields).encode()


# ------------------------------------------------------------------------------------------------ something true, spoilt


def spoilt(true: Any, odd: list[Any], chance: random.Random) -> Any:
    """A copy of the JSON in which each of `odd` has come in somewhere, or something is missing, twice, or where it is not."""
    copy = json.loads(json.dumps(true))
    for value in odd:
        places = list(_places(copy))
        if places:
            holder, key = chance.choice(places)
            chance.choice(_WAYS)(holder, key, value, chance)
    return copy


Holder = Any  # a dict or a list


def _places(value: Any) -> list[tuple[Holder, Any]]:
    found: list[tuple[Holder, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        found += [(holder, key) for key in keys]
        waiting += [holder[key] for key in keys]
    return found


def _replace(holder: Holder, key: Any, odd: Any, _: random.Random) -> None:
    holder[key] = odd


def _remove(holder: Holder, key: Any, _odd: Any, _: random.Random) -> None:
    del holder[key]


def _wrap(holder: Holder, key: Any, _odd: Any, chance: random.Random) -> None:
    holder[key] = chance.choice(([holder[key]], {"id": holder[key]}, [holder[key], holder[key]]))


def _retype(holder: Holder, key: Any, odd: Any, _: random.Random) -> None:
    """A number becomes its text and a text another text."""
    was = holder[key]
    holder[key] = str(was) if isinstance(was, (int, float)) else str(odd)[:50]


def _swap(holder: Holder, key: Any, _odd: Any, chance: random.Random) -> None:
    """The value stands under another name beside it."""
    other = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key], holder[other] = holder[other], holder[key]


def _shift(holder: Holder, key: Any, odd: Any, chance: random.Random) -> None:
    """A number is a little, or much, another one."""
    was = holder[key]
    if type(was) is not int:
        holder[key] = odd
        return
    third = was / 3 if abs(was) < _FLOATS else was // 3
    holder[key] = chance.choice((was + 1, -was, was * 100, third))


# What is nearly true gets furthest.
_WAYS: tuple[Callable[[Holder, Any, Any, random.Random], None], ...] = (
    _replace,
    _remove,
    _wrap,
    _retype,
    _swap,
    _swap,
    _shift,
    _shift,
)
