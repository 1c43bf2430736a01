"""Connections to other machines are encrypted and verified, or it is said: tried on servers that note what they get.

127.0.0.2 stands for another machine: only 127.0.0.1 counts as this one.
"""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines import tls
from pipelines.errors import SourceUnreadable, StoreError
from pipelines.settings import ConfigError, Source, load_settings
from pipelines.store import read_session
from tests.extract.office import Office

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""How PostgreSQL's client asks whether the server speaks TLS."""
_HELLO = (
    b"\x0a8.0.0\0" + b"\1\0\0\0" + b"12345678\0" + b"\xff\xf7" + b"\x21" + b"\2\0" + b"\x0f\0" + b"\x15" + bytes(10)
    + b"123456789012\0" + b"mysql_native_password\0"
)  # fmt: skip
GREETING = len(_HELLO).to_bytes(3, "little") + b"\0" + _HELLO
"""A MySQL server's, with everything among its capabilities but TLS."""


@pytest.fixture(autouse=True)
def _each_warns_anew() -> None:
    tls.warn.cache_clear()


@contextmanager
def listening(greeting: bytes, answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server without TLS; what it is sent."""
    got: list[bytes] = []
    server = socket.create_server(("127.0.0.2", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                connection.sendall(greeting)
                while data := connection.recv(4096):
                    got.append(data)
                    if data != SSL_REQUEST:
                        break
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], got
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def postgres(office: Office, port: int, more: str = "") -> Source:
    return office.source(
        f"postgresql+psycopg://padan:kata-sandi@127.0.0.2:{port}/sik{more}", query="select 1"
    )


def test_a_server_without_tls_gets_neither_name_nor_password(office: Office) -> None:
    with listening(b"", b"N") as (port, got):
        with pytest.raises(SourceUnreadable, match="server does not support SSL, but SSL was required"):
            office.read_source(postgres(office, port))
        assert set(got) == {SSL_REQUEST}


def test_a_mysql_server_without_tls_gets_neither_name_nor_password(office: Office) -> None:
    with listening(GREETING, b"") as (port, got):
        location = f"mysql+pymysql://padan:kata-sandi@127.0.0.2:{port}/sik"
        with pytest.raises(SourceUnreadable, match="SSL"):
            office.read_source(office.source(location, query="select 1"))
        assert not [data for data in got if b"padan" in data]


@pytest.mark.parametrize(
    ("more", "setting", "said"),
    [("", "off", 'rsud: .*tls = "off"'), ("?sslmode=disable", "verify", "rsud: .*sslmode=disable")],
)
def test_where_a_setting_says_otherwise_it_is_said(
    office: Office, caplog: pytest.LogCaptureFixture, more: str, setting: str, said: str
) -> None:
    with listening(b"", b"N") as (port, got), caplog.at_level(logging.WARNING):
        with pytest.raises(SourceUnreadable):
            office.read_source(postgres(office, port, more).model_copy(update={"tls": setting}))
        assert any(b"padan" in data for data in got)
    assert [r for r in caplog.records if r.levelname == "WARNING"]
    assert "whoever is in between can read and change what passes" in caplog.text
    assert re.search(said, caplog.text)


def test_the_store_too_is_verified() -> None:
    with listening(b"", b"N") as (port, got):
        url = f"postgresql+psycopg://padan:kata-sandi@127.0.0.2:{port}/padan"
        with pytest.raises(StoreError, match="SSL was required"), read_session(url):
            pass
        assert set(got) == {SSL_REQUEST}


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("postgresql+psycopg://u@db.example/x", {"sslmode": "verify-full", "sslrootcert": "system"}),
        ("postgresql+psycopg://u@db.example/x?sslrootcert=/ca.pem", {"sslmode": "verify-full"}),
        ("postgresql+psycopg://u@db.example/x?sslmode=verify-ca", {}),
        ("postgresql+psycopg://u@127.0.0.1/x", {}),
        ("postgresql+psycopg://u@/x?host=/var/run/postgresql", {}),
        ("mysql+pymysql://u@db.example/x?ssl_ca=/ca.pem", {}),
        ("mysql+pymysql://u@localhost/x", {}),
        ("sqlite:///x.sqlite", {}),
    ],
)
def test_what_an_address_says_holds(
    url: str, asked: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert tls.database_options(sa.make_url(url), "rsud") == asked
    assert not caplog.records


def test_mysql_is_asked_for_a_certificate_for_its_name() -> None:
    context = tls.database_options(sa.make_url("mysql+pymysql://u@db.example/x"), "rsud")["ssl"]
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


def test_http_to_another_machine_has_to_be_meant(kupang: Path) -> None:
    text = kupang.read_text(encoding="utf-8")
    address = 'layout = "dapodik"\nlocation = "http://sekolah.example:5774?npsn=1"'
    kupang.write_text(text.replace('layout = "dapodik"\nlocation = "siswa.csv"', address), encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r'dapodik-kupang.location: http:// to another machine.*tls = "off"'
    ):
        load_settings(kupang, date(2026, 11, 24), {})
    kupang.write_text(kupang.read_text().replace(address, f'{address}\ntls = "off"'), encoding="utf-8")
    assert load_settings(kupang, date(2026, 11, 24), {}).source("dapodik-kupang").tls == "off"
