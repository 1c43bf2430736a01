"""Workbooks in the formats that openpyxl does not read: Excel's old .xls, and OpenDocument (.ods).

Their sheets are read into memory whole; an old one has at most 65,536 rows. Numbers are floats there, so a
long one keeps the fifteen digits that Excel itself kept of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.extract.readers.sheets import Cells, Sheet, Span, choose, chunks
from pipelines.extract.stream import seekable
from pipelines.extract.table import Table, Unreadable, unreadable
from pipelines.layouts import Layout

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The name under which an .xlsx with a password lies in the old kind of container."""
_PROTECTED = "the workbook is protected by a password; save it without one"


@contextmanager
def open_old_workbook(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open an .xls or .ods. Raises ``Unreadable`` if it is damaged, empty or asks for a password."""
    import python_calamine

    with seekable(path) as handle:
        if _ENCRYPTED in handle.read():
            raise Unreadable(_PROTECTED)
        handle.seek(0)
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(handle)
            chosen = choose(_sheets(book), layout)
        except python_calamine.PasswordError as error:
            raise Unreadable(_PROTECTED) from error
        except python_calamine.CalamineError as error:
            raise unreadable("not a whole workbook", error) from error
        yield Table(chosen.names, chunks(chosen, layout, peek))


def _sheets(book: CalamineWorkbook) -> list[Sheet]:
    return [
        Sheet(
            "Visible" in str(seen.visible), partial(_rows, book, seen.name), partial(_merged, book, seen.name)
        )
        for seen in book.sheets_metadata
        if "WorkSheet" in str(seen.typ)
    ]


def _rows(book: CalamineWorkbook, name: str) -> Iterator[Cells]:
    return iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))


def _merged(book: CalamineWorkbook, name: str) -> Sequence[Span]:
    ranges = book.get_sheet_by_name(name).merged_cell_ranges or []
    return [(left, top + 1, bottom + 1) for (top, left), (bottom, _) in ranges if bottom > top]
