"""Raw rows of people become records; what cannot be read is written down, and every row adds up."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.engine import PART
from pipelines.layouts import load_layout
from pipelines.records import PERSON_FIELDS, QUARANTINE, RECORDS, mask_nik
from tests.standardise.office import Office, Row
from tests.standardise.reading import MESSY

YOHANES = {
    "record_id": "5301061203790003",
    "nik": "5301061203790003",
    "kk": "5301060502080011",
    "name": "YOHANES TEFA",
    "sex": "1",
    "birth_place": "BABAU",
    "birth_date": "12-03-1979",
    "mother_name": "MARIA BANA",
    "address": "RT 004 RW 002 BABAU",
    "province_code": "53",
    "regency_code": "1",
    "district_code": "6",
    "status": "AKTIF",
}
"""A row of the registry, as SIAK writes it."""

MARGARITHA = {
    "record_id": "000102",
    "nik": "5301 0665 0983 0002",
    "name": "Ny. Margaritha Neno, S.Pd",
    "sex": "P",
    "birth_place": "Kab. Kupang",
    "birth_date": "1983-09-25",
    "mother_name": "-",
    "address": "-",
    "changed_at": "2021-02-03",
}
"""A row of the hospital, as Khanza writes it."""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A fresh office."""
    return Office(tmp_path)


def test_a_row_of_the_registry(office: Office) -> None:
    assert office.records("dukcapil", [YOHANES]) == [
        {
            "source": "dukcapil",
            "source_record_id": "5301061203790003",
            "file": "dukcapil.csv",
            "row": 2,
            "nik_recorded": "5301061203790003",
            "nik_text": "5301061203790003",
            "nik": "5301061203790003",
            "nik_class": "valid",
            "nik_fault": None,
            "nik_birth_date": date(1979, 3, 12),
            "nik_sex": "L",
            "nik_region": "53.01.06",
            "nik_region_known": "district",
            "name_recorded": "YOHANES TEFA",
            "name": "YOHANES TEFA",
            "name_cut": False,
            "sex": "L",
            "birth_place": "BABAU",
            "birth_place_cut": False,
            "birth_date_recorded": "12-03-1979",
            "birth_date": date(1979, 3, 12),
            "mother_name": "MARIA BANA",
            "mother_name_cut": False,
            "father_name": None,
            "mother_nik": None,
            "father_nik": None,
            "kk": "5301060502080011",
            "address": "RT 004 RW 002 BABAU",
            "district": "53.01.06",
            "district_name": "KUPANG TIMUR",
            "status": "active",
        }
    ]
    assert office.quarantine("dukcapil") == []


def test_a_row_of_the_hospital(office: Office) -> None:
    (record,) = office.records("rsud", [MARGARITHA])
    assert record["source_record_id"] == "000102"
    assert record["nik_recorded"] == "5301 0665 0983 0002"
    assert record["nik"] == "5301066509830002"
    assert record["name_recorded"] == "Ny. Margaritha Neno, S.Pd"
    assert record["name"] == "MARGARITHA NENO"
    assert (record["sex"], record["nik_sex"]) == ("P", "P")
    assert record["birth_place"] == "KUPANG"
    assert (record["mother_name"], record["address"], record["kk"]) == (None, None, None)
    assert record["status"] == "active"
    assert office.quarantine("rsud") == []


def test_tables_have_exactly_their_schemas(office: Office) -> None:
    made = office.standardise("rsud", [MARGARITHA])
    other = office.settings.folder("quarantine/standardise/rsud") / PART
    for file, schema in ((made.file, RECORDS), (other, QUARANTINE)):
        written = pq.read_schema(file)
        assert (written.names, written.types) == (schema.names, schema.types)


def test_no_rows_make_two_empty_tables(office: Office) -> None:
    assert office.standardise("rsud", []).rows == 0
    assert office.quarantine("rsud") == []


def test_a_newborn_under_its_mothers_name_and_number(office: Office) -> None:
    (record,) = office.records(
        "rsud", [{**MARGARITHA, "name": "By. Ny. Margaritha Neno", "birth_date": "2026-11-20"}]
    )
    assert record["name"] == "MARGARITHA NENO"
    assert record["birth_date"] == date(2026, 11, 20)
    assert record["nik_birth_date"] == date(1983, 9, 25)


def test_a_name_that_fills_its_field_may_have_been_cut(office: Office) -> None:
    forty = "MARIA GORETI YULIANA KATARINA SERAN BRIA"
    (record,) = office.records("rsud", [{**MARGARITHA, "name": forty, "birth_place": "KOTA KUPANG TEN"}])
    assert len(forty) == 40
    assert (record["name_cut"], record["birth_place_cut"], record["mother_name_cut"]) == (True, True, False)
    (record,) = office.records("rsud", [{**MARGARITHA, "name": f" {forty[:-1]} "}])
    assert record["name_cut"] is False
    (record,) = office.records("dukcapil", [{**YOHANES, "name": forty}])  # SIAK's fields are wide enough
    assert record["name_cut"] is False


def test_records_come_in_the_order_of_their_keys(office: Office) -> None:
    rows = [{**MARGARITHA, "record_id": key} for key in ("b", "10", "a", "9", "B")]
    assert [r["source_record_id"] for r in office.records("rsud", rows)] == ["10", "9", "B", "a", "b"]


def test_the_order_of_rows_changes_nothing_but_the_quarantine_of_the_older(office: Office) -> None:
    rows: list[Row] = [{**MARGARITHA, "record_id": str(at), "row": at} for at in range(20)]
    assert office.standardise("rsud", rows).sha256 == office.standardise("rsud", rows[::-1]).sha256


# --- rows that go no further -------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", "  ", "\u00a0\u200b"])
def test_a_row_without_a_key(office: Office, key: str | None) -> None:
    assert office.records("rsud", [{**MARGARITHA, "record_id": key}]) == []
    (noted,) = office.quarantine("rsud")
    assert noted == {
        "source": "rsud",
        "stage": "standardise",
        "scope": "row",
        "file": "rsud.csv",
        "row": 2,
        "column": "record_id",
        "value": "",
        "reason": "no_key",
        "expected": "a key that tells this record from every other",
    }


@pytest.mark.parametrize("number", [None, "-", "0000000000000000", "TIDAK ADA"])
def test_in_the_registry_the_number_is_the_key(office: Office, number: str | None) -> None:
    assert office.records("dukcapil", [{**YOHANES, "nik": number, "record_id": number or "A1"}]) == []
    (noted,) = office.quarantine("dukcapil")
    assert (noted["scope"], noted["column"], noted["reason"]) == ("row", "nik", "no_key")
    assert noted["value"] == mask_nik(number)


def test_a_malformed_number_in_the_registry_is_a_key_all_the_same(office: Office) -> None:
    (record,) = office.records("dukcapil", [{**YOHANES, "nik": "530106120379003"}])
    assert record["source_record_id"] == "530106120379003"
    assert (record["nik"], record["nik_class"], record["nik_fault"]) == (None, "malformed", "length")


def twice(*changes: dict[str, object]) -> list[Row]:
    """One patient's row several times, each with these changes, named in order."""
    return [{**MARGARITHA, "name": f"Nama {'ABC'[at]}", **change} for at, change in enumerate(changes)]


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ([{}, {}], "NAMA B"),  # the same date: the last row
        ([{"changed_at": None}, {"changed_at": None}], "NAMA B"),
        ([{"changed_at": "2024-01-02"}, {"changed_at": "2024-01-01"}], "NAMA A"),
        ([{"changed_at": "2024-01-01"}, {"changed_at": "2024-01-02"}], "NAMA B"),
        ([{"changed_at": "2020-01-01"}, {"changed_at": None}], "NAMA A"),  # a date speaks before a place
        ([{"changed_at": "2024-01-02 10:30"}, {"changed_at": "2024-01-02 10:29"}], "NAMA A"),
        ([{"changed_at": "02-01-2024"}, {"changed_at": "2024-01-01"}, {}], "NAMA A"),
        ([{"changed_at": "2024-01-01"}, {"changed_at": "2099-01-01"}], "NAMA A"),  # no such day yet
        ([{"file": "b.csv", "row": 2}, {"file": "a.csv", "row": 9}], "NAMA A"),  # the later file
        ([{"row": 9}, {"row": 3}], "NAMA A"),
        ([{"row": 3}, {"row": 3}], "NAMA B"),  # two files of one name: the later read
    ],
)
def test_a_key_twice(office: Office, changes: list[dict[str, object]], stands: str) -> None:
    (record,) = office.records("rsud", twice(*changes))
    assert record["name"] == stands
    noted = [q for q in office.quarantine("rsud") if q["scope"] == "row"]
    assert [q["reason"] for q in noted] == ["key_twice"] * (len(changes) - 1)
    assert {(q["column"], q["value"]) for q in noted} == {("record_id", "0*****")}


def test_a_number_twice_in_the_registry_however_it_is_written(office: Office) -> None:
    rows: list[Row] = [
        {**YOHANES, "nik": "5301 0612 0379 0003", "status": "AKTIF", "changed_at": "01-02-2025"},
        {**YOHANES, "nik": "5301061203790003", "status": "MENINGGAL", "changed_at": "03-02-2025"},
        {**YOHANES, "nik": "'5301061203790003", "status": "AKTIF", "changed_at": "02-02-2025"},
    ]
    (record,) = office.records("dukcapil", rows)
    assert (record["status"], record["row"]) == ("deceased", 3)
    noted = office.quarantine("dukcapil")
    assert [(q["row"], q["column"], q["reason"], q["scope"]) for q in noted] == [
        (2, "nik", "superseded", "row"),
        (4, "nik", "superseded", "row"),
    ]
    assert noted[0]["value"] == "5301***********0003"


def test_two_floats_in_the_registry_are_not_one_person_twice(office: Office) -> None:
    """A spreadsheet cut both; the second goes no further, and the reason does not claim that it is old."""
    rows: list[Row] = [{**YOHANES, "nik": "5,30106E+15"}, {**YOHANES, "nik": "5,30106E+15"}]
    assert len(office.records("dukcapil", rows)) == 1
    assert [q["reason"] for q in office.quarantine("dukcapil")] == ["key_twice"]


def test_a_row_that_goes_no_further_is_noted_once(office: Office) -> None:
    """Its unreadable values are not noted too: nobody is to correct an old row."""
    old: Row = {**MARGARITHA, "birth_date": "31-02-1990", "sex": "?x", "changed_at": "2020-01-01"}
    office.records("rsud", [old, MARGARITHA, {**old, "record_id": ""}])
    assert [q["scope"] for q in office.quarantine("rsud")] == ["row", "row"]


# --- values that are left out ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "change", "column", "value", "reason"),
    [
        ("rsud", {"birth_date": "31-02-1990"}, "birth_date", "3*********", "date_impossible"),
        ("rsud", {"birth_date": "besok"}, "birth_date", "b****", "date_unreadable"),
        ("rsud", {"birth_date": "2026-11-25"}, "birth_date", "2*********", "date_in_future"),
        ("rsud", {"birth_date": "1850-01-01"}, "birth_date", "1*********", "date_too_old"),
        ("rsud", {"sex": "X1"}, "sex", "X*", "sex_unknown"),
        ("sekolah", {"kk": "530106050208001"}, "kk", "5301*******8001", "number_malformed"),
        ("dukcapil", {"mother_nik": "53010605"}, "mother_nik", "********", "number_malformed"),
        ("dukcapil", {"father_nik": "5,30101E+15"}, "father_nik", "5,30***E+15", "number_malformed"),
        ("dukcapil", {"status": "ENTAH"}, "status", "E****", "status_unknown"),
        ("dukcapil", {"changed_at": "kemarin"}, "changed_at", "k******", "date_unreadable"),
    ],
)
def test_a_value_that_cannot_be_read(
    office: Office, source: str, change: Row, column: str, value: str, reason: str
) -> None:
    base = YOHANES if source == "dukcapil" else MARGARITHA
    (record,) = office.records(source, [{**base, **change}])
    (noted,) = office.quarantine(source)
    assert (noted["scope"], noted["column"], noted["value"], noted["reason"]) == (
        "value",
        column,
        value,
        reason,
    )
    assert noted["expected"]
    if column in record:
        assert record[column] == ("active" if column == "status" else None)


def test_several_values_of_one_row(office: Office) -> None:
    broken: Row = {**MARGARITHA, "birth_date": "besok", "sex": "Q"}
    (record,) = office.records("rsud", [broken])
    assert [q["column"] for q in office.quarantine("rsud")] == ["birth_date", "sex"]
    assert record["birth_date_recorded"] == "besok"


def test_an_agency_says_nothing_of_life_and_death(office: Office) -> None:
    layout = load_layout("canonical", Path())
    other = Office(Path(office.settings.data.parent / "other"), layouts={"klinik": layout})
    (record,) = other.records("klinik", [{**MARGARITHA, "status": "MENINGGAL"}])
    assert record["status"] == "active"
    assert other.quarantine("klinik") == []


def test_a_layouts_words_and_placeholders_count_in_every_field(tmp_path: Path) -> None:
    own = load_layout("canonical", Path()).model_copy(
        update={
            "placeholders": ("BLANGKO", "99-99-9999", "5399999999999999"),
            "sex": {"L": ("9",), "P": ("8",)},
            "date_order": "mdy",
            "widths": {"name": 10},
        }
    )
    office = Office(tmp_path, layouts={"klinik": own})
    blank: Row = {"record_id": "1", "name": "Blangko", "nik": "5399999999999999", "birth_date": "99/99/9999"}
    full: Row = {"record_id": "2", "name": "Maria Tefa", "nik": "-", "birth_date": "05/12/1990", "sex": "8"}
    first, second = office.records("klinik", [{**blank, "birth_place": "BLANGKO", "kk": "blangko"}, full])
    assert (first["name"], first["nik_class"], first["birth_date"]) == (None, "missing", None)
    assert (first["birth_place"], first["kk"]) == (None, None)
    assert (second["sex"], second["birth_date"], second["name_cut"]) == ("P", date(1990, 5, 12), True)
    assert office.quarantine("klinik") == []


def test_whole_values_do_not_leave_by_the_quarantine(office: Office) -> None:
    secret: Row = {
        **YOHANES,
        "kk": "53010605020800",
        "mother_nik": "5301065103550001X",
        "birth_date": "31-02-1979",
    }
    office.records("dukcapil", [secret, secret, {**secret, "nik": ""}])
    text = (office.settings.folder("quarantine/standardise/dukcapil") / PART).read_bytes()
    for field in ("kk", "mother_nik", "nik", "birth_date", "name"):
        assert str(secret[field]).encode() not in text


# --- invariants --------------------------------------------------------------------------------------

RAW = st.lists(
    st.fixed_dictionaries(
        {
            "record_id": st.sampled_from([None, "", "1", "2", " 2", "3"]) | MESSY,
            "nik": st.sampled_from([None, "-", "5301061203790003", "5301066509830002", "53010612037900"])
            | MESSY,
            "birth_date": st.sampled_from([None, "1990-05-12", "31-02-1990", "12/05/90"]) | MESSY,
            "changed_at": st.sampled_from([None, "2024-01-01", "2024-01-01 10:00", "x"]),
            "file": st.sampled_from(["a.csv", "b.csv"]),
            "row": st.integers(2, 5),
        },
        optional=dict.fromkeys(
            sorted({*PERSON_FIELDS} - {"record_id", "nik", "birth_date", "changed_at"}), st.none() | MESSY
        ),
    ),
    max_size=12,
)


@given(RAW, st.sampled_from(["dukcapil", "rsud", "sekolah"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_row_is_a_record_or_in_the_quarantine(rows: list[dict[str, Any]], source: str) -> None:
    with TemporaryDirectory() as folder:
        office = Office(Path(folder))
        records = office.records(source, rows)
        noted = office.quarantine(source)
    gone = [q for q in noted if q["scope"] == "row"]
    assert len(rows) == len(records) + len(gone)
    keys = [record["source_record_id"] for record in records]
    assert keys == sorted(set(keys))
    assert all(key and key.strip() for key in keys)
    assert {q["reason"] for q in gone} <= {"no_key", "key_twice", "superseded"}
    assert all(q["expected"] and q["stage"] == "standardise" and q["source"] == source for q in noted)
    kept = {(record["file"], record["row"]) for record in records}
    assert {(q["file"], q["row"]) for q in noted if q["scope"] == "value"} <= kept


@given(RAW)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_threads_change_nothing(rows: list[dict[str, Any]]) -> None:
    digests = set()
    for threads in (1, 3):
        with TemporaryDirectory() as folder:
            digests.add(Office(Path(folder), threads).standardise("rsud", rows).sha256)
    assert len(digests) == 1


@pytest.mark.slow
def test_many_rows_in_little_memory_and_on_any_number_of_threads(tmp_path: Path) -> None:
    """More rows than a block of the table has; the bytes are the same, and no row is lost."""
    base = {**YOHANES, "record_id": None}
    rows: list[Row] = [{**base, "nik": f"530106{at % 28 + 1:02}0379{at // 28:04}"} for at in range(150_000)]
    made = []
    for threads in (1, 2):
        office = Office(tmp_path / str(threads), threads)
        small = office.settings.resources.model_copy(update={"memory": "200MB"})
        office.settings = office.settings.model_copy(update={"resources": small})
        made.append(office.standardise("dukcapil", rows))
        assert made[-1].rows + len(office.quarantine("dukcapil")) == len(rows)
    assert made[0].sha256 == made[1].sha256
    assert made[0].rows > 122_880
