"""Kemendagri's codes, current and historical."""

from __future__ import annotations

import csv
import gzip
from importlib.resources import files

import duckdb
import pytest

from pipelines.regions import Level, known_provinces, load_regions, region, region_name


def test_provinces() -> None:
    provinces = known_provinces()
    assert len(provinces) == 38
    assert {"11", "53", "96"} <= provinces
    assert not {"00", "20", "54", "99"} & provinces


@pytest.mark.parametrize(
    ("code", "name", "level"),
    [
        ("53", "Nusa Tenggara Timur", "province"),
        ("53.01", "Kabupaten Kupang", "regency"),
        ("53.01.04", "Semau", "district"),
        ("53.71.01.1001", "Namosain", "village"),
        ("14.02.09.2010", "Lambang Sari I, II, III", "village"),  # a name with commas
    ],
)
def test_a_code_that_some_edition_had(code: str, name: str, level: Level) -> None:
    found = region(code)
    assert found is not None
    assert (found.code, found.name, found.level) == (code, name, level)
    assert found.first_edition <= found.last_edition
    assert region_name(code) == name


@pytest.mark.parametrize("code", ["99", "53.99", "53.01.01", "5301", "", "53.01.04.9999", "Semau"])
def test_a_code_that_no_edition_had(code: str) -> None:
    assert region(code) is None
    assert region_name(code) is None


def test_codes_that_have_died_are_still_known() -> None:
    with gzip.open(
        str(files("pipelines.regions").joinpath("regions.csv.gz")), "rt", encoding="utf-8"
    ) as lines:
        dead = [
            row for row in csv.DictReader(lines) if int(row["last_edition"]) < 2026 and len(row["code"]) <= 8
        ]
    assert dead
    for row in dead:
        found = region(row["code"])
        assert found is not None
        assert found.last_edition == int(row["last_edition"])


@pytest.mark.parametrize(
    ("deepest", "count"), [("province", 38), ("regency", 578), ("district", 8457), ("village", 99133)]
)
def test_the_table_for_sql(deepest: Level, count: int) -> None:
    con = duckdb.connect()
    load_regions(con, "codes", deepest)
    assert con.execute("select count(*), count(distinct code), count(name) from codes").fetchall() == [
        (count,) * 3
    ]
    assert con.execute("select name from codes where code = '53'").fetchall() == [("Nusa Tenggara Timur",)]


def test_the_table_and_the_lookups_agree() -> None:
    con = duckdb.connect()
    load_regions(con, deepest="village")
    for code, name in con.execute(
        "select code, name from regions using sample 500 rows (reservoir, 1)"
    ).fetchall():
        assert region_name(code) == name


def test_loading_again_replaces_the_table() -> None:
    con = duckdb.connect()
    load_regions(con, deepest="village")
    load_regions(con, deepest="province")
    assert con.execute("select count(*) from regions").fetchall() == [(38,)]
