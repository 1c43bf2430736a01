"""Where rows go: ``raw/<source>`` and ``quarantine/extract/<source>``, written as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import PART, ROW_GROUP
from pipelines.extract.table import Reject
from pipelines.records import QUARANTINE


class Sink:
    """A Parquet file that grows by row groups of ``ROW_GROUP`` rows; memory holds little more.

    A group is written in the background while the rows of the next are read.
    """

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema, background: Executor) -> None:
        self._writer = writer
        self._schema = schema
        self._background = background
        self._writing: Future[None] | None = None
        self._held: list[pa.RecordBatch] = []
        self._waiting = 0
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take some rows."""
        self._held.append(batch)
        self._waiting += len(batch)
        self.rows += len(batch)
        if self._waiting >= ROW_GROUP:
            self._write(self._waiting - self._waiting % ROW_GROUP)

    def flush(self) -> None:
        """Write what is held back, and be done with it."""
        self._write(self._waiting)
        self._written()

    def _write(self, rows: int) -> None:
        self._written()
        held = pa.Table.from_batches(self._held, self._schema)
        if rows:
            self._writing = self._background.submit(self._writer.write_table, held.slice(0, rows), ROW_GROUP)
        self._held, self._waiting = held.slice(rows).to_batches(), self._waiting - rows

    def _written(self) -> None:
        """Wait for what is being written; raises what went wrong with it."""
        if self._writing is not None:
            self._writing.result()


@contextmanager
def sink(folder: Path, schema: pa.Schema) -> Iterator[Sink]:
    """The table of ``folder``, complete when the block ends; it may have no rows."""
    with (
        pq.ParquetWriter(folder / PART, schema, compression="snappy") as writer,
        ThreadPoolExecutor(1) as background,
    ):
        rows = Sink(writer, schema, background)
        yield rows
        rows.flush()


def quarantined(rejects: Sequence[Reject], source: str, label: str) -> pa.RecordBatch:
    """Rejects as rows of the quarantine: whole rows, of no single column."""
    count = len(rejects)
    return pa.record_batch(
        [
            pa.repeat(source, count),
            pa.repeat("extract", count),
            pa.repeat("row", count),
            pa.repeat(label, count),
            pa.array([r.row for r in rejects], pa.int64()),
            pa.nulls(count, pa.string()),
            pa.array([r.value for r in rejects], pa.string()),
            pa.array([r.reason for r in rejects], pa.string()),
            pa.array([r.expected for r in rejects], pa.string()),
        ],
        schema=QUARANTINE,
    )
