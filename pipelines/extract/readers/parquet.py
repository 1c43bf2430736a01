"""Parquet files: only the wanted columns are read, each value as text; ``row`` counts records from 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.extract.columns import found, key
from pipelines.extract.stream import seekable
from pipelines.extract.table import Chunk, Table, Unreadable, guarded, unreadable
from pipelines.extract.values import as_text
from pipelines.layouts import Layout

BATCH = 20_000
LONG = 10_000
"""Bytes of a cell from which on it is looked at what the cells of a batch come to."""

LARGEST_BATCH = 1 << 30
"""Bytes of one column of a batch, written out."""

_FAULTS = (pa.ArrowException, OSError)
_MEANING = "not a whole Parquet file"


@contextmanager
def open_parquet(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open a Parquet file. Raises ``Unreadable`` if it is damaged."""
    with seekable(path) as handle:
        try:
            texts = [field.name for field in pq.read_schema(handle) if _is_text(field.type)]
            handle.seek(0)
            # As dictionaries, so that a text that stands in a billion rows is one text until its size is known.
            file = pq.ParquetFile(handle, read_dictionary=texts)
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
        for column in batch.columns:
            _check_texts(column)
        yield Chunk(rows, {k: as_text(batch.column(name)) for k, name in kept.items()})
        first += len(batch)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind))


def _check_texts(column: pa.Array) -> None:
    """Raise ``Unreadable`` if a column's texts, each written out in its row, would fill the memory."""
    if not pa.types.is_dictionary(column.type) or not len(column.dictionary):
        return
    lengths = pc.binary_length(column.dictionary)
    if (pc.max(lengths).as_py() or 0) <= LONG:
        return
    together = pc.sum(pc.cast(lengths.take(column.indices), pa.int64())).as_py() or 0
    if together > LARGEST_BATCH:
        raise Unreadable(
            f"{len(column):,} cells of {together >> 30:,} GiB together: this is no table of people"
        )
