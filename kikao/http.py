"""How an adapter talks and listens: a session that answers or raises, and the careful reading of what vendors send."""

from app.gateways.http import (
    TIMEOUT,
    PerThread,
    Timeout,
    Wire,
    dict_of,
    digest,
    discreet,
    expecting,
    is_signed,
    mark,
    maybe_mark,
    maybe_ours,
    must_fit,
    read_object,
    tidy,
    units,
)

__all__ = [
    "TIMEOUT",
    "PerThread",
    "Timeout",
    "Wire",
    "dict_of",
    "digest",
    "discreet",
    "expecting",
    "is_signed",
    "mark",
    "maybe_mark",
    "maybe_ours",
    "must_fit",
    "read_object",
    "tidy",
    "units",
]
