"""The workbooks in which officers act, opened as a spreadsheet program opens them."""

from __future__ import annotations

import subprocess
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.engine import sql_text
from pipelines.publish.words import load_words
from pipelines.publish.workbook import write_workbook
from pipelines.vocabulary import DECISION_HEADINGS, DECISION_WORDS
from tests.publish.items import RUN_DATE, database, everyday, item, items_table
from tests.publish.programs import soffice

REGISTRY = "owner = 'dukcapil'"


def write(
    rows: list[dict[str, Any]],
    folder: Path,
    agency: str | None = None,
    language: Literal["id", "en"] = "id",
    **options: Any,
) -> Path:
    """The workbook of ``agency`` (or of the registry) for these items."""
    path = folder / f"{agency or 'worklist'}.xlsx"
    where = f"owner = {sql_text(agency)}" if agency else REGISTRY
    with database(folder) as con:
        table = items_table(rows, folder)
        con.execute(
            "create view item as select *, file_row_number as place"
            f" from read_parquet({sql_text(table.file)}, file_row_number = true)"
        ).fetchall()
        write_workbook(con, path, agency, where, load_words(language), RUN_DATE, **options)
    return path


def opened(*arguments: Any, **options: Any) -> Workbook:
    return openpyxl.load_workbook(write(*arguments, **options))


def lines(sheet: Worksheet) -> list[dict[str, Any]]:
    """The sheet's rows by heading."""
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, headings), row, strict=True)) for row in rows]


def column(sheet: Worksheet, heading: str) -> str:
    """The letters of the column under a heading."""
    return next(cell.column_letter for cell in sheet[1] if cell.value == heading)


def test_the_registry_gets_what_waits_for_it_in_the_worklist_s_order(tmp_path: Path) -> None:
    waiting, closed, *_ = opened(everyday(), tmp_path).worksheets
    assert [line["ID Butir"] for line in lines(waiting)] == ["item-0002", "item-0003", "item-0006"]
    assert [line["ID Butir"] for line in lines(closed)] == ["item-0008"]


def test_an_agency_gets_its_own_records_and_no_other(tmp_path: Path) -> None:
    book = opened(everyday(), tmp_path, "dapodik-kupang")
    assert [line["ID Butir"] for line in lines(book.worksheets[0])] == ["item-0005", "item-0007"]
    with ZipFile(tmp_path / "dapodik-kupang.xlsx") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"YUNI BANI" in everything
    for of_others in (b"NITBANI", b"TAEK", b"rsud-naibonat", b"item-0001", b"item-0002"):
        assert of_others not in everything


def test_a_row_tells_the_officer_who_where_and_why(tmp_path: Path) -> None:
    line = lines(opened(everyday(), tmp_path, "dapodik-kupang").worksheets[0])[0]
    assert line == {
        "Prioritas": 2,
        "Nama": "YUNI BANI",
        "Tanggal lahir": datetime(1990, 1, 1),
        "Masalah": "Elemen data berbeda",
        "NIK tercatat": "5301040101900002",
        "Usulan NIK": "5301040101900001",
        "Keyakinan": 0.987,
        "Keputusan": None,
        "Catatan": None,
        "Penjelasan": "Satu angka berbeda dari NIK orang yang sama.",
        "Keterangan": "Perbaikan belum terlihat pada data.",
        "Data berbeda": "nama, nama ibu",
        "Kecamatan": "SASITAMEAN",
        "Nomor rekaman": "000005",
        "Terkait dengan": None,
        "Status": "Dikembalikan",
        "Alasan prioritas": "Pasien rumah sakit.",
        "Sejak": datetime(2026, 11, 20),
        "Umur (hari)": 4,
        "ID Butir": "item-0005",
    }


def test_no_proposal_is_shown_as_certain(tmp_path: Path) -> None:
    sheet = opened([item(1, confidence=0.99996)], tmp_path, "rsud-naibonat").worksheets[0]
    assert [line["Keyakinan"] for line in lines(sheet)] == [0.999]


def test_what_is_needed_in_the_field_is_on_paper(tmp_path: Path) -> None:
    sheet = opened(everyday(), tmp_path, "rsud-naibonat").worksheets[0]
    printed = sheet[sheet.print_area.rpartition("!")[2].replace("$", "")][0]
    wanted = {"Prioritas", "Nama", "Nomor rekaman", "Kecamatan", "Keputusan", "Catatan", "Penjelasan"}
    assert wanted <= {cell.value for cell in printed}
    assert len(printed) < sheet.max_column


@pytest.mark.parametrize("language", ["id", "en"])
def test_headings_and_decisions_are_the_words_that_are_read_back(
    tmp_path: Path, language: Literal["id", "en"]
) -> None:
    sheet = opened(everyday(), tmp_path, language=language).worksheets[0]
    assert {words[language] for words in DECISION_HEADINGS.values()} <= {cell.value for cell in sheet[1]}
    (rule,) = sheet.data_validations.dataValidation
    letters = column(sheet, DECISION_HEADINGS["decision"][language])
    assert str(rule.sqref) == f"{letters}2:{letters}4"
    assert rule.formula1 == '"' + ",".join(words[language] for words in DECISION_WORDS.values()) + '"'
    assert rule.type == "list"
    assert rule.showErrorMessage


def test_only_decision_and_note_can_be_written(tmp_path: Path) -> None:
    waiting, closed, summary, guide = opened(everyday(), tmp_path).worksheets
    for sheet in (waiting, closed, summary, guide):
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        open_cells = {sheet[1][cell.column - 1].value for cell in sheet[2] if not cell.protection.locked}
        assert open_cells == ({"Keputusan", "Catatan"} if sheet == waiting else set())
    assert waiting.protection.autoFilter is False  # which means that filtering stays allowed


def test_numbers_that_identify_are_text(tmp_path: Path) -> None:
    sheet = opened(everyday(), tmp_path).worksheets[0]
    for heading in ("NIK tercatat", "Usulan NIK", "Nomor rekaman", "ID Butir", "Keputusan", "Catatan"):
        cells = sheet[column(sheet, heading)][1:]
        assert {cell.number_format for cell in cells} == {"@"}
        assert all(isinstance(cell.value, str | None) for cell in cells)


def test_the_header_is_frozen_and_filtered_and_columns_fit(tmp_path: Path) -> None:
    sheet = opened(everyday(), tmp_path).worksheets[0]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == sheet.dimensions
    for heading, least in (("NIK tercatat", 17), ("Nama", 20), ("Penjelasan", 50), ("ID Butir", 24)):
        assert sheet.column_dimensions[column(sheet, heading)].width >= least
    assert sheet.row_dimensions[2].height >= 15


def test_what_a_spreadsheet_might_run_is_text(tmp_path: Path) -> None:
    rows = [
        item(1, person_name='=HYPERLINK("http://x")', recorded_nik="-", source_record_id="@1", related="+1"),
        item(2, evidence="\t=1", note="-1", district_name="=1+1", priority_reason="=2"),
        item(3, person_name="<r><t>x</t></r>", evidence="a<b & c>d _x0041_ \x01\rz", district_name="<r></r>"),
    ]
    book = opened(rows, tmp_path, "rsud-naibonat")
    one, two, three = lines(book.worksheets[0])
    assert one["Nama"] == '\'=HYPERLINK("http://x")'
    assert (one["NIK tercatat"], one["Nomor rekaman"], one["Terkait dengan"]) == ("'-", "'@1", "'+1")
    assert (two["Penjelasan"], two["Keterangan"], two["Kecamatan"]) == ("'\t=1", "'-1", "'=1+1")
    assert three["Nama"] == "'<r><t>x</t></r>"
    assert unescape(three["Penjelasan"]) == "a<b & c>d _x0041_ �\rz"
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            assert not [cell.value for cell in row if str(cell.value or "").startswith(("=", "+", "-", "@"))]


def test_a_birth_date_before_excel_s_calendar_stays_readable(tmp_path: Path) -> None:
    days = [date(1899, 5, 17), date(1900, 2, 28), date(1900, 3, 1), None]
    sheet = opened([item(n, birth_date=d) for n, d in enumerate(days)], tmp_path, "rsud-naibonat").worksheets[
        0
    ]
    expected = ["17-05-1899", "28-02-1900", datetime(1900, 3, 1), None]
    assert [line["Tanggal lahir"] for line in lines(sheet)] == expected


def test_an_agency_without_items_is_told_so(tmp_path: Path) -> None:
    waiting, closed, summary, _ = opened([], tmp_path, "rsud-naibonat").worksheets
    assert waiting["B2"].value == "Tidak ada butir yang menunggu hari ini."
    assert closed["B2"].value == "Tidak ada butir yang selesai hari ini."
    assert summary["B5"].value == 0


def test_the_summary_counts_what_waits(tmp_path: Path) -> None:
    sheet = opened(everyday(), tmp_path, language="en")["Summary"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0]]
    figures = {row[0]: row[1] for row in rows if row[2] is None}
    assert figures["Items waiting"] == 3
    assert figures["Of these, priority 1"] == 1
    assert figures["With a proposed NIK"] == 1
    assert figures["Longest waiting (days)"] == 4
    assert figures["Closed today"] == 1
    tables = [row for row in rows if row[6] is not None and row[0] not in ("Problem", "District")]
    assert tables == [
        ("One person, two NIKs", 0, 0, 1, 0, 0, 1),
        ("NIK not online at the centre", 1, 0, 0, 0, 0, 1),
        ("Not in the registry", 0, 1, 0, 0, 0, 1),
        ("Total", 1, 1, 1, 0, 0, 3),
        ("SASITAMEAN", 1, 1, 0, 0, 0, 2),
        ("(unknown)", 0, 0, 1, 0, 0, 1),
        ("Total", 1, 1, 1, 0, 0, 3),
    ]


def test_the_guide_says_what_each_decision_and_cause_means(tmp_path: Path) -> None:
    sheet = opened(everyday(), tmp_path)["Petunjuk"]
    labels = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    for word in [words["id"] for words in DECISION_WORDS.values()]:
        assert labels[word]
    assert labels["NIK belum online di pusat"].startswith("Data di kantor sehat")


def test_more_rows_than_a_sheet_holds_go_to_the_next(tmp_path: Path) -> None:
    rows = [item(n) for n in range(7)]
    book = opened(rows, tmp_path, "rsud-naibonat", rows_a_sheet=3)
    assert book.sheetnames == ["Daftar", "Daftar 2", "Daftar 3", "Selesai hari ini", "Ringkasan", "Petunjuk"]
    found = [line["ID Butir"] for sheet in book.worksheets[:3] for line in lines(sheet)]
    assert found == [row["item_id"] for row in rows]
    assert [str(s.data_validations.dataValidation[0].sqref) for s in book.worksheets[:3]] == [
        "H2:H4",
        "H2:H4",
        "H2",
    ]


def test_the_same_items_give_the_same_bytes(tmp_path: Path) -> None:
    one = write(everyday(), tmp_path).read_bytes()
    assert write(everyday(), tmp_path / "again").read_bytes() == one


TEXT = st.none() | st.text(alphabet=st.characters(codec="utf-8"), max_size=20)


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=6))
@settings(deadline=None, max_examples=30)
def test_whatever_a_source_wrote_the_workbook_opens_and_says_it(rows: list[tuple[str | None, ...]]) -> None:
    written = [
        item(n, person_name=name, evidence=evidence or "", district_name=district)
        for n, (name, evidence, district) in enumerate(rows)
    ]
    with TemporaryDirectory() as folder:
        path = write(written, Path(folder), "rsud-naibonat")
        with ZipFile(path) as archive:
            for name in archive.namelist():
                ElementTree.fromstring(archive.read(name))
        found = lines(openpyxl.load_workbook(path).worksheets[0])
    assert len(found) == len(rows)
    for row, line in zip(written, found, strict=True):
        shown = line["Nama"] or ""
        if "\ufffd" not in shown and "\r" not in shown:
            assert shown.removeprefix("'") == (row["person_name"] or "").removeprefix("'")


@pytest.mark.slow
def test_libreoffice_opens_it_and_reads_the_same(tmp_path: Path) -> None:
    path = write(everyday(), tmp_path, "rsud-naibonat")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"
    for kind in ("pdf", csv):
        subprocess.run(
            [soffice(), profile, "--headless", "--convert-to", kind, "--outdir", str(tmp_path), str(path)],
            check=True,
            capture_output=True,
            timeout=180,
        )
    assert (tmp_path / "rsud-naibonat.pdf").read_bytes().startswith(b"%PDF")
    text = next(tmp_path.glob("rsud-naibonat*.csv")).read_text(encoding="utf-8")
    assert "5301040101900002,5301040101900001,98.7%" in text
    assert "'=HYPERLINK(" in text
    assert "17-05-1899" in text
