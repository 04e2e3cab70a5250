"""Times in statements that are built once and asked again and again: each is worked out anew when its statement is asked.

Building a statement costs SQLAlchemy more than asking SQLite; what the clock asks each minute is built when first asked.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from app.lib import clock

Length = timedelta | Callable[[], timedelta]  # or what a setting says when the statement is asked


class Moment(BindParameter[Any]):
    """SQL: a time of which nobody knows before the statement is asked, also where all other values are written into it."""

    inherit_cache = True

    def __init__(self, tell: Callable[[], Any]) -> None:
        super().__init__(None, callable_=tell, unique=True)
        self._tell = tell

    def date(self) -> "Moment":
        """SQL: its day, in UTC."""
        return Moment(lambda: datetime.date(self._tell()))


@compiles(Moment)
def _compile(moment: Moment, compiler: SQLCompiler, **options: Any) -> str:
    written: str = compiler.visit_bindparam(moment, **options | {"literal_binds": False})  # type: ignore[no-untyped-call]
    return written.replace("::", " ::")  # a cast, which `text` would not know from its parameter's name


def now() -> Moment:
    """SQL: the present."""
    return Moment(clock.now)


def ago(length: Length) -> Moment:
    """SQL: so long before the present."""
    return Moment(lambda: clock.now() - _value(length))


def ahead(length: Length) -> Moment:
    """SQL: so long after the present."""
    return Moment(lambda: clock.now() + _value(length))


def _value(length: Length) -> timedelta:
    return length if isinstance(length, timedelta) else length()


Time = datetime | Moment
