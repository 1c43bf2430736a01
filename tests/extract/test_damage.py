"""Damaged text files: one bad row costs one row, and its owner is told where it is."""

from __future__ import annotations

import pytest

from pipelines.errors import SourceUnreadable
from tests.extract.office import HEADER, Office, packed, table

HEAD = ",".join(HEADER) + "\n"
GOOD = [f"{i},NAMA {i},53010612037900{i:02},L,1979-03-12,IBU {i}\n" for i in range(10)]


def asides(office: Office, text: str) -> tuple[list[int], list[tuple[int, str]]]:
    """The lines of the rows that were kept, and lines and reasons of those put aside."""
    office.write("pasien.csv", text)
    reading = office.read("pasien.csv")
    assert reading.inputs[0]["rows"] == len(reading.rows) + len(reading.aside)
    return reading.column("row"), [(row["row"], row["reason"]) for row in reading.aside]


def test_a_row_with_a_delimiter_too_many(office: Office) -> None:
    kept, aside = asides(office, HEAD + GOOD[0] + "1,TEFA,YOHANES,53010,L,1979-03-12,IBU\n" + GOOD[2])
    assert kept == [2, 4]
    assert aside == [(3, "too_many_columns")]


def test_a_row_with_a_delimiter_missing(office: Office) -> None:
    kept, aside = asides(office, HEAD + GOOD[0] + "1 YOHANES,53010,L,1979-03-12,IBU\n" + GOOD[2])
    assert kept == [2, 4]
    assert aside == [(3, "too_few_columns")]


def test_delimiters_too_many_at_the_end_carry_nothing_and_are_let_pass(office: Office) -> None:
    kept, aside = asides(office, HEAD + GOOD[0] + GOOD[1].strip() + ",, \n" + GOOD[2])
    assert (kept, aside) == ([2, 3, 4], [])


def test_a_truncated_last_line(office: Office) -> None:
    kept, aside = asides(office, HEAD + "".join(GOOD[:3]) + "3,NAMA 3,530106")
    assert kept == [2, 3, 4]
    assert aside == [(5, "too_few_columns")]


def test_a_quote_that_never_closes_costs_its_own_line_only(office: Office) -> None:
    kept, aside = asides(office, HEAD + GOOD[0] + '1,"YOHANES,530,L,1979-03-12,IBU\n' + "".join(GOOD[2:]))
    assert kept == [2, *range(4, 12)]
    assert aside == [(3, "broken_quote")]


def test_two_broken_quotes_do_not_swallow_what_lies_between(office: Office) -> None:
    """By the letter, lines 3 to 6 are one row of the right width, and three people would be gone."""
    text = HEAD + GOOD[0] + '1,"YOHANES,530,L,1979-03-12,IBU\n' + "".join(GOOD[2:4])
    text += '4,A",530,L,1979-03-12,IBU\n' + GOOD[5] + '6,"B"X,530,L,1979-03-12,IBU\n' + GOOD[7]
    kept, aside = asides(office, text)
    assert kept == [2, 4, 5, 6, 7, 9]
    assert aside == [(3, "broken_quote"), (8, "broken_quote")]


def test_a_quoted_cell_of_many_lines_that_holds_rows_is_not_believed(office: Office) -> None:
    opened, closed = '1,"YOHANES,530,L,1979-03-12,IBU\n', '9,A",530,L,1979-03-12,IBU\n'
    kept, aside = asides(office, HEAD + opened + "".join(GOOD * 3) + closed)
    assert kept == list(range(3, 34))
    assert aside == [(2, "broken_quote")]


def test_a_quote_inside_a_quoted_cell(office: Office) -> None:
    kept, aside = asides(office, HEAD + '1,"YOHANES "ANIS" TEFA",530,L,1979-03-12,IBU\n' + GOOD[1])
    assert kept == [3]
    assert aside == [(2, "broken_quote")]


def test_quotes_in_the_middle_of_a_bare_cell_are_just_signs(office: Office) -> None:
    office.write("pasien.csv", HEAD + '1,YOHANES "ANIS" TEFA,530,L,1979-03-12,5" IBU\n' + GOOD[1])
    reading = office.read("pasien.csv")
    assert reading.column("name") == ['YOHANES "ANIS" TEFA', "NAMA 1"]
    assert reading.column("mother_name") == ['5" IBU', "IBU 1"]
    assert reading.aside == []


def test_a_cell_of_several_lines_survives_beside_a_broken_quote(office: Office) -> None:
    kept, aside = asides(
        office, HEAD + '0,A,530,L,1979-03-12,"IBU\nDUA"\n1,"B,530,L,1979-03-12,IBU\n' + GOOD[2]
    )
    assert kept == [2, 5]
    assert aside == [(4, "broken_quote")]


def test_files_glued_together_repeat_their_header(office: Office) -> None:
    kept, aside = asides(office, HEAD + GOOD[0] + HEAD.upper() + GOOD[1])
    assert kept == [2, 4]
    assert aside == [(3, "header_again")]


def test_a_summary_line_at_the_end(office: Office) -> None:
    kept, aside = asides(office, HEAD + GOOD[0] + "\nJumlah: 1 pasien\n")
    assert kept == [2]
    assert aside == [(4, "too_few_columns")]


def test_a_nul_byte_is_just_a_sign(office: Office) -> None:
    office.write("pasien.csv", HEAD + "1,YOH\0ANES,530,L,1979-03-12,IBU\n" + GOOD[1])
    assert office.read("pasien.csv").column("name") == ["YOH\0ANES", "NAMA 1"]


def test_a_lone_carriage_return_inside_a_cell(office: Office) -> None:
    office.write("pasien.csv", HEAD + "1,YOHANES\rTEFA,530,L,1979-03-12,IBU\r\n" + GOOD[1])
    reading = office.read("pasien.csv")
    assert reading.column("name") == ["YOHANES\rTEFA", "NAMA 1"]
    assert reading.column("row") == [2, 3]


def test_damage_late_in_a_long_file_has_its_true_line(office: Office) -> None:
    rows = [(str(i), "A\nB" if i == 7 else "A", str(i), "L", "1990-01-01", "X" * 60) for i in range(50_000)]
    lines = table(rows, lineterminator="\n").split("\n")
    lines[40_001] += ",surplus"
    office.write("pasien.csv", "\n".join(lines))
    reading = office.read("pasien.csv")
    assert [(r["row"], r["reason"]) for r in reading.aside] == [(40_002, "too_many_columns")]
    assert len(reading.rows) == 49_999
    assert reading.rows[-1]["row"] == 50_002


def test_quarantine_says_where_what_and_what_was_expected_and_shows_nobody(office: Office) -> None:
    office.write("pasien.csv", HEAD + "000102,MARIA BANI,5301066509830002,P,1983-09-25\nMARIA BANI\n")
    first, second = office.read("pasien.csv").aside
    assert first == {
        "source": "rsud",
        "stage": "extract",
        "scope": "row",
        "file": "pasien.csv",
        "row": 2,
        "column": None,
        "value": "5301********0002",
        "reason": "too_few_columns",
        "expected": "6 columns, seen 5",
    }
    assert second["value"] == "M*********"


def test_a_gzip_cut_short_is_no_source(office: Office) -> None:
    """What is missing cannot be counted: taken as a small source, it would resolve its items."""
    whole = packed(
        table([(str(i), f"NAMA {i * 7919 % 1000}", str(i * 104_729), "L", "", "") for i in range(9000)])
    )
    office.write("pasien.csv.gz", whole[: len(whole) // 2])
    with pytest.raises(SourceUnreadable, match=r"pasien\.csv\.gz: the gzip is damaged or was cut short"):
        office.read("pasien.csv.gz")


def test_a_gzip_with_a_flipped_bit_is_no_source(office: Office) -> None:
    whole = bytearray(packed(table()))
    whole[-6] ^= 1  # in the checksum
    office.write("pasien.csv.gz", bytes(whole))
    with pytest.raises(SourceUnreadable, match="damaged"):
        office.read("pasien.csv.gz")


def test_a_line_without_an_end_is_no_table(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.extract.stream.PIECE", 1 << 10)
    monkeypatch.setattr("pipelines.extract.stream.LONGEST_LINE", 1 << 14)
    office.write("pasien.csv", HEAD + "x" * (1 << 16))
    with pytest.raises(SourceUnreadable, match="not a table of text"):
        office.read("pasien.csv")


@pytest.mark.parametrize("content", [b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", b"\x00\x01\x02\x03" * 200])
def test_what_is_no_table_is_refused_in_one_line(office: Office, content: bytes) -> None:
    office.write("pasien.csv", content)
    with pytest.raises(SourceUnreadable) as caught:
        office.read("pasien.csv")
    assert "\n" not in str(caught.value)
