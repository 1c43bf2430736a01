"""Text files as systems export them: whatever the dialect, the same table comes out."""

from __future__ import annotations

import csv

import pytest

from pipelines.errors import SourceUnreadable
from pipelines.layouts import Layout
from tests.extract.office import HEADER, PATIENTS, Office, packed, table

EXPECTED = [
    {
        "file": "pasien.csv",
        "row": 2,
        "record_id": "000101",
        "nik": "5301061203790003",
        "name": "YOHANES TEFA",
        "sex": "L",
        "birth_date": "1979-03-12",
        "mother_name": "MARIA BANA",
    },
    {
        "file": "pasien.csv",
        "row": 3,
        "record_id": "000102",
        "nik": "5301066509830002",
        "name": "MARGARITA, NENO",
        "sex": "P",
        "birth_date": "1983-09-25",
        "mother_name": 'ESTER "ETI" LAIK',
    },
    {
        "file": "pasien.csv",
        "row": 4,
        "record_id": "000103",
        "nik": "-",
        "name": "PETRUS TEFA",
        "sex": "L",
        "birth_date": "2015-06-30",
    },
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "pipe"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL], ids=["few quotes", "all quoted"])
def test_every_dialect_gives_the_same_table(
    office: Office, delimiter: str, mark: bytes, ending: str, quoting: int
) -> None:
    text = table(delimiter=delimiter, lineterminator=ending, quoting=quoting)
    office.write("pasien.csv", mark + text.encode())
    reading = office.read("pasien.csv")
    assert reading.rows == EXPECTED
    assert reading.aside == []


def test_gzip_is_known_by_its_bytes_whatever_the_name(office: Office) -> None:
    office.write("pasien.csv", packed(table()))
    assert office.read("pasien.csv").rows == EXPECTED


def test_a_missing_line_end_at_the_end_is_fine(office: Office) -> None:
    office.write("pasien.csv", table().rstrip("\r\n"))
    assert office.read("pasien.csv").rows == EXPECTED


def test_lines_of_an_old_macintosh(office: Office) -> None:
    office.write("pasien.csv", table(lineterminator="\r"))
    assert office.read("pasien.csv").rows == EXPECTED


def test_names_that_look_like_nothing_stay_text(office: Office) -> None:
    words = ["NULL", "NA", "N/A", "nan", "None", "true", "007", "1e5", "5.30101E+15", "'5301", "#N/A", "00"]
    office.write("pasien.csv", table([(str(i), w, w, "L", w, w) for i, w in enumerate(words)]))
    reading = office.read("pasien.csv")
    assert reading.column("name") == reading.column("nik") == reading.column("mother_name") == words


def test_digits_are_kept_to_the_last_one(office: Office) -> None:
    numbers = [
        "5301061203790003",
        "9999999999999999999999",
        "0000000000000001",
        "1.0",
        "12345678901234567.50",
    ]
    office.write("pasien.csv", table([(n, "A", n, "L", "1990-01-01", "B") for n in numbers]))
    assert office.read("pasien.csv").column("nik") == numbers


def test_cells_over_several_lines_keep_the_line_numbers_true(office: Office) -> None:
    rows = [
        ("1", "A", "1", "L", "1990-01-01", "FIRST\nSECOND"),
        ("2", "B", "2", "P", "1990-01-01", "X\r\nY\r\nZ"),
        ("3", "C", "3", "P", "1990-01-01", "LAST"),
    ]
    office.write("pasien.csv", table(rows))
    reading = office.read("pasien.csv")
    assert reading.column("row") == [2, 4, 7]
    assert reading.column("mother_name") == ["FIRST\nSECOND", "X\r\nY\r\nZ", "LAST"]


def test_titles_above_the_header_are_passed_over(office: Office) -> None:
    office.write("pasien.csv", "RSUD NAIBONAT\n\nDaftar pasien, 2026\n" + table())
    reading = office.read("pasien.csv")
    assert reading.column("record_id") == ["000101", "000102", "000103"]
    assert reading.column("row") == [5, 6, 7]


def test_excels_line_that_names_the_delimiter(office: Office) -> None:
    office.write("pasien.csv", "sep=;\n" + table(delimiter=";"))
    assert office.read("pasien.csv").column("row") == [3, 4, 5]


def test_a_header_over_several_lines_in_one_cell(office: Office) -> None:
    office.write("pasien.csv", table(header=[*HEADER[:4], "tgl\nlahir", HEADER[5]]))
    reading = office.read("pasien.csv")
    assert reading.column("birth_date") == [p[4] for p in PATIENTS]
    assert reading.column("row") == [3, 4, 5]


def test_the_delimiter_that_suits_the_layout_wins_over_the_commoner_one(office: Office) -> None:
    rows = [("1", "A, B, C, D, E, F, G, H", "2", "L", "1990-01-01", "I, J, K")]
    office.write("pasien.csv", table(rows, delimiter="|", quoting=csv.QUOTE_NONE, escapechar="\\"))
    assert office.read("pasien.csv").column("name") == ["A, B, C, D, E, F, G, H"]


def test_blank_lines_and_rows_of_delimiters_are_no_data(office: Office) -> None:
    head, *body = table().splitlines(keepends=True)
    office.write(
        "pasien.csv", head + "\r\n" + body[0] + "\r\n\n" + ",,,,,\n" + body[1] + "  , ,,,,\n" + body[2]
    )
    reading = office.read("pasien.csv")
    assert reading.column("row") == [3, 7, 9]
    assert reading.aside == []
    assert reading.inputs[0]["rows"] == 3


def test_cells_of_blanks_are_empty(office: Office) -> None:
    office.write("pasien.csv", table([("1", "   ", "\t", "L", " 1990-01-01", "")]))
    (row,) = office.read("pasien.csv").rows
    assert row == {"file": "pasien.csv", "row": 2, "record_id": "1", "sex": "L", "birth_date": " 1990-01-01"}


def test_only_a_header_is_a_table_without_rows(office: Office) -> None:
    office.write("pasien.csv", table([]))
    reading = office.read("pasien.csv")
    assert (reading.rows, reading.aside, reading.artifact.rows) == ([], [], 0)
    assert reading.inputs[0]["rows"] == 0


@pytest.mark.parametrize("content", [b"", b"\n\n \r\n", b"\xef\xbb\xbf", packed("")])
def test_an_empty_file_is_no_source(office: Office, content: bytes) -> None:
    office.write("pasien.csv", content)
    with pytest.raises(SourceUnreadable, match=r"^rsud: pasien\.csv: the file is empty"):
        office.read("pasien.csv")


def test_columns_without_a_name_at_the_end_may_be_left_out(office: Office) -> None:
    lines = table().splitlines()
    office.write("pasien.csv", "\n".join([lines[0] + ",,", lines[1], lines[2] + ",,", lines[3] + ","]))
    reading = office.read("pasien.csv")
    assert reading.column("record_id") == ["000101", "000102", "000103"]


def test_a_table_of_one_column(office: Office) -> None:
    layout = Layout(name="one", columns={"nik": ("nik",)}, required=("nik",))
    office.write("nik.txt", "NIK\n5301061203790003\n\n5301066509830002\n")
    assert office.read("nik.txt", layout).column("nik") == ["5301061203790003", "5301066509830002"]


def test_a_file_longer_than_a_block_is_read_whole(office: Office) -> None:
    rows = [(str(i), f"NAMA {i}", str(i).zfill(16), "L", "1990-01-01", "X" * (i % 90)) for i in range(60_000)]
    path = office.write("pasien.csv", table(rows))
    assert path.stat().st_size > 4 << 20  # more than two blocks
    reading = office.read("pasien.csv")
    assert reading.column("nik") == [row[2] for row in rows]
    assert reading.column("row") == list(range(2, 60_002))


def test_a_cell_that_lies_across_two_blocks(office: Office) -> None:
    rows = [(str(i), "A", str(i), "L", "1990-01-01", f'one {i},\n"two"\nthree') for i in range(60_000)]
    office.write("pasien.csv", table(rows))
    reading = office.read("pasien.csv")
    assert reading.column("mother_name") == [row[5] for row in rows]
    assert reading.column("row") == [2 + 3 * i for i in range(60_000)]
