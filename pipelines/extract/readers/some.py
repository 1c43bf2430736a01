"""Two columns of every row of a query, and then only some rows by their key: what incremental reading asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from pipelines.extract.columns import positions
from pipelines.extract.readers.keyed import names_of
from pipelines.extract.table import Chunk
from pipelines.extract.values import column_of
from pipelines.layouts import Layout


class Asking:
    """A query within one transaction, which sees one state of the database throughout."""

    def __init__(self, connection: sa.Connection, query: str, batch: int) -> None:
        self._connection, self._query, self._batch = connection, query, batch
        self.names = names_of(connection, query)

    def two(self, first: str, second: str) -> Iterator[Sequence[sa.Row[Any]]]:
        """Two columns of every row, batch by batch."""
        columns = ", ".join(map(self._quote, (first, second)))
        options = {"stream_results": True, "max_row_buffer": self._batch, "no_parameters": True}
        statement = f"select {columns} from (\n{self._query}\n) padan"
        with self._connection.exec_driver_sql(statement, execution_options=options) as answer:
            yield from answer.partitions(self._batch)

    def chunk(self, layout: Layout, key: str, values: Sequence[object]) -> Chunk:
        """The rows with these keys, as the source's database compares keys."""
        marker = "?" if self._connection.dialect.paramstyle == "qmark" else "%s"
        query = self._query.replace("%", "%%") if marker == "%s" else self._query
        marks = ", ".join([marker] * len(values))
        statement = f"select * from (\n{query}\n) padan where {self._quote(key)} in ({marks})"
        with self._connection.exec_driver_sql(statement, tuple(values)) as answer:
            where = positions(layout, tuple(answer.keys()))
            rows = answer.all()
        columns = {k: column_of([row[at] for row in rows]) for k, at in where.items()}
        return Chunk(pa.array(range(1, len(rows) + 1), pa.int64()), columns)

    def _quote(self, name: str) -> str:
        return self._connection.dialect.identifier_preparer.quote(name)
