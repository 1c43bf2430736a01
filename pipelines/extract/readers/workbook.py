"""Workbooks (.xlsx): the first sheet that holds the layout's columns, its header within the first 20 rows.

``row`` is the sheet's own row number. Formulas count as the values they were saved with. A workbook's texts
are kept in memory while it is read, as the format demands; a sheet has at most 1,048,576 rows.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import pyarrow as pa

from pipelines.extract.columns import BLANK, best_header, found, key, positions, satisfied
from pipelines.extract.stream import seekable
from pipelines.extract.table import Chunk, Reject, Table, Unreadable, guarded, unreadable
from pipelines.extract.values import column_of, text_of
from pipelines.layouts import Layout

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

HEADER_WITHIN = 20
BATCH = 5_000

Cells = Sequence[Any]

_FAULTS = (zipfile.BadZipFile, ParseError, KeyError, ValueError, EOFError, OSError, zlib.error)
_MEANING = "not a whole workbook"


@contextmanager
def open_workbook(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open a workbook. Raises ``Unreadable`` if it is damaged or holds nothing."""
    import openpyxl  # 0.2 s, and most runs have no workbook

    with seekable(path) as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and validations that openpyxl does not keep
        try:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
            sheet, names, above = _choose(book, layout)
        except _FAULTS as error:
            raise unreadable(_MEANING, error) from error
        with closing(book):
            rows = islice(enumerate(sheet.iter_rows(values_only=True), 1), above, None)
            chunks = _chunks(rows, names, layout, 1 if peek else BATCH)
            yield Table(names, guarded(chunks, _FAULTS, _MEANING))


def _choose(book: Workbook, layout: Layout) -> tuple[Any, tuple[str, ...], int]:
    """The sheet to read, its column names, and how many rows there are down to the header."""
    candidates = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a sheet says of its own size is often wrong, and would cut rows off
        top = [
            [text_of(v) or "" for v in row]
            for row in islice(sheet.iter_rows(values_only=True), HEADER_WITHIN)
        ]
        at = best_header(layout, top)
        if at is not None:
            candidates.append((sheet, tuple(top[at]), at + 1))
    if not candidates:
        raise Unreadable("the workbook is empty; expected a sheet with a header row")
    return max(candidates, key=lambda c: (satisfied(layout, c[1]), len(found(layout, c[1]))))


def _chunks(
    rows: Iterator[tuple[int, Cells]], names: Sequence[str], layout: Layout, size: int
) -> Iterator[Chunk]:
    where, header = positions(layout, names), [k for k in map(key, names) if k]
    while batch := list(islice(rows, size)):
        kept: list[tuple[int, Cells]] = []
        rejects: list[Reject] = []
        for number, cells in batch:
            filled = [v for v in cells if not _is_blank(v)]
            if filled and not _is_header(filled, header):
                kept.append((number, cells))
            elif filled:
                rejects.append(Reject(number, "", "header_again", "a row of data, seen the header once more"))
        columns = {k: column_of([_at(cells, p) for _, cells in kept]) for k, p in where.items()}
        yield Chunk(pa.array([number for number, _ in kept], pa.int64()), columns, tuple(rejects))


def _at(cells: Cells, position: int) -> Any:
    return cells[position] if position < len(cells) else None


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(BLANK))


def _is_header(filled: Cells, header: Sequence[str]) -> bool:
    """Whether a row is the header once more, as in sheets that were pasted together."""
    if len(filled) != len(header) or not isinstance(filled[0], str) or key(filled[0]) != header[0]:
        return False
    return [key(text_of(value) or "") for value in filled] == header
