"""What people type, without what only misleads or breaks: control characters and marks that turn the direction of reading."""

import re
import unicodedata

# Joiners (ZWJ, ZWNJ) stay: emoji and Persian are written with them.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_BREAKS = re.compile(r"\r\n?|[\u0085\u2028\u2029]")


def clean(text: str) -> str:
    """The text with plain line breaks and tabs, no other control characters, no direction overrides, and nothing around it."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", unicodedata.normalize("NFC", text))).strip()
