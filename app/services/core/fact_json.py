"""Gateway values to JSON and back, so that facts, steps and requests can be kept in rows."""

import types
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from app.domain.money import Money
from app.gateways import facts
from app.gateways.receipts import ReceiptAnswer

_KINDS: dict[str, type[facts.Storable]] = {
    kind.type_code: kind
    for kind in (
        facts.Confirmed,
        facts.Authorised,
        facts.Failed,
        facts.Pending,
        facts.Refunded,
        facts.RefundFailed,
        facts.RefundsChanged,
        facts.Disputed,
        facts.Redirect,
        facts.Modal,
        facts.Window,
        facts.WaitForPush,
        facts.Instructions,
        facts.CheckoutRequest,
        ReceiptAnswer,
    )
}


def to_json(value: Any) -> dict[str, Any]:
    """A fact, step or request as plain JSON with its type code under "type"."""
    return {"type": value.type_code} | {f.name: _plain(getattr(value, f.name)) for f in fields(value)}


def from_json(stored: dict[str, Any]) -> Any:
    """The value `to_json` was given, equal in every field."""
    kind: Any = _KINDS[stored["type"]]
    hints = _hints(kind)
    return kind(**{name: _rich(hints[name], value) for name, value in stored.items() if name in hints})


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"amount": value.amount, "currency": value.currency}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(value)
    return dict(value) if hasattr(value, "items") else value


def _rich(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if hint is Money:
        return Money(**value)
    if is_dataclass(hint):
        return from_json(value)
    if get_origin(hint) is tuple:
        return tuple(value)
    if hint is datetime:
        return datetime.fromisoformat(value)
    return hint(value) if isinstance(hint, type) and issubclass(hint, Enum) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(kind).items() if name in {f.name for f in fields(kind)}}
