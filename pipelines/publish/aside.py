"""The last sheet of an agency's workbook: what could not be read of its data, for whoever can put it right there.

A line a row or value: where it lies, what stands there (masked), why it could not be read, what was expected.
Rows of scope ``row`` are in no other sheet, since nothing more is known of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from pipelines.engine import PART, sql_text
from pipelines.publish.sheets import Column, Kind
from pipelines.publish.words import Words
from pipelines.settings import Settings

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

INK, PAPER, LINES = "#16324F", "#FFFFFF", "#C9D3DC"
TEXT: Final = 49
"""Excel's own number for the format ``@``."""

STAGES: Final = ("extract", "standardise")


def aside_query(source: str, settings: Settings) -> str | None:
    """The query for a source's quarantine with ``place``, its order; None where the run has none of it."""
    files = [settings.folder(f"quarantine/{stage}/{source}") / PART for stage in STAGES]
    there = [sql_text(file) for file in files if file.is_file()]
    if not there:
        return None
    order = '"file", "row", scope, "column" nulls first, reason'
    read = f"read_parquet([{', '.join(there)}])"
    return f"select *, row_number() over (order by {order}) as place from {read}"


def aside_columns(words: Words) -> list[Column]:
    """The columns, in the order in which one looks for a row."""
    expected, fields = words.table("expected"), words.table("field")
    shown: list[tuple[str, float, Kind, str, bool]] = [
        ("file", 24, "free", '"file"', False),
        ("row", 10, "number", '"row"', False),
        ("field", 20, "own", _spoken('"column"', fields, '"column"'), False),
        ("value", 24, "free", '"value"', False),
        ("reason", 30, "own", _spoken("reason", words.table("reason"), "reason"), True),
        ("expected", 60, "free", _spoken("reason", expected, "expected"), True),
        ("scope", 18, "own", _spoken("scope", words.table("report.scope"), "scope"), False),
    ]
    return [Column(k, words(f"aside.{k}"), width, kind, sql, wraps) for k, width, kind, sql, wraps in shown]


def lay_out_aside(book: Workbook, title: str, columns: Sequence[Column], rows: int) -> None:
    """Add the sheet with its headings and the pattern row that ``sheets.fill`` replaces."""
    sheet = book.add_worksheet(title)
    heading = book.add_format(
        {"bold": True, "font_color": PAPER, "bg_color": INK, "text_wrap": True, "valign": "vcenter"}
    )
    for index, column in enumerate(columns):
        look = {"num_format": "0" if column.kind == "number" else TEXT, "text_wrap": column.wraps}
        look |= {"valign": "top", "border": 1, "border_color": LINES}
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.heading, heading)
        sheet.write_blank(1, index, None, book.add_format(look))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, rows, len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A2:XFD{rows + 1}"})
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _spoken(expression: str, table: Mapping[str, str], otherwise: str) -> str:
    cases = " ".join(f"when {sql_text(code)} then {sql_text(word)}" for code, word in table.items())
    return f"case {expression} {cases} else {otherwise} end"
