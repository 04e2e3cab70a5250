"""Pages of what several ways lead to: each way is read by its own index, in order, and no further than the page.

An OR of two ways, or a status that is one of several, lets a database read everything either finds before it sorts: a page
of twenty would cost as much as there is behind it. So each way is asked for its first rows by itself, and they are merged.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, UnaryExpression, func, literal, select, union

Way = Select[Any]
Order = Sequence[UnaryExpression[Any]]


def page_of(model: Any, ways: Sequence[Way], order: Order, size: int, page: int = 1) -> Select[Any]:
    """SQL: the rows of the model on this page, counted from 1; by `order`, whose last key is the model's id."""
    until = page * size
    if len(ways) == 1:
        return ways[0].order_by(*order).limit(size).offset(until - size)
    merged = union(*(_head(way, order, until) for way in ways)).subquery()
    picked = select(merged).order_by(*_again(order, merged)).limit(size).offset(until - size).subquery()
    key: Any = order[-1].element
    return select(model).join(picked, picked.c[key.key] == key).order_by(*_again(order, picked))


def count_of(ways: Sequence[Way], most: int) -> ScalarSelect[int]:
    """SQL: how many rows the ways lead to, which have none in common; of each at most `most` are looked at."""
    heads = [select(func.count()).select_from(_bare(way, most)).scalar_subquery() for way in ways]
    return select(sum(heads, literal(0))).scalar_subquery()


def _head(way: Way, order: Order, until: int) -> Select[Any]:
    keys: list[Any] = [each.element for each in order]
    # A subquery: SQLite takes no ORDER BY in a part of a union.
    return select(way.with_only_columns(*keys, maintain_column_froms=True).order_by(*order).limit(until).subquery())


def _bare(way: Way, most: int) -> Any:
    return way.with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(most).subquery()


def _again(order: Order, table: Any) -> list[ColumnElement[Any]]:
    """The order by the columns of a subquery."""
    found: list[tuple[Any, Any]] = [(each.modifier, each.element) for each in order]  # asc() or desc(), and of what
    return [modifier(table.c[key.key]) for modifier, key in found]
