"""Databases read by their key: every row once, whatever happens meanwhile, and no column more than is mapped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from pipelines.errors import SourceUnreadable
from pipelines.extract.readers import database, keyed
from pipelines.layouts import load_layout
from tests.extract.office import Office
from tests.extract.test_databases import SERVERS, Server, running

KHANZA = """
create table pasien (
  no_rkm_medis varchar(15) not null, nm_pasien varchar(40), no_ktp varchar(20), jk enum('L','P'),
  tmp_lahir varchar(15), tgl_lahir date, nm_ibu varchar(40) not null, alamat varchar(200),
  gol_darah enum('A','B','O','AB','-'), pekerjaan varchar(60), stts_nikah varchar(20), agama varchar(12),
  tgl_daftar date, no_tlp varchar(40), umur varchar(30) not null, pnd varchar(20) not null,
  keluarga enum('AYAH','IBU','ISTRI','SUAMI','SAUDARA','ANAK'), namakeluarga varchar(50) not null,
  kd_pj char(3) not null, no_peserta varchar(25), kd_kel int not null, kd_kec int not null,
  kd_kab int not null, primary key (no_rkm_medis), key nm_pasien (nm_pasien)
) engine=InnoDB default charset=latin1
"""
PATIENT = (
    "insert into pasien values ('{0}', '{1}', '{2}', 'L', 'NAIBONAT BARAT ', '{3}', '-', 'JL. TIMOR', '-', '-',"
    " 'MENIKAH', 'KATOLIK', '2020-01-31', '0812', '40 Th', 'SMA', 'ISTRI', 'X', 'BPJ', '000123', 1, 2, 3)"
)


@pytest.fixture
def sik() -> Iterator[str]:
    """A hospital's own database on MariaDB, with Khanza's table of patients in it."""
    address = running("mariadb")
    name = f"padan_sik_{uuid4().hex[:10]}"
    server = sa.create_engine(address, poolclass=sa.NullPool)
    with server.begin() as connection:
        connection.exec_driver_sql(f"create database {name} character set latin1")
    url = address.removesuffix("test") + name
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("set session sql_mode = ''")
        connection.exec_driver_sql(KHANZA)
        for i, (person, nik, born) in enumerate(
            [
                ("MARIA BANI", "5301044101900001", "1990-01-01"),
                ("JOSÉ TEFA", "-", "0000-00-00"),
                ("D''ARC, ANA", "53 0104 410190 0002", "1990-02-03"),
            ]
        ):
            connection.exec_driver_sql(PATIENT.format(f"{i + 1:06}", person, nik, born))
    yield url
    with server.begin() as connection:
        connection.exec_driver_sql(f"drop database {name}")


@pytest.fixture(params=["sqlite", *SERVERS])
def server(request: pytest.FixtureRequest, office: Office) -> Iterator[Server]:
    kind = request.param
    url = f"sqlite:///{office.folder / 'sik.sqlite'}" if kind == "sqlite" else running(kind)
    if kind == "sqlite":
        with sa.create_engine(url).begin() as connection:
            connection.exec_driver_sql("pragma journal_mode = wal")
    found = Server(url, f"padan_key_{uuid4().hex[:12]}")
    found.run(
        "create table {t} (no_rkm_medis varchar(15), nm_pasien varchar(40), no_ktp varchar(20), jk varchar(1), "
        "tgl_lahir date, nm_ibu varchar(40), telepon varchar(20))",
        "create index {t}_i on {t} (no_rkm_medis)",
    )
    yield found
    found.run("drop table {t}")


def fill(server: Server, keys: list[str | None]) -> None:
    quoted = ["null" if k is None else "'" + k.replace("'", "''") + "'" for k in keys]
    rows = ", ".join(f"({k}, 'NAMA {i}', '{i:016}', 'L', '1990-01-01', 'IBU')" for i, k in enumerate(quoted))
    percent = "%" if server.url.startswith("sqlite") else "%%"
    server.run(f"insert into {{t}} {{c}} values {rows}".replace("%", percent))


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that the reader sends after its first ones."""
    sent: list[str] = []
    original = sa.Connection.exec_driver_sql

    def spy(self: sa.Connection, statement: str, *args: object, **kwargs: object) -> object:
        sent.append(statement)
        return original(self, statement, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(sa.Connection, "exec_driver_sql", spy)
    return sent


def test_khanzas_own_table_on_a_real_server(office: Office, sik: str) -> None:
    reading = office.read(sik)
    assert reading.column("record_id") == ["000001", "000002", "000003"]
    assert reading.column("name") == ["MARIA BANI", "JOSÉ TEFA", "D'ARC, ANA"]
    assert reading.column("nik") == ["5301044101900001", "-", "53 0104 410190 0002"]
    assert reading.column("birth_date") == ["1990-01-01", "0000-00-00", "1990-02-03"]
    assert set(reading.column("birth_place")) == {"NAIBONAT BARAT "[:15]}
    assert set(reading.column("mother_name")) == {"-"}
    assert set(reading.column("file")) == {"pasien"}
    assert reading.column("row") == [1, 2, 3]


def test_only_columns_that_are_mapped_are_asked_for(
    office: Office, server: Server, statements: list[str]
) -> None:
    fill(server, ["1", "2"])
    statements.clear()
    assert len(office.read(server.url, query=f"select * from {server.table}").rows) == 2
    asked = [s for s in statements if s.startswith("select") and "1 = 0" not in s and server.table in s]
    assert len(asked) >= 3  # null keys, the end of a range, a range
    assert not any(s.startswith("select *") or "telepon" in s for s in asked)


def test_the_server_finds_a_range_by_its_index(sik: str) -> None:
    """The layout's own query, wrapped for a range, is no scan of the whole table."""
    engine = sa.create_engine(sik, poolclass=sa.NullPool)
    layout = load_layout("khanza", Path())
    with engine.connect() as connection:
        what = keyed.keyed(connection, (layout.query or "").strip(), "pasien", layout)
        assert what is not None
        text = what.statement("{k} > ? and {k} <= ?", "order by {k}")
        plan = connection.exec_driver_sql("explain " + text, ("000001", "000002")).mappings().all()
    assert [(step["table"], step["type"], step["key"]) for step in plan] == [("pasien", "range", "PRIMARY")]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_every_row_once_whatever_the_range(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Keys that occur often, that differ only by capitals or a space at the end, and keys that are missing."""
    keys = ["A", "a", "A ", "B", "B", "B", "B", None, None, "", " ", "Ä", "10", "9", "x'y", "50%", "?", ":x"]
    fill(server, keys)
    monkeypatch.setattr(database, "BATCH", size)
    reading = office.read(server.url, query=f"select * from {server.table} order by nm_pasien")
    assert sorted(reading.column("name")) == sorted(f"NAMA {i}" for i in range(len(keys)))
    assert reading.column("row") == list(range(1, len(keys) + 1))


def test_a_row_changed_while_reading_is_read_once_and_as_it_was(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two ranges others move rows forward and back, add and delete: one state of the table is read."""
    fill(server, [f"{i:03}" for i in range(40)])
    monkeypatch.setattr(database, "BATCH", 10)
    source = office.source(server.url, query=f"select * from {server.table}")
    item = database.QueryInput(source, office.folder)
    seen: Counter[str] = Counter()
    with item.open(source.layout, peek=False) as table:
        for number, chunk in enumerate(table.chunks):
            seen.update(chunk.columns["nm_pasien"].to_pylist())
            if number == 0:
                server.run(
                    "update {t} set no_rkm_medis = '999', nm_pasien = 'MOVED ON' where no_rkm_medis = '003'",
                    "update {t} set no_rkm_medis = '000a', nm_pasien = 'MOVED BACK' where no_rkm_medis = '030'",
                    "delete from {t} where no_rkm_medis = '035'",
                    "insert into {t} (no_rkm_medis, nm_pasien) values ('036a', 'NEW')",
                )
    assert seen == Counter(f"NAMA {i}" for i in range(40))


def test_without_an_index_the_answer_is_streamed(
    office: Office, server: Server, statements: list[str]
) -> None:
    fill(server, ["2", "1"])
    server.run("drop index {t}_i" + ("" if "mysql" not in server.url else " on {t}"))
    statements.clear()
    reading = office.read(server.url, query=f"select * from {server.table} order by no_rkm_medis")
    assert reading.column("record_id") == ["1", "2"]
    assert not any("no_rkm_medis >" in s or "is null" in s for s in statements)


@pytest.mark.parametrize(
    "rest",
    [
        "limit 2",
        "union all select * from {t} where 1 = 0 order by 1",
        "group by no_rkm_medis, nm_pasien, no_ktp, jk, tgl_lahir, nm_ibu, telepon",
    ],
)
def test_queries_whose_answer_is_made_whole_are_streamed(
    office: Office, server: Server, statements: list[str], rest: str
) -> None:
    fill(server, ["1", "2"])
    statements.clear()
    query = f"select * from {server.table} {rest.format(t=server.table)}"
    assert len(office.read(server.url, query=query).rows) == 2
    assert sum(server.table in s for s in statements if s.startswith("select")) == 1


@pytest.mark.parametrize("server", SERVERS, indirect=True)
def test_a_statement_that_takes_too_long_is_ended_by_the_server(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 1)
    fill(server, ["1"])
    sleep = "sleep(30)" if "mysql" in server.url else "pg_sleep(30)::text"
    query = f"select no_rkm_medis, no_ktp, nm_pasien, tgl_lahir, {sleep} as nm_ibu from {server.table}"
    with pytest.raises(
        SourceUnreadable, match=r"max_statement_time|statement timeout|Query execution"
    ) as caught:
        office.read(server.url, query=query + " where 1 = 1")
    assert "\n" not in str(caught.value)


def test_a_key_that_is_a_number(office: Office, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(server, ["1"])
    server.run(
        "create table {t}_n (no_rkm_medis bigint primary key, nm_pasien varchar(40), no_ktp varchar(20), "
        "tgl_lahir date)",
        "insert into {t}_n values (9, 'A', '1', null), (10, 'B', '2', null), (100, 'C', '3', null)",
    )
    monkeypatch.setattr(database, "BATCH", 1)
    try:
        reading = office.read(server.url, query=f"select * from {server.table}_n")
        assert reading.column("record_id") == ["9", "10", "100"]
    finally:
        server.run("drop table {t}_n")


def test_a_percent_sign_in_the_query(office: Office, server: Server) -> None:
    fill(server, ["1", "2"])
    query = f"select * from {server.table} where nm_pasien like '%0' and nm_pasien <> '%s ? :x'"
    assert office.read(server.url, query=query).column("record_id") == ["1"]
