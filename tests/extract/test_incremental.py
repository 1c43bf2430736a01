"""A table that changes from day to day: what is read by its changes is what a full read gives, to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.engine import Artifact
from pipelines.errors import SourceUnreadable
from pipelines.extract import extract, incremental
from pipelines.layouts import load_layout
from pipelines.settings import ConfigError, Settings, Source, load_settings
from tests.extract.test_databases import SERVERS, running

MONDAY = date(2026, 11, 23)
QUERY = "select * from {t}"


class Clinic:
    """A database of a clinic, read on one day after the other by two offices: by changes, and in full."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.table = folder, url, f"padan_inc_{uuid4().hex[:10]}"
        self.column = "changed_at"
        self.layout = load_layout("canonical", Path())
        self.engine = sa.create_engine(url, poolclass=sa.NullPool)
        self.drop()
        self.run(
            "create table {t} (record_id varchar(20) primary key, nik varchar(20), name varchar(60), "
            "birth_date date, changed_at timestamp null)"
        )

    def drop(self) -> None:
        self.run("drop table if exists {t}")

    def run(self, statement: str, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement.format(t=self.table)), values)

    def put(self, key: str, name: str | None, changed: datetime | None) -> None:
        self.run("delete from {t} where record_id = :k", k=key)
        self.run(
            "insert into {t} values (:k, '5301044302900001', :n, '1990-02-03', :c)", k=key, n=name, c=changed
        )

    def read(self, day: date, by_changes: bool = True, query: str = QUERY, office: str = "") -> Artifact:
        office = office or ("changes" if by_changes else "full")
        source = Source(
            name="klinik",
            layout=self.layout,
            location=self.url,
            query=query.format(t=self.table),
            incremental=self.column,
        )
        settings = Settings(
            run_date=day,
            config_file=self.folder / "padan.toml",
            data=self.folder / office,
            registry=source,
            sources=(source,),
        )
        if not by_changes:
            for earlier in (self.folder / office / "raw" / "klinik").glob("run_date=*"):
                (earlier / incremental.STATE).unlink(
                    missing_ok=True
                )  # an office that has read nothing before
        return extract(source, settings)


def names(artifact: Artifact) -> list[str | None]:
    return pq.read_table(artifact.file).column("name").to_pylist()


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys that were asked for one by one, and `all` for each full read."""
    seen: list[str] = []
    ask, whole = incremental.Asking.chunk, incremental._all

    def some(self: incremental.Asking, layout, key, values):  # type: ignore[no-untyped-def]
        seen.extend(map(str, values))
        return ask(self, layout, key, values)

    def everything(item, source, fresh):  # type: ignore[no-untyped-def]
        seen.append("all")
        return whole(item, source, fresh)

    monkeypatch.setattr(incremental.Asking, "chunk", some)
    monkeypatch.setattr(incremental, "_all", everything)
    return seen


@pytest.fixture(params=["sqlite", *SERVERS])
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clinic]:
    kind = request.param
    found = Clinic(tmp_path, f"sqlite:///{tmp_path / 'k.sqlite'}" if kind == "sqlite" else running(kind))
    for number in range(10):
        found.put(f"R{number}", f"ORANG {number}", datetime(2026, 10, 1 + number, 8))
    yield found
    found.drop()


def test_only_what_changed_is_read_and_what_is_gone_is_gone(clinic: Clinic, fetched: list[str]) -> None:
    clinic.read(MONDAY)
    assert fetched == ["all"]
    fetched.clear()
    clinic.put("R3", "ORANG TIGA", datetime(2026, 11, 23, 9))
    clinic.run("delete from {t} where record_id = 'R5'")
    clinic.put("S1", "ORANG BARU", datetime(2026, 11, 23, 9))
    found = clinic.read(MONDAY + timedelta(1))
    assert sorted(fetched) == ["R3", "R9", "S1"]  # R9 is of the last day that Monday knew of
    assert names(found) == [
        *[f"ORANG {n}" for n in (0, 1, 2)],
        "ORANG TIGA",
        *[f"ORANG {n}" for n in (4, 6, 7, 8, 9)],
        "ORANG BARU",
    ]
    assert clinic.read(MONDAY + timedelta(1), by_changes=False).sha256 == found.sha256


def test_the_same_day_again_gives_the_same_bytes(clinic: Clinic) -> None:
    clinic.read(MONDAY)
    clinic.put("R3", "ORANG TIGA", datetime(2026, 11, 23, 9))
    first = clinic.read(MONDAY + timedelta(1))
    inputs = (Path(first.path) / "inputs.json").read_bytes()
    again = clinic.read(MONDAY + timedelta(1))
    assert again == first
    assert (Path(again.path) / "inputs.json").read_bytes() == inputs


def test_a_second_change_within_the_second_is_not_missed(clinic: Clinic) -> None:
    moment = datetime(2026, 11, 23, 9)
    clinic.put("R3", "YANG PERTAMA", moment)
    clinic.read(MONDAY)
    clinic.put("R3", "YANG KEDUA", moment)
    assert "YANG KEDUA" in names(clinic.read(MONDAY + timedelta(1)))


def test_what_cannot_be_trusted_is_read_in_full(clinic: Clinic, fetched: list[str]) -> None:
    clinic.read(MONDAY)
    for query in ("select * from {t} where record_id <> 'R1'", QUERY):
        fetched.clear()
        clinic.read(MONDAY + timedelta(1), query=query)
        assert ("all" in fetched) == (query != QUERY)
    fetched.clear()
    clinic.layout = clinic.layout.model_copy(update={"placeholders": ("TIDAK ADA",)})
    clinic.read(MONDAY + timedelta(2))
    assert fetched == ["all"]


def test_a_key_that_occurs_twice_is_no_key(clinic: Clinic, fetched: list[str]) -> None:
    double = QUERY + " union all " + QUERY
    first = clinic.read(MONDAY, query=double)
    fetched.clear()
    assert clinic.read(MONDAY + timedelta(1), query=double).rows == first.rows == 20
    assert fetched == ["all"]


def test_a_server_that_is_down_leaves_nothing_behind(tmp_path: Path) -> None:
    clinic = Clinic(tmp_path, f"sqlite:///{tmp_path / 'k.sqlite'}")
    clinic.put("R1", "ORANG", None)
    clinic.read(MONDAY)
    clinic.drop()
    with pytest.raises(SourceUnreadable, match="no such table"):
        clinic.read(MONDAY + timedelta(1))
    assert [p.name for p in (tmp_path / "changes" / "raw" / "klinik").iterdir()] == ["run_date=2026-11-23"]


KEYS = st.sampled_from([f"{n}" for n in range(12)])
NAME = st.sampled_from(["A", "B", "", " ", None])
MOMENT = st.none() | st.integers(0, 3).map(lambda n: datetime(2026, 11, 20 + n // 2, 8, 0, n % 2))


CHANGES = st.lists(st.tuples(KEYS, NAME, MOMENT, st.booleans()), min_size=1, max_size=4)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(days=st.lists(CHANGES, min_size=1, max_size=2), office=st.uuids())
def test_increments_are_a_full_read(
    clinic: Clinic, days: list[list[tuple[str, str | None, datetime | None, bool]]], office: UUID
) -> None:
    """Whatever a source does that keeps its change column: rows come, change and go, also back in time."""
    clinic.run("delete from {t}")
    known: dict[str, datetime | None] = {}
    for number in range(8):
        known[str(number)] = datetime(2026, 11, 1 + number)
        clinic.put(str(number), "MULA", known[str(number)])
    clinic.read(MONDAY, office=office.hex)
    for later, changes in enumerate(days, 1):
        for key, name, moment, gone in changes:
            if gone:
                clinic.run("delete from {t} where record_id = :k", k=key)
                known.pop(key, None)
            elif key not in known or moment is None or known[key] != moment:
                clinic.put(key, name, moment)  # another content, another moment
                known[key] = moment
        day = MONDAY + timedelta(later)
        by_changes = clinic.read(day, office=office.hex)
        assert by_changes.sha256 == clinic.read(day, by_changes=False).sha256
        assert by_changes.rows == len(known)


CONFIGURATION = """
[registry]
name = "dukcapil"
layout = "siak"
location = "{location}"
incremental = "LAST_UPDATED"
[[sources]]
name = "rsud"
layout = "{layout}"
location = "sqlite:///sik.sqlite"
incremental = "{column}"
"""


def test_only_a_database_can_be_read_by_changes(tmp_path: Path) -> None:
    file = tmp_path / "padan.toml"
    file.write_text(CONFIGURATION.format(location="registry.csv", layout="khanza", column="updated_at"))
    with pytest.raises(ConfigError) as error:
        load_settings(file, MONDAY, {})
    assert error.value.mistakes == [
        "dukcapil.incremental: expected a database's address as location",
    ]


def test_a_change_column_that_is_not_there_is_said(tmp_path: Path) -> None:
    clinic = Clinic(tmp_path, f"sqlite:///{tmp_path / 'k.sqlite'}")
    clinic.put("R1", "ORANG", None)
    clinic.column = "updated_at"
    with pytest.raises(SourceUnreadable, match=r"no column for changed_at \(updated_at\)"):
        clinic.read(MONDAY)
