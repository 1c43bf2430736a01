"""DuckDB in-process, with its memory and threads bounded by settings, never by the host's size."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.engine.artifact import PART, Artifact, read_artifact, write_folder
from pipelines.engine.private import private_folder

DEFAULT_SHARE = 0.6
"""Of the memory this process may use; DuckDB's own default counts the host's and dies in a container."""


MANY = 2_000_000
"""Rows of a database from which on it gets less memory for each."""

ROW_GROUP = 40_960
"""Rows written together. Where a table is read with as many as it is written with, DuckDB hands them through
as they are, which takes a fifth less time than the 122,880 of its own, and a third of the memory."""

PARQUET = f"format parquet, compression snappy, parquet_version v2, row_group_size {ROW_GROUP}"
"""Version 2 stores numbers and dates as differences: smaller and quicker than more compression."""


def memory_bytes() -> int:
    """The memory this process may use: the cgroup's limit where there is one, else the machine's."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            return min(machine, int(text))
    return machine


def budget(rows: int) -> str:
    """The memory in which a database that holds so many rows works well, in DuckDB's words.

    What it no longer needs DuckDB keeps up to its limit, for next time: without a limit that is as much again.
    Where a budget is too small it spills, which costs time and nothing else; beyond some million rows, where memory
    is dearer than a few seconds, it is meant to.
    """
    most = int(memory_bytes() * DEFAULT_SHARE)
    few = min(rows, MANY)
    return f"{min(most, 64 * 2**20 + 384 * few + 224 * (rows - few)) >> 20}MiB"


def connect(
    temporary: Path, memory_limit: str | None = None, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that spills to ``temporary``.

    ``memory_limit`` is in DuckDB's words (``"800MB"``); without one it is 60% of what the process may use.
    """
    limit = memory_limit or f"{int(memory_bytes() * DEFAULT_SHARE / 2**20)}MiB"
    private_folder(temporary)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": limit,
        "temp_directory": str(temporary),
        "threads": threads or len(os.sched_getaffinity(0)),
        "preserve_insertion_order": True,
    }
    con = duckdb.connect(":memory:", config=config)
    # Where a program is no file, as a gates' process is none, it takes itself for a notebook and draws bars.
    con.execute("set enable_progress_bar = false").fetchall()
    return con


def sql_text(value: str | Path) -> str:
    """A text literal for SQL, quotes doubled.

    >>> sql_text("Ma'u")
    "'Ma''u'"
    """
    return "'" + str(value).replace("'", "''") + "'"


def copy_table(con: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema, target: Path) -> Artifact:
    """Run ``query``, cast its columns to ``schema`` by name, and write them as ``target``'s table.

    The row order is the query's: a stage that wants the same bytes every day orders it by a key.
    """
    with write_folder(target) as folder:
        copy_part(con, query, schema, folder)
    return read_artifact(target)


def copy_part(con: duckdb.DuckDBPyConnection, query: str, schema: pa.Schema, folder: Path) -> None:
    """Like ``copy_table``, into a folder that is being written and gets more than the table."""
    columns = ", ".join(
        f'cast("{field.name}" as {_duck_type(field.type)}) as "{field.name}"' for field in schema
    )
    con.execute(f"copy (select {columns} from ({query})) to {sql_text(folder / PART)} ({PARQUET})").fetchall()


_DUCK_TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.int32(): "integer",
    pa.int8(): "tinyint",
    pa.float64(): "double",
    pa.float32(): "float",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
}


def _duck_type(kind: pa.DataType) -> str:
    return _DUCK_TYPES[kind]
