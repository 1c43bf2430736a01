"""Worklists as they come back: what people and their programs do to them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Protection

from pipelines.errors import PadanError
from pipelines.worklist.returned import Answer, read_returned

HEADINGS = ("ID Butir", "Penyebab", "Usulan NIK", "Keputusan", "Catatan")
ROWS = (
    ("P-AAAAAAAAAAAA", "NIK_MISTYPED", "5301040101900001", "Diperbaiki", "sudah dicek"),
    ("P-BBBBBBBBBBBB", "NIK_WRONG", "5301040101900003", "Bukan kesalahan", None),
    ("P-CCCCCCCCCCCC", "NIK_MISSING", None, None, None),
)
EXPECTED = [
    ("P-AAAAAAAAAAAA", "Diperbaiki", "sudah dicek", "5301040101900001"),
    ("P-BBBBBBBBBBBB", "Bukan kesalahan", "", "5301040101900003"),
    ("P-CCCCCCCCCCCC", "", "", ""),
]

Cells = Sequence[Sequence[object]]


def workbook(path: Path, **sheets: Cells) -> Path:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def said(answers: list[Answer]) -> list[tuple[str, str, str, str | None]]:
    return [(one.item_id, one.decision, one.note, one.proposed_nik) for one in answers]


def test_as_it_was_sent(tmp_path: Path) -> None:
    file = workbook(tmp_path / "worklist.xlsx", Daftar=[HEADINGS, *ROWS])
    assert said(read_returned(file)) == EXPECTED


def test_the_place_of_a_row_is_the_one_in_the_sheet(tmp_path: Path) -> None:
    file = workbook(tmp_path / "w.xlsx", Daftar=[["Daftar kerja"], [], HEADINGS, *ROWS])
    assert [one.place for one in read_returned(file)] == ["Daftar 4", "Daftar 5", "Daftar 6"]


def test_renamed_with_another_ending(tmp_path: Path) -> None:
    file = workbook(tmp_path / "worklist.xlsx", Daftar=[HEADINGS, *ROWS])
    assert said(read_returned(file.rename(tmp_path / "balasan semau (1).dat"))) == EXPECTED


def test_sorted_with_rows_deleted_columns_moved_added_and_removed(tmp_path: Path) -> None:
    headings = ("Nomor", "Keputusan", "Petugas", "ID Butir", "Tanggal")
    rows = [
        (2, "Bukan kesalahan", "Yuli", "P-BBBBBBBBBBBB", None),
        (1, "Diperbaiki", "", "P-AAAAAAAAAAAA", 5),
    ]
    file = workbook(tmp_path / "w.xlsx", Daftar=[headings, *rows])
    assert said(read_returned(file)) == [
        ("P-BBBBBBBBBBBB", "Bukan kesalahan", "", None),
        ("P-AAAAAAAAAAAA", "Diperbaiki", "", None),
    ]


def test_lines_put_above_the_headings_and_blank_lines_between(tmp_path: Path) -> None:
    above: Cells = [["PEMERINTAH KABUPATEN KUPANG"], [], ["Diisi oleh:", "Yuli"], []]
    file = workbook(tmp_path / "w.xlsx", Daftar=[*above, HEADINGS, ROWS[0], [], [None] * 5, *ROWS[1:]])
    assert said(read_returned(file)) == EXPECTED


def test_filtered_hidden_protected_and_frozen(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADINGS, *ROWS):
        sheet.append(row)
    sheet.auto_filter.ref = "A1:E4"
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.freeze_panes = "A2"
    sheet.protection.sheet = True
    sheet["D2"].protection = Protection(locked=False)
    book.save(tmp_path / "w.xlsx")
    assert said(read_returned(tmp_path / "w.xlsx")) == EXPECTED


def test_several_sheets_of_which_some_have_nothing_to_do_with_it(tmp_path: Path) -> None:
    file = workbook(
        tmp_path / "w.xlsx",
        Ringkasan=[["Jumlah", 3]],
        Semau=[HEADINGS, ROWS[0]],
        Selesai=[["ID Butir", "Status"], ["P-DDDDDDDDDDDD", "resolved"]],
        Takari=[HEADINGS, *ROWS[1:]],
        Kosong=[],
    )
    assert said(read_returned(file)) == EXPECTED


def test_numbers_that_a_spreadsheet_made_of_text(tmp_path: Path) -> None:
    rows = [("P-AAAAAAAAAAAA", 5301040101900000.0, "ya"), ("P-BBBBBBBBBBBB", 5301040101900001, "ya")]
    file = workbook(tmp_path / "w.xlsx", A=[("ID Butir", "Usulan NIK", "Keputusan"), *rows])
    assert [one.proposed_nik for one in read_returned(file)] == ["5301040101900000", "5301040101900001"]


def test_ids_retyped(tmp_path: Path) -> None:
    rows = [(" p-aaaaaaaaaaaa ", "ya"), ("'P-BBBBBBBBBBBB", "ya"), ("P-CCCC CCCC CCCC\u200b", "ya")]
    file = workbook(tmp_path / "w.xlsx", A=[("item id", "decision"), *rows])
    assert [one.item_id for one in read_returned(file)] == [item for item, *_ in EXPECTED]


def test_a_row_without_an_id_is_nobodys(tmp_path: Path) -> None:
    file = workbook(tmp_path / "w.xlsx", A=[HEADINGS, (None, "", "", "Diperbaiki", ""), ROWS[0]])
    assert len(read_returned(file)) == 1


def test_a_sheet_that_says_it_is_smaller_than_it_is(tmp_path: Path) -> None:
    """Some programs write a size that is not the sheet's."""
    file = workbook(tmp_path / "whole.xlsx", A=[HEADINGS, *ROWS])
    lying = tmp_path / "lying.xlsx"
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(lying, "w") as copy:
        for part in whole.namelist():
            data = whole.read(part)
            if part.startswith("xl/worksheets/"):
                assert b'ref="A1:E4"' in data
                data = data.replace(b'ref="A1:E4"', b'ref="A1"')
            copy.writestr(part, data)
    assert said(read_returned(lying)) == EXPECTED


def test_a_formula_in_the_place_of_a_decision_is_what_it_showed(tmp_path: Path) -> None:
    """Never computed here: a formula that no spreadsheet has computed is blank."""
    file = workbook(tmp_path / "w.xlsx", A=[HEADINGS, ("P-AAAAAAAAAAAA", "", "", '="Diper"&"baiki"', "")])
    assert read_returned(file)[0].decision == ""


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_csv_as_programs_write_it(tmp_path: Path, delimiter: str, encoding: str, ending: str) -> None:
    lines = [
        ["item_id", "proposed_nik", "decision", "note"],
        ["P-AAAAAAAAAAAA", "5301040101900001", "Diperbaiki", '"dicek, oleh; Né|\t"'],
    ]
    file = tmp_path / "w.csv"
    file.write_bytes(ending.join(delimiter.join(line) for line in lines).encode(encoding))
    assert said(read_returned(file)) == [
        ("P-AAAAAAAAAAAA", "Diperbaiki", "dicek, oleh; Né|", "5301040101900001")
    ]


def test_csv_with_a_note_over_two_lines(tmp_path: Path) -> None:
    file = tmp_path / "w.csv"
    file.write_text('item_id,decision,note\nP-AAAAAAAAAAAA,ya,"satu\ndua"\nP-BBBBBBBBBBBB,ya\n')
    assert said(read_returned(file)) == [
        ("P-AAAAAAAAAAAA", "ya", "satu\ndua", None),
        ("P-BBBBBBBBBBBB", "ya", "", None),
    ]


def broken(path: Path) -> Path:
    whole = workbook(path.with_name("whole.xlsx"), A=[HEADINGS, *ROWS]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def test_a_workbook_cut_short_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PadanError, match=r"cut\.xlsx: is damaged"):
        read_returned(broken(tmp_path / "cut.xlsx"))


def test_an_archive_that_is_no_workbook_is_one_line(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(PadanError, match=r"a\.xlsx: is damaged"):
        read_returned(tmp_path / "a.xlsx")


def test_a_workbook_with_a_password_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "secret.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(PadanError, match="password"):
        read_returned(tmp_path / "secret.xlsx")


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"halo\n", b"%PDF-1.7 ...", b"\xff\xfe\x00"])
def test_what_is_no_worklist_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(PadanError, match="'ID Butir' or 'Item ID'"):
        read_returned(tmp_path / "x.csv")


def test_headings_too_far_down_are_not_looked_for(tmp_path: Path) -> None:
    file = workbook(tmp_path / "w.xlsx", A=[*[["-"]] * 20, HEADINGS, *ROWS])
    with pytest.raises(PadanError, match="ID Butir"):
        read_returned(file)


def test_without_a_column_for_decisions_it_says_so(tmp_path: Path) -> None:
    file = workbook(tmp_path / "w.xlsx", A=[("ID Butir", "Catatan"), ("P-AAAAAAAAAAAA", "x")])
    with pytest.raises(PadanError, match="'Keputusan' or 'Decision'"):
        read_returned(file)


def test_a_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PadanError):
        read_returned(tmp_path)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=300), start=st.sampled_from([b"", b"PK\x03\x04", b"item_id,decision\n"]))
def test_no_bytes_end_otherwise_than_in_answers_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "fuzz.bin"
    file.write_bytes(start + data)
    try:
        answers = read_returned(file)
    except PadanError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(one.item_id for one in answers)


@settings(max_examples=25, deadline=None)
@given(columns=st.permutations(range(5)), shift=st.integers(0, 15), left=st.integers(0, 3))
def test_columns_in_any_order_anywhere(
    tmp_path_factory: pytest.TempPathFactory, columns: list[int], shift: int, left: int
) -> None:
    rows = [[*[None] * left, *(row[column] for column in columns)] for row in (HEADINGS, *ROWS)]
    file = workbook(tmp_path_factory.getbasetemp() / "moved.xlsx", A=[*[[]] * shift, *rows])
    assert said(read_returned(file)) == EXPECTED


# --- a worklist as an attack


def changed(file: Path, part: str, old: bytes, new: bytes) -> Path:
    """The workbook with one part of it changed."""
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content.replace(old, new) if name == part else content)
    return file


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    file = workbook(tmp_path / "w.xlsx", Daftar=[HEADINGS, *ROWS])
    with pytest.raises(PadanError, match=r"^w.xlsx: unpacks to more than 250 times its size"):
        read_returned(changed(file, SHEET, b"</sheetData>", b"</sheetData>" + b" " * (100 << 20)))


def test_entities_are_never_looked_at(tmp_path: Path) -> None:
    file = workbook(tmp_path / "w.xlsx", Daftar=[HEADINGS, *ROWS])
    kind = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet'
    with pytest.raises(PadanError, match=r"^w.xlsx: has a document type inside"):
        read_returned(changed(file, SHEET, b"<worksheet", kind))


def test_a_row_said_to_lie_beyond_every_sheet_is_not_waited_for(tmp_path: Path) -> None:
    file = workbook(tmp_path / "w.xlsx", Daftar=[HEADINGS, *ROWS])
    far = b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row></sheetData>'
    assert said(read_returned(changed(file, SHEET, b"</sheetData>", far))) == EXPECTED


def test_a_device_is_no_worklist() -> None:
    with pytest.raises(PadanError, match="is no file"):
        read_returned(Path("/dev/zero"))


def test_a_file_larger_than_any_worklist(tmp_path: Path) -> None:
    file = tmp_path / "w.csv"
    with file.open("wb") as handle:
        handle.truncate((1 << 30) + 1)  # a hole, which takes no room on the disk
    with pytest.raises(PadanError, match="larger than 1 GiB: no worklist that was sent out"):
        read_returned(file)


def test_what_stands_in_an_answer_is_text(tmp_path: Path) -> None:
    note = "=cmd|' /C calc'!A0'); drop table decision; --<script>"
    file = tmp_path / "w.csv"
    file.write_text(f'item_id,decision,note\nP-AAAAAAAAAAAA,corrected,"{note}"\n')
    (answer,) = read_returned(file)
    assert (answer.item_id, answer.note) == ("P-AAAAAAAAAAAA", note)
