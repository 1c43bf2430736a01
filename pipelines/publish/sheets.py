"""Sheets of many rows, made in SQL: xlsxwriter lays the workbook out, DuckDB writes its rows.

Writing a million cells one by one from Python takes several seconds. Here xlsxwriter makes the workbook with
its formats, headings, drop-downs and protection but only one row of data, a pattern with each column's
format. That row is then replaced, inside the workbook's XML, by all rows, which DuckDB has put together as
text. The result is an ordinary workbook with inline strings; nothing passes through temporary files, and the
same rows give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import duckdb

from pipelines.publish.cells import sheet_text, xml_text

ROWS_A_SHEET: Final = 500_000
"""Excel opens 1,048,576 rows, but no archive part above 2 GiB; more rows go to a further sheet."""

PATTERN_ROW: Final = 2
"""The row below the headings: the pattern's place, and where the data begin."""

BATCH: Final = 5_000

LINE: Final = 15
"""A line's height in points. Rows say how tall they are: not every program measures wrapped text."""

LINES: Final = 12
"""A row is at most this many lines tall; what is longer is read in the cell itself."""

_STAMP: Final = (1980, 1, 1, 0, 0, 0)
_PATTERN: Final = re.compile(rb'<row r="2"[^>]*>(.*?)</row>', re.DOTALL)
_STYLE: Final = re.compile(rb'<c r="[A-Z]+2" s="(\d+)"/>')
_DIMENSION: Final = re.compile(rb'<dimension ref="A1:([A-Z]+)\d+"/>')

Kind = Literal["own", "free", "number", "day", "input"]
"""``own``: our words and codes; ``free``: a source's text, neutralised; ``day``: a date; ``input``: empty."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: heading, width in letters, the SQL that gives its value, whether that wraps."""

    key: str
    heading: str
    width: float
    kind: Kind
    sql: str = "null"
    wraps: bool = False


@dataclass(frozen=True)
class Grid:
    """The rows of one sheet of a workbook (counted from 1).

    ``query`` gives the items with ``place``, their order; the sheet holds ``rows`` of them after ``first``.
    """

    sheet: int
    columns: Sequence[Column]
    query: str
    first: int
    rows: int


def fill(con: duckdb.DuckDBPyConnection, skeleton: BytesIO, grids: Sequence[Grid], path: Path) -> None:
    """Write the workbook ``skeleton`` to ``path``, the rows of ``grids`` in place of each pattern row."""
    by_part = {f"xl/worksheets/sheet{grid.sheet}.xml": grid for grid in grids if grid.rows}
    with ZipFile(skeleton) as source, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=4) as target:
        for name in source.namelist():
            part = ZipInfo(name, _STAMP)
            part.compress_type = ZIP_DEFLATED
            content = source.read(name)
            with target.open(part, "w") as handle:
                if name not in by_part:
                    handle.write(content)
                    continue
                for chunk in _filled(con, content, by_part[name]):
                    handle.write(chunk)


def _filled(con: duckdb.DuckDBPyConnection, xml: bytes, grid: Grid) -> Iterator[bytes]:
    """A sheet's XML, piece by piece, with the pattern row replaced."""
    pattern = _PATTERN.search(xml)
    styles = _STYLE.findall(pattern[1]) if pattern else []
    if pattern is None or len(styles) != len(grid.columns):
        raise RuntimeError("the workbook's pattern row is not as it was laid out")
    size = rb'<dimension ref="A1:\g<1>%d"/>' % (grid.rows + 1)
    yield _DIMENSION.sub(size, xml[: pattern.start()], count=1)
    cursor = con.cursor()
    cursor.execute(_rows_sql(grid, [int(style) for style in styles]))
    while batch := cursor.fetchmany(BATCH):
        yield "".join(row for (row,) in batch).encode()
    yield xml[pattern.end() :]


def _rows_sql(grid: Grid, styles: Sequence[int]) -> str:
    """SQL for the XML of each row; ``line`` is its number on the sheet."""
    cells = " || ".join(
        _cell_sql(column, _letters(index), style)
        for index, (column, style) in enumerate(zip(grid.columns, styles, strict=True))
    )
    values = ", ".join(f'{column.sql} as "{column.key}"' for column in grid.columns)
    return (
        f"select '<row r=\"' || line || '\" ht=\"' || {_height_sql(grid)} || '\" customHeight=\"1\">'"
        f" || {cells} || '</row>' from ("
        f"select row_number() over (order by place) + {PATTERN_ROW - 1 - grid.first} as line, {values}"
        f" from ({grid.query})"
        f" order by place limit {grid.rows} offset {grid.first}) order by line"
    )


def _height_sql(grid: Grid) -> str:
    """SQL for a row's height: enough lines for the longest of its wrapped texts."""
    lines = [
        f'ceil(coalesce(length("{c.key}"), 0) / {c.width - 2})'
        for c in grid.columns
        if c.wraps and c.sql != "null"
    ]
    return (
        f"cast({LINE} * least({LINES}, greatest(1, {', '.join(lines)})) as integer)" if lines else str(LINE)
    )


def _cell_sql(column: Column, letters: str, style: int) -> str:
    """SQL for one cell; null gives an empty cell that still has its format (and so its lock)."""
    value = f'"{column.key}"'
    start = f'\'<c r="{letters}\' || line || \'" s="{style}"'
    empty = f"{start}/>'"
    if column.kind == "input":
        return empty
    text = xml_text(sheet_text(value) if column.kind == "free" else value)
    string = f'{start} t="inlineStr"><is><t xml:space="preserve">\' || {text} || \'</t></is></c>\''
    if column.kind == "number":
        return f"coalesce({start}><v>' || {value} || '</v></c>', {empty})"
    if column.kind == "day":
        # Excel counts days from here, but knows no day before March 1900 as it truly was: those stay text.
        serial = f"date_diff('day', date '1899-12-30', {value})"
        number = f"{start}><v>' || {serial} || '</v></c>'"
        text = f"{start} t=\"inlineStr\"><is><t>' || strftime({value}, '%d-%m-%Y') || '</t></is></c>'"
        return f"coalesce(case when {value} >= date '1900-03-01' then {number} else {text} end, {empty})"
    return f"coalesce({string}, {empty})"


def _letters(index: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    high, low = divmod(index, 26)
    return (_letters(high - 1) if high else "") + chr(ord("A") + low)
