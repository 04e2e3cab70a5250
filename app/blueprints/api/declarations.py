"""What a call says of itself, once: its address, its name, what it takes, gives and refuses. Two read it: checks and OpenAPI."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.blueprints.api.base import Code, Query

_LARGEST = 2**31 - 1
_UUID = ("uuid", {"type": "string", "format": "uuid"})
_NUMBER = (f"int(max={_LARGEST})", {"type": "integer", "minimum": 0, "maximum": _LARGEST})
# What may stand in an address: how Flask reads it (empty: as text), and how it is described. Anything else is 404.
PATH_PARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "booking_id": _UUID,
    "checkout_id": _UUID,
    "consultation_id": _UUID,
    "file_id": _UUID,
    "gift_id": _UUID,
    "login_id": _NUMBER,
    "month": ("", {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])$", "examples": ["2026-11"]}),
    "offer_id": _NUMBER,
    "package_id": _UUID,
    "paper_id": _NUMBER,
    "rating_id": _UUID,
    "receipt_id": _UUID,
    "service_id": _NUMBER,
    "slot_id": _NUMBER,
    "slug": ("", {"type": "string", "pattern": r"^[^/\x00]+$", "examples": ["amina-otieno"]}),
    "time_off_id": _NUMBER,
    "wait_id": _UUID,
}
_PART = re.compile(r"{(\w+)}")

# What any call may answer, whatever it is about: "status code code ...", as in `fails`.
_ALWAYS = ("400 bad_request", "503 busy")
_THROTTLED = ("429 too_often",)
_LOGGED_IN = ("401 login_needed", "403 proof_needed second_factor_needed")
_CHANGING = ("403 scope_too_small",)
_NAMING = ("404 not_found",)
_WITH_BODY = ("413 too_large", "422 invalid too_long too_many")
_WITH_QUERY = ("422 invalid too_long",)
_WITH_KEY = ("409 request_in_progress", "413 too_large", "422 idempotency_key_invalid idempotency_key_reused")


@dataclass(frozen=True)
class Call:
    """One line of the API: what it takes, what it gives, and why it may refuse."""

    method: str
    path: str
    name: str
    summary: str
    takes: type[BaseModel] | None
    gives: Any
    status: int
    login: bool
    query: type[Query] | None
    upload: bool
    media: str  # of the answer
    keep: bool  # whether the answer is repeated to who sends the request again
    also: int  # another status of a good answer; 0: none
    fails: tuple[str, ...]
    counts: tuple[str, ...]
    token: bool  # whether one is sent
    throttled: bool  # whether it is counted how often it is called (app/blueprints/common/throttle.py wraps it)
    district: str = ""
    description: str = ""

    @property
    def rule(self) -> str:
        """Its address as Flask reads it."""
        return _PART.sub(lambda part: f"<{':'.join(filter(None, (PATH_PARTS[part[1]][0], part[1])))}>", self.path)

    @property
    def statuses(self) -> list[int]:
        """Those of a good answer."""
        return [status for status in (self.status, self.also) if status]

    @property
    def path_parts(self) -> list[str]:
        """The names of what stands in the address."""
        return _PART.findall(self.path)

    @property
    def takes_key(self) -> bool:
        """Whether an Idempotency-Key does anything."""
        return self.method == "POST" and self.login and self.keep

    def refusals(self) -> dict[int, list[str]]:
        """Every status with which it may refuse, and the codes of each."""
        found: dict[int, set[str]] = defaultdict(set)
        for line in self._lines():
            status, *codes = line.split()
            found[int(status)].update(codes)
        for model in (self.takes, self.query):
            found[422].update(_codes(model) if model else ())
        return {status: sorted(codes) for status, codes in sorted(found.items()) if codes}

    def _lines(self) -> Iterator[str]:
        yield from (*_ALWAYS, *self.fails)
        for applies, lines in (
            (self.throttled, _THROTTLED),
            (self.login, _LOGGED_IN),
            (self.login and self.method != "GET", _CHANGING),
            (self.path_parts, _NAMING),
            (self.takes, _WITH_BODY),
            (self.query, _WITH_QUERY),
            (self.takes_key, _WITH_KEY),
        ):
            yield from lines if applies else ()


def fault_at(model: type[BaseModel], place: Sequence[str | int]) -> tuple[Code | None, Sequence[str | int]]:
    """What the field at this place says of a fault, or the one that it is in; and the place of the field that says it."""
    names = [n for n, part in enumerate(place) if isinstance(part, str)]
    for n in names:
        field = next((field for key, field in model.model_fields.items() if place[n] in (key, field.alias)), None)
        if field is None:
            break
        if said := _code_of(field):
            return said, place[: n + 1]
        inner = next(_models(field.annotation), None)
        if inner is None:
            break
        model = inner
    return None, place


def _code_of(field: FieldInfo) -> Code | None:
    return next((each for each in field.metadata if isinstance(each, Code)), None)


def _codes(model: type[BaseModel]) -> set[str]:
    """Every code that the model's fields say."""
    found = {said.word for field in model.model_fields.values() if (said := _code_of(field))}
    inner = (each for field in model.model_fields.values() for each in _models(field.annotation))
    return found.union(*map(_codes, inner))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in a type: itself, or what a list or a choice is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (list, Union, UnionType):
        for inner in get_args(annotation):
            yield from _models(inner)
