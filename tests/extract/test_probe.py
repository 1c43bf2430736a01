"""``padan check`` looks at a source without reading it and without showing anybody."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.extract import probe
from tests.extract.office import HEADER, PATIENTS, Office, table


def test_a_good_source(office: Office) -> None:
    office.write("pasien.csv", table())
    seen = office.probe("pasien.csv")
    assert seen.problem is None
    assert seen.inputs == ("pasien.csv",)
    assert seen.columns["nik"] == ("no_ktp",)
    assert seen.absent == ("birth_place", "address", "changed_at")
    assert seen.first == {
        "record_id": "0*****",
        "nik": "5301********0003",
        "name": "Y***********",
        "sex": "L",
        "birth_date": "1*********",
        "mother_name": "M*********",
    }


def test_every_format_can_be_looked_at(office: Office) -> None:
    office.write("a.csv", table())
    office.write(
        "a.ndjson", '{"no_rkm_medis": 1, "no_ktp": 2, "nm_pasien": "A", "tgl_lahir": "1990-01-01"}\n' * 9
    )
    pq.write_table(pa.table({h: ["x"] for h in HEADER}), office.folder / "a.parquet")
    book = openpyxl.Workbook()
    for row in (HEADER, PATIENTS[0]):
        book.active.append(row)
    book.save(office.folder / "a.xlsx")
    for name in ("a.csv", "a.ndjson", "a.parquet", "a.xlsx"):
        seen = office.probe(name)
        assert seen.problem is None, name
        assert set(seen.columns) >= {"record_id", "nik", "name", "birth_date"}
        assert seen.first


def test_a_large_file_is_not_read(office: Office) -> None:
    path = office.write("pasien.csv", table() + "x" * 100 + "\n")
    with path.open("ab") as handle:
        handle.truncate(1 << 40)  # a terabyte of nothing
    seen = office.probe("pasien.csv")
    assert seen.problem is None
    assert seen.first["record_id"] == "0*****"


def test_an_accent_at_the_edge_of_what_is_looked_at(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write("pasien.csv", table([("1", "JOSÉ" * 20, "1", "L", "1990-01-01", "A")] * 9))
    for size in range(100, 140):
        monkeypatch.setattr("pipelines.extract.stream.PIECE", size)
        assert office.probe("pasien.csv").problem is None


def test_a_table_without_rows_has_no_first_record(office: Office) -> None:
    office.write("pasien.csv", table([]))
    seen = office.probe("pasien.csv")
    assert (seen.problem, seen.first) == (None, {})


def test_problems_are_reported_and_not_raised(office: Office) -> None:
    assert "no such file" in str(office.probe("nowhere.csv").problem)
    office.write("a.csv", table())
    office.write("b.csv", "nama,telp\nA,1\n")
    seen = office.probe("*.csv")
    assert seen.problem is not None
    assert seen.problem.startswith("b.csv: no column for record_id")
    assert seen.inputs == ("a.csv", "b.csv")
    assert seen.columns["nik"] == ("no_ktp",)


def test_looking_leaves_nothing_behind(office: Office) -> None:
    office.write("pasien.csv", table())
    source = office.source("pasien.csv")
    probe(source, office.settings(source))
    assert not Path(office.folder / "data").exists()
