"""SQL that looks at one row at a time, on Spark's executors: DuckDB runs it there, on each batch that passes through.

A query over hundreds of expressions that each read a cell (patterns, calendars, letters) would have to mean the same
in two dialects to the last sign; so it is not translated. Spark moves the rows, joins and sorts them; what a cell means
is said by the engine that says it everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import duckdb
import pyarrow as pa

ROWS: Final = "batch"
"""The table that such a query reads."""

MEMORY: Final = "1GiB"
"""For the one DuckDB of a task; a batch takes a tenth of it."""


def in_duckdb(
    query: str, schema: pa.Schema, prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """``query`` over each batch as table ``ROWS``, its columns cast to ``schema`` by name.

    ``prepare`` creates what it looks into, once for each partition.
    """

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": MEMORY}) as con:
            if prepare:
                prepare(con)
            for batch in filter(len, batches):
                con.register(ROWS, pa.Table.from_batches([batch]))
                made = con.sql(query).to_arrow_table()
                con.unregister(ROWS)
                yield from made.select(schema.names).cast(schema).to_batches()

    return run
