"""What every shape of the API is made of: what a call takes and gives, and how a field says what it may be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import core_schema

NO_NUL = r"^[^\x00]*$"  # what text may be: JSON can spell a NUL and databases cannot
FILLED = r"^[^\x00]*[^\x00\s][^\x00]*$"  # and text that is more than blanks
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_WALL = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(:00)?")


class Shape(BaseModel):
    """What a call takes or gives. What checks and writes it is built at its first use: most processes never answer a call."""

    model_config = ConfigDict(defer_build=True)


class Taken(Shape):
    """A body. Fields nobody asked for are ignored."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class Query(Shape):
    """What stands behind the ? of an address: what is empty was not given."""

    model_config = ConfigDict(extra="ignore", validate_by_name=True, validate_by_alias=True)


@dataclass(frozen=True)
class Code:
    """The problem's code where the field is not as described, and the limits its sentence names.

    Without one it is `invalid`, or `too_long` or `too_many`; what is of another type is `invalid` in any case.
    `field` is what the problem calls it, where that is another name than the body's.
    """

    word: str
    most: int | None = None
    least: int | None = None
    field: str = ""


def prose(most: int, *, filled: bool = False) -> WithJsonSchema:
    """What people write, described: what is left of it once it is tidy the service measures, and refuses in its own words."""
    return WithJsonSchema({"type": "string", "maxLength": most, "pattern": FILLED if filled else NO_NUL})


@dataclass(frozen=True)
class OneOf:
    """One of these words, and described so."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.literal_schema(list(self.words))


def one_of(words: Iterable[str]) -> OneOf:
    """What a field of these words is annotated with."""
    return OneOf(tuple(words))


def _spelled(value: Any) -> datetime:
    # The library would take a number of seconds, and a date alone.
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise ValueError("a time with its zone is needed, as 2030-01-07T09:00:00Z")
    return datetime.fromisoformat(value.upper())


def _wall(value: Any) -> time:
    # The library would take seconds, a time with its zone, and digits that no clock of a database reads.
    found = _WALL.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a local time is needed, as 09:30")
    return time(int(found[1]), int(found[2]))


_WRITTEN = {"type": "string", "format": "date-time", "examples": ["2030-01-07T09:00:00Z"]}
# A time as programs say it, and as they are told.
Moment = Annotated[datetime, PlainValidator(_spelled), WithJsonSchema(_WRITTEN)]
# A local time in whole minutes; what we say with seconds we take again.
WallTime = Annotated[
    time,
    Code("time_invalid"),
    PlainValidator(_wall),
    WithJsonSchema({"type": "string", "maxLength": 8, "pattern": f"^{_WALL.pattern}$", "examples": ["09:30"]}),
]
Instant = Annotated[
    datetime,
    PlainSerializer(lambda at: at.isoformat().replace("+00:00", "Z"), return_type=str, when_used="json"),
    WithJsonSchema(_WRITTEN, mode="serialization"),
]
