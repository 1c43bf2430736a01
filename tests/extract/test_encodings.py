"""Accents and how old and new systems write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.extract.stream import encoding_of, whole_lines
from tests.extract.office import HEADER, Office, table

NAMES = ["JOSÉ DA COSTA", "ANDRÉ", "MÜLLER – O’NEIL", "ŽELJKO", "100 €"]


def patients(names: list[str]) -> str:
    return table([(str(i), name, str(i), "L", "1990-01-01", "IBU") for i, name in enumerate(names)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_encoding_in_use_gives_the_same_names(office: Office, encoding: str) -> None:
    office.write("pasien.csv", patients(NAMES).encode(encoding))
    assert office.read("pasien.csv").column("name") == NAMES


def test_an_accent_late_in_a_long_file_decides_for_the_whole(office: Office) -> None:
    names = [f"NAMA {i}" for i in range(70_000)] + ["JOSÉ"]
    path = office.write("pasien.csv", patients(names).encode("cp1252"))
    assert path.stat().st_size > 2 << 20
    assert office.read("pasien.csv").column("name")[-1] == "JOSÉ"


def test_bytes_that_cp1252_leaves_undefined_do_no_harm(office: Office) -> None:
    content = patients(["X"]).encode().replace(b"X", b"JOS\xc9 \x81\x9d")
    office.write("pasien.csv", content)
    assert office.read("pasien.csv").column("name") == ["JOSÉ \x81\x9d"]


def test_a_file_glued_together_from_both_is_read_line_by_line(office: Office) -> None:
    office.write(
        "pasien.csv",
        patients(["JOSÉ", "ANDRÉ", "RENÉE"]).encode("utf-8") + b"9,DESIR\xc9E,9,P,1990-01-01,IBU\r\n",
    )
    assert office.read("pasien.csv").column("name") == ["JOSÉ", "ANDRÉ", "RENÉE", "DESIRÉE"]


def test_a_cp1252_file_with_one_line_that_could_be_utf8_stays_cp1252(office: Office) -> None:
    office.write("pasien.csv", patients(["JOSÉ", "ANDRÉ", "Ã©"]).encode("cp1252"))
    assert office.read("pasien.csv").column("name") == ["JOSÉ", "ANDRÉ", "Ã©"]


def test_a_mark_on_a_file_that_is_damaged_further_down(office: Office) -> None:
    office.write("pasien.csv", b"\xef\xbb\xbf" + patients(["JOSÉ"]).encode("cp1252"))
    assert office.read("pasien.csv").column("record_id") == ["0"]


def test_headers_with_marks_that_nobody_sees(office: Office) -> None:
    office.write("pasien.csv", table(header=["\u200bno_rkm_medis", "NM\u00a0PASIEN", *HEADER[2:]]))
    assert office.read("pasien.csv").column("name")[0] == "YOHANES TEFA"


@given(text=st.text(st.characters(exclude_categories=["Cs"])), size=st.integers(1, 9))
def test_utf8_is_known_however_it_is_cut(text: str, size: int) -> None:
    content = text.encode("utf-8")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    assert encoding_of(parts) == "utf-8"


@given(parts=st.lists(st.binary(max_size=9)))
def test_cutting_at_line_ends_keeps_every_byte(parts: list[bytes]) -> None:
    blocks = list(whole_lines(parts))
    assert b"".join(blocks) == b"".join(parts)
    assert all(block.endswith(b"\n") for block in blocks[:-1])
