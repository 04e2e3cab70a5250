"""How an adapter talks and listens: a session that answers or raises, and the careful reading of what vendors send."""

from app.gateways.http import (
    TIMEOUT,
    Json,
    JsonSession,
    PerThread,
    Timeout,
    checked_id,
    dict_of,
    digest,
    expecting,
    is_signed,
    maybe_id,
    maybe_ours,
    minor_units,
    must_fit,
    named,
    patiently,
    read_object,
    redacted,
    short_text,
    unix_seconds,
)

__all__ = [
    "TIMEOUT",
    "Json",
    "JsonSession",
    "PerThread",
    "Timeout",
    "checked_id",
    "dict_of",
    "digest",
    "expecting",
    "is_signed",
    "maybe_id",
    "maybe_ours",
    "minor_units",
    "must_fit",
    "named",
    "patiently",
    "read_object",
    "redacted",
    "short_text",
    "unix_seconds",
]

# What these were called before; packages that were written then go on working.
Wire = JsonSession
discreet = redacted
mark = checked_id
maybe_mark = maybe_id
tidy = short_text
units = minor_units
