"""Parquet files: only the wanted columns are read, each value as text; ``row`` counts records from 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.extract.columns import found, key
from pipelines.extract.stream import seekable
from pipelines.extract.table import Chunk, Table, guarded, unreadable
from pipelines.extract.values import as_text
from pipelines.layouts import Layout

BATCH = 20_000
_FAULTS = (pa.ArrowException, OSError)
_MEANING = "not a whole Parquet file"


@contextmanager
def open_parquet(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open a Parquet file. Raises ``Unreadable`` if it is damaged."""
    with seekable(path) as handle:
        try:
            file = pq.ParquetFile(handle)
        except _FAULTS as error:
            raise unreadable(_MEANING, error) from error
        with file:
            names = tuple(file.schema_arrow.names)
            kept = {key(n): n for columns in found(layout, names).values() for n in columns}
            yield Table(names, guarded(_chunks(file, kept, 1 if peek else BATCH), _FAULTS, _MEANING))


def _chunks(file: pq.ParquetFile, kept: Mapping[str, str], size: int) -> Iterator[Chunk]:
    first = 1
    for batch in file.iter_batches(size, columns=list(kept.values()), use_threads=False):
        rows = pa.array(np.arange(first, first + len(batch)), pa.int64())
        yield Chunk(rows, {k: as_text(batch.column(name)) for k, name in kept.items()})
        first += len(batch)
