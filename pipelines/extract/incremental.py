"""A database read by what changed since the last run: yesterday's rows, less those gone, plus those new.

For a source with ``incremental = "COLUMN"``, which its own program sets at every change, and with one column for
``record_id``. Only these two are read of every row; where they are as the last run wrote them, its row is
taken over. So nothing hangs on clocks: a row is read again if its key is new, if its moment of change is
another (earlier or later) or none, or if it is of the last day on which anything had changed, since two
changes may share a second. Keys that are gone are gone.

Whatever is doubtful is a full read: no earlier table, another query, layout or address, a key that is empty or
there twice, or more than a third of the rows changed. Either way the table is ordered by key and its rows are
numbered in that order, so that a full read and the increments give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.engine import PART, ROW_GROUP, connect, sql_text
from pipelines.extract.columns import found, project, require
from pipelines.extract.limits import count_rows
from pipelines.extract.readers.database import QueryInput
from pipelines.extract.readers.some import Asking
from pipelines.extract.sinks import Sink, sink
from pipelines.extract.table import Input, Unreadable
from pipelines.extract.values import column_of
from pipelines.records import raw_schema
from pipelines.settings import Settings, Source

STATE = "incremental.json"
"""Beside the raw table: by what it was read."""

ASKED_AT_ONCE = 500
"""Keys in one statement."""

WORTH_IT = 1 / 3
"""Share of changed rows above which reading all of them is quicker."""

_DAY = len("2026-11-24")
_RUN = re.compile(r"run_date=\d{4}-\d\d-\d\d")

_CHANGED = f"""
  select keys.at from keys left join old on old.record_id = keys.id
  where old.record_id is null or keys.changed is null or old.changed_at is distinct from keys.changed
    or left(keys.changed, {_DAY}) = (select left(max(changed_at), {_DAY}) from old)
  order by keys.at
"""
_TOGETHER = """
  select * from fresh union all
  select old.* from old semi join keys on keys.id = old.record_id anti join fresh using (record_id)
"""


def read_incrementally(item: Input, source: Source, settings: Settings, folder: Path, raw: Sink) -> str:
    """Put every row of a query into ``raw``, by key; return the sha256 of what they say.

    ``folder`` is the raw table's, where ``STATE`` is left for the next run. Raises ``Unreadable``.
    """
    if not isinstance(item, QueryInput):
        raise Unreadable("only a database can be read by what changed; take incremental away")
    source = _changing(source)
    signature = _signature(item, source)
    (folder / STATE).write_text(json.dumps({"signature": signature}) + "\n", encoding="utf-8")
    schema = raw_schema(source.layout.fields)
    part = folder / ".fresh"
    part.mkdir()
    with connect(settings.temporary, settings.resources.memory, settings.resources.threads) as con:
        old = _last(source, settings, signature)
        with sink(part, schema) as fresh:
            whole = old is None or not _changes(con, item, source, old, fresh)
        if whole:
            with sink(part, schema) as fresh:
                _all(item, source, fresh)
        con.execute(f"create view fresh as from read_parquet({sql_text(part / PART)})").fetchall()
        sha256 = _order(con, "from fresh" if whole else _TOGETHER, item.label, source, raw)
    shutil.rmtree(part)
    return sha256


def _changing(source: Source) -> Source:
    """The source with its moment of change in ``changed_at``, and nothing else there."""
    layout = source.layout
    columns = {**layout.columns, "changed_at": (source.incremental or "",)}
    required = tuple(dict.fromkeys((*layout.required, "record_id", "changed_at")))
    return source.model_copy(
        update={"layout": layout.model_copy(update={"columns": columns, "required": required})}
    )


def _signature(item: QueryInput, source: Source) -> str:
    """Of all that decides what a row looks like; another one, and yesterday's rows are not today's."""
    told = [item.query, item.place, source.layout.model_dump_json(), "1"]
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()


def _last(source: Source, settings: Settings, signature: str) -> Path | None:
    """The table of the latest run before this one, if it was read in the same way."""
    here = settings.folder(f"raw/{source.name}")
    earlier = sorted(
        p for p in here.parent.glob("run_date=*") if _RUN.fullmatch(p.name) and p.name < here.name
    )
    if not earlier:
        return None
    try:
        state = json.loads((earlier[-1] / STATE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    same = isinstance(state, dict) and state.get("signature") == signature
    return earlier[-1] / PART if same and (earlier[-1] / PART).is_file() else None


def _all(item: QueryInput, source: Source, fresh: Sink) -> None:
    with item.open(source.layout, peek=False) as table:
        require(source.layout, table.columns)
        for chunk in table.chunks:
            count_rows(len(chunk.rows))
            fresh.add(project(source.layout, chunk, item.label))


def _changes(
    con: duckdb.DuckDBPyConnection, item: QueryInput, source: Source, old: Path, fresh: Sink
) -> bool:
    """Read what is not in ``old`` as it is now; False if all has to be read instead."""
    asking: Asking | None
    with item.asking() as asking:
        if asking is None:
            return False
        columns = found(source.layout, asking.names)
        key, changed = columns.get("record_id", ()), columns.get("changed_at", ())
        if len(key) != 1 or len(changed) != 1:
            return False
        natives: list[object] = []
        parts: list[pa.Table] = []
        for batch in asking.two(key[0], changed[0]):
            count_rows(len(batch))
            ids, moments = (column_of([row[at] for row in batch]) for at in (0, 1))
            first = len(natives)
            natives.extend(row[0] for row in batch)
            parts.append(
                pa.table(
                    {"id": ids, "changed": moments, "at": pa.array(range(first, len(natives)), pa.int64())}
                )
            )
        if not parts:
            return False
        con.register("keys", pa.concat_tables(parts))
        con.execute(f"create view old as from read_parquet({sql_text(old)})").fetchall()
        if _doubtful(con, "keys", "id") or _doubtful(con, "old", "record_id"):
            return False
        places = [at for (at,) in con.execute(_CHANGED).fetchall()]
        if len(places) > WORTH_IT * len(natives):
            return False
        wanted = set(places)
        for start in range(0, len(places), ASKED_AT_ONCE):
            some = [natives[at] for at in places[start : start + ASKED_AT_ONCE]]
            fresh.add(project(source.layout, asking.chunk(source.layout, key[0], some), item.label))
        return fresh.rows == len(wanted)  # a key that means several rows to the server is no key


def _doubtful(con: duckdb.DuckDBPyConnection, table: str, key: str) -> bool:
    """Whether a key is empty or there twice."""
    ((bad,),) = con.execute(
        f"select count(*) <> count(distinct {key}) or count({key}) <> count(*)"
        f" or count(*) filter (trim({key}) = '') > 0 from {table}"
    ).fetchall()
    return bool(bad)


def _order(con: duckdb.DuckDBPyConnection, query: str, label: str, source: Source, raw: Sink) -> str:
    """The rows by key, numbered, into ``raw``; the sha256 of what they say."""
    fields, schema = source.layout.fields, raw_schema(source.layout.fields)
    told = ", ".join(fields)
    order = "record_id nulls last, " + ", ".join(f"{field} nulls last" for field in fields)
    numbered = f"row_number() over (order by {order})"
    rows = con.sql(
        f'select {sql_text(label)} as "file", {numbered} as "row", {told} from ({query}) order by "row"'
    )
    reader: pa.RecordBatchReader = rows.to_arrow_reader(ROW_GROUP)
    sha256 = hashlib.sha256()
    with closing(reader):
        for found_rows in reader:
            batch = pa.record_batch(
                [c.cast(f.type) for c, f in zip(found_rows.columns, schema, strict=True)], schema=schema
            )
            raw.add(batch)
            told_of = pc.binary_join_element_wise(
                *batch.columns[2:],
                pa.scalar("\x1e"),
                "\x1f",
                null_handling="replace",
                null_replacement="\x00",
            )
            sha256.update("".join(told_of.to_pylist()).encode())
    return sha256.hexdigest()
