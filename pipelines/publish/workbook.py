"""The workbooks in which people act: one for the registry's officers, one for each agency.

First sheet: what waits, most urgent first, with a drop-down for the decision and a note; everything else is
locked (without a password, against slips). Then what was closed today, a summary and how to fill it in. The
headings and words that come back are those of ``pipelines.vocabulary``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from pipelines.engine import sql_text
from pipelines.publish.aside import aside_columns, lay_out_aside
from pipelines.publish.sheets import ROWS_A_SHEET, Column, Grid, Kind, fill
from pipelines.publish.summary import write_guide, write_summary
from pipelines.publish.words import Words
from pipelines.records import ItemStatus

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

WAITING: Final = (ItemStatus.NEW, ItemStatus.OPEN, ItemStatus.RETURNED)
CLOSED: Final = (ItemStatus.RESOLVED, ItemStatus.REJECTED)

INK, PAPER, INPUT = "#16324F", "#FFFFFF", "#FFF8DC"

TEXT: Final = 49
"""Excel's own number for the format ``@``."""

WRAPPED: Final = frozenset(
    {
        "person_name",
        "cause",
        "note",
        "district_name",
        "source_record_id",
        "evidence",
        "remark",
        "elements",
        "priority_reason",
    }
)
"""Columns whose text runs over several lines; all others stay on one."""

PRINTED_UP_TO: Final = "evidence"
"""The last column on paper: what follows is for searching on the screen."""


def write_workbook(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    agency: str | None,
    where: str,
    words: Words,
    run_date: date,
    rows_a_sheet: int = ROWS_A_SHEET,
    aside: str | None = None,
) -> int:
    """Write one recipient's workbook and return how many items it holds.

    ``con`` has the view ``item`` (schema ``ITEMS`` and ``place``, its order); ``where`` picks the recipient's
    items from it. ``agency`` is the agency's name, ``None`` for the registry. ``aside`` is the query for what
    could not be read of its data (``aside.aside_query``): where there is any, it fills the last sheet.
    """
    from xlsxwriter import Workbook

    skeleton = BytesIO()
    book = Workbook(skeleton, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties(
        {"title": _title(agency, words), "created": datetime.combine(run_date, datetime.min.time())}
    )
    columns = _columns(words, agency is None)
    grids: list[Grid] = []
    for name, statuses, shown in (
        ("worklist", WAITING, columns),
        ("closed", CLOSED, [c for c in columns if c.kind != "input"]),
    ):
        query = f"select * from item where ({where}) and status in ({', '.join(map(sql_text, statuses))})"
        rows = _count(con, query)
        for part, first in enumerate(range(0, max(rows, 1), rows_a_sheet)):
            title = words(f"sheet.{name}") + (f" {part + 1}" if part else "")
            here = min(rows_a_sheet, rows - first)
            _lay_out(
                book,
                title,
                shown,
                here,
                words,
                words(f"sheet.nothing_{'open' if name == 'worklist' else name}"),
            )
            grids.append(Grid(len(book.worksheets()), shown, query, first, here))
    write_summary(book, con, where, words, _title(agency, words), run_date)
    write_guide(book, words)
    items = sum(grid.rows for grid in grids)
    if aside and (rows := _count(con, aside)):
        for part, first in enumerate(range(0, rows, rows_a_sheet)):
            here = min(rows_a_sheet, rows - first)
            lay_out_aside(
                book, words("aside.title") + (f" {part + 1}" if part else ""), aside_columns(words), here
            )
            grids.append(Grid(len(book.worksheets()), aside_columns(words), aside, first, here))
    book.close()
    fill(con, skeleton, grids, path)
    return items


def _title(agency: str | None, words: Words) -> str:
    return words("summary.title_agency", name=agency) if agency else words("summary.title_registry")


def _count(con: duckdb.DuckDBPyConnection, query: str) -> int:
    ((rows,),) = con.execute(f"select count(*) from ({query})").fetchall()
    return int(rows)


def _columns(words: Words, registry: bool) -> list[Column]:
    """The columns in the order in which an officer needs them; the decision is within the first screen."""
    element = f"list_transform(string_split(elements, ';'), lambda x: {_spoken('x', words.table('element'))})"
    shown: list[tuple[str, float, Kind, str]] = [
        ("priority", 10, "number", "priority"),
        ("person_name", 26, "free", "person_name"),
        ("birth_date", 13, "day", "birth_date"),
        ("cause", 22, "own", _spoken("cause", words.table("cause"))),
        ("recorded_nik", 20, "free", "recorded_nik"),
        ("proposed_nik", 20, "own", "proposed_nik"),
        # Cut, not rounded: no proposal is certain, so none is shown at 100%.
        ("confidence", 12, "number", "printf('%.3f', floor(confidence * 1000) / 1000)"),
        ("decision", 18, "input", "null"),
        ("note", 24, "input", "null"),
        ("district_name", 18, "free", "district_name"),
        ("source", 16, "own", "source"),
        ("source_record_id", 19, "free", "source_record_id"),
        ("evidence", 52, "free", "evidence"),
        ("remark", 30, "free", "note"),
        ("elements", 22, "own", f"array_to_string({element}, ', ')"),
        ("related", 20, "free", "related"),
        ("status", 14, "own", _spoken("status", words.table("status"))),
        ("priority_reason", 40, "free", "priority_reason"),
        ("first_seen", 12, "day", "first_seen"),
        ("age_days", 10, "number", "age_days"),
        ("item_id", 27, "own", "item_id"),
    ]
    return [
        Column(key, words.heading(key), width, kind, sql, wraps=key in WRAPPED)
        for key, width, kind, sql in shown
        if registry or key != "source"
    ]


def _spoken(expression: str, table: Mapping[str, str]) -> str:
    """SQL that says a code in words; a code without a word stays as it is."""
    cases = " ".join(f"when {sql_text(code)} then {sql_text(word)}" for code, word in table.items())
    return f"case {expression} {cases} else {expression} end"


def _lay_out(
    book: Workbook, title: str, columns: Sequence[Column], rows: int, words: Words, nothing: str
) -> None:
    """Add a sheet with headings and, for ``fill``, the pattern row with each column's format."""
    sheet = book.add_worksheet(title)
    last = max(rows, 1)
    heading = book.add_format(
        {
            "bold": True,
            "font_color": PAPER,
            "bg_color": INK,
            "text_wrap": True,
            "valign": "vcenter",
            "border": 1,
        }
    )
    sheet.set_row(0, 34)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.heading, heading)
        if rows:
            sheet.write_blank(1, index, None, _format(book, column))
        if column.key == "decision":
            _drop_down(sheet, index, last, words)
    if not rows:
        sheet.write_string(1, 1, nothing, book.add_format({"italic": True}))
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A2:XFD{last + 1}"})
    _mark_urgent(book, sheet, last)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    _print_setup(sheet, words)
    printed = [column.key for column in columns].index(PRINTED_UP_TO)
    sheet.print_area(0, 0, last, printed)


def _format(book: Workbook, column: Column) -> Format:
    """How a column's cells look: numbers that identify are text, whatever the reader types over them."""
    shown: dict[Kind, str] = {"number": "0.0%" if column.key == "confidence" else "0", "day": "dd-mm-yyyy"}
    properties: dict[str, object] = {
        "num_format": shown.get(column.kind, TEXT),
        "valign": "top",
        "border": 1,
        "border_color": "#C9D3DC",
        "text_wrap": column.wraps,
        "align": {"priority": "center", "age_days": "right", "confidence": "right"}.get(column.key, "left"),
    }
    if column.kind == "input":
        properties |= {"locked": False, "bg_color": INPUT}
    if column.key in ("recorded_nik", "proposed_nik", "item_id"):
        properties |= {"font_name": "Consolas"}
    return book.add_format(properties)


def _drop_down(sheet: Worksheet, index: int, last: int, words: Words) -> None:
    """Offer the decisions, and nothing else, in the decision column."""
    sheet.data_validation(
        1,
        index,
        last,
        index,
        {
            "validate": "list",
            "source": list(words.decisions().values()),
            "input_title": words("sheet.decision.title"),
            "input_message": words("sheet.decision.message"),
            "error_title": words("sheet.decision.error_title"),
            "error_message": words("sheet.decision.error"),
        },
    )


def _mark_urgent(book: Workbook, sheet: Worksheet, last: int) -> None:
    """Colour the two most urgent priorities; the number says the same to who sees no colour."""
    for priority, paper, ink in ((1, "#F8D7D3", "#8A1C12"), (2, "#FCE8CF", "#7A4A00")):
        look = book.add_format({"bg_color": paper, "font_color": ink, "bold": True})
        sheet.conditional_format(
            1, 0, last, 0, {"type": "cell", "criteria": "==", "value": priority, "format": look}
        )


def _print_setup(sheet: Worksheet, words: Words) -> None:
    """Landscape A4, one page wide, headings on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{words('sheet.confidential')}&R{words('sheet.page')} &P {words('sheet.of')} &N")
