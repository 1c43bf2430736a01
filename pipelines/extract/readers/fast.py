"""The fast way through delimited text: Arrow's parser on blocks whose rows can be counted beforehand.

Counted means: every quote opens a cell or closes one, so that line feeds outside quotes end rows, and Arrow
finds just as many. Rows that are too short, too long, empty or the header once more are then taken out and
judged one by one. Where quotes are in doubt, ``read`` says so and reads nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipelines.extract.columns import emptied
from pipelines.extract.readers import tolerant
from pipelines.extract.readers.shape import Shape, Step
from pipelines.extract.table import Chunk

LF, CR, QUOTE = 10, 13, 34

LONGEST_ROW = 20
"""Lines of one row; a longer one may be legal, but is more likely a quote that was never closed."""

WORTHWHILE = 0.05
"""Share of rows to be judged one by one, beyond which the tolerant way is quicker for the whole block."""

Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Records:
    """The rows of a block with something on their lines: where each begins and ends, and on which line."""

    starts: Positions
    ends: Positions
    lines: Positions


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
    lines = line + (np.arange(len(starts)) if len(ends) == len(feeds) else np.searchsorted(feeds, starts))
    read_lines = int(np.searchsorted(feeds, cut))
    spans = np.diff(lines, append=line + read_lines)
    if int(spans.max()) > LONGEST_ROW:
        return None
    for i in np.flatnonzero(spans > 1):
        if tolerant.holds_a_row(block[starts[i] : ends[i]].decode("utf-8").split("\n")[1:], shape):
            return None
    some = ~_are_empty(signs, starts, ends)
    chunk = _chunk(block[:cut], shape, _Records(starts[some], ends[some], lines[some]), bool(len(quotes)))
    return None if chunk is None else Step(chunk, block[cut:], read_lines)


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


def _are_empty(signs: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> Flags:
    width = ends - starts
    empty: Flags = (width == 0) | ((width == 1) & (signs[starts] == CR))
    return empty


def _chunk(block: bytes, shape: Shape, records: _Records, quoted: bool) -> Chunk | None:
    """The rows of a block, those that Arrow cannot or must not take judged one by one."""
    parsed = _parsed(block, shape, quoted)
    if parsed is None:
        return None
    columns, refused = parsed
    good = np.ones(len(records.lines), bool)
    if len(refused) + len(next(iter(columns.values()))) != len(good):
        return None
    good[refused] = False
    odd = _odd(columns, shape)
    if odd is not None:
        good[np.flatnonzero(good)[odd]] = False
        columns = {k: column.filter(pa.array(~odd)) for k, column in columns.items()}
    doubtful = np.flatnonzero(~good)
    if len(doubtful) > 1 + WORTHWHILE * len(good):
        return None
    judged = [
        tolerant.read(
            block[records.starts[i] : records.ends[i]], shape, int(records.lines[i]), last=True
        ).chunk
        for i in doubtful
    ]
    return _together([Chunk(pa.array(records.lines[good], pa.int64()), columns), *judged])


def _parsed(block: bytes, shape: Shape, quoted: bool) -> tuple[dict[str, pa.Array], list[int]] | None:
    """Arrow's reading of a block: the wanted columns, and which rows (from 0) were too short or too long."""
    refused: list[int] = []

    def note(row: pa.csv.InvalidRow) -> str:
        refused.append(row.number - 1)
        return "skip"

    kept = {k: str(at) for k, at in shape.positions.items()}
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(block),
            pa.csv.ReadOptions(
                use_threads=False,  # only then are refused rows numbered
                column_names=[str(at) for at in range(len(shape.names))],
                block_size=len(block) + 1,
            ),
            pa.csv.ParseOptions(
                delimiter=shape.delimiter, newlines_in_values=quoted, invalid_row_handler=note
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
    return {k: emptied(table[name].combine_chunks()) for k, name in kept.items()}, refused


def _odd(columns: dict[str, pa.Array], shape: Shape) -> Flags | None:
    """The rows that have nothing in them or may be the header once more; None if there are none."""
    first, cells = next(iter(columns.items()))
    odd = pc.is_in(cells, shape.spellings(first))
    if all(column.null_count for column in columns.values()):
        empty = pc.is_null(cells)
        for column in columns.values():
            empty = pc.and_(empty, pc.is_null(column))
        odd = pc.or_(odd, empty)
    return odd.to_numpy(zero_copy_only=False) if pc.any(odd).as_py() else None


def _together(chunks: Sequence[Chunk]) -> Chunk:
    """Several chunks as one, in the order of their lines."""
    filled = [chunk for chunk in chunks if len(chunk.rows)]
    rejects = tuple(reject for chunk in chunks for reject in chunk.rejects)
    if len(filled) < 2:
        only = filled[0] if filled else chunks[0]
        return Chunk(only.rows, only.columns, rejects)
    rows = pa.concat_arrays([chunk.rows for chunk in filled])
    order = pc.sort_indices(rows)
    columns = {k: pa.concat_arrays([c.columns[k] for c in filled]).take(order) for k in filled[0].columns}
    return Chunk(rows.take(order), columns, rejects)
