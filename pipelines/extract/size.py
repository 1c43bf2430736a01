"""How many rows an input has, without reading it: exactly where that is cheap, else by its beginning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.extract.inputs import FileInput
from pipelines.extract.readers import READERS, reader_of
from pipelines.extract.stream import GZIP, pieces, seekable
from pipelines.extract.table import Input


@dataclass(frozen=True)
class Size:
    """Rows of an input; ``exact`` or an estimate, and with ``more`` only the least that there are."""

    rows: int
    exact: bool = True
    more: bool = False

    def __add__(self, other: Size) -> Size:
        return Size(self.rows + other.rows, self.exact and other.exact, self.more or other.more)


def size_of(item: Input, seen: int, whole: bool) -> Size:
    """The size of an input of whose beginning ``seen`` rows were read, which are all of them if ``whole``.

    Text is judged by its bytes, Parquet says it itself, a database counts. Raises ``Unreadable``.
    """
    if isinstance(item, FileInput):
        return _of_file(item.path, seen, whole)
    count = getattr(item, "count", None)
    rows = count() if count and not whole else None
    return Size(seen, more=not whole) if rows is None else Size(rows)


def _of_file(path: Path, seen: int, whole: bool) -> Size:
    reader = reader_of(path)
    if reader is READERS["parquet"]:
        import pyarrow.parquet as pq

        with seekable(path) as handle:
            return Size(pq.read_metadata(handle).num_rows)
    if reader in (READERS["delimited"], READERS["json"]):
        bytes_ = unpacked(path)
        looked_at = len(next(pieces(path, peek=True), b""))
        return (
            Size(seen)
            if bytes_ <= looked_at or not looked_at
            else Size(round(seen * bytes_ / looked_at), False)
        )
    return Size(seen, more=not whole)


def unpacked(path: Path) -> int:
    """Bytes of a file; of a gzipped one those it says itself, in its last four bytes (modulo 4 GiB)."""
    bytes_ = path.stat().st_size
    with path.open("rb") as handle:
        if bytes_ < SMALLEST_GZIP or handle.read(2) != GZIP:
            return bytes_
        handle.seek(-4, 2)
        return int.from_bytes(handle.read(4), "little")


SMALLEST_GZIP = 18
"""Bytes of a gzip with nothing in it."""
