"""Which kinds of work have anything to do: asked of all of them in one statement, instead of each by itself.

A function that works off what is due names the queries that find it (`found_by`). `which_are_due` joins those of many functions:
on an idle Kikao that statement is nearly all that a pass of the clock costs.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Dialect,
    Select,
    TextClause,
    bindparam,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.sql import visitors

from app.lib.tables.moments import Moment

Query = Callable[[], Select[*tuple[Any, ...]]]
Work = Callable[..., Any]
_W = TypeVar("_W", bound=Work)
_QUERIES: dict[Work, tuple[Query, ...]] = {}


def found_by(*queries: Query) -> Callable[[_W], _W]:
    """Where none of the queries finds a row, the function below has nothing to do and need not be called.

    They may find more than it will work on, never less.
    """
    return partial(_note, queries)


def queries_of(work: Work) -> tuple[Query, ...]:
    """What finds the work of a function. Raises KeyError where nothing does: it would never be called."""
    return _QUERIES[work]


def which_are_due(asked: Sequence[Sequence[Query]], dialect: Dialect) -> TextClause:
    """SQL: the numbers, from nought, of those among `asked` of which one query or more finds a row.

    It stays true for as long as settings do: only times are worked out when it is asked.
    """
    numbered = [(number, query()) for number, queries in enumerate(asked) for query in queries]
    joined = union_all(*(_if_any(number, found) for number, found in numbered))
    _refuse_still_times(joined)
    named = type(dialect)(paramstyle="named")  # type: ignore[call-arg]
    # As text: of a statement of this size SQLAlchemy takes longer to see that it knows it than the database to answer.
    compiled = joined.compile(dialect=named, compile_kwargs={"literal_binds": True})
    times = [bindparam(name, type_=time.type, callable_=time.callable) for time, name in compiled.bind_names.items()]
    return text(str(compiled)).bindparams(*times)


def _refuse_still_times(statement: CompoundSelect[Any]) -> None:
    """Raises ValueError where a query names a time that was worked out when it was built: it would stand still."""
    for part in visitors.iterate(statement):
        if isinstance(part, BindParameter) and not isinstance(part, Moment) and isinstance(part.value, date):
            raise ValueError(f"a time that stands still in a query for due work: {part.value}")


def _note(queries: tuple[Query, ...], work: _W) -> _W:
    _QUERIES[work] = queries
    return work


def _if_any(number: int, found: Select[*tuple[Any, ...]]) -> Select[int]:
    return select(literal_column(str(number))).where(found.order_by(None).limit(None).exists())
