"""A cell from a stranger's record must not run in a spreadsheet, and must not lose what it says."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.publish.cells import LONGEST, csv_text, sheet_text, xml_text

CELLS = st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), min_size=1, max_size=30)


def evaluate(expression: str, values: list[str | None]) -> list[str | None]:
    """The SQL ``expression`` over ``x``, for each value."""
    with duckdb.connect() as con:
        con.execute("create table cell as select unnest(?::varchar[]) as x", [values]).fetchall()
        return [value for (value,) in con.execute(f"select {expression} from cell").fetchall()]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+62 812",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "  =1",
        "＝1",
        "－1",
        "=",
        "@",
    ],
)
def test_what_a_spreadsheet_might_run_is_text_in_both_kinds_of_file(cell: str) -> None:
    assert evaluate(csv_text("x"), [cell]) == ["'" + cell]
    assert evaluate(sheet_text("x"), [cell]) == ["'" + cell]


@pytest.mark.parametrize("cell", ["-", "--", " - ", "-.-", "- -"])
def test_dashes_alone_stay_for_programs_and_are_text_for_people(cell: str) -> None:
    assert evaluate(csv_text("x"), [cell]) == [cell]
    assert evaluate(sheet_text("x"), [cell]) == ["'" + cell]


@pytest.mark.parametrize("cell", ["5301040101900001", "MA'U", "'5301040101900001", "a=b", "", "5,30104E+15"])
def test_an_ordinary_cell_stays_as_it_is(cell: str) -> None:
    assert evaluate(csv_text("x"), [cell]) == [cell]
    assert evaluate(sheet_text("x"), [cell]) == [cell]


def test_nothing_stays_nothing() -> None:
    for rule in (csv_text, sheet_text, xml_text):
        assert evaluate(rule("x"), [None]) == [None]


def test_a_text_that_xlsxwriter_would_take_for_markup_is_text() -> None:
    assert evaluate(sheet_text("x"), ["<r><t>x</t></r>"]) == ["'<r><t>x</t></r>"]


def test_a_text_too_long_for_a_cell_says_that_it_was_cut() -> None:
    (cell,) = evaluate(sheet_text("x"), ["😀" * 40_000])
    assert cell is not None
    assert cell == "😀" * LONGEST + "…"
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767


@given(CELLS)
@settings(deadline=None)
@example(["=", "-", "'=", "\x00=", "﻿=1"])
def test_no_cell_begins_dangerously_and_each_can_be_read_back(cells: list[str]) -> None:
    for cell, written in zip(cells, evaluate(csv_text("x"), list(cells)), strict=True):
        assert written is not None
        assert not re.match(r"[ \t\r\n\f]*[=+@＝＋－＠]|[\t\r\n]", written)
        assert not written.startswith("-") or set(written) <= set("-. \t\r\n\f")
        assert written in (cell, "'" + cell)


@given(CELLS)
@settings(deadline=None)
def test_no_cell_of_a_workbook_begins_dangerously(cells: list[str]) -> None:
    for cell, written in zip(cells, evaluate(sheet_text("x"), list(cells)), strict=True):
        assert written is not None
        assert not re.match(r"[ \t\r\n\f]*[=+\-@＝＋－＠]|[\t\r\n]|<r>", written)
        assert written.removeprefix("'").replace("�", "") in cell or "�" in written


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\u200b", "\u061c", "\x9b", "\x1b"])
def test_signs_that_make_a_text_look_like_another_are_seen_in_a_workbook(sign: str) -> None:
    assert evaluate(sheet_text("x"), [f"MARIA{sign}BANI"]) == ["MARIA\ufffdBANI"]
