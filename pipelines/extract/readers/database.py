"""SQL databases through SQLAlchemy: one query, read in batches by a cursor on the server, for reading only.

The query is the source's, else the layout's. ``row`` counts the rows of the answer from 1. Dates become
ISO text; ``0000-00-00`` stays the text it is where the driver hands it over (PyMySQL does).
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
from pipelines.extract.table import Chunk, Table, Unreadable, guarded
from pipelines.extract.values import column_of
from pipelines.layouts import Layout
from pipelines.settings import Source

BATCH = 20_000
CONNECT_SECONDS = 15

_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
"""The first statement on a connection, so that no query can change anything at the agency's."""

_TIMEOUT = {
    "psycopg": {"connect_timeout": CONNECT_SECONDS},
    "pymysql": {"connect_timeout": CONNECT_SECONDS},
}
_TABLE = re.compile(r'\bfrom\s+((?:[\w$]+|"[^"]+"|`[^`]+`)(?:\.(?:[\w$]+|"[^"]+"|`[^`]+`))*)', re.IGNORECASE)


class QueryInput:
    """The one query of a source whose location is a database address."""

    def __init__(self, source: Source, base: Path) -> None:
        self._query = (source.query or source.layout.query or "").strip().rstrip(";")
        if not self._query:
            raise Unreadable(
                f'layout {source.layout.name!r} brings no query; give this source a query = "SELECT …"'
            )
        self._url = _address(source.location, base)
        self._sha256 = hashlib.sha256()
        table = _TABLE.search(self._query)
        self.label = re.sub(r'["`]', "", table.group(1)) if table else "query"

    @contextmanager
    def open(self, layout: Layout, peek: bool) -> Iterator[Table]:
        """Connect and ask. Raises ``Unreadable`` with the server's reason, never with the password."""
        try:
            dialect = self._url.get_dialect().name
            options = _TIMEOUT.get(self._url.get_dialect().driver, {})
            engine = sa.create_engine(self._url, poolclass=sa.NullPool, connect_args=options)
            with engine.connect() as connection:
                if dialect in _READ_ONLY:
                    connection.exec_driver_sql(_READ_ONLY[dialect])
                yield self._answer(connection, layout, peek and dialect in _READ_ONLY)
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise Unreadable(self._reason(error)) from None

    def _answer(self, connection: sa.Connection, layout: Layout, peek: bool) -> Table:
        # Closing a half-read answer of MariaDB would first read the rest, so a look asks for one row only.
        query = f"select * from (\n{self._query}\n) as peek limit 1" if peek else self._query
        options = {"stream_results": True, "max_row_buffer": BATCH, "no_parameters": True}
        result = connection.exec_driver_sql(query, execution_options=options)
        names = tuple(result.keys())
        chunks = self._chunks(result, positions(layout, names))
        return Table(names, guarded(chunks, (UnicodeError,), "text not in the encoding of the connection"))

    def _chunks(self, result: sa.CursorResult[Any], where: dict[str, int]) -> Iterator[Chunk]:
        first = 1
        for batch in result.partitions(BATCH):
            values: list[Sequence[object]] = list(zip(*batch, strict=True))
            columns = {k: column_of(values[at]) for k, at in where.items()}
            self._note(columns)
            yield Chunk(pa.array(np.arange(first, first + len(batch)), pa.int64()), columns)
            first += len(batch)

    def _note(self, columns: dict[str, pa.Array]) -> None:
        """Add a batch to the fingerprint: cells ended by US, rows by RS, null as NUL, columns by name."""
        if not columns:
            return
        cells = [columns[k] for k in sorted(columns)]
        rows = pc.binary_join_element_wise(
            *cells, pa.scalar("\x1e"), "\x1f", null_handling="replace", null_replacement="\x00"
        )
        self._sha256.update("".join(rows.to_pylist()).encode("utf-8"))

    def fingerprint(self) -> tuple[str, int | None]:
        """The sha256 of the values that were read; a query has no bytes."""
        return self._sha256.hexdigest(), None

    def _reason(self, error: Exception) -> str:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        for secret in (self._url.password, self._url.render_as_string(hide_password=False)):
            said = said.replace(str(secret), "***") if secret else said
        return f"{_place(self._url)}: {said[:300]}"


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
