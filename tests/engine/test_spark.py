"""A database on Spark answers the stages' SQL as a DuckDB connection does, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark", reason="the extra of Spark is not installed")

from pipelines.engine import Database
from pipelines.engine.executors import ROWS, in_duckdb
from pipelines.engine.spark import SparkDatabase, configuration
from pipelines.errors import EngineUnavailable
from pipelines.sample import demo_config
from pipelines.settings import Resources, Settings, load_settings

pytestmark = pytest.mark.slow

PEOPLE = pa.table(
    {
        "nik": pa.array([5301040101900001, 5301040101900002, None, 5301044101900003], pa.int64()),
        "name": ["MARIA BANI", "YOHANES BANI", None, "MARIA BANI"],
        "born": pa.array([date(1990, 1, 1), None, date(1969, 12, 31), date(1990, 1, 1)]),
    }
)

TOGETHER = (
    "create table people as select * replace (nik // 10000 as nik) from given where nik is not null order by name",
    "create temp table found (nik bigint, times int)",
    "insert into found select nik, count(*) from people group by nik",
    "insert into found select nik, 0 from people where name like 'M%'",
    "create temp table drawn as select ('0x' || substr(md5(name), 1, 12))::bigint % 97 as lot, name from people",
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = tmp_path_factory.mktemp("office") / "padan.toml"
    spark = '[spark]\nmaster = "local[2]"\n'
    file.write_text(demo_config("sources").replace("[registry]", f"{spark}[registry]"), encoding="utf-8")
    return load_settings(file, date(2026, 11, 24))


@pytest.fixture
def db(settings: Settings) -> Iterator[SparkDatabase]:
    with SparkDatabase(settings, "test") as database:
        yield database


def answers(database: Database) -> list[list[Any]]:
    for statement in TOGETHER:
        database.execute(statement).fetchall()
    queries = (
        "select nik, times from found order by nik, times",
        "select lot, name from drawn order by name, lot",
        "select 'one' as rule, (select count(*) from people) as n",
    )
    return [database.execute(query).fetchall() for query in queries]


def test_the_same_statements_give_the_same_rows(db: SparkDatabase) -> None:
    beside = duckdb.connect()
    beside.register("given", PEOPLE)
    db.register("given", PEOPLE)
    assert answers(db) == answers(beside)


def test_what_is_inserted_after_a_look_is_there_at_the_next(db: SparkDatabase) -> None:
    db.execute("create table found (a int)")
    db.execute("insert into found select 1")
    assert db.sql("select count(*) from found").fetchall() == [(1,)]
    db.execute("insert into found select 2")
    assert db.sql("select a from found order by a").fetchall() == [(1,), (2,)]
    db.execute("drop table found")
    db.execute("create table found (a int)")
    assert db.sql("select a from found").fetchall() == []


def test_rows_are_numbered_in_their_order_however_they_are_spread(db: SparkDatabase) -> None:
    given = pa.table({"key": [f"K{(n * 7919) % 1000:04d}" for n in range(1000)]})
    db.register("given", given)
    rows = db.store_numbered("numbered", db.table("given").repartition(7), ["key"], "a").toArrow()
    assert sorted(zip(rows["a"].to_pylist(), rows["key"].to_pylist(), strict=True)) == [
        (n, f"K{n:04d}") for n in range(1000)
    ]


def test_cells_are_read_by_duckdb_where_the_rows_are(db: SparkDatabase) -> None:
    """`regexp_replace` without `g` takes the first match, which no word of Spark's does."""
    db.register("given", PEOPLE)
    schema = pa.schema([("name", pa.string()), ("short", pa.string())])
    read = in_duckdb(f"select name, regexp_replace(name, '[AI]+', '-') as short from {ROWS}", schema)
    db.register("read", db.mapped(db.table("given"), read, schema))
    found = db.sql("select distinct short from read where name = 'MARIA BANI'").fetchall()
    assert found == [("M-RIA BANI",)]


def test_a_table_is_written_in_its_order_as_one_file(db: SparkDatabase, tmp_path: Path) -> None:
    db.register("given", PEOPLE)
    schema = pa.schema([("name", pa.string()), ("born", pa.date32())])
    made = db.copy_table("select born, name from given order by name, nik", schema, tmp_path / "table")
    table = pq.read_table(made.file)
    assert table.schema.names == ["name", "born"]
    assert table["name"].to_pylist() == ["MARIA BANI", "MARIA BANI", "YOHANES BANI", None]
    assert [path.name for path in Path(made.path).iterdir()] == ["part-0.parquet"]


def test_nothing_stays_when_it_is_closed(settings: Settings) -> None:
    with SparkDatabase(settings, "test") as database:
        database.execute("create table people as select 1 as a")
        assert list(settings.temporary.rglob("*.parquet"))
    assert not list(settings.temporary.rglob("*.parquet"))


def test_without_java_one_line_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineUnavailable, match=r"Spark needs Java 17 or newer: none is on the PATH"):
        SparkDatabase(settings, "test")


@pytest.mark.parametrize(("said", "to_java"), [("1.5 GB", "1536m"), ("800MB", "800m"), ("2GiB", "2048m")])
def test_memory_is_said_as_java_knows_it(settings: Settings, said: str, to_java: str) -> None:
    asked = settings.model_copy(update={"resources": Resources(memory=said)})
    assert configuration(asked)["spark.driver.memory"] == to_java


def test_the_offices_own_settings_of_spark_come_last(settings: Settings) -> None:
    own = settings.spark.model_copy(update={"conf": {"spark.ui.enabled": "true"}})
    assert configuration(settings)["spark.ui.enabled"] == "false"
    assert configuration(settings.model_copy(update={"spark": own}))["spark.ui.enabled"] == "true"


def test_what_is_not_for_spark_says_so(db: SparkDatabase) -> None:
    with pytest.raises(NotImplementedError, match="Update"):
        db.execute("update people set a = 1")
