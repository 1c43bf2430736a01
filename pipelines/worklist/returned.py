"""A worklist that comes back, whatever became of it: renamed, sorted, filtered, shortened, saved elsewhere.

Any sheet with a heading for the item's id among its first rows is read; other sheets, columns and lines above
the headings are left alone. csv in any common delimiter and encoding is one such sheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from pipelines.errors import PadanError
from pipelines.packed import TooMuch, check_workbook
from pipelines.settings import Limits
from pipelines.vocabulary import DECISION_HEADINGS
from pipelines.worklist.words import read_headings

HEADER_WITHIN: Final = 20
"""Rows from the top among which the headings may be."""

ZIP: Final = b"PK\x03\x04"
"""How a workbook begins."""

OLE: Final = b"\xd0\xcf\x11\xe0"
"""How an old workbook begins, and an encrypted one."""

LARGEST: Final = Limits(bytes="1 GiB")  # type: ignore[call-arg]
"""What a worklist may be and unpack to; one of half a million items is a tenth of it."""

ROWS: Final = 1_048_576
"""Rows of a sheet that are looked at: a format's own bound, which a row's number may lie beyond."""

Row = Sequence[object]
Columns = Mapping[str, int]


@dataclass(frozen=True)
class Answer:
    """One row that names an item: where it stands, and what its cells say, without blanks around.

    ``proposed_nik`` is ``None`` where there is no such column, empty where the cell is.
    """

    sheet: str
    row: int
    item_id: str
    decision: str
    note: str
    proposed_nik: str | None

    @property
    def place(self) -> str:
        """For a person who looks for the row."""
        return f"{self.sheet} {self.row}".strip()


Sheet = tuple[Columns, list[Answer]]


def read_returned(file: Path) -> list[Answer]:
    """Every row of ``file`` (xlsx or csv) that names an item, in the file's order.

    Raises ``PadanError`` where it is neither, is encrypted or broken, or has no heading for the items' ids
    or none for the decisions.
    """
    try:
        if not file.is_file():
            raise PadanError(f"{file.name}: is no file")
        if file.stat().st_size > LARGEST.most_bytes:
            raise PadanError(f"{file.name}: larger than {LARGEST.bytes}: no worklist that was sent out")
        with file.open("rb") as handle:
            start = handle.read(4)
        if start == OLE:
            raise PadanError(
                f"{file.name}: an old .xls or a workbook with a password; expected .xlsx without one, or csv"
            )
        sheets = _workbook(file) if start == ZIP else [_read_text(file)]
    except OSError as error:
        raise PadanError(f"{file.name}: {error.strerror or error}") from error
    named = [sheet for sheet in sheets if sheet]
    answered = [answers for columns, answers in named if "decision" in columns]
    if not answered:
        missing = DECISION_HEADINGS["decision" if named else "item_id"]
        raise PadanError(f"{file.name}: no sheet has a heading {' or '.join(map(repr, missing.values()))}")
    return [answer for answers in answered for answer in answers]


def _read_sheet(name: str, rows: Iterable[Row]) -> Sheet | None:
    """The columns of a sheet and the answers below its headings; ``None`` if it has no headings."""
    rows = iter(rows)
    for number, row in enumerate(islice(rows, HEADER_WITHIN), start=1):
        if columns := read_headings(row):
            return columns, list(_answers(name, columns, number + 1, rows))
    return None


def _answers(sheet: str, columns: Columns, first: int, rows: Iterable[Row]) -> Iterator[Answer]:
    for number, row in enumerate(rows, start=first):
        cells = {field: _text(row[at]) if at < len(row) else "" for field, at in columns.items()}
        # Ids have no blanks and only capitals, but people retype them.
        item = "".join(cells["item_id"].split()).upper()
        if item:
            yield Answer(
                sheet,
                number,
                item,
                cells.get("decision", ""),
                cells.get("note", ""),
                cells.get("proposed_nik"),
            )


def _text(cell: object) -> str:
    """A cell as a person sees it; a number written as one has no decimals here."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    # A spreadsheet's apostrophe marks text; the others are what some systems put around what they copy.
    return str(cell).strip().strip("\u200b\ufeff\u00a0").removeprefix("'").strip()


def _workbook(file: Path) -> list[Sheet | None]:
    from openpyxl import load_workbook

    # By its handle: by its name openpyxl refuses a workbook that was renamed.
    try:
        with file.open("rb") as handle:
            check_workbook(handle, LARGEST)
            book = load_workbook(handle, read_only=True, data_only=True)
            sheets = []
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some programs write a size that is not the sheet's
                rows = islice(sheet.iter_rows(values_only=True), ROWS)
                sheets.append(_read_sheet(sheet.title, rows))
    except TooMuch as error:
        raise PadanError(f"{file.name}: {error}") from error
    except Exception as error:  # whatever is inside a damaged file, it ends in this one line
        raise PadanError(f"{file.name}: is damaged and cannot be opened as a workbook") from error
    return sheets


def _read_text(file: Path) -> Sheet | None:
    text = _decode(file.read_bytes())
    sheets = (_read_sheet("", _parse(text, delimiter)) for delimiter in ",;\t|")
    return next((sheet for sheet in sheets if sheet), None)


def _decode(data: bytes) -> str:
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1").replace("\0", "")


def _parse(text: str, delimiter: str) -> list[Row]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []
