"""Spreadsheets: numbers as floats, dates as dates, titles above the header, several sheets."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.errors import SourceUnreadable
from tests.extract.office import HEADER, PATIENTS, Office, packed

Sheets = dict[str, list[list[Any]]]


@pytest.fixture
def workbook(office: Office) -> Callable[[Sheets, str], Path]:
    def write(sheets: Sheets, name: str = "pasien.xlsx") -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = office.folder / name
        book.save(path)
        return path

    return write


def test_a_sheet_gives_what_a_text_file_gives(office: Office, workbook: Any) -> None:
    workbook({"pasien": [list(HEADER), *map(list, PATIENTS)]})
    reading = office.read("pasien.xlsx")
    assert reading.column("row") == [2, 3, 4]
    assert reading.column("name") == [p[1] for p in PATIENTS]
    assert reading.column("nik") == [p[2] for p in PATIENTS]
    assert reading.column("mother_name") == ["MARIA BANA", 'ESTER "ETI" LAIK', None]


def test_numbers_keep_every_digit_they_have(office: Office, workbook: Any) -> None:
    numbers = [5301061203790003, 5301061203790000.0, 8888, 101, 1.5, "5301061203790003 "]
    path = workbook({"s": [list(HEADER), *(["1", "A", n, "L", "1990-01-01", "B"] for n in numbers)]})
    _replace_in_sheet(path, b"<v>8888</v>", b"<v>9471061203790003</v>")
    assert office.read("pasien.xlsx").column("nik") == [
        "5301061203790003",
        "5301061203790000",  # the sixteenth digit was lost in Excel, and that can be seen
        "9471061203790003",  # Papua: beyond 2^53, where a float would round
        "101",
        "1.5",
        "5301061203790003 ",
    ]


def test_a_number_in_scientific_writing_keeps_its_fifteen_digits(office: Office, workbook: Any) -> None:
    """Excel itself writes long numbers so into the file: 15 digits and an exponent."""
    path = workbook({"s": [list(HEADER), ["1", "A", 8888, "L", "1990-01-01", "B"]]})
    _replace_in_sheet(path, b"<v>8888</v>", b"<v>9.47106120379001E+15</v>")
    assert office.read("pasien.xlsx").column("nik") == ["9471061203790010"]


def test_dates_become_iso_text_and_serials_stay_numbers(office: Office, workbook: Any) -> None:
    dates = [date(1979, 3, 12), datetime(1979, 3, 12, 13, 5), 28926, "12-03-1979", True]
    workbook({"s": [list(HEADER), *([i, "A", "1", "L", d, "B"] for i, d in enumerate(dates))]})
    assert office.read("pasien.xlsx").column("birth_date") == [
        "1979-03-12",
        "1979-03-12 13:05:00",
        "28926",
        "12-03-1979",
        "true",
    ]


def test_titles_above_the_header_and_a_sheet_before_the_right_one(office: Office, workbook: Any) -> None:
    workbook(
        {
            "petunjuk": [["Cara mengisi"], ["nama", "nik"]],
            "data": [["RSUD NAIBONAT"], [], ["Daftar pasien"], list(HEADER), *map(list, PATIENTS)],
        }
    )
    reading = office.read("pasien.xlsx")
    assert reading.column("row") == [5, 6, 7]
    assert reading.column("record_id") == ["000101", "000102", "000103"]


def test_empty_rows_are_no_data_and_gaps_keep_the_row_numbers(office: Office) -> None:
    book = openpyxl.Workbook()
    for column, name in enumerate(HEADER, 1):
        book.active.cell(1, column, name)
    book.active.cell(3, 1, "A1")
    book.active.cell(900, 1, "A2")
    book.active.cell(901, 9, "   ")
    book.save(office.folder / "pasien.xlsx")
    reading = office.read("pasien.xlsx")
    assert reading.column("row") == [3, 900]
    assert reading.inputs[0]["rows"] == 2


def test_a_row_shorter_or_longer_than_the_header_is_a_row(office: Office, workbook: Any) -> None:
    workbook({"s": [list(HEADER), ["1", "A"], [*PATIENTS[1], "remark", "another"]]})
    reading = office.read("pasien.xlsx")
    assert reading.column("record_id") == ["1", "000102"]
    assert reading.aside == []


def test_sheets_pasted_together_repeat_their_header(office: Office, workbook: Any) -> None:
    workbook({"s": [list(HEADER), list(PATIENTS[0]), [h.upper() for h in HEADER], list(PATIENTS[1])]})
    reading = office.read("pasien.xlsx")
    assert reading.column("row") == [2, 4]
    assert [(r["row"], r["reason"]) for r in reading.aside] == [(3, "header_again")]
    assert reading.inputs[0]["rows"] == 3


def test_what_a_sheet_says_of_its_own_size_is_not_believed(office: Office, workbook: Any) -> None:
    path = workbook({"s": [list(HEADER), *map(list, PATIENTS)]})
    _replace_in_sheet(path, rb'<dimension ref="A1:F4"', b'<dimension ref="A1:A1"')
    assert office.read("pasien.xlsx").column("name") == [p[1] for p in PATIENTS]


def test_formulas_count_as_the_values_they_were_saved_with(office: Office, workbook: Any) -> None:
    path = workbook({"s": [list(HEADER), ["1", "A", "=1+1", "L", "1990-01-01", "B"]]})
    # openpyxl writes the empty value in one of two ways, as lxml is installed or not.
    _replace_in_sheet(path, rb"<f>1\+1</f><v>?(</v>| ?/>)", b"<f>1+1</f><v>5301061203790003</v>")
    assert office.read("pasien.xlsx").column("nik") == ["5301061203790003"]


@pytest.mark.parametrize("name", ["pasien.xlsx.gz", "pasien.csv"])
def test_a_workbook_is_known_by_its_bytes(office: Office, workbook: Any, name: str) -> None:
    content = workbook({"s": [list(HEADER), *map(list, PATIENTS)]}).read_bytes()
    office.write(name, packed(content) if name.endswith("gz") else content)
    assert office.read(name).column("record_id") == ["000101", "000102", "000103"]


def test_more_rows_than_a_batch(office: Office) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for i in range(11_000):
        sheet.append([i, "A", i, "L", "1990-01-01", "B"])
    book.save(office.folder / "pasien.xlsx")
    reading = office.read("pasien.xlsx")
    assert reading.column("record_id") == [str(i) for i in range(11_000)]
    assert reading.column("row") == list(range(2, 11_002))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 not a zip at all", "not a whole workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not a whole workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(office: Office, content: bytes, reason: str) -> None:
    office.write("pasien.xlsx", content)
    with pytest.raises(SourceUnreadable, match=rf"pasien\.xlsx: .*{reason}"):
        office.read("pasien.xlsx")


def test_a_workbook_cut_short_is_refused(office: Office, workbook: Any) -> None:
    content = workbook({"s": [list(HEADER), *map(list, PATIENTS)]}).read_bytes()
    office.write("pasien.xlsx", content[: len(content) // 2])
    with pytest.raises(SourceUnreadable, match="not a whole workbook"):
        office.read("pasien.xlsx")


def test_a_sheet_damaged_in_the_middle_is_refused(office: Office, workbook: Any) -> None:
    path = workbook({"s": [list(HEADER), *([str(i), "A", "1", "L", "", ""] for i in range(30))]})
    _replace_in_sheet(path, b'<row r="29"', b'<row r="29" <')
    with pytest.raises(SourceUnreadable, match="not a whole workbook"):
        office.read("pasien.xlsx")


def test_an_empty_workbook_is_refused(office: Office, workbook: Any) -> None:
    workbook({"s": []})
    with pytest.raises(SourceUnreadable, match="workbook is empty"):
        office.read("pasien.xlsx")


def test_missing_columns_are_named_with_the_sheet_that_came_nearest(office: Office, workbook: Any) -> None:
    workbook({"a": [["x", "y"]], "b": [["Nama Pasien", "No. KTP/SIM", "telepon"], ["A", "1", "2"]]})
    with pytest.raises(SourceUnreadable, match=r"columns there: Nama Pasien, No\. KTP/SIM, telepon"):
        office.read("pasien.xlsx")


def _replace_in_sheet(path: Path, old: bytes, new: bytes) -> None:
    """Put `new` where the pattern `old` stands in the XML of every sheet, as another program might have written it."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            if name.startswith("xl/worksheets/"):
                content, found = re.subn(old, new, content)
                assert found, content
            book.writestr(name, content)
