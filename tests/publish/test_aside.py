"""What could not be read goes back to whose data it is: the last sheet of the agency's workbook."""

from __future__ import annotations

from typing import Any, Literal

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.engine import write_table
from pipelines.records import QUARANTINE
from tests.publish.office import Office

AGENCY = "dapodik-kupang"


def line(row: int, reason: str, **more: Any) -> dict[str, Any]:
    known = {"source": AGENCY, "stage": "standardise", "scope": "value", "file": "siswa.csv", "row": row}
    return (
        known | {"column": "birth_date", "value": "3*******", "reason": reason, "expected": "a date"} | more
    )


BROKEN = line(
    7,
    "too_many_columns",
    stage="extract",
    scope="row",
    column=None,
    value="=HYPERLINK",
    expected="6 columns, seen 7",
)
FAULTY = [line(12, "date_unreadable"), line(3, "nik_malformed", column="nik", value="5301********0001")]


def returned(
    office: Office, lines: list[dict[str, Any]], language: Literal["id", "en"] = "id"
) -> list[Worksheet]:
    """The sheets of the agency's workbook, once these lines were put aside."""
    for stage in ("extract", "standardise"):
        some = [each for each in lines if each["stage"] == stage]
        table = pa.Table.from_pylist(some, QUARANTINE)
        write_table(table, office.settings.folder(f"quarantine/{stage}/{AGENCY}"))
    office.publish(language=language)
    return openpyxl.load_workbook(office.folder / "returns" / f"{AGENCY}.xlsx").worksheets


@pytest.mark.parametrize(
    ("language", "title", "headings", "first", "second"),
    [
        (
            "id",
            "Tidak terbaca",
            (
                "Berkas",
                "Baris",
                "Kolom",
                "Isi (disamarkan)",
                "Alasan",
                "Yang diharapkan",
                "Yang ditinggalkan",
            ),
            (
                "siswa.csv",
                3,
                "NIK",
                "5301********0001",
                "NIK tidak sah",
                "NIK enam belas digit",
                "nilainya saja",
            ),
            "kolom berlebih",
        ),
        (
            "en",
            "Not read",
            ("File", "Row", "Column", "Content (masked)", "Reason", "Expected", "Left out"),
            (
                "siswa.csv",
                3,
                "NIK",
                "5301********0001",
                "NIK malformed",
                "a NIK of sixteen digits",
                "value only",
            ),
            "too many columns",
        ),
    ],
)
def test_each_line_says_where_what_and_why(
    office: Office, language: Literal["id", "en"], title: str, headings: object, first: object, second: str
) -> None:
    sheet = returned(office, [BROKEN, *FAULTY], language)[-1]
    found, *rows = sheet.iter_rows(values_only=True)
    assert (sheet.title, found) == (title, headings)
    assert rows[0][:6] == first[:6]  # type: ignore[index]
    assert [row[1] for row in rows] == [3, 7, 12]
    assert (rows[1][2], rows[1][3], rows[1][4]) == (None, "'=HYPERLINK", second)


def test_a_reason_nobody_has_put_into_words_keeps_its_own(office: Office) -> None:
    sheet = returned(office, [line(1, "odd_reason", expected="something else")])[-1]
    assert [cell.value for cell in sheet[2]][4:6] == ["odd_reason", "something else"]


def test_where_all_could_be_read_there_is_no_such_sheet(office: Office) -> None:
    assert "Tidak terbaca" not in [sheet.title for sheet in returned(office, [])]


def test_no_agency_sees_what_is_anothers(office: Office) -> None:
    returned(office, FAULTY)
    other = openpyxl.load_workbook(office.folder / "returns" / "rsud-naibonat.xlsx")
    cells = [c for sheet in other.worksheets for row in sheet.iter_rows(values_only=True) for c in row]
    assert "siswa.csv" not in cells
