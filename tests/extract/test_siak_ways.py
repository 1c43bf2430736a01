"""SIAK extracts as offices make them: whatever the spelling, the files or the delimiter, the same people."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.engine import PART
from pipelines.extract import extract
from pipelines.layouts import load_layout
from pipelines.records import RECORDS
from pipelines.settings import Settings, Source
from pipelines.standardise import standardise
from tests.extract.office import DAY

KUPANG = Path(__file__).parent.parent / "end_to_end" / "data" / "kupang" / "registry.csv"
People = list[dict[str, str]]

SPELLINGS = {
    "table": {},
    "web service": {"STATUS": "STATUS_NIK", "KEC_NAME": "NAMA_KEC", "NAMA_LGKP": "NAMA_LENGKAP"},
    "older": {"NO_KK": "NKK", "TMPT_LHR": "TMPT_LAHIR", "TGL_LHR": "TGL_LAHIR", "NAMA_LGKP_IBU": "NAMA_IBU"},
    "long": {
        "NO_KK": "Nomor KK",
        "NAMA_LGKP": "Nama Lengkap",
        "JENIS_KLMIN": "Jenis Kelamin",
        "TMPT_LHR": "Tempat Lahir",
        "TGL_LHR": "Tanggal Lahir",
        "NAMA_LGKP_IBU": "Nama Lengkap Ibu",
        "NO_PROP": "Kode Prop",
        "NO_KAB": "Kode Kab",
        "NO_KEC": "Kode Kec",
        "KEC_NAME": "Nama Kecamatan",
    },
}


def registry() -> People:
    with KUPANG.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def write(
    path: Path, people: Sequence[dict[str, str]], spelling: str = "table", case: str = "upper", **dialect: Any
) -> None:
    names = [SPELLINGS[spelling].get(name, name) for name in people[0]]
    encoding = dialect.pop("encoding", "utf-8")
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle, **dialect)
        writer.writerow([getattr(name, case)() for name in names])
        writer.writerows(person.values() for person in people)


def records(folder: Path, location: str) -> list[dict[str, Any]]:
    """What a run makes of the registry, without where each row lay."""
    source = Source.model_validate(
        {"name": "dukcapil", "layout": load_layout("siak", folder), "location": str(folder / location)}
    )
    settings_ = Settings(
        run_date=DAY,
        config_file=folder / "padan.toml",
        data=folder / "data",
        registry=source,
        sources=(source,),
    )
    raw = extract(source, settings_)
    table = pq.read_table(standardise(raw, source, settings_).file)
    assert (table.schema.names, table.schema.types) == (RECORDS.names, RECORDS.types)
    aside = [
        pq.read_table(settings_.folder(f"quarantine/{stage}/dukcapil") / PART)
        for stage in ("extract", "standardise")
    ]
    rows = sum(sum(scope == "row" for scope in t.column("scope").to_pylist()) for t in aside)
    assert raw.rows + aside[0].num_rows == table.num_rows + rows, "no row is lost"
    return table.drop_columns(["file", "row"]).to_pylist()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The registry as one plain file."""
    folder = tmp_path_factory.mktemp("one")
    write(folder / "registry.csv", registry())
    found = records(folder, "registry.csv")
    assert len(found) > 20
    assert all(person["district"] for person in found)
    return found


@pytest.mark.parametrize(
    ("spelling", "case"),
    [("table", "lower"), ("web service", "title"), ("older", "upper"), ("long", "title")],
)
def test_every_spelling_of_the_columns(
    tmp_path: Path, expected: list[dict[str, Any]], spelling: str, case: str
) -> None:
    write(tmp_path / "a.csv", registry(), spelling, case)
    assert records(tmp_path, "a.csv") == expected


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [("|", "cp1252"), (";", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-8-sig")]
)
def test_every_delimiter_and_encoding(
    tmp_path: Path, expected: list[dict[str, Any]], delimiter: str, encoding: str
) -> None:
    write(tmp_path / "a.txt", registry(), delimiter=delimiter, encoding=encoding)
    assert records(tmp_path, "a.txt") == expected


def test_a_file_for_each_kecamatan_each_made_by_another_hand(
    tmp_path: Path, expected: list[dict[str, Any]]
) -> None:
    people = registry()
    places = sorted({person["NO_KEC"] for person in people})
    assert len(places) >= 3
    hands = [
        ("table", "upper", "|"),
        ("web service", "lower", ";"),
        ("older", "title", ","),
        ("long", "title", "\t"),
    ]
    for at, place in enumerate(places):
        spelling, case, delimiter = hands[at % len(hands)]
        there = [person for person in people if person["NO_KEC"] == place]
        path = tmp_path / f"siak_kec_{place}.txt"
        write(path, there, spelling, case, delimiter=delimiter)
        if at == 1:  # one of them was packed for its way
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    assert records(tmp_path, "siak_kec_*") == expected


def zero_padded(person: dict[str, str]) -> dict[str, str]:
    return {
        **person,
        "NO_PROP": "53",
        "NO_KAB": person["NO_KAB"].zfill(2),
        "NO_KEC": person["NO_KEC"].zfill(2),
    }


def whole(person: dict[str, str]) -> dict[str, str]:
    regency = f"53{person['NO_KAB'].zfill(2)}"
    return {**person, "NO_KAB": regency, "NO_KEC": f"{regency}{person['NO_KEC'].zfill(2)}"}


def dotted(person: dict[str, str]) -> dict[str, str]:
    regency = f"53.{person['NO_KAB'].zfill(2)}"
    return {**person, "NO_KAB": regency, "NO_KEC": f"{regency}.{person['NO_KEC'].zfill(2)}"}


def spreadsheet(person: dict[str, str]) -> dict[str, str]:
    return {**person, **{code: f"{person[code]}.0" for code in ("NO_PROP", "NO_KAB", "NO_KEC")}}


@pytest.mark.parametrize("coded", [zero_padded, whole, dotted, spreadsheet])
def test_codes_of_regions_with_and_without_leading_zeros(
    tmp_path: Path, expected: list[dict[str, Any]], coded: Any
) -> None:
    write(tmp_path / "a.csv", [coded(person) for person in registry()], delimiter="|")
    assert records(tmp_path, "a.csv") == expected


def test_sexes_as_words_and_dates_as_the_database_prints_them(
    tmp_path: Path, expected: list[dict[str, Any]]
) -> None:
    def other(person: dict[str, str]) -> dict[str, str]:
        day, month, year = person["TGL_LHR"].split("-")
        sex = {"1": "LAKI-LAKI", "2": "PEREMPUAN"}[person["JENIS_KLMIN"]]
        return {**person, "JENIS_KLMIN": sex, "TGL_LHR": f"{year}-{month}-{day} 00:00:00"}

    write(tmp_path / "a.csv", [other(person) for person in registry()])
    same = [{**p, "birth_date_recorded": None} for p in records(tmp_path, "a.csv")]
    assert same == [{**p, "birth_date_recorded": None} for p in expected]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(range(len(registry()))), cuts=st.sets(st.integers(1, 20), max_size=3))
def test_however_the_people_are_spread_over_files(
    tmp_path_factory: pytest.TempPathFactory, expected: list[dict[str, Any]], order: list[int], cuts: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("spread")
    people = [registry()[at] for at in order]
    edges = [0, *sorted(cuts), len(people)]
    for number, (start, end) in enumerate(pairwise(edges)):
        write(folder / f"part-{number}.csv", people[start:end], delimiter="|")
    assert records(folder, "part-*.csv") == expected
