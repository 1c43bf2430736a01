"""Databases as agencies run them: real servers where they can be reached, and the same table from each."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import pytest
import sqlalchemy as sa

from pipelines.errors import SourceUnreachable, SourceUnreadable
from pipelines.extract.readers import database
from tests.extract.office import PATIENTS, Office

SERVERS = {
    "postgresql": (5432, "postgresql+psycopg://postgres@127.0.0.1:5432/test"),
    "mariadb": (3306, "mysql+pymysql://root@127.0.0.1:3306/test"),
}
COLUMNS = "(no_rkm_medis, nm_pasien, no_ktp, jk, tgl_lahir, nm_ibu)"


@dataclass(frozen=True)
class Server:
    """A database with patients in a table of a name of its own, so that nothing else there is touched."""

    url: str
    table: str

    def run(self, *statements: str) -> None:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.format(t=self.table, c=COLUMNS))

    @property
    def query(self) -> str:
        return f"select no_rkm_medis, no_ktp, nm_pasien, jk, tgl_lahir, nm_ibu from {self.table} order by 1"


def running(kind: str) -> str:
    """The address of a server; the test is skipped where none answers."""
    port, url = SERVERS[kind]
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError:
        absent = f"no {kind} on 127.0.0.1:{port}; install and start {kind}-server for this test"
        (pytest.fail if os.environ.get("PADAN_REQUIRE_ALL") == "1" else pytest.skip)(absent)
    return url


@pytest.fixture(params=["sqlite", *SERVERS])
def server(request: pytest.FixtureRequest, office: Office) -> Iterator[Server]:
    kind = request.param
    url = f"sqlite:///{office.folder / 'sik.sqlite'}" if kind == "sqlite" else running(kind)
    found = Server(url, f"padan_extract_{uuid4().hex[:12]}")
    found.run(
        "create table {t} (no_rkm_medis varchar(15) primary key, nm_pasien varchar(40), no_ktp varchar(20), "
        "jk varchar(1), tgl_lahir date, nm_ibu varchar(40))"
    )
    yield found
    found.run("drop table {t}")


@pytest.fixture
def filled(server: Server) -> Server:
    rows = ", ".join(str(patient) for patient in PATIENTS)
    server.run(f"insert into {{t}} {{c}} values {rows}")
    return server


def test_every_database_gives_the_same_table(office: Office, filled: Server) -> None:
    reading = office.read(filled.url, query=filled.query)
    assert reading.column("record_id") == [p[0] for p in PATIENTS]
    assert reading.column("name") == [p[1] for p in PATIENTS]
    assert reading.column("nik") == [p[2] for p in PATIENTS]
    assert reading.column("birth_date") == [p[4] for p in PATIENTS]
    assert reading.column("mother_name") == ["MARIA BANA", 'ESTER "ETI" LAIK', None]
    assert reading.column("row") == [1, 2, 3]
    assert set(reading.column("file")) == {filled.table}
    assert reading.aside == []


def test_the_fingerprint_is_of_the_values(office: Office, filled: Server) -> None:
    (first,) = office.read(filled.url, query=filled.query).inputs
    (again,) = office.read(filled.url, query=filled.query + ";").inputs
    assert first == again
    assert (first["name"], first["bytes"], first["rows"]) == (filled.table, None, 3)
    filled.run("update {t} set nm_ibu = 'X' where no_rkm_medis = '000103'")
    (changed,) = office.read(filled.url, query=filled.query).inputs
    assert changed["sha256"] != first["sha256"]


def test_more_rows_than_a_batch_come_in_order(
    office: Office, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BATCH", 700)
    rows = ", ".join(f"('{i:06}', 'NAMA {i}', '{i:016}', 'L', '1990-01-01', null)" for i in range(3000))
    server.run(f"insert into {{t}} {{c}} values {rows}")
    reading = office.read(server.url, query=server.query)
    assert reading.column("nik") == [f"{i:016}" for i in range(3000)]
    assert reading.column("row") == list(range(1, 3001))


def test_signs_that_drivers_take_for_parameters(office: Office, filled: Server) -> None:
    where = "where nm_pasien like '%TEFA' and nm_ibu <> ':x %s' order by 1"
    query = filled.query.replace("order by 1", where)
    assert office.read(filled.url, query=query).column("record_id") == ["000101", "000103"]


def test_a_query_can_change_nothing(office: Office, filled: Server) -> None:
    with pytest.raises(
        SourceUnreadable, match=r"(?i)read.?only|for delete"
    ):  # PostgreSQL's cursors only read
        office.read(filled.url, query=f"delete from {filled.table}")
    assert len(office.read(filled.url, query=filled.query).rows) == 3


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_what_a_rollback_would_not_undo_is_refused_too(office: Office, server: Server) -> None:
    server.run("create sequence {t}_numbers")
    try:
        with pytest.raises(SourceUnreadable, match="read-only transaction"):
            office.read(server.url, query=f"select nextval('{server.table}_numbers') as nik")
    finally:
        server.run("drop sequence {t}_numbers")


def test_an_empty_answer_is_a_table(office: Office, server: Server) -> None:
    reading = office.read(server.url, query=server.query)
    assert (reading.rows, reading.inputs[0]["rows"]) == ([], 0)


def test_a_look_asks_for_few_rows(office: Office, filled: Server) -> None:
    seen = office.probe(filled.url, query=filled.query + ";")
    assert seen.problem is None
    assert seen.inputs == (filled.table,)
    assert seen.first["nik"] == "5301********0003"


def test_a_table_that_is_not_there(office: Office, server: Server) -> None:
    scheme = re.escape(server.url.split(":")[0])
    with pytest.raises(SourceUnreadable, match=rf"^rsud: nowhere: {scheme}://.*nowhere") as caught:
        office.read(server.url, query="select * from nowhere")
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, SourceUnreachable), "it would be missing in a while, too"


def test_a_connection_that_is_lost_may_come_back(office: Office) -> None:
    """The server ends our connection while we read: another try may do better."""
    with pytest.raises(SourceUnreachable, match=r"terminating connection|closed the connection"):
        office.read(
            running("postgresql"), query="select pg_terminate_backend(pg_backend_pid()) as no_rkm_medis"
        )


def test_a_missing_column_names_those_of_the_answer(office: Office, server: Server) -> None:
    with pytest.raises(SourceUnreadable, match=r"no column for nik .*columns there: no_rkm_medis, nm_pasien"):
        office.read(server.url, query=f"select no_rkm_medis, nm_pasien from {server.table}")


def test_the_layouts_own_query_is_khanzas(office: Office) -> None:
    names = "no_rkm_medis, nm_pasien, no_ktp, jk, tmp_lahir, tgl_lahir, nm_ibu, alamat, agama, tgl_daftar"
    with sqlite3.connect(office.folder / "sik.sqlite") as connection:
        connection.execute(f"create table pasien ({names})")
        connection.executemany(
            "insert into pasien values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                ("2", "B", 9471061203790003, "P", "X", "0000-00-00", "-", "Y", "ISLAM", None),
                ("1", "A", 5.0, "L", "X", "1990-01-01", "X", "X", "X", "X"),
            ],
        )
    reading = office.read("sqlite:///sik.sqlite")
    assert reading.column("record_id") == ["1", "2"]
    assert reading.column("nik") == ["5", "9471061203790003"]
    assert reading.column("birth_date") == ["1990-01-01", "0000-00-00"]
    assert reading.column("file") == ["pasien", "pasien"]


@pytest.mark.parametrize("server", ["mariadb"], indirect=True)
def test_mariadbs_latin1_and_days_that_never_were(office: Office, server: Server) -> None:
    server.run(
        "alter table {t} convert to character set latin1",
        "set session sql_mode = ''",
        "insert into {t} {c} values ('1', 'JOSÉ', '1', 'L', '0000-00-00', 'A'), "
        "('2', 'B', '2', 'L', '1990-02-00', 'A'), ('3', 'C', '3', 'L', '1990-02-03', 'A')",
    )
    reading = office.read(server.url, query=server.query)
    assert reading.column("name") == ["JOSÉ", "B", "C"]
    assert reading.column("birth_date") == ["0000-00-00", "1990-02-00", "1990-02-03"]


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_types_of_postgresql(office: Office, server: Server) -> None:
    query = """
        select '6f9619ff-8b86-d011-b42d-00c04fc964ff'::uuid as no_rkm_medis, 'A' as nm_pasien,
               9471061203790003::numeric as no_ktp, timestamptz '1990-01-01 00:00' as tgl_lahir,
               null as nm_ibu, '{"a": 1}'::json as alamat
    """
    (row,) = office.read(server.url, query=query).rows
    assert row["record_id"] == "6f9619ff-8b86-d011-b42d-00c04fc964ff"
    assert row["nik"] == "9471061203790003"
    assert row["birth_date"] == str(date(1990, 1, 1))
    assert row["address"] == '{"a":1}'
    assert row["file"] == "query"


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "mysql+pymysql"])
def test_a_server_that_does_not_answer_and_a_password_that_stays_secret(office: Office, scheme: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(SourceUnreachable, match="refused") as caught:
        office.read(f"{scheme}://root:hunter2@127.0.0.1:{port}/sik")
    said = str(caught.value)
    assert said.startswith(f"rsud: pasien: {scheme}://127.0.0.1:{port}/sik: ")
    assert "hunter2" not in said
    assert "hunter2" not in repr(caught.value.__cause__)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_database_that_is_not_there(office: Office, kind: str) -> None:
    with pytest.raises(SourceUnreadable, match="padan_nowhere") as caught:
        office.read(running(kind).removesuffix("test") + "padan_nowhere")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("sqlite:///nowhere.sqlite", r"no such file: .*nowhere\.sqlite"),
        ("nosuch://u:hunter2@host/db", "nosuch"),
        ("mysql+nosuch://u:hunter2@host/db", "nosuch"),
        ("mysql+pymysql://u:hunter2@host:port/db", "not a database address"),
    ],
)
def test_addresses_that_lead_nowhere(office: Office, location: str, reason: str) -> None:
    with pytest.raises(SourceUnreadable, match=reason) as caught:
        office.read(location)
    assert "hunter2" not in str(caught.value)
    assert not (office.folder / "nowhere.sqlite").exists()


def test_a_layout_without_a_query_asks_for_one(office: Office) -> None:
    (office.folder / "a.sqlite").touch()
    with pytest.raises(SourceUnreadable, match="layout 'siak' brings no query; give this source a query = "):
        office.read("sqlite:///a.sqlite", "siak")


def test_a_file_that_is_no_database(office: Office) -> None:
    office.write("a.sqlite", "not a database at all, just text" * 40)
    with pytest.raises(SourceUnreadable, match="file is not a database"):
        office.read("sqlite:///a.sqlite")


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("SELECT a\nFROM `sik`.`pasien` p join x", "sik.pasien"),
        ('select "from" from "Data Warga" where 1=1', "Data Warga"),
        ("select 1", "query"),
    ],
)
def test_a_query_is_called_by_its_first_table(office: Office, query: str, label: str) -> None:
    (office.folder / "a.sqlite").touch()
    source = office.source("sqlite:///a.sqlite", query=query)
    assert database.QueryInput(source, office.folder).label == label
