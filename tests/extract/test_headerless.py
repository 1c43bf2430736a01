"""Files that have no header line: the layout names their columns."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipelines.errors import SourceUnreadable
from pipelines.layouts import Layout
from tests.extract.office import HEADER, PATIENTS, Office, packed, table

COLUMNS = {"record_id": ("a",), "name": ("b",), "nik": ("c",), "mother_name": ("f",)}


@pytest.fixture
def bare() -> Layout:
    return Layout(name="bare", columns=COLUMNS, required=("record_id", "nik"), header=tuple("abcdef"))


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_text_from_its_first_line_on(office: Office, bare: Layout, delimiter: str) -> None:
    text = table(PATIENTS[1:], PATIENTS[0], delimiter=delimiter)
    office.write("pasien.txt", text)
    reading = office.read("pasien.txt", bare)
    assert reading.column("record_id") == ["000101", "000102", "000103"]
    assert reading.column("mother_name") == ["MARIA BANA", 'ESTER "ETI" LAIK', None]
    assert reading.column("row") == [1, 2, 3]
    office.write("pasien.txt.gz", packed(text))
    assert office.read("pasien.txt.gz", bare).column("nik") == reading.column("nik")


def test_a_row_of_another_width_is_put_aside(office: Office, bare: Layout) -> None:
    office.write("pasien.txt", table(PATIENTS[1:], PATIENTS[0]) + "000104,X\n" + "7," * 9 + "\n")
    reading = office.read("pasien.txt", bare)
    assert len(reading.rows) == 3
    assert [(r["row"], r["reason"]) for r in reading.aside] == [
        (4, "too_few_columns"),
        (5, "too_many_columns"),
    ]


def test_a_workbook_from_its_first_row_on(office: Office, bare: Layout) -> None:
    book = openpyxl.Workbook()
    for row in PATIENTS:
        book.active.append(row)
    book.save(Path(office.folder) / "pasien.xlsx")
    reading = office.read("pasien.xlsx", bare)
    assert reading.column("record_id") == ["000101", "000102", "000103"]
    assert reading.column("row") == [1, 2, 3]


def test_without_it_a_row_of_data_is_no_header(office: Office) -> None:
    office.write("pasien.txt", table(PATIENTS[1:], PATIENTS[0]))
    with pytest.raises(SourceUnreadable, match="the first line looks like data, a header was expected"):
        office.read("pasien.txt")


def test_an_empty_file_is_still_none(office: Office, bare: Layout) -> None:
    office.write("pasien.txt", "")
    with pytest.raises(SourceUnreadable, match="the file is empty"):
        office.read("pasien.txt", bare)


def test_every_column_of_the_usual_header_counts(office: Office) -> None:
    """The names may be those that a shipped layout knows."""
    layout = office.source("x").layout.model_copy(update={"header": HEADER})
    office.write("pasien.txt", table(PATIENTS[1:], PATIENTS[0]))
    assert office.read("pasien.txt", layout).column("nik") == [p[2] for p in PATIENTS]
