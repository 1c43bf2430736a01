"""The two sheets beside the list: what waits in figures, and how to fill the list in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import duckdb

from pipelines.publish.cells import sheet_text
from pipelines.publish.words import Words

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

PRIORITIES: Final = (1, 2, 3, 4, 5)
_IS_WAITING: Final = "status in ('new', 'open', 'returned')"


@dataclass(frozen=True)
class _Looks:
    """The formats of both sheets."""

    title: Format
    section: Format
    head: Format
    number_head: Format
    label: Format
    number: Format
    total: Format
    text: Format


def _looks(book: Workbook) -> _Looks:
    line = {"bottom": 1, "bottom_color": "#C9D3DC"}
    return _Looks(
        title=book.add_format({"bold": True, "font_size": 18, "font_color": "#16324F"}),
        section=book.add_format({"bold": True, "font_size": 13, "font_color": "#16324F", "valign": "bottom"}),
        head=book.add_format(
            {"bold": True, "bg_color": "#E6EDF3", "text_wrap": True, "valign": "vcenter", **line}
        ),
        number_head=book.add_format(
            {
                "bold": True,
                "bg_color": "#E6EDF3",
                "text_wrap": True,
                "align": "right",
                "valign": "vcenter",
                **line,
            }
        ),
        label=book.add_format({"num_format": "@", "valign": "top", "text_wrap": True, **line}),
        number=book.add_format({"num_format": '#,##0;-#,##0;"–"', "align": "right", "valign": "top", **line}),
        total=book.add_format({"num_format": "#,##0", "bold": True, "valign": "top", **line}),
        text=book.add_format({"text_wrap": True, "valign": "top"}),
    )


def write_summary(
    book: Workbook, con: duckdb.DuckDBPyConnection, where: str, words: Words, title: str, run_date: date
) -> None:
    """Add the sheet of figures over the items that ``where`` picks from the view ``item``."""
    sheet, looks = book.add_worksheet(words("sheet.summary")), _looks(book)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(PRIORITIES) + 1, 12)
    sheet.write_string(0, 0, title, looks.title)
    sheet.write_string(1, 0, f"{words('summary.date')}: {words.day(run_date)}")
    sheet.write_string(2, 0, words("sheet.confidential"))
    ((*figures,),) = con.execute(_HEADLINE.format(where=where, waiting=_IS_WAITING)).fetchall()
    labels = ("waiting", "most_urgent", "with_proposal", "returned", "oldest", "closed")
    for row, (label, figure) in enumerate(zip(labels, figures, strict=True), start=4):
        sheet.write_string(row, 0, words(f"summary.{label}"), looks.label)
        sheet.write_number(row, 1, figure, looks.total)
    row = _by_priority(sheet, 12, con, where, "cause", words, looks)
    _by_priority(sheet, row + 2, con, where, "district", words, looks)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.protect("", {"format_columns": True, "format_rows": True})


_HEADLINE: Final = """
select
    count(*) filter ({waiting}),
    count(*) filter ({waiting} and priority = 1),
    count(*) filter ({waiting} and proposed_nik is not null),
    count(*) filter (status = 'returned'),
    coalesce(max(age_days) filter ({waiting}), 0),
    count(*) filter (status in ('resolved', 'rejected'))
from item where ({where})
"""


def _by_priority(
    sheet: Worksheet,
    top: int,
    con: duckdb.DuckDBPyConnection,
    where: str,
    what: str,
    words: Words,
    looks: _Looks,
) -> int:
    """Write one table, a row for each cause or district, a column for each priority; return its last row."""
    group = "cause" if what == "cause" else sheet_text("district_name")
    counts = ", ".join(f"count(*) filter (priority = {priority})" for priority in PRIORITIES)
    lines = con.execute(
        f"select {group} as label, {counts}, count(*) as every from item where ({where}) and {_IS_WAITING}"
        " group by 1 order by label is null, every desc, label"
    ).fetchall()
    sheet.set_row(top, 24)
    sheet.write_string(top, 0, words(f"summary.by_{what}"), looks.section)
    headings = [words(f"summary.{what}"), *(words("summary.priority", number=p) for p in PRIORITIES)]
    for column, heading in enumerate([*headings, words("summary.total")]):
        sheet.write_string(top + 1, column, heading, looks.number_head if column else looks.head)
    row = top + 1
    for row, (label, *figures) in enumerate(lines, start=top + 2):
        name = words.either("cause", label) if what == "cause" else label or words("summary.no_district")
        _line(sheet, row, name, figures, looks.label, looks.number)
    totals = [sum(column) for column in zip(*(figures for _, *figures in lines), strict=True)]
    _line(sheet, row + 1, words("summary.total"), totals or [0] * 6, looks.total, looks.total)
    return row + 1


def _line(
    sheet: Worksheet, row: int, label: str, figures: Iterable[int], words_look: Format, number_look: Format
) -> None:
    sheet.write_string(row, 0, label, words_look)
    for column, figure in enumerate(figures, start=1):
        sheet.write_number(row, column, figure, number_look)


def write_guide(book: Workbook, words: Words) -> None:
    """Add the sheet that says how to work through the list and what each word means."""
    sheet, looks = book.add_worksheet(words("sheet.guide")), _looks(book)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, words("guide.title"), looks.title)
    row = 2
    for number, step in enumerate(words.lines("guide.steps"), start=1):
        row = _pair(sheet, row, f"{number}.", step, looks)
    sections = (
        ("decisions", {w: words(f"guide.decision.{kind}") for kind, w in words.decisions().items()}),
        ("causes", {words(f"cause.{c}"): action for c, action in words.table("action").items()}),
        ("columns", {f"{n}.": note for n, note in enumerate(words.lines("guide.columns"), start=1)}),
    )
    for name, pairs in sections:
        sheet.write_string(row + 1, 0, words(f"guide.{name}_title"), looks.section)
        row += 2
        for label, text in pairs.items():
            row = _pair(sheet, row, label, text, looks)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _pair(sheet: Worksheet, row: int, label: str, text: str, looks: _Looks) -> int:
    """Write a label and its text, tall enough for the text; return the next row."""
    sheet.set_row(row, 15.5 * (1 + len(text) // 115))
    sheet.write_string(row, 0, label, looks.label)
    sheet.write_string(row, 1, text, looks.label)
    return row + 1
