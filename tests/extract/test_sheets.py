"""What clerks do to sheets: merge, hide, copy, calculate; and the sheet of two header rows that Dapodik makes."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from pipelines.errors import SourceUnreadable
from pipelines.extract.columns import two_rows
from pipelines.extract.readers import sheets, workbook
from pipelines.layouts import load_layout
from tests.extract.office import HEADER, PATIENTS, Office

GROUP = ("Nama", "Tahun Lahir", "Jenjang Pendidikan", "Pekerjaan", "Penghasilan", "NIK")
OWN = (
    "No",
    "Nama",
    "NIPD",
    "JK",
    "NISN",
    "Tempat Lahir",
    "Tanggal Lahir",
    "NIK",
    "Agama",
    "Alamat",
    "RT",
    "RW",
)
WHERE = ("Dusun", "Kelurahan", "Kecamatan", "Kode Pos", "Jenis Tinggal", "Alat Transportasi", "Telepon", "HP")
SINGLE = (*OWN, *WHERE, "E-Mail", "SKHUN", "Penerima KPS", "No. KPS")
AFTER = ("Rombel Saat Ini", "No Peserta Ujian Nasional", "Sekolah Asal", "No KK", "Berat Badan")
GROUPS = ("Data Ayah", "Data Ibu", "Data Wali")


def pupil(number: int, nik: str, father: str, mother: str, guardian: str = "") -> list[Any]:
    """A row of the sheet; parents by their numbers, their names made from them."""
    own = [
        number,
        f"MURID {number}",
        f"P{number}",
        "L",
        f"{number:010}",
        "KUPANG",
        "2015-06-30",
        nik,
        "Katolik",
    ]
    own += [
        "Jl. Timor",
        1,
        2,
        "-",
        "Naibonat",
        "Kec. Kupang Timur",
        "85362",
        "",
        "",
        "",
        "",
        "",
        "",
        "Tidak",
        "",
    ]
    parents: list[Any] = []
    for parent in (father, mother, guardian):
        parents += [f"ORANG TUA {parent[-4:]}" if parent else "", 1980, "SMA", "Petani", "", parent]
    return [*own, *parents, "Kelas 3", "", "SDN 1", "5301061203790099", 20]


def daftar(path: Path, rows: list[list[Any]], merged: bool = True) -> None:
    """ "Daftar Peserta Didik" as Dapodik writes it: four title lines, two header rows with merged cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Daftar Peserta Didik"
    for title in (
        "Daftar Peserta Didik",
        "SD NEGERI 1 NAIBONAT",
        "Kecamatan Kec. Kupang Timur",
        "Tanggal Unduh",
    ):
        sheet.append([title])
    groups: list[Any] = [cell for name in GROUPS for cell in (name, *[None if merged else name] * 5)]
    sheet.append([*SINGLE, *groups, *AFTER])
    sheet.append([*[None] * len(SINGLE), *GROUP * 3, *[None] * len(AFTER)])
    if merged:
        for at in range(1, len(SINGLE) + 1):
            sheet.merge_cells(start_row=5, end_row=6, start_column=at, end_column=at)
        for at in range(3):
            left = len(SINGLE) + 1 + 6 * at
            sheet.merge_cells(start_row=5, end_row=5, start_column=left, end_column=left + 5)
    for row in rows:
        sheet.append(row)
    book.save(path)


PUPILS = [
    pupil(1, "5301063006150001", "5301061203790003", "5301066509830002"),
    pupil(2, "", "", "5301066509830004", "5301061203600001"),
    pupil(3, "5301063006150003", "5301061203790005", ""),
]


@pytest.mark.parametrize("merged", [True, False])
def test_dapodiks_sheet_keeps_the_four_numbers_apart(office: Office, merged: bool) -> None:
    daftar(office.folder / "siswa.xlsx", PUPILS, merged)
    reading = office.read("siswa.xlsx", "dapodik")
    assert reading.column("row") == [7, 8, 9]
    assert reading.column("nik") == ["5301063006150001", None, "5301063006150003"]
    assert reading.column("father_nik") == ["5301061203790003", None, "5301061203790005"]
    assert reading.column("mother_nik") == ["5301066509830002", "5301066509830004", None]
    assert reading.column("name") == ["MURID 1", "MURID 2", "MURID 3"]
    assert reading.column("father_name") == ["ORANG TUA 0003", None, "ORANG TUA 0005"]
    assert reading.column("mother_name") == ["ORANG TUA 0002", "ORANG TUA 0004", None]
    assert set(reading.column("kk")) == {"5301061203790099"}
    assert set(reading.column("district_name")) == {"Kec. Kupang Timur"}
    assert reading.column("record_id") == ["0000000001", "0000000002", "0000000003"]
    assert reading.aside == []


def test_the_two_header_rows_again_further_down(office: Office) -> None:
    """Classes pasted below each other."""
    path = office.folder / "siswa.xlsx"
    daftar(path, PUPILS[:1])
    book = openpyxl.load_workbook(path)
    sheet = book.active
    top = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5, max_row=6)]
    for row in (*top, PUPILS[1]):
        sheet.append(row)
    book.save(path)
    reading = office.read("siswa.xlsx", "dapodik")
    assert reading.column("name") == ["MURID 1", "MURID 2"]
    assert [(r["row"], r["reason"]) for r in reading.aside] == [(8, "header_again"), (9, "header_again")]


def test_a_row_of_data_is_no_second_header_row(tmp_path: Path) -> None:
    layout = load_layout("dapodik", tmp_path)
    assert two_rows(layout, ["NISN", "Data Ibu", ""], ["", "Nama", "NIK"]) == (
        "NISN",
        "Data Ibu/Nama",
        "Data Ibu/NIK",
    )
    assert two_rows(layout, ["NISN", "Data Ibu", ""], ["0001", "Nama", "NIK"]) is None
    assert two_rows(layout, ["NISN", "Nama", "Nik"], ["0001", "A", "1"]) is None
    assert two_rows(layout, ["NISN", "Catatan", ""], ["", "Nama", "NIK"]) is None
    assert two_rows(layout, ["NISN", "Nama", "", ""], ["", "", "", ""]) is None


def save(office: Office, rows: list[list[Any]], *merges: str) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    path = office.folder / "pasien.xlsx"
    book.save(path)
    return path


def test_a_cell_merged_over_several_rows_counts_for_each(office: Office) -> None:
    """A mother written once beside her three children."""
    children = [[str(i), f"ANAK {i}", f"{i:016}", "L", "2015-01-01", "MARIA"] for i in range(6)]
    save(office, [["DAFTAR", *[None] * 5], list(HEADER), *children], "A1:F1", "F4:F6", "E7:E8")
    reading = office.read("pasien.xlsx")
    assert reading.column("mother_name") == ["MARIA"] * 6
    assert reading.column("birth_date") == ["2015-01-01"] * 6
    assert reading.column("row") == [3, 4, 5, 6, 7, 8]


def test_merged_cells_make_no_rows(office: Office) -> None:
    """A remark merged over empty rows below the table is one row without a record, not five."""
    save(office, [list(HEADER), list(PATIENTS[0]), ["Keterangan"]], "A3:A9")
    assert office.read("pasien.xlsx").column("row") == [2, 3]


class Part:
    """The XML of a sheet as openpyxl hands it over."""

    def __init__(self, xml: bytes) -> None:
        self._get_source = lambda: BytesIO(xml)


@pytest.mark.parametrize("before", range(0, 40, 3))
def test_merges_are_found_wherever_the_list_is_cut(before: int) -> None:
    """The list is read a mebibyte at a time; no cell of it may be torn at the cut, or counted twice."""
    spans = [(at % 30, 2 * at + 2, 2 * at + 3) for at in range(40_000)]
    cells = "".join(
        f'<mergeCell ref="{get_column_letter(c + 1)}{top}:{get_column_letter(c + 1)}{bottom}"/>'
        for c, top, bottom in spans
    )
    xml = " " * before + f'<mergeCells><mergeCell ref="A1:C1"/>{cells}</mergeCells>'
    assert len(xml) > 1 << 20
    assert workbook._merged(Part(xml.encode())) == sorted(spans)


def test_hidden_rows_and_columns_are_data(office: Office) -> None:
    path = save(office, [list(HEADER), *map(list, PATIENTS)])
    book = openpyxl.load_workbook(path)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.active.auto_filter.ref = "A1:F4"
    book.save(path)
    assert office.read("pasien.xlsx").column("nik") == [p[2] for p in PATIENTS]


def test_the_visible_one_of_two_sheets_that_would_do(office: Office) -> None:
    book = openpyxl.Workbook()
    old, new = book.active, book.create_sheet("baru")
    for sheet, name in ((old, "OLD"), (new, "NEW")):
        sheet.append(HEADER)
        sheet.append(["1", name, "1", "L", "1990-01-01", "B"])
    old.sheet_state = "hidden"
    book.active = new
    book.save(office.folder / "pasien.xlsx")
    assert office.read("pasien.xlsx").column("name") == ["NEW"]


def test_a_hidden_sheet_is_read_where_no_other_will_do(office: Office) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Cara mengisi"])
    data = book.create_sheet("data")
    data.append(HEADER)
    data.append(["1", "A", "1", "L", "1990-01-01", "B"])
    data.sheet_state = "hidden"
    book.save(office.folder / "pasien.xlsx")
    assert office.read("pasien.xlsx").column("name") == ["A"]


def test_dates_as_dates_serials_and_text_in_one_column(office: Office) -> None:
    days = [date(1990, 2, 3), 32907, "03-02-1990", "'1990-02-03", 32907.5, "3 Februari 1990"]
    save(office, [list(HEADER), *([str(i), "A", "1", "L", d, "B"] for i, d in enumerate(days))])
    assert office.read("pasien.xlsx").column("birth_date") == [
        "1990-02-03",
        "32907",
        "03-02-1990",
        "'1990-02-03",
        "32907.5",
        "3 Februari 1990",
    ]


def test_numbers_that_became_floats_and_texts_stay_what_they_look_like(office: Office) -> None:
    numbers = [
        "5.30106E+15",
        "5,30106120379E+15",
        "5301061203790003.0",
        "'5301061203790003",
        5301061203790003.0,
    ]
    save(office, [list(HEADER), *([str(i), "A", n, "L", "1990-01-01", "B"] for i, n in enumerate(numbers))])
    assert office.read("pasien.xlsx").column("nik") == [*numbers[:4], "5301061203790003"]


def test_only_headers_is_a_table_without_rows(office: Office) -> None:
    save(office, [list(HEADER)])
    assert office.read("pasien.xlsx").rows == []


def test_a_workbook_that_openpyxl_stumbles_over_is_no_crash(office: Office) -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("grafik")  # without a chart
    book.save(office.folder / "pasien.xlsx")
    with pytest.raises(SourceUnreadable, match="not a whole workbook"):
        office.read("pasien.xlsx")


def test_more_rows_than_a_batch_under_a_merge(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "BATCH", 3)
    rows = [[str(i), f"A{i}", "1", "L", "2015-01-01", "IBU"] for i in range(10)]
    save(office, [list(HEADER), *rows], "F2:F11")
    assert office.read("pasien.xlsx").column("mother_name") == ["IBU"] * 10


def test_a_formula_that_was_never_calculated_is_not_taken_for_an_empty_cell(office: Office) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet
    sheet.append([*HEADER, "catatan"])
    sheet.append(["000101", "YOHANES TEFA", "5301061203790003", "L", "1979-03-12", "MARIA", "=1+1"])
    sheet.append(["000102", "PETRUS TEFA", '="5301061203790004"', "L", "1979-03-13", "MARIA", None])
    sheet.append(['="000103"', "=B2", "=C2", "=D2", "=E2", "=F2", None])
    book.save(office.folder / "rumus.xlsx")
    reading = office.read("rumus.xlsx")
    assert reading.column("record_id") == ["000101"]  # a column that nobody reads costs nothing
    assert [(row["row"], row["reason"]) for row in reading.aside] == [
        (3, "formula_uncalculated"),
        (4, "formula_uncalculated"),
    ]
    assert reading.inputs[0]["rows"] == 3


def test_dapodiks_sheet_saved_as_text_keeps_its_two_row_header(office: Office) -> None:
    text = """Daftar Peserta Didik;;;;;;;;;
SD INPRES NAIBONAT;;;;;;;;;
No;Nama;NISN;JK;Tempat Lahir;Tanggal Lahir;NIK;Data Ayah;;Data Ibu;
;;;;;;;Nama;NIK;Nama;NIK
1;MARIA BANI;0123456789;P;KUPANG;2015-02-03;5301044302150001;YOHANES;5301041203790003;ESTER;5301046509830002
"""
    reading = office.read(office.write("siswa.csv", text).name, "dapodik")
    (row,) = reading.rows
    assert (row["nik"], row["mother_nik"], row["father_nik"]) == (
        "5301044302150001",
        "5301046509830002",
        "5301041203790003",
    )
    assert (row["mother_name"], row["father_name"], row["row"]) == ("ESTER", "YOHANES", 5)
    assert reading.aside == []
