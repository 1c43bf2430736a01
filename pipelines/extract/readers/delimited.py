"""Text with delimiters: ``, ; |`` or tab, RFC 4180 quoting, with the header anywhere in the first lines.

Two ways through the same block of lines. The fast one (``fast``) takes a block in which all is as it should
be; any doubt at all, and the block goes the tolerant way (``tolerant``), which reads row by row and puts
aside only the rows that are really damaged. So one bad row costs one row and a fraction of a second.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.extract.columns import best_header, found, positions, satisfied, two_rows
from pipelines.extract.limits import check_columns, most_columns
from pipelines.extract.readers import fast, tolerant
from pipelines.extract.readers.shape import Shape
from pipelines.extract.stream import LONGEST_LINE, utf8, whole_lines
from pipelines.extract.table import Chunk, Table, Unreadable
from pipelines.layouts import Layout

DELIMITERS = ",;\t|"
HEADER_WITHIN = 20
"""Lines in which the header is looked for: titles and ``sep=;`` may stand above it."""


@dataclass(frozen=True)
class _Header:
    names: tuple[str, ...]
    delimiter: str
    lines: int  # lines up to and including the header


@contextmanager
def open_delimited(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open a text file. Raises ``Unreadable`` if it is empty, damaged as a whole or not text."""
    blocks = whole_lines(utf8(path, peek))
    head = _head(blocks)
    header = _header(head, layout)
    check_columns(header.names)
    if any("\0" in name for name in header.names):
        raise Unreadable("this is not text; expected a table with a header line")
    body = head.split(b"\n", header.lines)
    rest = body[-1] if len(body) > header.lines else b""
    shape = Shape(header.names, header.delimiter, positions(layout, header.names))
    yield Table(header.names, _chunks(rest, blocks, shape, header.lines + 1))


def _head(blocks: Iterator[bytes]) -> bytes:
    """Whole lines, at least as many as a header may need, if there are so many."""
    head = b""
    for block in blocks:
        head += block
        if head.count(b"\n") > HEADER_WITHIN:
            break
    return head


def _header(head: bytes, layout: Layout) -> _Header:
    """The header under the delimiter that makes most sense of it: the layout itself is the judge."""
    lines = [line.decode() + "\n" for line in head.split(b"\n", 2 * HEADER_WITHIN)[: 2 * HEADER_WITHIN]]
    if layout.header and head:
        return _Header(layout.header, _delimiter_for(lines, len(layout.header)), 0)
    candidates = [h for delimiter in DELIMITERS if (h := _header_by(lines, delimiter, layout))]
    if not candidates:
        raise Unreadable("the file is empty; expected a header line")
    return max(
        candidates,
        key=lambda h: (satisfied(layout, h.names), len(found(layout, h.names)), len(h.names)),
    )


def _delimiter_for(lines: Sequence[str], width: int) -> str:
    """Of a file without a header line: the delimiter that splits most lines into so many cells."""
    return max(DELIMITERS, key=lambda delimiter: sum(line.count(delimiter) == width - 1 for line in lines))


def _header_by(lines: Sequence[str], delimiter: str, layout: Layout) -> _Header | None:
    rows = []
    wide = most_columns() + 1  # what is wider is no table, and comparing a million names takes long
    for start in range(min(len(lines), HEADER_WITHIN)):
        reader = csv.reader(lines[start:], delimiter=delimiter, strict=True)
        try:
            rows.append((next(reader, [])[:wide], start + reader.line_num))
        except csv.Error:
            rows.append((lines[start].rstrip("\r\n").split(delimiter, wide)[:wide], start + 1))
    at = best_header(layout, [row for row, _ in rows])
    if at is None:
        return None
    cells, end = rows[at]
    below = rows[end] if end < len(rows) else None
    both = two_rows(layout, cells, below[0]) if below else None
    return _Header(both, delimiter, below[1]) if both and below else _Header(tuple(cells), delimiter, end)


def _chunks(rest: bytes, blocks: Iterator[bytes], shape: Shape, line: int) -> Iterator[Chunk]:
    """Every row below the header. ``line`` is the number of the first line of ``rest``."""
    following = next(blocks, None)
    while True:
        last = following is None
        while rest:
            step = fast.read(rest, shape, line, last) or tolerant.read(rest, shape, line, last)
            yield step.chunk
            if len(step.rest) == len(rest):
                break
            rest, line = step.rest, line + step.lines
        if following is None:
            return
        if len(rest) > LONGEST_LINE:
            raise Unreadable(f"line {line}: no end of the row within {LONGEST_LINE >> 20} MiB")
        rest, following = rest + following, next(blocks, None)
