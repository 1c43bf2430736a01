"""SQL databases through SQLAlchemy: one query, in one transaction that only reads and sees one state.

The query is the source's, else the layout's. Where an index leads to the layout's key, it is read range by
range of that key (``keyed.py``), else by a cursor on the server. ``row`` counts the rows of the answer from 1.
Dates become ISO text; ``0000-00-00`` stays the text it is where the driver hands it over (PyMySQL does).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from pipelines.extract.columns import positions
from pipelines.extract.readers.keyed import Answer, keyed, ranges
from pipelines.extract.readers.some import Asking
from pipelines.extract.table import Chunk, Table, Unreachable, Unreadable, guarded, unreadable
from pipelines.extract.values import column_of
from pipelines.layouts import Layout
from pipelines.settings import Source
from pipelines.tls import database_options

BATCH = 20_000
LOOKED_AT = 1_000
"""Rows that a look at a source asks for."""
CONNECT_SECONDS = 15
STATEMENT_SECONDS = 300
"""After which the server itself ends a statement, and a server gone silent is given up."""

_SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
_MYSQL = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    _SNAPSHOT,
)
_READ_ONLY = {
    "postgresql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL statement_timeout = {milliseconds}",
    ),
    "mysql": ("SET SESSION max_execution_time = {milliseconds}", *_MYSQL),
    "mariadb": ("SET SESSION max_statement_time = {seconds}", *_MYSQL),
    "sqlite": ("PRAGMA query_only = ON", "BEGIN"),
}
"""The first statements on a connection: no query can change anything at the agency's, none runs for ever,
and what is changed while we read is read as it was when we began."""

_TIMEOUT: dict[str, dict[str, int]] = {
    "psycopg": {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": STATEMENT_SECONDS * 1000},
    "pymysql": {"connect_timeout": CONNECT_SECONDS, "read_timeout": STATEMENT_SECONDS + 30},
}
_ENCODING = "text not in the encoding of the connection"
_TABLE = re.compile(r'\bfrom\s+((?:[\w$]+|"[^"]+"|`[^`]+`)(?:\.(?:[\w$]+|"[^"]+"|`[^`]+`))*)', re.IGNORECASE)


class QueryInput:
    """The one query of a source whose location is a database address."""

    def __init__(self, source: Source, base: Path) -> None:
        self.query = (source.query or source.layout.query or "").strip().rstrip(";")
        if not self.query:
            raise Unreadable(
                f'layout {source.layout.name!r} brings no query; give this source a query = "SELECT …"'
            )
        self._url = _address(source.location, base)
        self._name, self._tls = source.name, source.tls
        self.place = _place(self._url)
        self._sha256 = hashlib.sha256()
        table = _TABLE.search(self.query)
        self.label = re.sub(r'["`]', "", table.group(1)) if table else "query"
        self._rows = 0

    @contextmanager
    def open(self, layout: Layout, peek: bool) -> Iterator[Table]:
        """Connect and ask. Raises ``Unreadable`` with the server's reason, never with the password."""
        with self._connected() as (connection, known):
            yield self._answer(connection, layout, peek, known)

    @contextmanager
    def asking(self) -> Iterator[Asking | None]:
        """To ask for parts of the query; None of servers whose dialect we do not know. Raises ``Unreadable``."""
        try:
            with self._connected() as (connection, known):
                yield Asking(connection, self.query, BATCH) if known else None
        except UnicodeError as error:
            raise unreadable(_ENCODING, error) from error

    def _options(self) -> dict[str, Any]:
        timeout = _TIMEOUT.get(self._url.get_dialect().driver, {})
        return {**timeout, **database_options(self._url, self._name, self._tls)}

    @contextmanager
    def _connected(self) -> Iterator[tuple[sa.Connection, bool]]:
        connected = False
        try:
            engine = sa.create_engine(self._url, poolclass=sa.NullPool, connect_args=self._options())
            with engine.connect() as connection:
                connected = True
                yield connection, _prepare(connection)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise _fault(self._url, error, connected) from None

    def _answer(self, connection: sa.Connection, layout: Layout, peek: bool, known: bool) -> Table:
        def ask(statement: str, parameters: tuple[object, ...] = ()) -> Answer:
            options = {"stream_results": True, "max_row_buffer": BATCH, "no_parameters": not parameters}
            return connection.exec_driver_sql(statement, parameters or None, execution_options=options)

        by_key = keyed(connection, self.query, self.label, layout) if known and not peek else None
        if by_key:
            names, answers = by_key.columns, ranges(ask, by_key, BATCH)
        else:
            # Closing a half-read answer of MariaDB would first read the rest: a look asks for few rows.
            few = f"select * from (\n{self.query}\n) as peek limit {LOOKED_AT}"
            result = ask(few if peek and known else self.query)
            names, answers = tuple(result.keys()), iter([result])
        chunks = self._chunks(answers, positions(layout, names))
        return Table(names, guarded(chunks, (UnicodeError,), _ENCODING))

    def _chunks(self, answers: Iterator[Answer], where: dict[str, int]) -> Iterator[Chunk]:
        self._rows = 0
        for answer in answers:
            for batch in answer.partitions(BATCH):
                values: list[Sequence[object]] = list(zip(*batch, strict=True))
                columns = {k: column_of(values[at]) for k, at in where.items()}
                self._note(columns)
                first, self._rows = self._rows + 1, self._rows + len(batch)
                yield Chunk(pa.array(np.arange(first, self._rows + 1), pa.int64()), columns)

    def _note(self, columns: dict[str, pa.Array]) -> None:
        """Add a batch to the fingerprint: cells ended by US, rows by RS, null as NUL, columns by name."""
        if not columns:
            return
        cells = [columns[k] for k in sorted(columns)]
        rows = pc.binary_join_element_wise(
            *cells, pa.scalar("\x1e"), "\x1f", null_handling="replace", null_replacement="\x00"
        )
        self._sha256.update("".join(rows.to_pylist()).encode("utf-8"))

    def count(self) -> int | None:
        """How many rows the query has, None on servers whose dialect we do not know. Raises ``Unreadable``."""
        try:
            with sa.create_engine(
                self._url, poolclass=sa.NullPool, connect_args=self._options()
            ).connect() as connection:
                if not _prepare(connection):
                    return None
                asked = connection.exec_driver_sql(f"select count(*) from (\n{self.query}\n) as counted")
                return int(asked.scalar_one())
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise _fault(self._url, error) from None

    def fingerprint(self) -> tuple[str, int | None]:
        """The sha256 of the values that were read; a query has no bytes."""
        return self._sha256.hexdigest(), None


def described(location: str, base: Path) -> dict[str, tuple[str, ...]]:
    """Each table of a database, and view, with its columns. Raises ``Unreadable``, never with the password."""
    url = _address(location, base)
    try:
        options = {**_TIMEOUT.get(url.get_dialect().driver, {}), **database_options(url, "the database")}
        inspector = sa.inspect(sa.create_engine(url, poolclass=sa.NullPool, connect_args=options))
        names = [*inspector.get_table_names(), *inspector.get_view_names()]
        return {name: tuple(column["name"] for column in inspector.get_columns(name)) for name in names}
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise _fault(url, error) from None


def _fault(url: sa.URL, error: Exception, connected: bool = True) -> Unreadable:
    """What the server said, in one line without a secret.

    What may pass is that there is no connection, or no more; what a server says to a query it will say again.
    """
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    for secret in (url.password, url.render_as_string(hide_password=False)):
        said = said.replace(str(secret), "***") if secret else said
    lost = isinstance(error, sa.exc.DBAPIError) and (error.connection_invalidated or not connected)
    passing = lost and url.get_backend_name() != "sqlite"
    return (Unreachable if passing else Unreadable)(f"{_place(url)}: {said[:300]}")


def _prepare(connection: sa.Connection) -> bool:
    """Make the connection read only; whether this kind of server is one that we know."""
    dialect = connection.dialect
    kind = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
    for statement in _READ_ONLY.get(kind, ()):
        limits = {"seconds": STATEMENT_SECONDS, "milliseconds": STATEMENT_SECONDS * 1000}
        connection.exec_driver_sql(statement.format(**limits))
    return kind in _READ_ONLY


def _address(location: str, base: Path) -> sa.URL:
    """The address as SQLAlchemy reads it; a SQLite file, relative to the configuration, must be there."""
    try:
        url = sa.make_url(location)
    except (sa.exc.ArgumentError, ValueError):
        raise Unreadable(
            "not a database address; expected dialect+driver://user:password@host/database"
        ) from None
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return url
    path = base / url.database
    if not path.is_file():
        raise Unreadable(f"no such file: {path}")
    return url.set(database=str(path))


def _place(url: sa.URL) -> str:
    """The address without anything secret."""
    port = f":{url.port}" if url.port else ""
    return f"{url.drivername}://{url.host or ''}{port}/{url.database or ''}"
