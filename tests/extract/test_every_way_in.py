"""The same thousand people through each way in: whatever the system, the same records come out.

Each way writes these people as its system does, they are read by the layout shipped for that system and
standardised for real, and the tables are compared cell by cell.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from pipelines.extract import extract
from pipelines.records import RECORDS
from pipelines.settings import Source
from pipelines.standardise import standardise
from tests.extract.office import Office, packed
from tests.extract.service import bundle, dapodik, fhir, serving
from tests.extract.test_by_key import KHANZA
from tests.extract.test_databases import running
from tests.extract.test_sheets import daftar

KEMKES = "https://fhir.kemkes.go.id/id/"
BIRTHPLACE = "https://fhir.kemkes.go.id/r4/StructureDefinition/birthPlace"


@dataclass(frozen=True)
class Person:
    """One of the thousand, with what nobody knows of them as None."""

    key: str
    nik: str | None
    name: str
    sex: str
    place: str | None
    born: date | None
    mother: str | None


def _drawn() -> list[Person]:
    draw = random.Random(8)
    names = [
        "MARIA",
        "YOHANES",
        "José",
        "ANA",
        "D'ARC",
        "PETRUS",
        "Siti",
        "NENO",
        "TEFA",
        "BANI, S.Pd",
        "MÜLLER",
    ]
    people = []
    for number in range(1000):
        sex = draw.choice("LP")
        born = date(1940, 1, 1) + timedelta(draw.randrange(30_000))
        day = born.day + (40 if sex == "P" else 0)
        nik = f"530104{day:02}{born:%m%y}{draw.randrange(1, 9999):04}"
        wrong = {
            0: None,
            1: nik[:15],
            2: f"{nik[:6]} {nik[6:12]} {nik[12:]}",
            3: "TIDAK ADA",
            4: nik[:-1] + "O",
        }
        people.append(
            Person(
                key=f"{number:010}",
                nik=wrong.get(draw.randrange(40), nik),
                name=" ".join(draw.choices(names, k=draw.randrange(1, 4))),
                sex=sex,
                place=draw.choice(["KUPANG", "Naibonat", "Soë", None]),
                born=draw.choice([born] * 9 + [None]),
                mother=draw.choice(["MARIA BANA", "Ester O'Laik", None]),
            )
        )
    return people


PEOPLE = _drawn()
Way = Callable[[Office, ExitStack], Source]


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def plain(person: Person) -> list[str | None]:
    """A person in the columns of ``CANONICAL``."""
    return [person.key, person.nik, person.name, person.sex, person.place, iso(person.born), person.mother]


CANONICAL = ("record_id", "nik", "name", "sex", "birth_place", "birth_date", "mother_name")


def delimited(encoding: str, gz: bool = False, **dialect: Any) -> Way:
    def way(office: Office, _: ExitStack) -> Source:
        text = io.StringIO(newline="")
        csv.writer(text, **dialect).writerows([CANONICAL, *map(plain, PEOPLE)])
        content = text.getvalue().encode(encoding)
        office.write("people.csv", packed(content) if gz else content)
        return office.source("people.csv", "canonical")

    return way


def workbook(office: Office, _: ExitStack) -> Source:
    book = openpyxl.Workbook()
    book.active.append(["PENDUDUK"])
    book.active.append(CANONICAL)
    for person in PEOPLE:
        book.active.append([*plain(person)[:5], person.born, person.mother])
    book.save(office.folder / "people.xlsx")
    return office.source("people.xlsx", "canonical")


def parquet(office: Office, _: ExitStack) -> Source:
    columns = list(zip(*map(plain, PEOPLE), strict=True))
    table = pa.table(dict(zip(CANONICAL, map(list, columns), strict=True)))
    born = pa.array([p.born for p in PEOPLE], pa.date32())
    pq.write_table(table.set_column(5, "birth_date", born), office.folder / "people.parquet")
    return office.source("people.parquet", "canonical")


def sheet(office: Office, _: ExitStack) -> Source:
    parents = [None] * 6
    rows = []
    for number, p in enumerate(PEOPLE, 1):
        own = [number, p.name, "", p.sex, p.key, p.place, iso(p.born), p.nik, *[None] * 16]
        rows.append([*own, *parents, p.mother, *[None] * 5, *parents])
    daftar(office.folder / "siswa.xlsx", rows)
    return office.source("siswa.xlsx", "dapodik")


def mariadb(office: Office, stack: ExitStack) -> Source:
    address = running("mariadb")
    name = f"padan_sik_{uuid4().hex[:10]}"
    server = sa.create_engine(address, poolclass=sa.NullPool)
    _each(server, f"create database {name} character set latin1")
    stack.callback(_each, server, f"drop database {name}")
    engine = sa.create_engine(address.removesuffix("test") + name, poolclass=sa.NullPool)
    _each(engine, KHANZA)
    insert = sa.text(
        "insert into pasien (no_rkm_medis, no_ktp, nm_pasien, jk, tmp_lahir, tgl_lahir, nm_ibu, umur, pnd,"
        " namakeluarga, kd_pj, no_peserta, kd_kel, kd_kec, kd_kab)"
        " values (:0, :1, :2, :3, :4, :5, coalesce(:6, '-'), '', '', '', '', '', 1, 1, 1)"
    )
    with engine.begin() as connection:
        connection.execute(insert, [dict(zip("0123456", plain(p), strict=True)) for p in PEOPLE])
    return office.source(engine.url.render_as_string(hide_password=False), "khanza")


def postgresql(office: Office, stack: ExitStack) -> Source:
    address = running("postgresql")
    table = f"padan_people_{uuid4().hex[:10]}"
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    columns = ", ".join(f"{c} {'date' if c == 'birth_date' else 'text'}" for c in CANONICAL)
    _each(engine, f"create table {table} ({columns}, primary key (record_id))")
    stack.callback(_each, engine, f"drop table {table}")
    values = ", ".join(f":{i}" for i in range(7))
    with engine.begin() as connection:
        rows = [dict(zip("0123456", [*plain(p)[:5], p.born, p.mother], strict=True)) for p in PEOPLE]
        connection.execute(sa.text(f"insert into {table} values ({values})"), rows)
    return office.source(address, "canonical", f"select * from {table}")


def _each(engine: sa.Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def resource(person: Person) -> dict[str, Any]:
    """A person as a FHIR Patient; its local number beside the NIK."""
    identifiers = [{"system": f"{KEMKES}ihs-number", "value": f"P{person.key}"}]
    if person.nik:
        identifiers.append({"system": f"{KEMKES}nik", "value": person.nik})
    found: dict[str, Any] = {
        "resourceType": "Patient",
        "id": person.key,
        "identifier": identifiers,
        "name": [{"use": "official", "text": person.name}],
        "gender": {"L": "male", "P": "female"}[person.sex],
    }
    if person.born:
        found["birthDate"] = iso(person.born)
    if person.place:
        found["extension"] = [{"url": BIRTHPLACE, "valueAddress": {"city": person.place, "country": "ID"}}]
    if person.mother:
        mother = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"}]}
        found["contact"] = [{"relationship": [mother], "name": {"text": person.mother}}]
    return found


def fhir_file(office: Office, _: ExitStack) -> Source:
    office.write("patients.json", json.dumps(bundle([resource(p) for p in PEOPLE]), indent=1))
    return office.source("patients.json", "fhir-patient")


def fhir_lines(office: Office, _: ExitStack) -> Source:
    office.write("patients.ndjson", "\n".join(json.dumps(resource(p)) for p in PEOPLE))
    return office.source("patients.ndjson", "fhir-patient")


def fhir_server(office: Office, stack: ExitStack) -> Source:
    service = stack.enter_context(serving(fhir([resource(p) for p in PEOPLE], "s3cret")))
    return _with_token(office.source(f"{service.base}/fhir-r4/v1", "fhir-patient"))


def dapodik_service(office: Office, stack: ExitStack) -> Source:
    names = ("peserta_didik_id", "nik", "nama", "jenis_kelamin", "tempat_lahir", "tanggal_lahir", "nama_ibu")
    pupils = [dict(zip(names, plain(p), strict=True)) for p in PEOPLE]
    service = stack.enter_context(serving(dapodik(pupils)))
    return _with_token(office.source(f"{service.base}?npsn=50301234", "dapodik"))


def _with_token(source: Source) -> Source:
    return source.model_copy(update={"token": "s3cret"})


WAYS: dict[str, Way] = {
    "csv, comma": delimited("utf-8"),
    "csv, semicolon, byte order mark": delimited("utf-8-sig", delimiter=";"),
    "csv, tab, Windows-1252": delimited("cp1252", delimiter="\t", lineterminator="\n"),
    "csv, pipe, all quoted": delimited("utf-8", delimiter="|", quoting=csv.QUOTE_ALL),
    "csv, UTF-16, gzipped": delimited("utf-16", gz=True),
    "xlsx": workbook,
    "Dapodik's sheet": sheet,
    "MariaDB": mariadb,
    "PostgreSQL": postgresql,
    "FHIR file": fhir_file,
    "FHIR lines": fhir_lines,
    "FHIR over HTTP": fhir_server,
    "Dapodik's web service": dapodik_service,
    "parquet": parquet,
}


def records(folder: Path, way: Way) -> tuple[pa.Table, int]:
    """What comes out of a way in, without where each row lay; and the rows that went aside."""
    folder.mkdir()
    office = Office(folder)
    with ExitStack() as stack:
        source = way(office, stack)
        registry = source.model_copy(update={"name": "dukcapil"})
        settings = office.settings(source).model_copy(update={"registry": registry})
        artifact = standardise(extract(source, settings), source, settings)
    aside = sum(
        pq.read_table(
            settings.folder(f"quarantine/{stage}/rsud") / "part-0.parquet", filters=[("scope", "=", "row")]
        ).num_rows
        for stage in ("extract", "standardise")
    )
    # A file marks a column that happens to have no gap as one that may have none; the table's schema does not.
    return pq.read_table(artifact.file).cast(RECORDS).drop_columns(["file", "row"]), aside


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    table, aside = records(tmp_path_factory.mktemp("way") / "first", WAYS["csv, comma"])
    assert (table.num_rows, aside) == (1000, 0)
    return table


def test_the_thousand_are_who_was_drawn(expected: pa.Table) -> None:
    """What all ways are compared with is right itself."""
    assert expected["source_record_id"].to_pylist() == [p.key for p in PEOPLE]
    assert expected["nik_recorded"].to_pylist() == [p.nik for p in PEOPLE]
    assert expected["birth_date"].to_pylist() == [p.born for p in PEOPLE]
    assert expected["sex"].to_pylist() == [p.sex for p in PEOPLE]
    assert expected["name_recorded"].to_pylist() == [p.name for p in PEOPLE]
    kinds = set(expected["nik_class"].to_pylist())
    assert kinds == {"valid", "missing", "malformed"}


@pytest.mark.parametrize("way", [w for w in WAYS if w != "csv, comma"])
def test_every_way_in_gives_the_same_records(tmp_path: Path, expected: pa.Table, way: str) -> None:
    table, aside = records(tmp_path / "way", WAYS[way])
    assert aside == 0
    for name in expected.column_names:
        assert table[name].to_pylist() == expected[name].to_pylist(), name
    assert table.schema.equals(expected.schema)
