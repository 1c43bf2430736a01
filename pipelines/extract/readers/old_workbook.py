"""Workbooks in the formats that openpyxl does not read: Excel's old .xls, and OpenDocument (.ods).

Their sheets are read into memory whole; an old one has at most 65,536 rows. Numbers are floats there, so a
long one keeps the fifteen digits that Excel itself kept of it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

from pipelines.extract.limits import check_packed
from pipelines.extract.readers.sheets import Cells, Sheet, Span, choose, chunks
from pipelines.extract.stream import seekable
from pipelines.extract.table import Table, Unreadable, unreadable
from pipelines.layouts import Layout

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The name under which an .xlsx with a password lies in the old kind of container."""
LARGEST = 512 << 20
"""Bytes of a file in a format that is read into memory whole."""
CELLS = 40_000_000
"""Cells of one sheet that are laid out in memory; 600,000 rows of 64 columns."""
_PROTECTED = "the workbook is protected by a password; save it without one"


@contextmanager
def open_old_workbook(path: Path, layout: Layout, peek: bool) -> Iterator[Table]:
    """Open an .xls or .ods. Raises ``Unreadable`` if it is damaged, empty or asks for a password."""
    import python_calamine

    with seekable(path) as handle:
        _check(handle)
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(handle)
            chosen = choose(_sheets(book), layout)
        except python_calamine.PasswordError as error:
            raise Unreadable(_PROTECTED) from error
        except python_calamine.CalamineError as error:
            raise unreadable("not a whole workbook", error) from error
        yield Table(chosen.names, chunks(chosen, layout, peek))


def _check(handle: BinaryIO) -> None:
    """Raise ``Unreadable`` for what must not be opened: sheets that do not fit into memory, a password."""
    size = handle.seek(0, 2)
    handle.seek(0)
    if size > LARGEST:
        raise Unreadable(f"an old workbook of more than {LARGEST >> 20} MiB; save it as .xlsx or csv")
    if _ENCRYPTED in handle.read():
        raise Unreadable(_PROTECTED)
    check_packed(handle)
    if zipfile.is_zipfile(handle) and cells_of_ods(handle) > CELLS:
        raise Unreadable(f"a sheet of more than {CELLS:,} cells, by cells that are repeated; save it as csv")
    handle.seek(0)


def cells_of_ods(handle: BinaryIO) -> int:
    """Cells of the largest sheet of an OpenDocument spreadsheet, up to the last that holds something.

    Cells and rows may say that they are repeated, so that a kilobyte can stand for any number of them, and all are
    laid out in memory. 0 where it cannot be told.
    """
    counting = _Counting()
    try:
        with zipfile.ZipFile(handle) as book, book.open("content.xml") as content:
            parser = expat.ParserCreate()
            parser.StartElementHandler, parser.EndElementHandler = counting.start, counting.end
            parser.ParseFile(content)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError):
        pass  # not whole: the reader says so
    return counting.most


class _Counting:
    """Follows the XML of a spreadsheet: how far down and to the right its cells hold something."""

    def __init__(self) -> None:
        self.most = 0
        self._row = self._right = self._at = self._wide = self._repeated = 0

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        if name == "table:table":
            self._row = self._wide = 0
        elif name == "table:table-row":
            self._at = self._right = 0
            self._repeated = _times(given, "table:number-rows-repeated")
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._at += _times(given, "table:number-columns-repeated")
            if "office:value-type" in given or "table:formula" in given:
                self._right = self._at

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "table:table-row":
            self._row += self._repeated
            if self._right:
                self._wide = max(self._wide, self._right)
                self.most = max(self.most, self._row * self._wide)


def _times(given: dict[str, str], name: str) -> int:
    said = given.get(name, "1")
    return int(said) if said.isdecimal() and len(said) < 10 else 1


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
