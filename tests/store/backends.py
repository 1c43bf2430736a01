"""A fresh store on each server that Padan promises: SQLite, and a real PostgreSQL.

The PostgreSQL is the one at ``PADAN_TEST_POSTGRES`` or on this machine's port 5432, else an embedded one from
the wheel ``pgserver``; a database of a name of its own is made for each test and dropped after it.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from pipelines.store import open_store, upgrade
from pipelines.store.ledger import GENESIS
from pipelines.store.models import Base

BACKENDS = ("sqlite", "postgresql")

LOCAL = "postgresql+psycopg://{user}@127.0.0.1:5432/test"


@functools.cache
def server() -> str:
    """The URL of a PostgreSQL where databases can be made."""
    named = os.environ.get("PADAN_TEST_POSTGRES")
    for url in [named] if named else [LOCAL.format(user=user) for user in ("postgres", "root")]:
        try:
            with create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5}).connect():
                return url
        except OperationalError:
            if named:
                raise
    return _embedded()


def _embedded() -> str:
    """A PostgreSQL that ends with the tests' process."""
    import pgserver

    folder = tempfile.mkdtemp(prefix="padan-postgres-")
    place = make_url(pgserver.get_server(folder, cleanup_mode="delete").get_uri())
    return place.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _administer(statement: str) -> None:
    """A statement that no transaction can hold."""
    admin = create_engine(server(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(statement))


@contextmanager
def database(template: str = "") -> Iterator[str]:
    """The URL of a new PostgreSQL database, empty or like ``template``, that is dropped at the end."""
    name = f"padan_test_{uuid.uuid4().hex[:12]}"
    _administer(f"CREATE DATABASE {name} {f'TEMPLATE {template}' if template else ''}")
    try:
        yield make_url(server()).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def fresh_store(backend: str, folder: Path) -> Iterator[str]:
    """The URL of a store that nobody has used yet."""
    if backend == "sqlite":
        yield f"sqlite:///{folder / f'{uuid.uuid4().hex[:12]}.sqlite'}"
        return
    with database() as url:
        yield url


@functools.cache
def _ready(backend: str) -> str:
    """A store that is up to date, once for all tests; the others are copies of it."""
    kept = ExitStack()
    atexit.register(kept.close)
    folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
    url = kept.enter_context(fresh_store(backend, folder))
    engine = open_store(url)
    upgrade(engine)
    engine.dispose()
    return str(make_url(url).database)


@contextmanager
def ready_store(backend: str, folder: Path) -> Iterator[str]:
    """The URL of a store that is up to date and empty: a copy, which saves each test the migrations."""
    if backend == "sqlite":
        file = folder / f"{uuid.uuid4().hex[:12]}.sqlite"
        shutil.copyfile(_ready(backend), file)
        yield f"sqlite:///{file}"
        return
    url = _FREE.pop() if _FREE else _KEPT.enter_context(database(_ready(backend)))
    yield url
    _empty(url)  # not where the test failed: what it left may be wanted, or be held by a transaction
    _FREE.append(url)


_FREE: list[str] = []
"""PostgreSQL databases of this process that are up to date and empty: to make one costs twenty times as much."""

_KEPT = ExitStack()
atexit.register(_KEPT.close)


def _empty(url: str) -> None:
    """Leave a database as the migrations left it; one that a test still holds in a transaction is not waited for."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables)]
    head = f"INSERT INTO ledger_head (head_id, events, hash) VALUES (1, 0, '{GENESIS}')"
    steps = [
        "SET LOCAL lock_timeout = '10s'",
        *(f"DELETE FROM {name}" for name in tables),
        head,
        "SELECT setval(pg_get_serial_sequence('decision', 'decision_id'), 1, false)",
    ]
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(";".join(steps)))


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh store, once on each server."""
    with fresh_store(request.param, tmp_path) as place:
        yield place


def upgrade_at_once(url: str, start: Any, outcomes: Any) -> None:
    """For a process of its own: bring the store up to date when all are at the start, and say how it went."""
    try:
        start.wait()
        upgrade(open_store(url))
        outcomes.put("")
    except Exception as error:
        outcomes.put(repr(error))
