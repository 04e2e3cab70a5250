"""Kenyan mobile numbers, in the one way M-Pesa takes them."""

import re

# 0712 345 678, 712345678, 254712345678, +254 712-345-678, 00254..., +254 (0) 712 345 678; numbers on 01 as well.
_KENYAN = re.compile(r"(?:(?:\+|00)?2540?|0)?([17][0-9]{8})")
_SEPARATORS = re.compile(r"[\s().\-\u2010-\u2015]+")


def normalise_phone(text: str) -> str:
    """The number as 254 and nine digits. Raises ValueError, not quoting it, for any but Kenyan mobiles."""
    found = _KENYAN.fullmatch(_SEPARATORS.sub("", text))
    if found is None:
        raise ValueError("not a Kenyan mobile number")
    return f"254{found[1]}"
