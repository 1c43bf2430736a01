"""How the store is opened: private, waiting for each other, seeing one state."""

from __future__ import annotations

import os
import stat
import threading
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from pipelines.errors import StoreError
from pipelines.store import open_store, read_session, write_session
from pipelines.store.models import GateResult, Run

DAY = date(2026, 11, 24)


def add_run(url: str, day: date = DAY) -> None:
    with write_session(url) as session:
        session.add(Run(run_date=day, state="recorded", code_version="1", config_sha256="", sources={}))


def runs(url: str) -> int:
    with read_session(url) as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def test_what_a_block_wrote_is_there_when_it_ends(url: str) -> None:
    add_run(url)
    assert runs(url) == 1


class NoUseError(Exception):
    """What goes wrong in the middle."""


def add_run_and_fail(url: str) -> None:
    with write_session(url) as session:
        session.add(Run(run_date=DAY, state="recorded", code_version="1", config_sha256="", sources={}))
        session.commit()  # the block commits, not the session
        raise NoUseError


def test_a_block_that_raises_leaves_nothing(url: str) -> None:
    with pytest.raises(NoUseError):
        add_run_and_fail(url)
    assert runs(url) == 0


def test_rows_without_their_run_are_refused(url: str) -> None:
    with pytest.raises(IntegrityError), write_session(url) as session:
        session.add(
            GateResult(
                run_date=DAY,
                gate="raw",
                table_name="raw/x",
                expectation="rows",
                severity="info",
                success=True,
            )
        )


def test_a_reader_sees_one_state_while_others_write(url: str) -> None:
    add_run(url)
    with read_session(url) as session:
        before = session.scalar(select(func.count()).select_from(Run))
        add_run(url, date(2026, 11, 25))
        session.expire_all()
        assert session.scalar(select(func.count()).select_from(Run)) == before == 1
    assert runs(url) == 2


def test_writers_wait_for_each_other(url: str) -> None:
    """Each reads a figure and writes it back one higher: without the lock some would read the same."""
    with write_session(url) as session:
        session.execute(text("CREATE TABLE tally (n INTEGER)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))

    def count() -> None:
        for _ in range(5):
            with write_session(url) as session:
                n = session.scalar(text("SELECT n FROM tally"))
                session.execute(text("UPDATE tally SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_session(url) as session:
        assert session.scalar(text("SELECT n FROM tally")) == 20


def test_an_sqlite_store_is_for_its_owner_alone(tmp_path: Path) -> None:
    previous = os.umask(0o022)
    try:
        file = tmp_path / "deep" / "padan.sqlite"
        with write_session(f"sqlite:///{file}") as session:
            session.execute(text("CREATE TABLE t (n INTEGER)"))
            files = list(file.parent.iterdir())
    finally:
        os.umask(previous)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert {path.name for path in files} == {"padan.sqlite", "padan.sqlite-wal", "padan.sqlite-shm"}
    with write_session(f"sqlite:///{file}"):
        assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}


def test_sqlite_runs_as_it_should(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 's.sqlite'}").connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert (connection.scalar(text("PRAGMA busy_timeout")) or 0) >= 60_000


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must outlive a run"):
        open_store(url)


def test_a_server_out_of_reach_is_one_line_without_the_password() -> None:
    with (
        pytest.raises(StoreError) as caught,
        read_session("postgresql+psycopg://padan:secret@127.0.0.1:1/padan"),
    ):
        pass
    message = str(caught.value)
    assert "127.0.0.1" in message
    assert "secret" not in message
    assert "\n" not in message


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "padan.sqlite").write_text(
        "this is a letter, not a database, and long enough to be read\n" * 20
    )
    with (
        pytest.raises(StoreError, match=r"padan\.sqlite.*not a database"),
        read_session(f"sqlite:///{tmp_path / 'padan.sqlite'}"),
    ):
        pass
