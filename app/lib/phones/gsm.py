"""How long an SMS is: letters every phone has (GSM 03.38) make 160 in one part, any other letter makes it 70."""

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€\f")  # sent as two
_SAME = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\xa0": " ", "\u202f": " "}
)
_SAME |= str.maketrans({"₹": "Rs", "œ": "oe", "Œ": "OE", "\u2066": "", "\u2069": "", "\u200f": "", "\u200e": ""})


def plain(text: str) -> str:
    """One line that says the same in fewer parts: Latin letters a phone lacks lose their mark where that makes it fit."""
    line = " ".join(text.translate(_SAME).split())
    simple = "".join(each if is_basic(each) else _bare(each) for each in line)
    return simple if is_basic(simple) else line


def is_basic(text: str) -> bool:
    """Whether every letter is one that all phones have."""
    return all(each in _BASIC or each in _DOUBLE for each in text)


def length(text: str) -> int:
    """How many letters the network counts."""
    if is_basic(text):
        return len(text) + sum(each in _DOUBLE for each in text)
    return len(text.encode("utf-16-be")) // 2


def parts(text: str) -> int:
    """How many SMS it is sent, and paid, as."""
    one, each = (160, 153) if is_basic(text) else (70, 67)
    count = length(text)
    return 1 if count <= one else -(-count // each)


def _bare(letter: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))
