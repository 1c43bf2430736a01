"""Real servers with a certificate: PostgreSQL and MariaDB, each started here with one of an authority made here.

127.0.0.2 stands for another machine whose certificate is good, 127.0.0.3 for one that shows the certificate of another.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
import trustme

from pipelines import tls
from pipelines.errors import SourceUnreadable, StoreError
from pipelines.store import read_session
from tests.extract.office import Office

AUTHORITY, STRANGER = trustme.CA(), trustme.CA()
HOST, OTHER = "127.0.0.2", "127.0.0.3"


def program(name: str) -> str:
    """A server's program, which Debian keeps out of the path; the embedded PostgreSQL speaks no TLS."""
    places = [*sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin"))), "/usr/sbin", os.environ["PATH"]]
    return shutil.which(name, path=os.pathsep.join(places)) or pytest.skip(f"{name} is not installed")


@contextmanager
def started(command: list[str], owner: str | None, url: str, folder: Path) -> Iterator[str]:
    """A server that answers at ``url``, as the user that it wants to be where root starts it."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, user=owner)
    try:
        for _ in range(600):
            with socket.socket() as knock:
                if knock.connect_ex((HOST, int(sa.make_url(url).port or 0))) == 0:
                    break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def place(owner: str | None) -> Iterator[tuple[Path, Path, Path, int]]:
    """A folder of the server's own with its certificate and key, and a free port."""
    with tempfile.TemporaryDirectory(prefix="padan-tls-") as name, socket.socket() as free:
        folder = Path(name)
        issued = AUTHORITY.issue_cert(HOST)
        issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
        issued.private_key_pem.write_to_path(folder / "key.pem")
        (folder / "key.pem").chmod(0o600)
        (folder / "data").mkdir(0o700)
        if owner:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, owner)
        free.bind((HOST, 0))
        port = free.getsockname()[1]
        free.close()
        yield folder, folder / "server.pem", folder / "key.pem", port


@contextmanager
def postgres(encrypted: bool) -> Iterator[str]:
    owner = "postgres" if os.geteuid() == 0 else None
    with place(owner) as (folder, certificate, key, port):
        data = str(folder / "data")
        make = [program("initdb"), "-D", data, "-U", "padan", "-A", "trust", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, user=owner)
        options = {
            "listen_addresses": f"{HOST},{OTHER}",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "ssl": "on" if encrypted else "off",
            "ssl_cert_file": certificate,
            "ssl_key_file": key,
        }
        command = [program("postgres"), "-D", data, *(f"--{k}={v}" for k, v in options.items())]
        rule = "hostssl" if encrypted else "host"
        (folder / "data" / "pg_hba.conf").write_text(f"{rule} all all 127.0.0.0/8 trust\n", encoding="utf-8")
        with started(command, owner, f"postgresql+psycopg://padan@{HOST}:{port}/postgres", folder) as url:
            yield url


@contextmanager
def mariadb(encrypted: bool) -> Iterator[str]:
    owner = "mysql" if os.geteuid() == 0 else None
    with place(owner) as (folder, certificate, key, port):
        (folder / "data" / "sik").mkdir()  # a folder there is a database
        options = {
            "datadir": folder / "data",
            "bind-address": f"{HOST},{OTHER}",
            "port": port,
            "socket": folder / "data" / "socket",
            "pid-file": folder / "data" / "pid",
            **({"ssl-cert": certificate, "ssl-key": key} if encrypted else {}),
        }
        told = [f"--{k}={v}" for k, v in options.items()]
        command = [program("mariadbd"), "--no-defaults", "--skip-grant-tables", *told]
        url = f"mysql+pymysql://padan:kata-sandi@{HOST}:{port}/sik"
        with started(command, owner, url, folder) as at:
            yield at


SERVERS: dict[str, Callable[[bool], AbstractContextManager[str]]] = {"postgres": postgres, "mariadb": mariadb}
AUTHORITIES = {"postgres": "sslrootcert", "mariadb": "ssl_ca"}


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    with SERVERS[request.param](True) as url:
        yield request.param, url


@pytest.fixture(autouse=True)
def _each_warns_anew() -> None:
    tls.warn.cache_clear()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    AUTHORITY.cert_pem.write_to_path(tmp_path / "right.pem")
    STRANGER.cert_pem.write_to_path(tmp_path / "wrong.pem")
    return Office(tmp_path)


PATIENT = (
    "select '000101' as no_rkm_medis, 'YOHANES TEFA' as nm_pasien, '5301061203790003' as no_ktp,"
    " 'L' as jk, '1979-03-12' as tgl_lahir"
)


def read(office: Office, url: str, more: str = "", setting: str = "verify") -> list[object]:
    source = office.source(url + more, query=PATIENT).model_copy(update={"tls": setting})
    return office.read_source(source).column("nik")


def refused(office: Office, url: str, more: str = "") -> str:
    with pytest.raises(SourceUnreadable) as error:
        read(office, url, more)
    said = str(error.value)
    assert "\n" not in said
    assert "kata-sandi" not in said
    return said


def test_a_good_certificate_connects(
    office: Office, server: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the authorities that the address names, and by those of the system."""
    kind, url = server
    named = f"?{AUTHORITIES[kind]}={office.folder / 'right.pem'}"
    assert read(office, url, named) == ["5301061203790003"]
    monkeypatch.setenv("SSL_CERT_FILE", str(office.folder / "right.pem"))
    assert read(office, url) == ["5301061203790003"]


def test_an_authority_that_is_not_trusted_is_refused(office: Office, server: tuple[str, str]) -> None:
    kind, url = server
    assert "certificate verify failed" in refused(office, url)
    assert "certificate verify failed" in refused(
        office, url, f"?{AUTHORITIES[kind]}={office.folder / 'wrong.pem'}"
    )


def test_the_certificate_of_another_machine_is_refused(office: Office, server: tuple[str, str]) -> None:
    kind, url = server
    said = refused(office, url.replace(HOST, OTHER), f"?{AUTHORITIES[kind]}={office.folder / 'right.pem'}")
    assert OTHER in said
    assert "match" in said or "not valid for" in said


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_without_encryption_is_refused(
    office: Office, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with SERVERS[kind](False) as url:
        assert "SSL" in refused(office, url, f"?{AUTHORITIES[kind]}={office.folder / 'right.pem'}")
        assert "SSL" in refused(office, url)
        assert read(office, url, setting="off") == ["5301061203790003"]
    assert "whoever is in between can read and change what passes" in caplog.text


@pytest.mark.parametrize("server", ["postgres"], indirect=True)
def test_the_store_too_is_verified(
    office: Office, server: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> object:
        with read_session(server[1]) as session:
            return session.scalar(sa.text("select 1"))

    with pytest.raises(StoreError, match="certificate verify failed"):
        asked()
    monkeypatch.setenv("SSL_CERT_FILE", str(office.folder / "right.pem"))
    assert asked() == 1
