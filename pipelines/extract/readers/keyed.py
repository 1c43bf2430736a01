"""A query read range by range of its key: no row twice, none left out, no statement that runs for long.

A range ends at the key of its last row, as the server itself sorts and compares it; so neither keys that occur
twice nor rules of sorting (capitals, spaces at the end) can lose a row at a border. Rows whose key is null
come first. The caller's transaction sees one state of the database throughout.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pipelines.extract.columns import key, wanted
from pipelines.layouts import Layout

_WHOLE = re.compile(
    r"\b(distinct|group\s+by|having|union|intersect|except|limit|offset|fetch|over|for\s+update|into)\b", re.I
)
"""Words of a query whose answer has to be made whole before its first row is known: ranges would cost more."""

_ORDER = re.compile(r"\border\s+by\s+[\w\s.,\"`]+$", re.IGNORECASE)
_SELECT = re.compile(r"\s*select\b", re.IGNORECASE)

Answer = sa.CursorResult[Any]
Ask = Callable[[str, tuple[object, ...]], Answer]
"""Sends one statement with its parameters, the answer to be streamed."""


@dataclass(frozen=True)
class Keyed:
    """A query with the key by which it is read, and those of its columns that the layout maps."""

    query: str
    key: str
    columns: tuple[str, ...]
    marker: str
    quote: Callable[[str], str]

    def statement(self, condition: str, tail: str = "", columns: Sequence[str] | None = None) -> str:
        """One range's SQL; ``condition`` and ``tail`` speak of the key as ``{k}`` and of a value as ``?``."""
        names = ", ".join(map(self.quote, self.columns if columns is None else columns))
        rest = f" where {condition} {tail}".format(k=self.quote(self.key)).replace("?", self.marker)
        query = self.query.replace("%", "%%") if self.marker == "%s" else self.query
        return f"select {names} from (\n{query}\n) padan{rest}"


def keyed(connection: sa.Connection, query: str, table: str, layout: Layout) -> Keyed | None:
    """How to read ``query`` by the layout's key; None where that cannot be done, or an index is missing."""
    if layout.key is None or not _SELECT.match(query) or _WHOLE.search(query):
        return None
    query = _ORDER.sub("", query)
    names = names_of(connection, query)
    by = next((n for n in names if key(n) == key(layout.key or "")), None)
    if by is None or len({n.casefold() for n in names}) < len(names):
        return None
    if not _indexed(connection, table, by):
        return None
    keys = wanted(layout)
    columns = tuple(n for n in names if key(n) in keys or n == by)
    marker = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    return Keyed(query, by, columns, marker, connection.dialect.identifier_preparer.quote)


def names_of(connection: sa.Connection, query: str) -> tuple[str, ...]:
    """The columns of a query's answer, as written there, without asking for a row."""
    empty = f"select * from (\n{query}\n) padan where 1 = 0"
    with connection.exec_driver_sql(empty, execution_options={"no_parameters": True}) as result:
        return tuple(result.keys())


def _indexed(connection: sa.Connection, table: str, column: str) -> bool:
    """Whether some index of the table begins with the column; false of views and of what is no table."""
    *schema, name = table.split(".")
    inspector = sa.inspect(connection)
    where = schema[-1] if schema else None
    try:
        indexes = [list[str | None](inspector.get_pk_constraint(name, where)["constrained_columns"])]
        indexes += [index["column_names"] for index in inspector.get_indexes(name, where)]
    except sa.exc.NoSuchTableError:
        return False
    return any(names and (names[0] or "").casefold() == column.casefold() for names in indexes)


def ranges(ask: Ask, what: Keyed, rows: int) -> Iterator[Answer]:
    """The answers of one range after the other, each to be read to its end before the next is asked for.

    A range has ``rows`` rows, more where the last key occurs several times, and fewer at the end.
    """
    yield ask(what.statement("{k} is null"), ())
    after: tuple[object, ...] = ()
    while True:
        above = "{k} > ?" if after else "{k} is not null"
        end = _end(ask, what, above, after, rows)
        if end is None:
            yield ask(what.statement(above, "order by {k}"), after)
            return
        yield ask(what.statement(f"{above} and {{k}} <= ?", "order by {k}"), (*after, end))
        after = (end,)


def _end(ask: Ask, what: Keyed, above: str, after: tuple[object, ...], rows: int) -> Any:
    """The key of the range's last row; None if there are not that many rows left."""
    tail = f"order by {{k}} limit 1 offset {rows - 1}"
    with ask(what.statement(above, tail, [what.key]), after) as answer:
        found = answer.first()
    return None if found is None else found[0]
