"""The fast way through delimited text: Arrow's parser on blocks that are beyond doubt.

Beyond doubt means: every quote opens a cell or closes one, every row has as many cells as the header, no row
is empty, none repeats the header. Where that cannot be shown, ``read`` says so and reads nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.extract.columns import emptied
from pipelines.extract.readers.shape import Shape, Step
from pipelines.extract.table import Chunk

LF, CR, QUOTE = 10, 13, 34
LONGEST_ROW = 20
"""Lines of one row; a longer one may be legal, but is more likely a quote that was never closed."""

Positions = npt.NDArray[np.int64]


def read(block: bytes, shape: Shape, line: int, last: bool) -> Step | None:
    """Read every whole row of ``block``, whose first line has the number ``line``; None where in doubt."""
    if last and not block.endswith(b"\n"):
        block += b"\n"
    signs = np.frombuffer(block, np.uint8)
    feeds = np.flatnonzero(signs == LF)
    quotes = np.flatnonzero(signs == QUOTE) if b'"' in block else np.empty(0, np.int64)
    ends = feeds[np.searchsorted(quotes, feeds) % 2 == 0] if len(quotes) else feeds
    if not len(ends) or (last and ends[-1] != feeds[-1]):
        return None
    cut = int(ends[-1]) + 1
    if not _quoting_is_clean(signs[:cut], quotes[quotes < cut], ord(shape.delimiter)):
        return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    rows = line + (np.arange(len(starts)) if len(ends) == len(feeds) else np.searchsorted(feeds, starts))
    lines = int(np.searchsorted(feeds, cut))
    if int(np.diff(rows, append=line + lines).max()) > LONGEST_ROW:
        return None
    rows = rows[~_are_empty(signs, starts, ends)]
    chunk = _parse(block[:cut], shape, rows, bool(len(quotes)))
    return None if chunk is None else Step(chunk, block[cut:], lines)


def _quoting_is_clean(signs: npt.NDArray[np.uint8], quotes: Positions, delimiter: int) -> bool:
    """Whether quotes come in pairs that enclose whole cells; a doubled one inside stands for itself."""
    if not len(quotes):
        return True
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, signs[opening - 1], LF)
    after = signs[closing + 1]
    return bool(
        np.isin(before, (delimiter, LF, QUOTE)).all() and np.isin(after, (delimiter, LF, CR, QUOTE)).all()
    )


def _are_empty(signs: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> npt.NDArray[np.bool_]:
    width = ends - starts
    empty: npt.NDArray[np.bool_] = (width == 0) | ((width == 1) & (signs[starts] == CR))
    return empty


def _parse(block: bytes, shape: Shape, rows: Positions, quoted: bool) -> Chunk | None:
    """Arrow's reading of a block, if it sees just the rows that were counted and nothing odd in them."""
    odd = []

    def note(row: pa.csv.InvalidRow) -> str:
        odd.append(row.number)
        return "skip"

    names = [str(at) for at in range(len(shape.names))]
    kept = {k: str(at) for k, at in shape.positions.items()}
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(block),
            pa.csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 1),
            pa.csv.ParseOptions(
                delimiter=shape.delimiter,
                newlines_in_values=quoted,
                invalid_row_handler=note,
            ),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(kept.values(), pa.string()),
                include_columns=list(kept.values()),
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,  # the stream is UTF-8 by construction
            ),
        )
    except pa.ArrowInvalid:
        return None
    if odd or len(table) != len(rows):
        return None
    columns = {k: emptied(table[name].combine_chunks()) for k, name in kept.items()}
    return None if _any_odd(columns, shape) else Chunk(pa.array(rows, pa.int64()), columns)


def _any_odd(columns: dict[str, pa.Array], shape: Shape) -> bool:
    """Whether some row has nothing in it, or may be the header once more."""
    first, cells = next(iter(columns.items()))
    if pc.any(pc.is_in(cells, shape.spellings(first))).as_py():
        return True
    if any(column.null_count == 0 for column in columns.values()):
        return False
    empty = [pc.is_null(column) for column in columns.values()]
    together = empty[0]
    for column in empty[1:]:
        together = pc.and_(together, column)
    return bool(pc.any(together).as_py())
