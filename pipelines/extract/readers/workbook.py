"""Workbooks (.xlsx): the first sheet that holds the layout's columns, its header within the first 20 rows.

Formulas count as the values they were saved with; a row with one that was never calculated is put aside. A
workbook's texts are kept in memory while it is read, as the format demands; a sheet has at most 1,048,576 rows.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from pipelines.extract.limits import check_packed, most_columns
from pipelines.extract.readers.sheets import Cells, Sheet, Span, choose, chunks, is_blank
from pipelines.extract.stream import seekable
from pipelines.extract.table import Table, Unreadable, guarded, unreadable
from pipelines.layouts import Layout

_MERGE = re.compile(
    rb'<mergeCell ref="(?P<left>[A-Z]{1,3})(?P<top>[0-9]{1,7}):[A-Z]{1,3}(?P<bottom>[0-9]{1,7})"'
)
_FORMULA = re.compile(
    rb'<c r="(?P<column>[A-Z]{1,3})(?P<row>[0-9]{1,7})"[^>]{0,200}>\s{0,9}'
    rb"<f\b(?:[^>]{0,200}/>|[^>]{0,200}>[^<]{0,65536}</f>)\s{0,9}(?:<v\s{0,9}/>|<v></v>)?\s{0,9}</c>"
)
"""A formula without a value: written by a program that does not calculate. Every length has a bound, so that no
sheet can be made on which the search takes long."""

ROWS = 1_048_576
"""Of a sheet, as the format has it; a row that says it lies further on would be waited for a lifetime."""

_LONGEST_CELL = 16 << 20
"""Bytes of one cell's XML; a cell holds at most 32,767 signs."""
_FAULTS = (
    *(zipfile.BadZipFile, ParseError, ValueError, EOFError, OSError, zlib.error),
    *(LookupError, AttributeError, TypeError, NotImplementedError),  # openpyxl's, over damaged parts
)
_MEANING = "not a whole workbook"


@contextmanager
def open_workbook(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open a workbook. Raises ``Unreadable`` if it is damaged or holds nothing."""
    import openpyxl  # 0.2 s, and most runs have no workbook

    with seekable(path) as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and validations that openpyxl does not keep
        check_packed(handle)
        try:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
            chosen = choose([_sheet(sheet) for sheet in book.worksheets], layout)
        except _FAULTS as error:
            raise unreadable(_MEANING, error) from error
        with closing(book):
            yield Table(chosen.names, guarded(chunks(chosen, layout, peek), _FAULTS, _MEANING))


def first_rows_of_sheets(path: Path, count: int) -> list[list[list[str]]]:
    """The first rows of each sheet that holds something, as text. Raises ``Unreadable``."""
    import openpyxl

    with seekable(path) as handle, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check_packed(handle)
        try:
            book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
            with closing(book):
                grids = [_sheet(sheet).top(count) for sheet in book.worksheets]
        except _FAULTS as error:
            raise unreadable(_MEANING, error) from error
    return [grid for grid in grids if any(any(row) for row in grid)]


def _sheet(sheet: Any) -> Sheet:
    def rows() -> Iterator[Cells]:
        sheet.reset_dimensions()  # what a sheet says of its own size is often wrong, and would cut rows off
        return _at_most(sheet.iter_rows(values_only=True), ROWS)

    visible = sheet.sheet_state == "visible"
    return Sheet(visible, rows, lambda: _merged(sheet), lambda: _uncalculated(sheet))


def _at_most(rows: Iterator[Cells], most: int) -> Iterator[Cells]:
    most_wide = most_columns()
    for number, cells in enumerate(rows):
        if number >= most:
            raise Unreadable(f"a sheet has at most {most:,} rows; this one names one further down")
        if len(cells) > most_wide:
            # What stands too far to the right is one thing too many, however much of it there is.
            cells = (*cells[:most_wide], next((c for c in cells[most_wide:] if not is_blank(c)), None))
        yield cells


def _uncalculated(sheet: Any) -> dict[int, set[int]]:
    """Columns of cells with a formula and no value, by row; openpyxl gives them as empty."""
    found: dict[int, set[int]] = {}
    rest = b""
    with sheet._get_source() as xml:
        while part := xml.read(1 << 20):
            rest += part
            cut = rest.rfind(b"<c ")  # the last cell may go on in the next part
            cut = len(rest) - 2 if cut < 0 else cut
            if len(rest) - cut > _LONGEST_CELL:
                raise Unreadable(f"a cell of more than {_LONGEST_CELL >> 20} MiB: this is not a table")
            for match in _FORMULA.finditer(rest, 0, cut) if b"<f" in rest else ():
                found.setdefault(int(match["row"]), set()).add(_column(match["column"].decode()))
            rest = rest[cut:]
        for match in _FORMULA.finditer(rest):
            found.setdefault(int(match["row"]), set()).add(_column(match["column"].decode()))
    return found


def _merged(sheet: Any) -> list[Span]:
    """Cells merged over several rows. They are listed behind the rows, and openpyxl leaves them out here."""
    spans, rest = [], b""
    with sheet._get_source() as xml:
        while part := xml.read(1 << 20):
            rest += part
            for match in _MERGE.finditer(rest):
                left, top, bottom = match["left"].decode(), int(match["top"]), int(match["bottom"])
                if bottom > top:
                    spans.append((_column(left), top, bottom))
            rest = rest[-100:] if b"<mergeCell " not in rest[-100:] else rest[rest.rindex(b"<mergeCell ") :]
    return sorted(set(spans))


def _column(letters: str) -> int:
    """The place of a column, from 0, by its letters.

    >>> _column("A"), _column("Z"), _column("AA")
    (0, 25, 26)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
