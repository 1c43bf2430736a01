"""A drafted layout is judged by what it reads: the same records as the layout that a person wrote."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.layouts import Layout
from pipelines.suggest import Suggestion, suggest_layout, toml
from tests.suggest import people
from tests.suggest.people import TODAY, Table, changed, dates, read, rows_of, shuffled, write

Writer = Callable[[Path, Table], None]


def drafted(folder: Path, location: str) -> tuple[Suggestion, Layout]:
    """The suggestion for a file, and the layout as it is read back from its text."""
    found = suggest_layout(location, folder, TODAY)
    return found, Layout.model_validate(tomllib.loads(toml(found)))


def same(
    drawn: Path, folder: Path, name: str, shipped: str, location: str, registry: bool = False
) -> Suggestion:
    """Assert that the draft for ``location`` reads the records that the shipped layout reads of ``name``."""
    found, layout = drafted(folder, location)
    expected = read(drawn, name, shipped, registry)
    assert len(expected) > 150
    assert read(folder, location, layout, registry) == expected
    return found


# --- systems as they are


@pytest.mark.parametrize(
    ("name", "shipped", "registry"),
    [("registry.csv", "siak", True), ("pasien.csv", "khanza", False), ("siswa.csv", "dapodik", False)],
)
def test_known_systems_need_no_correction(
    drawn: Path, tmp_path: Path, name: str, shipped: str, registry: bool
) -> None:
    (tmp_path / name).write_bytes((drawn / name).read_bytes())
    found = same(drawn, tmp_path, name, shipped, name, registry)
    sure = {p.field: p.certainty for p in found.picks}
    assert min(sure[field] for field in ("record_id", "nik", "name", "sex", "birth_date")) > 0.8


def semicolons(path: Path, table: Table) -> None:
    write(path, table, delimiter=";", encoding="cp1252", quoting=1)


def titled(path: Path, table: Table) -> None:
    people.workbook(path, table, ["DAFTAR PASIEN", "RSUD NAIBONAT", "per 24 November 2026"])


@pytest.mark.parametrize(
    ("location", "writer"),
    [
        ("pasien.txt", semicolons),
        ("pasien.xlsx", titled),
        ("pasien.ndjson", people.lines),
        ("pasien.parquet", people.parquet),
    ],
)
def test_patients_in_other_formats(drawn: Path, tmp_path: Path, location: str, writer: Writer) -> None:
    writer(tmp_path / location, rows_of(drawn / "pasien.csv"))
    same(drawn, tmp_path, "pasien.csv", "khanza", location)


def test_a_database_is_searched_for_the_table_of_people(drawn: Path, tmp_path: Path) -> None:
    people.database(tmp_path / "sik.sqlite", rows_of(drawn / "pasien.csv"), "pasien")
    found = same(drawn, tmp_path, "pasien.csv", "khanza", f"sqlite:///{tmp_path / 'sik.sqlite'}")
    assert found.query is not None
    assert "no_tlp" not in found.query, "only what is compared leaves the hospital"
    assert found.query.endswith("FROM pasien ORDER BY no_rkm_medis")
    assert found.key == "no_rkm_medis"


# --- names that mislead, and none at all

MISLEADING = {
    "no_ktp": "no_peserta_bpjs",
    "no_rkm_medis": "kd_1",
    "nm_pasien": "nm_ibu",
    "nm_ibu": "nm_pasien",
    "tgl_lahir": "tgl_daftar",
    "tgl_daftar": "tgl_lahir",
    "jk": "goldar",
    "gol_darah": "jk",
}


def test_values_count_more_than_misleading_names(drawn: Path, tmp_path: Path) -> None:
    write(tmp_path / "export.csv", rows_of(drawn / "pasien.csv"), MISLEADING)
    found, layout = drafted(tmp_path, "export.csv")
    assert found.columns["nik"] == "no_peserta_bpjs"
    assert found.columns["name"] == "nm_ibu"
    assert found.columns["birth_date"] == "tgl_daftar"
    assert found.columns["sex"] == "goldar"
    assert [r[2:6] for r in read(tmp_path, "export.csv", layout)] == [
        r[2:6] for r in read(drawn, "pasien.csv", "khanza")
    ]


def test_names_that_say_nothing(drawn: Path, tmp_path: Path) -> None:
    table = rows_of(drawn / "registry.csv")
    write(
        tmp_path / "extract.txt", table, {name: f"F{at}" for at, name in enumerate(table[0])}, delimiter="|"
    )
    same(drawn, tmp_path, "registry.csv", "siak", "extract.txt", registry=True)


@pytest.mark.parametrize("delimiter", ["|", ";", "\t"])
def test_a_file_without_a_header(drawn: Path, tmp_path: Path, delimiter: str) -> None:
    write(tmp_path / "extract.txt", rows_of(drawn / "registry.csv"), header=False, delimiter=delimiter)
    found = same(drawn, tmp_path, "registry.csv", "siak", "extract.txt", registry=True)
    assert found.header[:2] == ("kolom_01", "kolom_02")
    assert found.rows == 1000


def test_a_workbook_without_a_header(drawn: Path, tmp_path: Path) -> None:
    table = rows_of(drawn / "siswa.csv")
    people.workbook(tmp_path / "siswa.xlsx", table)
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "siswa.xlsx")
    book.active.delete_rows(1)
    book.save(tmp_path / "siswa.xlsx")
    found, layout = drafted(tmp_path, "siswa.xlsx")
    assert found.header
    assert [r[1:6] for r in read(tmp_path, "siswa.xlsx", layout)] == [
        r[1:6] for r in read(drawn, "siswa.csv", "dapodik")
    ]


def test_the_order_of_columns_tells_nothing(drawn: Path, tmp_path: Path) -> None:
    write(tmp_path / "pasien.csv", shuffled(rows_of(drawn / "pasien.csv")))
    same(drawn, tmp_path, "pasien.csv", "khanza", "pasien.csv")


def test_a_column_without_a_name_can_be_the_number(drawn: Path, tmp_path: Path) -> None:
    write(tmp_path / "pasien.csv", rows_of(drawn / "pasien.csv"), {"no_ktp": ""})
    found = same(drawn, tmp_path, "pasien.csv", "khanza", "pasien.csv")
    assert found.columns["nik"] == ""


# --- dates and codes


@pytest.mark.parametrize(
    ("written", "order"),
    [("%d/%m/%Y", "dmy"), ("%m/%d/%Y", "mdy"), ("%d-%m-%y", "dmy"), ("%Y/%m/%d", "ymd"), ("%Y%m%d", "ymd")],
)
def test_the_numbers_tell_the_order_of_the_dates(
    drawn: Path, tmp_path: Path, written: str, order: str
) -> None:
    table = changed(rows_of(drawn / "pasien.csv"), tgl_lahir=dates(written))
    write(tmp_path / "pasien.csv", table)
    found, layout = drafted(tmp_path, "pasien.csv")
    assert (found.order.value, layout.date_order) == (order, order)
    assert found.order.certainty > 0.9
    assert found.columns["birth_date"] == "tgl_lahir"


@pytest.mark.parametrize(
    ("men", "women"), [("1", "0"), ("2", "1"), ("A", "B"), ("P", "W"), ("Pria", "Wanita")]
)
def test_the_numbers_tell_what_the_codes_of_the_sexes_mean(
    drawn: Path, tmp_path: Path, men: str, women: str
) -> None:
    table = changed(rows_of(drawn / "pasien.csv"), jk={"L": men, "P": women}.__getitem__)
    write(tmp_path / "pasien.csv", table)
    found = same(drawn, tmp_path, "pasien.csv", "khanza", "pasien.csv")
    assert found.sex == {"L": (men.upper(),), "P": (women.upper(),)}


def test_placeholders_are_what_is_repeated_and_nobodys(drawn: Path, tmp_path: Path) -> None:
    table = rows_of(drawn / "pasien.csv")
    for at, row in enumerate(table[:200]):
        row["no_ktp"] = ("KTP TERTINGGAL", "5301000000000000", "TIDAK ADA", row["no_ktp"])[at % 4]
        row["tgl_lahir"] = "31-31-9999" if at % 5 == 0 else row["tgl_lahir"]
    write(tmp_path / "pasien.csv", table)
    found, layout = drafted(tmp_path, "pasien.csv")
    assert set(layout.placeholders) == {"TERTINGGAL", "5301000000000000", "31-31-9999"}
    assert all("times" in p.reason for p in found.placeholders)
    records = read(tmp_path, "pasien.csv", layout)
    assert not [r for r in records if r[1] in ("TERTINGGAL", "5301000000000000")]
    nobodys = {"KTP TERTINGGAL", "5301000000000000", "TIDAK ADA"}
    assert sum(r[1] is None for r in records) >= sum(row["no_ktp"] in nobodys for row in table) > 90
