"""Where rows go: ``raw/<source>`` and ``quarantine/extract/<source>``, written as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.engine import PART, ROW_GROUP
from pipelines.extract.table import Reject
from pipelines.records import QUARANTINE


class Sink:
    """A Parquet file that grows by row groups of ``ROW_GROUP`` rows; memory holds little more."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self._schema = schema
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
        """Write what is held back."""
        self._write(self._waiting)

    def _write(self, rows: int) -> None:
        held = pa.Table.from_batches(self._held, self._schema)
        if rows:
            self._writer.write_table(held.slice(0, rows), ROW_GROUP)
        self._held, self._waiting = held.slice(rows).to_batches(), self._waiting - rows


@contextmanager
def sink(folder: Path, schema: pa.Schema) -> Iterator[Sink]:
    """The table of ``folder``, complete when the block ends; it may have no rows."""
    with pq.ParquetWriter(folder / PART, schema, compression="zstd") as writer:
        rows = Sink(writer, schema)
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
