"""How the store is reached: SQLite beside the data or PostgreSQL by URL, one behaviour for both.

A writer takes one lock for its whole transaction, so that two runs and a ``decide`` that start together
wait for each other instead of losing or doubling what they write.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pipelines.engine.private import private_folder
from pipelines.errors import StoreError
from pipelines.tls import database_options

BUSY_SECONDS: Final = 300
"""How long a writer waits for another; a first day of half a million items takes a tenth of it."""

LOCK_KEY: Final = 7_236_414_155_083
"""The advisory lock that every writer of the store takes on PostgreSQL; any number of our own."""

_WRITING: Final = "padan_writing"


def open_store(url: str) -> Engine:
    """An engine on the store at ``url`` (a SQLAlchemy URL); creates nothing but an empty SQLite file, 0600.

    SQLite runs with a write-ahead log, foreign keys on and a long busy timeout. No connection is kept
    when it is not in use: a scheduler's forked task never shares one.
    """
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        return create_engine(place, poolclass=NullPool, connect_args=database_options(place, "the store"))
    if not place.database or place.database == ":memory:":
        raise ValueError("the store must outlive a run: expected sqlite:///FILE or postgresql+psycopg://…")
    _private_file(Path(place.database))
    engine = create_engine(place, poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def is_there(url: str) -> bool:
    """Whether there may be a store at ``url``: false for a SQLite file that is not there. Creates nothing."""
    place = make_url(url)
    return place.get_backend_name() != "sqlite" or Path(place.database or "").is_file()


def _private_file(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its log and index files the same mode."""
    private_folder(path.parent)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver would begin by itself, but only before a write: too late for a lock, so we begin (below).
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; the switch itself does not wait for others, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@contextmanager
def writing_connection(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that holds the writers' lock; commits when the block ends well."""
    with engine.connect().execution_options(**{_WRITING: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        yield connection


@contextmanager
def reading_connection(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the store as it was at its first query, whatever others write meanwhile."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def write_session(url: str) -> Iterator[Session]:
    """A session on the store at ``url``, brought up to date, alone among writers; commits at the block's end.

    Raises ``StoreError`` where the store cannot be reached or is of a newer version.
    """
    with _ready(url) as engine, writing_connection(engine) as connection, Session(connection) as session:
        yield session
        session.flush()


@contextmanager
def read_session(url: str) -> Iterator[Session]:
    """A session that reads one unchanging state of the store at ``url``, brought up to date first.

    Raises ``StoreError`` where the store cannot be reached or is of a newer version.
    """
    with _ready(url) as engine, reading_connection(engine) as connection, Session(connection) as session:
        yield session


def compact(url: str) -> None:
    """Write the store anew, so that nothing that was overwritten or deleted is left in its files.

    Raises ``StoreError`` where the store cannot be reached.
    """
    with (
        _ready(url) as engine,
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        if engine.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)  # noqa: S101  # of the engine that we made ourselves
            raw.commit()
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        else:
            connection.execute(text("VACUUM FULL item_state, decision"))


@contextmanager
def _ready(url: str) -> Iterator[Engine]:
    from pipelines.store.migrate import upgrade

    engine = open_store(url)
    try:
        try:
            upgrade(engine)
        except (DBAPIError, OSError) as error:
            reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
            shown = engine.url.render_as_string(hide_password=True)
            raise StoreError(f"store {shown}: cannot be reached: {reason}") from error
        yield engine
    finally:
        engine.dispose()
