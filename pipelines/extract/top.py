"""The first rows of a file as they lie there, before anybody knows which of them is the header.

A text file gives one grid for each delimiter that it might have, a workbook one for each sheet. Formats that
name their columns themselves (json, parquet) give none.
"""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

from pipelines.extract.readers import READERS, reader_of
from pipelines.extract.readers.delimited import DELIMITERS
from pipelines.extract.readers.workbook import first_rows_of_sheets
from pipelines.extract.stream import utf8, whole_lines

TOP = 40
"""Lines or rows of a grid."""

Grid = list[list[str]]
"""Rows of cells as text; an empty cell is empty text."""


def grids(path: Path) -> list[Grid]:
    """Every way to see the top of a file as a table. Raises ``Unreadable`` for what is no table at all."""
    reader = reader_of(path)
    if reader is READERS["workbook"]:
        return first_rows_of_sheets(path, TOP)
    if reader is not READERS["delimited"]:
        return []
    block = next(whole_lines(utf8(path, peek=True)), b"")
    lines = [line + "\n" for line in block.decode("utf-8").split("\n")[:TOP]]
    return [_split(lines, delimiter) for delimiter in DELIMITERS]


def _split(lines: list[str], delimiter: str) -> Grid:
    try:
        return list(islice(csv.reader(lines, delimiter=delimiter), TOP))
    except csv.Error:
        return [line.rstrip("\r\n").split(delimiter) for line in lines]
